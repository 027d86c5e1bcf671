// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/map_constants.hpp"

#include <fmt/format.h>

#include <cmath>

#include "view/homography.hpp"

namespace forge3d::view {
namespace {

/// The point that all coordinates are relative to: under the centre, or under the middle of the
/// lower edge when the horizon lies below the centre. Rounded to float, as the shader adds it.
PlanePoint reference_point(const Homography& homography, double width, double height) {
  PlanePoint point = homography.at(width / 2, height / 2)
                         .value_or(homography.at(width / 2, height).value_or(PlanePoint{}));
  if (!(std::abs(point.u) <= 1e6 && std::abs(point.v) <= 1e6)) point = {};
  point.u = float(point.u);
  point.v = float(point.v);
  return point;
}

/// row - origin * s as a function of pixels from the centre, with `origin` in the last place.
std::array<float, 4> relative_row(const double* row, const double* s, double origin, double width,
                                  double height, double scale) {
  const double a = row[0] - origin * s[0], b = row[1] - origin * s[1];
  const double c = row[2] - origin * s[2] + a * width / 2 + b * height / 2;
  return {float(a * scale), float(b * scale), float(c * scale), float(origin)};
}

}  // namespace

float linear_from_srgb(float code) {
  return code <= 0.04045f ? code / 12.92f : std::pow((code + 0.055f) / 1.055f, 2.4f);
}

float srgb_from_linear(float value) {
  return value <= 0.0031308f ? 12.92f * value : 1.055f * std::pow(value, 1 / 2.4f) - 0.055f;
}

Result<MapConstants> make_map_constants(const VirtualView& view, Format format,
                                        const std::array<std::uint8_t, 4>& background) {
  if (!(view.max_anisotropy >= 1 && view.max_anisotropy <= 16) || !std::isfinite(view.lod_bias))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("view: anisotropy {} must be in 1..16 and the bias {} finite",
                            view.max_anisotropy, view.lod_bias));
  FORGE3D_TRY_ASSIGN(const Homography homography,
                     Homography::create(view.clip_from_uv, view.width, view.height));
  const double width = view.width, height = view.height;
  const Homography::Matrix3& m = homography.plane_from_pixel();
  const PlanePoint origin = reference_point(homography, width, height);
  // s is scaled to about 1 over the screen, far from the ends of single precision.
  const double largest = std::abs(m[6]) * width + std::abs(m[7]) * height + std::abs(m[8]);
  const double scale = largest > 0 ? 1 / largest : 0;
  MapConstants constants;
  constants.plane_u = relative_row(&m[0], &m[6], origin.u, width, height, scale);
  constants.plane_v = relative_row(&m[3], &m[6], origin.v, width, height, scale);
  constants.plane_s = relative_row(&m[6], &m[6], 0, width, height, scale);
  constants.width = std::int32_t(view.width);
  constants.height = std::int32_t(view.height);
  constants.max_anisotropy = view.max_anisotropy;
  constants.lod_bias = view.lod_bias;
  const FormatInfo* info = format_info(format);
  constants.srgb = info != nullptr && info->srgb ? 1 : 0;
  for (std::size_t channel = 0; channel < 4; ++channel) {
    const float code = float(background[channel]) / 255.0f;
    const bool linear = constants.srgb != 0 && channel < 3;
    constants.background[channel] = linear ? linear_from_srgb(code) : code;
  }
  return constants;
}

}  // namespace forge3d::view
