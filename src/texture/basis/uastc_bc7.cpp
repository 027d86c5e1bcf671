// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_bc7.hpp"

#include <utility>

#include "texture/codec/bc7_flat.hpp"
#include "texture/codec/bc7_writer.hpp"

namespace forge3d::basis {
namespace {

/// An 8-bit value as codes of a mode give it back.
struct Rounded {
  std::array<std::uint8_t, 256> value{};
  std::array<std::uint8_t, 256> squared_error{};
};

/// `bits` bits without a parity bit.
constexpr Rounded round_to(int bits) {
  Rounded out;
  const int last = (1 << bits) - 1;
  for (int v = 0; v < 256; ++v) {
    const int code = (v * last + 127) / 255;
    out.value[static_cast<std::size_t>(v)] =
        static_cast<std::uint8_t>(codec::bc7_expand(code, bits));
  }
  return out;
}

/// `bits` bits, of which the lowest is `parity`.
constexpr Rounded round_to(int bits, int parity) {
  Rounded out;
  const int last = (1 << bits) - 1;
  for (int v = 0; v < 256; ++v) {
    int code = (v * last - parity * 255 + 255) / 510 * 2 + parity;
    if (code > last) code = last - 1 + parity;
    const int value = codec::bc7_expand(code, bits);
    out.value[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(value);
    out.squared_error[static_cast<std::size_t>(v)] =
        static_cast<std::uint8_t>((value - v) * (value - v));
  }
  return out;
}

template <int kBits>
constexpr Rounded kRounded = round_to(kBits);
/// By parity.
template <int kBits>
constexpr std::array<Rounded, 2> kRoundedTo{round_to(kBits, 0), round_to(kBits, 1)};

constexpr std::uint32_t channel(std::uint32_t color, int c) { return color >> (8 * c) & 255; }

std::uint32_t rounded(const Rounded& table, std::uint32_t color) {
  std::uint32_t out = color & 0xff000000;
  for (int c = 0; c < 3; ++c) out |= std::uint32_t{table.value[channel(color, c)]} << (8 * c);
  return out;
}

template <int kBits, int kChannels>
std::uint32_t rounded_to(std::uint32_t color, std::size_t parity) {
  std::uint32_t out = kChannels == 3 ? 0xff000000 : 0;
  for (int c = 0; c < kChannels; ++c)
    out |= std::uint32_t{kRoundedTo<kBits>[parity].value[channel(color, c)]} << (8 * c);
  return out;
}

template <int kBits, int kChannels>
int error_of(std::uint32_t color, std::size_t parity) {
  int error = 0;
  for (int c = 0; c < kChannels; ++c)
    error += kRoundedTo<kBits>[parity].squared_error[channel(color, c)];
  return error;
}

/// The better parity for one end of five bits and one.
std::uint32_t best_end_of_mode_7(std::uint32_t color) {
  const bool odd = error_of<6, 4>(color, 1) < error_of<6, 4>(color, 0);
  return rounded_to<6, 4>(color, odd ? 1 : 0);
}

/// Eight bits with the parity, so that each of the lower `channels` of the other parity is one off:
/// up, but 254 for 255.
std::uint32_t best_end_of_bytes(std::uint32_t color, unsigned channels) {
  constexpr std::uint32_t kLowest = 0x01010101;
  const std::uint32_t counted = channels == 4 ? color : color & 0xffffff;
  const std::uint32_t odd = color & kLowest;
  if (2 * ((counted & kLowest) * kLowest >> 24) > channels) return color | kLowest;
  std::uint32_t full = color & color >> 4 & 0x0f0f0f0f;  // 1 in each byte of 255
  full &= full >> 2;
  full &= full >> 1;
  return (color & ~kLowest) + 2 * (odd & ~full);
}

/// The line of a subset in a BC7 mode.
template <int kBc7Mode>
std::pair<std::uint32_t, std::uint32_t> ends_in(std::uint32_t a, std::uint32_t b) {
  if constexpr (kBc7Mode == 1) {
    const int even = error_of<7, 3>(a, 0) + error_of<7, 3>(b, 0);
    const int odd = error_of<7, 3>(a, 1) + error_of<7, 3>(b, 1);
    const std::size_t parity = odd < even ? 1 : 0;
    return {rounded_to<7, 3>(a, parity), rounded_to<7, 3>(b, parity)};
  }
  if constexpr (kBc7Mode == 2) return {rounded(kRounded<5>, a), rounded(kRounded<5>, b)};
  if constexpr (kBc7Mode == 3) return {best_end_of_bytes(a, 3), best_end_of_bytes(b, 3)};
  if constexpr (kBc7Mode == 5) return {rounded(kRounded<7>, a), rounded(kRounded<7>, b)};
  if constexpr (kBc7Mode == 7) return {best_end_of_mode_7(a), best_end_of_mode_7(b)};
  return {best_end_of_bytes(a, 4), best_end_of_bytes(b, 4)};
}

constexpr std::uint64_t kOnes = 0x1111111111111111;

/// One bit in each nibble that is `value`.
constexpr std::uint64_t nibbles_of(std::uint64_t nibbles, std::uint64_t value) {
  const std::uint64_t other = nibbles ^ (value * kOnes);
  return ~(other | other >> 1 | other >> 2 | other >> 3) & kOnes;
}

/// Indices of BC7's mode 6 for codes of `bits` bits: the one of the nearest weight.
constexpr std::uint64_t four_bit_index(const std::array<std::uint64_t, 2>& index, int bits) {
  const std::uint64_t high = index[0];
  const std::uint64_t low = index[1];
  switch (bits) {
    case 2:
      return high * 5;
    case 3:
      return high * 2 + (high >> 2 & kOnes);
    case 5:  // code / 2, but for codes 14 and 17
      return high - (nibbles_of(high, 7) & ~low) + (nibbles_of(high, 8) & low);
    default:
      return high;
  }
}
static_assert(four_bit_index({0x76543210, 0}, 3) == 0xfdb96420);

template <int kMode>
void convert(const UastcBlock& block, std::uint8_t* out) {
  constexpr UastcMode kM = kUastcModeTable[kMode];
  constexpr int kSubsets = codec::kBc7Modes[kM.bc7_mode].subsets;
  codec::Bc7Block bc7;
  bc7.mode = kM.bc7_mode;
  const UastcPattern* pattern = nullptr;
  if constexpr (kM.subsets > 1) {
    pattern = &uastc_pattern(kMode, block.pattern);
    bc7.partition = pattern->partition;
  }
  for (std::size_t s = 0; s < kSubsets; ++s) {
    const std::size_t from = kM.subsets > 1 ? pattern->subset[s] : 0;
    const auto [a, b] = ends_in<kM.bc7_mode>(block.ends[2 * from], block.ends[2 * from + 1]);
    bc7.ends[2 * s] = a;
    bc7.ends[2 * s + 1] = b;
  }
  bc7.color_index = kM.bc7_mode == 6 ? four_bit_index(block.index, kM.weight_bits) : block.index[0];
  codec::write_bc7(bc7, out);
}

/// Swaps a channel with alpha.
std::uint32_t rotated(std::uint32_t color, unsigned channel) {
  const std::uint32_t difference = (color >> (8 * channel) ^ color >> 24) & 255;
  return color ^ difference << (8 * channel) ^ difference << 24;
}

/// Two planes: the second is alpha's in BC7, after a rotation.
template <int kMode>
void convert_two_planes(const UastcBlock& block, std::uint8_t* out) {
  constexpr UastcMode kM = kUastcModeTable[kMode];
  codec::Bc7Block bc7;
  bc7.mode = 5;
  const unsigned second = block.second_plane;
  if (second != 3) bc7.rotation = static_cast<int>(second) + 1;
  for (std::size_t e = 0; e < 2; ++e)
    bc7.ends[e] =
        rounded(kRounded<7>, second == 3 ? block.ends[e] : rotated(block.ends[e], second));
  constexpr std::uint64_t kFactor = kM.weight_bits == 1 ? 3 : 1;
  bc7.color_index = block.index[0] * kFactor;
  bc7.alpha_index = block.index[1] * kFactor;
  codec::write_bc7(bc7, out);
}

using Convert = void (*)(const UastcBlock&, std::uint8_t*);

template <int kMode>
constexpr Convert converter() {
  if constexpr (kMode == kUastcFlat)
    return [](const UastcBlock& block, std::uint8_t* out) {
      codec::encode_bc7_flat(block.ends[0], out);
    };
  else if constexpr (kMode == kUastcInvalid)
    return [](const UastcBlock& /*block*/, std::uint8_t* out) {
      codec::encode_bc7_flat(kUastcErrorColor, out);
    };
  else
    return kUastcModeTable[kMode].planes == 2 ? convert_two_planes<kMode> : convert<kMode>;
}

template <int... kModes>
constexpr std::array<Convert, sizeof...(kModes)> make_converters(
    std::integer_sequence<int, kModes...> /*modes*/) {
  return {converter<kModes>()...};
}
constexpr auto kConverters = make_converters(std::make_integer_sequence<int, kUastcInvalid + 1>());

}  // namespace

void write_uastc_as_bc7(const UastcBlock& block, std::uint8_t* out) {
  kConverters[static_cast<std::size_t>(block.mode)](block, out);
}

}  // namespace forge3d::basis
