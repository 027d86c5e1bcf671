// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PageFades: blends pages in over the frames after they came.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "streaming/page_table.hpp"

namespace forge3d::streaming {

/// Not thread-safe.
class PageFades {
 public:
  /// How many eighths of what was there before are seen so many frames after a page came.
  [[nodiscard]] static std::uint32_t fade_at(std::uint64_t age_frames, std::uint32_t fade_frames);

  /// The page, resident in `slot`, came in `frame` and is blended in from then on.
  void begin(const PageKey& page, std::uint32_t slot, std::uint64_t frame);
  /// Brings the table to what `frame` shows; pages that left it meanwhile are forgotten.
  void advance(PageTable& table, std::uint64_t frame, std::uint32_t fade_frames);
  /// Pages that are not wholly there.
  [[nodiscard]] std::size_t size() const { return fading_.size(); }

 private:
  struct Fading {
    PageKey page;
    std::uint32_t slot = 0;
    std::uint64_t since = 0;
  };
  std::vector<Fading> fading_;
};

}  // namespace forge3d::streaming
