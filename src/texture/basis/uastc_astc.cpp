// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_astc.hpp"

#include <utility>

#include "texture/basis/uastc_codes.hpp"
#include "texture/codec/astc_writer.hpp"
#include "texture/codec/nibbles.hpp"

namespace forge3d::basis {
namespace {

using codec::AstcBits;

constexpr unsigned channel(std::uint32_t color, unsigned c) { return color >> (8 * c) & 255; }
constexpr unsigned sum_of(std::uint32_t color) {
  return channel(color, 0) + channel(color, 1) + channel(color, 2);
}

/// By pattern and subset: all bits of the nibbles of its texels.
using SubsetNibbles = std::array<std::array<std::uint64_t, 3>, 32>;
constexpr SubsetNibbles make_subset_nibbles(const std::array<UastcShape, 32>& shapes) {
  SubsetNibbles out{};
  for (std::size_t p = 0; p < shapes.size(); ++p)
    for (std::size_t i = 0; i < 16; ++i)
      out[p][shapes[p].subset[i]] |= std::uint64_t{15} << (4 * i);
  return out;
}
constexpr SubsetNibbles kNibblesOfTwo = make_subset_nibbles(kUastcShapesOfTwo);
constexpr SubsetNibbles kNibblesOfThree = make_subset_nibbles(kUastcShapesOfThree);
constexpr SubsetNibbles kNibblesOfTwoInThree = make_subset_nibbles(kUastcShapesOfTwoInThree);

const std::array<std::uint64_t, 3>& subset_nibbles(int mode, std::size_t pattern) {
  const SubsetNibbles& table = mode == 3   ? kNibblesOfThree
                               : mode == 7 ? kNibblesOfTwoInThree
                                           : kNibblesOfTwo;
  return table[pattern];
}

/// Writes the ends. Lines of which the first end is the brighter one are turned round, as ASTC
/// reads those in another way (blue contraction); returns the nibbles of their texels.
std::uint64_t put_ends(const UastcBlock& block, const UastcMode& mode, AstcBits& bits) {
  const std::array<std::uint8_t, 256>& code_of = uastc_code_table()[mode.range];
  std::array<std::uint8_t, 18> codes{};
  std::size_t at = 0;
  std::uint64_t turned = 0;
  for (std::size_t s = 0; s < mode.subsets; ++s) {
    std::uint32_t low = block.ends[2 * s];
    std::uint32_t high = block.ends[2 * s + 1];
    if (mode.channels > 2 && sum_of(low) > sum_of(high)) {
      std::swap(low, high);
      turned |=
          mode.subsets == 1 ? ~std::uint64_t{0} : subset_nibbles(block.mode, block.pattern)[s];
    }
    for (unsigned k = 0; k < mode.channels; ++k) {
      const unsigned c = mode.channels == 2 && k == 1 ? 3 : k;
      codes[at++] = code_of[channel(low, c)];
      codes[at++] = code_of[channel(high, c)];
    }
  }
  codec::write_astc_sequence(mode.range, codes.data(), mode.end_values(),
                             mode.subsets == 1 ? 17 : 29, bits);
  return turned;
}

/// The codes of the weights side by side, planes in turns. `turned`: the nibbles of the texels
/// whose codes are counted from the other end.
AstcBits weight_sequence(const UastcBlock& block, const UastcMode& mode, std::uint64_t turned) {
  constexpr std::uint64_t kOnes = 0x1111111111111111;
  const int width = mode.weight_bits;
  const std::uint64_t used = kOnes * ((1u << (width == 5 ? 4 : width)) - 1);
  const std::uint64_t first = block.index[0] ^ (turned & used);
  if (width == 5) {
    const std::uint64_t lowest = block.index[1] ^ (turned & kOnes);
    AstcBits out;
    for (unsigned i = 0; i < 16; ++i)
      out.put(5 * i, 5,
              static_cast<std::uint32_t>((first >> (4 * i) & 15) << 1 | (lowest >> (4 * i) & 1)));
    return out;
  }
  if (mode.planes == 1) return {width == 4 ? first : codec::close_nibbles(first, width), 0};
  const std::uint64_t second = block.index[1] ^ (turned & used);
  const std::uint64_t pairs = first | second << width;
  return {width == 2 ? pairs : codec::close_nibbles(pairs, 2), 0};
}

}  // namespace

void write_uastc_as_astc(const UastcBlock& block, std::uint8_t* out) {
  if (block.mode == kUastcInvalid || block.mode == kUastcFlat) {
    const std::uint32_t color = block.mode == kUastcFlat ? block.ends[0] : kUastcErrorColor;
    std::array<std::uint8_t, 4> rgba{};
    for (unsigned c = 0; c < 4; ++c) rgba[c] = static_cast<std::uint8_t>(channel(color, c));
    return codec::write_astc_constant(rgba.data(), out);
  }
  // Khronos Data Format Specification, "ASTC Compressed Texture Image Formats", Block Layout.
  const UastcMode& mode = kUastcModeTable[static_cast<std::size_t>(block.mode)];
  AstcBits low;
  low.put(0, 11, mode.astc_mode);
  low.put(11, 2, mode.subsets - 1u);
  const auto end_mode = static_cast<std::uint32_t>(mode.astc_end_mode());
  if (mode.subsets == 1) {
    low.put(13, 4, end_mode);
  } else {
    low.put(13, 10, uastc_pattern(block.mode, block.pattern).seed);
    low.put(25, 4, end_mode);
  }
  const std::uint64_t turned = put_ends(block, mode, low);
  const unsigned weight_bits = 16u * mode.planes * mode.weight_bits;
  if (mode.planes == 2) low.put(126 - weight_bits, 2, block.second_plane);
  AstcBits bits = weight_sequence(block, mode, turned).reversed();
  bits.low |= low.low;
  bits.high |= low.high;
  codec::store_astc_bits(bits, out);
}

}  // namespace forge3d::basis
