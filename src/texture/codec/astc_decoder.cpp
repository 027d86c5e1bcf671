// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_decoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/astc_decoder.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <array>
#include <bit>
#include <cstring>

#include "texture/codec/astc_block.hpp"
#include "texture/codec/astc_ends.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using TagI16 = hn::ScalableTag<std::int16_t>;

constexpr std::size_t kTexelLanes = 4;
/// Channels of a block, with room to round up to whole vectors.
constexpr std::size_t kMaxChannels = kAstcMaxTexels * kTexelLanes;
static_assert(kMaxChannels % hn::MaxLanes(TagI16()) == 0);
constexpr std::size_t kRoundTexels = 32;
constexpr std::size_t kWeightRoom =
    (kAstcMaxTexels + kRoundTexels - 1) / kRoundTexels * kRoundTexels;

/// A weight in each of the four channels' 16 bits.
constexpr std::uint64_t kEachChannel = 0x0001000100010001;

/// What one block's texels are made of, channels R G B A in 16-bit lanes.
struct Lerp {
  alignas(64) std::array<std::int16_t, kMaxChannels> base;        ///< 64 times the first end.
  alignas(64) std::array<std::int16_t, kMaxChannels> difference;  ///< Second end less the first.
  alignas(64) std::array<std::int16_t, kMaxChannels> weight;      ///< 0..64
};

/// Weights of all texels from those of a grid.
HWY_INLINE void fill_in(const AstcInfill& infill, std::size_t texels, std::size_t grid_width,
                        const std::uint8_t* grid, std::uint8_t* out) {
  alignas(64) std::array<std::array<std::uint8_t, kWeightRoom>, 4> corner;
  for (std::size_t i = 0; i < texels; ++i) {
    const std::uint8_t* at = grid + infill.at[i];
    corner[0][i] = at[0];
    corner[1][i] = at[1];
    corner[2][i] = at[grid_width];
    corner[3][i] = at[grid_width + 1];
  }
  for (std::size_t i = 0; i < texels; ++i) {
    unsigned sum = 8;
    for (std::size_t k = 0; k < 4; ++k) sum += unsigned{corner[k][i]} * infill.factor[k][i];
    out[i] = static_cast<std::uint8_t>(sum >> 4);
  }
}

/// The weights of a plane, one a texel: the grid itself where it is as large as the block.
HWY_INLINE const std::uint8_t* texel_weights(const AstcBlock& block, const AstcFootprint& size,
                                             std::size_t plane, std::uint8_t* room) {
  if (block.mode.grid_width == size.width() && block.mode.grid_height == size.height())
    return block.weights[plane].data();
  fill_in(size.infill(block.mode.grid_width, block.mode.grid_height),
          static_cast<std::size_t>(size.texels()), block.mode.grid_width,
          block.weights[plane].data(), room);
  return room;
}

HWY_INLINE void spread_weights(const AstcBlock& block, const AstcFootprint& size, Lerp& out) {
  std::array<std::uint8_t, kWeightRoom> room;
  const auto texels = static_cast<std::size_t>(size.texels());
  const std::uint8_t* first = texel_weights(block, size, 0, room.data());
  auto* to = reinterpret_cast<char*>(out.weight.data());
  if (!block.mode.dual_plane) {
    for (std::size_t i = 0; i < texels; ++i) {
      const std::uint64_t w = first[i] * kEachChannel;
      std::memcpy(to + 8 * i, &w, 8);
    }
    return;
  }
  std::array<std::uint8_t, kWeightRoom> second_room;
  const std::uint8_t* second = texel_weights(block, size, 1, second_room.data());
  std::array<std::uint16_t, 4> mask{};
  mask[static_cast<std::size_t>(block.second_plane)] = 0xffff;
  const auto m = std::bit_cast<std::uint64_t>(mask);
  for (std::size_t i = 0; i < texels; ++i) {
    const std::uint64_t w = (first[i] * kEachChannel & ~m) | (second[i] * kEachChannel & m);
    std::memcpy(to + 8 * i, &w, 8);
  }
}

/// The base and difference of one partition's ends.
struct EndsI16 {
  std::array<std::int16_t, 4> base;
  std::array<std::int16_t, 4> difference;
};

HWY_INLINE EndsI16 ends_of(const AstcBlock& block, std::size_t partition) {
  const AstcEnds ends = unpack_astc_ends(block.end_mode[partition],
                                         block.values.data() + block.first_value[partition]);
  EndsI16 out{};
  if (ends.hdr_color || ends.hdr_alpha) {
    out.base = {64 * 255, 0, 64 * 255, 64 * 255};
    return out;
  }
  for (std::size_t c = 0; c < 4; ++c) {
    out.base[c] = static_cast<std::int16_t>(64 * ends.end[0][c]);
    out.difference[c] = static_cast<std::int16_t>(ends.end[1][c] - ends.end[0][c]);
  }
  return out;
}

