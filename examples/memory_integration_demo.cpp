// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// All four under one budget: a small game's level is loaded, played and left again.
// usage: memory_integration_demo [OUT_FOLDER [PICTURE]]
//
// The one idea: one description, one ledger. Whatever staging, pools, textures and streaming take
// is counted together; what would pass the limit is refused with figures, and one page shows it
// all.

#include <forge3d/map_view.hpp>
#include <forge3d/memory_system.hpp>

#include "demo.hpp"

using namespace demo;

static void print_ledger(const char* when, const MemorySystem& system) {
  const BudgetStats budget = system.stats().budget;
  fmt::print("{}", when);
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i)
    if (budget.by_category_bytes[i] != 0)
      fmt::print(" {} {:.1f},", to_string(static_cast<MemoryCategory>(i)),
                 double(budget.by_category_bytes[i]) / 1e6);
  fmt::print(" together {:.1f} of {:.1f} MB\n", double(budget.total_bytes) / 1e6,
             double(budget.limits.total_bytes) / 1e6);
}

/// Meshes in the pool, filled through the ring.
static Result<std::vector<PoolReference>> load_meshes(MemorySystem& system) {
  const auto pool = system.pool();
  const auto ring = system.ring();
  std::vector<PoolReference> meshes;
  for (std::uint64_t i = 1; i <= 400; ++i) {
    const std::vector<std::byte> bytes(i * 96, std::byte(i));
    FORGE3D_TRY_ASSIGN(
        const PoolBuffer mesh,
        pool->create_buffer(bytes.size(),
                            VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                            "mesh"));
    meshes.emplace_back(pool, mesh.allocation.handle);  // releases it, whatever happens below
    FORGE3D_TRY(ring->upload({.buffer = mesh.buffer, .buffer_size_bytes = bytes.size()}, bytes));
  }
  FORGE3D_TRY_ASSIGN(const Ticket loaded, ring->flush());
  FORGE3D_TRY(ring->wait(loaded));
  return meshes;
}

/// A short walk over the streamed ground, with a sample of the ledger each frame.
static Result<Image> play(MemorySystem& system, const std::shared_ptr<TileSource>& ground) {
  const TilePyramid& pyramid = ground->pyramid();
  FORGE3D_TRY_ASSIGN(
      const auto streaming,
      system.create_streaming({.format = pyramid.format, .atlas_bytes = 16 * kMebibyte}));
  FORGE3D_TRY_ASSIGN(const VirtualTextureId texture, streaming->add(ground));
  FORGE3D_TRY_ASSIGN(
      const auto view,
      MapView::create(
          {.device = system.device(), .ring = system.ring(), .width = 480, .height = 270}));
  VirtualView wanted;
  for (int frame = 0; frame < 60; ++frame) {
    const Camera camera{.x = pyramid.width * (0.3 + 0.006 * frame),
                        .y = pyramid.height * 0.4,
                        .height = pyramid.height * 0.2,
                        .yaw = 1.2};
    FORGE3D_TRY_ASSIGN(wanted, view->view(texture, pyramid, camera));
    FORGE3D_TRY(streaming->update({&wanted, 1}));
    FORGE3D_TRY(system.pool()->upkeep());
    system.sample();
  }
  FORGE3D_TRY(streaming->settle({&wanted, 1}, 10'000'000'000));
  FORGE3D_TRY(view->render(*streaming, wanted, pyramid));
  print_ledger("playing:", system);
  return view->read_pixels();
}

static Result<> memory_integration(const Arguments& arguments) {
  FORGE3D_TRY_ASSIGN(
      const auto system,
      MemorySystem::create({.open = {.limits = {.host_visible_bytes = 32 * kMebibyte,
                                                .total_bytes = 64 * kMebibyte}},
                            .ring = {.upload_bytes = 8 * kMebibyte, .readback_bytes = kMebibyte},
                            .pool = {.max_bytes = 16 * kMebibyte}}));
  print_ledger("opened: ", *system);
  FORGE3D_TRY_ASSIGN(auto meshes, load_meshes(*system));
  FORGE3D_TRY_ASSIGN(const Image picture, input_picture(arguments, 512, 512));
  FORGE3D_TRY_ASSIGN(const SystemTextureInfo info,
                     system->add_texture(picture, "picture", {.quality = Quality::kFast}));
  fmt::print("texture: {}, {:.1f}:1, {:.1f} ms to decode or encode{}\n",
             format_info(info.format)->name, info.compression_ratio, info.decode_ms,
             info.psnr_db ? fmt::format(", {:.1f} dB", *info.psnr_db) : "");
  print_ledger("loaded: ", *system);

  FORGE3D_TRY_ASSIGN(const Image ground, input_picture(arguments, 2048, 1024));
  FORGE3D_TRY_ASSIGN(const auto source, make_image_tile_source(ground, Format::kRGBA8Srgb));
  FORGE3D_TRY_ASSIGN(const Image frame, play(*system, source));
  FORGE3D_TRY(save_png(arguments.out / "integration.png", frame));

  // More than the budget allows is an answer, and everything is as before.
  const auto refused =
      system->pool()->create_buffer(64 * kMebibyte, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT);
  if (refused) return fail(ErrorCode::kInternal, "the budget was passed");
  fmt::print("refused: {}\n", refused.error().message);
  // A smaller budget is kept, too: what is idle is given back, or the answer says what is held.
  const auto smaller =
      system->set_limits({.host_visible_bytes = 32 * kMebibyte, .total_bytes = 4 * kMebibyte});
  fmt::print("4 MiB:   {}\n", smaller ? "fits" : smaller.error().message);

  const PerformanceMetrics speed = system->performance();
  fmt::print(
      "speed:   upload {:.0f} MB/s, pool request {:.2f} us (of {} timed), texture {:.1f} ms, "
      "streaming update {:.2f} ms (p99 {:.2f})\n",
      speed.upload_bandwidth_mbps, speed.allocation_latency_us.mean,
      speed.allocation_latency_us.samples, speed.decode_time_ms.mean,
      speed.streaming_update_ms.mean, speed.streaming_update_ms.p99);
  FORGE3D_TRY_ASSIGN(const std::string page, system->report_html());
  FORGE3D_TRY(save_text(arguments.out / "report.html", page));
  FORGE3D_TRY_ASSIGN(const std::string trace, system->trace_json());
  FORGE3D_TRY(save_text(arguments.out / "trace.json", trace));
  meshes.clear();
  FORGE3D_TRY(system->unload_texture(info.id));
  system->pool()->trim();
  print_ledger("left:   ", *system);
  return {};
}

int main(int argc, char** argv) { return run(argc, argv, memory_integration); }
