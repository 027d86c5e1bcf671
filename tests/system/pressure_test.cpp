// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <vector>

#include "streaming/test_sources.hpp"
#include "streaming/test_views.hpp"
#include "system/system_fixture.hpp"

namespace forge3d::test {
namespace {

/// Spans of one track lie beside or within each other, and all that was at work has some.
void check_trace(const std::string& text) {
  const auto trace = nlohmann::json::parse(text);
  std::map<std::string, int> spans;
  std::map<std::pair<int, int>, std::vector<std::pair<double, double>>> tracks;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++spans[event["cat"]];
    const double begin = event["ts"], duration = event["dur"];
    tracks[{event["pid"], event["tid"]}].emplace_back(begin, -(begin + duration));
  }
  for (const char* category : {"upload", "pool", "texture", "streaming"})
    EXPECT_GT(spans[category], 0) << category;
  EXPECT_GT(tracks.size(), 4u);
  constexpr double kRounding = 0.0015;  // of microseconds with three decimals
  for (auto& [track, list] : tracks) {
    std::sort(list.begin(), list.end());
    std::vector<double> open;  // ends of the spans around
    for (const auto& [begin, minus_end] : list) {
      while (!open.empty() && open.back() <= begin + kRounding) open.pop_back();
      if (!open.empty()) {
        ASSERT_LE(-minus_end, open.back() + kRounding) << track.first << "." << track.second;
      }
      open.push_back(-minus_end);
    }
  }
}

constexpr int kThreads = 8;
constexpr auto kTime = std::chrono::seconds(3);

class SystemPressure : public SystemFixture {
 protected:
  /// True for success, and for a refusal that carries its reason.
  template <class T>
  void expect_reason(const Result<T>& result) {
    if (result) {
      granted_.fetch_add(1);
      return;
    }
    const Error& error = result.error();
    const bool expected =
        error.code == ErrorCode::kBudgetExceeded || error.code == ErrorCode::kTimeout;
    if (!expected || error.message.empty()) ADD_FAILURE() << error.to_string();
    refused_.fetch_add(1);
  }

  void work_on_pool(std::mt19937& random, std::vector<PoolHandle>& mine) {
    if (mine.size() < 40 && random() % 4 != 0) {
      auto buffer = system_->pool()->create_buffer(1 + random() % (256 << 10),
                                                   VK_BUFFER_USAGE_TRANSFER_DST_BIT);
      expect_reason(buffer);
      if (buffer) mine.push_back(buffer->allocation.handle);
    } else if (!mine.empty()) {
      EXPECT_TRUE(system_->pool()->release(mine.back()));
      mine.pop_back();
    }
  }
  void work_on_textures(std::mt19937& random, std::vector<TextureId>& mine) {
    if (mine.size() < 6 && random() % 3 != 0) {
      const std::uint32_t extent = 16u << random() % 5;
      auto texture = system_->add_texture(
          gradient_picture(extent, extent), "t",
          {.preferred_format = Format::kRGBA8Unorm, .mipmaps = random() % 2 == 0});
      expect_reason(texture);
      if (texture) mine.push_back(texture->id);
    } else if (!mine.empty()) {
      EXPECT_TRUE(system_->unload_texture(mine.back()));
      mine.pop_back();
    }
  }
  void work_on_streaming(std::mt19937& random, std::shared_ptr<VirtualTextureSystem>& mine) {
    if (mine == nullptr) {
      VirtualTextureSystemDesc desc;
      desc.format = Format::kRGBA8Unorm;
      desc.page_texels = 64;
      desc.atlas_bytes = kMebibyte + random() % (4 * kMebibyte);
      desc.page_table_bytes = 64 << 10;
      desc.max_textures = 2;
      desc.worker_threads = 1;
      auto made = system_->create_streaming(desc);
      expect_reason(made);
      if (!made) return;
      mine = *made;
      EXPECT_TRUE(mine->add(std::make_shared<PatternSource>(2048, 2048, 64)));
      return;
    }
    const double u = random() % 100 * 0.007;
    VirtualView view = flat_view(u, u, u + 0.3, u + 0.3, 512, 512);
    view.texture = {0, 1};
    expect_reason(mine->update(std::array{view}));
    if (random() % 40 == 0) mine.reset();
  }
  void run(unsigned number) {
    std::mt19937 random(number);
    std::vector<PoolHandle> handles;
    std::vector<TextureId> textures;
    std::shared_ptr<VirtualTextureSystem> streaming;
    const std::vector<std::byte> data(64 << 10, std::byte{1});
    auto target = Buffer::create(
        device_, {.size_bytes = data.size(), .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT});
    expect_reason(target);
    while (!stop_.load()) {
      switch (random() % 5) {
        case 0:
          work_on_textures(random, textures);
          break;
        case 1:
          if (number % 2 == 0) work_on_streaming(random, streaming);
          break;
        case 2:
          if (target) expect_reason(system_->ring()->upload(region_of(*target), data));
          break;
        default:
          work_on_pool(random, handles);
      }
    }
    for (const PoolHandle handle : handles) EXPECT_TRUE(system_->pool()->release(handle));
    for (const TextureId id : textures) EXPECT_TRUE(system_->unload_texture(id));
    if (const auto last = system_->ring()->flush()) {
      EXPECT_TRUE(system_->ring()->wait(*last));
    }
  }

  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> granted_{0}, refused_{0};
};

TEST_F(SystemPressure, EightThreadsAtTheLimitNeverPassIt) {
  constexpr std::uint64_t kLimit = 24 * kMebibyte;
  MemorySystemDesc desc;
  desc.pool = {.block_bytes = kMebibyte, .wait_ns = 1'000'000};
  open(desc, {kLimit, kLimit});
  ASSERT_NE(system_, nullptr);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back([this, t] { run(t); });
  std::uint64_t largest = 0;
  const auto end = std::chrono::steady_clock::now() + kTime;
  for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
    const BudgetStats now = ledger();
    largest = std::max(largest, now.total_bytes);
    ASSERT_LE(now.total_bytes, kLimit);
    ASSERT_LE(now.host_visible_bytes, kLimit);
    if (i % 64 == 0) {
      system_->sample();
      const auto page = system_->report_html();
      EXPECT_TRUE(page);
      if (const char* keep = std::getenv("FORGE3D_KEEP_REPORT")) std::ofstream(keep) << *page;
    }
    (void)system_->stats();
    std::this_thread::yield();
  }
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
  check_trace(system_->trace_json().value());
  EXPECT_LE(ledger().peak_total_bytes, kLimit);
  EXPECT_GT(largest, kLimit / 2);
  EXPECT_GT(granted_.load(), 100u);
  EXPECT_GT(refused_.load(), 0u) << "the limit was never met";
  std::printf("%llu granted, %llu refused, at most %llu of %llu bytes\n",
              static_cast<unsigned long long>(granted_.load()),
              static_cast<unsigned long long>(refused_.load()),
              static_cast<unsigned long long>(largest), static_cast<unsigned long long>(kLimit));
  ASSERT_TRUE(device_->wait_idle());
  (void)system_->pool()->trim();
  system_.reset();
  EXPECT_EQ(ledger().total_bytes, 0u) << "memory returns to zero at close";
}

}  // namespace
}  // namespace forge3d::test
