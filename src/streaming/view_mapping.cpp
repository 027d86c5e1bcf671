// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/view_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace forge3d::streaming {
namespace {

constexpr std::uint32_t kMaxViewport = 1u << 16;
// Below this share of the largest product the determinant is rounding noise: the plane is edge-on.
constexpr double kSingular = 1e-13;

Result<> check(const VirtualView& view) {
  for (std::size_t i = 0; i < view.clip_from_uv.size(); ++i)
    if (!std::isfinite(view.clip_from_uv[i]) || std::abs(view.clip_from_uv[i]) > 1e30)
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("clip_from_uv[{}] is {}: finite and below 1e30", i, view.clip_from_uv[i]));
  if (view.width == 0 || view.height == 0 || view.width > kMaxViewport ||
      view.height > kMaxViewport)
    return fail(ErrorCode::kInvalidArgument, fmt::format("the viewport is {} x {}: 1..{} each",
                                                         view.width, view.height, kMaxViewport));
  if (!(view.max_anisotropy >= 1 && view.max_anisotropy <= 16))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("max_anisotropy is {}: 1..16", view.max_anisotropy));
  if (!(view.weight > 0 && view.weight <= 1e6f))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("weight is {}: above 0 and at most a million", view.weight));
  if (!(std::abs(view.lod_bias) <= 32))
    return fail(ErrorCode::kInvalidArgument, fmt::format("lod_bias is {}: -32..32", view.lod_bias));
  return {};
}

}  // namespace

Result<std::optional<ViewMapping>> ViewMapping::create(const VirtualView& view,
                                                       std::uint32_t width_texels,
                                                       std::uint32_t height_texels) {
  FORGE3D_TRY(check(view));
  const auto& m = view.clip_from_uv;
  ViewMapping mapping;
  mapping.u_ = {m[0], m[1], m[2], m[3]};
  mapping.v_ = {m[4], m[5], m[6], m[7]};
  mapping.origin_ = {m[12], m[13], m[14], m[15]};
  mapping.texels_ = {static_cast<double>(width_texels), static_cast<double>(height_texels)};
  mapping.width_ = view.width;
  mapping.height_ = view.height;

  // Rows x, y, w of the columns u, v, 1, and the adjugate.
  const ClipPoint &u = mapping.u_, &v = mapping.v_, &o = mapping.origin_;
  const std::array<double, 9> adjugate = {
      v.y * o.w - v.w * o.y, v.w * o.x - v.x * o.w, v.x * o.y - v.y * o.x,
      u.w * o.y - u.y * o.w, u.x * o.w - u.w * o.x, u.y * o.x - u.x * o.y,
      u.y * v.w - u.w * v.y, u.w * v.x - u.x * v.w, u.x * v.y - u.y * v.x};
  const double terms[3] = {u.x * adjugate[0], u.y * adjugate[1], u.w * adjugate[2]};
  const double determinant = terms[0] + terms[1] + terms[2];
  const double scale =
      std::max({std::abs(u.x * v.y * o.w), std::abs(u.x * v.w * o.y), std::abs(u.y * v.w * o.x),
                std::abs(u.y * v.x * o.w), std::abs(u.w * v.x * o.y), std::abs(u.w * v.y * o.x)});
  if (!(std::abs(determinant) > kSingular * scale)) return std::optional<ViewMapping>();
  for (std::size_t i = 0; i < 9; ++i) mapping.inverse_[i] = adjugate[i] / determinant;

  // The determinant is a triangle's of the unit of area; the viewport is 2 x 2 in clip space.
  mapping.pixels_over_area_ = std::abs(determinant) * (0.5 * view.width) * (0.5 * view.height);

  const auto& A = mapping.inverse_;
  // d(A_i.p / A2.p)/dx = ((A_i0 A21 - A_i1 A20) y + (A_i0 A22 - A_i2 A20)) / (A2.p)^2, and likewise
  // by y.
  const double px = 2.0 / view.width, py = 2.0 / view.height;
  const double tx = mapping.texels_.x, ty = mapping.texels_.y;
  mapping.a_ = {(A[0] * A[7] - A[1] * A[6]) * px * tx, (A[3] * A[7] - A[4] * A[6]) * px * ty};
  mapping.b_ = {(A[0] * A[8] - A[2] * A[6]) * px * tx, (A[3] * A[8] - A[5] * A[6]) * px * ty};
  mapping.c_ = {(A[1] * A[6] - A[0] * A[7]) * py * tx, (A[4] * A[6] - A[3] * A[7]) * py * ty};
  mapping.d_ = {(A[1] * A[8] - A[2] * A[7]) * py * tx, (A[4] * A[8] - A[5] * A[7]) * py * ty};
  return std::optional<ViewMapping>(mapping);
}

std::array<LinearForm, 2> ViewMapping::dx_forms() const {
  const Vec2 u = dx_over_w(u_), v = dx_over_w(v_), one = dx_over_w(origin_);
  return {{{u.x, v.x, one.x}, {u.y, v.y, one.y}}};
}

std::array<LinearForm, 2> ViewMapping::dy_forms() const {
  const Vec2 u = dy_over_w(u_), v = dy_over_w(v_), one = dy_over_w(origin_);
  return {{{u.x, v.x, one.x}, {u.y, v.y, one.y}}};
}

std::optional<PixelSample> ViewMapping::sample(double x, double y) const {
  const double sx = (x + 0.5) * 2 / width_ - 1, sy = (y + 0.5) * 2 / height_ - 1;
  const auto& A = inverse_;
  const double q = A[6] * sx + A[7] * sy + A[8];  // 1 / w
  if (!(q > 0)) return std::nullopt;
  const double w = 1 / q;
  const Vec2 uv{(A[0] * sx + A[1] * sy + A[2]) * w, (A[3] * sx + A[4] * sy + A[5]) * w};
  if (!(uv.x >= 0 && uv.x <= 1 && uv.y >= 0 && uv.y <= 1)) return std::nullopt;
  const double z = to_clip(uv).z;
  if (!(z >= 0 && z <= w)) return std::nullopt;
  const ClipPoint p{sx * w, sy * w, z, w};
  const Vec2 dx = dx_over_w(p), dy = dy_over_w(p);
  return PixelSample{uv,
                     {dx.x * w / texels_.x, dx.y * w / texels_.y},
                     {dy.x * w / texels_.x, dy.y * w / texels_.y}};
}

}  // namespace forge3d::streaming
