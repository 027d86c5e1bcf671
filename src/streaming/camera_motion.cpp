// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/camera_motion.hpp"

#include <algorithm>
#include <cmath>

#include "streaming/view_mapping.hpp"

namespace forge3d::streaming {
namespace {

constexpr double kSmoothingSeconds = 0.03;  // of the velocity
constexpr double kJump = 0.4;    // in normalised device coordinates, of which 2 are a screen
constexpr double kStill = 1e-6;  // likewise: nothing that could ever show another page

/// How far points in the middle of the screen moved from one view to the next, at most, in
/// normalised device coordinates; nullopt when neither shows the texture there.
std::optional<double> screen_motion(const VirtualView& from, const VirtualView& to,
                                    const TilePyramid& pyramid) {
  const auto before = ViewMapping::create(from, pyramid.width, pyramid.height);
  const auto after = ViewMapping::create(to, pyramid.width, pyramid.height);
  if (!before || !after || !*before || !*after) return std::nullopt;
  std::optional<double> most;
  for (const Vec2 at : {Vec2{0.5, 0.5}, Vec2{0.5, 0.85}, Vec2{0.2, 0.7}, Vec2{0.8, 0.7}}) {
    const auto sample = (*before)->sample(at.x * from.width, at.y * from.height);
    if (!sample) continue;
    const ClipPoint then = (*before)->to_clip(sample->uv), now = (*after)->to_clip(sample->uv);
    const double moved =
        now.w > 0 ? std::hypot(now.x / now.w - then.x / then.w, now.y / now.w - then.y / then.w)
                  : 2 * kJump;
    most = std::max(most.value_or(0), moved);
  }
  return most;
}

bool same_lens(const VirtualView& a, const VirtualView& b) {
  return a.texture == b.texture && a.width == b.width && a.height == b.height;
}

}  // namespace

void CameraMotion::observe(std::span<const VirtualView> views,
                           std::span<const TilePyramid> pyramids, double seconds) {
  tracks_.resize(views.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    Track& track = tracks_[i];
    const VirtualView last = track.last;
    track.last = views[i];
    const auto moved = same_lens(last, views[i]) && seconds > 0
                           ? screen_motion(last, views[i], pyramids[views[i].texture.index])
                           : std::nullopt;
    if (!moved || *moved > kJump) {
      track.steady_frames = 0;
      track.per_second = {};
      continue;
    }
    const double share = track.steady_frames == 0 ? 1 : 1 - std::exp(-seconds / kSmoothingSeconds);
    for (std::size_t k = 0; k < track.per_second.size(); ++k) {
      const double velocity = (views[i].clip_from_uv[k] - last.clip_from_uv[k]) / seconds;
      track.per_second[k] += share * (velocity - track.per_second[k]);
    }
    track.steady_frames = *moved > kStill ? track.steady_frames + 1 : 0;
  }
}

std::optional<VirtualView> CameraMotion::ahead(std::size_t view, double seconds) const {
  if (view >= tracks_.size() || tracks_[view].steady_frames < 2) return std::nullopt;
  VirtualView result = tracks_[view].last;
  for (std::size_t k = 0; k < result.clip_from_uv.size(); ++k)
    result.clip_from_uv[k] += tracks_[view].per_second[k] * seconds;
  return result;
}

}  // namespace forge3d::streaming
