// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <limits>
#include <set>
#include <thread>

#include "forge3d/virtual_texture.hpp"
#include "streaming/system_test_access.hpp"
#include "streaming/test_sources.hpp"
#include "streaming/test_views.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

using test::FailingSource;
using test::flat_view;
using test::GatedSource;
using test::PatternSource;
using test::perspective_view;

constexpr std::uint64_t kPatienceNs = 30'000'000'000;

class VirtualTextures : public testing::Test {
 protected:
  void open(BudgetLimits limits = {}) {
    device_ = test::open_device(limits);
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(
        device_, {.upload_bytes = 4 * kMebibyte, .readback_bytes = 4 * kMebibyte});
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
  }
  VirtualTextureSystemDesc small_desc(std::uint64_t atlas_bytes = 2 * kMebibyte) const {
    VirtualTextureSystemDesc desc;
    desc.device = device_;
    desc.ring = ring_;
    desc.format = Format::kRGBA8Unorm;
    desc.page_texels = 64;
    desc.atlas_bytes = atlas_bytes;
    desc.page_table_bytes = 256 * 1024;
    desc.max_textures = 4;
    desc.worker_threads = 2;
    return desc;
  }
  std::unique_ptr<VirtualTextureSystem> make(const VirtualTextureSystemDesc& desc) {
    auto system = VirtualTextureSystem::create(desc);
    EXPECT_TRUE(system) << system.error().to_string();
    return system ? std::move(*system) : nullptr;
  }

  /// What a shader would find for a page: the slot's owner in the table that the GPU has.
  std::vector<std::uint32_t> read_table(const VirtualTextureSystem& system) {
    const VirtualTextureBindings b = system.bindings();
    auto readback =
        ring_->readback(BufferRegion{b.page_table, 0, b.page_table_bytes}, b.page_table_bytes);
    EXPECT_TRUE(readback) << readback.error().to_string();
    const auto bytes = readback->get();
    EXPECT_TRUE(bytes);
    std::vector<std::uint32_t> words(bytes->size() / 4);
    std::memcpy(words.data(), bytes->data(), words.size() * 4);
    return words;
  }
  static std::uint32_t entry_of(const std::vector<std::uint32_t>& words, std::uint32_t texture,
                                TileAddress tile) {
    const std::uint32_t record = 8 + texture * 36;
    const std::uint32_t extent = std::max(words[record] >> tile.level, 1u);
    const std::uint32_t pages_x = ((extent - 1) >> words[2]) + 1;
    const std::uint32_t directory = words[record + 4 + tile.level];
    if ((directory & 0x80000000u) != 0)
      return words[(directory & 0x7fffffffu) + tile.y * pages_x + tile.x];
    const std::uint32_t entry =
        words[directory + tile.y / 32 * ((pages_x + 31) / 32) + tile.x / 32];
    if ((entry & 0x80000000u) == 0) return entry;
    return words[(entry & 0x7fffffffu) + tile.y % 32 * 32 + tile.x % 32];
  }