HWY_INLINE void spread_ends(const AstcBlock& block, const AstcFootprint& size, Lerp& out) {
  std::array<EndsI16, 4> ends;
  const auto texels = static_cast<std::size_t>(size.texels());
  for (std::size_t p = 0; p < static_cast<std::size_t>(block.partitions); ++p)
    ends[p] = ends_of(block, p);
  if (block.partitions == 1) {
    for (std::size_t i = 0; i < texels; ++i) {
      std::memcpy(&out.base[4 * i], ends[0].base.data(), 8);
      std::memcpy(&out.difference[4 * i], ends[0].difference.data(), 8);
    }
    return;
  }
  const std::uint8_t* partition = size.partition(block.partitions, block.seed);
  for (std::size_t i = 0; i < texels; ++i) {
    std::memcpy(&out.base[4 * i], ends[partition[i]].base.data(), 8);
    std::memcpy(&out.difference[4 * i], ends[partition[i]].difference.data(), 8);
  }
}

/// The specification interpolates ends widened to 16 bits and the upper eight bits count. With
/// s = a * (64 - w) + b * w of 8-bit ends that is (257 * s + 32) >> 14; for sRGB, whose ends are
/// 256 * a + 128, it is (s + 32) >> 6. Both fit 16-bit lanes.
template <bool kSrgb>
HWY_INLINE void interpolate(const Lerp& lerp, std::size_t channels, std::uint8_t* out) {
  const TagI16 d;
  const hn::Rebind<std::uint8_t, TagI16> d8;
  const auto half = hn::Set(d, 32);
  for (std::size_t i = 0; i < channels; i += hn::Lanes(d)) {
    auto s = hn::Add(
        hn::Load(d, lerp.base.data() + i),
        hn::Mul(hn::Load(d, lerp.difference.data() + i), hn::Load(d, lerp.weight.data() + i)));
    s = hn::Add(s, kSrgb ? half : hn::ShiftRight<8>(hn::Add(s, half)));
    hn::StoreU(hn::DemoteTo(d8, hn::ShiftRight<6>(s)), d8, out + i);
  }
}

HWY_INLINE void fill(std::size_t texels, const std::array<std::uint8_t, 4>& color,
                     std::uint8_t* out) {
  for (std::size_t i = 0; i < texels; ++i) std::memcpy(out + 4 * i, color.data(), 4);
}

/// Copies rows of kBytes bytes.
template <std::size_t kBytes>
HWY_INLINE void copy_rows(const std::uint8_t* from, std::size_t rows, std::uint8_t* to,
                          std::size_t row_bytes) {
  for (std::size_t y = 0; y < rows; ++y) std::memcpy(to + y * row_bytes, from + y * kBytes, kBytes);
}

/// Copies a block's texels to where they belong.
template <std::size_t kTexelBytes>
HWY_INLINE void store_block(const std::uint8_t* texels, std::size_t width, std::size_t height,
                            std::uint8_t* to, std::size_t row_bytes) {
  switch (width) {
    case 4:
      return copy_rows<4 * kTexelBytes>(texels, height, to, row_bytes);
    case 5:
      return copy_rows<5 * kTexelBytes>(texels, height, to, row_bytes);
    case 6:
      return copy_rows<6 * kTexelBytes>(texels, height, to, row_bytes);
    case 8:
      return copy_rows<8 * kTexelBytes>(texels, height, to, row_bytes);
    case 10:
      return copy_rows<10 * kTexelBytes>(texels, height, to, row_bytes);
    default:
      return copy_rows<12 * kTexelBytes>(texels, height, to, row_bytes);
  }
}

template <bool kSrgb>
void decode_ldr(const DecodeRun& run, const AstcFootprint& size) {
  const auto width = static_cast<std::size_t>(size.width());
  const auto height = static_cast<std::size_t>(size.height());
  const std::size_t texels = width * height;
  AstcBlock block{};
  Lerp lerp{};
  alignas(64) std::array<std::uint8_t, kMaxChannels> out;
  for (std::size_t b = 0; b < run.count; ++b) {
    unpack_astc_block(run.blocks + 16 * b, size, block);
    switch (block.kind) {
      case AstcBlock::Kind::kWeighted:
        spread_weights(block, size, lerp);
        spread_ends(block, size, lerp);
        interpolate<kSrgb>(lerp, kTexelLanes * texels, out.data());
        break;
      case AstcBlock::Kind::kConstant:
        fill(texels,
             {static_cast<std::uint8_t>(block.constant[0] >> 8),
              static_cast<std::uint8_t>(block.constant[1] >> 8),
              static_cast<std::uint8_t>(block.constant[2] >> 8),
              static_cast<std::uint8_t>(block.constant[3] >> 8)},
             out.data());
        break;
      default:
        fill(texels, {255, 0, 255, 255}, out.data());
    }
    store_block<4>(out.data(), width, height, run.texels + 4 * width * b, run.row_bytes);
  }
}

void decode_unorm(const DecodeRun& run, const AstcFootprint& size) { decode_ldr<false>(run, size); }
void decode_srgb(const DecodeRun& run, const AstcFootprint& size) { decode_ldr<true>(run, size); }

