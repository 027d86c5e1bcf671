// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/move_planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/seeds.hpp"

namespace forge3d {
namespace {

// What a model leaves out on purpose, to see that it would be noticed.
struct Mutant {
  bool frees_sources_early = false;  // before their copies are done
  bool ignores_pins = false;
};

/// A heap of a few ranges with bytes in them and a device that copies late. Blocks hold a pattern
/// of their own; owners of pinned blocks write to them where they were when they were pinned.
class Model {
 public:
  Model(std::uint64_t seed, std::uint32_t ranges, std::uint64_t range_bytes, Mutant mutant)
      : random_(seed), mutant_(mutant) {
    for (std::uint32_t i = 0; i < ranges; ++i) {
      placements_.emplace_back(range_bytes);
      memory_.emplace_back(range_bytes / 16);
    }
    for (Placement& p : placements_) pointers_.push_back(&p);
    capacity_bytes_ = ranges * range_bytes;
  }

  // Runs `steps`; what went wrong, or nothing.
  std::string run(int steps) {
    for (int step = 0; step < steps; ++step) {
      const std::string wrong = this->step();
      if (!wrong.empty()) return "step " + std::to_string(step) + ": " + wrong;
    }
    while (!in_flight_.empty()) complete_one();
    for (const auto& [id, block] : blocks_)
      if (!intact(block)) return "at the end: block " + std::to_string(id) + " lost its bytes";
    return {};
  }

  std::uint64_t moves = 0, refusals = 0, fits = 0;

 private:
  struct Block {
    std::uint32_t range = 0;
    Placement::Allocation at;
    std::uint32_t pattern = 0;
    bool pinned = false;
    std::uint64_t pinned_at = 0;  // where its user writes to while it is pinned
    std::uint32_t pinned_range = 0;
    std::uint64_t ready = 0;  // number of the copies that bring its bytes
  };
  struct Copy {
    PlannedMove move;
  };
  struct Batch {
    MovePlan plan;
    std::uint64_t number = 0;
  };

  std::string step() {
    if (!in_flight_.empty() && random_() % 3 == 0) complete_one();
    const std::uint64_t choice = random_() % 100;
    if (choice < 10) return toggle_pin();
    if (choice < 16) return write_through_a_pin();
    if (choice < 22) return compact();
    if (used_bytes_ > capacity_bytes_ * 9 / 10) return drop();
    return add();
  }

  std::uint32_t any_block() {
    auto at = blocks_.lower_bound(static_cast<std::uint32_t>(random_() % next_id_));
    if (at == blocks_.end()) at = blocks_.begin();
    return at->first;
  }

  void fill(const Block& block) {
    const auto first =
        memory_[block.range].begin() + static_cast<std::ptrdiff_t>(block.at.offset_bytes / 16);
    std::fill(first, first + static_cast<std::ptrdiff_t>(block.at.size_bytes / 16), block.pattern);
  }
  [[nodiscard]] bool intact(const Block& block) const {
    const auto first =
        memory_[block.range].begin() + static_cast<std::ptrdiff_t>(block.at.offset_bytes / 16);
    return std::all_of(first, first + static_cast<std::ptrdiff_t>(block.at.size_bytes / 16),
                       [&](std::uint32_t granule) { return granule == block.pattern; });
  }

  // Blocks whose bytes are still on their way stay too.
  std::uint64_t alignment_of(PlacedNode at) {
    std::uint64_t alignment = 16;
    placements_[at.range].for_each_block(at.node, [&](std::uint32_t id, const auto&) {
      const Block& block = blocks_.at(id);
      if ((block.pinned && !mutant_.ignores_pins) || block.ready > completed_) alignment = 0;
    });
    return alignment;
  }
  MovePlanner planner() {
    return MovePlanner(pointers_, [this](PlacedNode at) { return alignment_of(at); },
                       {.moved_bytes = capacity_bytes_ / 4});
  }

