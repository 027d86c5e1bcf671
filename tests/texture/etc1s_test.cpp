// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "forge3d/basis.hpp"
#include "support/shared_data.hpp"
#include "texture/codec_samples.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using test::Picture;

struct Target {
  const char* name;
  Format format;
  unsigned channels;   ///< That are compared.
  double least_color;  ///< dB of a color picture.
};
constexpr Target kTargets[] = {
    {"bc1", Format::kBC1RgbUnorm, 3, 36},    {"bc3", Format::kBC3Unorm, 4, 36},
    {"bc4", Format::kBC4Unorm, 1, 40},       {"bc5", Format::kBC5Unorm, 2, 40},
    {"bc7", Format::kBC7Unorm, 4, 44},       {"etc1", Format::kETC2RgbUnorm, 3, 99},
    {"etc2", Format::kETC2RgbaUnorm, 4, 44}, {"r11", Format::kEACR11Unorm, 1, 40},
    {"rg11", Format::kEACRG11Unorm, 2, 40},  {"astc", Format::kASTC4x4Unorm, 4, 40},
};

Picture as_picture(const Ktx2Info& info, const std::vector<std::byte>& pixels) {
  Picture picture(info.width, info.height);
  std::transform(pixels.begin(), pixels.end(), picture.pixels.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return picture;
}

/// The channels that the manifest's raw bytes have.
std::vector<std::byte> stored_channels(const std::vector<std::byte>& pixels,
                                       BasisChannels channels) {
  const std::size_t count = channels == BasisChannels::kRed        ? 1
                            : channels == BasisChannels::kRedGreen ? 2
                            : channels == BasisChannels::kRgb      ? 3
                                                                   : 4;
  std::vector<std::byte> out;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    if (i % 4 < count) out.push_back(pixels[i]);
  return out;
}

TEST(Etc1s, SharedFilesGiveTheirRecordedPixels) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  int matched = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    if (line.at("header").find("BasisLZ") == std::string::npos) continue;
    const auto reader = Ktx2Reader::open(folder / line.at("file"));
    ASSERT_TRUE(reader) << reader.error().to_string();
    const auto texture = BasisTexture::open(*reader);
    ASSERT_TRUE(texture) << texture.error().to_string();
    const auto pixels = texture->transcode({}, Format::kRGBA8Unorm);
    ASSERT_TRUE(pixels) << pixels.error().to_string();
    EXPECT_EQ(test::sha256_hex(*pixels), line.at("sha256_level0_decoded")) << line.at("file");
    EXPECT_EQ(test::sha256_hex(stored_channels(*pixels, texture->channels())),
              line.at("sha256_level0_raw"))
        << line.at("file");
    ++matched;
  }
  EXPECT_EQ(matched, 21);
}

TEST(Etc1s, EveryTargetIsCloseToThePixels) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  for (const char* file :
       {"apps/kodim23.ktx2", "made/bill_etc1s_alpha.ktx2",
        "ktx2_sample/etc1s_Iron_Bars_001_normal.ktx2", "ktx2/valid_R8_UNORM_2D_BLZE.ktx2"}) {
    const auto reader = Ktx2Reader::open(folder / file);
    ASSERT_TRUE(reader);
    const auto texture = BasisTexture::open(*reader);
    ASSERT_TRUE(texture);
    const Ktx2Info& info = texture->info();
    const Picture exact = as_picture(info, *texture->transcode({}, Format::kRGBA8Unorm));
    for (const Target& target : kTargets) {
      const auto blocks = texture->transcode({}, target.format);
      ASSERT_TRUE(blocks) << target.name;
      const Picture decoded = test::decode(target.format, *blocks, info.width, info.height);
      const double db = test::psnr(exact, decoded, target.channels);
      std::printf("%s %s %.2f\n", file, target.name, db);
    }
  }
}

}  // namespace
}  // namespace forge3d
