// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Memory pools (O2): thousands of buffers in a few blocks, defragmented while they hold data.
// usage: memory_pools_demo [OUT_FOLDER [FILE]]     FILE: whose bytes the buffers hold
//
// The one idea: a handle stays, a place does not. Whoever unpins an allocation lets the pool move
// it; pin() says where it is now.

#include <algorithm>
#include <forge3d/memory_pool.hpp>
#include <forge3d/staging_ring.hpp>
#include <random>

#include "demo.hpp"

using namespace demo;

constexpr std::uint64_t kPoolBytes = 32 * kMebibyte, kBlockBytes = 8 * kMebibyte;

struct Mesh {
  PoolHandle handle;
  std::uint64_t size_bytes = 0, first_byte = 0;  // of the data that it holds
};

struct World {
  std::shared_ptr<StagingRing> ring;
  std::shared_ptr<MemoryPool> pool;
  std::vector<std::byte> data;  // what meshes hold parts of
  std::vector<Mesh> meshes;
  std::mt19937 random{1};
};

/// A buffer in the pool, filled through the ring, free to move once it is.
static Result<> add_mesh(World& world) {
  // Most are small, a few are large, as meshes are.
  std::uniform_real_distribution<double> exponent(10, 18);
  Mesh mesh;
  mesh.size_bytes =
      std::min<std::uint64_t>(std::uint64_t(std::exp2(exponent(world.random))), world.data.size());
  mesh.first_byte = world.random() % (world.data.size() - mesh.size_bytes + 1);
  FORGE3D_TRY_ASSIGN(const PoolBuffer buffer,
                     world.pool->create_buffer(mesh.size_bytes,
                                               VK_BUFFER_USAGE_VERTEX_BUFFER_BIT |
                                                   VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                                   VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                               "mesh"));
  mesh.handle = buffer.allocation.handle;
  const BufferRegion region{.buffer = buffer.buffer, .buffer_size_bytes = mesh.size_bytes};
  FORGE3D_TRY_ASSIGN(
      const StagingTicket upload,
      world.ring->upload(region, std::span(world.data).subspan(mesh.first_byte, mesh.size_bytes)));
  // It is a wall for moves until its bytes have arrived; from then on the pool may carry it away.
  FORGE3D_TRY_ASSIGN(const Ticket arrived, world.ring->ticket(upload));
  FORGE3D_TRY(world.pool->unpin(mesh.handle, arrived));
  world.meshes.push_back(mesh);
  return {};
}

static Result<> remove_mesh(World& world) {
  std::swap(world.meshes[world.random() % world.meshes.size()], world.meshes.back());
  FORGE3D_TRY(world.pool->release(world.meshes.back().handle));
  world.meshes.pop_back();
  return {};
}

/// Levels come and go: holes everywhere.
static Result<> churn(World& world) {
  for (int i = 0; i < 1500; ++i) {
    while (world.pool->stats().used_bytes > kPoolBytes * 85 / 100) FORGE3D_TRY(remove_mesh(world));
    FORGE3D_TRY(add_mesh(world));
  }
  while (world.pool->stats().used_bytes > kPoolBytes / 2) FORGE3D_TRY(remove_mesh(world));
  return {};
}

static void print_pool(const char* when, const PoolStats& stats) {
  fmt::print(
      "{} {:5} buffers, {:4.1f} of {:4.1f} MB in {} blocks, largest hole {:5.2f} MB, "
      "fragmentation {:.3f}\n",
      when, stats.active_allocations, double(stats.used_bytes) / 1e6,
      double(stats.block_bytes) / 1e6, stats.block_count,
      double(stats.largest_free_block_bytes) / 1e6, stats.fragmentation_ratio);
}

/// Each block is a band; dark is used.
static Result<> save_heap(const World& world, const std::filesystem::path& path) {
  const PoolStats stats = world.pool->stats(true);
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < stats.blocks.size(); ++i)
    boxes.push_back({0, 30.0 * double(i), 800, 26, "#dde4ea"});
  for (const Mesh& mesh : world.meshes) {
    FORGE3D_TRY_ASSIGN(const PoolAllocation at, world.pool->lookup(mesh.handle));
    const double scale = 800.0 / double(kBlockBytes);
    boxes.push_back({double(at.offset_bytes) * scale, 30.0 * at.block,
                     double(at.size_bytes) * scale, 26, "#246"});
  }
  return save_svg(path, 800, 30.0 * double(stats.blocks.size()), boxes);
}

/// Reads every buffer where it is now.
static Result<> check_meshes(World& world) {
  for (const Mesh& mesh : world.meshes) {
    FORGE3D_TRY_ASSIGN(const PoolAllocation at, world.pool->pin(mesh.handle));
    const BufferRegion region{.buffer = at.buffer, .buffer_size_bytes = mesh.size_bytes};
    FORGE3D_TRY_ASSIGN(Readback readback, world.ring->readback(region, mesh.size_bytes));
    FORGE3D_TRY_ASSIGN(const auto bytes, readback.get());
    FORGE3D_TRY(world.pool->unpin(mesh.handle));
    if (!std::equal(bytes.begin(), bytes.end(), world.data.begin() + mesh.first_byte))
      return fail(ErrorCode::kInternal, "a buffer has lost its bytes");
  }
  return {};
}

static Result<> memory_pools(const Arguments& arguments) {
  World world;
  FORGE3D_TRY_ASSIGN(world.data, input_bytes(arguments, kMebibyte));
  FORGE3D_TRY_ASSIGN(const auto device, Device::create());
  FORGE3D_TRY_ASSIGN(world.ring, StagingRing::create(device, {.upload_bytes = 4 * kMebibyte,
                                                              .readback_bytes = kMebibyte}));
  FORGE3D_TRY_ASSIGN(world.pool, MemoryPool::create(device, {.block_bytes = kBlockBytes,
                                                             .max_bytes = kPoolBytes}));
  FORGE3D_TRY(churn(world));
  print_pool("before:", world.pool->stats());
  FORGE3D_TRY(save_heap(world, arguments.out / "pool_before.svg"));

  FORGE3D_TRY_ASSIGN(const PoolMoves moves, world.pool->defragment());
  print_pool("after: ", world.pool->stats());
  FORGE3D_TRY(save_heap(world, arguments.out / "pool_after.svg"));
  fmt::print("moved:  {} buffers, {:.1f} MB in {:.1f} ms; {} blocks given back\n",
             moves.blocks_moved, double(moves.bytes_compacted) / 1e6, moves.time_ms,
             moves.blocks_released);
  FORGE3D_TRY_ASSIGN(const auto moved, world.pool->moved());
  fmt::print("moved(): {} have moved since it was asked last: descriptors to write anew\n",
             moved.size());
  FORGE3D_TRY(check_meshes(world));
  fmt::print("checked: all {} buffers hold their bytes\n", world.meshes.size());
  const PoolStats stats = world.pool->stats(true);
  fmt::print("driver:  {} allocations for {} buffers; a request takes {:.2f} us (p50)\n",
             stats.device_allocations, stats.total_allocated,
             double(stats.allocation_p50_ns) / 1e3);
  // Exhaustion is an answer with figures in it.
  const auto refused = world.pool->create_buffer(2 * kPoolBytes, VK_BUFFER_USAGE_VERTEX_BUFFER_BIT);
  if (refused) return fail(ErrorCode::kInternal, "a pool that grants more than it has");
  fmt::print("refusal: {}\n", refused.error().to_string());
  while (!world.meshes.empty()) FORGE3D_TRY(remove_mesh(world));
  return {};
}

int main(int argc, char** argv) { return run(argc, argv, memory_pools); }
