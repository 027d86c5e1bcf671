// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What the vector decoders of BC6H and BC7 share: reading a block's fields, and the weights of its
// indices. Vectors of 16 bytes, so not for the scalar target. Included once a target, inside
// foreach_target.

#if defined(FORGE3D_BPTC_DECODE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_BPTC_DECODE_INL
#undef FORGE3D_BPTC_DECODE_INL
#else
#define FORGE3D_BPTC_DECODE_INL
#endif

#include <hwy/highway.h>

#include <cstring>

#include "texture/codec/bc7_windows.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR
namespace hn = hwy::HWY_NAMESPACE;
using Bytes = hn::FixedTag<std::uint8_t, 16>;
using Words = hn::FixedTag<std::uint16_t, 8>;
using Pair = hn::FixedTag<std::uint64_t, 2>;
using VBytes = hn::Vec<Bytes>;
using VWords = hn::Vec<Words>;

HWY_INLINE VBytes load(const std::array<std::uint8_t, 16>& bytes) {
  return hn::Load(Bytes(), bytes.data());
}
HWY_INLINE VWords load(const std::array<std::uint16_t, 8>& words) {
  return hn::Load(Words(), words.data());
}
HWY_INLINE VWords words_of(VBytes bytes) { return hn::BitCast(Words(), bytes); }
HWY_INLINE VBytes bytes_of(VWords words) { return hn::BitCast(Bytes(), words); }

HWY_INLINE VWords read_windows(VBytes block, const Bc7Windows& windows) {
  return hn::Mul(words_of(hn::TableLookupBytesOr0(block, load(windows.bytes))),
                 load(windows.factor));
}

/// The bits of a block as two numbers.
struct BlockBits {
  std::uint64_t low, high;
  explicit HWY_INLINE BlockBits(const std::uint8_t* bytes) {
    std::memcpy(&low, bytes, 8);
    std::memcpy(&high, bytes + 8, 8);
  }
  /// The bits from `offset` on; where there are 64 of them or more, the rest is cut off.
  template <int offset>
  [[nodiscard]] HWY_INLINE std::uint64_t from() const {
    if constexpr (offset >= 64)
      return high >> (offset - 64);
    else
      return low >> offset | high << (64 - offset);
  }
};

/// Weights by index; indices above are masked away by the windows.
template <int kBits>
struct WeightTable {
  alignas(16) std::array<std::uint8_t, 16> weights{};
  constexpr WeightTable() {
    for (int i = 0; i < 1 << kBits; ++i)
      weights[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(bc7_weight(i, kBits));
  }
};

/// Makes room in a row of indices for the leading bit of the index of texel `anchor`.
template <int kBits>
HWY_INLINE std::uint64_t with_anchor(std::uint64_t row, int anchor) {
  return row + (row & (~std::uint64_t{0} << (anchor * kBits + kBits - 1)));
}

/// The weights of a complete row of indices: of texel i in byte 2 * (i % 8) + i / 8.
template <int kBits>
HWY_INLINE VBytes read_weights(std::uint64_t row) {
  static constexpr Bc7Windows kLow = bc7_index_windows(kBits, 0);
  static constexpr Bc7Windows kHigh = bc7_index_windows(kBits, 8);
  static constexpr WeightTable<kBits> kTable;
  const VBytes bits = hn::BitCast(Bytes(), hn::Set(Pair(), row));
  const VWords low = hn::ShiftRight<16 - kBits>(read_windows(bits, kLow));
  const VWords high = hn::ShiftRight<16 - kBits>(read_windows(bits, kHigh));
  const VBytes indices = bytes_of(hn::Or(low, hn::ShiftLeft<8>(high)));
  return hn::TableLookupBytes(load(kTable.weights), indices);
}

#endif
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_BPTC_DECODE_INL
