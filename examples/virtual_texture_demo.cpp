// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Virtual textures (O4): a world of 65,536 x 65,536 texels that exists nowhere as a whole.
// usage: virtual_texture_demo [OUT_FOLDER [PICTURE.png|.jpg]]
//
// The one idea: what is seen is resident, in a budget that never grows. The world is a TileSource
// that computes a tile when it is asked for one; a picture is tiled into an archive first.

#include <algorithm>
#include <forge3d/map_view.hpp>
#include <forge3d/pmtiles.hpp>
#include <forge3d/tiler.hpp>
#include <thread>

#include "demo.hpp"

using namespace demo;

/// Land, sea and a grid of meridians; called from several threads at once.
class World : public TileSource {
 public:
  static Result<std::shared_ptr<TileSource>> create(std::uint32_t extent) {
    FORGE3D_TRY_ASSIGN(const TilePyramid pyramid,
                       make_tile_pyramid(extent, extent, Format::kRGBA8Srgb));
    return std::make_shared<World>(pyramid);
  }
  explicit World(const TilePyramid& pyramid) : pyramid_(pyramid) {}
  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return "world"; }

  [[nodiscard]] Result<> read_tile(TileAddress tile, std::span<std::byte> out) const override {
    if (!pyramid_.contains(tile)) return fail(ErrorCode::kInvalidArgument, "world: no such tile");
    const std::size_t side = pyramid_.tile_texels();
    const double texel = std::exp2(tile.level);  // of level 0
    std::vector<double> height(side * side), columns(side), rows(side);
    // Waves shorter than two texels are left out: the coarser levels are filtered, too.
    double weight = 1;
    for (double wave = 40'000; wave > 2 * texel && wave > 4; wave /= 2.3, weight *= 0.62) {
      for (std::size_t i = 0; i < side; ++i) {
        columns[i] = weight * std::sin(place(tile.x, i, tile.level) * 6.28 / wave + weight * 9);
        rows[i] = std::sin(place(tile.y, i, tile.level) * 6.28 / wave + weight * 5);
      }
      for (std::size_t at = 0; at < height.size(); ++at)
        height[at] += columns[at % side] * rows[at / side];
    }
    for (std::size_t at = 0; at < height.size(); ++at)
      paint(place(tile.x, at % side, tile.level), place(tile.y, at / side, tile.level), texel,
            height[at], &out[4 * at]);
    return {};
  }

 private:
  /// A texel's centre, in texels of level 0. Texels outside a level repeat its edge, as stored
  /// tiles do.
  double place(std::uint32_t page, std::size_t texel, std::uint32_t level) const {
    const double at = double(page) * pyramid_.page_texels + double(texel) - pyramid_.border_texels;
    return (std::clamp(at, 0.0, pyramid_.level_width(level) - 1.0) + 0.5) * std::exp2(level);
  }
  static void paint(double x, double y, double texel, double height, std::byte* out) {
    const double line = std::max(24.0, texel);
    const bool grid = std::fmod(x, 4096) < line || std::fmod(y, 4096) < line;
    const double shade = std::clamp(0.5 + height / 2, 0.0, 1.0);
    out[0] = std::byte(int(grid ? 230 : height > 0 ? 60 + 150 * shade : 20));
    out[1] = std::byte(int(grid ? 210 : height > 0 ? 110 + 60 * shade : 50 + 90 * shade));
    out[2] = std::byte(int(grid ? 150 : height > 0 ? 50 + 60 * shade : 120 + 120 * shade));
    out[3] = std::byte{255};
  }
  TilePyramid pyramid_;
};

