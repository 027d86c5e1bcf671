// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// VirtualTextureTuning::fade_frames as it is seen: pages that come are blended in.

#include <gtest/gtest.h>

#include <algorithm>

#include "forge3d/map_view.hpp"
#include "streaming/test_sources.hpp"
#include "streaming/test_views.hpp"
#include "support/test_device.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kExtent = 256;
constexpr std::uint64_t kPatienceNs = 30'000'000'000;

/// Each level has a grey of its own.
class GreySource final : public test::PatternSource {
 public:
  using PatternSource::PatternSource;
  static int grey(std::uint32_t level) { return 200 - 50 * int(level); }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    std::fill(out.begin(), out.end(), std::byte(grey(address.level)));
    for (std::size_t i = 3; i < out.size(); i += 4) out[i] = std::byte{255};
    return {};
  }
};

class Fades : public testing::Test {
 protected:
  void SetUp() override {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(device_);
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
    auto system = VirtualTextureSystem::create({.device = device_,
                                                .ring = ring_,
                                                .format = Format::kRGBA8Unorm,
                                                .page_texels = 64,
                                                .atlas_bytes = 2 * kMebibyte,
                                                .deterministic = true});
    ASSERT_TRUE(system) << system.error().to_string();
    system_ = std::move(*system);
    source_ = std::make_shared<GreySource>(kExtent, kExtent, 64);
    const auto id = system_->add(source_);
    ASSERT_TRUE(id) << id.error().to_string();
    auto map = MapView::create(
        {.device = device_, .ring = ring_, .width = 64, .height = 64, .max_anisotropy = 1});
    ASSERT_TRUE(map) << map.error().to_string();
    map_ = std::move(*map);
    view_ = test::flat_view(0, 0, 64.0 / kExtent, 64.0 / kExtent, 64, 64);
    view_.texture = *id;
    view_.max_anisotropy = 1;
  }
  /// The grey in the middle of the one page that is seen.
  int shown() {
    const auto ticket = map_->render(*system_, view_, source_->pyramid());
    EXPECT_TRUE(ticket) << ticket.error().to_string();
    const auto image = map_->read_pixels();
    EXPECT_TRUE(image) << image.error().to_string();
    return int(image->row(32)[4 * 32]);
  }
  /// What is shown after each update until the finest page has come and is wholly there.
  std::vector<int> flight() {
    std::vector<int> greys;
    while (greys.size() < 40 && (greys.empty() || greys.back() != GreySource::grey(0))) {
      const auto update = system_->update({&view_, 1});
      EXPECT_TRUE(update) << update.error().to_string();
      greys.push_back(shown());
    }
    return greys;
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::unique_ptr<VirtualTextureSystem> system_;
  std::shared_ptr<GreySource> source_;
  std::unique_ptr<MapView> map_;
  VirtualView view_;
};

TEST_F(Fades, PagesAreThereAtOnceUnlessTuned) {
  const std::vector<int> greys = flight();
  for (const int grey : greys)
    EXPECT_TRUE(grey == GreySource::grey(2) || grey == GreySource::grey(0)) << grey;
}

TEST_F(Fades, APageBlendsInOverItsFrames) {
  VirtualTextureTuning tuning = system_->tuning();
  tuning.fade_frames = 7;
  ASSERT_TRUE(system_->tune(tuning));
  const std::vector<int> greys = flight();
  ASSERT_EQ(greys.back(), GreySource::grey(0));
  EXPECT_TRUE(std::is_sorted(greys.begin(), greys.end()));
  // Level 2 is what was there, two levels above: a quarter of a level nearer with each update.
  const auto first = std::ranges::find_if(greys, [](int g) { return g > GreySource::grey(2); });
  ASSERT_EQ(greys.end() - first, 8);
  for (int i = 0; i < 8; ++i)
    EXPECT_NEAR(first[i], GreySource::grey(2) + (i + 1) * 100 / 8.0, 1.0) << "after " << i;
}

TEST_F(Fades, SettlingEndsThem) {
  VirtualTextureTuning tuning = system_->tuning();
  tuning.fade_frames = 30;
  ASSERT_TRUE(system_->tune(tuning));
  ASSERT_TRUE(system_->settle({&view_, 1}, kPatienceNs));
  EXPECT_EQ(shown(), GreySource::grey(0));
  tuning.fade_frames = 1025;
  EXPECT_EQ(system_->tune(tuning).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forge3d
