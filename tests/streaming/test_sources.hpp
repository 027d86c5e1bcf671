// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tile sources for the streaming tests: bytes that name their tile, reads that wait, reads that
// fail.

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>

#include "forge3d/tile_source.hpp"

namespace forge3d::test {

/// Every texel of a tile is made of its address, so that a foreign or torn tile shows.
class PatternSource : public TileSource {
 public:
  PatternSource(std::uint32_t width, std::uint32_t height, std::uint32_t page_texels,
                Format format = Format::kRGBA8Unorm)
      : pyramid_(make_tile_pyramid(width, height, format, page_texels, 4).value()) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return "pattern"; }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    reads_.fetch_add(1);
    if (out.size() != pyramid_.tile_bytes())
      return fail(ErrorCode::kInternal, "a buffer of another size");
    if (!pyramid_.contains(address)) return fail(ErrorCode::kInvalidArgument, "no such tile");
    fill(address, out);
    return {};
  }
  /// What read_tile gives.
  static void fill(TileAddress address, std::span<std::byte> out) {
    std::uint32_t value =
        address.level * 0x9e3779b9u + address.x * 0x85ebca6bu + address.y * 0xc2b2ae35u;
    for (std::size_t i = 0; i + 4 <= out.size(); i += 4, value += 0x01000193u)
      std::memcpy(&out[i], &value, 4);
  }
  [[nodiscard]] std::uint32_t reads() const { return reads_.load(); }

 protected:
  TilePyramid pyramid_;
  mutable std::atomic<std::uint32_t> reads_{0};
};

/// Fails the reads that `fails` names.
class FailingSource : public PatternSource {
 public:
  using PatternSource::PatternSource;
  std::function<bool(TileAddress)> fails = [](TileAddress) { return false; };
  [[nodiscard]] std::string name() const override { return "failing"; }
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    const std::lock_guard lock(mutex_);
    if (fails(address)) return fail(ErrorCode::kIo, "the disk is on fire");
    return PatternSource::read_tile(address, out);
  }

 private:
  mutable std::mutex mutex_;
};

/// Holds every read below the coarsest level until open().
class GatedSource : public PatternSource {
 public:
  using PatternSource::PatternSource;
  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    if (address.level + 1 < pyramid_.levels || pyramid_.levels == 1) {
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    }
    return PatternSource::read_tile(address, out);
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Waits until so many reads have come so far.
  void wait_until_waiting(int count) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable int waiting_ = 0;
  bool open_ = false;
};

}  // namespace forge3d::test
