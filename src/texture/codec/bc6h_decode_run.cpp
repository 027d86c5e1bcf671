// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The BC6H decoder in 16-byte vectors, one block after another. The scalar target decodes with the
// reference in bc6h_decoder.cpp.

#include <cstring>
#include <utility>

#include "texture/codec/bc6h_decoder.hpp"
#include "texture/codec/bc6h_layout.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc6h_decode_run.cpp"
#include <hwy/foreach_target.h>
// Highway's own order: the header of its operations comes after it.
#include <hwy/highway.h>

#include "texture/codec/bptc_decode-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

HWY_ATTR void decode_bc6h_blocks(const DecodeRun& run) {
  const bool is_signed = run.format == Format::kBC6HSfloat;
  HalfBlock block;
  for (std::size_t i = 0; i < run.count; ++i) {
    decode_bc6h(run.blocks + 16 * i, is_signed, block);
    for (std::size_t y = 0; y < 4; ++y)
      std::memcpy(run.texels + y * run.row_bytes + 32 * i, block.data() + 16 * y, 32);
  }
}

#else

using Shorts8 = hn::FixedTag<std::int16_t, 8>;
using Ints = hn::FixedTag<std::int32_t, 4>;
using VInts = hn::Vec<Ints>;

HWY_INLINE VWords of_ends(std::uint64_t first, std::uint64_t second) {
  return hn::BitCast(Words(),
                     hn::InterleaveLower(Pair(), hn::Set(Pair(), first), hn::Set(Pair(), second)));
}

/// The codes of endpoint kEnd, R in the lowest 16 bits, then G and B.
template <std::size_t kMode, int kEnd>
HWY_INLINE std::uint64_t read_end(const BlockBits& bits) {
  return [&]<std::size_t... i>(std::index_sequence<i...>) HWY_ATTR {
    const auto piece = [&]<std::size_t k>(std::integral_constant<std::size_t, k>) HWY_ATTR {
      constexpr Bc6hPiece kPiece = kBc6hPieces[kMode].pieces[k];
      if constexpr (kPiece.end != kEnd) return std::uint64_t{0};
      return (bits.template from<kPiece.offset>() & ((1u << kPiece.count) - 1))
             << (16 * kPiece.channel + kPiece.bit);
    };
    return (piece(std::integral_constant<std::size_t, i>()) | ...);
  }
  (std::make_index_sequence<kBc6hPieces[kMode].count>());
}

/// Powers of two for the channels of two endpoints: 2^(delta bits), or what completes that to 2^16.
template <std::size_t kMode>
struct DeltaFactors {
  alignas(16) std::array<std::uint16_t, 8> up{};
  alignas(16) std::array<std::uint16_t, 8> down{};
  constexpr DeltaFactors() {
    for (std::size_t i = 0; i < 8; ++i) {
      const int bits = kBc6hTable[kMode].delta_bits[i % 4 < 3 ? i % 4 : 0];
      up[i] = static_cast<std::uint16_t>(1 << (16 - bits));
      down[i] = static_cast<std::uint16_t>(1 << bits);
    }
  }
};

HWY_INLINE hn::Vec<Shorts8> shorts_of(VWords words) { return hn::BitCast(Shorts8(), words); }
HWY_INLINE VWords words_of_shorts(hn::Vec<Shorts8> shorts) { return hn::BitCast(Words(), shorts); }

/// first + the deltas, sign extended where the format is signed.
template <std::size_t kMode, bool kSigned>
HWY_INLINE VWords complete(VWords first, VWords codes) {
  constexpr const Bc6hMode& kFields = kBc6hTable[kMode];
  static constexpr DeltaFactors<kMode> kFactors;
  if constexpr (kFields.deltas) {
    // The sign bit moves to the top and back down, the bits below it follow.
    const VWords up = hn::Mul(codes, load(kFactors.up));
    codes =
        hn::Add(first, words_of_shorts(hn::MulHigh(shorts_of(up), shorts_of(load(kFactors.down)))));
  }
  constexpr int kUnused = 16 - kFields.end_bits;
  if constexpr (kSigned)
    return words_of_shorts(hn::ShiftRight<kUnused>(shorts_of(hn::ShiftLeft<kUnused>(codes))));
  return hn::And(codes, hn::Set(Words(), (1u << kFields.end_bits) - 1));
}

