// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_slots.hpp"

namespace forge3d {

PoolSlots::PoolSlots(std::uint32_t first_generation, std::uint32_t last_generation)
    : first_generation_(first_generation), last_generation_(last_generation) {}

PoolSlots::~PoolSlots() {
  for (auto& chunk : chunks_) delete[] chunk.load();
}

bool PoolSlots::add_spare(std::vector<std::uint32_t>& spare) {
  spare.reserve(spare.size() + kBatch);
  std::lock_guard lock(mutex_);
  const std::uint32_t first = size_.load(std::memory_order_relaxed);
  if (first == kMaxSlots) return false;
  if (first % kChunk == 0) add_chunk(first / kChunk);
  for (std::uint32_t i = kBatch; i-- > 0;) spare.push_back(first + i);
  size_.store(first + kBatch, std::memory_order_release);
  return true;
}

void PoolSlots::add_chunk(std::uint32_t number) {
  auto* chunk = new PoolSlot[kChunk];
  for (std::uint32_t i = 0; i < kChunk; ++i)
    chunk[i].state.store(std::uint64_t{first_generation_} << 32, std::memory_order_relaxed);
  chunks_[number].store(chunk, std::memory_order_relaxed);
}

}  // namespace forge3d
