// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// A system on a device: flights that replay to the same decisions, regions that are waited for, and
// tiles that come back from host memory.

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "forge3d/virtual_texture.hpp"
#include "streaming/test_sources.hpp"
#include "streaming/test_views.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kExtent = 8192;

/// Reads take a time that no two runs share.
class UnsteadySource : public test::PatternSource {
 public:
  using PatternSource::PatternSource;
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    thread_local std::mt19937 random(std::random_device{}());
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
    return PatternSource::read_tile(address, out);
  }
};

class StreamingFlights : public testing::Test {
 protected:
  void SetUp() override {
    device = test::open_device({});
    ASSERT_NE(device, nullptr);
    ring = StagingRing::create(device, {.upload_bytes = 4 * kMebibyte, .readback_bytes = kMebibyte})
               .value();
  }
  std::unique_ptr<VirtualTextureSystem> make(std::uint64_t tile_cache_bytes = 0,
                                             bool deterministic = false) {
    VirtualTextureSystemDesc desc;
    desc.device = device;
    desc.ring = ring;
    desc.format = Format::kRGBA8Unorm;
    desc.page_texels = 64;
    desc.atlas_bytes = 2 * kMebibyte;
    desc.page_table_bytes = 256 * 1024;
    desc.upload_bytes_per_frame = 256 * 1024;
    desc.worker_threads = 3;
    desc.tile_cache_bytes = tile_cache_bytes;
    desc.deterministic = deterministic;
    if (deterministic) desc.frame_seconds = 1.0 / 60;
    return VirtualTextureSystem::create(desc).value();
  }
  static VirtualView look_at(double x, VirtualTextureId texture) {
    VirtualView view = test::perspective_view({.x = x, .y = 4000, .height = 300, .pitch = 0.6},
                                              kExtent, kExtent, 320, 180);
    view.texture = texture;
    return view;
  }

  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;
};

TEST_F(StreamingFlights, ReplayToTheSameDecisionsInDeterministicMode) {
  const auto fly = [this] {
    const auto system = make(0, true);
    const auto id = system->add(std::make_shared<UnsteadySource>(kExtent, kExtent, 64)).value();
    for (int frame = 0; frame < 150; ++frame) {
      const VirtualView view = look_at(500 + 25 * frame + (frame > 100 ? 2000 : 0), id);
      EXPECT_TRUE(system->update({&view, 1}));
    }
    EXPECT_GT(system->stats().tiles_loaded, 100u);
    EXPECT_GT(system->stats().tiles_evicted, 0u);
    return system->stats().decisions_hash;
  };
  const std::uint64_t first = fly();
  EXPECT_EQ(fly(), first);
  EXPECT_EQ(fly(), first);
}

TEST_F(StreamingFlights, ARegionIsWaitedForOnAnotherThread) {
  const auto system = make();
  const auto id = system->add(std::make_shared<UnsteadySource>(kExtent, kExtent, 64)).value();
  VirtualView there = look_at(6000, id);
  there.width /= 4;  // half of the slots are its
  there.height /= 4;
  const auto request = system->request_view(there, 0.5);
  ASSERT_TRUE(request) << request.error().to_string();
  EXPECT_FALSE(request->ready());
  EXPECT_EQ(request->missing(), request->pages());
  EXPECT_EQ(request->wait(1'000'000).error().code, ErrorCode::kTimeout);
  Result<> waited;
  std::thread waiter([&] { waited = request->wait(20'000'000'000); });
  const VirtualView here = look_at(1000, id);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!request->ready() && std::chrono::steady_clock::now() < until) {
    ASSERT_TRUE(system->update({&here, 1}));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  waiter.join();
  EXPECT_TRUE(waited) << waited.error().to_string();
  const auto jumped = system->update({&there, 1});
  ASSERT_TRUE(jumped);
  EXPECT_EQ(jumped->tiles_missing, 0u);
  EXPECT_EQ(system->stats().holes, 0u);
}

TEST_F(StreamingFlights, ARegionOfARemovedTextureEnds) {
  auto system = make();
  const auto id = system->add(std::make_shared<UnsteadySource>(kExtent, kExtent, 64)).value();
  const auto other = system->add(std::make_shared<UnsteadySource>(kExtent, kExtent, 64)).value();
  const auto request = system->request_region({id, 0, 0, 0, 200, 200}, 1);
  const auto second = system->request_region({other, 0, 0, 0, 200, 200}, 1);
  ASSERT_TRUE(request && second);
  EXPECT_EQ(request->pages(), 16u);
  ASSERT_TRUE(system->remove(id));
  EXPECT_EQ(request->wait(0).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(second->wait(0).error().code, ErrorCode::kTimeout);
  system.reset();
  EXPECT_EQ(second->wait(0).error().code, ErrorCode::kStaleHandle);
}

TEST_F(StreamingFlights, TilesThatLeftTheAtlasComeFromHostMemory) {
  const auto system = make(8 * kMebibyte);
  const auto category = static_cast<std::size_t>(MemoryCategory::kTileCache);
  const auto held = device->budget().stats().by_category_bytes[category];
  EXPECT_GT(held, 8 * kMebibyte - 64 * 1024);
  EXPECT_LE(held, 8 * kMebibyte);
  const auto source = std::make_shared<UnsteadySource>(kExtent, kExtent, 64);
  const auto id = system->add(source).value();
  const VirtualView here = look_at(1000, id), there = look_at(6000, id);
  for (const VirtualView* view : {&here, &there})
    ASSERT_TRUE(system->settle({view, 1}, 20'000'000'000));
  (void)system->evict_unwanted();
  const std::uint32_t reads = source->reads();
  ASSERT_TRUE(system->settle({&here, 1}, 20'000'000'000));
  EXPECT_EQ(source->reads(), reads);
  EXPECT_GT(system->stats().tile_cache_hits, 0u);
  EXPECT_EQ(system->stats().tile_cache_limit_bytes, held);
}

TEST_F(StreamingFlights, TuningOutsideItsRangesIsRefusedByName) {
  const auto system = make();
  const auto refused = [&](auto change, const char* name) {
    VirtualTextureTuning tuning = system->tuning();
    change(tuning);
    const auto tuned = system->tune(tuning);
    ASSERT_FALSE(tuned);
    EXPECT_EQ(tuned.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(tuned.error().message.find(name), std::string::npos);
  };
  refused([](auto& t) { t.lod_scale = 0; }, "lod_scale");
  refused([](auto& t) { t.cache_priority_boost = 0.5f; }, "cache_priority_boost");
  refused([](auto& t) { t.prefetch_seconds = -1; }, "prefetch_seconds");
  refused([](auto& t) { t.backlog_frames = 5000; }, "backlog_frames");
}

}  // namespace
}  // namespace forge3d