/// bc6h_unquantize. Shifting up and setting the highest bit below is the rounding there.
template <int kBits, bool kSigned>
HWY_INLINE VWords unquantize(VWords codes) {
  const Words d;
  const VWords zero = hn::Zero(d);
  const VWords half = hn::Set(d, (1u << 15) >> kBits);
  if constexpr (kBits == 16) {
    return codes;
  } else if constexpr (kSigned) {
    const hn::Vec<Shorts8> magnitude = hn::Abs(shorts_of(codes));
    const VWords size = words_of_shorts(magnitude);
    VWords value = hn::Or(hn::ShiftLeft<16 - kBits>(size), half);
    value = hn::IfThenZeroElse(hn::Eq(size, zero), value);
    const auto extreme = hn::Gt(magnitude, hn::Set(Shorts8(), (1 << (kBits - 1)) - 2));
    value = hn::IfThenElse(hn::RebindMask(d, extreme), hn::Set(d, 0x7fff), value);
    // (value ^ sign) - sign, sign = -1 or 0.
    const VWords sign = words_of_shorts(hn::ShiftRight<15>(shorts_of(codes)));
    return hn::Sub(hn::Xor(value, sign), sign);
  } else {
    const VWords value =
        hn::IfThenZeroElse(hn::Eq(codes, zero), hn::Or(hn::ShiftLeft<16 - kBits>(codes), half));
    return hn::Or(value, hn::VecFromMask(d, hn::Eq(codes, hn::Set(d, (1u << kBits) - 1))));
  }
}

/// What is subtracted from unsigned numbers so that they fit 16 bits with a sign.
constexpr std::int32_t kBias = 0x8000;

/// R, G, B and nothing along a line: (base + weight * step) >> 6 is the number of a texel.
struct Line {
  VInts base, step;
};

template <bool kSigned>
HWY_INLINE Line line_of(VWords ends) {
  using Half = std::conditional_t<kSigned, std::int16_t, std::uint16_t>;
  const hn::FixedTag<Half, 8> whole;
  const hn::FixedTag<Half, 4> half;
  const Ints d;
  const VInts a = hn::PromoteTo(d, hn::LowerHalf(half, hn::BitCast(whole, ends)));
  const VInts b = hn::PromoteTo(d, hn::UpperHalf(half, hn::BitCast(whole, ends)));
  const VInts from = kSigned ? a : hn::Sub(a, hn::Set(d, kBias));
  return {hn::Add(hn::ShiftLeft<6>(from), hn::Set(d, 32)), hn::Sub(b, a)};
}

/// Shuffles that bring the weight of a texel to four 32-bit lanes.
using Spreads = std::array<std::array<std::uint8_t, 16>, 16>;
constexpr Spreads spread_weights() {
  Spreads out{};
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t k = 0; k < 16; ++k)
      out[i][k] = static_cast<std::uint8_t>(k % 4 == 0 ? 2 * (i % 8) + i / 8 : 0x80);
  return out;
}
alignas(16) constexpr Spreads kSpreadWeights = spread_weights();

HWY_INLINE VInts interpolate(const Line& line, VBytes weights, std::size_t texel) {
  const VInts weight =
      hn::BitCast(Ints(), hn::TableLookupBytesOr0(weights, load(kSpreadWeights[texel])));
  return hn::ShiftRight<6>(hn::Add(line.base, hn::Mul(line.step, weight)));
}

struct OneLine {
  Line line;
  [[nodiscard]] HWY_INLINE const Line& of_texel(std::size_t) const { return line; }
};
struct TwoLines {
  Line first, second;
  VInts partition;  ///< Bit i: texel i lies on the second line.
  [[nodiscard]] HWY_INLINE Line of_texel(std::size_t texel) const {
    const auto on_second = hn::TestBit(partition, hn::Set(Ints(), 1 << texel));
    return {hn::IfThenElse(on_second, second.base, first.base),
            hn::IfThenElse(on_second, second.step, first.step)};
  }
};

HWY_INLINE VWords alpha_one() {
  return hn::BitCast(Words(), hn::Set(Pair(), std::uint64_t{0x3c00} << 48));
}

