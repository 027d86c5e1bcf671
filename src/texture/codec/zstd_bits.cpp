// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/zstd_bits.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace forge3d::codec {
namespace {

constexpr std::int32_t kBit = LiteralBits::kBit;
/// The codes of a sequence's literal length and match length, and that of its offset: what their
/// tables are found to spend on block data.
constexpr std::int32_t kLengthBits = 8 * kBit;
constexpr std::int32_t kOffsetCodeBits = 3 * kBit;
/// Huffman codes have 11 bits at most (RFC 8878, 4.2.1).
constexpr double kMostLiteralBits = 11;

}  // namespace

LiteralBits::LiteralBits(std::span<const std::byte> data) {
  std::array<std::uint64_t, 256> counts{};
  for (const std::byte byte : data) ++counts[std::to_integer<std::size_t>(byte)];
  const double total = static_cast<double>(data.size()) + 256;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double bits = std::log2(total / static_cast<double>(counts[i] + 1));
    bits_[i] =
        static_cast<std::int32_t>(std::lround(std::clamp(bits, 1.0, kMostLiteralBits) * kBit));
  }
}

std::int32_t MatchBits::of(std::uint32_t distance, bool continues) const {
  if (continues && distance == recent_[0]) return 0;
  if (std::ranges::find(recent_, distance) != recent_.end()) return kLengthBits + kOffsetCodeBits;
  return kLengthBits + kOffsetCodeBits + (std::bit_width(distance) - 1) * kBit;
}

void MatchBits::push(std::uint32_t distance) {
  const auto at = std::ranges::find(recent_, distance);
  const auto end = at == recent_.end() ? at - 1 : at;
  std::copy_backward(recent_.begin(), end, end + 1);
  recent_[0] = distance;
}

}  // namespace forge3d::codec
