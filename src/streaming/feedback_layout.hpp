// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of a feedback buffer as forge3d_vt_feedback.glsl writes them; the two change together.
//
//   header   4 words: entries less one, frame, requests that found no entry, 0
//   entries  3 words each: page, texture and level, pixels; all 0 while it is free

#include <cstdint>
#include <optional>
#include <span>

#include "forge3d/feedback.hpp"

namespace forge3d::streaming::feedback_layout {

inline constexpr std::uint32_t kMaskWord = 0;
inline constexpr std::uint32_t kFrameWord = 1;
inline constexpr std::uint32_t kDroppedWord = 2;
inline constexpr std::uint32_t kHeaderWords = 4;
inline constexpr std::uint32_t kEntryWords = 3;

inline constexpr std::uint32_t kUsed = 0x80000000u;  // in the first two words of an entry
inline constexpr std::uint32_t kCoordinateBits = 15;
inline constexpr std::uint32_t kLevelBits = 5;
inline constexpr std::uint32_t kTextureBits = 16;
inline constexpr std::uint32_t kGenerationMask = (1u << FeedbackPage::kGenerationBits) - 1;
static_assert(1 + kLevelBits + kTextureBits + FeedbackPage::kGenerationBits == 32);

/// nullopt: not something that the shader writes.
[[nodiscard]] inline std::optional<FeedbackPage> page_of(std::span<const std::uint32_t> entry) {
  const std::uint32_t low = entry[0], high = entry[1], pixels = entry[2];
  if ((low & kUsed) == 0 || (high & kUsed) == 0 || pixels == 0) return std::nullopt;
  constexpr std::uint32_t kCoordinate = (1u << kCoordinateBits) - 1;
  FeedbackPage page;
  page.tile = {high & ((1u << kLevelBits) - 1), low & kCoordinate,
               (low >> kCoordinateBits) & kCoordinate};
  page.texture = (high >> kLevelBits) & ((1u << kTextureBits) - 1);
  page.generation = (high >> (kLevelBits + kTextureBits)) & kGenerationMask;
  page.pixels = pixels;
  return page;
}

}  // namespace forge3d::streaming::feedback_layout
