// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/map_archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "forge3d/tile_sources.hpp"
#include "tiles/inflate.hpp"
#include "tiles/map_samples.hpp"
#include "tiles/raw_picture.hpp"
#ifdef FORGE3D_HAS_WEBP
#include <webp/encode.h>
#endif

namespace forge3d::tiles {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSide = 64;

TileSourceOptions options_of(Format format = Format::kRGBA8Unorm) {
  TileSourceOptions options;
  options.format = format;
  options.page_texels = 64;
  return options;
}

Bytes as_png(const Image& tile) { return *encode_png(tile); }

Image world(std::uint32_t zoom) {
  return noise_picture({kSide << zoom, kSide << zoom, 4, SampleType::kU8, true});
}

Result<std::shared_ptr<TileSource>> open_archive(const Bytes& bytes,
                                                 const TileSourceOptions& options = options_of()) {
  return open_tile_source(make_memory_source(bytes, "map"), options);
}

constexpr auto kUnchanged = [](PmtilesHeader&) {};

void expect_tiles(const TileSource& source, const Image& picture, int tolerance = 0) {
  const auto levels = reference_levels(picture, source.pyramid().levels);
  for (const TileAddress page : all_pages(source.pyramid()))
    EXPECT_LE(
        largest_difference(read_tile(source, page), reference_tile(levels, source.pyramid(), page)),
        tolerance)
        << page.level << " " << page.x << " " << page.y;
}

TEST(MapArchive, IsTheWholeMap) {
  const Image picture = world(2);
  const Bytes bytes =
      map_archive(map_tiles(picture, kSide, 2, 0, as_png), 2,
                  [](PmtilesHeader& header) { header.tile_type = PmtilesTileType::kPng; });
  for (const std::uint32_t page : {64u, 128u}) {
    auto options = options_of();
    options.page_texels = page;
    const auto source = open_archive(bytes, options);
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source)->pyramid().width, 256u);
    expect_tiles(**source, picture);
  }
}

TEST(MapArchive, ZoomsThatAreMissingAreMade) {
  const Image picture = world(2);
  const Bytes bytes = map_archive(map_tiles(picture, kSide, 2, 2, as_png), 2,
                                  [](PmtilesHeader& header) { header.min_zoom = 2; });
  const auto source = open_archive(bytes);
  ASSERT_TRUE(source) << source.error().to_string();
  expect_tiles(**source, picture, 1);
}

/// The corner of a part of the map need not be one of coarser tiles.
TEST(MapArchive, BoundsCutThePictureOut) {
  const Image picture = world(3);
  auto tiles = map_tiles(picture, kSide, 3, 0, as_png);
  const auto bounds = [](PmtilesHeader& header) {
    // Tiles 3..6 by 3..4: three eighths of the way round, and both sides of the equator.
    header.min_longitude_e7 = -450'000'000, header.max_longitude_e7 = 1'350'000'000;
    header.min_latitude_e7 = -409'798'981, header.max_latitude_e7 = 409'798'981;
  };
  const Bytes bytes = map_archive(tiles, 3, bounds);
  const auto source = open_archive(bytes);
  ASSERT_TRUE(source) << source.error().to_string();
  const TilePyramid& pyramid = (*source)->pyramid();
  EXPECT_EQ(pyramid.width % kSide, 0u);
  ASSERT_GE(pyramid.width, 4 * kSide);
  ASSERT_GE(pyramid.height, 2 * kSide);
  // What is shown ends at tile 7 and at tile 5.
  const std::uint32_t left = 7 * kSide - pyramid.width, top = 5 * kSide - pyramid.height;
  Image part = *make_image({pyramid.width, pyramid.height, 4, SampleType::kU8, true});
  for (std::uint32_t y = 0; y < pyramid.height; ++y)
    std::ranges::copy(picture.row(top + y).subspan(std::size_t{left} * 4, part.info.row_bytes()),
                      part.row(y).begin());
  expect_tiles(**source, part);
}

