// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// What every allocator keeps to, whatever it is made of: one suite, run on each.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "forge3d/placement.hpp"
#include "memory/pool_fixture.hpp"
#include "support/seeds.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kRange = kMebibyte;

/// What a block is known by, whoever granted it.
struct Grant {
  std::uint64_t offset_bytes = 0, size_bytes = 0;
  std::uint32_t id = 0;
  PoolHandle handle;
};

class OffsetSubject {
 public:
  std::optional<Grant> allocate(std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
    const auto got = places_.allocate(size_bytes, alignment_bytes);
    if (!got) return std::nullopt;
    return Grant{got->offset_bytes, got->size_bytes, got->node, {}};
  }
  void free(const Grant& grant) { places_.free(grant.id); }
  // Where the block is now.
  void follow(Grant&) const {}
  [[nodiscard]] std::uint64_t used_bytes() const { return places_.used_bytes(); }
  [[nodiscard]] std::uint64_t largest_free_bytes() const { return places_.largest_free_bytes(); }

 private:
  OffsetAllocator places_{kRange};
};

class PlacementSubject {
 public:
  std::optional<Grant> allocate(std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
    const auto got = places_.allocate(size_bytes, alignment_bytes);
    if (!got) return std::nullopt;
    return Grant{got->offset_bytes, got->size_bytes, got->id, {}};
  }
  void free(const Grant& grant) { places_.free(grant.id); }
  void follow(Grant&) const {}
  [[nodiscard]] std::uint64_t used_bytes() const { return places_.used_bytes(); }
  [[nodiscard]] std::uint64_t largest_free_bytes() const { return places_.largest_free_bytes(); }

 private:
  Placement places_{kRange};
};

/// A pool of one block; with `moving`, its allocations are unpinned.
template <bool moving>
class PoolSubject {
 public:
  PoolSubject() : device_(test::open_device({})) {
    pool_ = *MemoryPool::create(
        device_, {.block_bytes = kRange, .max_bytes = kRange, .wait_ns = 50'000'000});
    const auto first = allocate(16, 1);  // the pool takes its block with the first request
    free(*first);
  }
  ~PoolSubject() {
    pool_.reset();
    EXPECT_EQ(device_->validation_messages(), 0u);
    EXPECT_EQ(device_->budget().stats().total_bytes, 0u);
  }
  PoolSubject(const PoolSubject&) = delete;
  PoolSubject& operator=(const PoolSubject&) = delete;

  std::optional<Grant> allocate(std::uint64_t size_bytes, std::uint64_t alignment_bytes) {
    const auto got = pool_->allocate({size_bytes, alignment_bytes, ~0u}, true);
    if (!got) return std::nullopt;
    if constexpr (moving) {
      EXPECT_TRUE(pool_->unpin(got->handle));
    }
    return Grant{got->offset_bytes, got->size_bytes, 0, got->handle};
  }
  void free(const Grant& grant) { EXPECT_TRUE(pool_->release(grant.handle)); }
  void follow(Grant& grant) const {
    grant.offset_bytes = pool_->lookup(grant.handle)->offset_bytes;
  }
  [[nodiscard]] std::uint64_t used_bytes() const { return pool_->stats().used_bytes; }
  [[nodiscard]] std::uint64_t largest_free_bytes() const {
    EXPECT_TRUE(device_->wait_idle() && pool_->collect());
    return pool_->stats().largest_free_block_bytes;
  }

 private:
  std::shared_ptr<Device> device_;
  std::shared_ptr<MemoryPool> pool_;
};

template <class Subject>
class AllocatorContract : public ::testing::Test {
 protected:
  // What is wrong with the live blocks together, or nothing.
  std::string overlap() {
    std::map<std::uint64_t, std::uint64_t> ends;
    for (Grant& grant : live_) {
      subject_.follow(grant);
      if (!ends.emplace(grant.offset_bytes, grant.offset_bytes + grant.size_bytes).second)
        return "two blocks at " + std::to_string(grant.offset_bytes);
    }
    std::uint64_t end = 0;
    for (const auto& [begin, its_end] : ends) {
      if (begin < end) return "an overlap at " + std::to_string(begin);
      end = its_end;
    }
    return end > kRange ? "a block beyond the range" : "";
  }
  void free_at(std::size_t index) {
    std::swap(live_[index], live_.back());
    subject_.free(live_.back());
    live_.pop_back();
  }
  Subject subject_;
  std::vector<Grant> live_;
};