static Result<std::shared_ptr<TileSource>> open_world(const Arguments& arguments) {
  if (arguments.input.empty()) return World::create(65'536);
  const auto archive = arguments.out / "picture.pmtiles";
  FORGE3D_TRY_ASSIGN(const auto rows, open_image(arguments.input));
  FORGE3D_TRY_ASSIGN(const TilerResult tiled,
                     tile_image(*rows, archive, {.format = Format::kBC1RgbUnorm}));
  fmt::print("tiled:    {} x {} texels to {} tiles, {:.1f} MPixel/s\n", tiled.width, tiled.height,
             tiled.tiles, tiled.mpixels_per_s);
  return open_archive_tile_source(archive);
}

/// From all of the world down to its texels, looking ever further ahead.
static Camera camera_at(double t, const TilePyramid& pyramid) {
  const double far = std::max(pyramid.width, pyramid.height), near = std::min(300.0, far / 4);
  return {.x = pyramid.width * (0.5 - 0.09 * t),
          .y = pyramid.height * (0.5 + 0.02 * t),
          .height = far * std::pow(near / far, t),
          .yaw = 1.5707963267948966,
          .pitch = 1.5707 - 0.9 * t};
}

static Result<> virtual_texture(const Arguments& arguments) {
  FORGE3D_TRY_ASSIGN(const auto world, open_world(arguments));
  const TilePyramid& pyramid = world->pyramid();
  FORGE3D_TRY_ASSIGN(const auto device,
                     Device::create({.limits = {.host_visible_bytes = 16 * kMebibyte,
                                                .total_bytes = 48 * kMebibyte}}));
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(device, {.upload_bytes = 8 * kMebibyte,
                                                                   .readback_bytes = kMebibyte}));
  FORGE3D_TRY_ASSIGN(
      const auto view,
      MapView::create({.device = device, .ring = ring, .width = 640, .height = 360}));
  FORGE3D_TRY_ASSIGN(
      const auto system,
      VirtualTextureSystem::create({.device = device, .ring = ring, .format = pyramid.format}));
  FORGE3D_TRY_ASSIGN(const VirtualTextureId texture, system->add(world));
  fmt::print(
      "world:    {} x {} texels, {} levels, {:.1f} MB as one image; budget {:.1f} MB, {} slots\n",
      pyramid.width, pyramid.height, pyramid.levels,
      double(image_bytes(pyramid.format, pyramid.width, pyramid.height).value_or(0)) / 1e6,
      double(device->budget().stats().limits.total_bytes) / 1e6, system->stats().slots_total);

  constexpr int kFrames = 180, kPictures = 4;
  auto next_frame = std::chrono::steady_clock::now();
  for (int frame = 0; frame < kFrames; ++frame) {
    const Camera camera = camera_at(double(frame) / (kFrames - 1), pyramid);
    FORGE3D_TRY_ASSIGN(const VirtualView wanted, view->view(texture, pyramid, camera));
    FORGE3D_TRY(system->update({&wanted, 1}));
    std::this_thread::sleep_until(next_frame += std::chrono::microseconds(16'667));
    if (frame % (kFrames / kPictures) != kFrames / kPictures - 1) continue;
    // What a moving camera gets, then what it gets when it stands still.
    FORGE3D_TRY_ASSIGN(const ScreenCoverage moving, system->measure(wanted));
    FORGE3D_TRY(system->settle({&wanted, 1}, 10'000'000'000));
    FORGE3D_TRY(view->render(*system, wanted, pyramid));
    FORGE3D_TRY_ASSIGN(const Image picture, view->read_pixels());
    const std::string name = "frame_" + std::to_string(frame) + ".png";
    FORGE3D_TRY(save_png(arguments.out / name, picture));
    next_frame = std::chrono::steady_clock::now();
    fmt::print("frame {:3}: height {:7.0f}, {:5.1f} % sharp while moving; {}\n", frame,
               camera.height, 100 * moving.exact_area, name);
  }
  const VirtualTextureStats stats = system->stats();
  fmt::print("tiles:    {} loaded, {} evicted, {:.1f} % of the wanted were there\n",
             stats.tiles_loaded, stats.tiles_evicted,
             100.0 * double(stats.cache_hits) / double(stats.cache_hits + stats.cache_misses));
  fmt::print("update:   p50 {:.2f} ms, p99 {:.2f} ms\n", stats.update_ms_p50, stats.update_ms_p99);
  const BudgetStats budget = device->budget().stats();
  fmt::print("memory:   at most {:.2f} of {:.2f} MB\n", double(budget.peak_total_bytes) / 1e6,
             double(budget.limits.total_bytes) / 1e6);
  for (const std::string& error : stats.errors) fmt::print("error:    {}\n", error);
  return {};
}

int main(int argc, char** argv) { return run(argc, argv, virtual_texture); }
