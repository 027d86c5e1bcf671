// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/map_view.hpp"

#include <gtest/gtest.h>

#include "support/test_device.hpp"
#include "view/test_picture.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kPatienceNs = 30'000'000'000;

class MapViews : public testing::Test {
 protected:
  void open(Format format) {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(device_);
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
    source_ = test::make_source(format);
    auto view = MapView::create(
        {.device = device_, .ring = ring_, .width = test::kWidth, .height = test::kHeight});
    ASSERT_TRUE(view) << view.error().to_string();
    view_ = std::move(*view);
    VirtualTextureSystemDesc desc;
    desc.device = device_;
    desc.ring = ring_;
    desc.format = format;
    desc.page_texels = 64;
    desc.atlas_bytes = 16 * kMebibyte;
    auto system = VirtualTextureSystem::create(desc);
    ASSERT_TRUE(system) << system.error().to_string();
    system_ = std::move(*system);
    auto id = system_->add(source_);
    ASSERT_TRUE(id) << id.error().to_string();
    id_ = *id;
  }

  Image render(const VirtualView& view) {
    const auto ticket = view_->render(*system_, view, source_->pyramid());
    EXPECT_TRUE(ticket) << ticket.error().to_string();
    auto image = view_->read_pixels();
    EXPECT_TRUE(image) << image.error().to_string();
    return image ? std::move(*image) : Image{};
  }

  /// After everything wanted is there, the view is the reference's.
  void expect_reference() {
    ReferenceView::Desc desc;
    desc.source = source_;
    desc.width = test::kWidth;
    desc.height = test::kHeight;
    desc.method = ReferenceView::Method::kCpu;
    const auto reference = ReferenceView::create(desc);
    ASSERT_TRUE(reference) << reference.error().to_string();
    for (const Camera& camera : test::kCameras) {
      const auto view = view_->view(id_, source_->pyramid(), camera);
      ASSERT_TRUE(view) << view.error().to_string();
      const auto settled = system_->settle({&*view, 1}, kPatienceNs);
      ASSERT_TRUE(settled) << settled.error().to_string();
      const auto expected = (*reference)->render(*view);
      ASSERT_TRUE(expected);
      test::expect_close(render(*view), *expected, 2, 55);
    }
    EXPECT_TRUE(device_->wait_idle());
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::shared_ptr<TileSource> source_;
  std::unique_ptr<VirtualTextureSystem> system_;
  std::unique_ptr<MapView> view_;
  VirtualTextureId id_;
};

TEST_F(MapViews, ShowsTheReferenceOnceSettledInBc7) {
  open(Format::kBC7Srgb);
  expect_reference();
}

TEST_F(MapViews, ShowsTheReferenceOnceSettledInRgba8) {
  open(Format::kRGBA8Unorm);
  expect_reference();
}

TEST_F(MapViews, ShowsThePinnedLevelBeforeAnythingElseArrived) {
  open(Format::kRGBA8Srgb);
  const auto view = view_->view(id_, source_->pyramid(), test::kCameras[3]);
  ASSERT_TRUE(view);
  ASSERT_TRUE(system_->update({}));
  const Image image = render(*view);
  const std::byte* middle = image.row(test::kHeight / 2).data() + 4 * (test::kWidth / 2);
  const std::byte background[] = {std::byte{24}, std::byte{26}, std::byte{32}};
  EXPECT_FALSE(std::equal(background, background + 3, middle)) << "no hole, only less detail";
}

TEST_F(MapViews, TakesItsTargetFromTheLedger) {
  open(Format::kRGBA8Srgb);
  const auto held = device_->budget().stats().by_category_bytes;
  EXPECT_GE(held[std::size_t(MemoryCategory::kRenderTarget)], 4u * test::kWidth * test::kHeight);
  view_.reset();
  const auto after = device_->budget().stats().by_category_bytes;
  EXPECT_EQ(after[std::size_t(MemoryCategory::kRenderTarget)], 0u);
}

TEST_F(MapViews, RefusesWhatIsNotItsOwn) {
  open(Format::kRGBA8Srgb);
  EXPECT_EQ(view_->read_pixels().error().code, ErrorCode::kInvalidArgument);
  auto view = view_->view(id_, source_->pyramid(), {});
  ASSERT_TRUE(view);
  view->width += 1;
  EXPECT_EQ(view_->render(*system_, *view, source_->pyramid()).error().code,
            ErrorCode::kInvalidArgument);
  view->width -= 1;
  view->texture = {};
  EXPECT_EQ(view_->render(*system_, *view, source_->pyramid()).error().code,
            ErrorCode::kStaleHandle);
  EXPECT_EQ(view_->view(id_, source_->pyramid(), {.height = -1}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(MapView::create({.device = device_}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(MapView::create({.device = device_, .ring = ring_, .width = 0}).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forge3d
