// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of the page table as forge3d_vt.glsl reads them; the two change together.
//
//   header   8 words
//   records  max_textures x 36 words: width, height, levels (0: no texture), generation, directory
//            offset of each level
//   heap     chunks of 1024 words: directories (all levels of a texture one after the other) and
//            blocks
//
// A directory has one entry for 32 x 32 pages of its level, row by row: either a block's offset
// (kIsBlock) or a page entry that holds for all of them. A block has one page entry for each page.
// A level of at most 1024 pages is flat (kIsFlat in its directory offset): its directory has a page
// entry for each page, row by row, and no blocks.

#include <cstdint>

namespace forge3d::streaming::layout {

inline constexpr std::uint32_t kMagic = 0x54563346;  // "F3VT"
inline constexpr std::uint32_t kMagicWord = 0;
inline constexpr std::uint32_t kMaxTexturesWord = 1;
inline constexpr std::uint32_t kPageShiftWord = 2;
inline constexpr std::uint32_t kBorderWord = 3;
inline constexpr std::uint32_t kTileWord = 4;
inline constexpr std::uint32_t kGridWord = 5;
inline constexpr std::uint32_t kHeaderWords = 8;

inline constexpr std::uint32_t kRecordWords = 36;
inline constexpr std::uint32_t kWidthWord = 0;
inline constexpr std::uint32_t kHeightWord = 1;
inline constexpr std::uint32_t kLevelsWord = 2;
inline constexpr std::uint32_t kGenerationWord = 3;
inline constexpr std::uint32_t kDirectoriesWord = 4;

inline constexpr std::uint32_t kBlockShift = 5;
inline constexpr std::uint32_t kBlockPages = 1u << kBlockShift;
inline constexpr std::uint32_t kBlockWords = kBlockPages * kBlockPages;

inline constexpr std::uint32_t kIsFlat = 0x80000000u;   // in a directory offset
inline constexpr std::uint32_t kIsBlock = 0x80000000u;  // in a directory entry
inline constexpr std::uint32_t kIsValid = 0x40000000u;
inline constexpr std::uint32_t kLevelShift = 25;
inline constexpr std::uint32_t kLevelMask = 31;
inline constexpr std::uint32_t kFadeShift = 20;
inline constexpr std::uint32_t kFadeMask = 31;
inline constexpr std::uint32_t kFadeSteps = 8;  // a level
inline constexpr std::uint32_t kSlotMask = 0xfffffu;
inline constexpr std::uint32_t kMaxSlots = kSlotMask + 1;

/// `fade`: how many eighths of a level more than the page's own are the least level of detail that
/// is shown of it.
[[nodiscard]] constexpr std::uint32_t page_entry(std::uint32_t level, std::uint32_t slot,
                                                 std::uint32_t fade = 0) {
  return kIsValid | (level << kLevelShift) | (fade << kFadeShift) | slot;
}
[[nodiscard]] constexpr std::uint32_t level_of(std::uint32_t entry) {
  return (entry >> kLevelShift) & kLevelMask;
}
[[nodiscard]] constexpr std::uint32_t fade_of(std::uint32_t entry) {
  return (entry >> kFadeShift) & kFadeMask;
}
[[nodiscard]] constexpr std::uint32_t slot_of(std::uint32_t entry) { return entry & kSlotMask; }

}  // namespace forge3d::streaming::layout
