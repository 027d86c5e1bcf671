// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/page_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace forge3d::streaming {
namespace {

TilePyramid pyramid_of(std::uint32_t width, std::uint32_t height, std::uint32_t page) {
  TilePyramid p{
      .width = width, .height = height, .page_texels = page, .format = Format::kRGBA8Unorm};
  while (p.pages_x(p.levels - 1) > 1 || p.pages_y(p.levels - 1) > 1) ++p.levels;
  return p;
}

/// What the table should say, found the slow way: residents in a map, and a walk up a page at a
/// time.
struct Model {
  std::map<std::uint32_t, TilePyramid> textures;
  std::map<PageKey, std::uint32_t> resident;

  static TileAddress parent(const TilePyramid& p, TileAddress t) {
    return {t.level + 1, std::min(t.x / 2, p.pages_x(t.level + 1) - 1),
            std::min(t.y / 2, p.pages_y(t.level + 1) - 1)};
  }
  std::uint32_t finest(PageKey page) const {
    const TilePyramid& p = textures.at(page.texture);
    for (;; page.tile = parent(p, page.tile)) {
      if (const auto found = resident.find(page); found != resident.end())
        return layout::page_entry(page.tile.level, found->second);
      if (page.tile.level + 1 == p.levels) return 0;
    }
  }
  /// The finest resident page at or above every page of the 32 x 32 block around `page`.
  std::uint32_t covering(const PageKey& page) const {
    const TilePyramid& p = textures.at(page.texture);
    std::set<TileAddress> pages;
    for (std::uint32_t y = page.tile.y / 32 * 32;
         y < p.pages_y(page.tile.level) && y / 32 == page.tile.y / 32; ++y)
      for (std::uint32_t x = page.tile.x / 32 * 32;
           x < p.pages_x(page.tile.level) && x / 32 == page.tile.x / 32; ++x)
        pages.insert({page.tile.level, x, y});
    while (pages.size() > 1) {
      std::set<TileAddress> above;
      for (const TileAddress& t : pages) above.insert(parent(p, t));
      pages = above;
    }
    return finest({page.texture, *pages.begin()});
  }
};

/// Reads the words as forge3d_vt.glsl does, without the class's own offsets.
struct ShaderRead {
  std::uint32_t entry = 0;
  bool own_entry = false;
};
ShaderRead read_as_shader(std::span<const std::uint32_t> words, const PageKey& page) {
  const std::uint32_t record = 8 + page.texture * 36;
  const std::uint32_t shift = words[2];
  const std::uint32_t extent = std::max(words[record] >> page.tile.level, 1u);
  const std::uint32_t pages_x = ((extent - 1) >> shift) + 1;
  const std::uint32_t extent_y = std::max(words[record + 1] >> page.tile.level, 1u);
  const std::uint32_t pages_y = ((extent_y - 1) >> shift) + 1;
  const std::uint32_t directory = words[record + 4 + page.tile.level];
  if ((directory & 0x80000000u) != 0) {
    EXPECT_LE(pages_x * pages_y, 1024u);
    return {words[(directory & 0x7fffffffu) + page.tile.y * pages_x + page.tile.x], true};
  }
  const std::uint32_t blocks_x = (pages_x + 31) / 32;
  const std::uint32_t entry = words[directory + (page.tile.y / 32) * blocks_x + page.tile.x / 32];
  if ((entry & 0x80000000u) == 0) return {entry, false};
  return {words[(entry & 0x7fffffffu) + (page.tile.y % 32) * 32 + page.tile.x % 32], true};
}

void expect_matches(const PageTable& table, const Model& model, const PageKey& page) {
  const ShaderRead read = read_as_shader(table.words(), page);
  ASSERT_EQ(read.entry, read.own_entry ? model.finest(page) : model.covering(page))
      << "texture " << page.texture << " level " << page.tile.level << " page " << page.tile.x
      << "," << page.tile.y;
  ASSERT_EQ(table.lookup(page), read.entry);
}

class PageTableRandom : public testing::TestWithParam<std::uint32_t> {
 protected:
  PageKey any_page() {
    const auto texture = static_cast<std::uint32_t>(random_() % model_.textures.size());
    const TilePyramid& p = model_.textures.at(texture);
    const auto level = static_cast<std::uint32_t>(random_() % p.levels);
    return {texture,
            {level, static_cast<std::uint32_t>(random_() % p.pages_x(level)),
             static_cast<std::uint32_t>(random_() % p.pages_y(level))}};
  }
  void step(PageTable& table) {
    const PageKey page = any_page();
    const bool root = page.tile.level + 1 == model_.textures.at(page.texture).levels;
    if (const auto found = model_.resident.find(page); found != model_.resident.end()) {
      if (root) return;
      model_.resident.erase(found);
      table.set_absent(page);
    } else {
      table.set_resident(page, next_slot_);
      model_.resident[page] = next_slot_++;
    }
  }
  std::mt19937 random_{GetParam()};
  Model model_;
  std::uint32_t next_slot_ = 0;
};

TEST_P(PageTableRandom, EveryEntryIsTheFinestResidentAncestor) {
  // Small capacity, so that blocks are taken from one another; odd extents, so that ancestors
  // clamp.
  auto table =
      PageTable::create({.capacity_bytes = 24 * 4096, .max_textures = 4, .page_texels = 64});
  ASSERT_TRUE(table) << table.error().to_string();
  const std::uint32_t sizes[3][2] = {{8193, 5000}, {64 * 97 + 1, 300}, {2047, 2111}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    model_.textures[i] = pyramid_of(sizes[i][0], sizes[i][1], 64);
    ASSERT_TRUE(table->add_texture(i, model_.textures[i]));
    const PageKey root{i, {model_.textures[i].levels - 1, 0, 0}};
    table->set_resident(root, next_slot_);
    model_.resident[root] = next_slot_++;
  }
  for (std::uint64_t frame = 1; frame <= 60; ++frame) {
    for (int i = 0; i < 8; ++i) {
      const PageKey wanted = any_page();
      if (!table->want(wanted, frame)) continue;
      ASSERT_TRUE(read_as_shader(table->words(), wanted).own_entry);
    }
    for (int i = 0; i < 20; ++i) step(*table);
    for (int i = 0; i < 60; ++i) expect_matches(*table, model_, any_page());
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(table->blocks_used(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PageTableRandom, testing::Range(1u, 9u));

TEST(PageTable, ChangesNameEveryChangedWordAndLittleElse) {
  auto table =
      PageTable::create({.capacity_bytes = 64 * 4096, .max_textures = 2, .page_texels = 64});
  ASSERT_TRUE(table);
  const TilePyramid p = pyramid_of(16384, 16384, 64);
  ASSERT_TRUE(table->add_texture(0, p));
  std::vector<std::uint32_t> gpu(table->words().size(), 0xdeadbeef);
  std::mt19937 random(7);
  std::uint64_t uploaded = 0, alone = 0;
  TableDelta delta;
  for (std::uint64_t frame = 1; frame < 50; ++frame) {
    const auto level = static_cast<std::uint32_t>(random() % p.levels);
    const PageKey page{0,
                       {level, static_cast<std::uint32_t>(random() % p.pages_x(level)),
                        static_cast<std::uint32_t>(random() % p.pages_y(level))}};
    table->want(page, frame);
    if (table->find(page))
      table->set_absent(page);
    else
      table->set_resident(page, static_cast<std::uint32_t>(frame));
    std::uint64_t end = 0;
    table->find_changes(frame % 3 == 0 ? 0 : 500, delta);
    for (const DirtyRange& range : delta.ranges) {
      ASSERT_GE(range.offset_bytes, end);
      end = range.offset_bytes + range.size_bytes;
      ASSERT_LE(end, gpu.size() * 4);
      for (std::uint64_t word = range.offset_bytes / 4; word < end / 4; ++word)
        gpu[word] = table->words()[word];
      uploaded += range.size_bytes;
    }
    ASSERT_LE(delta.words.size(), frame % 3 == 0 ? 0u : 500u);
    for (const TableWord& word : delta.words) gpu[word.index] = word.value;
    alone += delta.words.size();
    uploaded += delta.words.size() * sizeof(TableWord);
    table->clear_dirty();
    ASSERT_TRUE(std::equal(gpu.begin(), gpu.end(), table->words().begin(), table->words().end()));
    for (std::uint32_t i = 0; i < 40; ++i) {
      const auto l = static_cast<std::uint32_t>(random() % p.levels);
      const PageKey probe{0,
                          {l, static_cast<std::uint32_t>(random() % p.pages_x(l)),
                           static_cast<std::uint32_t>(random() % p.pages_y(l))}};
      ASSERT_EQ(read_as_shader(gpu, probe).entry, table->lookup(probe));
    }
  }
  EXPECT_LT(uploaded, gpu.size() * 4 + 49u * 16 * 1024);
  EXPECT_GT(alone, 0u);
}

TEST(PageTable, FewChangedWordsAreSentAloneAndManyAsARun) {
  auto table =
      PageTable::create({.capacity_bytes = 64 * 4096, .max_textures = 2, .page_texels = 64});
  ASSERT_TRUE(table);
  TableDelta delta;
  table->find_changes(1000, delta);
  ASSERT_EQ(delta.ranges.size(), 1u) << "the device's copy holds nothing yet";
  EXPECT_EQ(delta.ranges[0].size_bytes, table->words().size_bytes());
  table->clear_dirty();
  table->find_changes(1000, delta);
  EXPECT_TRUE(delta.ranges.empty() && delta.words.empty());

  const TilePyramid p = pyramid_of(2048, 2048, 64);  // 32 x 32 pages: flat at all levels
  ASSERT_TRUE(table->add_texture(0, p));
  table->set_resident({0, {5, 0, 0}}, 0);
  table->find_changes(1000, delta);
  EXPECT_FALSE(delta.ranges.empty());
  table->clear_dirty();
  table->set_resident({0, {0, 7, 9}}, 1);
  table->set_resident({0, {1, 3, 3}}, 2);
  table->find_changes(1000, delta);
  EXPECT_TRUE(delta.ranges.empty());
  EXPECT_EQ(delta.words.size(), 1u + 1 + 4) << "a page, another, and the four below that one";
  for (const TableWord& word : delta.words) EXPECT_EQ(table->words()[word.index], word.value);
  EXPECT_EQ(table->blocks_used(), 0u);
}

TEST(PageTable, AFadeReachesEveryEntryOfThePage) {
  auto table = PageTable::create({.max_textures = 1, .page_texels = 64});
  ASSERT_TRUE(table);
  const TilePyramid p =
      pyramid_of(64 * 64, 64 * 64, 64);  // level 0 has blocks, the others are flat
  ASSERT_TRUE(table->add_texture(0, p));
  table->set_resident({0, {p.levels - 1, 0, 0}}, 0);
  ASSERT_TRUE(table->want({0, {0, 0, 0}}, 1));
  table->set_resident({0, {1, 3, 4}}, 5, 7);
  const auto entries_are = [&](std::uint32_t fade) {
    const std::uint32_t entry = layout::page_entry(1, 5, fade);
    EXPECT_EQ(table->lookup({0, {1, 3, 4}}), entry);
    for (const TileAddress below : {TileAddress{0, 6, 8}, TileAddress{0, 7, 9}})
      EXPECT_EQ(table->lookup({0, below}), entry);
    EXPECT_EQ(table->lookup({0, {0, 8, 8}}), layout::page_entry(p.levels - 1, 0));
  };
  entries_are(7);
  EXPECT_EQ(table->find({0, {1, 3, 4}}), 5u);
  table->clear_dirty();
  table->set_fade({0, {1, 3, 4}}, 3);
  entries_are(3);
  TableDelta delta;
  table->find_changes(100, delta);
  EXPECT_EQ(delta.words.size(), 5u);
  table->set_resident({0, {0, 6, 8}}, 9);
  table->set_fade({0, {1, 3, 4}}, 0);
  EXPECT_EQ(table->lookup({0, {0, 6, 8}}), layout::page_entry(0, 9));
  table->set_absent({0, {0, 6, 8}});
  entries_are(0);
  table->set_absent({0, {1, 3, 4}});
  EXPECT_EQ(table->lookup({0, {0, 7, 9}}), layout::page_entry(p.levels - 1, 0));
}

TEST(PageTable, AFlatLevelNeedsNoBlock) {
  auto table =
      PageTable::create({.capacity_bytes = 8 * 4096, .max_textures = 1, .page_texels = 64});
  ASSERT_TRUE(table);
  // Long and thin: 1024 pages in a row are no more than 32 x 32.
  const TilePyramid p = pyramid_of(64 * 1024, 64, 64);
  ASSERT_TRUE(table->add_texture(0, p, 77));
  EXPECT_EQ(table->words()[8 + 3], 77u);
  table->set_resident({0, {p.levels - 1, 0, 0}}, 0);
  for (std::uint32_t x = 0; x < 1024; ++x) ASSERT_TRUE(table->want({0, {0, x, 0}}, 1));
  table->set_resident({0, {0, 1023, 0}}, 9);
  EXPECT_EQ(table->lookup({0, {0, 1023, 0}}), layout::page_entry(0, 9));
  EXPECT_EQ(table->lookup({0, {0, 1022, 0}}), layout::page_entry(p.levels - 1, 0));
  EXPECT_EQ(read_as_shader(table->words(), {0, {0, 1023, 0}}).entry, layout::page_entry(0, 9));
  EXPECT_EQ(table->blocks_used(), 0u);
}

TEST(PageTable, AMillionTexelsSquaredFitOneMebibyte) {
  auto table = PageTable::create({});
  ASSERT_TRUE(table);
  const TilePyramid p = pyramid_of(1u << 20, 1u << 20, 256);
  ASSERT_TRUE(table->add_texture(0, p));
  EXPECT_EQ(p.levels, 13u);
  EXPECT_LT(PageTable::directory_bytes(p), 91u * 1024);
  EXPECT_GE(table->block_capacity(), 230u);
  table->set_resident({0, {12, 0, 0}}, 5);
  EXPECT_EQ(table->lookup({0, {0, 4095, 4095}}), layout::page_entry(12, 5));
}

TEST(PageTable, AFullTableRefusesAndServesTheNextFrame) {
  auto table =
      PageTable::create({.capacity_bytes = 6 * 4096, .max_textures = 1, .page_texels = 64});
  ASSERT_TRUE(table);
  const TilePyramid p = pyramid_of(64 * 32 * 4, 64 * 32 * 4, 64);
  ASSERT_TRUE(table->add_texture(0, p));
  table->set_resident({0, {p.levels - 1, 0, 0}}, 0);
  std::uint32_t granted = 0;
  for (std::uint32_t i = 0; i < 16; ++i)
    granted += table->want({0, {0, (i % 4) * 32, (i / 4) * 32}}, 1);
  EXPECT_EQ(granted, table->block_capacity());
  EXPECT_LT(granted, 16u);
  EXPECT_FALSE(table->want({0, {1, 0, 0}}, 1));
  EXPECT_TRUE(table->want({0, {1, 0, 0}}, 2));
}

TEST(PageTable, RemovalFreesEverything) {
  auto table =
      PageTable::create({.capacity_bytes = 16 * 4096, .max_textures = 2, .page_texels = 64});
  ASSERT_TRUE(table);
  const std::uint32_t before = table->block_capacity();
  for (std::uint32_t round = 0; round < 20; ++round) {
    const TilePyramid p = pyramid_of(5000 + round, 3000, 64);
    ASSERT_TRUE(table->add_texture(round % 2, p));
    table->set_resident({round % 2, {p.levels - 1, 0, 0}}, round);
    for (std::uint32_t x = 0; x < p.pages_x(0); x += 32) table->want({round % 2, {0, x, 0}}, round);
    table->set_resident({round % 2, {0, 3, 0}}, 100);
    table->remove_texture(round % 2);
    EXPECT_EQ(table->words()[8 + (round % 2) * 36 + 2], 0u);
    EXPECT_FALSE(table->find({round % 2, {0, 3, 0}}));
  }
  EXPECT_EQ(table->block_capacity(), before);
  EXPECT_EQ(table->blocks_used(), 0u);
}

TEST(PageTable, NamesTheBytesThatWouldDo) {
  auto small = PageTable::create({.capacity_bytes = 1000, .max_textures = 16});
  ASSERT_FALSE(small);
  EXPECT_EQ(small.error().code, ErrorCode::kBudgetExceeded);
  auto table = PageTable::create({.capacity_bytes = 20 * 4096});
  ASSERT_TRUE(table);
  const Result<> added = table->add_texture(0, pyramid_of(1u << 20, 1u << 20, 256));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kBudgetExceeded);
  EXPECT_FALSE(table->has_texture(0));
  EXPECT_EQ(PageTable::create({.max_textures = 0}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace forge3d::streaming
