// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_decoder.hpp"

#include <cstring>
#include <utility>

#include "texture/basis/uastc_block.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/basis/uastc_decoder.cpp"
#include <hwy/foreach_target.h>
// Highway's own order: the header of its operations comes after it.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace forge3d::basis {
namespace HWY_NAMESPACE {
namespace {

/// The weights of the texels of a plane.
using Weights = std::array<std::uint8_t, 16>;

void fill(std::uint32_t color, std::uint8_t* texels, std::size_t row_bytes) {
  const std::array<std::uint32_t, 4> row{color, color, color, color};
  for (std::size_t y = 0; y < 4; ++y) std::memcpy(texels + y * row_bytes, row.data(), 16);
}

/// Interpolation in 16 bits. Ends are widened to 257 e (linear) or 256 e + 128 (sRGB), and the
/// specification's result is the upper byte of their weighted mean, rounded to an integer: with
/// s = 64 a + (b - a) w that is (257 s + 32) >> 14 and (256 s + 8224) >> 14.
constexpr int kRound = 32;

#if HWY_TARGET == HWY_SCALAR

template <int kBits>
Weights read_weights(const std::array<std::uint64_t, 2>& index, std::size_t plane) {
  Weights out;
  for (std::size_t i = 0; i < 16; ++i) {
    const auto code = static_cast<int>(index[plane] >> (4 * i) & 15);
    const auto low = static_cast<int>(index[1] >> (4 * i) & 1);
    out[i] = static_cast<std::uint8_t>(kBits == 5 ? uastc_weight(2 * code + low, 5)
                                                  : uastc_weight(code, kBits));
  }
  return out;
}

template <int kMode>
void decode_mode(const UastcBlock& block, bool srgb, std::uint8_t* texels, std::size_t row_bytes) {
  constexpr UastcMode kM = kUastcModeTable[kMode];
  std::array<Weights, 2> weights;
  for (std::size_t p = 0; p < kM.planes; ++p)
    weights[p] = read_weights<kM.weight_bits>(block.index, p);
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t s = kM.subsets == 1 ? 0 : uastc_shapes(kMode)[block.pattern].subset[i];
    for (unsigned c = 0; c < 4; ++c) {
      const auto a = static_cast<int>(block.ends[2 * s] >> (8 * c) & 255);
      const auto b = static_cast<int>(block.ends[2 * s + 1] >> (8 * c) & 255);
      const int w = weights[kM.planes == 2 && block.second_plane == c ? 1 : 0][i];
      const int sum = 64 * a + (b - a) * w;
      texels[i / 4 * row_bytes + 4 * (i % 4) + c] =
          static_cast<std::uint8_t>((sum + (srgb ? kRound : (sum + kRound) >> 8)) >> 6);
    }
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using Bytes = hn::FixedTag<std::uint8_t, 16>;
using Words = hn::FixedTag<std::uint16_t, 8>;
using VBytes = hn::Vec<Bytes>;
using VWords = hn::Vec<Words>;

HWY_INLINE VBytes load(const Weights& bytes) { return hn::LoadU(Bytes(), bytes.data()); }

/// Nibbles to bytes, in order.
HWY_INLINE VBytes to_bytes(std::uint64_t nibbles) {
  const hn::FixedTag<std::uint64_t, 2> pair;
  const VBytes low = hn::BitCast(Bytes(), hn::Set(pair, nibbles & 0x0f0f0f0f0f0f0f0f));
  const VBytes high = hn::BitCast(Bytes(), hn::Set(pair, nibbles >> 4 & 0x0f0f0f0f0f0f0f0f));
  return hn::InterleaveLower(Bytes(), low, high);
}

template <int kBits>
struct WeightTable {
  alignas(16) Weights weights{};
  constexpr WeightTable() {
    constexpr int kCodes = kBits == 5 ? 16 : 1 << kBits;
    for (int i = 0; i < kCodes; ++i)
      weights[static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(uastc_weight(kBits == 5 ? 2 * i : i, kBits));
  }
};

/// The weights of a plane. Odd codes of five bits are two above the even one below.
template <int kBits>
HWY_INLINE VBytes read_weights(const std::array<std::uint64_t, 2>& index, std::size_t plane) {
  static constexpr WeightTable<kBits> kTable;
  const VBytes weights = hn::TableLookupBytes(load(kTable.weights), to_bytes(index[plane]));
  if constexpr (kBits != 5) return weights;
  const VBytes low = to_bytes(index[1]);
  return hn::Add(weights, hn::Add(low, low));
}

/// Lanes 0..3 and 4..7: the channels of the lines of two texels.
struct Line {
  VWords base;  ///< 64 * first
  VWords step;  ///< second - first, modulo 2^16
};

HWY_INLINE Line line_of(std::uint32_t a0, std::uint32_t b0, std::uint32_t a1, std::uint32_t b1) {
  const hn::FixedTag<std::uint64_t, 2> pair;
  const hn::FixedTag<std::uint8_t, 8> half;
  const auto widen = [&](std::uint32_t x, std::uint32_t y) HWY_ATTR {
    const VBytes bytes =
        hn::BitCast(Bytes(), hn::Set(pair, x | static_cast<std::uint64_t>(y) << 32));
    return hn::PromoteTo(Words(), hn::LowerHalf(half, bytes));
  };
  const VWords a = widen(a0, a1);
  return {hn::ShiftLeft<6>(a), hn::Sub(widen(b0, b1), a)};
}

/// For texels 2 i and 2 i + 1: brings their weights to the lanes of their channels.
struct Spreads {
  alignas(16) std::array<Weights, 8> bytes{};
  constexpr Spreads() {
    for (std::size_t i = 0; i < 16; ++i)
      for (std::size_t c = 0; c < 4; ++c) {
        const std::size_t lane = 4 * (i % 2) + c;
        bytes[i / 2][2 * lane] = static_cast<std::uint8_t>(i);
        bytes[i / 2][2 * lane + 1] = 0x80;
      }
  }
};
constexpr Spreads kSpreads;

/// All bits in the lanes of channel `c`.
HWY_INLINE VWords lanes_of_channel(unsigned c) {
  const hn::FixedTag<std::uint64_t, 2> pair;
  return hn::BitCast(Words(), hn::Set(pair, std::uint64_t{0xffff} << (16 * c)));
}

/// By pattern and pair of texels: where the bytes of their lines lie among those of two subsets.
constexpr std::size_t kOfThird = 0x80;  ///< They are of the third.
struct SubsetBytes {
  alignas(16) std::array<std::array<Weights, 8>, 32> bytes{};
  constexpr explicit SubsetBytes(const std::array<UastcShape, 32>& shapes) {
    for (std::size_t p = 0; p < 32; ++p)
      for (std::size_t i = 0; i < 16; ++i)
        for (std::size_t k = 0; k < 8; ++k)
          bytes[p][i / 2][8 * (i % 2) + k] = static_cast<std::uint8_t>(
              shapes[p].subset[i] == 2 ? kOfThird : shapes[p].subset[i] * 8 + k);
  }
};
constexpr SubsetBytes kBytesOfTwo(kUastcShapesOfTwo);
constexpr SubsetBytes kBytesOfThree(kUastcShapesOfThree);
constexpr SubsetBytes kBytesOfTwoInThree(kUastcShapesOfTwoInThree);

/// The lines of two texels.
template <int kMode>
struct Lines {
  static constexpr int kSubsets = kUastcModeTable[kMode].subsets;
  Line first, third;
  const std::array<Weights, 8>* bytes;

  explicit HWY_INLINE Lines(const UastcBlock& block) {
    const auto& e = block.ends;
    constexpr std::size_t kSecond = kSubsets == 1 ? 0 : 2;
    first = line_of(e[0], e[1], e[kSecond], e[kSecond + 1]);
    if constexpr (kSubsets == 3) third = line_of(e[4], e[5], e[4], e[5]);
    const SubsetBytes& table = kMode == 3   ? kBytesOfThree
                               : kMode == 7 ? kBytesOfTwoInThree
                                            : kBytesOfTwo;
    bytes = &table.bytes[block.pattern & 31];
  }

  static HWY_INLINE VWords pick(VWords two, VWords third, VBytes from) {
    const VBytes picked = hn::TableLookupBytesOr0(hn::BitCast(Bytes(), two), from);
    if constexpr (kSubsets < 3) return hn::BitCast(Words(), picked);
    const hn::FixedTag<std::int8_t, 16> as_signed;
    const auto is_third =
        hn::RebindMask(Bytes(), hn::Lt(hn::BitCast(as_signed, from), hn::Zero(as_signed)));
    return hn::BitCast(Words(), hn::IfThenElse(is_third, hn::BitCast(Bytes(), third), picked));
  }
  [[nodiscard]] HWY_INLINE Line of_pair(std::size_t i) const {
    if constexpr (kSubsets == 1) return first;
    const VBytes from = load((*bytes)[i]);
    return {pick(first.base, third.base, from), pick(first.step, third.step, from)};
  }
};

template <int kMode>
HWY_INLINE void decode_mode(const UastcBlock& block, bool srgb, std::uint8_t* texels,
                            std::size_t row_bytes) {
  constexpr UastcMode kM = kUastcModeTable[kMode];
  const Lines<kMode> lines(block);
  const VBytes weights = read_weights<kM.weight_bits>(block.index, 0);
  const VBytes second = kM.planes == 2 ? read_weights<kM.weight_bits>(block.index, 1) : weights;
  const VWords of_second = lanes_of_channel(block.second_plane & 3u);
  const VWords round = hn::Set(Words(), kRound);
  const auto interpolate = [&](std::size_t pair) HWY_ATTR {
    const Line line = lines.of_pair(pair);
    const VBytes spread = load(kSpreads.bytes[pair]);
    VWords w = hn::BitCast(Words(), hn::TableLookupBytesOr0(weights, spread));
    if constexpr (kM.planes == 2) {
      const VWords w1 = hn::BitCast(Words(), hn::TableLookupBytesOr0(second, spread));
      w = hn::Or(hn::AndNot(of_second, w), hn::And(of_second, w1));
    }
    const VWords sum = hn::Add(line.base, hn::Mul(line.step, w));
    const VWords rounding = srgb ? round : hn::ShiftRight<8>(hn::Add(sum, round));
    return hn::ShiftRight<6>(hn::Add(sum, rounding));
  };
  for (std::size_t y = 0; y < 4; ++y) {
    const VBytes left = hn::BitCast(Bytes(), interpolate(2 * y));
    const VBytes right = hn::BitCast(Bytes(), interpolate(2 * y + 1));
    hn::StoreU(hn::ConcatEven(Bytes(), right, left), Bytes(), texels + y * row_bytes);
  }
}

#endif

using DecodeBlock = void (*)(const UastcBlock&, bool, std::uint8_t*, std::size_t);

template <int kMode>
HWY_ATTR void decode_block(const UastcBlock& block, bool srgb, std::uint8_t* texels,
                           std::size_t row_bytes) {
  if constexpr (kMode == kUastcFlat)
    fill(block.ends[0], texels, row_bytes);
  else if constexpr (kMode == kUastcInvalid)
    fill(kUastcErrorColor, texels, row_bytes);
  else
    decode_mode<kMode>(block, srgb, texels, row_bytes);
}

template <int... kModes>
constexpr std::array<DecodeBlock, sizeof...(kModes)> make_decoders(
    std::integer_sequence<int, kModes...> /*modes*/) {
  return {decode_block<kModes>...};
}

HWY_ATTR void decode_blocks(const codec::DecodeRun& run) {
  constexpr auto kDecoders = make_decoders(std::make_integer_sequence<int, kUastcInvalid + 1>());
  const bool srgb = run.format == Format::kASTC4x4Srgb;
  UastcBlock block;
  for (std::size_t b = 0; b < run.count; ++b) {
    unpack_uastc_block(run.blocks + 16 * b, block);
    kDecoders[static_cast<std::size_t>(block.mode)](block, srgb, run.texels + 16 * b,
                                                    run.row_bytes);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::basis
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::basis {

HWY_EXPORT(decode_blocks);

void decode_uastc(const codec::DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_blocks)(run); }

}  // namespace forge3d::basis
#endif  // HWY_ONCE
