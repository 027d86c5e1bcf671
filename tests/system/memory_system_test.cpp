// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/memory_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "streaming/test_sources.hpp"
#include "streaming/test_views.hpp"
#include "system/system_fixture.hpp"

namespace forge3d::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MemorySystemTest : public SystemFixture {};

VirtualTextureSystemDesc small_streaming(std::uint64_t atlas_bytes = 4 * kMebibyte) {
  VirtualTextureSystemDesc desc;
  desc.format = Format::kRGBA8Unorm;
  desc.page_texels = 64;
  desc.atlas_bytes = atlas_bytes;
  desc.page_table_bytes = 64 << 10;
  desc.max_textures = 4;
  return desc;
}

TEST_F(MemorySystemTest, EachSubsetOfPartsComesUpAndGoes) {
  for (unsigned parts = 0; parts < 16; ++parts) {
    MemorySystemDesc desc;
    desc.staging = (parts & 1) != 0;
    desc.pools = (parts & 2) != 0;
    desc.compressed_textures = (parts & 4) != 0;
    desc.virtual_textures = (parts & 8) != 0;
    open(desc);
    ASSERT_NE(system_, nullptr) << parts;
    const SystemStats stats = system_->stats();
    EXPECT_EQ(system_->ring() != nullptr, desc.staging);
    EXPECT_EQ(system_->pool() != nullptr, desc.pools);
    EXPECT_EQ(stats.has_staging, desc.staging);
    EXPECT_EQ(stats.has_pools, desc.pools);
    EXPECT_EQ(stats.has_compressed, desc.compressed_textures);
    EXPECT_EQ(stats.has_virtual, desc.virtual_textures);
    EXPECT_EQ(sum_by_category(stats.budget), stats.budget.total_bytes);
    EXPECT_EQ(stats.budget.total_bytes > 0, (parts & ~2u) != 0) << parts;
    const auto texture = system_->add_texture(gradient_picture(32, 32), "t");
    EXPECT_EQ(texture.has_value(), desc.compressed_textures);
    if (!texture) {
      EXPECT_EQ(texture.error().code, ErrorCode::kNotSupported);
    }
    const auto streaming = system_->create_streaming(small_streaming());
    EXPECT_EQ(streaming.has_value(), desc.virtual_textures)
        << (streaming ? "" : streaming.error().to_string());
    if (!streaming) {
      EXPECT_EQ(streaming.error().code, ErrorCode::kNotSupported);
    }
    TearDown();
  }
}

TEST_F(MemorySystemTest, OpensADeviceOfItsOwn) {
  MemorySystemDesc desc;
  desc.open = device_desc();
  desc.open.limits = {64 * kMebibyte, 64 * kMebibyte};
  auto system = MemorySystem::create(desc);
  ASSERT_TRUE(system) << system.error().to_string();
  EXPECT_EQ((*system)->stats().budget.limits.total_bytes, 64 * kMebibyte);
}

TEST_F(MemorySystemTest, SmallBudgetsAreRefusedWithTheReason) {
  for (const std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{65536}, kMebibyte}) {
    device_ = open_device({bytes, bytes});
    const auto system = MemorySystem::create({.device = device_});
    ASSERT_FALSE(system);
    EXPECT_EQ(system.error().code, ErrorCode::kBudgetExceeded);
    EXPECT_THAT(system.error().to_string(), HasSubstr("staging"));
    EXPECT_EQ(ledger().total_bytes, 0u);
  }
}

