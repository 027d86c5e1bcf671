// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "forge3d/basis.hpp"
#include "support/shared_data.hpp"
#include "texture/codec_samples.hpp"
#include "texture/etc1s_samples.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using test::Picture;

using test::BitWriter;
using test::Etc1sSample;
using test::four_blocks;
using test::kAbove;
using test::kAboveLeft;
using test::kByDifference;
using test::kLeft;
using test::p_frame;
using test::Picture;

constexpr Format kRgba8 = Format::kRGBA8Unorm;

/// `file` outlives what is opened.
Result<BasisTexture> open_basis(const std::vector<std::byte>& file) {
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(make_memory_source(file)));
  return BasisTexture::open(reader);
}

/// Opens and transcodes one image to RGBA8.
Result<std::vector<std::byte>> pixels_of(const std::vector<std::byte>& file,
                                         const Ktx2Slice& image = {}) {
  FORGE3D_TRY_ASSIGN(const BasisTexture texture, open_basis(file));
  return texture.transcode(image, kRgba8);
}

std::uint32_t texel(const std::vector<std::byte>& pixels, std::size_t x, std::size_t y) {
  return test::load32(pixels, (y * 8 + x) * 4);
}

void expect_invalid(const std::vector<std::byte>& file, const std::string& rule) {
  const auto pixels = pixels_of(file);
  ASSERT_FALSE(pixels) << rule;
  EXPECT_EQ(pixels.error().code, ErrorCode::kInvalidFile);
  EXPECT_NE(pixels.error().message.find(rule), std::string::npos) << pixels.error().message;
  EXPECT_NE(pixels.error().message.find("memory: offset "), std::string::npos)
      << pixels.error().message;
}

TEST(Etc1s, BlocksWrittenByHandAreExact) {
  const auto pixels = pixels_of(four_blocks().file());
  ASSERT_TRUE(pixels) << pixels.error().to_string();
  // Base (33, 66, 255), modifiers -42, -13, 13, 42, clamped.
  const std::uint32_t row[4] = {0xFFD51800, 0xFFF23514, 0xFFFF4F2E, 0xFFFF6C4B};
  for (std::size_t x = 0; x < 8; ++x)
    for (std::size_t y = 0; y < 8; ++y) {
      const bool brightest = y >= 4 && x < 4;
      EXPECT_EQ(texel(*pixels, x, y), brightest ? row[3] : row[x % 4]) << x << " " << y;
    }
}

TEST(Etc1s, PFramesKeepBlocksOfTheFrameBefore) {
  Etc1sSample sample = four_blocks();
  sample.layers = 3;
  sample.animated = true;
  sample.images.push_back({.flags = 2, .color = p_frame(), .alpha = {}});
  sample.images.push_back({.flags = 2, .color = p_frame(), .alpha = {}});
  const auto file = sample.file();
  const auto texture = open_basis(file);
  ASSERT_TRUE(texture) << texture.error().to_string();
  const auto first = texture->transcode({.layer = 0}, kRgba8);
  const auto second = texture->transcode({.layer = 1}, kRgba8);
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_EQ(texel(*second, 0, 0), texel(*first, 0, 0));
  EXPECT_EQ(texel(*second, 0, 7), texel(*first, 0, 7));
  EXPECT_EQ(texel(*second, 7, 7), 0xFF7C7C7Cu);  // 132 - 8
  EXPECT_EQ(*second, *texture->transcode({.layer = 2}, kRgba8));

  BasisFrame frame;  // in order, back to the start, and over a gap
  for (const std::uint32_t layer : {0u, 1u, 2u, 0u, 2u})
    EXPECT_EQ(*texture->transcode({.layer = layer}, kRgba8, &frame),
              *texture->transcode({.layer = layer}, kRgba8));
}

TEST(Etc1s, AlphaIsTheGreenOfTheSecondSlice) {
  Etc1sSample sample = four_blocks();
  sample.channel_ids = {0, 15};
  sample.images[0].alpha = sample.images[0].color;
  const auto pixels = pixels_of(sample.file());
  ASSERT_TRUE(pixels) << pixels.error().to_string();
  EXPECT_EQ(texel(*pixels, 1, 0), 0x35F23514u);
  sample.channel_ids = {3, 4};  // red and green
  EXPECT_EQ(texel(*pixels_of(sample.file()), 1, 0), 0xFF003514u);
  sample.channel_ids = {3};
  EXPECT_EQ(texel(*pixels_of(sample.file()), 1, 0), 0xFF000014u);
}

