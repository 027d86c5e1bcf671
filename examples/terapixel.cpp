// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// A map of the world of 1,048,576 x 1,048,576 texels: the Earth's picture with every coastline
// drawn on it, a page at a time and only where the camera looks, flown from orbit down to a harbour
// within a budget of 64 MiB. As one file it would be a terabyte in BC7 blocks.
//
//   terapixel COASTLINES.f3dpl EARTH.jpg [OUT_FOLDER [WIDTHxHEIGHT [BUDGET_MIB]]] [--validation]

#include <fmt/format.h>

#include <forge3d/camera.hpp>
#include <forge3d/map_view.hpp>
#include <forge3d/metrics.hpp>
#include <forge3d/tile_sources.hpp>
#include <forge3d/virtual_texture.hpp>
#include <memory>
#include <string_view>
#include <thread>

#include "coastlines.hpp"
#include "demo.hpp"

namespace {

using namespace demo;

constexpr std::uint32_t kExtent = 1u << 20;
constexpr double kLineRadius = 0.8;  // texels, at every level
constexpr std::array<float, 3> kLineColour{255, 236, 170};
constexpr double kLongitude = 151.2255, kLatitude = -33.845;  // Sydney Harbour
constexpr std::uint32_t kFrames = 600, kStops = 4;

struct Options {
  std::filesystem::path coastlines, earth, out = ".";
  std::uint32_t width = 1280, height = 720, budget_mib = 64;
  bool validation = false;
};

/// Draws any page of any level from the vectors and the picture; nothing is stored.
class World {
 public:
  static Result<std::shared_ptr<TileSource>> open(const Options& options) {
    auto world = std::make_shared<World>();
    FORGE3D_TRY_ASSIGN(world->coastlines_, Coastlines::read(options.coastlines));
    FORGE3D_TRY_ASSIGN(world->earth_, EarthPicture::read(options.earth));
    fmt::print("map:      {} points of coastline over {}\n", world->coastlines_.points(),
               options.earth.filename().string());
    return make_callback_tile_source(
        {.width = kExtent, .height = kExtent, .channels = 4},
        [world](TileAddress page, const ImageInfo& shape, std::span<std::byte> rows) -> Result<> {
          world->paint(page, shape, rows);
          return {};
        },
        0, {.format = Format::kBC7Srgb}, "coastlines of the world");
  }

 private:
  void paint(TileAddress page, const ImageInfo& shape, std::span<std::byte> rows) const {
    LineCanvas canvas{double(kExtent >> page.level),
                      page.x * 256.0,
                      page.y * 256.0,
                      shape.width,
                      shape.height,
                      std::vector<float>(std::size_t{shape.width} * shape.height)};
    coastlines_.draw(canvas, kLineRadius);
    for (std::uint32_t y = 0; y < shape.height; ++y)
      for (std::uint32_t x = 0; x < shape.width; ++x) {
        const std::size_t texel = std::size_t{y} * shape.width + x;
        const std::array<float, 3> ground = earth_.at(
            {(canvas.left + x + 0.5) / canvas.extent, (canvas.top + y + 0.5) / canvas.extent},
            canvas.extent);
        const float line = canvas.opacity[texel];
        for (std::size_t c = 0; c < 3; ++c)
          rows[4 * texel + c] =
              std::byte(int(ground[c] + line * (kLineColour[c] - ground[c]) + 0.5f));
        rows[4 * texel + 3] = std::byte{255};
      }
  }

  Coastlines coastlines_;
  EarthPicture earth_;
};

/// From orbit, all of the map in sight, to a few hundred texels above the harbour.
Camera camera_at(double t) {
  const MapPoint harbour = mercator(kLongitude, kLatitude);
  const double high = 0.85 * kExtent, low = 500, ease = t * t * (3 - 2 * t);
  const double height = high * std::pow(low / high, ease);
  const double near = 1 - (height - low) / (high - low);  // the middle of the map, then the harbour
  const double pitch = 1.55 - 0.75 * ease * ease;
  const double x = (0.5 + (harbour.x - 0.5) * near) * kExtent;
  const double y = (0.5 + (0.5 - harbour.y) * near) * kExtent - height / std::tan(pitch);
  return {.x = x, .y = y, .height = height, .yaw = 1.5707963267948966, .pitch = pitch};
}

struct Rig {
  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;
  std::unique_ptr<VirtualTextureSystem> system;  // before the view, in teardown
  std::unique_ptr<MapView> view;
  VirtualTextureId texture;

