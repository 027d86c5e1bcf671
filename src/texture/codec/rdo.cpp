// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/rdo.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/worker_pool.hpp"
#include "texture/codec/rdo_chunk.hpp"

namespace forge3d::codec {
namespace {

/// Blocks of a chunk, at least; its first row finds nothing to copy from above.
constexpr std::uint32_t kChunkBlocks = 4096;
constexpr int kMostHalvings = 8;

/// A level cut into chunks of whole rows, which are searched each for itself.
class Cut {
 public:
  Cut(const LevelBlocks& level, const LevelBlocks& plain, const LiteralBits& literals,
      const RdoDesc& desc)
      : blocks_(std::max(1u, kChunkBlocks / level.columns()) * level.columns()) {
    chunks_.reserve(level.count() / blocks_ + 1);
    for (std::uint32_t first = 0; first < level.count(); first += blocks_)
      chunks_.emplace_back(level, plain, literals, desc.lambda, desc.code, first,
                           std::min(blocks_, level.count() - first));
    core::parallel_for(level.threads(), chunks_.size(),
                       [&](std::uint64_t chunk) { chunks_[chunk].run(); });
  }
  [[nodiscard]] std::uint64_t squared_error() const {
    std::uint64_t sum = 0;
    for (const RdoChunk& chunk : chunks_)
      for (const std::uint32_t error : chunk.errors()) sum += error;
    return sum;
  }
  /// Puts the blocks into `level`; returns how many were different there.
  std::uint32_t store(LevelBlocks& level) const {
    std::uint32_t changed = 0;
    for (std::uint32_t block = 0; block < level.count(); ++block) {
      const RdoChunk& chunk = chunks_[block / blocks_];
      const auto* bytes = reinterpret_cast<const std::byte*>(chunk.bytes_of(block % blocks_));
      if (std::memcmp(bytes, level.bytes_of(block), level.block_bytes()) == 0) continue;
      level.replace(block, bytes, chunk.errors()[block % blocks_]);
      ++changed;
    }
    return changed;
  }

 private:
  std::uint32_t blocks_;  // of a chunk
  std::vector<RdoChunk> chunks_;
};

}  // namespace

Result<std::uint32_t> trade_error_for_bits(LevelBlocks& level, const RdoDesc& desc) {
  RdoDesc trial = desc;
  LevelBlocks plain(level.format(), level.texels(), level.threads());
  FORGE3D_TRY(plain.encode(Quality::kFast));
  const LiteralBits literals(level.bytes());
  for (int halving = 0; halving <= kMostHalvings && trial.lambda > 0;
       ++halving, trial.lambda /= 2) {
    const Cut cut(level, plain, literals, trial);
    if (cut.squared_error() <= desc.most_error) return cut.store(level);
  }
  return 0u;
}

}  // namespace forge3d::codec