/// A 16-bit fraction (of 65536, but 65535 is 1) as a half float, cut off.
HWY_INLINE std::uint16_t half_of_fraction(std::uint32_t v) {
  if (v == 0xffff) return 0x3c00;
  if (v < 4) return static_cast<std::uint16_t>(v << 8);
  const auto zeros = static_cast<std::uint32_t>(std::countl_zero(static_cast<std::uint16_t>(v)));
  return static_cast<std::uint16_t>((v << (zeros + 1) & 0xffff) >> 6 | (14 - zeros) << 10);
}

/// The specification's logarithmic 16-bit number as a half float.
HWY_INLINE std::uint16_t half_of_log(std::uint32_t v) {
  const std::uint32_t m = v & 0x7ff;
  const std::uint32_t t = m < 512 ? 3 * m : m < 1536 ? 4 * m - 512 : 5 * m - 2048;
  const std::uint32_t half = v >> 11 << 10 | t >> 3;
  return static_cast<std::uint16_t>(half < 0x7bff ? half : 0x7bff);
}

using HalfColor = std::array<std::uint16_t, 4>;

/// One partition's ends as 16-bit numbers.
struct EndsHdr {
  std::array<std::array<std::uint32_t, 4>, 2> end;
  std::array<bool, 4> hdr;
};

HWY_INLINE EndsHdr hdr_ends_of(const AstcBlock& block, std::size_t partition) {
  const AstcEnds ends = unpack_astc_ends(block.end_mode[partition],
                                         block.values.data() + block.first_value[partition]);
  EndsHdr out{};
  for (std::size_t c = 0; c < 4; ++c) {
    out.hdr[c] = c < 3 ? ends.hdr_color : ends.hdr_alpha;
    for (std::size_t e = 0; e < 2; ++e)
      out.end[e][c] = static_cast<std::uint32_t>(ends.end[e][c]) * (out.hdr[c] ? 1 : 257);
  }
  return out;
}

HWY_INLINE void interpolate_hdr(const AstcBlock& block, const AstcFootprint& size, const Lerp& lerp,
                                std::uint16_t* out) {
  std::array<EndsHdr, 4> ends;
  for (std::size_t p = 0; p < static_cast<std::size_t>(block.partitions); ++p)
    ends[p] = hdr_ends_of(block, p);
  const std::uint8_t* partition =
      block.partitions == 1 ? nullptr : size.partition(block.partitions, block.seed);
  for (std::size_t i = 0; i < static_cast<std::size_t>(size.texels()); ++i) {
    const EndsHdr& e = ends[partition == nullptr ? 0 : partition[i]];
    for (std::size_t c = 0; c < 4; ++c) {
      const auto w = static_cast<std::uint32_t>(lerp.weight[4 * i + c]);
      const std::uint32_t v = (e.end[0][c] * (64 - w) + e.end[1][c] * w + 32) >> 6;
      out[4 * i + c] = e.hdr[c] ? half_of_log(v) : half_of_fraction(v);
    }
  }
}

void decode_hdr(const DecodeRun& run, const AstcFootprint& size) {
  const auto width = static_cast<std::size_t>(size.width());
  const auto height = static_cast<std::size_t>(size.height());
  AstcBlock block{};
  Lerp lerp{};
  alignas(64) std::array<std::uint16_t, kMaxChannels> out;
  for (std::size_t b = 0; b < run.count; ++b) {
    unpack_astc_block(run.blocks + 16 * b, size, block);
    if (block.kind == AstcBlock::Kind::kWeighted) {
      spread_weights(block, size, lerp);
      interpolate_hdr(block, size, lerp, out.data());
    } else {
      HalfColor color{0xffff, 0xffff, 0xffff, 0xffff};
      if (block.kind == AstcBlock::Kind::kConstantHdr) color = block.constant;
      if (block.kind == AstcBlock::Kind::kConstant)
        for (std::size_t c = 0; c < 4; ++c) color[c] = half_of_fraction(block.constant[c]);
      for (std::size_t i = 0; i < width * height; ++i)
        std::memcpy(&out[4 * i], color.data(), sizeof(color));
    }
    store_block<8>(reinterpret_cast<const std::uint8_t*>(out.data()), width, height,
                   run.texels + 8 * width * b, run.row_bytes);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(decode_unorm);
HWY_EXPORT(decode_srgb);
HWY_EXPORT(decode_hdr);

namespace {

const AstcFootprint& footprint_of(Format format) {
  const FormatInfo& info = *format_info(format);
  return astc_footprint(info.block_width, info.block_height);
}

}  // namespace

void decode_astc(const DecodeRun& run) {
  const AstcFootprint& size = footprint_of(run.format);
  if (format_info(run.format)->srgb)
    HWY_DYNAMIC_DISPATCH(decode_srgb)(run, size);
  else
    HWY_DYNAMIC_DISPATCH(decode_unorm)(run, size);
}

void decode_astc_hdr(const DecodeRun& run) {
  HWY_DYNAMIC_DISPATCH(decode_hdr)(run, footprint_of(run.format));
}

}  // namespace forge3d::codec
#endif  // HWY_ONCE
