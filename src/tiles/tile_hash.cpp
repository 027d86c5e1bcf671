// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/tile_hash.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace forge3d::tiles {
namespace {

constexpr std::size_t kLanes = 4;  // enough independent multiplies to hide their latency
constexpr std::size_t kStepBytes = kLanes * sizeof(std::uint64_t);

// Odd numbers without a pattern: fractions of sqrt(2), sqrt(3), sqrt(5), sqrt(7).
constexpr std::array<std::uint64_t, kLanes> kMultipliers{0x6a09e667f3bcc909, 0xbb67ae8584caa73b,
                                                         0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1};

/// A bijection in which every input bit reaches every output bit (two multiply and xor-shift
/// rounds).
std::uint64_t avalanche(std::uint64_t value) {
  value = (value ^ (value >> 32)) * kMultipliers[0];
  value = (value ^ (value >> 29)) * kMultipliers[1];
  return value ^ (value >> 32);
}

/// Each lane absorbs every fourth word by a step that is a bijection of lane and of word.
struct Lanes {
  std::array<std::uint64_t, kLanes> state = kMultipliers;

  void absorb(const std::uint8_t* bytes) {
    std::array<std::uint64_t, kLanes> words;
    std::memcpy(words.data(), bytes, kStepBytes);
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint64_t mixed = (state[i] ^ words[i]) * kMultipliers[i];
      state[i] = mixed ^ (mixed >> 32);
    }
  }

  [[nodiscard]] TileHash finish() const {
    TileHash hash;
    for (std::size_t i = 0; i < kLanes; ++i) {
      hash.low = avalanche(hash.low ^ state[i]);
      hash.high = avalanche(std::rotl(hash.high, 23) + state[kLanes - 1 - i]);
    }
    return hash;
  }
};

}  // namespace

TileHash hash_tile(Rgba8View tile) {
  Lanes lanes;
  const std::size_t used_bytes = std::size_t{tile.width} * 4;
  for (std::uint32_t y = 0; y < tile.height; ++y) {
    const std::uint8_t* row = tile.pixels + y * tile.row_bytes;
    for (std::size_t at = 0; at + kStepBytes <= used_bytes; at += kStepBytes)
      lanes.absorb(row + at);
  }
  return lanes.finish();
}

std::optional<std::uint64_t> SeenTiles::find(const TileHash& hash) {
  if (const auto found = young_.find(hash); found != young_.end()) return found->second;
  const auto found = old_.find(hash);
  if (found == old_.end()) return std::nullopt;
  const std::uint64_t content = found->second;
  insert(hash, content);
  return content;
}

void SeenTiles::insert(const TileHash& hash, std::uint64_t content) {
  if (young_.size() >= capacity_) {
    old_ = std::move(young_);
    young_ = {};
  }
  young_.emplace(hash, content);
}

}  // namespace forge3d::tiles
