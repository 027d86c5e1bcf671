// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_choices.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "texture/codec/astc_writer.hpp"

namespace forge3d::codec {
namespace {

/// The mean over texels of the sum of squares of their interpolation factors: what is left of
/// independent errors of the weights.
float error_left(int side, int grid_width, int grid_height) {
  const AstcInfill infill = make_astc_infill(side, side, grid_width, grid_height);
  int sum = 0;
  for (const auto& factors : infill.factor)
    for (std::size_t i = 0; i < static_cast<std::size_t>(side * side); ++i)
      sum += factors[i] * factors[i];
  return static_cast<float>(sum) / static_cast<float>(256 * side * side);
}

/// The nearest of the first `count` numbers of a table among those from `low` to `high`; the lower
/// of two.
int nearest(const std::uint8_t* table, int count, int value, int low, int high) {
  int best = -1;
  int best_distance = std::numeric_limits<int>::max();
  for (int i = 0; i < count; ++i) {
    const int distance = std::abs(table[i] - value);
    if (table[i] < low || table[i] > high || distance > best_distance) continue;
    if (distance == best_distance && table[i] > best) continue;
    best = table[i];
    best_distance = distance;
  }
  return best;
}

AstcRoundTables make_round_tables() {
  AstcRoundTables out{};
  for (std::size_t r = 0; r < kAstcRanges.size(); ++r) {
    const int levels = kAstcRanges[r].levels();
    if (r < kAstcWeightRanges)
      for (int w = 0; w <= 64; ++w)
        out.weight[r * 65 + static_cast<std::size_t>(w)] =
            nearest(kAstcWeightOfCode[r].data(), levels, w, 0, 64);
    if (r < kAstcFirstColorRange) continue;
    for (int v = 0; v < 256; ++v) {
      const auto at = r * 256 + static_cast<std::size_t>(v);
      const std::uint8_t* table = kAstcColorOfCode[r].data();
      out.color[at] = nearest(table, levels, v, 0, 255);
      out.color_down[at] = nearest(table, levels, v, 0, v);
      out.color_up[at] = nearest(table, levels, v, v, 255);
      out.color_in_quarter[at] = nearest(table, levels, v, v & 0xc0, v | 0x3f);
    }
  }
  return out;
}

using Factors = std::array<AstcLine::Row<double>, AstcLine::kMaxSide>;

double dot(const AstcLine::Row<double>& a, const AstcLine::Row<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Gram-Schmidt: q are orthonormal, factor[g] is the sum of r[k][g] q[k] for k <= g; the projection
/// solves r p = q.
void fill_projection(const Factors& factor, int side, int count, AstcLine& line) {
  const auto n = static_cast<std::size_t>(count);
  Factors q{}, r{}, p{};
  for (std::size_t g = 0; g < n; ++g) {
    q[g] = factor[g];
    for (std::size_t k = 0; k < g; ++k) {
      r[k][g] = dot(q[k], factor[g]);
      for (std::size_t x = 0; x < q[g].size(); ++x) q[g][x] -= r[k][g] * q[k][x];
    }
    r[g][g] = std::sqrt(dot(q[g], q[g]));
    for (double& v : q[g]) v /= r[g][g];
  }
  for (std::size_t g = n; g-- > 0;)
    for (std::size_t x = 0; x < static_cast<std::size_t>(side); ++x) {
      p[g][x] = q[g][x];
      for (std::size_t k = g + 1; k < n; ++k) p[g][x] -= r[g][k] * p[k][x];
      p[g][x] /= r[g][g];
      line.project[g][x] = static_cast<float>(p[g][x]);
      line.basis[g][x] = static_cast<float>(q[g][x]);
    }
}

}  // namespace

std::vector<AstcChoice> make_astc_choices(int side, int smallest, int partitions, int end_mode,
                                          bool dual_plane) {
  std::vector<AstcChoice> out;
  for (int index = 0; index < kAstcBlockModes; ++index) {
    const AstcBlockMode& mode = kAstcModes[static_cast<std::size_t>(index)];
    const int width = mode.grid_width;
    const int height = mode.grid_height;
    if (mode.weights == 0 || mode.dual_plane != dual_plane || width < smallest || width > side ||
        height < smallest || height > side)
      continue;
    const bool known = std::ranges::any_of(out, [&](const AstcChoice& choice) {
      return choice.grid_width == width && choice.grid_height == height &&
             choice.weight_range == mode.range;
    });
    const int range = astc_color_range_of(mode, partitions, end_mode);
    if (known || range < 0) continue;
    const auto weight_steps = static_cast<float>(kAstcRanges[mode.range].levels() - 1);
    const float color_step =
        255.0f / static_cast<float>(kAstcRanges[static_cast<std::size_t>(range)].levels() - 1);
    out.push_back({static_cast<std::uint16_t>(index), mode.grid_width, mode.grid_height, mode.range,
                   static_cast<std::uint8_t>(range),
                   error_left(side, width, height) / (12.0f * weight_steps * weight_steps),
                   color_step * color_step / 12.0f});
  }
  return out;
}

AstcLines make_astc_lines(int side) {
  AstcLines out{};
  for (int count = 2; count <= side; ++count) {
    AstcLine& line = out[static_cast<std::size_t>(count)];
    const AstcInfill infill = make_astc_infill(side, side, count, 2);
    Factors factor{};  // by weight and texel
    for (std::size_t x = 0; x < static_cast<std::size_t>(side); ++x) {
      const std::size_t at = infill.at[x];
      line.at[x] = static_cast<std::int32_t>(at);
      line.sixteenth[x] = infill.factor[1][x];
      factor[at][x] += infill.factor[0][x] / 16.0;
      if (line.sixteenth[x] != 0) factor[at + 1][x] += infill.factor[1][x] / 16.0;
    }
    fill_projection(factor, side, count, line);
  }
  return out;
}

const AstcRoundTables& astc_round_tables() {
  static const AstcRoundTables tables = make_round_tables();
  return tables;
}

}  // namespace forge3d::codec
