// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/feedback_candidates.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "streaming/feedback_layout.hpp"

namespace forge3d::streaming {
namespace {

class FeedbackCandidates : public testing::Test {
 protected:
  FeedbackPage page(std::uint32_t texture, TileAddress tile, std::uint32_t pixels = 1) const {
    return {texture, textures_.at(texture).generation, tile, pixels};
  }
  const TilePyramid wide_ = make_tile_pyramid(4000, 900, Format::kRGBA8Unorm, 64).value();
  const TilePyramid square_ = make_tile_pyramid(1500, 1500, Format::kRGBA8Unorm, 64).value();
  std::array<FeedbackTexture, 3> textures_{{{&wide_, 1}, {nullptr, 4}, {&square_, 3}}};
};

TEST_F(FeedbackCandidates, APageBringsItsAncestors) {
  std::vector<CandidatePage> out;
  const FeedbackPage asked = page(0, {1, 9, 3}, 5);
  const FeedbackCounts counts = append_feedback({&asked, 1}, textures_, out);
  EXPECT_EQ(counts.accepted, 1u);
  ASSERT_EQ(out.size(), wide_.levels - 1);
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i].page.tile, ancestor_of(wide_, {1, 9, 3}, i));
    EXPECT_EQ(out[i].seen.tile, out[i].page.tile);
    EXPECT_EQ(out[i].levels, wide_.levels);
    EXPECT_EQ(out[i].seen.area_px, 5 * 64);
    EXPECT_EQ(is_wanted(out[i].seen, wide_.levels, 0), i == 0);
    EXPECT_TRUE(is_wanted(out[i].seen, wide_.levels, static_cast<float>(i)))
        << "a bias wants the ancestor instead";
  }
}

TEST_F(FeedbackCandidates, DuplicatesAreUnitedAndCounted) {
  std::vector<CandidatePage> out;
  const std::array asked{page(2, {0, 4, 4}, 1), page(2, {0, 5, 4}, 2), page(2, {0, 4, 4}, 3)};
  const FeedbackCounts counts = append_feedback(asked, textures_, out);
  EXPECT_EQ(counts.accepted, 2u);
  EXPECT_EQ(counts.duplicates, 1u);
  ASSERT_GE(out.size(), 3u);
  EXPECT_EQ(out[0].seen.area_px, 4 * 64);
  EXPECT_EQ(out[1].seen.area_px, 2 * 64);
  EXPECT_EQ(out[2].page.tile, (TileAddress{1, 2, 2}));
  EXPECT_EQ(out[2].seen.area_px, 6 * 64) << "the parent has the area of both";
}

TEST_F(FeedbackCandidates, WhatDoesNotExistIsCountedAndLeftOut) {
  std::vector<CandidatePage> out;
  const std::array asked{
      FeedbackPage{7, 1, {0, 0, 0}, 1},  // no such index
      FeedbackPage{1, 4, {0, 0, 0}, 1},  // removed, nothing in its place
      FeedbackPage{0, 2, {0, 0, 0}, 1},  // the texture before or after
      page(0, {wide_.levels, 0, 0}),     // no such level
      page(0, {31, 32767, 32767}),       page(0, {0, wide_.pages_x(0), 0}),  // no such page
      page(0, {0, 0, wide_.pages_y(0)}), page(2, {0, 0, 0})};
  const FeedbackCounts counts = append_feedback(asked, textures_, out);
  EXPECT_EQ(counts.out_of_range, 6u);
  EXPECT_EQ(counts.stale, 1u);
  EXPECT_EQ(counts.accepted, 1u);
  EXPECT_EQ(out.size(), square_.levels);
}

TEST_F(FeedbackCandidates, OnlyTheLowBitsOfAGenerationAreKnown) {
  textures_[0].generation = 5 * 1024 + 7;
  std::vector<CandidatePage> out;
  const std::array asked{FeedbackPage{0, 7, {0, 1, 1}, 1}, FeedbackPage{0, 6, {0, 1, 1}, 1}};
  const FeedbackCounts counts = append_feedback(asked, textures_, out);
  EXPECT_EQ(counts.accepted, 1u);
  EXPECT_EQ(counts.stale, 1u);
}

TEST_F(FeedbackCandidates, RubbishIsSortedOutAndTheRestIsInOrder) {
  std::mt19937 random(3);
  std::vector<FeedbackPage> asked(5000);
  for (FeedbackPage& p : asked)
    p = {static_cast<std::uint32_t>(random() % 5),
         static_cast<std::uint32_t>(random() % 4),
         {static_cast<std::uint32_t>(random() % 8), static_cast<std::uint32_t>(random() % 12),
          static_cast<std::uint32_t>(random() % 8)},
         static_cast<std::uint32_t>(random() % 9 + 1)};
  std::vector<CandidatePage> out(1);
  const FeedbackCounts counts = append_feedback(asked, textures_, out);
  EXPECT_EQ(counts.accepted + counts.duplicates + counts.out_of_range + counts.stale, 5000u);
  EXPECT_GT(counts.accepted, 50u);
  EXPECT_GT(counts.duplicates, 0u);
  for (std::size_t i = 1; i < out.size(); ++i) {
    ASSERT_TRUE(textures_.at(out[i].page.texture).pyramid->contains(out[i].page.tile));
    if (i > 1) {
      ASSERT_LT(out[i - 1].page, out[i].page);
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
