// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_block.hpp"

#include <algorithm>
#include <utility>

#include "texture/codec/nibbles.hpp"

namespace forge3d::basis {
namespace {

using codec::AstcBits;
using codec::AstcRange;
using codec::spread_to_nibbles;

/// The digits of a packed group of five trits or three quints, 4 bits each. Packed values past the
/// largest start over, as the specification's equations have it.
template <unsigned kBase>
constexpr std::array<std::uint32_t, 256> make_digits() {
  std::array<std::uint32_t, 256> out{};
  for (unsigned packed = 0; packed < 256; ++packed)
    for (unsigned i = 0, rest = packed; i < 5; ++i, rest /= kBase)
      out[packed] |= rest % kBase << (4 * i);
  return out;
}
template <unsigned kBase>
constexpr std::array<std::uint32_t, 256> kDigits = make_digits<kBase>();

template <int kMode>
struct Reader {
  static constexpr UastcMode kM = kUastcModeTable[kMode];
  static constexpr UastcOffsets kAt = uastc_offsets(kM);
  static constexpr AstcRange kRange = codec::kAstcRanges[kM.range];
  static constexpr int kValues = kM.end_values();

  /// Digit `i` of the ends' numbers, shifted to its place above their bits.
  static unsigned digit(const AstcBits& bits, int i) {
    constexpr int kGroup = kRange.trit ? 5 : 3;
    constexpr int kGroupBits = kRange.trit ? 8 : 7;
    const int group = i / kGroup;
    const int left = kValues - group * kGroup;
    const int width = uastc_digit_bits(kRange, left < kGroup ? left : kGroup);
    const unsigned packed = bits.field(static_cast<unsigned>(kAt.digits + group * kGroupBits),
                                       static_cast<unsigned>(width));
    const auto& table = kRange.trit ? kDigits<3> : kDigits<5>;
    return (table[packed] >> (4 * (i % kGroup)) & 15) << kRange.bits;
  }

  template <int kIndex>
  static std::uint32_t value(const AstcBits& bits) {
    unsigned code = bits.field(static_cast<unsigned>(kAt.ends + kIndex * kRange.bits), kRange.bits);
    if constexpr (kRange.trit || kRange.quint) code |= digit(bits, kIndex);
    return codec::kAstcColorOfCode[kM.range][code];
  }

  /// One end of a line.
  template <int kSubset, int kEnd>
  static std::uint32_t end(const AstcBits& bits) {
    constexpr int kFirst = 2 * kSubset * kM.channels + kEnd;
    if constexpr (kM.channels == 2)
      return value<kFirst>(bits) * 0x10101 | value<kFirst + 2>(bits) << 24;
    const std::uint32_t rgb =
        value<kFirst>(bits) | value<kFirst + 2>(bits) << 8 | value<kFirst + 4>(bits) << 16;
    if constexpr (kM.channels == 4) return rgb | value<kFirst + 6>(bits) << 24;
    return rgb | 0xff000000;
  }

  template <int... kSubsets>
  static void ends(const AstcBits& bits, UastcBlock& out,
                   std::integer_sequence<int, kSubsets...> /*subsets*/) {
    ((out.ends[2 * kSubsets] = end<kSubsets, 0>(bits),
      out.ends[2 * kSubsets + 1] = end<kSubsets, 1>(bits)),
     ...);
  }

