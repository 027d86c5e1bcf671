// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "held_buffer.hpp"

#include <unordered_map>

namespace forge3d::python {
namespace {

constexpr std::uint64_t kLastCopiesNs = 10'000'000'000;

// The rings that buffers of each device share. A ring keeps its device, so no entry that is alive
// is of another device.
struct SharedRings {
  std::mutex mutex;
  std::unordered_map<const Device*, std::weak_ptr<StagingRing>> by_device;
};

SharedRings& shared_rings() {
  static auto* rings = new SharedRings();
  return *rings;
}

}  // namespace

HeldBuffer::~HeldBuffer() {
  for (const auto& ring : rings()) {
    // An error here is a lost device or a ring that failed: nothing runs any more.
    if (const auto ticket = ring->flush()) (void)device_->wait(*ticket, kLastCopiesNs);
  }
}

// Those that are alive; one that ended has waited for its copies.
std::vector<std::shared_ptr<StagingRing>> HeldBuffer::rings() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<StagingRing>> alive;
  for (const auto& weak : rings_)
    if (auto ring = weak.lock()) alive.push_back(std::move(ring));
  return alive;
}

void HeldBuffer::flush_rings() {
  for (const auto& ring : rings())
    (void)ring->flush();  // its error comes from the ring's own calls
}

Result<std::shared_ptr<StagingRing>> HeldBuffer::transfer_ring() {
  SharedRings& shared = shared_rings();
  const std::lock_guard all(shared.mutex);
  const std::lock_guard lock(mutex_);
  if (transfer_ring_ != nullptr) return transfer_ring_;
  std::weak_ptr<StagingRing>& known = shared.by_device[device_.get()];
  transfer_ring_ = known.lock();
  if (transfer_ring_ != nullptr) return transfer_ring_;
  FORGE3D_TRY_ASSIGN(transfer_ring_, StagingRing::create(device_, {.upload_bytes = 4 * kMebibyte,
                                                                   .readback_bytes = 4 * kMebibyte,
                                                                   .debug_name = "buffers"}));
  known = transfer_ring_;
  return transfer_ring_;
}

void HeldBuffer::used_by(const std::shared_ptr<StagingRing>& ring) {
  const std::lock_guard lock(mutex_);
  std::erase_if(rings_, [](const auto& known) { return known.expired(); });
  for (const auto& known : rings_)
    if (!known.owner_before(ring) && !ring.owner_before(known)) return;
  rings_.emplace_back(ring);
}

}  // namespace forge3d::python
