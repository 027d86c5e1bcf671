// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <forge3d/memory_pool.hpp>
#include <forge3d/staging_ring.hpp>
#include <vector>

using namespace forge3d;

// Bytes through a ring into a buffer of a pool, and back.
static Result<bool> round_trip() {
  FORGE3D_TRY_ASSIGN(const auto device, Device::create());
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(device, {.upload_bytes = kMebibyte}));
  FORGE3D_TRY_ASSIGN(const auto pool, MemoryPool::create(device));
  const std::vector<std::byte> data(3'000'000, std::byte{42});
  FORGE3D_TRY_ASSIGN(const PoolBuffer buffer,
                     pool->create_buffer(data.size(), VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                                          VK_BUFFER_USAGE_TRANSFER_DST_BIT));
  const BufferRegion region{.buffer = buffer.buffer, .buffer_size_bytes = data.size()};
  FORGE3D_TRY(ring->upload(region, data));
  FORGE3D_TRY_ASSIGN(Readback readback, ring->readback(region, data.size()));
  FORGE3D_TRY_ASSIGN(const auto bytes, readback.get());
  const bool same = std::equal(bytes.begin(), bytes.end(), data.begin(), data.end());
  FORGE3D_TRY(pool->release(buffer.allocation.handle));
  return same;
}

int main() {
  const auto same = round_trip();
  if (!same) std::printf("%s\n", same.error().to_string().c_str());
  return same && *same ? 0 : 1;
}
