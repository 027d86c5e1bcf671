// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// A converged frame of a streamed texture is what the fully resident one shows: to the bit where no
// filter mixes texels, to a code where one does.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

#include "forge3d/map_view.hpp"
#include "streaming/test_views.hpp"
#include "support/test_device.hpp"
#include "view/decoded_tiles.hpp"
#include "view/test_picture.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kPatienceNs = 30'000'000'000;

using Codes = std::array<std::uint8_t, 4>;

Codes texel_at(view::DecodedTiles& tiles, std::uint32_t level, std::uint32_t x, std::uint32_t y) {
  const TilePyramid& p = tiles.pyramid();
  const auto tile = tiles.get({level, x / p.page_texels, y / p.page_texels});
  EXPECT_TRUE(tile) << tile.error().to_string();
  const std::size_t column = x % p.page_texels + p.border_texels;
  const std::size_t row = y % p.page_texels + p.border_texels;
  Codes codes;
  std::copy_n((*tile)->texels.begin() + 4 * (row * p.tile_texels() + column), 4, codes.begin());
  return codes;
}

Codes pixel_at(const Image& image, std::uint32_t x, std::uint32_t y) {
  Codes codes;
  for (std::size_t c = 0; c < 4; ++c) codes[c] = std::uint8_t(image.row(y)[4 * x + c]);
  return codes;
}

class Exactness : public testing::TestWithParam<Format> {
 protected:
  void open(float max_anisotropy) {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    auto ring = StagingRing::create(device_);
    ASSERT_TRUE(ring) << ring.error().to_string();
    ring_ = *ring;
    source_ = test::make_source(GetParam());
    auto view = MapView::create({.device = device_,
                                 .ring = ring_,
                                 .width = test::kWidth,
                                 .height = test::kHeight,
                                 .max_anisotropy = max_anisotropy});
    ASSERT_TRUE(view) << view.error().to_string();
    map_ = std::move(*view);
    auto system = VirtualTextureSystem::create({.device = device_,
                                                .ring = ring_,
                                                .format = GetParam(),
                                                .page_texels = 64,
                                                .atlas_bytes = 8 * kMebibyte});
    ASSERT_TRUE(system) << system.error().to_string();
    system_ = std::move(*system);
    auto id = system_->add(source_);
    ASSERT_TRUE(id) << id.error().to_string();
    id_ = *id;
  }
  Image streamed(VirtualView view) {
    view.texture = id_;
    const auto settled = system_->settle({&view, 1}, kPatienceNs);
    EXPECT_TRUE(settled) << settled.error().to_string();
    const auto ticket = map_->render(*system_, view, source_->pyramid());
    EXPECT_TRUE(ticket) << ticket.error().to_string();
    auto image = map_->read_pixels();
    EXPECT_TRUE(image) << image.error().to_string();
    return image ? std::move(*image) : Image{};
  }
  /// Every texel in one mip-mapped image of a device of its own.
  std::unique_ptr<ReferenceView> make_reference(float max_anisotropy) {
    ReferenceView::Desc desc;
    desc.source = source_;
    desc.width = test::kWidth;
    desc.height = test::kHeight;
    desc.max_anisotropy = max_anisotropy;
    desc.method = ReferenceView::Method::kDevice;
    desc.device = test::device_desc();
    auto reference = ReferenceView::create(desc);
    EXPECT_TRUE(reference) << reference.error().to_string();
    return reference ? std::move(*reference) : nullptr;
  }
  /// Cameras over the whole picture, level to steep, and the worst difference from the reference.
  void expect_reference(float max_anisotropy, double max_codes) {
    open(max_anisotropy);
    const auto reference = make_reference(max_anisotropy);
    ASSERT_NE(reference, nullptr);
    std::mt19937 random(12);
    double worst_codes = 0, worst_db = 99;  // equal pictures have no finite figure
    for (int i = 0; i < 12; ++i) {
      VirtualView view = i < 4
                             ? test::make_view(test::kCameras[i])
                             : test::random_view(random, test::kPictureWidth, test::kPictureHeight,
                                                 test::kWidth, test::kHeight);
      view.max_anisotropy = max_anisotropy;
      const auto expected = reference->render(view);
      ASSERT_TRUE(expected) << expected.error().to_string();
      const auto difference = compare_images(streamed(view), *expected);
      ASSERT_TRUE(difference) << difference.error().to_string();
      worst_codes = std::max(worst_codes, difference->max_error_any * 255);
      worst_db = std::min(worst_db, difference->psnr_rgb_db);
    }
    EXPECT_LE(worst_codes, max_codes + 0.01);
    EXPECT_GE(worst_db, 50);
    std::printf("[ measured ] anisotropy %g: at most %.0f codes, at least %.1f dB\n",
                double(max_anisotropy), worst_codes, worst_db);
    EXPECT_TRUE(device_->wait_idle());
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<StagingRing> ring_;
  std::shared_ptr<TileSource> source_;
  std::unique_ptr<VirtualTextureSystem> system_;
  std::unique_ptr<MapView> map_;
  VirtualTextureId id_;
};

TEST_P(Exactness, TrilinearIsTheResidentPictureToACode) { expect_reference(1, 1); }

TEST_P(Exactness, AnisotropicIsTheResidentPicture) { expect_reference(8, 2); }

// A pixel at each texel's centre: what is shown is the texel, across every page seam and at every
// edge of the picture.
TEST_P(Exactness, TexelCentresShowTheTexelsBits) {
  open(1);
  const auto reference = make_reference(1);
  ASSERT_NE(reference, nullptr);
  view::DecodedTiles tiles(source_, kMebibyte);
  const TilePyramid& p = source_->pyramid();
  for (std::uint32_t level = 0; level < 3; ++level) {
    const std::uint32_t width = p.level_width(level), height = p.level_height(level);
    for (const auto& [left, top] : {std::pair(0u, 0u), std::pair(width - test::kWidth, 0u),
                                    std::pair(30u, height - test::kHeight)}) {
      VirtualView view = test::flat_view(
          double(left) / width, double(top) / height, double(left + test::kWidth) / width,
          double(top + test::kHeight) / height, test::kWidth, test::kHeight);
      view.max_anisotropy = 1;
      const Image shown = streamed(view);
      const auto resident = reference->render(view);
      ASSERT_TRUE(resident) << resident.error().to_string();
      EXPECT_EQ(shown.pixels, resident->pixels) << "level " << level;
      // Devices may round BC1's interpolated colours as they like.
      if (GetParam() == Format::kBC1RgbaSrgb) continue;
      for (std::uint32_t y = 0; y < test::kHeight; ++y)
        for (std::uint32_t x = 0; x < test::kWidth; ++x)
          ASSERT_EQ(texel_at(tiles, level, left + x, top + y), pixel_at(shown, x, y))
              << "level " << level << " texel " << left + x << ", " << top + y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Exactness,
                         testing::Values(Format::kRGBA8Srgb, Format::kRGBA8Unorm,
                                         Format::kBC1RgbaSrgb, Format::kBC7Srgb),
                         [](const auto& test) {
                           return std::string(format_info(test.param)->name);
                         });

}  // namespace
}  // namespace forge3d
