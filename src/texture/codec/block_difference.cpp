// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/block_difference.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/block_difference.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "texture/codec/block_codec.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A byte as a number from 0: two's complement codes are moved up, -128 counting as -127.
int code(std::uint8_t byte, bool is_signed) {
  if (!is_signed) return byte;
  return (byte ^ 0x80) == 0 ? 1 : byte ^ 0x80;
}

std::uint32_t plain_difference(const DifferenceRun& d, std::size_t block) {
  const std::size_t width = d.block_width * 4;
  std::uint32_t sum = 0;
  for (std::size_t y = 0; y < d.block_height; ++y) {
    const std::uint8_t* a = d.a.texels + y * d.a.row_bytes + block * width;
    const std::uint8_t* b = d.b.texels + y * d.b.row_bytes + block * width;
    for (std::size_t x = 0; x < width; x += 4)
      for (std::size_t c = 0; c < d.channels; ++c) {
        const int difference = code(a[x + c], d.is_signed) - code(b[x + c], d.is_signed);
        sum += static_cast<std::uint32_t>(difference * difference);
      }
  }
  return sum;
}

#if HWY_TARGET != HWY_SCALAR
using TagU8 = hn::ScalableTag<std::uint8_t>;
using TagI16 = hn::Repartition<std::int16_t, TagU8>;
using TagI32 = hn::Repartition<std::int32_t, TagU8>;

template <class V>
HWY_INLINE V absolute_difference(V a, V b) {
  return hn::Or(hn::SaturatedSub(a, b), hn::SaturatedSub(b, a));
}

/// Rows of 4 x 4 blocks: 16 bytes of a vector are a block.
HWY_INLINE void difference_of_vector(const DifferenceRun& d, std::size_t first,
                                     std::uint32_t* out) {
  const TagU8 d8;
  const TagI16 d16;
  const TagI32 d32;
  const auto keep = hn::BitCast(
      d8, hn::Set(hn::Repartition<std::uint32_t, TagU8>(),
                  d.channels == 4 ? ~0u : (1u << (8 * static_cast<unsigned>(d.channels))) - 1));
  const auto flip = hn::Set(d8, static_cast<std::uint8_t>(d.is_signed ? 0x80 : 0));
  const auto least = hn::Set(d8, static_cast<std::uint8_t>(d.is_signed ? 1 : 0));
  auto sum = hn::Zero(d32), more = hn::Zero(d32);
  for (std::size_t y = 0; y < 4; ++y) {
    const auto a = hn::LoadU(d8, d.a.texels + y * d.a.row_bytes + first * 16);
    const auto b = hn::LoadU(d8, d.b.texels + y * d.b.row_bytes + first * 16);
    const auto gap = hn::And(keep, absolute_difference(hn::Max(hn::Xor(a, flip), least),
                                                       hn::Max(hn::Xor(b, flip), least)));
    const auto low = hn::BitCast(d16, hn::InterleaveLower(d8, gap, hn::Zero(d8)));
    const auto high = hn::BitCast(d16, hn::InterleaveUpper(d8, gap, hn::Zero(d8)));
    sum = hn::ReorderWidenMulAccumulate(d32, low, low, sum, more);
    sum = hn::ReorderWidenMulAccumulate(d32, high, high, sum, more);
  }
  sum = hn::Add(sum, more);
  sum = hn::Add(sum, hn::Shuffle2301(sum));
  sum = hn::Add(sum, hn::Shuffle1032(sum));
  alignas(64) std::int32_t lanes[hn::MaxLanes(TagI32())];
  hn::Store(sum, d32, lanes);
  for (std::size_t i = 0; i < hn::MaxLanes(TagI32()) / 4; ++i)
    out[i] = static_cast<std::uint32_t>(lanes[i * 4]);
}
#endif

void differences(const DifferenceRun& d, std::size_t blocks, std::uint32_t* out) {
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr std::size_t kBlocks = hn::MaxLanes(TagU8()) / 16;
  if (d.block_width == 4 && d.block_height == 4)
    for (; i + kBlocks <= blocks; i += kBlocks) difference_of_vector(d, i, out + i);
#endif
  for (; i < blocks; ++i) out[i] = plain_difference(d, i);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {
HWY_EXPORT(differences);

void block_differences(Format format, BlockTexels a, BlockTexels b, std::size_t blocks,
                       std::uint32_t* out) {
  const FormatInfo& info = *format_info(format);
  const bool is_signed = block_codec(format).texels == TexelType::kRgba8Snorm;
  HWY_DYNAMIC_DISPATCH(differences)
  ({a, b, info.block_width, info.block_height, info.channels, is_signed}, blocks, out);
}

}  // namespace forge3d::codec
#endif
