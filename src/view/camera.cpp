// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/camera.hpp"

#include <fmt/format.h>

#include <cmath>

#include "view/camera_fields.hpp"

namespace forge3d {
namespace {

struct Vector3 {
  double x, y, z;
};

double dot(Vector3 a, Vector3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

}  // namespace

Result<> check_camera(const Camera& camera) {
  for (const view::CameraField& field : view::kCameraFields) {
    const double value = camera.*field.member;
    if (!field.accepts(value))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("camera: {} is {}, must be in {}..{}", field.name, value, field.low,
                              field.high));
  }
  return {};
}

Result<std::array<double, 16>> clip_from_uv(const Camera& camera, std::uint32_t texture_width,
                                            std::uint32_t texture_height, double aspect) {
  FORGE3D_TRY(check_camera(camera));
  if (!(aspect >= 1e-4 && aspect <= 1e4))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("camera: the aspect ratio is {}, must be in 1e-4..1e4", aspect));
  if (texture_width == 0 || texture_height == 0)
    return fail(ErrorCode::kInvalidArgument, "camera: the texture is empty");
  const double cos_yaw = std::cos(camera.yaw), sin_yaw = std::sin(camera.yaw);
  const double cos_pitch = std::cos(camera.pitch), sin_pitch = std::sin(camera.pitch);
  const double scale_y = 1 / std::tan(camera.fov_y / 2), scale_x = scale_y / aspect;
  const Vector3 forward{cos_pitch * cos_yaw, cos_pitch * sin_yaw, -sin_pitch};
  const Vector3 right{scale_x * sin_yaw, -scale_x * cos_yaw, 0};
  const Vector3 down{-scale_y * sin_pitch * cos_yaw, -scale_y * sin_pitch * sin_yaw,
                     -scale_y * cos_pitch};
  const double near_plane = camera.height / 1000;
  // A column is what its axis adds to x, y, z and w; the last is where (0, 0) lies as seen from the
  // camera.
  const Vector3 axes[4] = {{double(texture_width), 0, 0},
                           {0, -double(texture_height), 0},
                           {0, 0, 1},
                           {-camera.x, texture_height - camera.y, -camera.height}};
  std::array<double, 16> m;
  for (std::size_t column = 0; column < 4; ++column) {
    const double w = dot(axes[column], forward);
    m[column * 4] = dot(axes[column], right);
    m[column * 4 + 1] = dot(axes[column], down);
    m[column * 4 + 2] = column == 3 ? w - near_plane : w;
    m[column * 4 + 3] = w;
  }
  return m;
}

}  // namespace forge3d
