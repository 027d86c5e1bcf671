// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/page_fades.hpp"

#include <algorithm>

namespace forge3d::streaming {

std::uint32_t PageFades::fade_at(std::uint64_t age_frames, std::uint32_t fade_frames) {
  if (age_frames >= fade_frames) return 0;
  constexpr std::uint64_t kSteps = layout::kFadeMask + 1;
  // Equal steps over the frames, and the first frame shows something of the page already.
  const std::uint64_t fade = kSteps * (fade_frames - age_frames) / (std::uint64_t{fade_frames} + 1);
  return static_cast<std::uint32_t>(fade);
}

void PageFades::begin(const PageKey& page, std::uint32_t slot, std::uint64_t frame) {
  fading_.push_back({page, slot, frame});
}

void PageFades::advance(PageTable& table, std::uint64_t frame, std::uint32_t fade_frames) {
  std::erase_if(fading_, [&](const Fading& fading) {
    if (table.find(fading.page) != fading.slot) return true;
    const std::uint32_t fade = fade_at(frame - fading.since, fade_frames);
    table.set_fade(fading.page, fade);
    return fade == 0;
  });
}

}  // namespace forge3d::streaming
