// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/page_fades.hpp"

#include <gtest/gtest.h>

namespace forge3d::streaming {
namespace {

class PageFade : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(table_.add_texture(0, pyramid_));
    table_.set_resident({0, {pyramid_.levels - 1, 0, 0}}, 0);
  }
  std::uint32_t fade_of(const PageKey& page) const { return layout::fade_of(table_.lookup(page)); }

  const TilePyramid pyramid_ = make_tile_pyramid(1024, 1024, Format::kRGBA8Unorm, 64).value();
  PageTable table_ = PageTable::create({.max_textures = 1, .page_texels = 64}).value();
  PageFades fades_;
};

TEST(PageFadeCurve, FallsEvenlyToNothing) {
  for (const std::uint32_t first : {1u, 8u, 13u, 31u})
    for (const std::uint32_t frames : {1u, 2u, 7u, 8u, 30u, 1000u}) {
      std::uint32_t before = first;
      for (std::uint32_t age = 0; age <= frames; ++age) {
        const std::uint32_t fade = PageFades::fade_at(first, age, frames);
        EXPECT_LE(fade, before);
        EXPECT_LE(before - fade, first / (frames + 1) + 1);
        before = fade;
      }
      EXPECT_EQ(before, 0u);
    }
  EXPECT_EQ(PageFades::fade_at(8, 0, 0), 0u);
  EXPECT_EQ(PageFades::fade_at(8, 0, 7), 7u);
  EXPECT_EQ(PageFades::fade_at(8, 3, 7), 4u);
}

TEST(PageFadeCurve, BeginsWhereThePlaceWasShown) {
  const PageKey page{0, {1, 2, 2}};
  EXPECT_EQ(PageFades::first_fade(page, 0), 0u) << "nothing was";
  EXPECT_EQ(PageFades::first_fade(page, layout::page_entry(2, 7)), 8u);
  EXPECT_EQ(PageFades::first_fade(page, layout::page_entry(3, 7, 5)), 21u);
  EXPECT_EQ(PageFades::first_fade(page, layout::page_entry(9, 7)), layout::kFadeMask);
}

TEST_F(PageFade, APageIsWhollyThereAfterItsFrames) {
  const PageKey page{0, {1, 2, 2}};
  ASSERT_EQ(pyramid_.levels, 5u);
  table_.set_resident({0, {2, 1, 1}}, 3);
  fades_.begin(table_, page, 4, 10, 7);
  EXPECT_EQ(fades_.size(), 1u);
  for (std::uint64_t frame = 10; frame < 17; ++frame) {
    fades_.advance(table_, frame, 7);
    EXPECT_EQ(fade_of(page), 17 - frame);
    EXPECT_EQ(fade_of({0, {0, 4, 5}}), 17 - frame) << "what stands in for the level below";
    EXPECT_EQ(fades_.size(), 1u);
  }
  fades_.advance(table_, 17, 7);
  EXPECT_EQ(fade_of(page), 0u);
  EXPECT_EQ(fades_.size(), 0u);
}

TEST_F(PageFade, APageUnderOneThatFadesGoesOnFromThere) {
  const PageKey parent{0, {1, 2, 2}}, page{0, {0, 4, 5}};
  table_.set_resident({0, {2, 1, 1}}, 3);
  fades_.begin(table_, parent, 4, 10, 7);
  fades_.advance(table_, 12, 7);
  ASSERT_EQ(fade_of(page), 5u) << "of the parent, in its place";
  fades_.begin(table_, page, 5, 12, 12);
  EXPECT_EQ(fade_of(page), 12u) << "from 13 eighths above itself on";
  fades_.advance(table_, 20, 12);
  EXPECT_EQ(fade_of(page), 4u);
  EXPECT_EQ(fade_of(parent), 1u) << "at its own pace: two of 13 parts of a level";
}

TEST_F(PageFade, PagesThatLeftAreForgotten) {
  const PageKey page{0, {1, 2, 2}}, other{0, {1, 3, 2}};
  fades_.begin(table_, page, 4, 1, 20);
  fades_.begin(table_, other, 5, 1, 20);
  EXPECT_EQ(fades_.size(), 2u);
  table_.set_absent(page);
  fades_.advance(table_, 2, 20);
  EXPECT_EQ(fades_.size(), 1u);
  table_.set_absent(other);
  table_.set_resident(other, 9);  // came back elsewhere, at once
  fades_.advance(table_, 3, 20);
  EXPECT_EQ(fades_.size(), 0u);
  EXPECT_EQ(fade_of(other), 0u);
}

TEST_F(PageFade, WithoutFramesItIsThereAtOnce) {
  const PageKey page{0, {1, 2, 2}};
  fades_.begin(table_, page, 4, 1, 0);
  EXPECT_EQ(fades_.size(), 0u);
  EXPECT_EQ(table_.lookup(page), layout::page_entry(1, 4));
}

}  // namespace
}  // namespace forge3d::streaming