/// bc6h_half for two texels.
template <bool kSigned>
HWY_INLINE VWords to_halves(VInts left, VInts right) {
  // In 16 bytes this demotion keeps the order.
  const VWords numbers = words_of_shorts(hn::ReorderDemote2To(Shorts8(), left, right));
  const Words d;
  if constexpr (kSigned) {
    const VWords size = words_of_shorts(hn::Abs(shorts_of(numbers)));
    const VWords magnitude = hn::MulHigh(size, hn::Set(d, 31u << 11));
    const VWords sign = hn::And(numbers, hn::Set(d, 0x8000));
    return hn::Or(magnitude, hn::IfThenZeroElse(hn::Eq(magnitude, hn::Zero(d)), sign));
  } else {
    return hn::MulHigh(hn::Xor(numbers, hn::Set(d, kBias)), hn::Set(d, 31u << 10));
  }
}

template <bool kSigned, class Lines>
HWY_INLINE void store_texels(const Lines& lines, VBytes weights, std::uint8_t* texels,
                             std::size_t row_bytes) {
  for (std::size_t i = 0; i < 16; i += 2) {
    const VInts left = interpolate(lines.of_texel(i), weights, i);
    const VInts right = interpolate(lines.of_texel(i + 1), weights, i + 1);
    const VWords halves = hn::Or(to_halves<kSigned>(left, right), alpha_one());
    hn::StoreU(bytes_of(halves), Bytes(), texels + i / 4 * row_bytes + 8 * (i % 4));
  }
}

template <std::size_t kMode, bool kSigned>
void decode_mode(const std::uint8_t* bytes, std::uint8_t* texels, std::size_t row_bytes) {
  constexpr const Bc6hMode& kFields = kBc6hTable[kMode];
  constexpr int kBits = kFields.end_bits;
  const BlockBits bits(bytes);
  const std::uint64_t first_end = read_end<kMode, 0>(bits);
  const VWords first = hn::BitCast(Words(), hn::Set(Pair(), first_end));
  const VWords codes = of_ends(kFields.deltas ? 0 : first_end, read_end<kMode, 1>(bits));
  const Line line =
      line_of<kSigned>(unquantize<kBits, kSigned>(complete<kMode, kSigned>(first, codes)));
  if constexpr (kFields.subsets == 1) {
    const auto row = with_anchor<4>(bits.from<kBc6hOneSubsetIndices>(), 0);
    store_texels<kSigned>(OneLine{line}, read_weights<4>(row), texels, row_bytes);
  } else {
    const VWords more = of_ends(read_end<kMode, 2>(bits), read_end<kMode, 3>(bits));
    const Line second =
        line_of<kSigned>(unquantize<kBits, kSigned>(complete<kMode, kSigned>(first, more)));
    const std::size_t partition = bits.from<kBc6hPartitionOffset>() % kBc6hPartitions;
    auto row = with_anchor<3>(bits.from<kBc6hTwoSubsetsIndices>(), 0);
    row = with_anchor<3>(row, kAnchorOfTwo[partition]);
    store_texels<kSigned>(TwoLines{line, second, hn::Set(Ints(), kTwoSubsets[partition])},
                          read_weights<3>(row), texels, row_bytes);
  }
}

void decode_reserved(const std::uint8_t*, std::uint8_t* texels, std::size_t row_bytes) {
  for (std::size_t i = 0; i < 16; i += 2)
    hn::StoreU(bytes_of(alpha_one()), Bytes(), texels + i / 4 * row_bytes + 8 * (i % 4));
}

using DecodeBlock = void (*)(const std::uint8_t*, std::uint8_t*, std::size_t);

/// By the first five bits of the block.
template <bool kSigned>
constexpr std::array<DecodeBlock, 32> kDecoders = []<std::size_t... m>(std::index_sequence<m...>) {
  constexpr std::array<DecodeBlock, kBc6hModes> kOfMode{decode_mode<m, kSigned>...};
  std::array<DecodeBlock, 32> out{};
  for (std::size_t i = 0; i < 32; ++i)
    out[i] = kBc6hModeOfPrefix[i] < 0 ? decode_reserved
                                      : kOfMode[static_cast<std::size_t>(kBc6hModeOfPrefix[i])];
  return out;
}
(std::make_index_sequence<kBc6hModes>());

HWY_ATTR void decode_bc6h_blocks(const DecodeRun& run) {
  const auto& decoders = run.format == Format::kBC6HSfloat ? kDecoders<true> : kDecoders<false>;
  for (std::size_t i = 0; i < run.count; ++i) {
    const std::uint8_t* block = run.blocks + 16 * i;
    decoders[block[0] % 32](block, run.texels + 32 * i, run.row_bytes);
  }
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(decode_bc6h_blocks);

void decode_bc6h_run(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc6h_blocks)(run); }

}  // namespace forge3d::codec
#endif
