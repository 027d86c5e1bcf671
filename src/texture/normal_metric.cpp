// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// How far normal maps are apart.

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <numbers>
#include <vector>

#include "forge3d/metrics.hpp"
#include "texture/metric_rows.hpp"

namespace forge3d {
namespace {

using Vector = std::array<float, 3>;

/// The unit vector that a texel's codes stand for.
Vector direction(const float* texel, float scale, NormalEncoding encoding) {
  Vector v{texel[0] * scale - 1.0f, texel[1] * scale - 1.0f, 0.0f};
  if (encoding == NormalEncoding::kXyz)
    v[2] = texel[2] * scale - 1.0f;
  else
    v[2] = std::sqrt(std::max(0.0f, 1.0f - v[0] * v[0] - v[1] * v[1]));
  const float length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  if (!(length > 0 && std::isfinite(length))) return {0.0f, 0.0f, 1.0f};
  for (float& part : v) part /= length;
  return v;
}

/// From the sine and the cosine: an arc cosine alone cannot tell small angles from zero.
float angle_degrees(const Vector& a, const Vector& b) {
  const Vector cross{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                     a[0] * b[1] - a[1] * b[0]};
  const float sine = std::sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
  const float cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  return std::atan2(sine, cosine) * (180.0f / std::numbers::pi_v<float>);
}

std::vector<float> angles_between(const Image& a, const Image& b, NormalEncoding encoding) {
  const float scale = 2.0f / texture::full_scale(a.info.type);
  std::vector<float> row_a(std::size_t{a.info.width} * 4), row_b(row_a.size());
  std::vector<float> angles;
  angles.reserve(std::size_t{a.info.width} * a.info.height);
  for (std::uint32_t y = 0; y < a.info.height; ++y) {
    texture::expand_row(a, y, row_a);
    texture::expand_row(b, y, row_b);
    for (std::size_t x = 0; x < row_a.size(); x += 4)
      angles.push_back(angle_degrees(direction(&row_a[x], scale, encoding),
                                     direction(&row_b[x], scale, encoding)));
  }
  return angles;
}

NormalDifference summarise(std::vector<float>& angles) {
  NormalDifference out;
  double sum = 0;
  for (const float angle : angles) sum += static_cast<double>(angle);
  out.mean_degrees = sum / static_cast<double>(angles.size());
  const std::size_t rank = (angles.size() * 99 + 99) / 100 - 1;
  std::ranges::nth_element(angles, angles.begin() + static_cast<std::ptrdiff_t>(rank));
  out.p99_degrees = static_cast<double>(angles[rank]);
  out.max_degrees = static_cast<double>(
      *std::max_element(angles.begin() + static_cast<std::ptrdiff_t>(rank), angles.end()));
  return out;
}

}  // namespace

Result<NormalDifference> compare_normals(const Image& a, const Image& b, NormalEncoding encoding) {
  FORGE3D_TRY(texture::check_pair(a, b));
  try {
    std::vector<float> angles = angles_between(a, b, encoding);
    return summarise(angles);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate the angles of a normal map");
  }
}

}  // namespace forge3d
