// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The 16 bytes of one channel of a 4 x 4 block, row by row, for decoders: one vector of 128 bits,
// or an array where the target has none.

#if defined(FORGE3D_BYTE_BLOCK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BYTE_BLOCK_INL
#undef FORGE3D_BYTE_BLOCK_INL
#else
#define FORGE3D_BYTE_BLOCK_INL
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

using ByteBlock = std::array<std::uint8_t, 16>;

HWY_INLINE void store_bytes(const ByteBlock& block, std::uint8_t* out) {
  std::memcpy(out, block.data(), block.size());
}

HWY_INLINE ByteBlock all_bytes(std::uint8_t value) {
  ByteBlock block;
  block.fill(value);
  return block;
}

/// Writes a block of RGBA8 texels with blue 0.
HWY_INLINE void store_red_green(const ByteBlock& red, const ByteBlock& green, std::uint8_t alpha,
                                std::uint8_t* texels, std::size_t row_bytes) {
  for (std::size_t i = 0; i < 16; ++i) {
    const std::array<std::uint8_t, 4> texel{red[i], green[i], 0, alpha};
    std::memcpy(texels + i / 4 * row_bytes + i % 4 * 4, texel.data(), 4);
  }
}

#else

using TagByteBlock = hn::Full128<std::uint8_t>;
using TagWordBlock = hn::Full128<std::uint16_t>;
using ByteBlock = hn::Vec<TagByteBlock>;

HWY_INLINE void store_bytes(ByteBlock block, std::uint8_t* out) {
  hn::StoreU(block, TagByteBlock(), out);
}

HWY_INLINE ByteBlock all_bytes(std::uint8_t value) { return hn::Set(TagByteBlock(), value); }

/// Eight numbers, cut to 0..255, as the first eight bytes.
HWY_INLINE ByteBlock low_bytes(hn::Vec<hn::Full128<std::int16_t>> numbers) {
  return hn::ZeroExtendVector(TagByteBlock(), hn::DemoteTo(hn::Full64<std::uint8_t>(), numbers));
}

/// Writes a block of RGBA8 texels with blue 0.
HWY_INLINE void store_red_green(ByteBlock red, ByteBlock green, std::uint8_t alpha,
                                std::uint8_t* texels, std::size_t row_bytes) {
  const TagByteBlock d;
  const TagWordBlock dw;
  const auto rest = hn::Set(dw, static_cast<std::uint16_t>(alpha << 8));
  const auto upper = hn::BitCast(dw, hn::InterleaveLower(d, red, green));
  const auto lower = hn::BitCast(dw, hn::InterleaveUpper(d, red, green));
  const auto store = [&](auto row, std::size_t y)
                         HWY_ATTR { store_bytes(hn::BitCast(d, row), texels + y * row_bytes); };
  store(hn::InterleaveLower(dw, upper, rest), 0);
  store(hn::InterleaveUpper(dw, upper, rest), 1);
  store(hn::InterleaveLower(dw, lower, rest), 2);
  store(hn::InterleaveUpper(dw, lower, rest), 3);
}

#endif

/// The 8 bytes as a number, the first the lowest.
HWY_INLINE std::uint64_t little_endian(const std::uint8_t* bytes) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits |= std::uint64_t{bytes[i]} << (8 * i);
  return bits;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BYTE_BLOCK_INL
