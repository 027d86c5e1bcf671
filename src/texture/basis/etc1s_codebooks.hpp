// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What all images of a BasisLZ file share: KTX 2.0, "BasisLZ Global Data" and "BasisLZ/ETC1S
// Bitstream Specification".

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/result.hpp"
#include "texture/basis/huffman.hpp"

namespace forge3d::basis {

/// Colour of an ETC1S block: one base of 5 bits a channel and a table of modifiers.
struct Etc1sEndpoint {
  std::array<std::uint8_t, 3> base{};  ///< 0..31
  std::uint8_t table = 0;              ///< 0..7
};

/// The modifiers of each table, by selector. KDFS, "ETC1S".
inline constexpr std::array<std::array<std::int16_t, 4>, 8> kEtc1sModifiers = {
    {{-8, -2, 2, 8},
     {-17, -5, 5, 17},
     {-29, -9, 9, 29},
     {-42, -13, 13, 42},
     {-60, -18, 18, 60},
     {-80, -24, 24, 80},
     {-106, -33, 33, 106},
     {-183, -47, 47, 183}}};

/// One channel's value for a selector.
[[nodiscard]] constexpr std::uint8_t etc1s_value(std::uint32_t base, std::uint32_t table,
                                                 std::uint32_t selector) {
  const int value = static_cast<int>(base << 3 | base >> 2) + kEtc1sModifiers[table][selector];
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

/// Selectors of a block: 2 bits a texel, texel (x, y) at bit 8 * y + 2 * x.
using Etc1sSelectors = std::uint32_t;

/// Of the global data: its header, and the description of an image.
inline constexpr std::size_t kEtc1sHeaderBytes = 20, kEtc1sImageBytes = 20;

/// Where the slices of one image lie in the stored bytes of its level.
struct Etc1sImage {
  static constexpr std::uint32_t kPFrame = 2;
  std::uint32_t flags = 0;
  std::uint32_t color_offset = 0, color_bytes = 0;
  std::uint32_t alpha_offset = 0, alpha_bytes = 0;

  [[nodiscard]] bool is_p_frame() const { return (flags & kPFrame) != 0; }
};

/// The global data, unpacked. Immutable once parsed.
struct Etc1sCodebooks {
  std::vector<Etc1sImage> images;  ///< By level, layer, face and slice, level 0 first.
  std::vector<Etc1sEndpoint> endpoints;
  std::vector<Etc1sSelectors> selectors;
  HuffmanTable endpoint_predictions, endpoint_deltas, selector_codes, selector_runs;
  std::uint32_t selector_history = 0;  ///< Selectors that slices may refer back to.
};

/// Parses global data. `at`: its offset in the file, for messages. Never allocates more than some
/// 32 times the bytes given, and 1 MiB. Errors: kInvalidFile (offset and rule).
[[nodiscard]] Result<Etc1sCodebooks> parse_etc1s_codebooks(std::span<const std::byte> bytes,
                                                           std::uint64_t image_count,
                                                           std::uint64_t at);

}  // namespace forge3d::basis