TEST(MapArchive, MissingTilesAreTransparent) {
  const Image picture = world(2);
  auto tiles = map_tiles(picture, kSide, 2, 0, as_png);
  tiles.erase(pmtiles_tile_id(2, 1, 1));
  auto options = options_of();
  options.border_texels = 0;
  const Bytes bytes = map_archive(tiles, 2, kUnchanged);
  const auto source = open_archive(bytes, options);
  ASSERT_TRUE(source) << source.error().to_string();
  EXPECT_THAT(read_tile(**source, {0, 1, 1}), testing::Each(std::byte{0}));
}

TEST(MapArchive, AnotherTileIsAnErrorOfThatTileAlone) {
  const Image picture = world(2);
  const auto good = map_tiles(picture, kSide, 2, 0, as_png);
  const auto expect_bad = [&](const Bytes& tile, const char* words) {
    auto tiles = good;
    tiles[pmtiles_tile_id(2, 1, 1)] = tile;
    auto options = options_of();
    options.border_texels = 0;
    const Bytes bytes = map_archive(tiles, 2, kUnchanged);
    const auto source = *open_archive(bytes, options);
    std::vector<std::byte> out(static_cast<std::size_t>(source->pyramid().tile_bytes()));
    const auto read = source->read_tile({0, 1, 1}, out);
    ASSERT_FALSE(read) << words;
    EXPECT_THAT(read.error().to_string(), HasSubstr(words));
    EXPECT_THAT(read.error().to_string(), HasSubstr("tile 2/1/1"));
    EXPECT_TRUE(source->read_tile({0, 0, 1}, out));
  };
  expect_bad(as_png(noise_picture({32, 64, 4, SampleType::kU8, true})), "is PNG of 32 x 64");
  expect_bad(to_bytes("plain words"), "is neither PNG");
  Bytes cut = as_png(tile_picture(picture, 1, 1, kSide));
  cut.resize(cut.size() / 2);
  expect_bad(cut, "");
  const Image texels = noise_picture({64, 64, 4, SampleType::kU8, true});
  Ktx2WriteDesc ktx2{.format = Format::kRGBA8Srgb, .width = 64, .height = 64};
  ktx2.levels = {texels.pixels};
  expect_bad(*write_ktx2(ktx2), "is KTX2 of 64 x 64, the archive's tiles are PNG");
}

TEST(MapArchive, Ktx2AndPackedTiles) {
  const Image picture = world(1);
  const auto as_ktx2 = [](const Image& tile) {
    Ktx2WriteDesc desc{.format = Format::kRGBA8Srgb, .width = kSide, .height = kSide};
    desc.levels = {tile.pixels};
    return *write_ktx2(desc);
  };
  const auto source_of = [&](const Bytes& bytes) {
    const auto source = open_archive(bytes);
    ASSERT_TRUE(source) << source.error().to_string();
    expect_tiles(**source, picture);
  };
  source_of(map_archive(map_tiles(picture, kSide, 1, 0, as_ktx2), 1, kUnchanged));
  const auto packed = [&](const Image& tile) { return *gzip(as_ktx2(tile)); };
  source_of(map_archive(map_tiles(picture, kSide, 1, 0, packed), 1, [](PmtilesHeader& header) {
    header.tile_compression = PmtilesCompression::kGzip;
  }));
}

