// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Canonical Huffman codes as BasisLZ stores them. KTX 2.0, "Compressed Huffman Tables"; RFC 1951,
// section 3.2.2.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/result.hpp"
#include "texture/basis/bit_reader.hpp"

namespace forge3d::basis {

/// A decoder of one code. An empty one decodes nothing but kNoSymbol.
class HuffmanTable {
 public:
  static constexpr std::uint32_t kMaxLength = 16;
  static constexpr std::uint32_t kNoSymbol = 0xFFFFFF;  ///< No code begins with the bits there are.

  /// The canonical code of these lengths, 0 for symbols without a code. Nothing is wrong with a
  /// code of one symbol, whatever its length, nor with one of none; any other must use up all bit
  /// patterns. False when it does not. REQUIRES: lengths <= kMaxLength, at most 65536 of them.
  [[nodiscard]] bool assign(std::span<const std::uint8_t> lengths);

  /// Takes one code and gives its symbol.
  [[nodiscard]] std::uint32_t decode(BitReader& bits) const {
    const std::uint32_t ahead = bits.peek(kMaxLength);
    std::uint32_t entry = quick_[ahead & quick_mask_];
    if (entry == 0) entry = long_entry(ahead);
    bits.skip(entry & 0xFF);
    return entry >> 8;
  }

 private:
  static constexpr std::uint32_t kQuickBits = 11;

  /// As in quick_, of codes that are longer.
  [[nodiscard]] std::uint32_t long_entry(std::uint32_t ahead) const;
  void fill_quick(std::span<const std::uint8_t> lengths);

  /// By the next bits: symbol << 8 | length, 0 where the code is longer or there is none.
  std::vector<std::uint32_t> quick_{0};
  std::uint32_t quick_bits_ = 0, quick_mask_ = 0;
  /// Symbols ordered by code; of each length the first code, the first behind the last, and what
  /// turns a code into a place in symbols_.
  std::vector<std::uint16_t> symbols_;
  std::array<std::uint32_t, kMaxLength + 1> begin_{}, end_{}, place_{};
};

/// Reads a table and its code. Errors: kInvalidFile with the rule, no offset.
[[nodiscard]] Result<HuffmanTable> read_huffman_table(BitReader& bits);

}  // namespace forge3d::basis