TEST(Etc1s, CodebooksThatBreakARuleAreNamed) {
  const auto with_endpoints = [](const BitWriter& bits) {
    Etc1sSample sample = four_blocks();
    sample.endpoint_bytes = bits.bytes();
    return sample.file();
  };
  BitWriter over;
  over.put_table({1, 1, 1});
  expect_invalid(with_endpoints(over), "over-subscribed");
  BitWriter incomplete;
  incomplete.put_table({2, 2, 2});
  expect_invalid(with_endpoints(incomplete), "incomplete");
  BitWriter none;
  for (int table = 0; table < 4; ++table) none.put(0, 14);
  none.put(0, 32);
  expect_invalid(with_endpoints(none), "endpoint 0");
  BitWriter lengths;
  lengths.put(5, 14);
  lengths.put(31, 5);
  lengths.put(0, 32);
  expect_invalid(with_endpoints(lengths), "num_codelength_codes is 31");

  for (const std::uint32_t symbols : {2u, 3u}) {
    BitWriter run;  // lengths whose only code repeats the one before, three times
    run.put(symbols, 14);
    run.put(3, 5);
    run.put(1 << 6, 9);  // of symbols 17, 18 and 19
    run.put(0, 32);
    expect_invalid(with_endpoints(run), symbols == 2 ? "passes the 2 symbols" : "a run repeats");
  }

  Etc1sSample cut = four_blocks();
  cut.endpoint_bytes.pop_back();
  expect_invalid(cut.file(), "endpoint codebook: ends after");
  cut = four_blocks();
  cut.selector_bytes.resize(3);
  expect_invalid(cut.file(), "selector codebook: ends after");
  cut = four_blocks();
  cut.table_bytes.resize(20);
  expect_invalid(cut.file(), "slice tables: ends after");
  cut = four_blocks();
  cut.selector_bytes[0] |= std::byte{1};
  expect_invalid(cut.file(), "the first two bits must be 0");
  cut = four_blocks();
  cut.images.clear();
  expect_invalid(cut.file(), "");
}

TEST(Etc1s, SlicesThatBreakARuleAreNamed) {
  const auto with_slice = [](const std::vector<std::pair<std::uint32_t, std::uint32_t>>& codes) {
    Etc1sSample sample = four_blocks();
    BitWriter bits;
    for (const auto& [symbol, length] : codes) bits.put_code(symbol, length);
    sample.images[0].color = bits.bytes();
    return sample.file();
  };
  constexpr auto kFirst = test::group(kByDifference, kLeft, kAbove, kAboveLeft);
  using test::kDeltaBits, test::kPredictionBits, test::kSelectorBits;
  expect_invalid(with_slice({{300, kPredictionBits}}), "no code of a prediction");
  expect_invalid(with_slice({{test::group(kLeft, 0, 0, 0), kPredictionBits}}), "left of this one");
  expect_invalid(with_slice({{test::group(kAbove, 0, 0, 0), kPredictionBits}}), "above this one");
  expect_invalid(with_slice({{test::group(kAboveLeft, 0, 0, 0), kPredictionBits}}),
                 "left of this one");
  std::vector<std::pair<std::uint32_t, std::uint32_t>> endless = {{256, kPredictionBits}};
  for (int chunk = 0; chunk < 8; ++chunk) endless.emplace_back(0x1F, 5);
  expect_invalid(with_slice(endless), "passes 32 bits");
  expect_invalid(with_slice({{kFirst, kPredictionBits}, {7, kDeltaBits}}), "endpoint codebook");
  expect_invalid(with_slice({{kFirst, kPredictionBits}, {0, kDeltaBits}, {15, kSelectorBits}}),
                 "past selector codebook and history");
  expect_invalid(with_slice({{kFirst, kPredictionBits}, {0, kDeltaBits}, {0, kSelectorBits}}),
                 "block row 0");
  Etc1sSample sample = four_blocks();
  sample.images[0].color.clear();
  sample.images[0].alpha = four_blocks().images[0].color;  // bytes that no color slice names
  expect_invalid(sample.file(), "a slice of 0 bytes");
  sample = four_blocks();
  sample.channel_ids = {0, 15};
  expect_invalid(sample.file(), "a slice of 0 bytes");
  sample = four_blocks();
  sample.images[0].flags = 2;
  expect_invalid(sample.file(), "P frame");
}

TEST(Etc1s, AnyBytesGiveAResultOrAnError) {
  Etc1sSample sample = four_blocks();
  sample.channel_ids = {0, 15};
  sample.animated = true;
  sample.layers = 2;
  sample.images[0].alpha = sample.images[0].color;
  sample.images.push_back({.flags = 2, .color = p_frame(), .alpha = p_frame()});
  const auto file = sample.file();
  const auto run = [](const std::vector<std::byte>& bytes) {
    const auto texture = open_basis(bytes);
    if (!texture || texture->info().width > 64 || texture->info().height > 64) return;
    for (const std::uint32_t layer : {0u, 1u})
      for (const Format target : {kRgba8, Format::kBC7Unorm, Format::kETC2RgbUnorm})
        (void)texture->transcode({.layer = layer}, target);
  };
  for (std::size_t size_bytes = 0; size_bytes < file.size(); ++size_bytes)
    run({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size_bytes)});
  for (std::size_t at = 0; at < file.size(); ++at)
    for (const int value : {0x00, 0x7F, 0x80, 0xFF})
      run(test::patch(file, at, static_cast<std::uint8_t>(value)));
}

