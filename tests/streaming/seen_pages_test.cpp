// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/seen_pages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "streaming/feedback_layout.hpp"

namespace forge3d::streaming {
namespace {

class SeenPagesTest : public testing::Test {
 protected:
  FeedbackPage page(std::uint32_t texture, TileAddress tile, std::uint32_t pixels = 1) const {
    return {texture, textures_.at(texture).generation, tile, pixels};
  }
  FeedbackCounts add(std::initializer_list<FeedbackPage> pages, std::uint64_t frame = 1) {
    return seen_.add(std::span(pages.begin(), pages.size()), textures_, frame);
  }
  const TilePyramid wide_ = make_tile_pyramid(4000, 900, Format::kRGBA8Unorm, 64).value();
  const TilePyramid square_ = make_tile_pyramid(1500, 1500, Format::kRGBA8Unorm, 64).value();
  std::array<FeedbackTexture, 3> textures_{{{&wide_, 1}, {nullptr, 4}, {&square_, 3}}};
  SeenPages seen_;
};

TEST_F(SeenPagesTest, DuplicatesAreUnitedAndCounted) {
  const FeedbackCounts counts =
      add({page(2, {0, 4, 4}, 1), page(2, {0, 5, 4}, 2), page(2, {0, 4, 4}, 3)});
  EXPECT_EQ(counts.accepted, 2u);
  EXPECT_EQ(counts.duplicates, 1u);
  const auto pages = seen_.pages(1);
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(pages[0].page, (PageKey{2, {0, 4, 4}}));
  EXPECT_EQ(pages[0].area_px, 4 * 64);
  EXPECT_EQ(pages[1].area_px, 2 * 64);
}

TEST_F(SeenPagesTest, WhatDoesNotExistIsCountedAndLeftOut) {
  const FeedbackCounts counts = add({{7, 1, {0, 0, 0}, 1},  // no such index
                                     {1, 4, {0, 0, 0}, 1},  // removed, nothing in its place
                                     {0, 2, {0, 0, 0}, 1},  // the texture before or after
                                     page(0, {wide_.levels, 0, 0}),  // no such level
                                     page(0, {31, 32767, 32767}),
                                     page(0, {0, wide_.pages_x(0), 0}),  // no such page
                                     page(0, {0, 0, wide_.pages_y(0)}),
                                     page(2, {0, 0, 0})});
  EXPECT_EQ(counts.out_of_range, 6u);
  EXPECT_EQ(counts.stale, 1u);
  EXPECT_EQ(counts.accepted, 1u);
  EXPECT_EQ(seen_.pages(1).size(), 1u);
}

TEST_F(SeenPagesTest, OnlyTheLowBitsOfAGenerationAreKnown) {
  textures_[0].generation = 5 * 1024 + 7;
  const FeedbackCounts counts = add({{0, 7, {0, 1, 1}, 1}, {0, 6, {0, 1, 1}, 1}});
  EXPECT_EQ(counts.accepted, 1u);
  EXPECT_EQ(counts.stale, 1u);
}

TEST_F(SeenPagesTest, TheLastFramesAreSeenAsOne) {
  add({page(0, {0, 1, 1}, 4)}, 1);
  add({page(0, {0, 2, 1}, 4), page(0, {0, 1, 1}, 2)}, 3);
  auto pages = seen_.pages(3);
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(pages[0].area_px, (4 + 2) * 64 / 2);
  EXPECT_EQ(pages[1].area_px, 4 * 64 / 2);
  pages = seen_.pages(1 + SeenPages::kFrames);
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(pages[0].area_px, 2 * 64) << "frame 1 is too old";
  EXPECT_TRUE(seen_.pages(3 + SeenPages::kFrames).empty());
}

TEST_F(SeenPagesTest, ARemovedTextureIsForgotten) {
  add({page(0, {0, 1, 1}), page(2, {0, 1, 1})});
  seen_.forget_texture(0);
  ASSERT_EQ(seen_.pages(1).size(), 1u);
  EXPECT_EQ(seen_.pages(1)[0].page.texture, 2u);
}

TEST_F(SeenPagesTest, RubbishIsSortedOutAndTheRestIsInOrder) {
  std::mt19937 random(3);
  std::vector<FeedbackPage> asked(5000);
  for (FeedbackPage& p : asked)
    p = {static_cast<std::uint32_t>(random() % 5),
         static_cast<std::uint32_t>(random() % 4),
         {static_cast<std::uint32_t>(random() % 8), static_cast<std::uint32_t>(random() % 12),
          static_cast<std::uint32_t>(random() % 8)},
         static_cast<std::uint32_t>(random())};
  const FeedbackCounts counts = seen_.add(asked, textures_, 1);
  EXPECT_EQ(counts.accepted + counts.duplicates + counts.out_of_range + counts.stale, 5000u);
  EXPECT_GT(counts.accepted, 50u);
  EXPECT_GT(counts.duplicates, 0u);
  const auto pages = seen_.pages(1);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    ASSERT_TRUE(textures_.at(pages[i].page.texture).pyramid->contains(pages[i].page.tile));
    if (i > 0) {
      ASSERT_LT(pages[i - 1].page, pages[i].page);
    }
  }
}

TEST(FeedbackLayout, EntriesThatTheShaderCannotHaveWrittenAreRefused) {
  using namespace feedback_layout;
  const std::array<std::uint32_t, 3> entry{kUsed | (3u << 15) | 2,
                                           kUsed | (9u << 21) | (5u << 5) | 1, 4};
  const auto page = page_of(entry);
  ASSERT_TRUE(page);
  EXPECT_EQ(*page, (FeedbackPage{5, 9, {1, 2, 3}, 4}));
  for (std::size_t word = 0; word < 3; ++word) {
    auto broken = entry;
    broken[word] = word == 2 ? 0 : broken[word] & ~kUsed;
    EXPECT_FALSE(page_of(broken));
  }
}

}  // namespace
}  // namespace forge3d::streaming
