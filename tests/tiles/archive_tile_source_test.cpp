// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "forge3d/pmtiles.hpp"
#include "forge3d/tiler.hpp"
#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"
#include "tiles/archive_metadata.hpp"
#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

namespace fs = std::filesystem;

/// A small archive of a 130 x 70 picture: pages of 64, three levels, 6 + 2 + 1 tiles.
Bytes small_archive(const fs::path& path) {
  const Image image = noise_picture({130, 70, 4, SampleType::kU8, true});
  ImageRows reader(image);
  TilerDesc desc;
  desc.page_texels = 64;
  EXPECT_TRUE(tile_image(reader, path, desc));
  return file_bytes(path);
}

/// An archive like small_archive, where `change` gets to spoil each tile's bytes before they are
/// written.
template <class Change>
void write_spoilt(const fs::path& path, Change change, std::size_t tiles_left_out = 0) {
  const TilePyramid pyramid = *make_tile_pyramid(130, 70, Format::kBC7Srgb, 64);
  auto writer = *PmtilesWriter::create(path);
  const std::vector<std::byte> blocks(static_cast<std::size_t>(pyramid.tile_bytes()));
  auto pages = all_pages(pyramid);
  pages.resize(pages.size() - tiles_left_out);
  for (const TileAddress page : pages) {
    Ktx2WriteDesc desc;
    desc.format = pyramid.format;
    desc.width = desc.height = pyramid.tile_texels();
    desc.levels = {blocks};
    Bytes ktx2 = change(page, desc);
    writer.add_reference(archive_tile_id(pyramid, page), *writer.add_content(ktx2));
  }
  ASSERT_TRUE(writer.finish(make_archive_metadata(pyramid, "test", 0), archive_max_zoom(pyramid)));
}

constexpr TileAddress kSpoilt{0, 1, 0};

void expect_bad_tile(const fs::path& path, const char* rule) {
  const auto source = open_archive_tile_source(path);
  ASSERT_TRUE(source) << source.error().to_string();
  std::vector<std::byte> out(static_cast<std::size_t>((*source)->pyramid().tile_bytes()));
  EXPECT_TRUE((*source)->read_tile({0, 0, 0}, out));
  const auto read = (*source)->read_tile(kSpoilt, out);
  ASSERT_FALSE(read) << rule;
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(read.error().message, testing::HasSubstr("tile level 0 x 1 y 0"));
  EXPECT_THAT(read.error().message, testing::HasSubstr(rule));
  const auto findings = validate_pmtiles(*open_file_source(path));
  ASSERT_TRUE(findings);
  EXPECT_FALSE(findings->empty()) << rule;
}

TEST(ArchiveTileSource, NamesTheTileThatIsBroken) {
  test::TempFolder folder;
  const auto path = folder / "a.pmtiles";
  write_spoilt(path, [](TileAddress page, Ktx2WriteDesc desc) {
    Bytes ktx2 = *write_ktx2(desc);
    if (page == kSpoilt) ktx2.resize(100);
    return ktx2;
  });
  expect_bad_tile(path, "");
  write_spoilt(path, [](TileAddress page, Ktx2WriteDesc desc) {
    if (page == kSpoilt) desc.format = Format::kBC7Unorm;
    return *write_ktx2(desc);
  });
  expect_bad_tile(path, "its format is");
  write_spoilt(path, [](TileAddress page, Ktx2WriteDesc desc) {
    desc.supercompression = Supercompression::kZstd;
    Bytes ktx2 = *write_ktx2(desc);
    // The first byte of the last frame's last block: its size no longer fits.
    if (page == kSpoilt) ktx2.back() ^= std::byte{0x55}, ktx2[ktx2.size() - 8] ^= std::byte{0x3c};
    return ktx2;
  });
  expect_bad_tile(path, "zstd");
  write_spoilt(path, [](TileAddress page, Ktx2WriteDesc desc) {
    if (page == kSpoilt) {
      desc.width = desc.height = 68;
      desc.levels = {desc.levels[0].first(68 * 68)};
    }
    return *write_ktx2(desc);
  });
  expect_bad_tile(path, "its extent is 68 x 68, must be 72 x 72");
  write_spoilt(path, [](TileAddress page, const Ktx2WriteDesc& desc) {
    return page == kSpoilt ? Bytes(200'000) : *write_ktx2(desc);
  });
  expect_bad_tile(path, "claims 200000 stored bytes");
}

TEST(ArchiveTileSource, AMissingTileIsAnInvalidFile) {
  test::TempFolder folder;
  write_spoilt(
      folder / "a.pmtiles",
      [](TileAddress, const Ktx2WriteDesc& desc) { return *write_ktx2(desc); }, 1);
  const auto source = *open_archive_tile_source(folder / "a.pmtiles");
  std::vector<std::byte> out(static_cast<std::size_t>(source->pyramid().tile_bytes()));
  const auto read = source->read_tile({2, 0, 0}, out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(read.error().message, testing::HasSubstr("tile level 2 x 0 y 0 is missing"));
  const auto findings = *validate_pmtiles(*open_file_source(folder / "a.pmtiles"));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].text, testing::HasSubstr("8 tiles are addressed, the pyramid has 9"));
}