  /// The rules that hold after every update: no slot twice, every table entry names a slot whose
  /// page is the asked one or an ancestor, pinned pages stay.
  void expect_invariants(const VirtualTextureSystem& system, VirtualTextureId id,
                         const TilePyramid& p) {
    const std::vector<AtlasSlot> slots = system.atlas_slots();
    std::set<std::pair<std::uint32_t, TileAddress>> pages;
    std::uint32_t used = 0;
    for (const AtlasSlot& slot : slots)
      if (slot.used) {
        ++used;
        ASSERT_TRUE(pages.insert({slot.texture.index, slot.tile}).second) << "a page in two slots";
        if (slot.texture == id) {
          ASSERT_TRUE(system.is_resident(id, slot.tile));
        }
      }
    ASSERT_EQ(used, system.stats().slots_used);
    ASSERT_TRUE(system.is_resident(id, {p.levels - 1, 0, 0})) << "the coarsest page is gone";
    const std::vector<std::uint32_t> words = read_table(system);
    for (std::uint32_t level = 0; level < p.levels; ++level)
      for (std::uint32_t y = 0; y < p.pages_y(level); y += 1 + p.pages_y(level) / 9)
        for (std::uint32_t x = 0; x < p.pages_x(level); x += 1 + p.pages_x(level) / 9) {
          const std::uint32_t entry = entry_of(words, id.index, {level, x, y});
          ASSERT_NE(entry & 0x40000000u, 0u);
          const AtlasSlot& slot = slots.at(entry & 0xfffffu);
          const std::uint32_t resident = (entry >> 25) & 31;
          ASSERT_TRUE(slot.used && slot.texture == id)
              << "the table names slot " << (entry & 0xfffffu);
          ASSERT_EQ(slot.tile.level, resident);
          ASSERT_GE(resident, level);
          const std::uint32_t up = resident - level;
          ASSERT_EQ(slot.tile.x, std::min(x >> up, p.pages_x(resident) - 1));
          ASSERT_EQ(slot.tile.y, std::min(y >> up, p.pages_y(resident) - 1));
        }
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
};

#define ASSERT_OK(expression)                                  \
  do {                                                         \
    const auto& ok_result_ = (expression);                     \
    ASSERT_TRUE(ok_result_) << ok_result_.error().to_string(); \
  } while (false)

TEST_F(VirtualTextures, SettlingMakesTheWholeViewSharp) {
  open();
  auto system = make(small_desc(8 * kMebibyte));
  const auto source = std::make_shared<PatternSource>(4000, 3001, 64);
  const auto id = system->add(source);
  ASSERT_OK(id);
  VirtualView view = perspective_view({2000, 1000, 200, 0.9, 0.6}, 4000, 3001, 320, 200);
  view.texture = *id;
  const auto before = system->measure(view, 4);
  ASSERT_OK(before);
  EXPECT_LT(before->exact_area, 0.2);
  EXPECT_GT(before->mip_deficit, 1);
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  const auto after = system->measure(view, 1);
  ASSERT_OK(after);
  EXPECT_GT(after->covered, 0.3);
  EXPECT_EQ(after->exact_area, 1);
  EXPECT_EQ(after->mip_deficit, 0);
  expect_invariants(*system, *id, source->pyramid());
  const VirtualTextureStats stats = system->stats();
  EXPECT_EQ(stats.tiles_failed, 0u);
  EXPECT_EQ(stats.tiles_loaded, stats.tiles_requested);
  EXPECT_EQ(stats.slots_pinned, 1u);
  EXPECT_GT(stats.update_ms_p50, 0);
  EXPECT_LE(stats.atlas_bytes, 8 * kMebibyte);
  EXPECT_EQ(
      device_->budget().stats().by_category_bytes[static_cast<std::size_t>(MemoryCategory::kAtlas)],
      stats.atlas_bytes);
}

TEST_F(VirtualTextures, EverySlotHoldsTheBytesOfItsTile) {
  open();
  for (const Format format : {Format::kRGBA8Unorm, Format::kBC7Srgb}) {
    auto desc = small_desc();
    desc.format = format;
    desc.page_texels = format == Format::kBC7Srgb ? 128 : 64;
    auto system = make(desc);
    const auto source = std::make_shared<PatternSource>(2048, 1025, desc.page_texels, format);
    const auto id = system->add(source);
    ASSERT_OK(id);
    std::mt19937 random(4);
    for (int i = 0; i < 12; ++i) {
      VirtualView view = test::random_view(random, 2048, 1025, 320, 180);
      view.texture = *id;
      ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
      expect_invariants(*system, *id, source->pyramid());
      if (HasFatalFailure()) return;
    }
    const std::vector<AtlasSlot> slots = system->atlas_slots();
    std::vector<std::byte> expected(source->pyramid().tile_bytes());
    for (std::uint32_t i = 0; i < slots.size(); ++i) {
      if (!slots[i].used) continue;
      auto readback = ring_->readback(VirtualTextureTestAccess::region(*system, i));
      ASSERT_OK(readback);
      const auto bytes = readback->get();
      ASSERT_OK(bytes);
      PatternSource::fill(slots[i].tile, expected);
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), bytes->begin(), bytes->end()))
          << "slot " << i;
    }
    EXPECT_EQ(system->stats().tiles_loaded + 1, source->reads());
  }
}

