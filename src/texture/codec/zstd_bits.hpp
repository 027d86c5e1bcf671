// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What bytes are likely to cost in a Zstandard frame (RFC 8878), in sixteenths of a bit.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace forge3d::codec {

/// Literals, as their Huffman codes would be: by how frequent each byte is in all the data.
class LiteralBits {
 public:
  static constexpr std::int32_t kBit = 16;

  explicit LiteralBits(std::span<const std::byte> data);
  [[nodiscard]] std::int32_t of(std::uint8_t byte) const { return bits_[byte]; }

 private:
  std::array<std::int32_t, 256> bits_{};
};

/// Matches, one after the other: a sequence names its distance, or one of the last three for less
/// (RFC 8878, 3.1.1.5); a match that goes on where the last one ended is the same sequence.
class MatchBits {
 public:
  /// A match of bytes that lie `distance` before, after literals or another match.
  [[nodiscard]] std::int32_t of(std::uint32_t distance, bool continues) const;
  /// Takes a match as the last one.
  void push(std::uint32_t distance);
  [[nodiscard]] std::uint32_t last() const { return recent_[0]; }

 private:
  std::array<std::uint32_t, 3> recent_{};
};

}  // namespace forge3d::codec
