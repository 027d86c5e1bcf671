// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/page_fades.hpp"

#include <algorithm>

namespace forge3d::streaming {

std::uint32_t PageFades::fade_at(std::uint32_t first, std::uint64_t age_frames,
                                 std::uint32_t fade_frames) {
  if (age_frames >= fade_frames) return 0;
  // The first frame shows something of the page already.
  const std::uint64_t left = first * (fade_frames - age_frames);
  return static_cast<std::uint32_t>(left / (std::uint64_t{fade_frames} + 1));
}

std::uint32_t PageFades::first_fade(const PageKey& page, std::uint32_t shown) {
  if ((shown & layout::kIsValid) == 0) return 0;
  const std::uint32_t levels = layout::level_of(shown) - page.tile.level;
  return std::min(levels * layout::kFadeSteps + layout::fade_of(shown), layout::kFadeMask);
}

void PageFades::begin(PageTable& table, const PageKey& page, std::uint32_t slot,
                      std::uint64_t frame, std::uint32_t fade_frames) {
  const std::uint32_t first = first_fade(page, table.finest(page));
  const std::uint32_t fade = fade_at(first, 0, fade_frames);
  table.set_resident(page, slot, fade);
  if (fade != 0) fading_.push_back({page, slot, first, frame});
}

void PageFades::advance(PageTable& table, std::uint64_t frame, std::uint32_t fade_frames) {
  std::erase_if(fading_, [&](const Fading& fading) {
    if (table.find(fading.page) != fading.slot) return true;
    const std::uint32_t fade = fade_at(fading.first, frame - fading.since, fade_frames);
    table.set_fade(fading.page, fade);
    return fade == 0;
  });
}

}  // namespace forge3d::streaming