TEST(Etc1s, ExtentsThatSoFewBytesCannotHoldAreRefused) {
  std::vector<std::byte> file = four_blocks().file();
  EXPECT_TRUE(Ktx2Reader::open(make_memory_source(file)));
  for (const std::size_t extent : {20u, 24u}) file = test::patch32(file, extent, 1u << 15);
  const auto reader = Ktx2Reader::open(make_memory_source(file));
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kNotSupported);
  EXPECT_NE(reader.error().to_string().find("ratio limit"), std::string::npos);
  EXPECT_TRUE(Ktx2Reader::open(make_memory_source(file), {.max_inflation_ratio = 1u << 30}));
}

// 256 x 524,544 texels of 13 KB, and a level of many layers: found by fuzzing.
TEST(Etc1s, LimitsCountTheBlocksOfAllImages) {
  const auto open = [](const std::vector<std::byte>& file, const Ktx2Limits& limits = {}) {
    return Ktx2Reader::open(make_memory_source(file), limits).has_value();
  };
  std::vector<std::byte> file = four_blocks().file();
  EXPECT_TRUE(open(file, {.max_level_bytes = 1 << 7}));
  file = test::patch32(file, 32, 4);
  const Ktx2Limits level{.max_level_bytes = 127}, total{.max_total_bytes = 127};
  EXPECT_TRUE(open(file, {.max_level_bytes = 128, .max_total_bytes = 128})) << "4 images, 4 blocks";
  EXPECT_FALSE(open(file, level));
  EXPECT_FALSE(open(file, total));
  file = test::patch32(file, 32, 1u << 16);
  for (const std::size_t extent : {20u, 24u}) file = test::patch32(file, extent, 1u << 10);
  EXPECT_FALSE(open(file)) << "32 GiB of blocks";
}

TEST(Etc1s, ArgumentsAreChecked) {
  const auto file = four_blocks().file();
  const auto texture = open_basis(file);
  ASSERT_TRUE(texture);
  std::vector<std::byte> out(8 * 8 * 4 - 1);
  EXPECT_EQ(texture->transcode({}, kRgba8, out).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(texture->transcode({.layer = 1}, kRgba8).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(texture->transcode({}, Format::kBC6HUfloat).error().code, ErrorCode::kNotSupported);
  EXPECT_FALSE(can_transcode(BasisModel::kEtc1s, Format::kR8Unorm));
  EXPECT_TRUE(can_transcode(BasisModel::kEtc1s, Format::kBC7Srgb));
  EXPECT_FALSE(can_transcode(BasisModel::kNone, kRgba8));
  const auto plain = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  EXPECT_EQ(open_basis(plain.file).error().code, ErrorCode::kInvalidArgument);
}

struct Target {
  const char* name;
  Format format;
  unsigned channels;          ///< That are compared.
  double least_db;            ///< Of the worst file here.
  double least_red_green_db;  ///< Two channels that no line joins.
};
constexpr Target kTargets[] = {
    {"bc1", Format::kBC1RgbUnorm, 3, 39.5, 35},  {"bc3", Format::kBC3Unorm, 4, 40.5, 35},
    {"bc4", Format::kBC4Unorm, 1, 52, 52},       {"bc5", Format::kBC5Unorm, 2, 52, 52},
    {"bc7", Format::kBC7Unorm, 4, 39, 52},       {"etc1", Format::kETC2RgbUnorm, 3, 43, 30},
    {"etc2", Format::kETC2RgbaUnorm, 4, 44, 30}, {"r11", Format::kEACR11Unorm, 1, 57, 57},
    {"rg11", Format::kEACRG11Unorm, 2, 57, 57},  {"astc", Format::kASTC4x4Unorm, 4, 39, 52},
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
    const auto pixels = texture->transcode({}, kRgba8);
    ASSERT_TRUE(pixels) << pixels.error().to_string();
    EXPECT_EQ(test::sha256_hex(*pixels), line.at("sha256_level0_decoded")) << line.at("file");
    EXPECT_EQ(test::sha256_hex(stored_channels(*pixels, texture->channels())),
              line.at("sha256_level0_raw"))
        << line.at("file");
    ++matched;
  }
  EXPECT_EQ(matched, 21);
}

/// ETC1S files of the corpus: colors, colors with alpha, red and green, red.
constexpr const char* kFiles[] = {"apps/kodim23.ktx2", "made/bill_etc1s_alpha.ktx2",
                                  "ktx2_sample/etc1s_Iron_Bars_001_normal.ktx2",
                                  "ktx2/valid_R8_UNORM_2D_BLZE.ktx2"};

TEST(Etc1s, EveryTargetIsCloseToThePixels) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  for (const char* file : kFiles) {
    const auto texture = BasisTexture::open(Ktx2Reader::open(folder / file).value());
    ASSERT_TRUE(texture);
    const Ktx2Info& info = texture->info();
    const Picture exact = as_picture(info, *texture->transcode({}, kRgba8));
    for (const Target& target : kTargets) {
      const auto blocks = texture->transcode({}, target.format);
      const bool on_line = texture->channels() != BasisChannels::kRedGreen;
      if (!blocks && !can_encode(target.format)) continue;  // red by way of pixels
      ASSERT_TRUE(blocks) << blocks.error().to_string();
      if (!can_decode(target.format)) continue;
      const Picture decoded = test::decode(target.format, *blocks, info.width, info.height);
      const double db = test::psnr(exact, decoded, target.channels);
      EXPECT_GE(db, on_line ? target.least_db : target.least_red_green_db)
          << file << " " << target.name;
    }
  }
}