  static void weights(const AstcBits& bits, UastcBlock& out);
  static bool read(const AstcBits& bits, UastcBlock& out);
};

/// Puts a zero at `position`, moving up what is there and above.
constexpr std::uint64_t with_zero(std::uint64_t value, int position) {
  return value + (value & (~std::uint64_t{0} << position));
}
static_assert(with_zero(0b1011, 1) == 0b10101);

/// Two planes take turns; the first codes of both have their highest bit left out.
template <int kBits>
void read_two_planes(std::uint64_t fields, UastcBlock& out) {
  if constexpr (kBits == 1) {
    const std::uint64_t pairs = spread_to_nibbles(fields << 2 & 0xffffffff, 2);
    out.index = {pairs & 0x1111111111111111, pairs >> 1 & 0x1111111111111111};
  } else {
    const std::uint64_t pairs = (fields & 1) | (fields & 2) << 1 | fields >> 2 << 4;
    out.index = {pairs & 0x3333333333333333, pairs >> 2 & 0x3333333333333333};
  }
}

/// Codes of five bits: the four above, and the lowest.
void read_long_codes(const AstcBits& bits, unsigned first, UastcBlock& out) {
  std::uint64_t high = bits.field(first, 4) >> 1;
  std::uint64_t low = bits.field(first, 1);
  for (unsigned i = 1; i < 16; ++i) {
    const std::uint64_t code = bits.field(first + 5 * i - 1, 5);
    high |= code >> 1 << (4 * i);
    low |= (code & 1) << (4 * i);
  }
  out.index = {high, low};
}

template <int kMode>
void Reader<kMode>::weights(const AstcBits& bits, UastcBlock& out) {
  constexpr int kBits = kM.weight_bits;
  if constexpr (kBits == 5) {
    read_long_codes(bits, kAt.weights, out);
  } else {
    std::uint64_t fields = bits.at(kAt.weights);
    if constexpr (kM.planes == 2) return read_two_planes<kBits>(fields, out);
    if constexpr (kM.subsets == 1) {
      fields = with_zero(fields, kBits - 1);
    } else {
      const auto& anchor = uastc_shapes(kMode)[out.pattern].anchor;
      for (std::size_t s = 0; s < kM.subsets; ++s)
        fields = with_zero(fields, (anchor[s] + 1) * kBits - 1);
    }
    if constexpr (kBits < 4) {
      constexpr std::uint64_t kAll = (std::uint64_t{1} << (16 * kBits)) - 1;
      fields = spread_to_nibbles(fields & kAll, kBits);
    }
    out.index = {fields, 0};
  }
}

template <int kMode>
bool Reader<kMode>::read(const AstcBits& bits, UastcBlock& out) {
  if constexpr (kM.subsets > 1) {
    out.pattern = static_cast<std::uint8_t>(bits.field(kAt.pattern, kM.pattern_bits));
    if (!uastc_shapes(kMode)[out.pattern].valid) return false;
  }
  if constexpr (kM.planes == 2)
    out.second_plane =
        kM.names_channel() ? static_cast<std::uint8_t>(bits.field(kAt.channel, 2)) : 3;
  ends(bits, out, std::make_integer_sequence<int, kM.subsets>());
  weights(bits, out);
  return true;
}

template <>
bool Reader<kUastcFlat>::read(const AstcBits& bits, UastcBlock& out) {
  out.ends[0] = bits.field(kUastcModeTable[kUastcFlat].code_bits, 32);
  return true;
}

using ReadBlock = bool (*)(const AstcBits&, UastcBlock&);
template <int... kModes>
constexpr std::array<ReadBlock, sizeof...(kModes)> make_readers(
    std::integer_sequence<int, kModes...> /*modes*/) {
  return {Reader<kModes>::read...};
}
constexpr std::array<ReadBlock, kUastcModes> kReaders =
    make_readers(std::make_integer_sequence<int, kUastcModes>());

UastcHints read_flat_hints(const AstcBits& bits) {
  constexpr unsigned kHints = 37;
  UastcHints out;
  out.differential = bits.field(kHints, 1) != 0;
  out.table.fill(static_cast<std::uint8_t>(bits.field(kHints + 1, 3)));
  out.selector = static_cast<std::uint8_t>(bits.field(kHints + 4, 2));
  for (unsigned c = 0; c < 3; ++c)
    out.color[c] = static_cast<std::uint8_t>(bits.field(kHints + 6 + 5 * c, 5));
  return out;
}

}  // namespace

void unpack_uastc_block(const std::uint8_t* bytes, UastcBlock& out) {
  const AstcBits bits = codec::load_astc_bits(bytes);
  out.mode = kUastcModeOf[bytes[0] & 127];
  if (out.mode == kUastcInvalid) return;
  if (!kReaders[static_cast<std::size_t>(out.mode)](bits, out)) out.mode = kUastcInvalid;
}

UastcHints read_uastc_hints(const std::uint8_t* bytes, int mode_index) {
  const AstcBits bits = codec::load_astc_bits(bytes);
  if (mode_index == kUastcFlat) return read_flat_hints(bits);
  const UastcMode& mode = kUastcModeTable[static_cast<std::size_t>(mode_index)];
  const UastcOffsets at = uastc_offsets(mode);
  const auto field = [&](int position, unsigned count) {
    return static_cast<std::uint8_t>(bits.field(static_cast<unsigned>(position), count));
  };
  UastcHints out;
  out.bc1_ends = field(at.bc1_hints, 1) != 0;
  out.bc1_weights = mode.bc1_hints == 2 && field(at.bc1_hints + 1, 1) != 0;
  out.flip = field(at.etc1_hints, 1) != 0;
  out.differential = field(at.etc1_hints + 1, 1) != 0;
  out.table = {field(at.etc1_hints + 2, 3), field(at.etc1_hints + 5, 3)};
  if (mode.etc1_bias) out.bias = field(at.etc1_bias, 5);
  if (mode.alpha()) {
    out.etc2_table = field(at.etc2_hints, 4);
    // The specification has no multiplier of 0. Such a block's texels are as good as any others'.
    out.etc2_multiplier = std::max<std::uint8_t>(field(at.etc2_hints + 4, 4), 1);
  }
  return out;
}

}  // namespace forge3d::basis
