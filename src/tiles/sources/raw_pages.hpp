// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RawPages: what a file of pictures gives before it becomes stored tiles.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "forge3d/image.hpp"

namespace forge3d::tiles {

/// One level as its file stores it: blocks of one size (TIFF tiles or strips, map tiles, a whole
/// picture). The level begins `origin` texels into block (0, 0); what of a block lies outside the
/// level is never looked at.
struct RawLevel {
  std::uint32_t width = 0, height = 0;
  std::uint32_t block_width = 0, block_height = 0;
  std::uint32_t origin_x = 0, origin_y = 0;
};

/// A source of raw blocks: pixels without borders, in the samples of info(). Thread-safe.
class RawPages {
 public:
  virtual ~RawPages() = default;
  /// The extent of level 0, and the samples of every level.
  [[nodiscard]] virtual const ImageInfo& info() const = 0;
  /// The level, if the file has it: with Vulkan's extents (rounded down) or with extents rounded
  /// up, as most writers of overviews make them. Level 0 is always there.
  [[nodiscard]] virtual std::optional<RawLevel> level(std::uint32_t level) const = 0;
  /// Fills `out` with a block, rows of block_width texels. REQUIRES: the level is there and the
  /// block touches it; out.size() is the block's. Errors: those of the file.
  [[nodiscard]] virtual Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                            std::span<std::byte> out) const = 0;
  /// What messages call it.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Bytes of one pixel.
[[nodiscard]] inline std::size_t pixel_bytes(const ImageInfo& info) {
  return std::size_t{info.channels} * sample_bytes(info.type);
}

/// Bytes of one block of a level.
[[nodiscard]] inline std::size_t block_bytes(const ImageInfo& info, const RawLevel& level) {
  return std::size_t{level.block_width} * level.block_height * pixel_bytes(info);
}

}  // namespace forge3d::tiles
