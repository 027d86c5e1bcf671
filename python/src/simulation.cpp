// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "simulation.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "forge3d/camera.hpp"
#include "forge3d/streaming_simulation.hpp"
#include "life.hpp"

namespace forge3d::python {
namespace {

using Size = std::pair<std::uint32_t, std::uint32_t>;

constexpr std::uint32_t kMostFrames = 100'000;
constexpr double kTraceFps = 60;  // as make_camera_path() flies them

struct Flown {
  std::vector<VirtualView> views;
  double texels_per_frame = 0;  ///< The camera's way over the plane, the median: jumps are none.
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// At other rates than the trace's the nearest of its frames is taken.
Result<Flown> fly(const TilePyramid& pyramid, const std::string& trace, std::uint32_t frames,
                  double fps, const Size& viewport) {
  const double step = kTraceFps / fps, aspect = double(viewport.first) / viewport.second;
  const auto needed = static_cast<std::uint32_t>(std::clamp(std::ceil(frames * step), 1.0, 1e6));
  FORGE3D_TRY_ASSIGN(const auto path,
                     make_camera_path(trace, pyramid.width, pyramid.height, needed));
  Flown flown;
  std::vector<double> ways;
  for (std::uint32_t i = 0; i < needed; ++i) {
    const Camera here = path->at(i), before = path->at(i == 0 ? 0 : i - 1);
    if (i > 0) ways.push_back(std::hypot(here.x - before.x, here.y - before.y));
  }
  flown.texels_per_frame = median(std::move(ways)) * step;
  for (std::uint32_t i = 0; i < frames; ++i) {
    const auto at = static_cast<std::uint32_t>(std::min(i * step, double(needed - 1)));
    VirtualView view;
    view.width = viewport.first;
    view.height = viewport.second;
    FORGE3D_TRY_ASSIGN(view.clip_from_uv,
                       clip_from_uv(path->at(at), pyramid.width, pyramid.height, aspect));
    flown.views.push_back(view);
  }
  return flown;
}

nb::dict report_dict(const StreamingSimulationReport& report) {
  nb::dict dict;
  dict["frames"] = report.frames;
  dict["slots"] = report.slots;
  dict["exact_area"] = report.exact_area;
  dict["mip_deficit"] = report.mip_deficit;
  dict["mip_bias_mean"] = report.mip_bias_mean;
  dict["mip_bias_max"] = report.mip_bias_max;
  dict["working_set_mean"] = report.working_set_mean;
  dict["working_set_max"] = report.working_set_max;
  dict["frames_to_visible_p50"] = report.request_to_visible_p50;
  dict["frames_to_visible_p99"] = report.request_to_visible_p99;
  dict["tiles_wanted"] = report.pages_wanted;
  dict["tiles_missing"] = report.pages_missing;
  dict["tiles_loaded"] = report.tiles_loaded;
  dict["tiles_evicted"] = report.tiles_evicted;
  dict["tiles_prefetched"] = report.tiles_prefetched;
  dict["tiles_prefetch_wasted"] = report.tiles_prefetch_wasted;
  dict["holes"] = report.holes;
  dict["decisions_hash"] = report.decisions;
  dict["page_table_bytes"] = report.page_table_bytes;
  return dict;
}

/// A preset's name, or a dict of numbers by the names of VirtualTextureTuning.
VirtualTextureTuning tuning_argument(nb::handle given) {
  std::string word;
  if (nb::try_cast(given, word))
    return VirtualTextureTuning::preset(word_argument("tuning", word, tuning_preset_from_name(word),
                                                      "'performance', 'balanced' or 'quality'"));
  VirtualTextureTuning tuning;
  for (const auto [key, number] : typed_argument<nb::dict>("tuning", given, "a preset or a dict")) {
    const auto name = typed_argument<std::string>("tuning", key, "by name");
    const auto take = [&, value = number](auto& field) {
      field =
          typed_argument<std::remove_reference_t<decltype(field)>>(name.c_str(), value, "a number");
    };
    if (name == "max_mip_bias")
      take(tuning.max_mip_bias);
    else if (name == "lod_scale")
      take(tuning.lod_scale);
    else if (name == "cache_priority_boost")
      take(tuning.cache_priority_boost);
    else if (name == "prefetch_seconds")
      take(tuning.prefetch_seconds);
    else if (name == "backlog_frames")
      take(tuning.backlog_frames);
    else if (name == "fade_frames")
      take(tuning.fade_frames);
    else if (name == "frames_of_grace")
      take(tuning.frames_of_grace);
    else
      throw_invalid("tuning: there is no '" + name + "'");
  }
  check(check_tuning(tuning));
  return tuning;
}

nb::dict simulate(const Size& size, std::uint32_t tile_size, const std::string& trace,
                  std::uint32_t frames, const Size& viewport, std::uint32_t slots,
                  double tiles_per_frame, double target_fps, std::uint32_t latency_frames,
                  nb::handle tuning) {
  if (viewport.first == 0 || viewport.second == 0)
    throw_invalid("viewport must be (width, height) above 0");
  if (!(target_fps >= 1 && target_fps <= 1000)) throw_invalid("target_fps must be in 1..1000");
  if (frames == 0 || frames > kMostFrames) throw_invalid("frames must be in 1..100000");
  StreamingSimulation simulation;
  // No decision depends on what a texel's bytes mean.
  simulation.pyramid =
      value(make_tile_pyramid(size.first, size.second, Format::kRGBA8Unorm, tile_size));
  simulation.slots = slots;
  simulation.pages_per_frame = tiles_per_frame;
  simulation.latency_frames = latency_frames;
  simulation.seconds_per_frame = 1 / target_fps;
  simulation.tuning = tuning_argument(tuning);
  double texels_per_frame = 0;
  nb::dict dict = report_dict(value(without_gil([&]() -> Result<StreamingSimulationReport> {
    FORGE3D_TRY_ASSIGN(const Flown flown,
                       fly(simulation.pyramid, trace, frames, target_fps, viewport));
    texels_per_frame = flown.texels_per_frame;
    simulation.views = flown.views;
    return simulate_streaming(simulation);
  })));
  dict["texels_per_frame"] = texels_per_frame;
  return dict;
}

}  // namespace

void bind_simulation(nb::module_& module) {
  module.def(
      "simulate_streaming", simulate, nb::arg("texture_size"), nb::arg("tile_size"),
      nb::arg("trace"), nb::arg("frames"), nb::arg("viewport"), nb::arg("slots"),
      nb::arg("tiles_per_frame"), nb::arg("target_fps"), nb::arg("latency_frames"),
      nb::arg("tuning"),
      nb::sig("def simulate_streaming(texture_size: tuple[int, int], tile_size: int, trace: str, "
              "frames: int, viewport: tuple[int, int], slots: int, tiles_per_frame: float, "
              "target_fps: float, latency_frames: int, tuning: str | dict[str, float]) -> "
              "dict[str, typing.Any]"),
      "The decisions of a streaming system over a flight, without a device or a file: the same on "
      "every machine. slots 0: twice the largest number of tiles that a frame wants, and one.");
}

}  // namespace forge3d::python
