// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/feedback.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <set>

#include "forge3d/map_view.hpp"
#include "streaming/test_sources.hpp"
#include "streaming/view_mapping.hpp"
#include "streaming/visibility.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kWidth = 240, kHeight = 136;
constexpr std::uint32_t kTexels = 8192;

/// The pages under the taps of every pixel, in double precision.
class PixelPages {
 public:
  PixelPages(const TilePyramid& pyramid, const VirtualView& view) : p_(pyramid), view_(view) {
    const auto mapping = *streaming::ViewMapping::create(view, p_.width, p_.height);
    if (!mapping) return;
    for (std::uint32_t y = 0; y < view.height; ++y)
      for (std::uint32_t x = 0; x < view.width; ++x)
        if (const auto sample = mapping->sample(x, y)) add(*sample);
  }
  std::set<TileAddress> centre;  ///< Of each pixel's centre, in the finer level.
  std::set<TileAddress> taps;    ///< Of all taps, in both levels.

 private:
  [[nodiscard]] TileAddress page_at(std::uint32_t level, double u, double v) const {
    const auto along = [&](double t, std::uint32_t extent) {
      const double texel = std::min(std::clamp(t, 0.0, 1.0) * extent, extent - 1.0);
      return static_cast<std::uint32_t>(texel) / p_.page_texels;
    };
    return {level, along(u, p_.level_width(level)), along(v, p_.level_height(level))};
  }
  void add(const streaming::PixelSample& s) {
    const double dx = std::hypot(s.duv_dx.x * p_.width, s.duv_dx.y * p_.height);
    const double dy = std::hypot(s.duv_dy.x * p_.width, s.duv_dy.y * p_.height);
    const Footprint f = texture_footprint(dx, dy, view_.max_anisotropy);
    const double lod = std::clamp(f.lod + view_.lod_bias, 0.0, p_.levels - 1.0);
    const auto level = static_cast<std::uint32_t>(lod);
    centre.insert(page_at(level, s.uv.x, s.uv.y));
    const streaming::Vec2 axis = dx >= dy ? s.duv_dx : s.duv_dy;
    for (int i = 0; i < f.taps; ++i) {
      const double o = (i + 0.5) / f.taps - 0.5;
      taps.insert(page_at(level, s.uv.x + o * axis.x, s.uv.y + o * axis.y));
      if (lod > level) taps.insert(page_at(level + 1, s.uv.x + o * axis.x, s.uv.y + o * axis.y));
    }
  }
  const TilePyramid& p_;
  const VirtualView& view_;
};

double share_of(const std::set<TileAddress>& wanted, const std::set<TileAddress>& found) {
  std::size_t both = 0;
  for (const TileAddress& tile : wanted) both += found.count(tile);
  return static_cast<double>(both) / static_cast<double>(wanted.size());
}

