// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RawLevels: any rectangle of any level of raw blocks, the missing levels made on the way.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tiles/sources/area_filter.hpp"
#include "tiles/sources/block_cache.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {

/// Pixels of levels with Vulkan's extents. A level that the source stores so is read; one with
/// extents rounded up is resampled; others are filtered from the next finer level. Blocks, read or
/// made, are kept in a cache. Thread-safe.
class RawLevels {
 public:
  struct Desc {
    std::uint32_t levels = 1;
    std::uint32_t page_texels = 256;  ///< A side of the blocks of made levels.
    std::uint64_t cache_bytes = std::uint64_t{64} << 20;
    /// A page of a made level may need this many pages of stored ones.
    std::uint64_t max_made_pages = 4096;
  };
  /// Errors: kNotSupported when a level would need more pages than that.
  [[nodiscard]] static Result<std::unique_ptr<RawLevels>> create(
      std::shared_ptr<const RawPages> pages, const Desc& desc);

  [[nodiscard]] const RawPages& pages() const { return *pages_; }

  /// Fills `out` with a rectangle in the source's samples; what lies outside the level repeats its
  /// edge. REQUIRES: the rectangle touches the level; out.size() is the rectangle's. Errors: those
  /// of the source.
  [[nodiscard]] Result<> read(std::uint32_t level, std::int64_t x, std::int64_t y,
                              std::uint32_t width, std::uint32_t height,
                              std::span<std::byte> out) const;

 private:
  /// Blocks of one kind and level.
  struct Grid {
    std::uint32_t number = 0;  // in the cache
    RawLevel shape;
    bool stored = false;
    std::uint32_t level = 0;  // of the source where stored
    // Of made ones: what they are filtered from, and how.
    std::uint32_t base = 0;
    AreaAxis across, down;
  };
  struct Rectangle {
    std::uint32_t x = 0, y = 0, width = 0, height = 0;
  };
  RawLevels(std::shared_ptr<const RawPages> pages, const Desc& desc);
  void add_stored(std::uint32_t level, const RawLevel& shape);
  void add_made(std::uint32_t level, double covered_x, double covered_y);
  [[nodiscard]] Result<> plan();
  [[nodiscard]] Result<> check_cost(std::uint32_t level, std::uint32_t base) const;
  [[nodiscard]] Result<> read_inside(const Grid& grid, Rectangle rectangle,
                                     std::span<std::byte> out, std::size_t row_bytes) const;
  [[nodiscard]] Result<BlockCache::Bytes> make_block(const Grid& grid, std::uint32_t x,
                                                     std::uint32_t y) const;
  [[nodiscard]] Result<BlockCache::Bytes> filter_block(const Grid& grid, std::uint32_t x,
                                                       std::uint32_t y) const;

  std::shared_ptr<const RawPages> pages_;
  Desc desc_;
  std::size_t pixel_bytes_ = 0;
  std::vector<Grid> grids_;              // a made one after what it is made of
  std::vector<std::uint32_t> of_level_;  // the grid that holds a level
  mutable BlockCache cache_;
};

/// Fills what of a picture of `width` x `height` pixels lies outside [left, right) x [top, bottom)
/// with the nearest pixels inside. REQUIRES: the inside is not empty.
void repeat_edges(std::span<std::byte> pixels, std::size_t pixel_bytes, std::uint32_t width,
                  std::uint32_t height, std::uint32_t left, std::uint32_t top, std::uint32_t right,
                  std::uint32_t bottom);

}  // namespace forge3d::tiles
