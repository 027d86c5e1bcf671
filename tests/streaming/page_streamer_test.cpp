// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// PageStreamer under random cameras, late and failing reads, failing copies, a GPU that lags, and
// textures that come and go: what must hold after every frame, whatever happens.

#include "streaming/page_streamer.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "streaming/test_views.hpp"
#include "support/seeds.hpp"

namespace forge3d::streaming {
namespace {

constexpr std::uint32_t kTextures = 3, kWidth = 160, kHeight = 90;

PageTable make_table() {
  return PageTable::create(
             {.capacity_bytes = 64 << 10, .max_textures = kTextures, .page_texels = 64})
      .value();
}

TilePyramid pyramid_of(std::uint32_t width, std::uint32_t height) {
  return make_tile_pyramid(width, height, Format::kRGBA8Unorm, 64, 4).value();
}

/// Frames of the fuzz test for each seed; FORGE3D_FUZZ_FRAMES asks for more.
std::uint64_t fuzz_frames() {
  const char* text = std::getenv("FORGE3D_FUZZ_FRAMES");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 1500;
}

/// A system without files and without a GPU: reads come in any order after any time, copies fail,
/// the GPU's two serials of a frame (table and picture) pass when it pleases.
class World {
 public:
  World(std::uint64_t seed, std::uint32_t slots)
      : random_(seed), streamer_(make_table(), slots), content_(slots), shown_until_(slots) {}

  void add_texture(std::uint32_t index, std::uint32_t width, std::uint32_t height) {
    pyramids_[index] = pyramid_of(width, height);
    ASSERT_TRUE(streamer_.add_texture(index, pyramids_[index]));
    const PageKey root{index, {pyramids_[index].levels - 1, 0, 0}};
    auto slot = streamer_.take_pinned(root);
    while (!slot) {  // the GPU catches up until a slot is free
      streamer_.evict_oldest();
      streamer_.end_frame(seal_point());
      last_frame_serial_ += 2;
      completed_ = last_frame_serial_;
      streamer_.release({{completed_}, {completed_}});
      slot = streamer_.take_pinned(root);
    }
    write(*slot, root);
    streamer_.commit(root, *slot);
  }

  void remove_texture(std::uint32_t index) {
    streamer_.remove_texture(index);
    pyramids_.erase(index);
    std::erase_if(in_flight_, [&](const PageKey& page) { return page.texture == index; });
    std::erase_if(ready_, [&](const PageKey& page) { return page.texture == index; });
  }

  void frame(std::span<const VirtualView> views, std::span<const SeenPage> feedback = {}) {
    advance_gpu();
    ASSERT_TRUE(streamer_.begin_frame({.views = views,
                                       .feedback = feedback,
                                       .seconds = 1.0 / 60,
                                       .uploads_per_frame = uploads,
                                       .completed = {{completed_}, {completed_}}}));
    note_shown();
    receive();
    upload();
    streamer_.make_room(static_cast<std::uint32_t>(ready_.size()));
    request();
    check_shown();
    streamer_.end_frame(seal_point());
    last_frame_serial_ += 2;  // the table's submission, then the picture's
    check_table(views);
    check_slots();
  }

  PageStreamer& streamer() { return streamer_; }
  std::mt19937& random() { return random_; }
  const std::map<std::uint32_t, TilePyramid>& pyramids() const { return pyramids_; }
  std::uint32_t uploads = 4;
  std::uint32_t failing_reads = 0, failing_copies = 0;  // of 100
  bool slow = false;                                    // reads and GPU

 private:
  bool chance(std::uint32_t of_hundred) { return random_() % 100 < of_hundred; }

  /// What an eviction in this frame waits for: the table's submission of this frame.
  [[nodiscard]] GpuProgress seal_point() const {
    return {{last_frame_serial_ + 1}, {last_frame_serial_ + 1}};
  }

  void advance_gpu() {
    const std::uint64_t behind = last_frame_serial_ - completed_;
    completed_ += slow ? random_() % (behind + 1) / 2 : std::min<std::uint64_t>(behind, 3);
    if (behind > 8) completed_ = last_frame_serial_ - 8;  // no more frames than that in flight
  }