  std::string add() {
    const std::uint64_t size = 16 * (1 + random_() % (std::uint64_t{1} << random_() % 10));
    for (std::uint32_t range = 0; range < placements_.size(); ++range)
      if (const auto got = placements_[range].allocate(size)) return settle(range, *got);
    auto plan = planner().fit(size, 16);
    if (!plan) {
      ++refusals;
      return {};
    }
    ++fits;
    const std::uint32_t range = plan->window_range;
    submit(std::move(*plan));
    // As the pool does: the request waits for the copies that empty its window.
    while (!mutant_.frees_sources_early && !in_flight_.empty()) complete_one();
    return settle(range, placements_[range].adopt(window_));
  }

  std::string settle(std::uint32_t range, const Placement::Allocation& at) {
    const std::uint32_t id = next_id_++;
    placements_[range].set_owner(at.id, id);
    Block block;
    block.range = range;
    block.at = at;
    block.pattern = static_cast<std::uint32_t>(random_());
    used_bytes_ += at.size_bytes;
    fill(block);
    blocks_[id] = block;
    return {};
  }

  std::string drop() {
    const std::uint32_t id = any_block();
    Block& block = blocks_.at(id);
    if (block.ready > completed_) return {};  // the pool would wait too
    if (!intact(block)) return "block " + std::to_string(id) + " lost its bytes";
    placements_[block.range].free(block.at.id);
    used_bytes_ -= block.at.size_bytes;
    blocks_.erase(id);
    return {};
  }

  std::string toggle_pin() {
    if (blocks_.empty()) return {};
    const std::uint32_t id = any_block();
    Block& block = blocks_.at(id);
    if (block.ready > completed_) return {};
    if (!block.pinned && !intact(block)) return "block " + std::to_string(id) + " lost its bytes";
    block.pinned = !block.pinned && random_() % 3 == 0;
    block.pinned_at = block.at.offset_bytes;
    block.pinned_range = block.range;
    return {};
  }

  std::string write_through_a_pin() {
    if (blocks_.empty()) return {};
    Block& block = blocks_.at(any_block());
    if (!block.pinned || block.ready > completed_) return {};
    block.pattern = static_cast<std::uint32_t>(random_());
    Block there = block;
    there.range = block.pinned_range;
    there.at.offset_bytes = block.pinned_at;
    fill(there);
    return {};
  }

  std::string compact() {
    MovePlan plan = planner().compact();
    if (!plan.moves.empty()) submit(std::move(plan));
    return {};
  }

  void submit(MovePlan plan) {
    ++submitted_;
    for (const PlannedMove& move : plan.moves) {
      ++moves;
      const std::uint64_t number = submitted_;
      placements_[move.from.range].relocate(move.from.node, placements_[move.to.range],
                                            move.to.node,
                                            [&](std::uint32_t id, const Placement::Allocation& at) {
                                              blocks_.at(id).range = move.to.range;
                                              blocks_.at(id).at = at;
                                              blocks_.at(id).ready = number;
                                            });
    }
    if (mutant_.frees_sources_early) window_ = finish(plan, pointers_);
    in_flight_.push_back({std::move(plan), submitted_});
  }

  // The device reads the sources only now.
  void complete_one() {
    Batch batch = std::move(in_flight_.front());
    in_flight_.pop_front();
    for (const PlannedMove& move : batch.plan.moves) {
      const auto from =
          memory_[move.from.range].begin() + static_cast<std::ptrdiff_t>(move.from_bytes / 16);
      std::copy_n(from, move.size_bytes / 16,
                  memory_[move.to.range].begin() + static_cast<std::ptrdiff_t>(move.to_bytes / 16));
    }
    completed_ = batch.number;
    if (!mutant_.frees_sources_early) window_ = finish(batch.plan, pointers_);
  }

