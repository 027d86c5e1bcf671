// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/terrain.hpp"

#include <algorithm>
#include <utility>

namespace forge3d::tiles {
namespace {

constexpr std::int32_t kTopHeight = 1 << 25;
constexpr std::int64_t kTopDetail = 1 << 25;
// From level to level details shrink by 158 / 256 = 2^-0.7: rough enough to hide the cells.
constexpr std::int64_t kShrink = 158;
// Details of low ground are damped: plains and shelves beside mountains.
constexpr std::int32_t kRoughBits = 18, kFlattest = 40, kRoughest = 255;

/// A random number of a cell, after the finaliser of MurmurHash3 (Appleby).
inline std::uint32_t random_of(std::uint32_t row, std::uint32_t x) {
  std::uint32_t bits = row ^ (x * 0x9E3779B1u);
  bits ^= bits >> 16;
  bits *= 0x85EBCA6Bu;
  bits ^= bits >> 13;
  bits *= 0xC2B2AE35u;
  return bits ^ (bits >> 16);
}

inline std::uint32_t row_salt(std::uint32_t salt, std::int32_t y) {
  return random_of(salt, static_cast<std::uint32_t>(y));
}

/// Eight bits of a random number as -128..127.
inline std::int32_t signed_byte(std::uint32_t bits, int byte) {
  return static_cast<std::int32_t>((bits >> (8 * byte)) & 255u) - 128;
}

/// Splits a row of `count` cells into two rows of twice as many. `above` and `below` are the
/// neighbouring rows; cells before the first and after the last are there.
void split_row(const std::int32_t* above, const std::int32_t* row, const std::int32_t* below,
               std::uint32_t salt, std::int32_t x, std::int32_t count, std::int32_t step,
               std::int32_t* upper, std::int32_t* lower) {
  for (std::int32_t i = 0; i < count; ++i) {
    const std::int32_t here = row[i];
    const std::int32_t slope_x = (row[i + 1] - row[i - 1]) >> 3;
    const std::int32_t slope_y = (below[i] - above[i]) >> 3;
    const std::uint32_t bits = random_of(salt, static_cast<std::uint32_t>(x + i));
    const std::int32_t rough = std::clamp((here >> kRoughBits) + 90, kFlattest, kRoughest);
    const std::int32_t across = slope_x + ((signed_byte(bits, 0) * rough) >> 8) * step;
    const std::int32_t down = slope_y + ((signed_byte(bits, 1) * rough) >> 8) * step;
    const std::int32_t twist = ((signed_byte(bits, 2) * rough) >> 8) * step;
    upper[2 * i] = here - across - down + twist;
    upper[2 * i + 1] = here + across - down - twist;
    lower[2 * i] = here - across + down - twist;
    lower[2 * i + 1] = here + across + down + twist;
  }
}

}  // namespace

Terrain::Terrain(std::uint32_t top, std::uint64_t seed) : top_(top) {
  const auto low = static_cast<std::uint32_t>(seed), high = static_cast<std::uint32_t>(seed >> 32);
  for (std::uint32_t level = 0; level < salts_.size(); ++level)
    salts_[level] = random_of(random_of(low, level), high);
  std::int64_t detail = kTopDetail;
  for (std::uint32_t level = top + 1; level-- > 0;) {
    details_[level] = static_cast<std::int32_t>(std::max<std::int64_t>(detail, 128));
    detail = detail * kShrink >> 8;
  }
}

void Terrain::fill_top(Rectangle rectangle, Heights& out) const {
  out.rectangle = rectangle;
  out.texels.resize(static_cast<std::size_t>(rectangle.width) *
                    static_cast<std::size_t>(rectangle.height));
  std::int32_t* texel = out.texels.data();
  for (std::int32_t y = 0; y < rectangle.height; ++y) {
    const std::uint32_t salt = row_salt(salts_[top_], rectangle.y + y);
    for (std::int32_t x = 0; x < rectangle.width; ++x) {
      const std::uint32_t bits = random_of(salt, static_cast<std::uint32_t>(rectangle.x + x));
      *texel++ = signed_byte(bits, 0) * (kTopHeight >> 7);
    }
  }
}

void Terrain::refine(std::uint32_t level, Rectangle wanted, Heights& out) const {
  // Cells of the level above, each of which gives two rows and columns.
  const std::int32_t x0 = wanted.x >> 1, x1 = (wanted.x + wanted.width - 1) >> 1;
  const std::int32_t y0 = wanted.y >> 1, y1 = (wanted.y + wanted.height - 1) >> 1;
  std::swap(out.texels, out.coarser);
  const Rectangle coarse = out.rectangle;
  out.rectangle = {2 * x0, 2 * y0, 2 * (x1 - x0 + 1), 2 * (y1 - y0 + 1)};
  out.texels.resize(static_cast<std::size_t>(out.rectangle.width) *
                    static_cast<std::size_t>(out.rectangle.height));
  std::int32_t* upper = out.texels.data();
  for (std::int32_t y = y0; y <= y1; ++y, upper += 2 * out.rectangle.width) {
    const std::int32_t* row =
        out.coarser.data() + std::ptrdiff_t{y - coarse.y} * coarse.width + (x0 - coarse.x);
    split_row(row - coarse.width, row, row + coarse.width, row_salt(salts_[level], y), x0,
              x1 - x0 + 1, details_[level] >> 7, upper, upper + out.rectangle.width);
  }
}

void Terrain::read(std::uint32_t level, Rectangle rectangle, Heights& out) const {
  std::array<Rectangle, 32> wanted{};
  wanted[level] = rectangle;
  for (std::uint32_t above = level + 1; above <= top_; ++above) {
    const Rectangle& below = wanted[above - 1];
    const std::int32_t x0 = (below.x >> 1) - 1, x1 = ((below.x + below.width - 1) >> 1) + 1;
    const std::int32_t y0 = (below.y >> 1) - 1, y1 = ((below.y + below.height - 1) >> 1) + 1;
    wanted[above] = {x0, y0, x1 - x0 + 1, y1 - y0 + 1};
  }
  fill_top(wanted[top_], out);
  for (std::uint32_t at = top_; at-- > level;) refine(at, wanted[at], out);
}

}  // namespace forge3d::tiles