  void receive() {
    std::erase_if(in_flight_, [this](const PageKey& page) {
      if (!chance(slow ? 10 : 60)) return false;
      if (chance(failing_reads))
        streamer_.read_failed(page);
      else
        ready_.push_back(page);
      return true;
    });
    std::sort(ready_.begin(), ready_.end(), [this](const PageKey& a, const PageKey& b) {
      return streamer_.rank(a) > streamer_.rank(b);
    });
  }

  void upload() {
    std::size_t done = 0;
    for (std::uint32_t left = uploads; done < ready_.size() && left > 0; ++done) {
      const PageStreamer::Placed placed = streamer_.place(ready_[done]);
      if (placed.placement == PageStreamer::Placement::kNoRoom) break;
      if (placed.placement == PageStreamer::Placement::kUnwanted) continue;
      if (chance(failing_copies)) {
        streamer_.cancel(placed.slot);
        break;
      }
      write(placed.slot, ready_[done]);
      streamer_.commit(ready_[done], placed.slot);
      --left;
    }
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(done));
  }

  /// The copy: no frame that may still sample the slot must be running.
  void write(std::uint32_t slot, const PageKey& page) {
    ASSERT_LE(shown_until_[slot], completed_) << "slot " << slot << " is written while sampled";
    content_[slot] = page;
  }

  void request() {
    for (const PageKey& page : streamer_.start(12 - std::min<std::size_t>(in_flight_.size(), 12))) {
      ASSERT_TRUE(in_flight_.insert(page).second) << "in flight twice";
      ASSERT_TRUE(std::find(ready_.begin(), ready_.end(), page) == ready_.end())
          << "asked for a tile that is here";
    }
  }

  /// Which level shows each wanted page that is missing, before anything of the frame happened.
  void note_shown() {
    before_.clear();
    for (const CandidatePage& candidate : streamer_.candidates()) {
      const std::uint32_t entry = streamer_.table().finest(candidate.page);
      ASSERT_NE(entry & layout::kIsValid, 0u) << "a hole";
      if (is_wanted(candidate.seen, candidate.levels, streamer_.now().mip_bias))
        before_.emplace_back(candidate.page, layout::level_of(entry));
    }
  }

  /// Nothing that is wanted became blurrier in the frame.
  void check_shown() const {
    for (const auto& [page, level] : before_) {
      const std::uint32_t entry = streamer_.table().finest(page);
      ASSERT_NE(entry & layout::kIsValid, 0u) << "a hole";
      ASSERT_LE(layout::level_of(entry), level) << "shown detail was lost";
    }
  }

  /// What a shader would read is the page or its finest resident ancestor, in the slot that holds
  /// it.
  void check_table(std::span<const VirtualView> views) {
    for (std::uint32_t slot = 0; slot < content_.size(); ++slot) {
      const SlotState state = streamer_.slots().state(slot);
      if (state == SlotState::kUsed || state == SlotState::kPinned)
        shown_until_[slot] = last_frame_serial_;
    }
    if (views.empty()) return;
    for (int i = 0; i < 20; ++i) {
      const auto& [index, pyramid] = *std::next(pyramids_.begin(), random_() % pyramids_.size());
      const auto level = static_cast<std::uint32_t>(random_() % pyramid.levels);
      const PageKey page{index,
                         {level, static_cast<std::uint32_t>(random_() % pyramid.pages_x(level)),
                          static_cast<std::uint32_t>(random_() % pyramid.pages_y(level))}};
      check_entry(pyramid, page, streamer_.table().lookup(page));
    }
    for (const CandidatePage& candidate : streamer_.candidates())
      check_entry(pyramids_.at(candidate.page.texture), candidate.page,
                  streamer_.table().lookup(candidate.page));
  }

  void check_entry(const TilePyramid& pyramid, const PageKey& page, std::uint32_t entry) const {
    ASSERT_NE(entry & layout::kIsValid, 0u) << "a hole";
    const std::uint32_t level = layout::level_of(entry), slot = layout::slot_of(entry);
    ASSERT_GE(level, page.tile.level);
    const PageKey shown{page.texture, ancestor_of(pyramid, page.tile, level - page.tile.level)};
    ASSERT_TRUE(content_[slot] == shown) << "slot " << slot << " holds another page";
    const SlotState state = streamer_.slots().state(slot);
    ASSERT_TRUE(state == SlotState::kUsed || state == SlotState::kPinned) << "a slot that is free";
  }