  std::mt19937_64 random_;
  Mutant mutant_;
  std::deque<Placement> placements_;
  std::vector<Placement*> pointers_;
  std::vector<std::vector<std::uint32_t>> memory_;
  std::map<std::uint32_t, Block> blocks_;
  std::deque<Batch> in_flight_;
  std::uint64_t capacity_bytes_ = 0, used_bytes_ = 0, submitted_ = 0, completed_ = 0;
  std::uint32_t next_id_ = 1;
  Placement::Node window_ = 0;
};

TEST(MovePlanner, BlocksKeepTheirBytesOnSeededDevices) {
  std::uint64_t moves = 0, fits = 0;
  const auto seeds = test::seeds(60);
  for (const std::uint64_t seed : seeds) {
    Model model(seed, 1 + static_cast<std::uint32_t>(seed % 4), 65536, {});
    ASSERT_EQ(model.run(3000), "") << "repeat with FORGE3D_SEED=" << seed;
    moves += model.moves;
    fits += model.fits;
  }
  EXPECT_GT(moves, 150 * seeds.size());
  EXPECT_GT(fits, 8 * seeds.size());
}

// How many of the seeds notice the mutant.
int seeds_that_notice(Mutant mutant) {
  int noticed = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    noticed += Model(seed, 1 + static_cast<std::uint32_t>(seed % 4), 65536, mutant).run(3000) != "";
  return noticed;
}

TEST(MovePlanner, TheModelCatchesASourceFreedBeforeItsCopyIsDone) {
  EXPECT_GT(seeds_that_notice({.frees_sources_early = true}), 15);
}

TEST(MovePlanner, TheModelCatchesAWindowThatIgnoresAPinnedBlock) {
  EXPECT_GT(seeds_that_notice({.ignores_pins = true}), 10);
}

/// Ranges of 16-byte blocks drawn as text: a letter for each block, '.' for holes.
class Drawn {
 public:
  explicit Drawn(const std::vector<std::string>& ranges) {
    for (const std::string& text : ranges) {
      placements_.emplace_back(text.size() * 16);
      std::vector<Placement::Id> holes;
      for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && text[end] == text[i]) ++end;
        const auto got = placements_.back().allocate((end - i) * 16);
        placements_.back().set_owner(got->id, static_cast<std::uint32_t>(text[i]));
        if (text[i] == '.') holes.push_back(got->id);
        i = end;
      }
      for (const Placement::Id hole : holes) placements_.back().free(hole);
    }
    for (Placement& p : placements_) pointers.push_back(&p);
  }
  MovePlanner planner(std::string_view walls = "", MoveLimits limits = {}) {
    return MovePlanner(
        pointers,
        [this, walls = std::string(walls)](PlacedNode at) {
          const auto owner = placements_[at.range].range().owner(at.node);
          return walls.find(static_cast<char>(owner)) == std::string::npos ? 16u : 0u;
        },
        limits);
  }
  // Does what a plan says; the window becomes the block '#'.
  void carry_out(const MovePlan& plan) {
    for (const PlannedMove& m : plan.moves)
      placements_[m.from.range].relocate(m.from.node, placements_[m.to.range], m.to.node,
                                         [](std::uint32_t, const auto&) {});
    const Placement::Node window = finish(plan, pointers);
    if (plan.size_bytes > 0) {
      const auto block = placements_[plan.window_range].adopt(window);
      placements_[plan.window_range].set_owner(block.id, '#');
    }
  }
  std::string text(std::size_t index) {
    std::string text;
    const OffsetAllocator& places = placements_[index].range();
    for (auto n = places.first(); n != OffsetAllocator::kBorder; n = places.right_of(n))
      text += std::string(places.size_bytes(n) / 16,
                          places.is_used(n) ? static_cast<char>(places.owner(n)) : '.');
    return text;
  }
  std::vector<Placement*> pointers;

 private:
  std::deque<Placement> placements_;
};

TEST(MovePlanner, EvacuatesTheCheapestWindow) {
  Drawn heap({"aa..bbbb..c..dd..ee."});
  const auto plan = heap.planner().fit(5 * 16, 16);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->moved_bytes, 16u) << "c alone is in the way";
  heap.carry_out(*plan);
  EXPECT_EQ(heap.text(0), "aa..bbbb#####dd..eec");
}

