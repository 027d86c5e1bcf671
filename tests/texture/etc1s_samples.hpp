// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small BasisLZ files, written bit by bit.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace forge3d::test {

/// Bits, the first in the lowest bit of the first byte.
class BitWriter {
 public:
  void put(std::uint32_t value, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i, ++bits_) {
      if (bits_ % 8 == 0) bytes_.push_back(std::byte{0});
      bytes_.back() |= static_cast<std::byte>((value >> i & 1) << (bits_ % 8));
    }
  }
  /// A symbol of a flat code: all symbols have `length` bits.
  void put_code(std::uint32_t symbol, std::uint32_t length) {
    for (std::uint32_t i = length; i-- > 0;) put(symbol >> i & 1, 1);
  }
  /// A Huffman table by the lengths of its codes, 15 at most.
  void put_table(const std::vector<std::uint8_t>& lengths);
  /// That of a flat code of 2^length symbols.
  void put_flat_table(std::uint32_t length) {
    put_table(
        std::vector<std::uint8_t>(std::size_t{1} << length, static_cast<std::uint8_t>(length)));
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t bits_ = 0;
};

/// Lengths of the flat codes that slices of these files are written in, unless the sample says
/// otherwise.
inline constexpr std::uint32_t kPredictionBits = 9, kDeltaBits = 3, kSelectorBits = 4, kRunBits = 6;
inline constexpr std::uint32_t kHistory = 4;

struct Etc1sSample {
  std::uint32_t width = 8, height = 8, layers = 0;
  std::vector<std::uint8_t> channel_ids = {0};  ///< RGB; 15 alpha, 3 red, 4 green.
  bool animated = false;
  bool srgb = true;
  std::uint32_t delta_bits = kDeltaBits, selector_bits = kSelectorBits;
  /// Red, green, blue (0..31) and table (0..7).
  std::vector<std::array<std::uint8_t, 4>> endpoints = {{16, 16, 16, 0}};
  /// 2 bits a texel, rows in bytes.
  std::vector<std::uint32_t> selectors = {0};
  struct Image {
    std::uint32_t flags = 0;
    std::vector<std::byte> color, alpha;
  };
  std::vector<Image> images;

  /// The global data's three sections; the first two may be replaced before file() is called.
  std::vector<std::byte> endpoint_bytes, selector_bytes, table_bytes;

  /// Fills what is empty of the sections.
  void write_sections();
  [[nodiscard]] std::vector<std::byte> file() const;
};

// Predictions of one 2 x 2 group: of the first row, then of the second, two bits each.
inline constexpr std::uint32_t kLeft = 0, kAbove = 1, kAboveLeft = 2, kByDifference = 3;
constexpr std::uint32_t group(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a | b << 2 | c << 4 | d << 6;
}

/// 2 x 2 blocks of two endpoints and three selector entries: every prediction, the history and a
/// run.
Etc1sSample four_blocks();

/// A slice for a large image of four_blocks()'s codebooks, whose blocks all have codes of their
/// own; every other group of a P frame is kept.
std::vector<std::byte> random_slice(std::uint32_t columns, std::uint32_t rows, std::uint32_t seed,
                                    bool is_p_frame = false);

/// A slice for the frame after four_blocks(): all but the last block are kept.
std::vector<std::byte> p_frame();

}  // namespace forge3d::test
