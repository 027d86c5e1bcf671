// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/camera_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace forge3d {
namespace view {
namespace {

constexpr double kTraceWorld = 1048576;  // the traces are written for a texture of this extent
constexpr double kFullDetailExtent =
    8192;  // pictures with a shorter side below this are flown over lower
constexpr double kFramesPerSecond = 60;
constexpr std::uint32_t kTeleportLeg = 90, kMapLeg = 75;

/// How a trace fits into a picture; see make_camera_path.
struct Fit {
  double width, height;
  double scale_x, scale_y;  // of places
  double scale_top;         // of the highest points
  double scale_detail;      // of heights and motion
  std::uint32_t frames;
};

Fit make_fit(std::uint32_t width, std::uint32_t height, std::uint32_t frames) {
  const double shorter = std::min(width, height), longer = std::max(width, height);
  return {double(width),
          double(height),
          width / kTraceWorld,
          height / kTraceWorld,
          longer / kTraceWorld,
          std::min(1.0, shorter / kFullDetailExtent),
          frames};
}

/// A coordinate on its way to and fro over the picture.
struct Turned {
  double at;
  double heading;  ///< 1 forth, -1 back, in between while it turns: the derivative of `at`.
};

/// Keeps a coordinate over the picture: 5 % in from both edges it turns back, along a parabola that
/// takes up `turn` of the extent.
Turned turn_back(double position, double extent, double turn_share) {
  const double low = 0.05 * extent, span = 0.9 * extent, turn = turn_share * extent;
  if (position >= low + turn && position <= low + span - turn) return {position, 1};
  double way = std::fmod(position - low, 2 * span);
  if (way < 0) way += 2 * span;
  const double forth = way > span ? -1 : 1;
  if (way > span) way = 2 * span - way;
  const double edge = std::min(way, span - way);
  const double soft = edge >= turn ? edge : (edge * edge + turn * turn) / (2 * turn);
  return {low + (way <= span - way ? soft : span - soft), forth * std::min(1.0, edge / turn)};
}

constexpr double kQuickTurn = 0.04, kFlightTurn = 0.12;

/// A camera over place (x, y) of the trace world that has moved by (dx, dy) texels of motion.
Camera place(const Fit& fit, double x, double dx, double y, double dy, double height, double yaw,
             double pitch, double turn_share = kQuickTurn) {
  Camera camera;
  camera.x = turn_back(x * fit.scale_x + dx * fit.scale_detail, fit.width, turn_share).at;
  camera.y = turn_back(y * fit.scale_y + dy * fit.scale_detail, fit.height, turn_share).at;
  camera.height = height;
  camera.yaw = yaw;
  camera.pitch = pitch;
  return camera;
}

/// place() for a camera that flies where it looks: on the way back it looks back.
Camera flight(const Fit& fit, double x, double dx, double y, double dy, double height, double yaw,
              double pitch) {
  Camera camera = place(fit, x, dx, y, dy, height, yaw, pitch, kFlightTurn);
  const double heading =
      turn_back(x * fit.scale_x + dx * fit.scale_detail, fit.width, kFlightTurn).heading;
  if (heading < 1) camera.yaw = yaw * heading + std::numbers::pi * (1 - heading) / 2;
  return camera;
}

Camera pan_at(const Fit& fit, double i) {
  return flight(fit, 200000, 60 * i, 500000, 11 * i, 900 * fit.scale_detail, 0.2, 0.7);
}

Camera fly_at(const Fit& fit, double i) {
  const double t = i / kFramesPerSecond;
  // A small picture is too narrow for the whole of the weave.
  const double weave = std::min(20000.0, 0.25 * fit.height / fit.scale_detail);
  return flight(fit, 300000, 7000 * t, 400000, weave * std::sin(0.2 * t), 1200 * fit.scale_detail,
                0.5 * std::sin(0.35 * t), 0.28);
}

Camera look_at(const Fit& fit, double i) {
  const double t = i / kFramesPerSecond;
  return place(fit, 500000, 400 * t, 500000, 0, 700 * fit.scale_detail, 2.2 * std::sin(0.8 * t),
               0.35);
}

Camera zoom_at(const Fit& fit, double i) {
  const double cycle_frames = 2 * std::numbers::pi / 0.42 * kFramesPerSecond;
  const double t = i / kFramesPerSecond * std::max(1.0, cycle_frames / fit.frames);
  // Octaves by which the top and the bottom of the way move against the trace world.
  const double top = std::log2(fit.scale_top), bottom = std::log2(fit.scale_detail);
  const double octave = 14 + (top + bottom) / 2 + (5.5 + (top - bottom) / 2) * std::cos(0.42 * t);
  return place(fit, 524288, 3000 * std::sin(0.1 * t), 524288, 0, std::exp2(octave), 0, 1.45);
}

/// Uniform draws that are the same everywhere (SplitMix64, Steele et al. 2014).
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  double between(double low, double high) {
    return low + (high - low) * double(next() >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

std::array<Camera, 8> make_bookmarks() {
  Draw draw(8);
  std::array<Camera, 8> bookmarks;
  for (Camera& b : bookmarks) {
    b.x = draw.between(1e5, 9e5);
    b.y = draw.between(1e5, 9e5);
    b.height = draw.between(400, 3000);
    b.yaw = draw.between(0, 6);
    b.pitch = draw.between(0.3, 1.2);
  }
  return bookmarks;
}

Camera teleport_at(const Fit& fit, double i) {
  static const std::array<Camera, 8> kBookmarks = make_bookmarks();
  const auto leg = std::uint64_t(i) / kTeleportLeg;
  const Camera& b = kBookmarks[leg * 5 % 8];
  const double drift = 6 * (i - double(leg * kTeleportLeg));
  return place(fit, b.x, drift, b.y, 0, b.height * fit.scale_detail, b.yaw, b.pitch);
}

struct Trace {
  std::string_view name;
  Camera (*at)(const Fit&, double);
  std::uint32_t leg;  // frames between stops; 0: quarter points
};

constexpr std::array<Trace, 5> kTraces{{{"pan", pan_at, 0},
                                        {"fly", fly_at, 0},
                                        {"look", look_at, 0},
                                        {"zoom", zoom_at, 0},
                                        {"teleport", teleport_at, kTeleportLeg}}};

std::vector<std::uint32_t> leg_stops(std::uint32_t frames, std::uint32_t leg) {
  std::vector<std::uint32_t> stops;
  for (std::uint64_t end = leg; end < frames; end += leg) stops.push_back(std::uint32_t(end - 1));
  stops.push_back(frames - 1);
  return stops;
}

class TracePath final : public CameraPath {
 public:
  TracePath(const Trace& trace, const Fit& fit) : trace_(trace), fit_(fit) {}
  std::uint32_t frames() const override { return fit_.frames; }
  Camera at(std::uint32_t frame) const override { return trace_.at(fit_, frame); }
  std::vector<std::uint32_t> stops() const override {
    return trace_.leg > 0 ? leg_stops(fit_.frames, trace_.leg) : quarter_stops(fit_.frames);
  }

 private:
  Trace trace_;
  Fit fit_;
};

/// A user of a map: every 75 frames a new target, 6 % of the way towards it a frame. What comes
/// next depends on what came before, so the cameras are listed once.
class MapPath final : public CameraPath {
 public:
  explicit MapPath(const Fit& fit) : fit_(fit), draw_(75) {
    Camera now = place(fit, 524288, 0, 524288, 0, 4000 * fit.scale_detail, 0, 1.4);
    seen_.push_back(now);
    cameras_.reserve(fit.frames);
    for (std::uint32_t i = 0; i < fit.frames; ++i) {
      if (i % kMapLeg == 0) seen_.push_back(next_target(now));
      now = glide(now, seen_.back());
      cameras_.push_back(now);
    }
  }
  std::uint32_t frames() const override { return fit_.frames; }
  Camera at(std::uint32_t frame) const override { return cameras_[frame]; }
  std::vector<std::uint32_t> stops() const override { return leg_stops(fit_.frames, kMapLeg); }

 private:
  Camera next_target(Camera target) {
    const double choice = draw_.between(0, 1);
    if (choice < 0.3) return seen_[std::size_t(draw_.between(0, double(seen_.size())))];
    if (choice < 0.7) {
      target.x =
          turn_back(target.x + draw_.between(-2, 2) * target.height, fit_.width, kQuickTurn).at;
      target.y =
          turn_back(target.y + draw_.between(-2, 2) * target.height, fit_.height, kQuickTurn).at;
    } else {
      target.height = std::clamp(target.height * std::exp2(draw_.between(-3, 3)),
                                 400 * fit_.scale_detail, 700000 * fit_.scale_top);
    }
    return target;
  }
  static Camera glide(Camera now, const Camera& target) {
    now.x += 0.06 * (target.x - now.x);
    now.y += 0.06 * (target.y - now.y);
    now.height += 0.06 * (target.height - now.height);
    return now;
  }

  Fit fit_;
  Draw draw_;
  std::vector<Camera> seen_;
  std::vector<Camera> cameras_;
};

}  // namespace

std::vector<std::uint32_t> quarter_stops(std::uint32_t frames) {
  std::vector<std::uint32_t> stops;
  for (std::uint64_t quarter = 1; quarter <= 4; ++quarter) {
    const auto stop = std::uint32_t(std::max<std::uint64_t>(quarter * frames / 4, 1) - 1);
    if (stops.empty() || stop > stops.back()) stops.push_back(stop);
  }
  return stops;
}

std::unique_ptr<CameraPath> make_trace(std::string_view name, std::uint32_t width,
                                       std::uint32_t height, std::uint32_t frames) {
  const Fit fit = make_fit(width, height, frames);
  if (name == "map") return std::make_unique<MapPath>(fit);
  for (const Trace& trace : kTraces)
    if (trace.name == name) return std::make_unique<TracePath>(trace, fit);
  return nullptr;
}

}  // namespace view

Result<std::unique_ptr<CameraPath>> make_camera_path(std::string_view name_or_file,
                                                     std::uint32_t width, std::uint32_t height,
                                                     std::uint32_t frames) {
  if (width == 0 || height == 0)
    return fail(ErrorCode::kInvalidArgument, "camera path: the picture is empty");
  if (frames > view::kMaxPathFrames)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("camera path: {} frames, at most {}", frames, view::kMaxPathFrames));
  if (std::unique_ptr<CameraPath> trace =
          view::make_trace(name_or_file, width, height, std::max(frames, 1u))) {
    if (frames == 0) return fail(ErrorCode::kInvalidArgument, "camera path: no frames");
    return trace;
  }
  std::error_code ignored;
  const bool looks_like_file = name_or_file.find_first_of("./\\") != std::string_view::npos;
  if (!looks_like_file && !std::filesystem::exists(name_or_file, ignored))
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("camera path: '{}' is neither pan, fly, look, zoom, teleport or map nor a file",
                    name_or_file));
  return view::read_camera_path(name_or_file, frames);
}

}  // namespace forge3d
