// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LayoutTracker: the layouts that image layers go through within one submission of copies.

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "memory/copy_record.hpp"

namespace forge3d {

/// The layout that copies of the record need; GENERAL images are copied in place.
[[nodiscard]] VkImageLayout copy_layout(const CopyRecord& record);

/// One layer of one level of an image.
struct ImageLayer {
  VkImage image = VK_NULL_HANDLE;
  std::uint32_t level = 0, layer = 0;
  friend bool operator==(const ImageLayer&, const ImageLayer&) = default;
};
[[nodiscard]] ImageLayer layer_of(const CopyRecord& record);

/// A barrier of one image layer, its queue families ignored.
[[nodiscard]] VkImageMemoryBarrier layer_barrier(const ImageLayer& layer, VkImageLayout from,
                                                 VkImageLayout to);

/// Remembers the layout of each layer that a submission touched. Not thread-safe.
class LayoutTracker {
 public:
  struct State {
    ImageLayer layer;
    VkImageLayout outside;  ///< Before and after the submission.
    VkImageLayout now;
    bool changes_owner;
  };
  /// The layout change that must precede the copy, if any.
  [[nodiscard]] std::optional<VkImageMemoryBarrier> enter(const CopyRecord& record,
                                                          bool changes_owner);
  [[nodiscard]] const std::vector<State>& states() const { return states_; }
  void clear();

 private:
  struct Hash {
    std::size_t operator()(const ImageLayer& layer) const;
  };
  std::vector<State> states_;
  std::unordered_map<ImageLayer, std::size_t, Hash> index_;
};

}  // namespace forge3d
