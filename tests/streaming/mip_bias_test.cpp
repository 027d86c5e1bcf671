// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/mip_bias.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "streaming/test_views.hpp"

namespace forge3d::streaming {
namespace {

std::vector<CandidatePage> candidates_of(const test::TestCamera& camera) {
  TilePyramid p{
      .width = 1 << 18, .height = 1 << 18, .page_texels = 128, .format = Format::kRGBA8Unorm};
  while (p.pages_x(p.levels - 1) > 1) ++p.levels;
  VisibleSet set;
  EXPECT_TRUE(
      find_visible(p, test::perspective_view(camera, p.width, p.height, 1280, 720), {}, set));
  std::vector<CandidatePage> candidates;
  for (const VisiblePage& page : set.pages) candidates.push_back({{0, page.tile}, p.levels, page});
  return candidates;
}

std::uint32_t pages_at(const std::vector<CandidatePage>& candidates, float bias) {
  std::uint32_t count = 0;
  for (const CandidatePage& c : candidates) count += is_wanted(c.seen, c.levels, bias);
  return count;
}
std::uint32_t blocks_at(const std::vector<CandidatePage>& candidates, float bias) {
  std::set<std::array<std::uint32_t, 3>> blocks;
  for (const CandidatePage& c : candidates)
    if (is_wanted(c.seen, c.levels, bias) && c.page.tile.level + 5 < c.levels)
      blocks.insert({c.page.tile.level, c.page.tile.x / 32, c.page.tile.y / 32});
  return static_cast<std::uint32_t>(blocks.size());
}

TEST(MipBias, IsZeroWhenEverythingFits) {
  const auto candidates = candidates_of({100000, 100000, 900, 0.2, 0.7});
  MipBias bias;
  EXPECT_EQ(bias.solve(candidates, {pages_at(candidates, 0), 1000}), 0.0f);
  EXPECT_EQ(bias.solve({}, {0, 0}), 0.0f);
}

TEST(MipBias, IsTheSmallestStepThatFits) {
  std::mt19937 random(5);
  for (int i = 0; i < 20; ++i) {
    const auto candidates =
        candidates_of({1e5, 1e5, 200.0 + random() % 3000, 0.1 * i, 0.2 + 0.06 * i});
    const std::uint32_t room = 8 + static_cast<std::uint32_t>(random() % 150);
    const float solved = MipBias().solve(candidates, {room, 1000});
    EXPECT_LE(pages_at(candidates, solved), room);
    for (float lower = 0; lower < solved; lower += 0.125f)
      EXPECT_GT(pages_at(candidates, lower), room) << lower;
  }
}

TEST(MipBias, CountsBlocksWhenTheTableIsTheBottleneck) {
  const auto candidates = candidates_of({131072, 131072, 900, 0.7, 0.25});
  const std::uint32_t all = blocks_at(candidates, 0);
  ASSERT_GT(all, 4u);
  const float solved = MipBias().solve(candidates, {100000, all - 2});
  EXPECT_GT(solved, 0);
  EXPECT_LE(blocks_at(candidates, solved), all - 2);
}

TEST(MipBias, FallsOnlyWithRoomToSpare) {
  const auto candidates = candidates_of({100000, 100000, 900, 0.2, 0.7});
  MipBias bias;
  const std::uint32_t all = pages_at(candidates, 0);
  ASSERT_GT(bias.solve(candidates, {all - 1, 1000}), 0);
  EXPECT_GT(bias.solve(candidates, {all + 1, 1000}), 0) << "fits, but a page more would not";
  EXPECT_EQ(bias.solve(candidates, {all + all / 8, 1000}), 0);
}

}  // namespace
}  // namespace forge3d::streaming
