// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_decoder.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "texture/codec/bc7_layout.hpp"

namespace forge3d::codec {
namespace {

/// Takes fields from the low end of a 128-bit block.
class BitReader {
 public:
  explicit BitReader(const std::uint8_t* bytes) {
    for (std::size_t i = 0; i < 8; ++i) {
      low_ |= std::uint64_t{bytes[i]} << (8 * i);
      high_ |= std::uint64_t{bytes[i + 8]} << (8 * i);
    }
  }
  /// The next `count` (0..63) bits.
  int take(int count) {
    if (count == 0) return 0;
    const std::uint64_t value = low_ & ((std::uint64_t{1} << count) - 1);
    low_ = low_ >> count | high_ << (64 - count);
    high_ >>= count;
    return static_cast<int>(value);
  }

 private:
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

using Endpoint = std::array<int, 4>;

/// Two endpoints a subset, widened to 8 bits.
using Endpoints = std::array<Endpoint, 6>;

Endpoints read_endpoints(const Bc7Mode& mode, BitReader& bits) {
  Endpoints ends{};
  const std::size_t count = std::size_t{2} * mode.subsets;
  for (std::size_t c = 0; c < 4; ++c)
    for (std::size_t e = 0; e < count; ++e)
      ends[e][c] = bits.take(c < 3 ? mode.color_bits : mode.alpha_bits);
  int extra = 0;
  if (mode.parity != ParityBits::kNone) {
    extra = 1;
    const std::size_t step = mode.parity == ParityBits::kOnePerSubset ? 2 : 1;
    for (std::size_t e = 0; e < count; e += step) {
      const int parity = bits.take(1);
      for (std::size_t k = e; k < e + step; ++k)
        for (int& value : ends[k]) value = value << 1 | parity;
    }
  }
  for (std::size_t e = 0; e < count; ++e) {
    for (std::size_t c = 0; c < 3; ++c)
      ends[e][c] = bc7_expand(ends[e][c], mode.color_bits + extra);
    ends[e][3] = mode.alpha_bits == 0 ? 255 : bc7_expand(ends[e][3], mode.alpha_bits + extra);
  }
  return ends;
}

using Indices = std::array<int, kTexels>;

Indices read_indices(int index_bits, int subsets, int partition, BitReader& bits) {
  Indices indices{};
  for (int i = 0; i < kTexels; ++i) {
    const bool anchor = bc7_anchor(subsets, partition, bc7_subset(subsets, partition, i)) == i;
    indices[static_cast<std::size_t>(i)] = bits.take(index_bits - (anchor ? 1 : 0));
  }
  return indices;
}

/// The header of a block and all its indices.
struct Fields {
  int partition = 0;
  int rotation = 0;
  Endpoints ends{};
  Indices color_weights{};
  Indices alpha_weights{};
};

void to_weights(Indices& indices, int bits) {
  for (int& index : indices) index = bc7_weight(index, bits);
}

Fields read_fields(const Bc7Mode& mode, BitReader& bits) {
  Fields f;
  f.partition = bits.take(mode.partition_bits);
  f.rotation = bits.take(mode.rotation_bits);
  const bool swap_indices = bits.take(mode.index_selection_bits) != 0;
  f.ends = read_endpoints(mode, bits);
  f.color_weights = read_indices(mode.index_bits, mode.subsets, f.partition, bits);
  to_weights(f.color_weights, mode.index_bits);
  f.alpha_weights = f.color_weights;
  if (mode.second_index_bits > 0) {
    f.alpha_weights = read_indices(mode.second_index_bits, 1, 0, bits);
    to_weights(f.alpha_weights, mode.second_index_bits);
  }
  if (swap_indices) std::swap(f.color_weights, f.alpha_weights);
  return f;
}

}  // namespace

void decode_bc7(const std::uint8_t* bytes, Rgba8Block& out) {
  const int mode_index = std::countr_zero(bytes[0]);
  if (mode_index >= 8) return out.fill(0);
  const Bc7Mode& mode = kBc7Modes[static_cast<std::size_t>(mode_index)];
  BitReader bits(bytes);
  bits.take(mode_index + 1);
  const Fields f = read_fields(mode, bits);
  for (std::size_t i = 0; i < kTexels; ++i) {
    const int subset = bc7_subset(mode.subsets, f.partition, static_cast<int>(i));
    const Endpoint& a = f.ends[static_cast<std::size_t>(2 * subset)];
    const Endpoint& b = f.ends[static_cast<std::size_t>(2 * subset + 1)];
    std::uint8_t* texel = out.data() + 4 * i;
    for (std::size_t c = 0; c < 4; ++c)
      texel[c] = static_cast<std::uint8_t>(
          bc7_interpolate(a[c], b[c], c < 3 ? f.color_weights[i] : f.alpha_weights[i]));
    if (f.rotation > 0) std::swap(texel[3], texel[f.rotation - 1]);
  }
}

}  // namespace forge3d::codec