  static Result<Rig> create(const Options& options, const std::shared_ptr<TileSource>& world) {
    Rig rig;
    const std::uint64_t bytes = options.budget_mib * kMebibyte;
    FORGE3D_TRY_ASSIGN(
        rig.device, Device::create({.validation = options.validation, .limits = {bytes, bytes}}));
    FORGE3D_TRY_ASSIGN(rig.ring,
                       StagingRing::create(rig.device, {.upload_bytes = 4 * kMebibyte,
                                                        .readback_bytes = 4 * kMebibyte}));
    FORGE3D_TRY_ASSIGN(rig.view, MapView::create({.device = rig.device,
                                                  .ring = rig.ring,
                                                  .width = options.width,
                                                  .height = options.height}));
    FORGE3D_TRY_ASSIGN(rig.system, VirtualTextureSystem::create(
                                       {.device = rig.device,
                                        .ring = rig.ring,
                                        .format = world->pyramid().format,
                                        .reserve_bytes = options.budget_mib / 4 * kMebibyte,
                                        .upload_bytes_per_frame = 2 * kMebibyte,
                                        .tile_cache_bytes = options.budget_mib / 4 * kMebibyte}));
    FORGE3D_TRY_ASSIGN(rig.texture, rig.system->add(world));
    return rig;
  }
};

/// Holds the picture of a camera that stands still against the same picture without any paging.
Result<ImageDifference> verify(Rig& rig, const VirtualView& view, ReferenceView& reference,
                               const TilePyramid& pyramid, const std::filesystem::path& file) {
  FORGE3D_TRY(rig.system->settle({&view, 1}, 120'000'000'000));
  FORGE3D_TRY(rig.view->render(*rig.system, view, pyramid));
  FORGE3D_TRY_ASSIGN(const Image streamed, rig.view->read_pixels());
  FORGE3D_TRY(save_png(file, streamed));
  FORGE3D_TRY_ASSIGN(const Image whole, reference.render(view));
  return compare_images(streamed, whole);
}

Result<> fly(const Options& options) {
  FORGE3D_TRY_ASSIGN(const auto world, World::open(options));
  const TilePyramid& pyramid = world->pyramid();
  FORGE3D_TRY_ASSIGN(Rig rig, Rig::create(options, world));
  ReferenceView::Desc desc{.source = world, .width = options.width, .height = options.height};
  desc.method = ReferenceView::Method::kCpu;
  FORGE3D_TRY_ASSIGN(const auto reference, ReferenceView::create(desc));
  fmt::print("world:    {} x {} texels, {} pages; {} slots on {}\n", pyramid.width, pyramid.height,
             pyramid.page_count(), rig.system->stats().slots_total, rig.device->info().name);
  double exact = 0, worst_db = 1000;
  auto next_frame = std::chrono::steady_clock::now();
  for (std::uint32_t frame = 0; frame < kFrames; ++frame) {
    FORGE3D_TRY_ASSIGN(
        const VirtualView view,
        rig.view->view(rig.texture, pyramid, camera_at(double(frame) / (kFrames - 1))));
    FORGE3D_TRY(rig.system->update({&view, 1}));
    FORGE3D_TRY_ASSIGN(const ScreenCoverage coverage, rig.system->measure(view, 16));
    exact += coverage.exact_area;
    std::this_thread::sleep_until(next_frame += std::chrono::microseconds(16'667));
    if ((frame + 1) % (kFrames / kStops) != 0) continue;
    const auto file = options.out / fmt::format("terapixel-{}.png", frame + 1);
    FORGE3D_TRY_ASSIGN(const ImageDifference difference,
                       verify(rig, view, *reference, pyramid, file));
    worst_db = std::min(worst_db, difference.psnr_rgb_db);
    fmt::print("frame {:3}: {:.2f} dB against the whole, largest error {:.0f} of 255; {}\n",
               frame + 1, difference.psnr_rgb_db, difference.max_error_any * 255,
               file.filename().string());
    next_frame = std::chrono::steady_clock::now();
  }
  const VirtualTextureStats stats = rig.system->stats();
  const BudgetStats budget = rig.device->budget().stats();
  fmt::print("sharp:    {:.2f} % of the screen while flying, {} holes\n", 100 * exact / kFrames,
             stats.holes);
  fmt::print("tiles:    {} loaded, {} evicted, {} failed\n", stats.tiles_loaded,
             stats.tiles_evicted, stats.tiles_failed);
  fmt::print("update:   p50 {:.2f} ms, p99 {:.2f} ms\n", stats.update_ms_p50, stats.update_ms_p99);
  if (options.validation)
    fmt::print("checked:  validation messages {}\n", rig.device->validation_messages());
  fmt::print("memory:   at most {} of {} bytes; verified {:.2f} dB\n", budget.peak_total_bytes,
             budget.limits.total_bytes, worst_db);
  for (const std::string& error : stats.errors) fmt::print("error:    {}\n", error);
  if (budget.peak_total_bytes > budget.limits.total_bytes)
    return fail(ErrorCode::kBudgetExceeded, "the budget was passed");
  return {};
}

bool parse(int argc, char** argv, Options& options) {
  options.validation = argc > 3 && std::string_view(argv[argc - 1]) == "--validation";
  argc -= options.validation;
  if (argc < 3 || argc > 6) return false;
  options.coastlines = argv[1];
  options.earth = argv[2];
  if (argc > 3) options.out = argv[3];
  if (argc > 4 && std::sscanf(argv[4], "%ux%u", &options.width, &options.height) != 2) return false;
  if (argc > 5) options.budget_mib = std::uint32_t(std::strtoul(argv[5], nullptr, 10));
  return options.budget_mib >= 24;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    fmt::print(stderr,
               "usage: {} COASTLINES.f3dpl EARTH.jpg [OUT_FOLDER [WIDTHxHEIGHT [BUDGET_MIB]]] "
               "[--validation]\n",
               argv[0]);
    return 1;
  }
  std::error_code ignored;  // save_png() tells, if there is no folder afterwards
  std::filesystem::create_directories(options.out, ignored);
  const Result<> done = fly(options);
  if (done) return 0;
  fmt::print(stderr, "{}: {}\n", argv[0], done.error().to_string());
  return exit_code(done.error().code);
}