  void check_slots() const {
    const SlotPool& slots = streamer_.slots();
    std::set<std::uint64_t> pages;
    std::uint32_t used = 0, pinned = 0;
    for (std::uint32_t slot = 0; slot < slots.total(); ++slot) {
      const SlotState state = slots.state(slot);
      if (state != SlotState::kUsed && state != SlotState::kPinned) continue;
      ++used;
      pinned += state == SlotState::kPinned;
      ASSERT_TRUE(pages.insert(slots.page(slot).packed()).second) << "a page in two slots";
      ASSERT_EQ(streamer_.table().find(slots.page(slot)), slot);
    }
    ASSERT_EQ(used, slots.used_count());
    ASSERT_EQ(pinned, pyramids_.size()) << "a pinned page was evicted";
    ASSERT_EQ(slots.free_count() + slots.used_count() + slots.retiring_count(), slots.total());
  }

  std::mt19937 random_;
  PageStreamer streamer_;
  std::map<std::uint32_t, TilePyramid> pyramids_;
  std::vector<PageKey> content_;
  std::vector<std::uint64_t> shown_until_;  // the last picture that may sample the slot
  std::set<PageKey> in_flight_;
  std::vector<PageKey> ready_;
  std::vector<std::pair<PageKey, std::uint32_t>> before_;
  std::uint64_t completed_ = 0, last_frame_serial_ = 0;
};

/// Wanders, jumps and stops; sees one texture or several.
class Cameras {
 public:
  std::vector<VirtualView> next(World& world) {
    std::mt19937& random = world.random();
    if (random() % 40 == 0 || texture_ >= kTextures || !world.pyramids().contains(texture_))
      jump(world);
    if (random() % 30 == 0) moving_ = !moving_;
    if (moving_) {
      camera_.x += speed_ * std::cos(camera_.yaw);
      camera_.y += speed_ * std::sin(camera_.yaw);
      camera_.yaw += turn_;
    }
    const TilePyramid& pyramid = world.pyramids().at(texture_);
    std::vector<VirtualView> views{
        test::perspective_view(camera_, pyramid.width, pyramid.height, kWidth, kHeight)};
    views[0].texture.index = texture_;
    if (random() % 5 == 0) {
      const auto& [index, other] =
          *std::next(world.pyramids().begin(), random() % world.pyramids().size());
      views.push_back(
          test::random_view(random, other.width, other.height, kWidth / 2, kHeight / 2));
      views.back().texture.index = index;
    }
    if (random() % 50 == 0) views.clear();
    return views;
  }

