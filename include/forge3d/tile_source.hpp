// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tiles of a picture pyramid: addresses, geometry, and the interface every source of tiles answers.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "forge3d/format.hpp"
#include "forge3d/image.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

/// One page of one mip level. Level 0 is the finest; x and y count pages from the top left.
struct TileAddress {
  std::uint32_t level = 0;
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  friend auto operator<=>(const TileAddress&, const TileAddress&) = default;
};

/// Largest width and height of a tiled picture.
inline constexpr std::uint32_t kMaxPyramidExtent = 1u << 20;

/// The shape of a tiled picture. Mip extents are Vulkan's (max(1, extent >> level)); the last level
/// is the first that fits one page. A stored tile is page_texels + 2 * border_texels a side, at
/// every level and edge: what lies outside the level repeats its edge texels.
struct TilePyramid {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t page_texels = 256;  ///< Payload a side: a power of two, 64..512.
  std::uint32_t border_texels = 4;  ///< A multiple of 4 (blocks stay aligned), at most half a page.
  std::uint32_t levels = 1;
  Format format = Format::kUndefined;

  [[nodiscard]] std::uint32_t tile_texels() const { return page_texels + 2 * border_texels; }
  [[nodiscard]] std::uint32_t level_width(std::uint32_t level) const {
    return mip_extent(width, level);
  }
  [[nodiscard]] std::uint32_t level_height(std::uint32_t level) const {
    return mip_extent(height, level);
  }
  [[nodiscard]] std::uint32_t pages_x(std::uint32_t level) const {
    return (level_width(level) + page_texels - 1) / page_texels;
  }
  [[nodiscard]] std::uint32_t pages_y(std::uint32_t level) const {
    return (level_height(level) + page_texels - 1) / page_texels;
  }
  [[nodiscard]] bool contains(TileAddress a) const {
    return a.level < levels && a.x < pages_x(a.level) && a.y < pages_y(a.level);
  }
  /// Plain bytes of one stored tile.
  [[nodiscard]] std::uint64_t tile_bytes() const;
  /// Pages of all levels.
  [[nodiscard]] std::uint64_t page_count() const;
};

/// Checks the rules above and fills in `levels`. Errors: kInvalidArgument names the field;
/// kNotSupported for a format that cannot be tiled.
[[nodiscard]] Result<TilePyramid> make_tile_pyramid(std::uint32_t width, std::uint32_t height,
                                                    Format format, std::uint32_t page_texels = 256,
                                                    std::uint32_t border_texels = 4);

/// Where tiles come from. read_tile is called from several threads at once.
class TileSource {
 public:
  virtual ~TileSource() = default;
  [[nodiscard]] virtual const TilePyramid& pyramid() const = 0;
  /// Fills `out` with the plain bytes of the stored tile (inflated, in pyramid().format). REQUIRES:
  /// out.size() == tile_bytes(). Errors: kInvalidArgument (no such tile), kIo, kInvalidFile (the
  /// tile does not decode or has another size or format).
  [[nodiscard]] virtual Result<> read_tile(TileAddress address, std::span<std::byte> out) const = 0;
  /// What messages call it.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Tiles cut from a picture held in memory, mips made on creation, encoded to `format` (as in
/// TilerDesc) when a tile is read. Errors: as make_tile_pyramid and make_mips.
[[nodiscard]] Result<std::shared_ptr<TileSource>> make_image_tile_source(
    Image image, Format format, std::uint32_t page_texels = 256, std::uint32_t border_texels = 4);

}  // namespace forge3d
