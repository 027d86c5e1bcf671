// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Camera paths: the traces by formula, and paths from files.

#include <filesystem>
#include <memory>
#include <string_view>

#include "forge3d/camera.hpp"

namespace forge3d::view {

/// Longest path: 46 hours at 60 frames a second; more is taken for a mistake.
inline constexpr std::uint32_t kMaxPathFrames = 10'000'000;

/// The frames at 1/4, 1/2, 3/4 and the end, rising, none twice. REQUIRES: frames > 0.
[[nodiscard]] std::vector<std::uint32_t> quarter_stops(std::uint32_t frames);

/// One of the named traces, or nullptr for another name. REQUIRES: a picture that is not empty,
/// frames > 0.
[[nodiscard]] std::unique_ptr<CameraPath> make_trace(std::string_view name, std::uint32_t width,
                                                     std::uint32_t height, std::uint32_t frames);

/// A path file, see make_camera_path. Errors: kIo, kInvalidFile.
[[nodiscard]] Result<std::unique_ptr<CameraPath>> read_camera_path(
    const std::filesystem::path& file, std::uint32_t frames);

/// Parses the text of a path file; `name` is what messages call it. Errors: kInvalidFile.
[[nodiscard]] Result<std::unique_ptr<CameraPath>> parse_camera_path(std::string_view text,
                                                                    std::string_view name,
                                                                    std::uint32_t frames);

}  // namespace forge3d::view
