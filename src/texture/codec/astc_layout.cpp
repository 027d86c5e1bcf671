// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_layout.hpp"

namespace forge3d::codec {
namespace {

struct Grid {
  int width = 0;
  int height = 0;
};

/// Table "2D Block Mode Layout": the grid where bits 0..1 are not both 0.
constexpr Grid first_grid(int mode) {
  const int a = mode >> 5 & 3;
  const int b = mode >> 7 & 3;
  switch (mode >> 2 & 3) {
    case 0:
      return {b + 4, a + 2};
    case 1:
      return {b + 8, a + 2};
    case 2:
      return {a + 2, b + 8};
    default:
      return b >= 2 ? Grid{(b & 1) + 2, a + 2} : Grid{a + 2, b + 6};
  }
}

/// The grid where bits 0..1 are 0; {0, 0} where the mode is reserved.
constexpr Grid second_grid(int mode) {
  const int a = mode >> 5 & 3;
  const int b = mode >> 9 & 3;
  switch (mode >> 7 & 3) {
    case 0:
      return {12, a + 2};
    case 1:
      return {a + 2, 12};
    case 2:
      return {a + 6, b + 6};
    default:
      return a == 0 ? Grid{6, 10} : a == 1 ? Grid{10, 6} : Grid{};
  }
}

constexpr AstcBlockMode decode_mode(int mode) {
  const bool first = (mode & 3) != 0;
  const int r = (first ? (mode & 3) << 1 : mode >> 1 & 6) | (mode >> 4 & 1);
  const Grid grid = first ? first_grid(mode) : second_grid(mode);
  if (r < 2 || grid.width == 0) return {};
  // The one layout whose grid takes the bits of the second plane and of the high ranges.
  const bool wide = !first && (mode >> 7 & 3) == 2;
  const bool high = !wide && (mode >> 9 & 1) != 0;
  const bool dual = !wide && (mode >> 10 & 1) != 0;
  const int range = r - 2 + (high ? 6 : 0);
  const int weights = grid.width * grid.height * (dual ? 2 : 1);
  if (weights > kAstcMaxWeights) return {};
  const int bits = kAstcRanges[static_cast<std::size_t>(range)].sequence_bits(weights);
  if (bits < 24 || bits > 96) return {};
  return {static_cast<std::uint8_t>(grid.width), static_cast<std::uint8_t>(grid.height),
          static_cast<std::uint8_t>(range),      static_cast<std::uint8_t>(weights),
          static_cast<std::uint8_t>(bits),       dual};
}

constexpr std::array<AstcBlockMode, kAstcBlockModes> make_modes() {
  std::array<AstcBlockMode, kAstcBlockModes> out{};
  for (int mode = 0; mode < kAstcBlockModes; ++mode)
    out[static_cast<std::size_t>(mode)] = decode_mode(mode);
  return out;
}
constexpr auto kModes = make_modes();

using ColorRanges = std::array<std::array<std::int8_t, 128>, 10>;

constexpr ColorRanges make_color_ranges() {
  ColorRanges out{};
  for (std::size_t pairs = 1; pairs < out.size(); ++pairs)
    for (int bits = 0; bits < 128; ++bits) {
      out[pairs][static_cast<std::size_t>(bits)] = -1;
      for (int r = kAstcFirstColorRange; r < static_cast<int>(kAstcRanges.size()); ++r)
        if (kAstcRanges[static_cast<std::size_t>(r)].sequence_bits(2 * static_cast<int>(pairs)) <=
            bits)
          out[pairs][static_cast<std::size_t>(bits)] = static_cast<std::int8_t>(r);
    }
  return out;
}
constexpr ColorRanges kColorRanges = make_color_ranges();

std::uint32_t hash52(std::uint32_t p) {
  p ^= p >> 15;
  p *= 0xeede0891u;  // (2^4 + 1) * (2^7 + 1) * (2^17 - 1)
  p ^= p >> 5;
  p += p << 16;
  p ^= p >> 7;
  p ^= p >> 3;
  p ^= p << 6;
  p ^= p >> 17;
  return p;
}

/// The texel coordinate `texel` of `texels` in sixteenths of a grid step.
int grid_position(int texel, int texels, int weights) {
  const int step = (1024 + texels / 2) / (texels - 1);
  return (step * texel * (weights - 1) + 32) >> 6;
}

}  // namespace

const std::array<AstcBlockMode, kAstcBlockModes> kAstcModes = kModes;

int astc_color_range(int pairs, int bits) {
  return kColorRanges[static_cast<std::size_t>(pairs)][static_cast<std::size_t>(bits)];
}

AstcInfill make_astc_infill(int block_width, int block_height, int grid_width, int grid_height) {
  AstcInfill out;
  for (int y = 0; y < block_height; ++y)
    for (int x = 0; x < block_width; ++x) {
      const auto texel = static_cast<std::size_t>(y * block_width + x);
      const int gx = grid_position(x, block_width, grid_width);
      const int gy = grid_position(y, block_height, grid_height);
      const int fx = gx & 15;
      const int fy = gy & 15;
      const int both = (fx * fy + 8) >> 4;
      out.at[texel] = static_cast<std::uint8_t>((gy >> 4) * grid_width + (gx >> 4));
      out.factor[0][texel] = static_cast<std::uint8_t>(16 - fx - fy + both);
      out.factor[1][texel] = static_cast<std::uint8_t>(fx - both);
      out.factor[2][texel] = static_cast<std::uint8_t>(fy - both);
      out.factor[3][texel] = static_cast<std::uint8_t>(both);
    }
  return out;
}

int astc_partition(int seed, int partitions, int x, int y, bool small) {
  const auto ux = static_cast<std::uint32_t>(small ? 2 * x : x);
  const auto uy = static_cast<std::uint32_t>(small ? 2 * y : y);
  const int full_seed = seed + (partitions - 1) * 1024;
  const std::uint32_t hash = hash52(static_cast<std::uint32_t>(full_seed));
  // The specification's seed1 .. seed8 (those of z are not needed): squares of four bits, shifted.
  const int odd = (full_seed & 2) != 0 ? 4 : 5;
  const int even = partitions == 3 ? 6 : 5;
  const int shift1 = (full_seed & 1) != 0 ? odd : even;
  const int shift2 = (full_seed & 1) != 0 ? even : odd;
  std::array<std::uint32_t, 4> value{};
  for (std::size_t k = 0; k < 4; ++k) {
    const std::uint32_t a = hash >> (8 * k) & 15;
    const std::uint32_t b = hash >> (8 * k + 4) & 15;
    const std::uint32_t offset = hash >> (14 - 4 * k);
    value[k] = ((a * a >> shift1) * ux + (b * b >> shift2) * uy + offset) & 63;
  }
  if (partitions <= 3) value[3] = 0;
  if (partitions <= 2) value[2] = 0;
  int best = 0;  // The first of the largest.
  for (int k = 1; k < 4; ++k)
    if (value[static_cast<std::size_t>(k)] > value[static_cast<std::size_t>(best)]) best = k;
  return best;
}

AstcFootprint::AstcFootprint(int width, int height) : width_(width), height_(height) {
  for (int h = 2; h <= height; ++h)
    for (int w = 2; w <= width; ++w)
      if (w * h <= kAstcMaxWeights)
        infills_[static_cast<std::size_t>(h * kGridSide + w)] =
            std::make_unique<AstcInfill>(make_astc_infill(width, height, w, h));
  partitions_.reserve(static_cast<std::size_t>(3 * kAstcPartitionSeeds * texels()));
  for (int partitions = 2; partitions <= 4; ++partitions)
    for (int seed = 0; seed < kAstcPartitionSeeds; ++seed)
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
          partitions_.push_back(
              static_cast<std::uint8_t>(astc_partition(seed, partitions, x, y, texels() < 32)));
}

namespace {

template <int kWidth, int kHeight>
const AstcFootprint& footprint() {
  static const AstcFootprint out(kWidth, kHeight);
  return out;
}

}  // namespace

const AstcFootprint& astc_footprint(int width, int height) {
  switch (width * 16 + height) {
    case 0x54:
      return footprint<5, 4>();
    case 0x55:
      return footprint<5, 5>();
    case 0x65:
      return footprint<6, 5>();
    case 0x66:
      return footprint<6, 6>();
    case 0x85:
      return footprint<8, 5>();
    case 0x86:
      return footprint<8, 6>();
    case 0x88:
      return footprint<8, 8>();
    case 0xa5:
      return footprint<10, 5>();
    case 0xa6:
      return footprint<10, 6>();
    case 0xa8:
      return footprint<10, 8>();
    case 0xaa:
      return footprint<10, 10>();
    case 0xca:
      return footprint<12, 10>();
    case 0xcc:
      return footprint<12, 12>();
    default:
      return footprint<4, 4>();
  }
}

}  // namespace forge3d::codec