TEST(MovePlanner, WallsAreNeitherMovedNorCrossed) {
  Drawn heap({"aa..bbbb..c..dd..ee."});
  const auto plan = heap.planner("c").fit(5 * 16, 16);
  ASSERT_TRUE(plan);
  heap.carry_out(*plan);
  EXPECT_EQ(heap.text(0).find('c'), 10u);
  EXPECT_NE(heap.text(0).find("#####"), std::string::npos) << heap.text(0);
  EXPECT_FALSE(heap.planner("abcde#").fit(4 * 16, 16)) << "nothing moves";
}

TEST(MovePlanner, AnAbandonedPlanLeavesNoTrace) {
  Drawn heap({"aa..bbbb..c..dd..ee.", "f...g...h..."});
  const std::string before = heap.text(0) + heap.text(1);
  MovePlanner planner = heap.planner();
  const auto plan = planner.fit(6 * 16, 16);
  ASSERT_TRUE(plan);
  planner.cancel(*plan);
  EXPECT_EQ(heap.text(0) + heap.text(1), before);
  for (Placement* p : heap.pointers) {
    std::uint64_t largest = 0;
    p->for_each([&](std::uint64_t, std::uint64_t size, bool used) {
      if (!used) largest = std::max(largest, size);
    });
    EXPECT_EQ(p->largest_free_bytes(), largest);
  }
}

TEST(MovePlanner, KeepsAlignments) {
  Drawn heap({"aaa..b..cccc....d..."});
  const auto plan = heap.planner().fit(7 * 16, 64);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->window_bytes % 64, 0u);
  heap.carry_out(*plan);
  EXPECT_EQ(heap.text(0).find("#######") % 4, 0u);
}

TEST(MovePlanner, PreparesAWindowForABlockThatFindsNoPlace) {
  // Nothing of seven fits, as bbbb fits nowhere else, until room for it is made of two holes.
  Drawn heap({"bbbb...x", "c..d..ee"});
  EXPECT_FALSE(heap.planner("xe").fit(7 * 16, 16));
  const auto inner = heap.planner("xe").prepare(7 * 16, 16);
  ASSERT_TRUE(inner);
  for (const PlannedMove& m : inner->moves)
    heap.pointers[m.from.range]->relocate(m.from.node, *heap.pointers[m.to.range], m.to.node,
                                          [](std::uint32_t, const auto&) {});
  heap.pointers[inner->window_range]->range().free(finish(*inner, heap.pointers));
  const auto plan = heap.planner("xe").fit(7 * 16, 16);
  ASSERT_TRUE(plan) << heap.text(0) << " " << heap.text(1);
  heap.carry_out(*plan);
  EXPECT_EQ(heap.text(0), "#######x");
}

TEST(MovePlanner, LimitsHold) {
  Drawn heap({"aa..bbbb..c..dd..ee."});
  EXPECT_FALSE(heap.planner("", {.moved_bytes = 15}).fit(5 * 16, 16));
  EXPECT_FALSE(heap.planner("", {.visited_nodes = 3}).fit(5 * 16, 16)) << "out of sight";
  EXPECT_FALSE(heap.planner("", {.windows = 0}).fit(5 * 16, 16));
}

/// Ranges filled with random blocks, of which random ones are freed again.
class Cheese {
 public:
  Cheese(std::uint64_t seed, int ranges, std::uint64_t range_bytes, double share,
         std::uint64_t min_granules = 1)
      : random_(seed) {
    for (int i = 0; i < ranges; ++i) placements_.emplace_back(range_bytes);
    for (Placement& p : placements_) {
      pointers_.push_back(&p);
      std::vector<Placement::Id> ids;
      const std::uint64_t octaves = 1 + random_() % 12;
      while (const auto got = p.allocate(
                 16 * (min_granules + random_() % (std::uint64_t{1} << random_() % octaves)))) {
        p.set_owner(got->id, random_() % 8 == 0 ? 2 : 1);
        ids.push_back(got->id);
      }
      std::shuffle(ids.begin(), ids.end(), random_);
      while (static_cast<double>(p.used_bytes()) > share * static_cast<double>(p.range_bytes())) {
        p.free(ids.back());
        ids.pop_back();
      }
      used_bytes += p.used_bytes();
    }
  }