class Feedbacks : public testing::Test {
 protected:
  void SetUp() override {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(device_);
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
  }
  void open(std::uint32_t capacity_pages) {
    auto feedback =
        Feedback::create({.device = device_, .ring = ring_, .capacity_pages = capacity_pages});
    ASSERT_TRUE(feedback) << feedback.error().to_string();
    feedback_ = std::move(*feedback);
    source_ = std::make_shared<test::PatternSource>(kTexels, kTexels, 64);
    auto view = MapView::create({.device = device_,
                                 .ring = ring_,
                                 .width = kWidth,
                                 .height = kHeight,
                                 .feedback = feedback_});
    ASSERT_TRUE(view) << view.error().to_string();
    map_ = std::move(*view);
    VirtualTextureSystemDesc desc;
    desc.device = device_;
    desc.ring = ring_;
    desc.format = Format::kRGBA8Unorm;
    desc.page_texels = 64;
    desc.atlas_bytes = 4 * kMebibyte;
    auto system = VirtualTextureSystem::create(desc);
    ASSERT_TRUE(system) << system.error().to_string();
    system_ = std::move(*system);
    ASSERT_TRUE(system_->add(std::make_shared<test::PatternSource>(300, 200, 64)));
    auto id = system_->add(source_);
    ASSERT_TRUE(id) << id.error().to_string();
    id_ = *id;
    ASSERT_TRUE(system_->update({}));
  }
  void render(const VirtualView& view) {
    const auto ticket = map_->render(*system_, view, source_->pyramid());
    ASSERT_TRUE(ticket) << ticket.error().to_string();
  }
  VirtualView view_of(const Camera& camera) {
    auto view = map_->view(id_, source_->pyramid(), camera);
    EXPECT_TRUE(view) << view.error().to_string();
    return *view;
  }
  std::vector<FeedbackPage> take() {
    EXPECT_TRUE(device_->wait_idle());
    auto pages = feedback_->take();
    EXPECT_TRUE(pages) << pages.error().to_string();
    return pages ? *pages : std::vector<FeedbackPage>{};
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::shared_ptr<Feedback> feedback_;
  std::shared_ptr<test::PatternSource> source_;
  std::unique_ptr<VirtualTextureSystem> system_;
  std::unique_ptr<MapView> map_;
  VirtualTextureId id_;
};

/// Level from near, over the horizon, from afar, tilted at a corner.
const Camera kCameras[] = {{4096, 4096, 150, 0.3, 1.2},
                           {4096, 1000, 200, 1.0, 0.25},
                           {4096, 4096, 7000, 0.1, 1.5},
                           {300, 300, 700, 0.6, 0.7}};

TEST_F(Feedbacks, SixtyFourFramesNameWhatThePixelsWantAndNothingElse) {
  open(4096);
  for (const Camera& camera : kCameras) {
    const VirtualView view = view_of(camera);
    std::set<TileAddress> found;
    std::uint64_t pixels = 0;
    for (int frame = 0; frame < 64; ++frame) {
      render(view);
      for (const FeedbackPage& page : take()) {
        EXPECT_EQ(page.texture, *system_->shader_index(id_));
        EXPECT_EQ(page.generation, id_.generation);
        found.insert(page.tile);
        pixels += page.pixels;
      }
    }
    streaming::VisibleSet visible;
    ASSERT_TRUE(streaming::find_visible(source_->pyramid(), view, {}, visible));
    std::set<TileAddress> allowed;
    for (const streaming::VisiblePage& page : visible.pages)
      if (streaming::is_wanted(page, source_->pyramid().levels, 0)) allowed.insert(page.tile);
    for (const TileAddress& tile : found)
      EXPECT_TRUE(allowed.count(tile)) << tile.level << ": " << tile.x << ", " << tile.y;
    const PixelPages wanted(source_->pyramid(), view);
    ASSERT_GT(wanted.taps.size(), 10u);
    EXPECT_GE(share_of(wanted.taps, found), 0.95);
    EXPECT_GE(share_of(wanted.centre, found), 0.95);
    EXPECT_LE(pixels, 2 * kWidth * kHeight) << "each pixel once, in two levels at most";
    std::printf(
        "[ measured ] %zu pages wanted by taps: %.4f; %zu by centres: %.4f; found %zu of %zu\n",
        wanted.taps.size(), share_of(wanted.taps, found), wanted.centre.size(),
        share_of(wanted.centre, found), found.size(), allowed.size());
  }
  EXPECT_EQ(feedback_->stats().frames, 4u * 64);
  EXPECT_EQ(feedback_->stats().read, 4u * 64);
  EXPECT_EQ(feedback_->stats().dropped, 0u);
  EXPECT_EQ(feedback_->stats().malformed, 0u);
}

TEST_F(Feedbacks, AloneItMakesTheViewSharp) {
  open(4096);
  const VirtualView view = view_of(kCameras[3]);
  const auto before = system_->measure(view, 1);
  ASSERT_TRUE(before);
  EXPECT_LT(before->exact_area, 0.5);
  for (int frame = 0; frame < 72; ++frame) {
    render(view);
    const std::vector<FeedbackPage> pages = take();
    const FeedbackCounts counts = system_->add_feedback(pages);
    EXPECT_EQ(counts.accepted, pages.size());
    ASSERT_TRUE(system_->settle({}, 30'000'000'000));
  }
  const auto after = system_->measure(view, 1);
  ASSERT_TRUE(after);
  EXPECT_GT(after->exact_area, 0.99);
  EXPECT_EQ(system_->stats().feedback_ignored, 0u);
  EXPECT_EQ(system_->stats().tiles_failed, 0u);

  // What it names is wanted for some updates, and evicted pages that it names come back.
  render(view);
  const std::vector<FeedbackPage> pages = take();
  for (std::uint32_t i = 0; i <= kFeedbackUpdates; ++i) ASSERT_TRUE(system_->update({}));
  EXPECT_EQ(system_->update({})->tiles_wanted, 0u);
  EXPECT_GT(system_->evict_unwanted(), 20u);
  EXPECT_FALSE(system_->is_resident(id_, pages[0].tile));
  system_->add_feedback(pages);
  EXPECT_GE(system_->update({})->tiles_wanted, pages.size());
  ASSERT_TRUE(system_->settle({}, 30'000'000'000));
  for (const FeedbackPage& page : pages) EXPECT_TRUE(system_->is_resident(id_, page.tile));
}

TEST_F(Feedbacks, ARemovedTexturesPagesAreIgnored) {
  open(4096);
  const VirtualView view = view_of(kCameras[3]);
  render(view);
  const std::vector<FeedbackPage> pages = take();
  ASSERT_GT(pages.size(), 10u);
  system_->add_feedback(pages);
  ASSERT_TRUE(system_->remove(id_));
  EXPECT_EQ(system_->update({})->tiles_wanted, 0u) << "what was added before is forgotten, too";
  EXPECT_EQ(system_->add_feedback(pages).out_of_range, pages.size());
  const auto next = system_->add(source_);
  ASSERT_TRUE(next);
  ASSERT_EQ(next->index, id_.index);
  EXPECT_EQ(system_->add_feedback(pages).stale, pages.size()) << "told apart by its generation";
  const auto update = system_->update({});
  ASSERT_TRUE(update);
  EXPECT_EQ(update->tiles_wanted, 0u);
  EXPECT_EQ(update->tiles_requested, 0u);
  EXPECT_EQ(system_->stats().feedback_ignored, 2 * pages.size());
}

TEST_F(Feedbacks, EachPixelHasItsTurnOnce) {
  open(1024);
  // Straight down at one texel a pixel: all pixels are inside, and a page is 64 x 64 of them.
  Camera camera{4096, 4096, 0, 0, std::acos(0.0)};
  camera.height = kHeight / (2 * std::tan(camera.fov_y / 2));
  VirtualView view = view_of(camera);
  view.lod_bias = -1;  // level 0 alone
  std::uint64_t pixels = 0;
  for (int frame = 0; frame < 64; ++frame) {
    render(view);
    for (const FeedbackPage& page : take()) pixels += page.pixels;
  }
  EXPECT_EQ(pixels, std::uint64_t{kWidth} * kHeight);
}

TEST_F(Feedbacks, AFrameIsThereWhenItIsDoneAndOldOnesAreSkipped) {
  open(1024);
  const VirtualView view = view_of(kCameras[0]);
  render(view);
  EXPECT_FALSE(take().empty());
  EXPECT_EQ(feedback_->stats().read, 1u);
  EXPECT_TRUE(take().empty());
  for (int frame = 0; frame < 6; ++frame) render(view);
  EXPECT_EQ(feedback_->stats().skipped, 2u);
  EXPECT_FALSE(take().empty());
  EXPECT_EQ(feedback_->stats().read, 5u);
  render(view);
  EXPECT_FALSE(take().empty());
  EXPECT_EQ(feedback_->stats().read, 6u);
}

TEST_F(Feedbacks, WhatFindsNoRoomIsCounted) {
  open(64);
  const VirtualView view = view_of(kCameras[1]);
  std::size_t most = 0;
  for (int frame = 0; frame < 8; ++frame) {
    render(view);
    most = std::max(most, take().size());
  }
  EXPECT_GT(feedback_->stats().dropped, 0u);
  EXPECT_LT(feedback_->stats().dropped, feedback_->stats().requests);
  EXPECT_LE(most, 64u);
  EXPECT_GE(most, 60u);
}

TEST_F(Feedbacks, RubbishInTheBufferIsCounted) {
  open(64);
  auto recorder = CommandRecorder::create(device_, QueueKind::kGraphics);
  ASSERT_TRUE(recorder);
  const auto commands = recorder->begin();
  ASSERT_TRUE(commands);
  feedback_->begin(*commands);
  ASSERT_TRUE(recorder->submit());
  std::vector<std::uint32_t> rubbish(64 * 3);
  std::mt19937 random(8);
  for (std::uint32_t& word : rubbish) word = static_cast<std::uint32_t>(random());
  const std::uint64_t size = 16 + rubbish.size() * 4;
  ASSERT_TRUE(ring_->upload(BufferRegion{feedback_->binding().buffer, 16, size},
                            std::as_bytes(std::span(rubbish))));
  ASSERT_TRUE(feedback_->end());
  const auto pages = take();
  EXPECT_LE(pages.size() + feedback_->stats().malformed, 64u);
  EXPECT_GT(feedback_->stats().malformed, 20u);
}

TEST_F(Feedbacks, ItsBytesAreInTheLedger) {
  open(1000);
  const auto bytes = [&] {
    return device_->budget().stats().by_category_bytes[std::size_t(MemoryCategory::kFeedback)];
  };
  EXPECT_EQ(bytes(), feedback_->size_bytes());
  EXPECT_GE(bytes(), 1024u * 12) << "rounded up to a power of two";
  map_.reset();
  feedback_.reset();
  EXPECT_EQ(bytes(), 0u);
}

TEST_F(Feedbacks, RefusesWhatCannotBe) {
  EXPECT_EQ(Feedback::create({.ring = ring_}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Feedback::create({.device = device_}).error().code, ErrorCode::kInvalidArgument);
  for (const std::uint32_t capacity : {0u, 63u, (1u << 20) + 1})
    EXPECT_EQ(Feedback::create({.device = device_, .ring = ring_, .capacity_pages = capacity})
                  .error()
                  .code,
              ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forge3d