TEST_F(VirtualTextures, ATinyAtlasNeverShowsAWrongPage) {
  open();
  auto desc = small_desc(12 * 72 * 72 * 4 + 8192);
  desc.max_textures = 2;
  auto system = make(desc);
  ASSERT_LE(system->stats().slots_total, 14u);
  const auto source = std::make_shared<PatternSource>(4096, 4096, 64);
  const auto id = system->add(source);
  ASSERT_OK(id);
  std::mt19937 random(77);
  float largest_bias = 0;
  for (int i = 0; i < 150; ++i) {
    VirtualView view = test::random_view(random, 4096, 4096, 320, 180);
    view.texture = *id;
    for (int frame = 0; frame < 3; ++frame) {
      const auto now = system->update({&view, 1});
      ASSERT_OK(now);
      EXPECT_LE(now->tiles_wanted, system->stats().slots_total);
      largest_bias = std::max(largest_bias, now->mip_bias);
    }
    if (i % 5 == 0) expect_invariants(*system, *id, source->pyramid());
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(largest_bias, 0.5f);
  EXPECT_GT(system->stats().tiles_evicted, 20u);
  VirtualView view = perspective_view({2048, 2048, 300, 0, 1.2}, 4096, 4096, 640, 360);
  view.texture = *id;
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  const auto stats = system->update({&view, 1});
  ASSERT_OK(stats);
  EXPECT_EQ(stats->tiles_missing, 0u) << "what the bias lets be wanted is there";
  EXPECT_EQ(stats->tiles_evicted, 0u) << "and stays";
}

TEST_F(VirtualTextures, FailedTilesAreNamedAndTriedAgain) {
  open();
  auto system = make(small_desc());
  const auto source = std::make_shared<FailingSource>(1024, 1024, 64);
  std::atomic<bool> burning = true;
  source->fails = [&](TileAddress a) { return a.level == 0 && burning.load(); };
  const auto id = system->add(source);
  ASSERT_OK(id);
  VirtualView view = flat_view(0.25, 0.25, 0.5, 0.5, 256, 256);
  view.texture = *id;
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  const auto blurred = system->measure(view, 2);
  ASSERT_OK(blurred);
  EXPECT_EQ(blurred->exact_area, 0);
  EXPECT_EQ(blurred->mip_deficit, 1) << "the parent stays on screen";
  VirtualTextureStats stats = system->stats();
  EXPECT_GE(stats.tiles_failed, 16u);
  ASSERT_FALSE(stats.errors.empty());
  EXPECT_LE(stats.errors.size(), 16u);
  EXPECT_NE(stats.errors.back().find("failing: level 0 page ("), std::string::npos)
      << stats.errors.back();
  EXPECT_NE(stats.errors.back().find("the disk is on fire"), std::string::npos);
  burning = false;
  for (int i = 0; i < 600 && system->measure(view, 2)->exact_area < 1; ++i) {
    ASSERT_OK(system->update({&view, 1}));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_EQ(system->measure(view, 2)->exact_area, 1);
}

TEST_F(VirtualTextures, ATileThatComesAfterItsTextureWasRemovedIsDropped) {
  open();
  auto system = make(small_desc());
  const auto slow = std::make_shared<GatedSource>(1024, 1024, 64);
  const auto id = system->add(slow);
  ASSERT_OK(id);
  VirtualView view = flat_view(0, 0, 1, 1, 512, 512);
  view.texture = *id;
  ASSERT_OK(system->update({&view, 1}));
  slow->wait_until_waiting(2);
  ASSERT_OK(system->remove(*id));
  EXPECT_EQ(system->remove(*id).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(system->update({&view, 1}).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(system->measure(view).error().code, ErrorCode::kStaleHandle);
  EXPECT_EQ(system->shader_index(*id).error().code, ErrorCode::kStaleHandle);
  EXPECT_FALSE(system->is_resident(*id, {0, 0, 0}));

  const auto quick = std::make_shared<PatternSource>(1024, 1024, 64);
  const auto next = system->add(quick);
  ASSERT_OK(next);
  EXPECT_EQ(next->index, id->index);
  EXPECT_NE(next->generation, id->generation);
  view.texture = *next;
  ASSERT_OK(system->update({&view, 1}));
  const std::uint64_t before = quick->reads();
  slow->open();
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  EXPECT_GT(quick->reads(), before) << "its own tiles, not the late ones, fill the page";
  EXPECT_EQ(system->stats().tiles_loaded + 1, quick->reads());
  expect_invariants(*system, *next, quick->pyramid());
}

TEST_F(VirtualTextures, SeveralTexturesShareOneAtlas) {
  open();
  auto system = make(small_desc(8 * kMebibyte));
  std::vector<std::shared_ptr<PatternSource>> sources;
  std::vector<VirtualView> views;
  for (std::uint32_t i = 0; i < 4; ++i) {
    sources.push_back(std::make_shared<PatternSource>(1000 + 500 * i, 2000 - 300 * i, 64));
    const auto id = system->add(sources.back());
    ASSERT_OK(id);
    views.push_back(flat_view(0.2, 0.2, 0.7, 0.7, 200, 160));
    views.back().texture = *id;
  }
  EXPECT_EQ(system->add(sources[0]).error().code, ErrorCode::kBudgetExceeded);
  views.push_back(views[1]);  // two cameras on one texture
  ASSERT_OK(system->settle(views, kPatienceNs));
  for (const VirtualView& view : views) EXPECT_EQ(system->measure(view)->exact_area, 1);
  for (std::size_t i = 0; i < 4; ++i)
    expect_invariants(*system, views[i].texture, sources[i]->pyramid());
  EXPECT_EQ(system->stats().slots_pinned, 4u);
  ASSERT_OK(system->update({}));
  EXPECT_GT(system->evict_unwanted(), 0u);
  EXPECT_EQ(system->stats().slots_used, 4u);
  ASSERT_OK(system->update({}));
  for (std::size_t i = 0; i < 4; ++i)
    expect_invariants(*system, views[i].texture, sources[i]->pyramid());
}

TEST_F(VirtualTextures, BadViewsChangeNothing) {
  open();
  auto system = make(small_desc());
  const auto id = system->add(std::make_shared<PatternSource>(1024, 1024, 64));
  ASSERT_OK(id);
  const VirtualTextureStats before = system->stats();
  VirtualView good = flat_view(0, 0, 1, 1, 64, 64);
  good.texture = *id;
  VirtualView nan = good;
  nan.clip_from_uv[5] = std::numeric_limits<double>::quiet_NaN();
  VirtualView empty = good;
  empty.height = 0;
  VirtualView stale = good;
  stale.texture.generation += 1;
  VirtualView null = good;
  null.texture = {};
  VirtualView far = good;
  far.texture.index = 4'000'000'000;
  const auto code_of = [&](const VirtualView& bad) {
    const VirtualView views[] = {good, bad};
    const auto done = system->update(views);
    EXPECT_FALSE(done);
    return done ? ErrorCode::kInternal : done.error().code;
  };
  EXPECT_EQ(code_of(nan), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(empty), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(stale), ErrorCode::kStaleHandle);
  EXPECT_EQ(code_of(null), ErrorCode::kStaleHandle);
  EXPECT_EQ(code_of(far), ErrorCode::kStaleHandle);
  EXPECT_EQ(system->measure(good, 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(system->stats().frames, before.frames);
  EXPECT_EQ(system->stats().slots_used, before.slots_used);
}

TEST_F(VirtualTextures, RefusesWhatItCannotStream) {
  open();
  const auto code_of = [&](auto change) {
    auto desc = small_desc();
    change(desc);
    const auto system = VirtualTextureSystem::create(desc);
    EXPECT_FALSE(system);
    return system ? ErrorCode::kInternal : system.error().code;
  };
  using Desc = VirtualTextureSystemDesc;
  EXPECT_EQ(code_of([](Desc& d) { d.device = nullptr; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.ring = nullptr; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.page_texels = 100; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.page_texels = 0; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.border_texels = 0; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.border_texels = 3; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.max_textures = 0; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](Desc& d) { d.format = Format::kUndefined; }), ErrorCode::kNotSupported);
  EXPECT_EQ(code_of([](Desc& d) { d.page_table_bytes = 100; }), ErrorCode::kBudgetExceeded);
  EXPECT_EQ(code_of([](Desc& d) { d.atlas_bytes = 1000; }), ErrorCode::kBudgetExceeded);

  auto system = make(small_desc());
  EXPECT_EQ(system->add(nullptr).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(system->add(std::make_shared<PatternSource>(1024, 1024, 128)).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      system->add(std::make_shared<PatternSource>(1024, 1024, 64, Format::kRGBA8Srgb)).error().code,
      ErrorCode::kInvalidArgument);
  const auto broken = std::make_shared<FailingSource>(1024, 1024, 64);
  broken->fails = [](TileAddress) { return true; };
  EXPECT_EQ(system->add(broken).error().code, ErrorCode::kIo);
  EXPECT_EQ(system->stats().slots_used, 0u) << "a refused texture leaves nothing behind";
  EXPECT_TRUE(system->add(std::make_shared<PatternSource>(1024, 1024, 64)));
}

TEST_F(VirtualTextures, TheBudgetIsNamedAndNeverPassed) {
  open({.host_visible_bytes = 9 * kMebibyte, .total_bytes = 10 * kMebibyte});  // the ring takes 8
  const std::uint64_t ring_bytes = device_->budget().stats().total_bytes;
  auto desc = small_desc(0);
  auto system = make(desc);
  EXPECT_LE(device_->budget().stats().peak_total_bytes, 10 * kMebibyte);
  EXPECT_GT(system->stats().atlas_bytes, kMebibyte) << "what is left goes to the atlas";
  system.reset();
  desc.reserve_bytes = 1800 * 1024;
  const auto refused = VirtualTextureSystem::create(desc);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  const std::string message = refused.error().message;
  // The number at the end is what would have done: it does.
  const std::uint64_t needed = std::stoull(message.substr(message.find_last_of(' ') + 1));
  desc.reserve_bytes = 0;
  desc.atlas_bytes = needed;
  EXPECT_TRUE(VirtualTextureSystem::create(desc)) << message;
  desc.atlas_bytes = needed - 1;
  EXPECT_FALSE(VirtualTextureSystem::create(desc));
  EXPECT_EQ(device_->budget().stats().total_bytes, ring_bytes);
}

TEST_F(VirtualTextures, UploadsStayWithinTheFramesBytes) {
  open();
  auto desc = small_desc();
  const std::uint64_t tile = 72 * 72 * 4;
  desc.upload_bytes_per_frame = 3 * tile;
  auto system = make(desc);
  const auto id = system->add(std::make_shared<PatternSource>(2048, 2048, 64));
  ASSERT_OK(id);
  VirtualView view = flat_view(0, 0, 0.3, 0.3, 600, 600);
  view.texture = *id;
  std::uint32_t most = 0;
  for (int i = 0; i < 200; ++i) {
    const auto now = system->update({&view, 1});
    ASSERT_OK(now);
    most = std::max(most, now->tiles_loaded);
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  EXPECT_EQ(most, 3u);
}

TEST_F(VirtualTextures, ASlotWaitsForTheFrameThatMaySampleIt) {
  open();
  auto desc = small_desc(10 * 72 * 72 * 4 + 8192);
  desc.max_textures = 1;
  auto system = make(desc);
  const auto id = system->add(std::make_shared<PatternSource>(4096, 4096, 64));
  ASSERT_OK(id);
  VirtualView left = flat_view(0, 0, 0.02, 0.02, 64, 64),
              right = flat_view(0.9, 0.9, 0.98, 0.98, 256, 256);
  left.texture = right.texture = *id;
  ASSERT_OK(system->settle({&right, 1}, kPatienceNs));
  // A frame that is never done: the slots it samples must not be written.
  system->frame_submitted({QueueKind::kGraphics, {std::numeric_limits<std::uint64_t>::max() / 2}});
  std::uint32_t loaded = 0, free_slots = 0;
  for (const AtlasSlot& slot : system->atlas_slots()) free_slots += !slot.used;
  for (int i = 0; i < 50; ++i) {
    const auto now = system->update({&left, 1});
    ASSERT_OK(now);
    loaded += now->tiles_loaded;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_LE(loaded, free_slots);
}

TEST_F(VirtualTextures, RealTilesOfAPicture) {
  open();
  auto image = make_image({.width = 1500, .height = 700, .channels = 3});
  ASSERT_OK(image);
  for (std::size_t i = 0; i < image->pixels.size(); ++i)
    image->pixels[i] = static_cast<std::byte>(i * 7 / 1000);
  for (const Format format : {Format::kRGBA8Srgb, Format::kBC7Srgb}) {
    const auto source = make_image_tile_source(*image, format, 128, 4);
    ASSERT_OK(source);
    auto desc = small_desc(4 * kMebibyte);
    desc.format = format;
    desc.page_texels = 128;
    auto system = make(desc);
    const auto id = system->add(*source);
    ASSERT_OK(id);
    VirtualView view = flat_view(0, 0, 1, 1, 750, 350);
    view.texture = *id;
    ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
    EXPECT_EQ(system->measure(view)->exact_area, 1);
    expect_invariants(*system, *id, (*source)->pyramid());
  }
}

TEST_F(VirtualTextures, Cost) {
  open();
  auto desc = small_desc(64 * kMebibyte);
  auto ring = StagingRing::create(device_);
  ASSERT_OK(ring);
  desc.ring = *ring;
  desc.format = Format::kBC7Srgb;
  desc.page_texels = 256;
  desc.page_table_bytes = kMebibyte;
  auto system = make(desc);
  const auto source = std::make_shared<PatternSource>(8192, 4096, 256, Format::kBC7Srgb);
  const auto id = system->add(source);
  ASSERT_OK(id);
  for (int i = 0; i < 400; ++i) {
    VirtualView view =
        perspective_view({1000.0 + 15 * i, 2000.0 + 2 * i, 500, 0.2, 0.7}, 8192, 4096, 1920, 1080);
    view.texture = *id;
    ASSERT_OK(system->update({&view, 1}));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const VirtualTextureStats stats = system->stats();
  std::printf(
      "[ measured ] update p50 %.3f ms, p99 %.3f ms; %llu tiles; request to visible p50 %.0f p99 "
      "%.0f\n",
      stats.update_ms_p50, stats.update_ms_p99, static_cast<unsigned long long>(stats.tiles_loaded),
      stats.request_to_visible_p50, stats.request_to_visible_p99);
  EXPECT_GT(stats.tiles_loaded, 50u);
}

/// Updates without views until nothing is on its way.
void finish_prefetch(VirtualTextureSystem& system) {
  for (int i = 0; i < 3000; ++i) {
    const auto now = system.update({});
    ASSERT_OK(now);
    if (now->tiles_prefetching == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  FAIL() << "the prefetch never ends";
}

TEST_F(VirtualTextures, PrefetchedPagesComeWithoutAView) {
  open();
  auto system = make(small_desc(4 * kMebibyte));
  const auto id = system->add(std::make_shared<PatternSource>(4000, 3001, 64));
  ASSERT_OK(id);
  const auto asked = system->prefetch({*id, 0, 100, 200, 200, 64});
  ASSERT_OK(asked);
  EXPECT_EQ(*asked, 4u * 2u);  // columns 1..4, rows 3..4
  EXPECT_EQ(*system->prefetch({*id, 0, 100, 200, 200, 64}), 0u) << "asked for twice";
  ASSERT_OK(system->settle({}, kPatienceNs));
  for (std::uint32_t y = 3; y <= 4; ++y)
    for (std::uint32_t x = 1; x <= 4; ++x)
      EXPECT_TRUE(system->is_resident(*id, {0, x, y})) << x << ", " << y;
  EXPECT_FALSE(system->is_resident(*id, {0, 0, 3}));
  EXPECT_EQ(*system->prefetch({*id, 0, 100, 200, 200, 64}), 0u) << "resident already";
  EXPECT_EQ(system->stats().tiles_loaded, 8u);
}

TEST_F(VirtualTextures, APrefetchOfMoreThanFitsFillsTheSlotsAndEnds) {
  open();
  auto system = make(small_desc());
  const auto id = system->add(std::make_shared<PatternSource>(4000, 3001, 64));
  ASSERT_OK(id);
  const std::uint32_t room = system->stats().slots_total - 1;
  const auto asked = system->prefetch({*id, 0, 0, 0, 4000, 3001});
  ASSERT_OK(asked);
  EXPECT_EQ(*asked, room);
  finish_prefetch(*system);
  EXPECT_EQ(system->stats().slots_used, room + 1);
  EXPECT_EQ(system->stats().tiles_loaded, room) << "a page was read twice";
  EXPECT_EQ(system->stats().tiles_evicted, 0u) << "the prefetch evicted itself";
}

TEST_F(VirtualTextures, PrefetchTakesNothingFromAView) {
  open();
  auto system = make(small_desc());
  const auto id = system->add(std::make_shared<PatternSource>(4000, 3001, 64));
  ASSERT_OK(id);
  VirtualView view = perspective_view({2000, 1000, 200, 0.9, 0.6}, 4000, 3001, 320, 200);
  view.texture = *id;
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  const auto before = system->measure(view, 2);
  const float bias = system->update({&view, 1})->mip_bias;
  ASSERT_OK(system->prefetch({*id, 0, 0, 0, 4000, 3001}));
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  const auto now = system->update({&view, 1});
  EXPECT_EQ(now->mip_bias, bias);
  EXPECT_EQ(now->tiles_missing, 0u);
  EXPECT_EQ(now->tiles_prefetching, 0u);
  EXPECT_EQ(system->measure(view, 2)->exact_area, before->exact_area);
}

TEST_F(VirtualTextures, PrefetchedPagesThatFailAreGivenUp) {
  open();
  auto system = make(small_desc());
  const auto source = std::make_shared<FailingSource>(1000, 1000, 64);
  source->fails = [](TileAddress tile) { return tile.level == 0; };
  const auto id = system->add(source);
  ASSERT_OK(id);
  ASSERT_OK(system->prefetch({*id, 0, 0, 0, 64, 64}));
  finish_prefetch(*system);
  EXPECT_FALSE(system->is_resident(*id, {0, 0, 0}));
  EXPECT_EQ(system->stats().tiles_failed, 1u);
}

TEST_F(VirtualTextures, RegionsOutsideTheTextureAreRefused) {
  open();
  auto system = make(small_desc());
  const auto id = system->add(std::make_shared<PatternSource>(1000, 500, 64));
  ASSERT_OK(id);
  const auto code = [&](const VirtualRegion& region) {
    const auto asked = system->prefetch(region);
    return asked ? std::optional<ErrorCode>() : asked.error().code;
  };
  EXPECT_EQ(code({*id, 9, 0, 0, 1, 1}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({*id, 0, 0, 0, 0, 1}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({*id, 0, 999, 0, 2, 1}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({*id, 0, 0, 499, 1, ~0u}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({*id, 1, 499, 249, 1, 1}), std::nullopt);
  ASSERT_OK(system->remove(*id));
  EXPECT_EQ(code({*id, 0, 0, 0, 1, 1}), ErrorCode::kStaleHandle);
}

TEST_F(VirtualTextures, TheTunedBiasIsACeiling) {
  open();
  auto system = make(small_desc());
  const auto id = system->add(std::make_shared<PatternSource>(4000, 3001, 64));
  ASSERT_OK(id);
  VirtualView view = perspective_view({2000, 1000, 200, 0.9, 0.6}, 4000, 3001, 640, 400);
  view.texture = *id;
  ASSERT_GT(system->update({&view, 1})->mip_bias, 0.5f) << "the slots hold all of it";
  ASSERT_OK(system->tune({.max_mip_bias = 0.25f}));
  EXPECT_EQ(system->tuning().max_mip_bias, 0.25f);
  for (int i = 0; i < 200; ++i) {
    const auto now = system->update({&view, 1});
    ASSERT_OK(now);
    EXPECT_EQ(now->mip_bias, 0.25f);
    if (i > 20) {
      EXPECT_EQ(now->tiles_evicted, 0u) << "wanted pages push each other out";
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(system->tune({.max_mip_bias = -1}));
  EXPECT_FALSE(system->tune({.max_mip_bias = std::numeric_limits<float>::quiet_NaN()}));
}

TEST_F(VirtualTextures, AMillionTexelsSquaredAreStreamedByOneMebibyteOfTable) {
  open();
  VirtualTextureSystemDesc desc;
  desc.device = device_;
  desc.ring = ring_;
  desc.format = Format::kRGBA8Unorm;
  desc.page_texels = 64;
  desc.atlas_bytes = 8 * kMebibyte;
  auto system = make(desc);
  const auto source = std::make_shared<PatternSource>(1u << 20, 1u << 20, 64);
  // Directories of 64-texel pages are sixteen times as large: more than the table has room for.
  EXPECT_EQ(system->add(source).error().code, ErrorCode::kBudgetExceeded);
  desc.page_texels = 256;
  system = make(desc);
  const auto large = std::make_shared<PatternSource>(1u << 20, 1u << 20, 256);
  const auto id = system->add(large);
  ASSERT_OK(id);
  VirtualView view = perspective_view({5e5, 4e5, 900, 0.9, 0.6}, 1u << 20, 1u << 20, 160, 90);
  view.texture = *id;
  ASSERT_OK(system->settle({&view, 1}, kPatienceNs));
  EXPECT_EQ(system->measure(view, 1)->exact_area, 1);
  const std::uint64_t held = system->stats().page_table_bytes;
  EXPECT_LE(held, kMebibyte);
  EXPECT_EQ(device_->budget()
                .stats()
                .by_category_bytes[static_cast<std::size_t>(MemoryCategory::kPageTable)],
            held);
}

TEST_F(VirtualTextures, OneTexturesPagesAreEvictedAlone) {
  open();
  auto system = make(small_desc());
  const auto a = system->add(std::make_shared<PatternSource>(1000, 500, 64));
  const auto b = system->add(std::make_shared<PatternSource>(1000, 500, 64));
  ASSERT_TRUE(a && b);
  ASSERT_OK(system->prefetch({*a, 0, 0, 0, 64, 64}));
  ASSERT_OK(system->prefetch({*b, 0, 0, 0, 128, 64}));
  finish_prefetch(*system);
  ASSERT_OK(system->update({}));  // lets go of the finished regions
  ASSERT_OK(system->update({}));
  EXPECT_EQ(*system->evict_unwanted(*b), 2u);
  EXPECT_TRUE(system->is_resident(*a, {0, 0, 0}));
  EXPECT_EQ(system->evict_unwanted(), 1u);
  ASSERT_OK(system->remove(*a));
  EXPECT_EQ(system->evict_unwanted(*a).error().code, ErrorCode::kStaleHandle);
}

}  // namespace
}  // namespace forge3d
