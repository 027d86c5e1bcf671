// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A library MemoryPool whose blocks Python names by number.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "forge3d/memory_pool.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d::python {

/// Blocks are buffers in pool memory which the pool may move whenever no transfer uses them. Keeps
/// a block in place until the rings that copy to or from it are done. Thread-safe; needs no GIL.
class HeldPool {
 public:
  HeldPool(std::shared_ptr<Device> device, std::shared_ptr<MemoryPool> pool)
      : device_(std::move(device)), pool_(std::move(pool)) {}
  HeldPool(const HeldPool&) = delete;
  HeldPool& operator=(const HeldPool&) = delete;

  /// A block's number: generation and index.
  [[nodiscard]] static std::uint64_t id_of(PoolHandle handle) {
    return std::uint64_t{handle.generation} << 32 | handle.index;
  }
  [[nodiscard]] static PoolHandle handle_of(std::uint64_t id) {
    return {static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(id >> 32)};
  }

  /// A block of at least `size_bytes`, movable; size_bytes of the answer is what can be used.
  /// Errors: MemoryPool::create_buffer's.
  [[nodiscard]] Result<PoolAllocation> allocate(std::uint64_t size_bytes);
  /// Where it is now. Errors: kStaleHandle.
  [[nodiscard]] Result<PoolAllocation> lookup(PoolHandle handle) const;
  [[nodiscard]] Result<> retain(PoolHandle handle) { return pool_->retain(handle); }
  /// Free again when its transfers are done. Errors: kStaleHandle.
  [[nodiscard]] Result<> release(PoolHandle handle);

  /// Errors: kStaleHandle, StagingRing::upload's.
  [[nodiscard]] Result<StagingTicket> upload(const std::shared_ptr<StagingRing>& ring,
                                             PoolHandle handle, std::uint64_t offset_bytes,
                                             std::span<const std::byte> data,
                                             std::uint64_t timeout_ns);
  /// `start` is given the place of the block, which stays until what it started is done. Errors:
  /// kStaleHandle, those of `start`.
  [[nodiscard]] Result<Readback> readback(
      const std::shared_ptr<StagingRing>& ring, PoolHandle handle, std::uint64_t offset_bytes,
      const std::function<Result<Readback>(const BufferRegion&)>& start);

  /// Submits what rings have recorded for blocks and lets the pool move them afterwards; when.
  std::vector<Ticket> let_go();
  /// Moves until nothing is gained, empty blocks are given back. Errors: MemoryPool::defragment's.
  [[nodiscard]] Result<PoolMoves> defragment();

  [[nodiscard]] MemoryPool& pool() const { return *pool_; }
  /// Bytes of all blocks that were ever handed out, as the pool granted them.
  [[nodiscard]] std::uint64_t granted_bytes() const { return granted_bytes_.load(); }

 private:
  struct Use {
    std::weak_ptr<StagingRing> ring;
    StagingTicket last;  // one pin and one reference are held for it
  };
  using Key = std::pair<std::uint64_t, const StagingRing*>;
  using Uses = std::map<Key, Use>;
  using UseList = std::vector<Uses::value_type>;

  [[nodiscard]] std::uint64_t usable_bytes(const PoolAllocation& at) const;
  [[nodiscard]] Result<BufferRegion> pinned_region(PoolHandle handle, std::uint64_t offset_bytes);
  void keep_pinned(const std::shared_ptr<StagingRing>& ring, PoolHandle handle, StagingTicket last);
  void let_loose(PoolHandle handle, Ticket last_use);
  [[nodiscard]] Ticket unpin(const Key& key, const Use& use);
  [[nodiscard]] UseList take_uses(std::uint64_t id);
  [[nodiscard]] UseList take_all_uses();
  void sweep();

  std::shared_ptr<Device> device_;
  std::shared_ptr<MemoryPool> pool_;
  std::atomic<std::uint64_t> granted_bytes_{0};
  std::atomic<std::uint64_t> unit_bytes_{16};  // sizes are whole ones
  std::atomic<std::size_t> odd_count_{0}, use_count_{0};
  /// Not held over calls of a ring that may run Python callbacks.
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::uint64_t> odd_sizes_;  // where granted is not usable
  Uses uses_;
};

}  // namespace forge3d::python