TEST_F(MemorySystemTest, RefusesAWindowOfNothing) {
  const auto system = MemorySystem::create({.window_ns = 0});
  ASSERT_FALSE(system);
  EXPECT_EQ(system.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(MemorySystemTest, PartsOutliveTheSystemInAnyOrder) {
  for (int order = 0; order < 3; ++order) {
    open();
    ASSERT_NE(system_, nullptr);
    auto ring = system_->ring();
    auto pool = system_->pool();
    auto streaming = system_->create_streaming(small_streaming()).value();
    auto added =
        system_->add_texture(gradient_picture(256, 256), "in flight", {.quality = Quality::kFast})
            .value();
    auto texture = system_->texture(added.id).value();
    auto buffer = pool->create_buffer(1 << 20, VK_BUFFER_USAGE_TRANSFER_DST_BIT).value();
    const std::vector<std::byte> data(1 << 20, std::byte{7});
    // Recorded, not submitted: in flight in the widest sense.
    ASSERT_TRUE(ring->upload({buffer.buffer, 0, data.size()}, data));
    ASSERT_TRUE(streaming->add(std::make_shared<PatternSource>(512, 512, 64)));
    std::array<std::function<void()>, 5> drop = {
        [&] { system_.reset(); }, [&] { texture.reset(); },
        [&] {
          ASSERT_TRUE(ring->flush());
          ASSERT_TRUE(pool->release(
              buffer.allocation.handle,
              {QueueKind::kGraphics, device_->queue(QueueKind::kGraphics).last_submitted()}));
          pool.reset();
        },
        [&] { streaming.reset(); }, [&] { ring.reset(); }};
    if (order == 0) std::swap(drop[0], drop[2]);
    if (order == 2) std::swap(drop[0], drop[3]);
    for (const auto& step : drop) step();
    TearDown();
  }
}

TEST_F(MemorySystemTest, StatsAddUpToTheLedger) {
  open();
  ASSERT_NE(system_, nullptr);
  const auto one =
      system_->add_texture(gradient_picture(256, 128), "one", {.quality = Quality::kFast}).value();
  const auto two = system_->add_texture(gradient_picture(64, 64), "two").value();
  const auto pooled =
      system_->pool()->create_buffer(3 << 20, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT).value();
  auto streaming = system_->create_streaming(small_streaming()).value();
  const SystemStats stats = system_->stats();
  EXPECT_EQ(sum_by_category(stats.budget), stats.budget.total_bytes);
  EXPECT_EQ(held(stats.budget, MemoryCategory::kTexture), stats.compressed.device_bytes);
  EXPECT_EQ(stats.compressed.device_bytes, one.device_bytes + two.device_bytes);
  EXPECT_EQ(stats.compressed.textures, 2u);
  EXPECT_EQ(held(stats.budget, MemoryCategory::kPool), stats.pools.block_bytes);
  EXPECT_EQ(held(stats.budget, MemoryCategory::kAtlas), stats.virtual_textures.atlas_bytes);
  EXPECT_EQ(held(stats.budget, MemoryCategory::kPageTable),
            stats.virtual_textures.page_table_bytes);
  EXPECT_EQ(stats.virtual_textures.systems, 1u);
  streaming.reset();
  EXPECT_EQ(system_->stats().virtual_textures.systems, 0u);
  EXPECT_TRUE(system_->pool()->release(pooled.allocation.handle));
}

TEST_F(MemorySystemTest, StreamingCountsInStatsAndPerformance) {
  open();
  ASSERT_NE(system_, nullptr);
  std::uint64_t told = 0;
  VirtualTextureSystemDesc desc = small_streaming();
  desc.observer = [&](const VirtualUpdateStats&, std::uint64_t begin_ns, std::uint64_t end_ns) {
    ++told;
    EXPECT_LE(begin_ns, end_ns);
  };
  auto streaming = system_->create_streaming(desc).value();
  const auto texture = streaming->add(std::make_shared<PatternSource>(1024, 1024, 64)).value();
  VirtualView view = flat_view(0, 0, 1, 1, 512, 512);
  view.texture = texture;
  ASSERT_TRUE(streaming->settle(std::array{view}, 10'000'000'000));
  const SystemStats stats = system_->stats();
  EXPECT_GT(stats.virtual_textures.tiles_loaded, 0u);
  EXPECT_GT(stats.virtual_textures.cache_misses, 0u);
  const PerformanceMetrics figures = system_->performance();
  EXPECT_EQ(figures.streaming_update_ms.samples, told);
  EXPECT_GT(figures.streaming_update_ms.max, 0);
  EXPECT_GE(figures.streaming_update_ms.max, figures.streaming_update_ms.p50);
}

TEST_F(MemorySystemTest, PerformanceIsMeasured) {
  open();
  ASSERT_NE(system_, nullptr);
  const PerformanceMetrics before = system_->performance();
  EXPECT_EQ(before.upload_latency_ms.samples, 0u);
  EXPECT_EQ(before.upload_bandwidth_mbps, 0);
  EXPECT_EQ(before.decode_time_ms.samples, 0u);
  auto buffer =
      Buffer::create(device_, {.size_bytes = 2 << 20, .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT})
          .value();
  const std::vector<std::byte> data(2 << 20, std::byte{1});
  const auto begin = std::chrono::steady_clock::now();
  PerformanceMetrics uploaded;
  // An upload counts as timed when the wait for it found it under way: on a busy machine it may
  // have ended before.
  for (int i = 0; uploaded.upload_latency_ms.samples == 0 && i < 500; ++i) {
    ASSERT_TRUE(system_->ring()->upload(region_of(buffer), data));
    const Ticket ticket = system_->ring()->flush().value();
    ASSERT_TRUE(system_->ring()->wait(ticket));
    uploaded = system_->performance();
  }
  const double took_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  std::vector<PoolHandle> handles;
  for (int i = 0; i < 640; ++i)
    handles.push_back(system_->pool()
                          ->create_buffer(256, VK_BUFFER_USAGE_TRANSFER_DST_BIT)
                          .value()
                          .allocation.handle);
  for (const PoolHandle handle : handles) ASSERT_TRUE(system_->pool()->release(handle));
  const auto texture = system_->add_texture(gradient_picture(128, 128), "t").value();
  const PerformanceMetrics after = system_->performance();
  EXPECT_GE(uploaded.bytes_uploaded, data.size());
  EXPECT_GT(uploaded.upload_latency_ms.samples, 0u);
  EXPECT_GT(uploaded.upload_bandwidth_mbps,
            static_cast<double>(data.size()) * 1e-3 /
                (took_ms + uploaded.upload_latency_ms.max *
                               static_cast<double>(uploaded.upload_latency_ms.samples)));
  EXPECT_EQ(after.allocation_latency_us.samples, 10u);
  EXPECT_GT(after.allocation_latency_us.p50, 0);
  EXPECT_EQ(after.decode_time_ms.samples, 1u);
  EXPECT_NEAR(after.decode_time_ms.max, texture.decode_ms, 1e-9);
  EXPECT_GT(after.window_s, 0);
}

TEST_F(MemorySystemTest, ReportAndTraceAreJson) {
  open();
  ASSERT_NE(system_, nullptr);
  const std::uint64_t now_ns =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                     std::chrono::steady_clock::now().time_since_epoch())
                                     .count());
  system_->add_event("game \"x\"", "level\nload", now_ns, now_ns + 5000);
  ASSERT_TRUE(system_->add_texture(gradient_picture(64, 64), "name \xff \"quoted\""));
  system_->sample();
  const auto report = nlohmann::json::parse(system_->report_json().value());
  EXPECT_EQ(report["textures"].size(), 1u);
  EXPECT_EQ(report["budget"]["total_bytes"], ledger().total_bytes);
  EXPECT_GE(report["history"].size(), 3u);
  const auto trace = nlohmann::json::parse(system_->trace_json().value());
  bool found = false, loaded = false;
  for (const auto& event : trace["traceEvents"]) {
    found |= event["name"] == "level\nload" && event["dur"] == 5.0;
    loaded |= event.value("cat", "") == "texture" && event["ph"] == "X";
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(loaded);
}

TEST_F(MemorySystemTest, ThePageStandsAloneAndShowsItsParts) {
  open();
  ASSERT_NE(system_, nullptr);
  const auto empty = system_->report_html();
  ASSERT_TRUE(empty) << empty.error().to_string();
  ASSERT_TRUE(system_->add_texture(gradient_picture(64, 64), "a <b> \"c\" & d"));
  const auto buffer =
      system_->pool()->create_buffer(1 << 20, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT).value();
  VirtualTextureSystemDesc desc = small_streaming();
  desc.debug_name = "world <1>";
  auto streaming = system_->create_streaming(desc).value();
  VirtualView view = flat_view(0, 0, 1, 1, 256, 256);
  view.texture = streaming->add(std::make_shared<PatternSource>(512, 512, 64)).value();
  ASSERT_TRUE(streaming->settle(std::array{view}, 10'000'000'000));
  const std::string page = system_->report_html().value();
  if (const char* keep = std::getenv("FORGE3D_KEEP_REPORT")) std::ofstream(keep) << page;
  for (const char* outside :
       {"http://", "https://", "src='/", "<link", "@import", "url(", "<script", "nan", "inf "})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  for (const char* inside : {"a &lt;b&gt; &quot;c&quot; &amp; d", "Streaming: world &lt;1&gt;",
                             "Device memory by category", "budget 512 MiB", "heap map",
                             "atlas slots", "BC7_SRGB_BLOCK", "Upload ring", "</html>"})
    EXPECT_THAT(page, HasSubstr(inside));
  EXPECT_TRUE(system_->pool()->release(buffer.allocation.handle));
}

}  // namespace
}  // namespace forge3d::test
