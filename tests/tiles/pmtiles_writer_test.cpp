// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "forge3d/pmtiles.hpp"
#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"

namespace forge3d::tiles {
namespace {

namespace fs = std::filesystem;

Bytes content_bytes(std::uint64_t content) {
  return to_bytes("content " + std::to_string(content));
}

/// Writes `contents` contents and shows content (id * 7) % contents at each id.
Result<> write_archive(const fs::path& path, const std::vector<std::uint64_t>& ids,
                       std::uint64_t contents, std::uint8_t max_zoom) {
  FORGE3D_TRY_ASSIGN(PmtilesWriter writer, PmtilesWriter::create(path));
  for (std::uint64_t i = 0; i < contents; ++i) FORGE3D_TRY(writer.add_content(content_bytes(i)));
  for (const std::uint64_t id : ids) writer.add_reference(id, id * 7 % contents);
  return writer.finish(R"({"name":"test"})", max_zoom);
}

Bytes tile_bytes(const PmtilesReader& reader, std::uint64_t id) {
  const auto extent = reader.find(id);
  if (!extent || !*extent) return {};
  Bytes bytes(static_cast<std::size_t>((*extent)->size_bytes));
  if (!reader.source().read((*extent)->offset, bytes)) return {};
  return bytes;
}

TEST(PmtilesWriter, RoundTripsTilesInAnyOrder) {
  test::TempFolder folder;
  ASSERT_TRUE(write_archive(folder / "a.pmtiles", {20, 3, 4, 0, 84, 7}, 5, 3));
  EXPECT_FALSE(fs::exists(folder / "a.pmtiles.part"));
  const auto reader = PmtilesReader::open(folder / "a.pmtiles");
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ((*reader)->metadata_json(), R"({"name":"test"})");
  for (const std::uint64_t id : {20, 3, 4, 0, 84, 7})
    EXPECT_EQ(tile_bytes(**reader, id), content_bytes(id * 7 % 5)) << id;
  EXPECT_FALSE(*(*reader)->find(5));
  EXPECT_EQ((*reader)->header().addressed_tiles, 6u);
  EXPECT_EQ((*reader)->header().tile_contents, 5u);
  EXPECT_EQ((*reader)->header().max_zoom, 3u);
  EXPECT_EQ((*reader)->header().min_zoom, 0u);
}

TEST(PmtilesWriter, RepeatedTilesBecomeOneRun) {
  test::TempFolder folder;
  std::vector<std::uint64_t> ids(5461);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = i;
  ASSERT_TRUE(write_archive(folder / "a.pmtiles", ids, 1, 6));
  const auto reader = *PmtilesReader::open(folder / "a.pmtiles");
  EXPECT_EQ(reader->header().addressed_tiles, 5461u);
  EXPECT_EQ(reader->header().tile_entries, 1u);
  EXPECT_EQ(tile_bytes(*reader, 5460), content_bytes(0));
}

TEST(PmtilesWriter, ManyTilesGoToLeafDirectories) {
  test::TempFolder folder;
  std::mt19937_64 random(5);
  std::set<std::uint64_t> ids;
  while (ids.size() < 100'000) ids.insert(random() % pmtiles_tile_id(13, 0, 0));
  ASSERT_TRUE(write_archive(folder / "a.pmtiles", {ids.begin(), ids.end()}, 1000, 12));
  const auto reader = *PmtilesReader::open(folder / "a.pmtiles");
  EXPECT_GT(reader->header().leaves_bytes, 0u);
  EXPECT_LE(reader->header().root_offset + reader->header().root_bytes, kPmtilesHeadBytes);
  for (const std::uint64_t id : ids) {
    const auto extent = reader->find(id);
    ASSERT_TRUE(extent && *extent) << id;
    ASSERT_EQ((*extent)->size_bytes, content_bytes(id * 7 % 1000).size());
  }
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t id = random() % pmtiles_tile_id(13, 0, 0);
    EXPECT_EQ((*reader->find(id)).has_value(), ids.count(id) == 1) << id;
  }
}

TEST(PmtilesWriter, AWriterThatIsDroppedLeavesNothing) {
  test::TempFolder folder;
  {
    auto writer = *PmtilesWriter::create(folder / "a.pmtiles");
    writer.add_reference(0, *writer.add_content(content_bytes(0)));
    EXPECT_TRUE(fs::exists(folder / "a.pmtiles.part"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(PmtilesWriter, APartFileDoesNotOpen) {
  test::TempFolder folder;
  auto writer = *PmtilesWriter::create(folder / "a.pmtiles");
  for (std::uint64_t i = 0; i < 100; ++i)
    writer.add_reference(i, *writer.add_content(content_bytes(i)));
  // What a kill leaves behind: a copy, as the writer itself would clean up.
  const auto reader = PmtilesReader::open(folder / "a.pmtiles.part");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::kInvalidFile);
  EXPECT_FALSE(fs::exists(folder / "a.pmtiles"));
}

TEST(PmtilesWriter, KeepsTheOldArchiveUntilTheNewOneIsWhole) {
  test::TempFolder folder;
  ASSERT_TRUE(write_archive(folder / "a.pmtiles", {1}, 1, 1));
  const Bytes old = file_bytes(folder / "a.pmtiles");
  { auto writer = *PmtilesWriter::create(folder / "a.pmtiles"); }
  EXPECT_EQ(file_bytes(folder / "a.pmtiles"), old);
  EXPECT_FALSE(write_archive(folder / "a.pmtiles", {2, 2}, 1, 1));
  EXPECT_EQ(file_bytes(folder / "a.pmtiles"), old);
  EXPECT_FALSE(fs::exists(folder / "a.pmtiles.part"));
  ASSERT_TRUE(write_archive(folder / "a.pmtiles", {2}, 1, 1));
  EXPECT_NE(file_bytes(folder / "a.pmtiles"), old);
}

TEST(PmtilesWriter, RefusesWhatIsNoArchive) {
  test::TempFolder folder;
  const auto expect_refusal = [&](const std::vector<std::uint64_t>& ids, std::uint8_t max_zoom,
                                  const char* rule) {
    const auto written = write_archive(folder / "a.pmtiles", ids, 1, max_zoom);
    ASSERT_FALSE(written) << rule;
    EXPECT_EQ(written.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(written.error().message, testing::HasSubstr(rule));
  };
  expect_refusal({}, 0, "must have tiles");
  expect_refusal({3, 5, 3}, 2, "tile id 3 was given twice");
  expect_refusal({5}, 1, "beyond max zoom 1");
  expect_refusal({0}, 27, "max zoom 27");
  auto writer = *PmtilesWriter::create(folder / "b.pmtiles");
  EXPECT_EQ(writer.add_content({}).error().code, ErrorCode::kInvalidArgument);
  writer.add_reference(0, 0);
  EXPECT_THAT(writer.finish("{}", 0).error().message, testing::HasSubstr("content 0 of 0"));
}

TEST(PmtilesWriter, AFolderThatIsNotThereIsAnIoError) {
  test::TempFolder folder;
  EXPECT_EQ(PmtilesWriter::create(folder / "no/a.pmtiles").error().code, ErrorCode::kIo);
  fs::create_directory(folder / "taken");
  const auto taken = write_archive(folder / "taken", {0}, 1, 0);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kIo);
  EXPECT_FALSE(fs::exists(folder / "taken.part"));
}

TEST(PmtilesWriter, SameInputSameBytes) {
  test::TempFolder folder;
  ASSERT_TRUE(write_archive(folder / "a.pmtiles", {20, 3, 4}, 2, 3));
  ASSERT_TRUE(write_archive(folder / "b.pmtiles", {4, 20, 3}, 2, 3));
  EXPECT_EQ(file_bytes(folder / "a.pmtiles"), file_bytes(folder / "b.pmtiles"));
}

}  // namespace
}  // namespace forge3d::tiles
