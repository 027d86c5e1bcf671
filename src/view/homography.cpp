// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/homography.hpp"

#include <algorithm>
#include <cmath>

namespace forge3d::view {
namespace {

using Matrix3 = Homography::Matrix3;

bool all_finite(const auto& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

Matrix3 adjugate(const Matrix3& m) {
  return {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
          m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
          m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
}

/// The inverse, or nullopt when there is none that doubles can hold.
std::optional<Matrix3> inverse(const Matrix3& m) {
  Matrix3 result = adjugate(m);
  const double determinant = m[0] * result[0] + m[1] * result[3] + m[2] * result[6];
  for (double& value : result) value /= determinant;
  if (!all_finite(result)) return std::nullopt;
  return result;
}

/// matrix * ndc_from_pixel: columns are scaled and moved so that the matrix takes pixels.
Matrix3 take_pixels(const Matrix3& m, std::uint32_t width, std::uint32_t height) {
  Matrix3 result;
  for (std::size_t row = 0; row < 9; row += 3) {
    result[row] = m[row] * 2.0 / width;
    result[row + 1] = m[row + 1] * 2.0 / height;
    result[row + 2] = m[row + 2] - m[row] - m[row + 1];
  }
  return result;
}

}  // namespace

Result<Homography> Homography::create(const std::array<double, 16>& m, std::uint32_t width,
                                      std::uint32_t height) {
  if (width == 0 || height == 0)
    return fail(ErrorCode::kInvalidArgument, "view: the viewport is empty");
  if (!all_finite(m))
    return fail(ErrorCode::kInvalidArgument, "view: clip_from_uv holds a value that is not finite");
  Homography result;
  result.clip_from_plane_ = {m[0], m[4], m[12], m[1], m[5], m[13], m[3], m[7], m[15]};
  const std::optional<Matrix3> plane_from_ndc = inverse(result.clip_from_plane_);
  result.edge_on_ = !plane_from_ndc;
  if (plane_from_ndc) result.plane_from_pixel_ = take_pixels(*plane_from_ndc, width, height);
  return result;
}

std::optional<PlanePoint> Homography::at(double x, double y) const {
  const Matrix3& m = plane_from_pixel_;
  const double s = m[6] * x + m[7] * y + m[8];
  if (!(s > 0)) return std::nullopt;
  PlanePoint p;
  p.u = (m[0] * x + m[1] * y + m[2]) / s;
  p.v = (m[3] * x + m[4] * y + m[5]) / s;
  p.du_dx = (m[0] - p.u * m[6]) / s;
  p.dv_dx = (m[3] - p.v * m[6]) / s;
  p.du_dy = (m[1] - p.u * m[7]) / s;
  p.dv_dy = (m[4] - p.v * m[7]) / s;
  return p;
}

}  // namespace forge3d::view
