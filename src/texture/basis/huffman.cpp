// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/huffman.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace forge3d::basis {
namespace {

constexpr std::uint32_t kLengthSymbols = 21;
// The order in which the lengths of the code of lengths are stored: those most used first.
constexpr std::array<std::uint8_t, kLengthSymbols> kLengthOrder = {
    17, 18, 19, 20, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15, 16};

// Symbols of that code above the lengths themselves: runs.
struct Run {
  bool repeats;  ///< The length before; else 0.
  std::uint8_t bits;
  std::uint8_t least;
};
constexpr std::array<Run, 4> kRuns = {Run{false, 3, 3}, Run{false, 7, 11}, Run{true, 2, 3},
                                      Run{true, 7, 7}};

tl::unexpected<Error> invalid(std::string rule) {
  return fail(ErrorCode::kInvalidFile, std::move(rule));
}

/// 16 bits in reverse: codes are stored from their first bit on.
std::uint32_t reversed(std::uint32_t bits) {
  bits = (bits & 0x5555) << 1 | (bits >> 1 & 0x5555);
  bits = (bits & 0x3333) << 2 | (bits >> 2 & 0x3333);
  bits = (bits & 0x0F0F) << 4 | (bits >> 4 & 0x0F0F);
  return (bits & 0x00FF) << 8 | bits >> 8;
}

/// Reads `lengths`, coded by `code`.
Result<> read_lengths(BitReader& bits, const HuffmanTable& code, std::span<std::uint8_t> lengths) {
  std::size_t filled = 0;
  while (filled < lengths.size()) {
    const std::uint32_t symbol = code.decode(bits);
    if (symbol <= HuffmanTable::kMaxLength) {
      lengths[filled++] = static_cast<std::uint8_t>(symbol);
      continue;
    }
    if (symbol >= kLengthSymbols) return invalid("bits that are no code of a code length");
    const Run& run = kRuns[symbol - HuffmanTable::kMaxLength - 1];
    const std::size_t count = run.least + bits.read(run.bits);
    if (count > lengths.size() - filled)
      return invalid(fmt::format("a run of code lengths passes the {} symbols", lengths.size()));
    if (run.repeats && (filled == 0 || lengths[filled - 1] == 0))
      return invalid("a run repeats a code length that is not there");
    std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(filled), count,
                run.repeats ? lengths[filled - 1] : std::uint8_t{0});
    filled += count;
  }
  return {};
}

}  // namespace

bool HuffmanTable::assign(std::span<const std::uint8_t> lengths) {
  std::array<std::uint32_t, kMaxLength + 1> counts{};
  for (const std::uint8_t length : lengths) ++counts[length];
  counts[0] = 0;
  std::uint32_t code = 0, placed = 0;
  for (std::uint32_t length = 1; length <= kMaxLength; ++length) {
    code <<= 1;
    begin_[length] = code;
    place_[length] = placed;
    code += counts[length];
    end_[length] = code;
    placed += counts[length];
    if (code > (1u << length)) return false;
  }
  if (placed > 1 && code != (1u << kMaxLength)) return false;
  symbols_.assign(placed, 0);
  auto place = place_;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
    if (lengths[symbol] != 0)
      symbols_[place[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
  fill_quick(lengths);
  return true;
}

void HuffmanTable::fill_quick(std::span<const std::uint8_t> lengths) {
  const std::uint32_t longest =
      lengths.empty() ? 0u : *std::max_element(lengths.begin(), lengths.end());
  quick_bits_ = std::min(longest, kQuickBits);
  quick_.assign(std::size_t{1} << quick_bits_, 0);
  quick_mask_ = (1u << quick_bits_) - 1;
  for (std::uint32_t length = 1; length <= quick_bits_; ++length)
    for (std::uint32_t code = begin_[length]; code < end_[length]; ++code) {
      const std::uint32_t symbol = symbols_[place_[length] + code - begin_[length]];
      for (std::size_t at = reversed(code) >> (kMaxLength - length); at < quick_.size();
           at += 1u << length)
        quick_[at] = symbol << 8 | length;
    }
}

std::uint32_t HuffmanTable::long_entry(std::uint32_t ahead) const {
  const std::uint32_t code = reversed(ahead);
  for (std::uint32_t length = quick_bits_ + 1; length <= kMaxLength; ++length) {
    const std::uint32_t start = code >> (kMaxLength - length);
    if (start < begin_[length] || start >= end_[length]) continue;
    return std::uint32_t{symbols_[place_[length] + start - begin_[length]]} << 8 | length;
  }
  return kNoSymbol << 8;
}

Result<HuffmanTable> read_huffman_table(BitReader& bits) {
  HuffmanTable table;
  const std::uint32_t symbols = bits.read(14);
  if (symbols == 0) return table;
  const std::uint32_t stored = bits.read(5);
  if (stored < 1 || stored > kLengthSymbols)
    return invalid(
        fmt::format("num_codelength_codes is {}; it must be 1 to {}", stored, kLengthSymbols));
  std::array<std::uint8_t, kLengthSymbols> length_lengths{};
  for (std::uint32_t i = 0; i < stored; ++i)
    length_lengths[kLengthOrder[i]] = static_cast<std::uint8_t>(bits.read(3));
  HuffmanTable length_code;
  if (!length_code.assign(length_lengths))
    return invalid("the code of code lengths is over-subscribed or incomplete");
  std::vector<std::uint8_t> lengths(symbols);
  FORGE3D_TRY(read_lengths(bits, length_code, lengths));
  if (!table.assign(lengths))
    return invalid(
        fmt::format("a Huffman code of {} symbols is over-subscribed or incomplete", symbols));
  return table;
}

}  // namespace forge3d::basis