  // Compacts in slices; owner 2 stays where `walls`. How many slices, or -1 for no end.
  int compact(std::uint64_t slice_bytes, bool walls) {
    for (int slice = 0; slice < 2000; ++slice) {
      MovePlanner planner(pointers_,
                          [&](PlacedNode at) {
                            return walls && placements_[at.range].range().owner(at.node) == 2 ? 0u
                                                                                              : 16u;
                          },
                          {.moved_bytes = slice_bytes});
      const MovePlan plan = planner.compact();
      if (plan.moves.empty()) return slice;
      EXPECT_LE(plan.moved_bytes, std::max(slice_bytes, plan.moves[0].size_bytes));
      moved_bytes += plan.moved_bytes;
      for (const PlannedMove& m : plan.moves)
        placements_[m.from.range].relocate(m.from.node, placements_[m.to.range], m.to.node,
                                           [](std::uint32_t, const auto&) {});
      finish(plan, pointers_);
    }
    return -1;
  }

  [[nodiscard]] int empty_ranges() const {
    return static_cast<int>(std::count_if(placements_.begin(), placements_.end(),
                                          [](const Placement& p) { return p.used_bytes() == 0; }));
  }
  // Of the ranges that are not empty.
  [[nodiscard]] double fragmentation() const {
    std::uint64_t free = 0, largest = 0;
    for (const Placement& p : placements_) {
      if (p.used_bytes() == 0) continue;
      free += p.free_bytes();
      largest = std::max(largest, p.largest_free_bytes());
    }
    return free == 0 ? 0 : 1 - static_cast<double>(largest) / static_cast<double>(free);
  }
  [[nodiscard]] std::uint64_t sum_used() const {
    std::uint64_t sum = 0;
    for (const Placement& p : placements_) sum += p.used_bytes();
    return sum;
  }
  std::uint64_t used_bytes = 0, moved_bytes = 0;

 private:
  std::mt19937_64 random_;
  std::deque<Placement> placements_;
  std::vector<Placement*> pointers_;
};

TEST(MovePlanner, CompactionFillsRangesAndEmptiesOthers) {
  Cheese cheese(9, 8, 1 << 20, 0.6, 5);  // too large for slabs, whose vacant slots stay
  ASSERT_GT(cheese.compact(128 << 10, false), 0);
  EXPECT_EQ(cheese.sum_used(), cheese.used_bytes);
  EXPECT_EQ(cheese.empty_ranges(), 3);
  EXPECT_LE(cheese.fragmentation(), 0.05);
  EXPECT_LE(cheese.moved_bytes, 2 * cheese.used_bytes);
}

TEST(MovePlanner, ASingleRangeIsCompactedInPlace) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Cheese cheese(seed, 1, 1 << 20, 0.3 + 0.015 * static_cast<double>(seed), 5);
    ASSERT_GE(cheese.compact(128 << 10, false), 0) << "seed " << seed;
    EXPECT_LE(cheese.fragmentation(), 0.02) << "seed " << seed;
    EXPECT_LE(cheese.moved_bytes, 3 * cheese.used_bytes) << "seed " << seed;
  }
}

TEST(MovePlanner, HolesAreJoinedWhenNothingFitsElsewhere) {
  Drawn heap({"aaa....bbb.ccc..ddd"});
  const MovePlan first = heap.planner().compact();
  EXPECT_EQ(first.moved_bytes, 48u);
  heap.carry_out(first);
  EXPECT_EQ(heap.text(0), "aaabbb.....ccc..ddd");
  heap.carry_out(heap.planner().compact());
  EXPECT_EQ(heap.text(0), "aaabbbccc.......ddd");
  EXPECT_TRUE(heap.planner().compact().moves.empty());
  Drawn walled({"aaa....bbb.ccc..ddd"});
  EXPECT_TRUE(walled.planner("b").compact().moves.empty());
}