#ifdef FORGE3D_HAS_WEBP
TEST(MapArchive, WebpTiles) {
  Image picture = world(1);
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = std::byte{255};
  const auto as_webp = [](const Image& tile) {
    std::uint8_t* packed = nullptr;
    const std::size_t size_bytes =
        WebPEncodeLosslessRGBA(reinterpret_cast<const std::uint8_t*>(tile.pixels.data()), kSide,
                               kSide, kSide * 4, &packed);
    Bytes bytes(size_bytes);
    std::ranges::copy(std::as_bytes(std::span(packed, size_bytes)), bytes.begin());
    WebPFree(packed);
    return bytes;
  };
  auto tiles = map_tiles(picture, kSide, 1, 0, as_webp);
  const Bytes bytes = map_archive(
      tiles, 1, [](PmtilesHeader& header) { header.tile_type = PmtilesTileType::kWebp; });
  const auto source = open_archive(bytes);
  ASSERT_TRUE(source) << source.error().to_string();
  expect_tiles(**source, picture);
  for (auto& [id, tile] : tiles) tile.resize(tile.size() / 2);
  const Bytes cut = map_archive(tiles, 1, kUnchanged);
  const auto broken = open_archive(cut);
  std::vector<std::byte> out(static_cast<std::size_t>((*source)->pyramid().tile_bytes()));
  EXPECT_FALSE(broken && (*broken)->read_tile({0, 0, 0}, out));
}
#endif

TEST(MapArchive, RefusesWhatItCannotShow) {
  const Image picture = world(1);
  const auto tiles = map_tiles(picture, kSide, 1, 0, as_png);
  const auto message = [&](auto change, std::uint8_t zoom = 1) {
    const Bytes bytes = map_archive(tiles, zoom, change);
    const auto source = open_archive(bytes);
    return source ? std::string() : source.error().to_string();
  };
  EXPECT_THAT(message([](PmtilesHeader& header) { header.tile_type = PmtilesTileType::kMvt; }),
              HasSubstr("not_supported: map: tiles of type 1"));
  EXPECT_THAT(message([](PmtilesHeader& header) { header.tile_type = PmtilesTileType::kJpeg; }),
              HasSubstr("is PNG, the header says JPEG"));
  EXPECT_THAT(message(kUnchanged, 15), HasSubstr("2097152 texels wide at zoom 15"));
  EXPECT_THAT(
      message([](PmtilesHeader& header) { header.tile_compression = PmtilesCompression::kBrotli; }),
      HasSubstr("not_supported"));
}

/// A leaf that leads back to itself, one that points elsewhere, entries past their section.
TEST(MapArchive, BrokenDirectoriesAreErrors) {
  ArchiveParts parts;
  parts.max_zoom = 1;
  parts.leaves = encode_directory(std::vector<DirectoryEntry>{{0, 0, 5, 0}});
  parts.root = parts.leaves;
  const Bytes circle = assemble(parts);
  const auto opened = open_archive(circle);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("circle"));
  const auto refuses = [](const std::vector<DirectoryEntry>& entries) {
    ArchiveParts bad;
    bad.max_zoom = 1;
    bad.root = encode_directory(entries);
    const Bytes bytes = assemble(bad);
    const auto archive = open_archive(bytes);
    return !archive && archive.error().code == ErrorCode::kInvalidFile;
  };
  EXPECT_TRUE(refuses({{0, 60, 10, 1}}));                // past the tile data
  EXPECT_TRUE(refuses({{0, 0, 10, 3}, {2, 0, 10, 1}}));  // runs that overlap
  EXPECT_TRUE(refuses({{0, 0, 10, 6}}));                 // past the last tile of zoom 1
  EXPECT_TRUE(refuses({{3, 900, 10, 0}}));               // a leaf past the leaves
}

TEST(MapArchive, ThreadsReadAtOnceAndCutFilesFail) {
  const Image picture = world(2);
  const Bytes bytes = map_archive(map_tiles(picture, kSide, 2, 0, as_png), 2, kUnchanged);
  auto options = options_of();
  options.cache_bytes = 3 * kSide * kSide * 4;
  const auto source = *open_archive(bytes, options);
  const auto pages = all_pages(source->pyramid());
  std::vector<Bytes> alone;
  for (const TileAddress page : pages) alone.push_back(read_tile(*source, page));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < pages.size(); ++i)
        EXPECT_EQ(read_tile(*source, pages[(i + t) % pages.size()]), alone[(i + t) % pages.size()]);
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 40 + 1) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(open_archive(cut)) << size;
  }
}

}  // namespace
}  // namespace forge3d::tiles
