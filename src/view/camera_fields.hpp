// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The numbers of a camera and their ranges, in one table for the check and the file reader.

#include <array>
#include <numbers>

#include "forge3d/camera.hpp"

namespace forge3d::view {

struct CameraField {
  const char* name;
  double Camera::*member;
  double low, high;
  bool optional;  ///< In a file.

  [[nodiscard]] bool accepts(double value) const { return value >= low && value <= high; }
};

inline constexpr std::array<CameraField, 6> kCameraFields{{
    {"x", &Camera::x, -1e9, 1e9, false},
    {"y", &Camera::y, -1e9, 1e9, false},
    {"height", &Camera::height, 1e-3, 1e9, false},
    {"yaw", &Camera::yaw, -1e6, 1e6, false},
    {"pitch", &Camera::pitch, 0, std::numbers::pi / 2, false},
    {"fov_y", &Camera::fov_y, 0.01, 3.1, true},
}};

}  // namespace forge3d::view
