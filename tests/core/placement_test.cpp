// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/placement.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "core/live_blocks.hpp"

namespace forge3d {
namespace {

using Reference = test::LiveBlocks;
using Allocation = Placement::Allocation;

void expect_same(const Placement& placement, const Reference& reference) {
  ASSERT_EQ(placement.used_bytes(), reference.used_bytes());
  ASSERT_EQ(placement.allocation_count(), reference.live().size());
  auto next = reference.live().begin();
  std::uint64_t end = 0;
  placement.for_each([&](std::uint64_t offset, std::uint64_t size, bool used) {
    ASSERT_EQ(offset, end);
    end += size;
    if (!used) return;
    ASSERT_NE(next, reference.live().end());
    ASSERT_EQ(next->first, offset);
    ASSERT_EQ(next->second, size);
    ++next;
  });
  ASSERT_EQ(next, reference.live().end());
  ASSERT_EQ(end, placement.range_bytes());
}

// Most requests share five small sizes, so that slabs come and go.
std::uint64_t random_size(std::mt19937_64& random) {
  constexpr std::uint64_t kShared[] = {16, 48, 256, 1000, 4096};
  return random() % 4 == 0 ? 1 + random() % 20'000 : kShared[random() % 5];
}

TEST(Placement, AgreesWithANaiveReferenceWhileSlabsComeAndGo) {
  std::uint32_t slabs_seen = 0;
  for (std::uint64_t seed = 1; seed <= 4 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    Placement placement(64 << 20);
    Reference reference(placement.range_bytes());
    std::vector<Allocation> live;
    for (int step = 0; step < 80'000; ++step) {
      const bool grow = (step / 20'000) % 2 == 0;
      if (live.empty() || random() % 10 < (grow ? 9u : 1u)) {
        const std::uint64_t size = random_size(random);
        const std::uint64_t alignment = std::uint64_t{1} << random() % 9;
        const auto got = placement.allocate(size, alignment);
        ASSERT_TRUE(got);
        ASSERT_EQ(got->size_bytes, (size + 15) / 16 * 16);
        ASSERT_EQ(got->offset_bytes % alignment, 0u);
        ASSERT_EQ(reference.add(*got), "");
        live.push_back(*got);
      } else {
        std::swap(live[random() % live.size()], live.back());
        placement.free(live.back().id);
        reference.remove(live.back());
        live.pop_back();
      }
      slabs_seen = std::max(slabs_seen, placement.slab_count());
      if (step % 1000 == 0) expect_same(placement, reference);
      if (HasFatalFailure()) return;
    }
    for (const Allocation& a : live) placement.free(a.id);
    EXPECT_EQ(placement.largest_free_bytes(), placement.range_bytes()) << "no slab stays behind";
    EXPECT_EQ(placement.slab_count(), 0u);
  }
  EXPECT_GT(slabs_seen, 30u);
}

TEST(Placement, ASmallRangeHasNoSlabs) {
  Placement placement(1 << 20);
  std::vector<Allocation> live;
  while (const auto got = placement.allocate(1024)) live.push_back(*got);
  EXPECT_EQ(live.size(), 1024u) << "to the last byte";
  EXPECT_EQ(placement.slab_count(), 0u);
}

TEST(Placement, GrantsWhatIsAskedRoundedToGranules) {
  Placement placement(64 << 20);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(placement.allocate(100)->size_bytes, 112u);
  EXPECT_GT(placement.slab_count(), 0u);
  EXPECT_EQ(placement.used_bytes(), 5000u * 112);
  EXPECT_EQ(placement.free_bytes(), placement.range_bytes() - 5000u * 112);
}

TEST(Placement, RefusesWhatNeverFits) {
  Placement placement(1 << 20);
  EXPECT_FALSE(placement.allocate(0));
  EXPECT_FALSE(placement.allocate(~std::uint64_t{0}));
  EXPECT_FALSE(placement.allocate((1 << 20) + 1));
  EXPECT_FALSE(placement.allocate(16, 0));
  EXPECT_FALSE(placement.allocate(16, 48));
  EXPECT_FALSE(placement.allocate(16, ~std::uint64_t{0}));
  EXPECT_FALSE(Placement(0).allocate(1));
}

// Whole slabs and single blocks change places, also between two ranges; every block is told once
// where it went, and can be freed there.
TEST(Placement, RelocatesBlocksAndSlabsBetweenRanges) {
  Placement a(64 << 20), b(64 << 20);
  Reference reference_a(a.range_bytes()), reference_b(b.range_bytes());
  struct Live {
    bool in_b;
    Allocation at;
  };
  std::vector<Live> live;
  std::mt19937_64 random(5);
  for (std::uint32_t i = 0; i < 9000; ++i) {
    const auto got = a.allocate(random_size(random));
    ASSERT_TRUE(got);
    a.set_owner(got->id, i);
    ASSERT_EQ(reference_a.add(*got), "");
    live.push_back({false, *got});
  }
  ASSERT_GT(a.slab_count(), 10u);
  std::vector<Placement::Node> nodes;
  for (auto n = a.range().first(); n != OffsetAllocator::kBorder; n = a.range().right_of(n))
    if (a.range().is_used(n)) nodes.push_back(n);
  for (const Placement::Node from : nodes) {
    if (random() % 2 == 0) continue;
    const bool to_b = random() % 2 == 0;
    Placement& to = to_b ? b : a;
    const std::uint64_t alignment = a.holds_slab(from) ? a.slab_alignment(from) : 16;
    const auto node = to.range().place(static_cast<std::uint32_t>(a.range().size_bytes(from) / 16),
                                       static_cast<std::uint32_t>(alignment / 16));
    ASSERT_NE(node, OffsetAllocator::kBorder);
    a.relocate(from, to, node, [&](std::uint32_t owner, const Allocation& at) {
      ASSERT_LT(owner, live.size());
      EXPECT_EQ(at.size_bytes, live[owner].at.size_bytes);
      reference_a.remove(live[owner].at);
      ASSERT_EQ((to_b ? reference_b : reference_a).add(at), "");
      live[owner] = {to_b, at};
    });
    a.range().free(from);
  }
  expect_same(a, reference_a);
  expect_same(b, reference_b);
  std::shuffle(live.begin(), live.end(), random);
  for (const Live& l : live) (l.in_b ? b : a).free(l.at.id);
  EXPECT_EQ(a.largest_free_bytes(), a.range_bytes());
  EXPECT_EQ(b.largest_free_bytes(), b.range_bytes());
}

}  // namespace
}  // namespace forge3d
