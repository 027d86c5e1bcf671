// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CameraMotion: where the views of the last frames are going.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "forge3d/tile_source.hpp"
#include "forge3d/virtual_texture.hpp"

namespace forge3d::streaming {

/// Follows each view by its place in the span and its texture. The matrix that takes texture
/// coordinates to clip space is linear in the camera's position and, to first order, in its
/// rotation, so that its own velocity is all that is needed: no camera has to be known. Not
/// thread-safe.
class CameraMotion {
 public:
  /// Takes in a frame. A view that moved by more than a fifth of the screen is a jump: its motion
  /// starts anew. REQUIRES: views that ViewMapping accepts; their texture indices are in
  /// `pyramids`; 0 <= seconds.
  void observe(std::span<const VirtualView> views, std::span<const TilePyramid> pyramids,
               double seconds);
  /// The view as it would be in `seconds`; nullopt when it stands still or its motion is not known.
  [[nodiscard]] std::optional<VirtualView> ahead(std::size_t view, double seconds) const;

 private:
  struct Track {
    VirtualView last;
    std::array<double, 16> per_second{};
    std::uint32_t steady_frames = 0;  // since the motion began
  };
  std::vector<Track> tracks_;
};

}  // namespace forge3d::streaming
