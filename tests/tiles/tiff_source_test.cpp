// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/tiff_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <thread>

#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"
#include "tiles/bytes.hpp"
#include "tiles/raw_picture.hpp"
#include "tiles/sources/raw_tile_source.hpp"
#include "tiles/tiff_samples.hpp"

namespace forge3d::tiles {
namespace {

constexpr ImageInfo kRgb{300, 170, 3, SampleType::kU8, true};

TileSourceOptions options_of(Format format = Format::kRGBA8Unorm) {
  TileSourceOptions options;
  options.format = format;
  options.page_texels = 64;
  return options;
}

Result<std::shared_ptr<TileSource>> open_tiff(const Bytes& bytes,
                                              const TileSourceOptions& options) {
  FORGE3D_TRY_ASSIGN(auto pages, open_tiff_pages(make_memory_source(bytes, "a.tif")));
  return make_raw_tile_source(std::move(pages), options);
}

/// The bytes of a file with these pages.
Bytes tiff_bytes(const std::vector<TiffPage>& pages, std::uint16_t below = 0,
                 const char* mode = "w") {
  test::TempFolder folder;
  EXPECT_TRUE(write_tiff(folder / "a.tif", pages, below, mode));
  return file_bytes(folder / "a.tif");
}

void expect_levels(const TileSource& source, const Image& image, int tolerance = 0,
                   std::uint32_t levels = ~0u) {
  const auto reference = reference_levels(image, source.pyramid().levels);
  for (const TileAddress page : all_pages(source.pyramid())) {
    if (page.level >= levels) continue;
    EXPECT_LE(largest_difference(read_tile(source, page),
                                 reference_tile(reference, source.pyramid(), page)),
              tolerance)
        << page.level << " " << page.x << " " << page.y;
  }
}

TEST(TiffSource, TilesStripsAndCompressionsAreExact) {
  const Image image = noise_picture(kRgb);
  for (const std::uint16_t compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS,
        COMPRESSION_ZSTD}) {
    if (TIFFIsCODECConfigured(compression) == 0) continue;
    for (const std::uint32_t tile : {0u, 48u, 128u})
      for (const char* mode : {"w", "wb8"}) {  // as it is, and BigTIFF of the other byte order
        const Bytes bytes = tiff_bytes(tiff_pyramid(image, tile, compression, 2), 0, mode);
        const auto source = open_tiff(bytes, options_of());
        ASSERT_TRUE(source) << source.error().to_string();
        EXPECT_EQ((*source)->pyramid().format, Format::kRGBA8Srgb);
        expect_levels(**source, image, 0, 3);
      }
  }
}

TEST(TiffSource, OverviewsInSubDirectoriesAreFound) {
  const Image image = noise_picture(kRgb);
  const Bytes bytes = tiff_bytes(tiff_pyramid(image, 64, COMPRESSION_NONE, 2), 2);
  const auto source = open_tiff(bytes, options_of());
  ASSERT_TRUE(source) << source.error().to_string();
  expect_levels(**source, image, 0, 3);
  EXPECT_TRUE((*open_tiff_pages(make_memory_source(bytes)))->level(2));
}

TEST(TiffSource, MissingOverviewsAreMade) {
  const Image image = noise_picture(kRgb);
  const Bytes bytes = tiff_bytes({{.image = image, .rows = 7}});
  const auto source = open_tiff(bytes, options_of());
  ASSERT_TRUE(source) << source.error().to_string();
  expect_levels(**source, image, 1);
}

TEST(TiffSource, OtherPagesAreNoLevels) {
  const Image image = noise_picture(kRgb);
  auto pages = tiff_pyramid(image, 64, COMPRESSION_NONE, 1);
  pages[1].subfile_type = FILETYPE_PAGE;  // another picture that has half the extent by chance
  pages.push_back(pages[1]);
  pages.back().subfile_type = FILETYPE_MASK | FILETYPE_REDUCEDIMAGE;
  pages.push_back(pages[1]);
  pages.back().subfile_type = FILETYPE_REDUCEDIMAGE;
  pages.back().image = noise_picture({77, 77, 3, SampleType::kU8, true});
  const Bytes bytes = tiff_bytes(pages);
  const auto raw = open_tiff_pages(make_memory_source(bytes));
  ASSERT_TRUE(raw) << raw.error().to_string();
  for (std::uint32_t level = 1; level < 9; ++level) EXPECT_FALSE((*raw)->level(level));
}

TEST(TiffSource, GreyAlphaPaletteAndExtraChannels) {
  const auto opens_as = [](const TiffPage& page, const Image& expected) {
    const Bytes bytes = tiff_bytes({page});
    const auto source = open_tiff(bytes, options_of());
    ASSERT_TRUE(source) << source.error().to_string();
    expect_levels(**source, expected, 0, 1);
  };
  const Image grey = noise_picture({100, 90, 1, SampleType::kU8, true});
  opens_as({.image = grey, .photometric = PHOTOMETRIC_MINISBLACK}, grey);
  Image inverted = grey;
  for (std::byte& byte : inverted.pixels) byte = ~byte;
  opens_as({.image = grey, .photometric = PHOTOMETRIC_MINISWHITE}, inverted);
  const Image rgba = noise_picture({100, 90, 4, SampleType::kU8, true});
  opens_as({.image = rgba, .tile = 32, .alpha = true}, rgba);
  Image rgb = *make_image({100, 90, 3, SampleType::kU8, true}), coloured = rgb;
  TiffPage palette{.image = grey, .photometric = PHOTOMETRIC_PALETTE};
  for (std::uint32_t i = 0; i < 768; ++i)
    palette.palette.push_back(static_cast<std::uint16_t>((i * 37 % 256) * 257));
  for (std::size_t i = 0; i < grey.pixels.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      rgb.pixels[i * 3 + c] = rgba.pixels[i * 4 + c];
      coloured.pixels[i * 3 + c] = static_cast<std::byte>(
          palette.palette[c * 256 + std::to_integer<std::size_t>(grey.pixels[i])] >> 8);
    }
  opens_as({.image = rgba}, rgb);  // a fourth channel that nobody explains
  opens_as(palette, coloured);
}

TEST(TiffSource, JpegInsideIsClose) {
  FORGE3D_REQUIRE_SHARED(path, "data/textures/sat_landsat_rgb.tif");
  const auto raw = open_tiff_pages(*open_file_source(path));
  ASSERT_TRUE(raw) << raw.error().to_string();
  EXPECT_EQ((*raw)->info().width, 791u);
  EXPECT_EQ((*raw)->info().height, 718u);
  const auto plain = *make_raw_tile_source(*raw, options_of());
  Image image = *make_image({791, 718, 3, SampleType::kU8, true});
  const auto shape = *(*raw)->level(0);
  std::vector<std::byte> strip(block_bytes(image.info, shape));
  for (std::uint32_t y = 0; y * shape.block_height < 718; ++y) {
    ASSERT_TRUE((*raw)->read_block(0, 0, y, strip));
    const std::size_t rows = std::min(shape.block_height, 718 - y * shape.block_height);
    std::copy_n(strip.begin(), rows * image.info.row_bytes(),
                image.row(y * shape.block_height).begin());
  }
  expect_levels(*plain, image, 0, 1);
  // A COG of it as GDAL makes them: JPEG with YCbCr, overviews down to a page.
  auto pages = tiff_pyramid(image, 256, COMPRESSION_JPEG, 2);
  for (TiffPage& page : pages) page.photometric = PHOTOMETRIC_YCBCR;
  const Bytes bytes = tiff_bytes(pages);
  const auto packed = open_tiff(bytes, options_of());
  ASSERT_TRUE(packed) << packed.error().to_string();
  const auto reference = reference_levels(image, 3);
  for (const TileAddress page : all_pages((*packed)->pyramid())) {
    if (page.level > 2) continue;
    const auto tile = read_tile(**packed, page);
    const auto expected = reference_tile(reference, (*packed)->pyramid(), page);
    double squares = 0;
    for (std::size_t i = 0; i < tile.size(); ++i) {
      const double d = std::to_integer<int>(tile[i]) - std::to_integer<int>(expected[i]);
      squares += d * d;
    }
    EXPECT_GT(10 * std::log10(255.0 * 255 * static_cast<double>(tile.size()) / squares), 28)
        << page.level << " " << page.x << " " << page.y;
  }
}

TEST(TiffSource, SixteenBitAndFloatHeights) {
  Image heights = *make_image({200, 130, 1, SampleType::kF32, false});
  Image levels16 = *make_image({200, 130, 1, SampleType::kU16, false});
  for (std::size_t i = 0; i < 200 * 130; ++i) {
    const float metres = static_cast<float>(i % 200) * 2.5f - 100.0f;
    const auto steps = static_cast<std::uint16_t>(i % 200 * 300);
    std::memcpy(&heights.pixels[i * 4], &metres, 4);
    std::memcpy(&levels16.pixels[i * 2], &steps, 2);
  }
  auto pages = tiff_pyramid(heights, 64, COMPRESSION_ADOBE_DEFLATE, 1);
  for (TiffPage& page : pages) {
    page.sample_format = SAMPLEFORMAT_IEEEFP;
    page.predictor = PREDICTOR_FLOATINGPOINT;
  }
  const auto texel = [](std::span<const std::byte> tile, auto& value) {
    std::memcpy(&value, &tile[(4 * 72 + 4 + 9) * sizeof(value)], sizeof(value));
    return value;
  };
  float metres = 0;
  std::uint16_t steps = 0;
  const Bytes floats = tiff_bytes(pages);
  EXPECT_EQ(
      texel(read_tile(**open_tiff(floats, options_of(Format::kUndefined)), {0, 1, 0}), metres),
      (64 + 9) * 2.5f - 100.0f);
  auto options = options_of(Format::kUndefined);
  options.range = HeightRange{-100, 400};
  const auto ranged = open_tiff(floats, options);
  EXPECT_EQ((*ranged)->pyramid().format, Format::kR16Unorm);
  EXPECT_EQ(texel(read_tile(**ranged, {0, 1, 0}), steps),
            std::lround((64 + 9) * 2.5f / 500 * 65535));
  options.format = Format::kBC4Unorm;
  EXPECT_EQ(read_tile(**open_tiff(floats, options), {1, 0, 0}).size(), 72u * 72 / 2);
  const Bytes whole = tiff_bytes(tiff_pyramid(levels16, 64, COMPRESSION_LZW, 1));
  const auto source = open_tiff(whole, options_of(Format::kUndefined));
  EXPECT_EQ((*source)->pyramid().format, Format::kR16Unorm);
  EXPECT_EQ(texel(read_tile(**source, {0, 1, 0}), steps), (64 + 9) * 300);
  // The same bits as signed numbers: those are floats by their value.
  auto with_sign = tiff_pyramid(levels16, 64, COMPRESSION_LZW, 0);
  with_sign[0].sample_format = SAMPLEFORMAT_INT;
  const Bytes sign = tiff_bytes(with_sign);
  EXPECT_EQ(texel(read_tile(**open_tiff(sign, options_of(Format::kUndefined)), {0, 2, 0}), metres),
            static_cast<float>(static_cast<std::int16_t>((128 + 9) * 300)));
}

TEST(TiffSource, TilesLeftOutAreZero) {
  const Image rgba = noise_picture({128, 128, 4, SampleType::kU8, true});
  const Bytes bytes = tiff_bytes({{.image = rgba, .tile = 64, .alpha = true, .left_out = {1}}});
  auto options = options_of();
  options.border_texels = 0;
  const auto source = open_tiff(bytes, options);
  ASSERT_TRUE(source) << source.error().to_string();
  EXPECT_THAT(read_tile(**source, {0, 1, 0}), testing::Each(std::byte{0}));
  EXPECT_NE(read_tile(**source, {0, 0, 0})[0], std::byte{0});
}

TEST(TiffSource, ThreadsReadAtOnce) {
  const Image image = noise_picture(kRgb);
  const Bytes bytes = tiff_bytes(tiff_pyramid(image, 64, COMPRESSION_LZW, 2));
  auto options = options_of();
  options.cache_bytes = 4 * 64 * 64 * 3;
  const auto source = *open_tiff(bytes, options);
  const auto pages = all_pages(source->pyramid());
  std::vector<Bytes> alone;
  for (const TileAddress page : pages) alone.push_back(read_tile(*source, page));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::size_t at = (i + t * 7) % pages.size();
        EXPECT_EQ(read_tile(*source, pages[at]), alone[at]);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

void expect_refused(const Bytes& bytes, ErrorCode code, const char* words) {
  const auto pages = open_tiff_pages(make_memory_source(bytes, "a.tif"));
  ASSERT_FALSE(pages) << words;
  EXPECT_EQ(pages.error().code, code) << pages.error().to_string();
  EXPECT_THAT(pages.error().to_string(), testing::HasSubstr("a.tif"));
  EXPECT_THAT(pages.error().to_string(), testing::HasSubstr(words));
}

/// Where the 12 bytes of a tag lie in a classic little-endian file of one directory.
std::size_t tag_at(const Bytes& bytes, std::uint16_t tag) {
  const auto directory = static_cast<std::size_t>(load_le(std::span(bytes).subspan(4), 4));
  const std::uint64_t count = load_le(std::span(bytes).subspan(directory), 2);
  for (std::uint64_t i = 0; i < count; ++i)
    if (load_le(std::span(bytes).subspan(directory + 2 + i * 12), 2) == tag)
      return directory + 2 + i * 12;
  ADD_FAILURE() << "no tag " << tag;
  return 8;
}

Bytes with_tag(Bytes bytes, std::uint16_t tag, std::uint32_t value) {
  const std::size_t at = tag_at(bytes, tag);
  store_le(std::span(bytes).subspan(at + 2), 2, TIFF_LONG);
  store_le(std::span(bytes).subspan(at + 4), 4, 1);
  store_le(std::span(bytes).subspan(at + 8), 4, value);
  return bytes;
}

TEST(TiffSource, NamesWhatItRefuses) {
  const Image image = noise_picture(kRgb);
  const Bytes tiled = tiff_bytes({{.image = image, .tile = 64}}),
              strips = tiff_bytes({{.image = image}});
  using enum ErrorCode;
  expect_refused(with_tag(tiled, TIFFTAG_IMAGEWIDTH, 1u << 30), kInvalidFile,
                 "ImageWidth is 1073741824");
  expect_refused(with_tag(tiled, TIFFTAG_IMAGELENGTH, 0), kInvalidFile, "");
  expect_refused(with_tag(tiled, TIFFTAG_TILEWIDTH, 1u << 24), kInvalidFile,
                 "TileWidth is 16777216");
  expect_refused(with_tag(tiled, TIFFTAG_COMPRESSION, 34712), kNotSupported,
                 "Compression is 34712");
  expect_refused(with_tag(tiled, TIFFTAG_PHOTOMETRIC, 8), kNotSupported,
                 "PhotometricInterpretation is 8");
  expect_refused(with_tag(tiled, TIFFTAG_PLANARCONFIG, 2), kNotSupported, "PlanarConfiguration");
  expect_refused(with_tag(tiled, TIFFTAG_SAMPLEFORMAT, 6), kNotSupported, "BitsPerSample is 8");
  expect_refused(with_tag(strips, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_YCBCR), kNotSupported,
                 "PhotometricInterpretation is 6");
  expect_refused(with_tag(with_tag(with_tag(strips, TIFFTAG_IMAGEWIDTH, 1u << 20),
                                   TIFFTAG_IMAGELENGTH, 1u << 20),
                          TIFFTAG_ROWSPERSTRIP, 1u << 20),
                 kNotSupported, "one strip of 1048576 x");
  expect_refused({}, kInvalidFile, "");
  expect_refused(to_bytes("II*\0"), kInvalidFile, "");
  EXPECT_EQ(
      open_tiff_pages(make_function_source(100,
                                           [](std::uint64_t, std::span<std::byte>) {
                                             return Result<>(fail(ErrorCode::kIo, "unplugged"));
                                           }))
          .error()
          .code,
      ErrorCode::kIo);
}

TEST(TiffSource, ManyAndCircularDirectoriesAreErrors) {
  const Image dot = noise_picture({16, 16, 3, SampleType::kU8, true});
  std::vector<TiffPage> pages(70, {.image = dot});
  expect_refused(tiff_bytes(pages), ErrorCode::kInvalidFile, "has more than 64 IFDs");
  Bytes circle = tiff_bytes({{.image = dot}});
  const auto directory = static_cast<std::size_t>(load_le(std::span(circle).subspan(4), 4));
  const std::uint64_t count = load_le(std::span(circle).subspan(directory), 2);
  store_le(std::span(circle).subspan(directory + 2 + count * 12), 4, directory);
  const auto opened = open_tiff(circle, options_of());
  if (opened) expect_levels(**opened, dot);
}

TEST(TiffSource, CutAndSpoiltFilesGiveErrorsOrTiles) {
  const Image image = noise_picture({150, 100, 3, SampleType::kU8, true});
  for (const std::uint16_t compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_JPEG}) {
    const Bytes bytes = tiff_bytes(tiff_pyramid(image, 64, compression, 1));
    const auto try_all = [](const Bytes& tried) {
      const auto source = open_tiff(tried, options_of());
      if (!source) return false;
      bool all = true;
      std::vector<std::byte> out(static_cast<std::size_t>((*source)->pyramid().tile_bytes()));
      for (const TileAddress page : all_pages((*source)->pyramid()))
        all = (*source)->read_tile(page, out).has_value() && all;
      return all;
    };
    for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 41 + 1)
      EXPECT_FALSE(try_all(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))))
          << compression << " " << size;
    for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 61 + 1) {
      Bytes spoilt = bytes;
      spoilt[at] ^= std::byte{0x5a};
      (void)try_all(spoilt);
    }
  }
}

}  // namespace
}  // namespace forge3d::tiles