/// Blocks that come and go in a few ranges, tidied up in slices as by upkeep.
class Churn {
 public:
  Churn(std::uint64_t seed, int ranges, std::uint64_t range_bytes) : random_(seed) {
    for (int i = 0; i < ranges; ++i) pointers_.push_back(&placements_.emplace_back(range_bytes));
    level_bytes_ = static_cast<std::uint64_t>(ranges) * range_bytes / 10 * 7;
  }
  void step() {
    if (used_bytes_ > level_bytes_) return drop();
    const std::uint64_t size = 16 + random_() % (std::uint64_t{16} << random_() % 9);
    for (std::uint32_t range = 0; range < placements_.size(); ++range)
      if (const auto got = placements_[range].allocate(size)) {
        const auto id = static_cast<std::uint32_t>(blocks_.size());
        placements_[range].set_owner(got->id, id);
        blocks_.push_back({range, got->id, got->size_bytes});
        live_.push_back(id);
        used_bytes_ += got->size_bytes;
        return;
      }
  }
  void tidy(std::uint64_t slice_bytes) {
    const auto any = [](PlacedNode) { return std::uint64_t{16}; };
    const MovePlan plan = MovePlanner(pointers_, any, {.moved_bytes = slice_bytes}).tidy();
    for (const PlannedMove& m : plan.moves)
      placements_[m.from.range].relocate(m.from.node, placements_[m.to.range], m.to.node,
                                         [&](std::uint32_t id, const Placement::Allocation& at) {
                                           blocks_[id].range = m.to.range;
                                           blocks_[id].id = at.id;
                                         });
    finish(plan, pointers_);
  }
  // Of the free bytes, those in neither the largest hole nor an empty range.
  [[nodiscard]] double fragmentation() const {
    std::uint64_t free = 0, whole = 0, largest = 0;
    for (const Placement& p : placements_) {
      free += p.free_bytes();
      if (p.used_bytes() == 0)
        whole += p.free_bytes();
      else
        largest = std::max(largest, p.largest_free_bytes());
    }
    return 1 - static_cast<double>(whole + largest) / static_cast<double>(free);
  }

 private:
  struct Block {
    std::uint32_t range;
    Placement::Id id;
    std::uint64_t size_bytes;
  };
  void drop() {
    std::swap(live_[random_() % live_.size()], live_.back());
    const Block& block = blocks_[live_.back()];
    placements_[block.range].free(block.id);
    used_bytes_ -= block.size_bytes;
    live_.pop_back();
  }
  std::mt19937_64 random_;
  std::deque<Placement> placements_;
  std::vector<Placement*> pointers_;
  std::vector<Block> blocks_;  // of all owners there were
  std::vector<std::uint32_t> live_;
  std::uint64_t used_bytes_ = 0, level_bytes_ = 0;
};

// A short form of the hour in `forge3d bench pools`.
TEST(MovePlanner, TidyingHoldsFragmentationDown) {
  for (const std::uint64_t seed : test::seeds(3)) {
    SCOPED_TRACE("FORGE3D_SEED=" + std::to_string(seed));
    Churn left_alone(seed, 8, 1 << 20), tidied(seed, 8, 1 << 20);
    double sum = 0, sum_alone = 0;
    int samples = 0;
    for (int step = 0; step < 60'000; ++step) {
      left_alone.step();
      tidied.step();
      if (step % 4 == 0) tidied.tidy(64 << 10);
      if (step < 30'000 || step % 100 != 0) continue;
      sum += tidied.fragmentation();
      sum_alone += left_alone.fragmentation();
      ++samples;
    }
    EXPECT_LT(sum / samples, 0.05);
    EXPECT_GT(sum_alone / samples, 0.2) << "the load is worth the work";
  }
}

TEST(MovePlanner, CompactionEndsOnAnyHeap) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const double share = 0.1 + 0.08 * static_cast<double>(seed % 12);
    Cheese cheese(seed, 1 + static_cast<int>(seed % 7), 65536, share);
    ASSERT_GE(cheese.compact(4096 << seed % 5, seed % 3 == 0), 0) << "seed " << seed;
    ASSERT_EQ(cheese.sum_used(), cheese.used_bytes) << "seed " << seed;
    EXPECT_LE(cheese.moved_bytes, 4 * cheese.used_bytes) << "seed " << seed;
  }
}

}  // namespace
}  // namespace forge3d