TEST(Etc1s, LevelsAndFacesAreTheirOwn) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  const auto mips =
      BasisTexture::open(Ktx2Reader::open(folder / "made/leaves_etc1s_mips.ktx2").value());
  ASSERT_TRUE(mips);
  std::vector<double> means;
  for (std::uint32_t level = 0; level < mips->info().levels; ++level) {
    const auto pixels = mips->transcode({.level = level}, kRgba8);
    ASSERT_TRUE(pixels) << level;
    double sum = 0;
    for (const std::byte byte : *pixels) sum += std::to_integer<int>(byte);
    means.push_back(sum / static_cast<double>(pixels->size()));
    EXPECT_NEAR(means.back(), means.front(), 12) << level;
    EXPECT_TRUE(mips->transcode({.level = level}, Format::kBC7Unorm)) << level;
  }
  const auto cube = BasisTexture::open(Ktx2Reader::open(folder / "made/cube_etc1s.ktx2").value());
  ASSERT_TRUE(cube);
  for (std::uint32_t face = 1; face < 6; ++face)
    EXPECT_NE(*cube->transcode({.face = face}, kRgba8), *cube->transcode({.face = 0}, kRgba8));
}

TEST(Etc1s, RowsBesideEachOtherGiveTheSameBytes) {
  constexpr std::uint32_t kWidth = 1030, kHeight = 277;  // several chunks, no whole blocks
  Etc1sSample sample = four_blocks();
  sample.width = kWidth;
  sample.height = kHeight;
  sample.images[0].color = test::random_slice((kWidth + 3) / 4, (kHeight + 3) / 4, 1);
  sample.images[0].alpha = test::random_slice((kWidth + 3) / 4, (kHeight + 3) / 4, 2);
  for (const auto& ids : std::vector<std::vector<std::uint8_t>>{{0}, {0, 15}, {3}, {3, 4}}) {
    sample.channel_ids = ids;
    const auto file = sample.file();
    const auto texture = open_basis(file);
    ASSERT_TRUE(texture) << texture.error().to_string();
    std::vector<Format> targets = {kRgba8};
    for (const Target& target : kTargets) targets.push_back(target.format);
    for (const Format target : targets) {
      const auto one = texture->transcode_level(0, {.target = target, .threads = 1});
      EXPECT_EQ(one.has_value(), texture->transcode({}, target).has_value());
      for (std::uint32_t threads = 2; threads <= 8;
           threads += target == Format::kBC7Unorm ? 1 : 3) {
        const auto many = texture->transcode_level(0, {.target = target, .threads = threads});
        ASSERT_EQ(many.has_value(), one.has_value()) << static_cast<int>(target);
        if (one) {
          EXPECT_EQ(*many, *one) << static_cast<int>(target) << " " << threads;
        }
      }
    }
  }
}

TEST(Etc1s, ThreadsShareATexture) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  const auto texture =
      BasisTexture::open(Ktx2Reader::open(folder / "made/bill_etc1s_alpha.ktx2").value());
  ASSERT_TRUE(texture);
  std::vector<std::vector<std::byte>> blocks(4);
  std::vector<std::thread> threads;
  for (auto& out : blocks)
    threads.emplace_back([&] { out = texture->transcode({}, Format::kASTC4x4Srgb).value(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& out : blocks) EXPECT_EQ(out, blocks[0]);
}

}  // namespace
}  // namespace forge3d
