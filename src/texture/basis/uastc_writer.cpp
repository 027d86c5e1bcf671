// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_writer.hpp"

#include <algorithm>
#include <utility>

#include "texture/basis/uastc_codes.hpp"
#include "texture/basis/uastc_etc1.hpp"

namespace forge3d::basis {
namespace {

using codec::AstcBits;
using codec::AstcRange;

UastcCodeTable make_code_table() {
  UastcCodeTable out{};
  for (std::size_t r = 0; r < out.size(); ++r)
    for (int code = codec::kAstcRanges[r].levels() - 1; code >= 0; --code)
      out[r][codec::kAstcColorOfCode[r][static_cast<std::size_t>(code)]] =
          static_cast<std::uint8_t>(code);
  return out;
}

/// The code of a weight that `bits` bits can say: the inverse of uastc_weight().
unsigned weight_code(unsigned weight, unsigned bits) {
  const unsigned six = weight > 32 ? weight - 1 : weight;
  return six >> (6 - bits);
}

/// Swaps the ends of a line in the channels from `first` to `last`.
void swap_ends(const UastcMode& mode, std::size_t subset, std::size_t first, std::size_t last,
               UastcCoding& coding) {
  std::uint8_t* values = coding.values.data() + 2 * subset * mode.channels;
  for (std::size_t c = first; c <= last; ++c) std::swap(values[2 * c], values[2 * c + 1]);
}

/// Whether the code of a weight has its highest bit set.
bool is_upper(std::uint8_t weight) { return weight >= 32; }

void turn_subsets(const UastcMode& mode, UastcCoding& coding) {
  const UastcShape& shape = uastc_shapes(coding.mode)[coding.pattern];
  for (std::size_t k = 0; k < mode.subsets; ++k) {
    const std::size_t anchor = mode.subsets == 1 ? 0 : shape.anchor[k];
    const std::uint8_t subset = mode.subsets == 1 ? 0 : shape.subset[anchor];
    if (!is_upper(coding.weights[0][anchor])) continue;
    swap_ends(mode, subset, 0, mode.channels - 1u, coding);
    for (std::size_t i = 0; i < 16; ++i)
      if (mode.subsets == 1 || shape.subset[i] == subset)
        coding.weights[0][i] = static_cast<std::uint8_t>(64 - coding.weights[0][i]);
  }
}

/// Both planes of a block of one subset, each in its channels.
void turn_planes(const UastcMode& mode, UastcCoding& coding) {
  const std::size_t second = mode.channels == 2 ? 1 : coding.second_plane;
  for (std::size_t plane = 0; plane < 2; ++plane) {
    if (!is_upper(coding.weights[plane][0])) continue;
    for (std::size_t c = 0; c < mode.channels; ++c)
      if ((c == second) == (plane == 1)) swap_ends(mode, 0, c, c, coding);
    for (std::uint8_t& weight : coding.weights[plane])
      weight = static_cast<std::uint8_t>(64 - weight);
  }
}

void put_hints(const UastcMode& mode, const UastcHints& hints, AstcBits& bits) {
  const UastcOffsets at = uastc_offsets(mode);
  const auto put = [&](int position, unsigned count, unsigned value) {
    bits.put(static_cast<unsigned>(position), count, value);
  };
  put(at.bc1_hints, 1, hints.bc1_ends ? 1 : 0);
  if (mode.bc1_hints == 2) put(at.bc1_hints + 1, 1, hints.bc1_weights ? 1 : 0);
  put(at.etc1_hints, 1, hints.flip ? 1 : 0);
  put(at.etc1_hints + 1, 1, hints.differential ? 1 : 0);
  put(at.etc1_hints + 2, 3, hints.table[0]);
  put(at.etc1_hints + 5, 3, hints.table[1]);
  if (mode.etc1_bias) put(at.etc1_bias, 5, hints.bias);
  if (!mode.alpha()) return;
  put(at.etc2_hints, 4, hints.etc2_table);
  put(at.etc2_hints + 4, 4, hints.etc2_multiplier);
}

void put_ends(const UastcMode& mode, const UastcCoding& coding, AstcBits& bits) {
  const AstcRange& range = codec::kAstcRanges[mode.range];
  const std::array<std::uint8_t, 256>& code_of = uastc_code_table()[mode.range];
  const unsigned base = range.trit ? 3 : 5;
  const int group_size = range.trit ? 5 : 3;
  const UastcOffsets at = uastc_offsets(mode);
  int digits_at = at.digits;
  unsigned packed = 0;
  unsigned place = 1;
  const int count = mode.end_values();
  for (int i = 0; i < count; ++i) {
    const unsigned code = code_of[coding.values[static_cast<std::size_t>(i)]];
    if (range.bits > 0)
      bits.put(static_cast<unsigned>(at.ends + i * range.bits), range.bits,
               code & ((1u << range.bits) - 1));
    if (!range.trit && !range.quint) continue;
    packed += (code >> range.bits) * place;
    place *= base;
    const int in_group = i % group_size + 1;
    if (in_group < group_size && i + 1 < count) continue;
    const int width = uastc_digit_bits(range, in_group);
    bits.put(static_cast<unsigned>(digits_at), static_cast<unsigned>(width), packed);
    digits_at += width;
    packed = 0;
    place = 1;
  }
}

void put_weights(const UastcMode& mode, const UastcCoding& coding, AstcBits& bits) {
  const UastcShape& shape = uastc_shapes(coding.mode)[coding.pattern];
  auto at = static_cast<unsigned>(uastc_offsets(mode).weights);
  for (std::size_t i = 0; i < 16; ++i) {
    const auto* last = shape.anchor.begin() + mode.subsets;
    const bool anchor =
        mode.subsets == 1 ? i == 0 : std::find(shape.anchor.begin(), last, i) != last;
    const unsigned width = mode.weight_bits - (anchor ? 1u : 0u);
    for (std::size_t plane = 0; plane < mode.planes && width > 0; ++plane) {
      bits.put(at, width, weight_code(coding.weights[plane][i], mode.weight_bits));
      at += width;
    }
  }
}

}  // namespace

const UastcCodeTable& uastc_code_table() {
  static const UastcCodeTable table = make_code_table();
  return table;
}

void write_uastc_block(const UastcCoding& coding, const UastcHints& hints, std::uint8_t* out) {
  UastcCoding turned = coding;
  const UastcMode& mode = kUastcModeTable[coding.mode];
  if (mode.planes == 2)
    turn_planes(mode, turned);
  else
    turn_subsets(mode, turned);
  AstcBits bits{mode.code, 0};
  put_hints(mode, hints, bits);
  const auto pattern_at = static_cast<unsigned>(uastc_offsets(mode).pattern);
  if (mode.pattern_bits > 0) bits.put(pattern_at, mode.pattern_bits, coding.pattern);
  if (mode.names_channel()) bits.put(pattern_at, 2, coding.second_plane);
  put_ends(mode, turned, bits);
  put_weights(mode, turned, bits);
  codec::store_astc_bits(bits, out);
}

void write_uastc_flat(std::uint32_t color, std::uint8_t* out) {
  const UastcMode& mode = kUastcModeTable[kUastcFlat];
  const UastcHints hints = flat_etc1_hints(color);
  AstcBits bits{mode.code, 0};
  unsigned at = mode.code_bits;
  const auto put = [&](unsigned count, unsigned value) {
    bits.put(at, count, value);
    at += count;
  };
  put(32, color);
  put(1, hints.differential ? 1 : 0);
  put(3, hints.table[0]);
  put(2, hints.selector);
  for (const std::uint8_t c : hints.color) put(5, c);
  codec::store_astc_bits(bits, out);
}

}  // namespace forge3d::basis