using Subjects =
    ::testing::Types<OffsetSubject, PlacementSubject, PoolSubject<false>, PoolSubject<true>>;
TYPED_TEST_SUITE(AllocatorContract, Subjects);

TYPED_TEST(AllocatorContract, GrantsWhatIsAskedInWholeGranulesAndAligned) {
  for (std::uint64_t alignment = 1; alignment <= 65536; alignment *= 4)
    for (const std::uint64_t size : {1u, 15u, 16u, 17u, 1000u, 4096u}) {
      const auto got = this->subject_.allocate(size, alignment);
      ASSERT_TRUE(got) << size << " at " << alignment;
      EXPECT_GE(got->size_bytes, size);
      EXPECT_LT(got->size_bytes, size + 16);
      EXPECT_EQ(got->offset_bytes % alignment, 0u);
      this->live_.push_back(*got);
    }
  EXPECT_EQ(this->overlap(), "");
  while (!this->live_.empty()) this->free_at(0);
}

TYPED_TEST(AllocatorContract, NonsenseIsRefusedAndChangesNothing) {
  const auto kept = this->subject_.allocate(4096, 16);
  ASSERT_TRUE(kept);
  const std::uint64_t used = this->subject_.used_bytes();
  const std::uint64_t largest = this->subject_.largest_free_bytes();
  for (const std::uint64_t size : {std::uint64_t{0}, kRange + 1, std::uint64_t{1} << 40,
                                   ~std::uint64_t{0}, ~std::uint64_t{0} - 15})
    EXPECT_FALSE(this->subject_.allocate(size, 16)) << size;
  for (const std::uint64_t alignment :
       {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{24}, ~std::uint64_t{0}})
    EXPECT_FALSE(this->subject_.allocate(64, alignment)) << alignment;
  EXPECT_EQ(this->subject_.used_bytes(), used);
  EXPECT_EQ(this->subject_.largest_free_bytes(), largest);
  this->subject_.free(*kept);
}

TYPED_TEST(AllocatorContract, TheWholeRangeCanBeHadAndComesBack) {
  for (int round = 0; round < 3; ++round) {
    const auto all = this->subject_.allocate(kRange, 16);
    ASSERT_TRUE(all);
    EXPECT_EQ(this->subject_.used_bytes(), kRange);
    EXPECT_FALSE(this->subject_.allocate(1, 1));
    this->subject_.free(*all);
    EXPECT_EQ(this->subject_.used_bytes(), 0u);
    EXPECT_EQ(this->subject_.largest_free_bytes(), kRange);
  }
}

TYPED_TEST(AllocatorContract, SmallBlocksFillTheRangeToTheLastByteAndMerge) {
  for (const std::uint64_t seed : test::seeds(2)) {
    SCOPED_TRACE("FORGE3D_SEED=" + std::to_string(seed));
    while (const auto got = this->subject_.allocate(2048, 1)) this->live_.push_back(*got);
    EXPECT_EQ(this->live_.size(), kRange / 2048);
    EXPECT_EQ(this->overlap(), "");
    std::mt19937_64 random(seed);
    while (!this->live_.empty()) this->free_at(random() % this->live_.size());
    EXPECT_EQ(this->subject_.largest_free_bytes(), kRange);
  }
}

TYPED_TEST(AllocatorContract, RandomLoadsKeepBlocksApartAndAccountsTrue) {
  for (const std::uint64_t seed : test::seeds(3)) {
    SCOPED_TRACE("FORGE3D_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::uint64_t used = 0;
    for (int step = 0; step < 1500; ++step) {
      const bool grow = this->live_.empty() || random() % 10 < (step % 500 < 250 ? 7u : 3u);
      if (!grow) {
        const std::size_t index = random() % this->live_.size();
        used -= this->live_[index].size_bytes;
        this->free_at(index);
      } else if (const auto got = this->subject_.allocate(1 + random() % (1u << random() % 17),
                                                          std::uint64_t{1} << random() % 10)) {
        used += got->size_bytes;
        this->live_.push_back(*got);
      }
      ASSERT_EQ(this->subject_.used_bytes(), used) << "step " << step;
      if (step % 50 == 0) {
        ASSERT_EQ(this->overlap(), "") << "step " << step;
      }
    }
    while (!this->live_.empty()) this->free_at(0);
    EXPECT_EQ(this->subject_.used_bytes(), 0u);
    EXPECT_EQ(this->subject_.largest_free_bytes(), kRange);
  }
}

}  // namespace
}  // namespace forge3d