TEST(ArchiveTileSource, RefusesWrongTilesAndSizes) {
  test::TempFolder folder;
  small_archive(folder / "a.pmtiles");
  const auto source = *open_archive_tile_source(folder / "a.pmtiles");
  std::vector<std::byte> out(static_cast<std::size_t>(source->pyramid().tile_bytes()));
  for (const TileAddress wrong : {TileAddress{0, 3, 0}, {0, 0, 2}, {3, 0, 0}, {~0u, ~0u, ~0u}})
    EXPECT_EQ(source->read_tile(wrong, out).error().code, ErrorCode::kInvalidArgument);
  out.push_back({});
  EXPECT_EQ(source->read_tile({0, 0, 0}, out).error().code, ErrorCode::kInvalidArgument);
}

TEST(ArchiveTileSource, RefusesArchivesOfOthers) {
  test::TempFolder folder;
  const auto finish = [&](const std::string& metadata, std::uint8_t max_zoom) {
    auto writer = *PmtilesWriter::create(folder / "a.pmtiles");
    writer.add_reference(0, *writer.add_content(to_bytes("tile")));
    return writer.finish(metadata, max_zoom);
  };
  ASSERT_TRUE(finish(R"({"name":"map"})", 0));
  EXPECT_EQ(open_archive_tile_source(folder / "a.pmtiles").error().code, ErrorCode::kNotSupported);
  const auto foreign = *validate_pmtiles(*open_file_source(folder / "a.pmtiles"));
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_EQ(foreign[0].severity, ValidationFinding::Severity::kWarning);
  const TilePyramid pyramid = *make_tile_pyramid(130, 70, Format::kBC7Srgb, 64);
  ASSERT_TRUE(finish(make_archive_metadata(pyramid, "x", 0), 5));
  EXPECT_THAT(open_archive_tile_source(folder / "a.pmtiles").error().message,
              testing::HasSubstr("max zoom is 5"));
  EXPECT_EQ(open_archive_tile_source(folder / "absent").error().code, ErrorCode::kIo);
}

TEST(ArchiveTileSource, ThreadsReadAtOnce) {
  test::TempFolder folder;
  small_archive(folder / "a.pmtiles");
  const auto source = *open_archive_tile_source(folder / "a.pmtiles");
  const auto pages = all_pages(source->pyramid());
  std::vector<std::vector<std::byte>> alone;
  for (const TileAddress page : pages) alone.push_back(read_tile(*source, page));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 20 * pages.size(); ++i)
        EXPECT_EQ(read_tile(*source, pages[(i + t) % pages.size()]), alone[(i + t) % pages.size()]);
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(ValidatePmtiles, FindsEveryCutAndMostFlips) {
  test::TempFolder folder;
  const Bytes bytes = small_archive(folder / "a.pmtiles");
  ASSERT_TRUE(validate_pmtiles(make_memory_source(bytes))->empty());
  for (std::size_t size = 0; size < bytes.size(); size += 997) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto findings = validate_pmtiles(make_memory_source(cut));
    ASSERT_TRUE(findings);
    EXPECT_FALSE(findings->empty()) << size;
  }
  std::size_t root_end = kPmtilesHeaderBytes;
  while (bytes[root_end] != std::byte{0} || bytes[root_end + 1] != std::byte{0}) ++root_end;
  for (std::size_t at = kPmtilesHeaderBytes; at < root_end; at += 3) {
    Bytes spoilt = bytes;
    spoilt[at] ^= std::byte{0x55};
    EXPECT_TRUE(validate_pmtiles(make_memory_source(spoilt))) << at;
  }
}

TEST(ValidatePmtiles, FindsWrongCountsAndFlags) {
  ArchiveParts parts;
  parts.root =
      encode_directory(std::vector<DirectoryEntry>{{0, 40, 10, 1}, {1, 0, 10, 2}, {3, 40, 10, 2}});
  parts.metadata = to_bytes("{}");
  const auto texts = [&](auto change) {
    const Bytes bytes = assemble(parts, change);
    std::string all;
    const auto findings = *validate_pmtiles(make_memory_source(bytes));
    for (const auto& finding : findings) all += finding.text + "\n";
    return all;
  };
  using H = PmtilesHeader;
  using testing::HasSubstr;
  const auto good =
      texts([](H& h) { h.addressed_tiles = 5, h.tile_entries = 3, h.tile_contents = 2; });
  EXPECT_THAT(good, testing::Not(HasSubstr("header counts")));
  EXPECT_THAT(texts([](H& h) { h.addressed_tiles = 4; }),
              HasSubstr("4 addressed tiles, there are 5"));
  EXPECT_THAT(texts([](H& h) { h.tile_entries = 4; }), HasSubstr("4 tile entries, there are 3"));
  EXPECT_THAT(texts([](H& h) { h.tile_contents = 4; }), HasSubstr("4 tile contents, there are 2"));
  EXPECT_THAT(texts([](H& h) { h.clustered = true; }), HasSubstr("clustered"));
  EXPECT_THAT(texts([](H& h) { h.min_zoom = 1; }), HasSubstr("below min zoom"));
}

TEST(ValidatePmtiles, FindsLeavesThatNestOrBreak) {
  ArchiveParts parts;
  parts.leaves = encode_directory(std::vector<DirectoryEntry>{{5, 0, 5, 0}});
  parts.root = parts.leaves;
  const Bytes circle = assemble(parts);
  const auto findings = *validate_pmtiles(make_memory_source(circle));
  ASSERT_FALSE(findings.empty());
  EXPECT_THAT(findings[0].text, testing::HasSubstr("circle"));
  parts.leaves = Bytes(5, std::byte{0xff});
  const Bytes broken = assemble(parts);
  EXPECT_FALSE(validate_pmtiles(make_memory_source(broken))->empty());
}

}  // namespace
}  // namespace forge3d::tiles