 private:
  void jump(World& world) {
    std::mt19937& random = world.random();
    const auto& [index, pyramid] =
        *std::next(world.pyramids().begin(), random() % world.pyramids().size());
    texture_ = index;
    const auto uniform = [&](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    camera_.x = uniform(0, pyramid.width);
    camera_.y = uniform(0, pyramid.height);
    camera_.height = std::exp2(uniform(5, 12));
    camera_.yaw = uniform(0, 6.3);
    camera_.pitch = uniform(0.2, 1.5);
    speed_ = uniform(0, 0.2) * camera_.height;
    turn_ = uniform(-0.03, 0.03);
  }

  test::TestCamera camera_;
  std::uint32_t texture_ = kTextures;
  double speed_ = 0, turn_ = 0;
  bool moving_ = true;
};

std::vector<SeenPage> random_feedback(World& world) {
  std::vector<SeenPage> seen;
  std::mt19937& random = world.random();
  for (std::uint32_t i = random() % 6; i > 0; --i)
    seen.push_back(
        {{static_cast<std::uint32_t>(random() % (kTextures + 1)),
          {static_cast<std::uint32_t>(random() % 9), static_cast<std::uint32_t>(random() % 40),
           static_cast<std::uint32_t>(random() % 40)}},
         64});
  return seen;
}

void change_something(World& world) {
  std::mt19937& random = world.random();
  const auto index = static_cast<std::uint32_t>(random() % kTextures);
  switch (random() % 6) {
    case 0:
      if (world.pyramids().contains(index)) {
        if (world.pyramids().size() > 1) world.remove_texture(index);
      } else {
        world.add_texture(index, 1 + random() % 30000, 1 + random() % 30000);
      }
      break;
    case 1:
      world.slow = !world.slow;
      break;
    case 2:
      world.failing_reads = random() % 3 * 25;
      world.failing_copies = random() % 2 * 10;
      break;
    case 3: {
      VirtualTextureTuning tuning;
      tuning.max_mip_bias = static_cast<float>(random() % 5);
      tuning.frames_of_grace = random() % 4;
      tuning.lod_scale = std::exp2(static_cast<float>(random() % 5) - 2);
      tuning.prefetch_seconds = static_cast<float>(random() % 3) * 0.1f;
      tuning.backlog_frames = random() % 3 * 8;
      world.streamer().tune(tuning);
      break;
    }
    case 4:
      world.uploads = 1 + random() % 8;
      break;
    default:
      world.streamer().evict_unwanted(std::nullopt);
  }
}

TEST(PageStreamer, HoldsItsPromisesWhateverHappens) {
  std::uint64_t frames = 0, loaded = 0, evicted = 0, rescued = 0;
  for (const std::uint64_t seed : test::seeds(8)) {
    SCOPED_TRACE("FORGE3D_SEED=" + std::to_string(seed));
    std::mt19937 shape(seed);
    World world(seed, 12 + shape() % 60);
    world.add_texture(0, 20000, 13000);
    Cameras cameras;
    std::vector<std::shared_ptr<RegionProgress>> regions;
    for (std::uint64_t i = 0; i < fuzz_frames(); ++i) {
      const auto views = cameras.next(world);
      if (world.random()() % 25 == 0) change_something(world);
      std::vector<VirtualView> live;
      for (const VirtualView& view : views)
        if (world.pyramids().contains(view.texture.index)) live.push_back(view);
      if (world.random()() % 60 == 0 && !live.empty()) {
        const auto pages = world.streamer().pages_of(live[0]).value();
        auto progress = std::make_shared<RegionProgress>();
        if (!pages.empty() && world.streamer().request(pages, world.random()() % 3, progress))
          regions.push_back(std::move(progress));
      }
      if (world.random()() % 90 == 0) regions.clear();
      world.frame(live,
                  world.random()() % 4 == 0 ? random_feedback(world) : std::vector<SeenPage>{});
      if (testing::Test::HasFatalFailure()) return;
    }
    frames += world.streamer().totals().frames;
    loaded += world.streamer().totals().loaded;
    evicted += world.streamer().totals().evicted;
    rescued += world.streamer().totals().rescued;
  }
  RecordProperty("frames", std::to_string(frames));
  EXPECT_GT(loaded, frames / 50);
  EXPECT_GT(evicted, frames / 100);
  EXPECT_GT(rescued, 0u);
}

TEST(PageStreamer, AViewThatStandsStillBecomesSharp) {
  for (const std::uint64_t seed : test::seeds(20)) {
    SCOPED_TRACE("FORGE3D_SEED=" + std::to_string(seed));
    World world(seed, 120);
    world.add_texture(0, 20000, 13000);
    for (int jump = 0; jump < 3; ++jump) {
      VirtualView view = test::random_view(world.random(), 20000, 13000, kWidth, kHeight);
      for (int i = 0; i < 200; ++i) world.frame({&view, 1});
      EXPECT_EQ(world.streamer().now().missing, 0u);
      EXPECT_FALSE(world.streamer().held_by_uploads());
    }
  }
}

TEST(PageStreamer, EqualCallsMakeEqualDecisions) {
  const auto fly = [](std::uint64_t seed) {
    World world(seed, 40);
    world.add_texture(0, 20000, 13000);
    Cameras cameras;
    for (int i = 0; i < 400; ++i) world.frame(cameras.next(world));
    return world.streamer().totals().decisions;
  };
  EXPECT_EQ(fly(1), fly(1));
  EXPECT_NE(fly(1), fly(2));
}

TEST(PageStreamer, ARegionIsSharpByItsDeadlineAndStays) {
  World world(1, 100);
  world.add_texture(0, 20000, 13000);
  const VirtualView here = test::flat_view(0, 0, 0.02, 0.02, kWidth, kHeight);
  const VirtualView there = test::flat_view(0.7, 0.7, 0.72, 0.72, kWidth, kHeight);
  for (int i = 0; i < 50; ++i) world.frame({&here, 1});
  const auto pages = world.streamer().pages_of(there).value();
  auto progress = std::make_shared<RegionProgress>();
  ASSERT_TRUE(world.streamer().request(pages, 1.0, progress));
  EXPECT_EQ(progress->get().missing, pages.size());
  for (int i = 0; i < 60; ++i) world.frame({&here, 1});
  EXPECT_EQ(progress->get().missing, 0u);
  // Other views come and go; the region's pages stay.
  for (int i = 0; i < 200; ++i) {
    const VirtualView view = test::random_view(world.random(), 20000, 13000, kWidth, kHeight);
    world.frame({&view, 1});
    ASSERT_EQ(progress->get().missing, 0u);
  }
  world.frame({&there, 1});
  EXPECT_EQ(world.streamer().now().missing, 0u);  // the jump shows no blur
}

TEST(PageStreamer, RegionsOfMoreThanHalfTheSlotsAreRefused) {
  World world(1, 21);
  world.add_texture(0, 20000, 13000);
  std::vector<PageKey> pages;
  for (std::uint32_t x = 0; x < 11; ++x) pages.push_back({0, {0, x, 0}});
  const auto progress = std::make_shared<RegionProgress>();
  const auto refused = world.streamer().request(pages, 0, progress);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBudgetExceeded);
  pages.pop_back();
  EXPECT_TRUE(world.streamer().request(pages, 0, progress));
}

TEST(PageStreamer, MotionFetchesAheadAndAJumpDoesNot) {
  World world(1, 200);
  world.add_texture(0, 30000, 30000);
  test::TestCamera camera{.x = 8000, .y = 15000, .height = 300, .yaw = 0, .pitch = 0.9};
  const auto look = [&] {
    const VirtualView view = test::perspective_view(camera, 30000, 30000, kWidth, kHeight);
    world.frame({&view, 1});
  };
  for (int i = 0; i < 60; ++i) look();
  EXPECT_EQ(world.streamer().now().prefetch_wanted, 0u);  // it stands still
  for (int i = 0; i < 60; ++i) {
    camera.x += 12;
    look();
  }
  const StreamerTotals& totals = world.streamer().totals();
  EXPECT_GT(totals.prefetch_loaded, 0u);
  EXPECT_GT(totals.prefetch_hits + totals.prefetch_misses, 0u);
  camera.x = 1000;
  look();
  EXPECT_EQ(world.streamer().now().prefetch_wanted, 0u);
}

TEST(PageStreamer, FeedbackWantsPagesThatNoViewNames) {
  World world(1, 50);
  world.add_texture(0, 20000, 13000);
  const std::vector<SeenPage> seen{{{0, {0, 5, 7}}, 640},
                                   {{0, {0, 5, 7}}, 64},    // named twice
                                   {{0, {0, 500, 7}}, 64},  // outside
                                   {{2, {0, 0, 0}}, 64},    // no such texture
                                   {{0, {30, 0, 0}}, 64}};  // no such level
  for (int i = 0; i < 30; ++i) world.frame({}, seen);
  EXPECT_TRUE(world.streamer().table().find({0, {0, 5, 7}}));
  EXPECT_EQ(world.streamer().now().wanted, 1u);
  EXPECT_EQ(world.streamer().totals().feedback_ignored, 3u * 30);
}

TEST(PageStreamer, PagesThatFailAreTriedAgainAndNamedInTheirRegion) {
  World world(1, 50);
  world.add_texture(0, 20000, 13000);
  world.failing_reads = 100;
  const std::vector<PageKey> pages{{0, {0, 1, 1}}, {0, {0, 2, 1}}};
  const auto progress = std::make_shared<RegionProgress>();
  ASSERT_TRUE(world.streamer().request(pages, 0, progress));
  for (int i = 0; i < 60; ++i) world.frame({});
  EXPECT_EQ(progress->get().failed, 2u);
  world.failing_reads = 0;
  for (int i = 0; i < 400; ++i) world.frame({});
  EXPECT_EQ(progress->get().missing, 0u);
}

}  // namespace
}  // namespace forge3d::streaming
