// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the pool tests share: a device under validation whose ledger must end up empty, and
// allocations of a mapped pool that hold bytes of their own.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "forge3d/memory_pool.hpp"
#include "memory/staging_fixture.hpp"

namespace forge3d::test {

inline constexpr VkBufferUsageFlags kCopyUsage =
    VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;

class PoolTest : public ::testing::Test {
 protected:
  void open(BudgetLimits limits = {}) {
    device_ = open_device(limits);
    ASSERT_NE(device_, nullptr);
  }
  void TearDown() override {
    if (device_ == nullptr) return;
    EXPECT_EQ(device_->validation_messages(), 0u);
    EXPECT_EQ(device_->budget().stats().total_bytes, 0u) << "the ledger got every byte back";
  }
  std::shared_ptr<MemoryPool> make_pool(const MemoryPoolDesc& desc) {
    auto pool = MemoryPool::create(device_, desc);
    if (!pool) ADD_FAILURE() << pool.error().to_string();
    return pool ? *pool : nullptr;
  }
  std::shared_ptr<Device> device_;
};

/// A buffer of a mapped pool, filled with 32-bit words of its own while it is pinned.
struct Filled {
  PoolHandle handle;
  std::uint64_t size_bytes = 0;
  std::uint32_t word = 0;
};

inline void fill(const PoolAllocation& at, std::uint64_t size_bytes, std::uint32_t word) {
  for (std::uint64_t i = 0; i + 4 <= size_bytes; i += 4) std::memcpy(at.mapped + i, &word, 4);
}

inline bool holds(const PoolAllocation& at, std::uint64_t size_bytes, std::uint32_t word) {
  for (std::uint64_t i = 0; i + 4 <= size_bytes; i += 4)
    if (std::memcmp(at.mapped + i, &word, 4) != 0) return false;
  return true;
}

/// Creates one, fills it and lets go of it; nothing when the pool refuses.
inline Result<Filled> create_filled(MemoryPool& pool, std::uint64_t size_bytes,
                                    std::uint32_t word) {
  FORGE3D_TRY_ASSIGN(const PoolBuffer buffer, pool.create_buffer(size_bytes, kCopyUsage));
  fill(buffer.allocation, size_bytes, word);
  FORGE3D_TRY(pool.flush(buffer.allocation.handle));
  FORGE3D_TRY(pool.unpin(buffer.allocation.handle));
  return Filled{buffer.allocation.handle, size_bytes, word};
}

/// Does it still hold its words?
inline bool is_intact(MemoryPool& pool, const Filled& filled) {
  const auto at = pool.pin(filled.handle);
  if (!at) {
    ADD_FAILURE() << at.error().to_string();
    return false;
  }
  EXPECT_TRUE(pool.invalidate(filled.handle));
  const bool intact = holds(*at, filled.size_bytes, filled.word);
  EXPECT_TRUE(pool.unpin(filled.handle));
  return intact;
}

}  // namespace forge3d::test
