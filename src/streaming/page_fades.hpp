// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PageFades: brings pages in by fractions of a level over the frames after they came.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "streaming/page_table.hpp"

namespace forge3d::streaming {

/// A page that comes is shown at the level of detail at which its place was shown before, that of
/// an ancestor which may not be wholly there itself, and from then on at finer ones until it is at
/// its own level: the least level of detail of a sparse texture, made continuous. Not thread-safe.
class PageFades {
 public:
  /// A fade of `first` when the page came, so many frames later.
  [[nodiscard]] static std::uint32_t fade_at(std::uint32_t first, std::uint64_t age_frames,
                                             std::uint32_t fade_frames);
  /// What shows of a page as far as `shown`, the entry of its place before it came, says.
  [[nodiscard]] static std::uint32_t first_fade(const PageKey& page, std::uint32_t shown);

  /// Makes the page resident in `slot`, and begins to fade it in.
  void begin(PageTable& table, const PageKey& page, std::uint32_t slot, std::uint64_t frame,
             std::uint32_t fade_frames);
  /// Brings the table to what `frame` shows; pages that left it meanwhile are forgotten.
  void advance(PageTable& table, std::uint64_t frame, std::uint32_t fade_frames);
  /// Pages that are not wholly there.
  [[nodiscard]] std::size_t size() const { return fading_.size(); }

 private:
  struct Fading {
    PageKey page;
    std::uint32_t slot = 0;
    std::uint32_t first = 0;  // when it came
    std::uint64_t since = 0;
  };
  std::vector<Fading> fading_;
};

}  // namespace forge3d::streaming
