// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "forge3d/pmtiles.hpp"
#include "support/shared_data.hpp"
#include "tiles/archive_bytes.hpp"

namespace forge3d::tiles {
namespace {

using Entries = std::vector<DirectoryEntry>;

Entries small_root() { return {{0, 0, 10, 1}, {1, 10, 20, 4}, {9, 0, 10, 1}, {50, 40, 24, 30}}; }

/// root -> leaf -> leaf -> leaf -> tile 5, with `levels` leaves in between.
ArchiveParts nested(int levels) {
  ArchiveParts parts;
  Bytes inner = encode_directory(Entries{{5, 7, 3, 1}});
  for (int i = 0; i < levels; ++i) {
    const auto offset = parts.leaves.size();
    append(parts.leaves, inner);
    inner = encode_directory(Entries{{5, offset, static_cast<std::uint32_t>(inner.size()), 0}});
  }
  parts.root = inner;
  return parts;
}

void expect_refusal(const Bytes& bytes, const char* rule) {
  const auto reader = open_bytes(bytes);
  ASSERT_FALSE(reader) << rule;
  EXPECT_EQ(reader.error().code, ErrorCode::kInvalidFile) << reader.error().to_string();
  EXPECT_THAT(reader.error().message, testing::HasSubstr("bytes"));
  EXPECT_THAT(reader.error().message, testing::HasSubstr(rule));
}

template <class Change>
void expect_header_refusal(Change change, const char* rule) {
  ArchiveParts parts;
  parts.root = encode_directory(small_root());
  parts.leaves = encode_directory(small_root());
  expect_refusal(assemble(parts, change), rule);
}

/// Opens and, if that works, looks up every tile: what matters is that it returns.
void try_everything(const Bytes& bytes) {
  const auto reader = open_bytes(bytes);
  if (!reader) return;
  for (std::uint64_t id = 0; id < 90; ++id) {
    const auto extent = (*reader)->find(id);
    if (!extent || !*extent) continue;
    ASSERT_LE((*extent)->offset, bytes.size());
    ASSERT_LE((*extent)->size_bytes, bytes.size() - (*extent)->offset);
  }
}

TEST(PmtilesReader, FindsTilesAndRuns) {
  ArchiveParts parts;
  parts.root = encode_directory(small_root());
  const Bytes bytes = assemble(parts);
  const auto reader = open_bytes(bytes);
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ((*reader)->metadata_json(), "{}");
  const std::uint64_t data = (*reader)->header().data_offset;
  const auto offset_of = [&](std::uint64_t id) { return (*(*reader)->find(id))->offset - data; };
  EXPECT_EQ(offset_of(0), 0u);
  EXPECT_EQ(offset_of(4), 10u);
  EXPECT_EQ(offset_of(79), 40u);
  EXPECT_EQ((*(*reader)->find(79))->size_bytes, 24u);
  for (const std::uint64_t absent : {5ull, 8ull, 10ull, 80ull, ~0ull})
    EXPECT_FALSE(*(*reader)->find(absent)) << absent;
}

TEST(PmtilesReader, FollowsThreeLeavesAndNoMore) {
  const Bytes deep = assemble(nested(3));
  const auto reader = open_bytes(deep);
  ASSERT_TRUE(reader);
  EXPECT_TRUE(*(*reader)->find(5));
  EXPECT_FALSE(*(*reader)->find(6));
  const Bytes deeper = assemble(nested(4));
  const auto too_deep = (*open_bytes(deeper))->find(5);
  ASSERT_FALSE(too_deep);
  EXPECT_EQ(too_deep.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(too_deep.error().message, testing::HasSubstr("nest deeper"));
}

TEST(PmtilesReader, ALeafThatPointsAtItselfEnds) {
  ArchiveParts parts;
  parts.leaves = encode_directory(Entries{{5, 0, 5, 0}});
  ASSERT_EQ(parts.leaves.size(), 5u);
  parts.root = parts.leaves;
  const Bytes bytes = assemble(parts);
  EXPECT_EQ((*open_bytes(bytes))->find(5).error().code, ErrorCode::kInvalidFile);
}

TEST(PmtilesReader, RefusesLeavesThatStepOutOfTheirParent) {
  ArchiveParts parts;
  parts.leaves = encode_directory(Entries{{4, 0, 1, 1}});
  const auto size = static_cast<std::uint32_t>(parts.leaves.size());
  parts.root = encode_directory(Entries{{5, 0, size, 0}});
  const Bytes before = assemble(parts);
  EXPECT_THAT((*open_bytes(before))->find(5).error().message, testing::HasSubstr("outside [5"));
  parts.root = encode_directory(Entries{{0, 0, size, 0}, {4, 0, 1, 1}});
  const Bytes after = assemble(parts);
  EXPECT_THAT((*open_bytes(after))->find(0).error().message, testing::HasSubstr("outside [0, 4)"));
}

TEST(PmtilesReader, RefusesBrokenHeaders) {
  expect_refusal({}, "ends within");
  expect_refusal(Bytes(127), "not a PMTiles");
  using H = PmtilesHeader;
  expect_header_refusal([](H& h) { h.root_bytes = 0; }, "root directory is empty");
  expect_header_refusal([](H& h) { h.root_offset = 126; }, "overlaps the header");
  expect_header_refusal([](H& h) { h.root_offset = ~0ull; }, "passes the end");
  expect_header_refusal([](H& h) { h.root_bytes = ~0ull; }, "passes the end");
  expect_header_refusal([](H& h) { h.data_offset = ~0ull - 10; }, "passes the end");
  expect_header_refusal([](H& h) { h.data_bytes += 1; }, "tile data");
  expect_header_refusal([](H& h) { h.leaves_offset += 1; }, "overlaps");
  expect_header_refusal([](H& h) { h.metadata_offset = h.root_offset; }, "overlaps");
  expect_header_refusal([](H& h) { h.min_zoom = 4; }, "min zoom");
  expect_header_refusal([](H& h) { h.internal_compression = PmtilesCompression{5}; }, "0 to 4");
  expect_header_refusal([](H& h) { h.tile_compression = PmtilesCompression{9}; }, "0 to 4");
  expect_header_refusal([](H& h) { h.internal_compression = PmtilesCompression::kGzip; }, "gzip");
}

TEST(PmtilesReader, NamesWhatItDoesNotSupport) {
  ArchiveParts parts;
  parts.root = encode_directory(small_root());
  const Bytes brotli = assemble(
      parts, [](PmtilesHeader& h) { h.internal_compression = PmtilesCompression::kBrotli; });
  EXPECT_EQ(open_bytes(brotli).error().code, ErrorCode::kNotSupported);
  const Bytes deep = assemble(parts, [](PmtilesHeader& h) { h.max_zoom = 27; });
  EXPECT_EQ(open_bytes(deep).error().code, ErrorCode::kNotSupported);
}

TEST(PmtilesReader, RefusesARootBeyondSixteenKibibytes) {
  ArchiveParts parts;
  parts.metadata = Bytes(20'000, std::byte{' '});
  parts.root = encode_directory(small_root());
  const std::size_t root_bytes = parts.root.size();
  parts.data = Bytes(64 + root_bytes);
  Bytes bytes = assemble(parts, [&](PmtilesHeader& h) {
    h.data_bytes -= root_bytes;
    h.root_offset = h.data_offset + h.data_bytes;
  });
  expect_refusal(bytes, "first 16384");
}

TEST(PmtilesReader, RefusesTilesOutsideTheDataSectionAndBeyondTheZoom) {
  ArchiveParts parts;
  parts.root = encode_directory(Entries{{0, 60, 5, 1}});
  expect_refusal(assemble(parts), "passes its section");
  parts.root = encode_directory(Entries{{85, 0, 5, 1}});  // the first id of zoom 4
  expect_refusal(assemble(parts), "outside");
}

TEST(PmtilesReader, CutAtEveryLengthIsRefused) {
  ArchiveParts parts = nested(2);
  const Bytes bytes = assemble(parts);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(open_bytes(cut)) << size;
  }
}

TEST(PmtilesReader, SurvivesEveryFlippedByte) {
  ArchiveParts parts;
  parts.leaves = encode_directory(small_root());
  Entries root{{0, 0, static_cast<std::uint32_t>(parts.leaves.size()), 0}, {84, 0, 3, 1}};
  parts.root = encode_directory(root);
  const Bytes bytes = assemble(parts);
  for (std::size_t at = 0; at < bytes.size() - parts.data.size(); ++at)
    for (const unsigned value : {0x00u, 0x01u, 0x7fu, 0x80u, 0xffu}) {
      Bytes spoiled = bytes;
      spoiled[at] = static_cast<std::byte>(value);
      try_everything(spoiled);
      spoiled[at] = bytes[at] ^ static_cast<std::byte>(value);
      try_everything(spoiled);
    }
}

TEST(PmtilesReader, ThreadsShareAReader) {
  ArchiveParts parts;
  Entries root;
  for (std::uint64_t i = 0; i < 16; ++i) {
    const Bytes leaf = encode_directory(Entries{{i * 4, i, 1, 1}, {i * 4 + 2, i + 16, 2, 2}});
    root.push_back({i * 4, parts.leaves.size(), static_cast<std::uint32_t>(leaf.size()), 0});
    append(parts.leaves, leaf);
  }
  parts.root = encode_directory(root);
  const Bytes bytes = assemble(parts);
  const auto reader = *open_bytes(bytes);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 640; ++i) {
        const std::uint64_t id = i % 64;
        const auto extent = reader->find(id);
        ASSERT_TRUE(extent);
        ASSERT_EQ(extent->has_value(), id % 4 != 1);
        if (!*extent) continue;
        ASSERT_EQ((*extent)->size_bytes, id % 4 == 0 ? 1u : 2u);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(PmtilesReader, MissingFileIsAnIoError) {
  test::TempFolder folder;
  EXPECT_EQ(PmtilesReader::open(folder / "absent.pmtiles").error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace forge3d::tiles
