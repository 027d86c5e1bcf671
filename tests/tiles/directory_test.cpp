// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tiles/bytes.hpp"

namespace forge3d::tiles {
namespace {

constexpr DirectoryBounds kWide{0, std::uint64_t{1} << 50, std::uint64_t{1} << 60,
                                std::uint64_t{1} << 60};

using Entries = std::vector<DirectoryEntry>;

Entries random_entries(std::mt19937_64& random, std::size_t count) {
  Entries entries;
  std::uint64_t id = 0, offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    id += random() % 4 == 0 ? random() % 1'000'000'007 : i > 0 ? entries.back().run_length : 0;
    if (i > 0) id = std::max(id, entries.back().tile_id + std::max(entries.back().run_length, 1u));
    const auto size = static_cast<std::uint32_t>(1 + random() % (random() % 9 == 0 ? ~0u : 70'000));
    if (random() % 3 == 0) offset = random() % (std::uint64_t{1} << 50);
    entries.push_back({id, offset, size, static_cast<std::uint32_t>(random() % 5)});
    offset += size;
  }
  return entries;
}

/// Serial form of raw columns, valid or not.
std::vector<std::byte> raw(std::initializer_list<std::uint64_t> values) {
  std::vector<std::byte> bytes;
  for (const std::uint64_t value : values) append_varint(bytes, value);
  return bytes;
}

void expect_refusal(std::span<const std::byte> bytes, const DirectoryBounds& bounds,
                    const char* rule) {
  const auto decoded = decode_directory(bytes, bounds, "file: root");
  ASSERT_FALSE(decoded) << rule;
  EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(decoded.error().message, testing::HasSubstr("file: root"));
  EXPECT_THAT(decoded.error().message, testing::HasSubstr(rule));
}

TEST(Directory, RandomEntriesRoundTrip) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200; ++i) {
    const Entries entries = random_entries(random, 1 + random() % 300);
    const auto decoded = decode_directory(encode_directory(entries), kWide, "test");
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    ASSERT_EQ(*decoded, entries);
  }
}

TEST(Directory, StoresContiguousTilesAsZero) {
  const Entries entries{{5, 0, 10, 1}, {6, 10, 4, 2}, {9, 0, 10, 1}};
  EXPECT_EQ(encode_directory(entries), raw({3, 5, 1, 3, 1, 2, 1, 10, 4, 10, 1, 0, 1}));
}

TEST(Directory, RefusesBrokenColumnsAndSaysWhy) {
  const DirectoryBounds bounds{0, 100, 1000, 50};
  expect_refusal({}, bounds, "count is cut off");
  expect_refusal(raw({0}), bounds, "must have entries");
  expect_refusal(raw({2, 0, 1, 1, 1, 1, 1, 1}), bounds, "2 entries cannot fit");
  expect_refusal(raw({~0ull, 0, 0, 0, 0}), bounds, "cannot fit");
  expect_refusal(raw({2, 3, 0, 1, 1, 1, 1, 1, 0}), bounds, "must ascend");
  expect_refusal(raw({1, 100, 1, 1, 1}), bounds, "outside");
  expect_refusal(raw({2, 3, ~0ull, 1, 1, 1, 1, 1, 0}), bounds, "outside");
  expect_refusal(raw({1, 4, 1, 1, 1}), {5, 100, 1000, 50}, "outside");
  expect_refusal(raw({1, 90, 11, 1, 1}), bounds, "passes tile 100");
  expect_refusal(raw({2, 3, 2, 3, 1, 1, 1, 1, 0}), bounds, "passes tile 5");
  expect_refusal(raw({1, 3, std::uint64_t{1} << 32, 1, 1}), bounds, "over 32 bits");
  expect_refusal(raw({1, 3, 1, 0, 1}), bounds, "is zero");
  expect_refusal(raw({1, 3, 1, std::uint64_t{1} << 32, 1}), bounds, "over 32 bits");
  expect_refusal(raw({1, 3, 1, 1, 0}), bounds, "contiguous");
  expect_refusal(raw({1, 3, 1, 1001, 1}), bounds, "passes its section");
  expect_refusal(raw({1, 3, 1, 1, 1001}), bounds, "passes its section");
  expect_refusal(raw({1, 3, 1, 1, ~0ull}), bounds, "passes its section");
  expect_refusal(raw({1, 3, 0, 51, 1}), bounds, "passes its section");
  expect_refusal(raw({1, 3, 1, 1, 1, 0}), bounds, "follow the last");
}

TEST(Directory, RefusesNumbersOverSixtyFourBits) {
  std::vector<std::byte> bytes = raw({1});
  for (int i = 0; i < 10; ++i) bytes.push_back(std::byte{0xff});
  bytes.insert(bytes.end(), 5, std::byte{1});
  expect_refusal(bytes, kWide, "too long");
}

TEST(Directory, CutAtEveryLengthIsRefused) {
  std::mt19937_64 random(3);
  const std::vector<std::byte> bytes = encode_directory(random_entries(random, 20));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_directory(std::span(bytes).first(size), kWide, "test")) << size;
}

TEST(Directory, FindsTilesRunsAndLeaves) {
  const Entries entries{{2, 0, 1, 3}, {7, 0, 1, 0}, {20, 0, 1, 1}};
  EXPECT_EQ(find_entry(entries, 1), nullptr);
  EXPECT_EQ(find_entry(entries, 2), &entries[0]);
  EXPECT_EQ(find_entry(entries, 4), &entries[0]);
  EXPECT_EQ(find_entry(entries, 5), nullptr);
  EXPECT_EQ(find_entry(entries, 7), &entries[1]);
  EXPECT_EQ(find_entry(entries, 19), &entries[1]);
  EXPECT_EQ(find_entry(entries, 20), &entries[2]);
  EXPECT_EQ(find_entry(entries, 21), nullptr);
}

}  // namespace
}  // namespace forge3d::tiles
