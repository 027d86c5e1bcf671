// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "held_pool.hpp"

namespace forge3d::python {
namespace {

constexpr VkBufferUsageFlags kBlockUsage =
    VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
    VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
    VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_INDEX_BUFFER_BIT |
    VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT;
constexpr std::uint64_t kMostUnitBytes = 1024;
constexpr std::uint64_t kArrivalNs = 5'000'000'000;
constexpr std::size_t kSweepAbove = 256;  // blocks that wait for their uploads

}  // namespace

Result<PoolAllocation> HeldPool::allocate(std::uint64_t size_bytes) {
  const std::uint64_t unit = unit_bytes_.load(std::memory_order_relaxed);
  const std::uint64_t rounded =
      size_bytes > ~std::uint64_t{0} - unit ? size_bytes : (size_bytes + unit - 1) & ~(unit - 1);
  auto made = pool_->create_buffer(rounded, kBlockUsage);
  if (!made && made.error().code == ErrorCode::kBudgetExceeded && use_count_ > 0) {
    (void)let_go();  // blocks pinned for their uploads may be what is in the way
    made = pool_->create_buffer(rounded, kBlockUsage);
  }
  FORGE3D_TRY(made);
  PoolAllocation& at = made->allocation;
  granted_bytes_.fetch_add(at.size_bytes, std::memory_order_relaxed);
  if (at.size_bytes != rounded) {  // the driver wanted more than the buffer can use
    if (unit < kMostUnitBytes) unit_bytes_ = unit * 2;  // learns the driver's unit
    const std::lock_guard lock(mutex_);
    odd_sizes_[id_of(at.handle)] = rounded;
    odd_count_ = odd_sizes_.size();
    at.size_bytes = rounded;
  }
  FORGE3D_TRY(pool_->unpin(at.handle));
  return at;
}

std::uint64_t HeldPool::usable_bytes(const PoolAllocation& at) const {
  if (odd_count_ == 0) return at.size_bytes;
  const std::lock_guard lock(mutex_);
  const auto found = odd_sizes_.find(id_of(at.handle));
  return found == odd_sizes_.end() ? at.size_bytes : found->second;
}

Result<PoolAllocation> HeldPool::lookup(PoolHandle handle) const {
  FORGE3D_TRY_ASSIGN(PoolAllocation at, pool_->lookup(handle));
  at.size_bytes = usable_bytes(at);
  return at;
}

Result<> HeldPool::release(PoolHandle handle) {
  if (use_count_ > 0)
    for (const auto& [key, use] : take_uses(id_of(handle))) (void)unpin(key, use);
  FORGE3D_TRY(pool_->release(handle));
  if (odd_count_ > 0 && !pool_->lookup(handle)) {
    const std::lock_guard lock(mutex_);
    odd_sizes_.erase(id_of(handle));
    odd_count_ = odd_sizes_.size();
  }
  return {};
}

// The uses of a block that is about to be released.
HeldPool::UseList HeldPool::take_uses(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  UseList taken;
  for (auto at = uses_.lower_bound({id, nullptr}); at != uses_.end() && at->first.first == id;) {
    taken.push_back(*at);
    at = uses_.erase(at);
  }
  use_count_ = uses_.size();
  return taken;
}

HeldPool::UseList HeldPool::take_all_uses() {
  const std::lock_guard lock(mutex_);
  UseList taken(uses_.begin(), uses_.end());
  uses_.clear();
  use_count_ = 0;
  return taken;
}

Result<BufferRegion> HeldPool::pinned_region(PoolHandle handle, std::uint64_t offset_bytes) {
  // The reference keeps the memory should somebody release the block meanwhile.
  FORGE3D_TRY(pool_->retain(handle));
  const auto at = pool_->pin(handle);
  if (!at) {
    (void)pool_->release(handle);
    return tl::unexpected(at.error());
  }
  return BufferRegion{
      .buffer = at->buffer, .offset_bytes = offset_bytes, .buffer_size_bytes = usable_bytes(*at)};
}

Result<StagingTicket> HeldPool::upload(const std::shared_ptr<StagingRing>& ring, PoolHandle handle,
                                       std::uint64_t offset_bytes, std::span<const std::byte> data,
                                       std::uint64_t timeout_ns) {
  FORGE3D_TRY_ASSIGN(const BufferRegion region, pinned_region(handle, offset_bytes));
  auto ticket = ring->upload(region, data, timeout_ns);
  if (ticket) {
    keep_pinned(ring, handle, *ticket);
  } else {
    // Of a large upload a part may be under way.
    const auto flushed = ring->flush();
    let_loose(handle, flushed ? *flushed : Ticket{});
  }
  return ticket;
}

Result<Readback> HeldPool::readback(
    const std::shared_ptr<StagingRing>& ring, PoolHandle handle, std::uint64_t offset_bytes,
    const std::function<Result<Readback>(const BufferRegion&)>& start) {
  FORGE3D_TRY_ASSIGN(const BufferRegion region, pinned_region(handle, offset_bytes));
  auto reading = start(region);
  const auto flushed = ring->flush();
  let_loose(handle, flushed ? *flushed : Ticket{});
  return reading;
}

// Undoes pinned_region().
void HeldPool::let_loose(PoolHandle handle, Ticket last_use) {
  (void)pool_->unpin(handle, last_use);
  (void)pool_->release(handle, last_use);
}

// Takes over the caller's pin.
void HeldPool::keep_pinned(const std::shared_ptr<StagingRing>& ring, PoolHandle handle,
                           StagingTicket last) {
  bool is_full = false;
  {
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = uses_.try_emplace(Key{id_of(handle), ring.get()}, Use{ring, last});
    if (!is_new) {
      let_loose(handle, {});  // the one pin is there
      if (at->second.last.last < last.last) at->second.last = last;
    }
    if (uses_.size() > kSweepAbove) sweep();
    is_full = uses_.size() > kSweepAbove;
    use_count_ = uses_.size();
  }
  if (is_full) (void)let_go();
}

Ticket HeldPool::unpin(const Key& key, const Use& use) {
  Ticket done;
  if (const auto ring = use.ring.lock()) {
    const auto complete = ring->is_complete(use.last);
    if (complete && !*complete)
      if (const auto ticket = ring->ticket(use.last)) done = *ticket;
  }
  let_loose(handle_of(key.first), done);
  return done;
}

// Drops those that have arrived.
void HeldPool::sweep() {
  std::erase_if(uses_, [&](const auto& entry) {
    const auto ring = entry.second.ring.lock();
    const auto complete =
        ring == nullptr ? Result<bool>(true) : ring->is_complete(entry.second.last);
    if (complete && !*complete) return false;
    let_loose(handle_of(entry.first.first), {});
    return true;
  });
}

std::vector<Ticket> HeldPool::let_go() {
  std::vector<Ticket> tickets;
  for (const auto& [key, use] : take_all_uses()) tickets.push_back(unpin(key, use));
  return tickets;
}

Result<PoolMoves> HeldPool::defragment() {
  // A block that a copy still goes to would be a wall. A timeout or a lost device is told below.
  for (const Ticket ticket : let_go()) (void)device_->wait(ticket, kArrivalNs);
  return pool_->defragment();
}

}  // namespace forge3d::python
