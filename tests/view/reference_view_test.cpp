// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
// Three ways to the same picture: pages in an atlas, an ordinary texture with mips, and the CPU.
#include <gtest/gtest.h>

#include <cmath>

#include "forge3d/map_view.hpp"
#include "forge3d/metrics.hpp"
#include "support/test_device.hpp"
#include "view/cpu_reference.hpp"
#include "view/map_pass.hpp"
#include "view/resident_atlas.hpp"
#include "view/test_picture.hpp"

namespace forge3d {
namespace {

using test::expect_close;
using test::kBackground;
using test::kCameras;
using test::kHeight;
using test::kWidth;
using test::make_source;
using test::make_view;

std::unique_ptr<ReferenceView> make_reference(std::shared_ptr<TileSource> source,
                                              ReferenceView::Method method) {
  ReferenceView::Desc desc;
  desc.source = std::move(source);
  desc.width = kWidth;
  desc.height = kHeight;
  desc.method = method;
  desc.device = test::device_desc();
  auto view = ReferenceView::create(desc);
  EXPECT_TRUE(view) << view.error().to_string();
  return view ? std::move(*view) : nullptr;
}

class ReferenceViews : public testing::TestWithParam<Format> {};

TEST_P(ReferenceViews, DeviceAndCpuAgree) {
  const auto source = make_source(GetParam());
  const auto device = make_reference(source, ReferenceView::Method::kDevice);
  const auto cpu = make_reference(source, ReferenceView::Method::kCpu);
  ASSERT_TRUE(device && cpu);
  EXPECT_EQ(device->method(), ReferenceView::Method::kDevice);
  EXPECT_EQ(cpu->method(), ReferenceView::Method::kCpu);
  for (const Camera& camera : kCameras) {
    const auto a = device->render(make_view(camera)), b = cpu->render(make_view(camera));
    ASSERT_TRUE(a) << a.error().to_string();
    ASSERT_TRUE(b) << b.error().to_string();
    expect_close(*a, *b, 2, 55);
  }
}

TEST_P(ReferenceViews, PagesShowNoSeams) {
  const auto source = make_source(GetParam());
  const auto cpu = make_reference(source, ReferenceView::Method::kCpu);
  const auto device = test::open_device();
  const auto ring = StagingRing::create(device);
  ASSERT_TRUE(device && ring && cpu);
  const test::ResidentAtlas atlas(device, **ring, *source, [](TileAddress) { return true; });
  auto pass = view::MapPass::create(device, view::MapPass::Picture::kVirtual, kWidth, kHeight);
  ASSERT_TRUE(pass) << pass.error().to_string();
  EXPECT_EQ((*pass)->read_pixels(**ring).error().code, ErrorCode::kInvalidArgument);
  for (const Camera& camera : kCameras) {
    const auto constants = view::make_map_constants(make_view(camera), GetParam(), kBackground);
    ASSERT_TRUE(constants);
    const auto ticket =
        (*pass)->render({atlas.page_table(), atlas.atlas(), atlas.sampler()}, *constants);
    ASSERT_TRUE(ticket) << ticket.error().to_string();
    const auto paged = (*pass)->read_pixels(**ring);
    ASSERT_TRUE(paged) << paged.error().to_string();
    expect_close(*paged, *cpu->render(make_view(camera)), 2, 55);
  }
  EXPECT_TRUE(device->wait_idle());
}

INSTANTIATE_TEST_SUITE_P(Formats, ReferenceViews,
                         testing::Values(Format::kRGBA8Srgb, Format::kRGBA8Unorm,
                                         Format::kBC1RgbaSrgb, Format::kBC7Srgb),
                         [](const auto& test) {
                           return std::string(format_info(test.param)->name);
                         });

TEST(MapPass, CoarserPagesStandInForMissingOnes) {
  const auto source = make_source(Format::kRGBA8Srgb);
  const auto device = test::open_device();
  const auto ring = StagingRing::create(device);
  ASSERT_TRUE(device && ring);
  const test::ResidentAtlas atlas(device, **ring, *source,
                                  [](TileAddress tile) { return tile.level >= 2; });
  const auto pass =
      view::MapPass::create(device, view::MapPass::Picture::kVirtual, kWidth, kHeight);
  const auto cpu = make_reference(source, ReferenceView::Method::kCpu);
  ASSERT_TRUE(pass && cpu);
  // Straight down from where a pixel is half a texel, level -1: without levels 0 and 1 that has to
  // look like level 2 alone.
  Camera camera{500, 350, 0, 0.3, std::acos(0.0)};
  camera.height = 0.5 * kHeight / (2 * std::tan(camera.fov_y / 2));
  VirtualView view = make_view(camera);
  const auto constants = view::make_map_constants(view, Format::kRGBA8Srgb, kBackground);
  ASSERT_TRUE((*pass)->render({atlas.page_table(), atlas.atlas(), atlas.sampler()}, *constants));
  const auto paged = (*pass)->read_pixels(**ring);
  ASSERT_TRUE(paged);
  view.lod_bias = 3;
  expect_close(*paged, *cpu->render(view), 2, 55);
}

TEST(ReferenceView, ShowsTheBackgroundBesideTheTexture) {
  const auto source = make_source(Format::kRGBA8Srgb);
  for (const auto method : {ReferenceView::Method::kDevice, ReferenceView::Method::kCpu}) {
    const auto view = make_reference(source, method);
    ASSERT_NE(view, nullptr);
    // On the western edge looking level: sky above, texture right of the middle below.
    const auto image = view->render(make_view({0, 350, 50, std::acos(0.0), 0.1}));
    ASSERT_TRUE(image);
    auto codes_at = [&](std::uint32_t x, std::uint32_t y) {
      std::array<std::uint8_t, 4> codes;
      for (std::size_t c = 0; c < 4; ++c) codes[c] = std::uint8_t(image->row(y)[4 * x + c]);
      return codes;
    };
    EXPECT_EQ(codes_at(80, 2), kBackground);
    EXPECT_EQ(codes_at(10, 85), kBackground);
    EXPECT_NE(codes_at(100, 85), kBackground);
    EXPECT_EQ(codes_at(100, 85)[3], 255);
  }
}

TEST(ReferenceView, TakesTheCpuWhereTheDeviceMayNotHoldThePicture) {
  ReferenceView::Desc desc;
  desc.source = make_source(Format::kBC1RgbaSrgb);
  desc.width = kWidth;
  desc.height = kHeight;
  desc.max_device_bytes = 1000;
  const auto view = ReferenceView::create(desc);
  ASSERT_TRUE(view);
  EXPECT_EQ((*view)->method(), ReferenceView::Method::kCpu);
  desc.max_device_bytes = std::uint64_t{1} << 30;
  const auto large = ReferenceView::create(desc);
  ASSERT_TRUE(large);
  EXPECT_EQ((*large)->method(), ReferenceView::Method::kDevice);
}

TEST(ReferenceView, RefusesViewsItWasNotMadeFor) {
  const auto reference =
      make_reference(make_source(Format::kRGBA8Unorm), ReferenceView::Method::kCpu);
  VirtualView view = make_view(kCameras[0]);
  view.max_anisotropy = 0.5f;
  EXPECT_EQ(reference->render(view).error().code, ErrorCode::kInvalidArgument);
  view = make_view(kCameras[0]);
  view.width = 10;
  EXPECT_EQ(reference->render(view).error().code, ErrorCode::kInvalidArgument);
  view = make_view(kCameras[0]);
  view.clip_from_uv[5] = std::nan("");
  EXPECT_EQ(reference->render(view).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(ReferenceView::create({}).error().code, ErrorCode::kInvalidArgument);
}

/// A source whose tiles of one level do not decode.
class BrokenSource final : public TileSource {
 public:
  explicit BrokenSource(std::shared_ptr<TileSource> whole) : whole_(std::move(whole)) {}
  const TilePyramid& pyramid() const override { return whole_->pyramid(); }
  std::string name() const override { return "broken"; }
  Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    if (address.level == 0) return fail(ErrorCode::kInvalidFile, "broken: level 0");
    return whole_->read_tile(address, out);
  }

 private:
  std::shared_ptr<TileSource> whole_;
};

TEST(ReferenceView, PassesOnWhatIsWrongWithATile) {
  const auto broken = std::make_shared<BrokenSource>(make_source(Format::kRGBA8Srgb));
  const auto cpu = make_reference(broken, ReferenceView::Method::kCpu);
  const auto close = cpu->render(make_view(kCameras[0]));
  ASSERT_FALSE(close);
  EXPECT_EQ(close.error().message, "broken: level 0");
  EXPECT_TRUE(cpu->render(make_view({500, 350, 2900, 0.1, 1.5}))) << "level 0 is not needed there";
}

TEST(CpuReference, AFewTilesOfMemoryAreEnough) {
  const auto source = make_source(Format::kBC1RgbaSrgb);
  const auto constants =
      view::make_map_constants(make_view(kCameras[2]), Format::kBC1RgbaSrgb, kBackground);
  ASSERT_TRUE(constants);
  view::DecodedTiles ample(source, 1u << 30), scarce(source, 1);
  const auto a = view::render_on_cpu(ample, *constants, 3),
             b = view::render_on_cpu(scarce, *constants, 1);
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->pixels, b->pixels);
}

}  // namespace
}  // namespace forge3d
