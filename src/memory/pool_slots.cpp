// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/pool_slots.hpp"

namespace forge3d {

PoolSlots::PoolSlots(std::uint32_t first_generation, std::uint32_t last_generation)
    : first_generation_(first_generation), last_generation_(last_generation) {}

PoolSlots::~PoolSlots() {
  for (auto& chunk : chunks_) delete chunk.load();
}

std::uint32_t PoolSlots::add_spare() {
  std::lock_guard lock(mutex_);
  const std::uint32_t first = size_.load(std::memory_order_relaxed);
  if (first == kMaxSlots) return kNone;
  if (first % kChunk == 0) add_chunk(first / kChunk);
  for (std::uint32_t i = first; i < first + kBatch; ++i) (*this)[i].id = i + 1;
  (*this)[first + kBatch - 1].id = kNone;
  size_.store(first + kBatch, std::memory_order_release);
  return first;
}

void PoolSlots::add_chunk(std::uint32_t number) {
  auto* chunk = new Chunk;
  for (PoolSlot& slot : chunk->slots)
    slot.state.store(std::uint64_t{first_generation_} << 32, std::memory_order_relaxed);
  chunks_[number].store(chunk, std::memory_order_relaxed);
}

void PoolSlots::set_name(std::uint32_t index, std::string_view name) const {
  extra(index).name.assign(name);
  (*this)[index].named = true;
  (*this)[index].plain = false;
}

void PoolSlots::clean(std::uint32_t index) const {
  PoolSlot& slot = (*this)[index];
  slot.buffer = VK_NULL_HANDLE;
  slot.image = VK_NULL_HANDLE;
  slot.ready = {};
  slot.reported = slot.stays = slot.used = slot.named = false;
  slot.plain = true;
  extra(index).last_use = {};
}

}  // namespace forge3d
