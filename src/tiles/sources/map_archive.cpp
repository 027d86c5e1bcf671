// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/map_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <tuple>
#include <utility>
#include <vector>

#include "forge3d/format.hpp"
#include "forge3d/tile_source.hpp"
#include "tiles/archive_directories.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/inflate.hpp"
#include "tiles/sources/raster_tile.hpp"

namespace forge3d::tiles {
namespace {

/// Tiles [x0, x1) x [y0, y1) of max zoom.
struct TileBox {
  std::uint64_t x0 = 0, y0 = 0, x1 = 1, y1 = 1;
};

/// First and last tile of a stretch of the map's side, given from 0 to 1.
std::pair<std::uint64_t, std::uint64_t> tiles_between(double from, double to, std::uint32_t zoom) {
  // Bounds are rounded to 1e-7 degrees, which is less than this at any zoom that is read.
  constexpr double kSlack = 0.02;
  const auto tiles = static_cast<double>(std::uint64_t{1} << zoom);
  const double first = std::clamp(std::floor(from * tiles + kSlack), 0.0, tiles - 1);
  const double last = std::clamp(std::ceil(to * tiles - kSlack), first + 1, tiles);
  return {static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last)};
}

double mercator_y(std::int32_t latitude_e7) {
  constexpr double kLimit = 85.0511287798066;
  const double degrees = std::clamp(latitude_e7 * 1e-7, -kLimit, kLimit);
  return 0.5 - std::asinh(std::tan(degrees * std::numbers::pi / 180)) / (2 * std::numbers::pi);
}

/// Bounds that enclose nothing say nothing: the whole map.
TileBox box_of(const PmtilesHeader& header) {
  TileBox box{0, 0, std::uint64_t{1} << header.max_zoom, std::uint64_t{1} << header.max_zoom};
  if (header.min_longitude_e7 >= header.max_longitude_e7 ||
      header.min_latitude_e7 >= header.max_latitude_e7)
    return box;
  const auto along = [](std::int32_t longitude_e7) { return (longitude_e7 * 1e-7 + 180) / 360; };
  std::tie(box.x0, box.x1) = tiles_between(along(header.min_longitude_e7),
                                           along(header.max_longitude_e7), header.max_zoom);
  std::tie(box.y0, box.y1) = tiles_between(mercator_y(header.max_latitude_e7),
                                           mercator_y(header.min_latitude_e7), header.max_zoom);
  return box;
}

/// Moves the corner to where it is a whole texel at every level of a pyramid.
void align_corner(TileBox& box, std::uint32_t tile_texels, std::uint32_t page_texels) {
  const std::uint64_t texels = std::max(box.x1 - box.x0, box.y1 - box.y0) * tile_texels;
  // One level more than there may be: moving the corner makes the picture larger.
  const auto levels =
      static_cast<std::uint32_t>(std::bit_width((texels + page_texels - 1) / page_texels)) + 1;
  const auto in_tile = static_cast<std::uint32_t>(std::countr_zero(tile_texels));
  const std::uint64_t step = std::uint64_t{1} << (levels > in_tile ? levels - in_tile : 0);
  box.x0 -= box.x0 % step;
  box.y0 -= box.y0 % step;
}

class MapPages final : public RawPages {
 public:
  MapPages(std::shared_ptr<PmtilesReader> archive, const RasterShape& tile, const TileBox& box)
      : archive_(std::move(archive)), tile_(tile), box_(box) {
    info_ = {static_cast<std::uint32_t>((box.x1 - box.x0) * tile.width),
             static_cast<std::uint32_t>((box.y1 - box.y0) * tile.width), 4, SampleType::kU8, true};
  }

  [[nodiscard]] const ImageInfo& info() const override { return info_; }
  [[nodiscard]] std::string name() const override { return archive_->source().name(); }

  [[nodiscard]] std::optional<RawLevel> level(std::uint32_t level) const override {
    const PmtilesHeader& header = archive_->header();
    if (level + header.min_zoom > header.max_zoom) return std::nullopt;
    const auto origin = [&](std::uint64_t tile) {
      return static_cast<std::uint32_t>(first_texel(tile, level) % tile_.width);
    };
    return RawLevel{mip_extent(info_.width, level),
                    mip_extent(info_.height, level),
                    tile_.width,
                    tile_.width,
                    origin(box_.x0),
                    origin(box_.y0)};
  }

  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                    std::span<std::byte> out) const override {
    const std::uint32_t zoom = archive_->header().max_zoom - level;
    const std::uint64_t map_x = first_texel(box_.x0, level) / tile_.width + x;
    const std::uint64_t map_y = first_texel(box_.y0, level) / tile_.width + y;
    if ((map_x | map_y) >> zoom != 0) return {};  // beyond the map's end
    FORGE3D_TRY_ASSIGN(const auto extent, archive_->find(pmtiles_tile_id(zoom, map_x, map_y)));
    if (!extent) return {};
    const std::string tile = fmt::format("{}: tile {}/{}/{}", name(), zoom, map_x, map_y);
    FORGE3D_TRY_ASSIGN(const auto bytes, read_map_tile(*archive_, *extent, tile));
    FORGE3D_TRY_ASSIGN(const RasterShape shape, raster_shape(bytes, tile));
    if (shape == tile_) return decode_raster(bytes, shape, tile, out);
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: is {} of {} x {}, the archive's tiles are {} of {} x {}", tile,
                            to_string(shape.kind), shape.width, shape.height, to_string(tile_.kind),
                            tile_.width, tile_.height));
  }

  /// The bytes of one tile, without the archive's compression.
  static Result<std::vector<std::byte>> read_map_tile(const PmtilesReader& archive,
                                                      const PmtilesReader::Extent& extent,
                                                      const std::string& tile) {
    if (extent.size_bytes > kMaxInflatedBytes)
      return fail(ErrorCode::kInvalidFile, fmt::format("{}: claims {} bytes, at most {} are read",
                                                       tile, extent.size_bytes, kMaxInflatedBytes));
    std::vector<std::byte> bytes(static_cast<std::size_t>(extent.size_bytes));
    FORGE3D_TRY(archive.source().read(extent.offset, bytes));
    const PmtilesCompression compression = archive.header().tile_compression;
    if (compression == PmtilesCompression::kNone || compression == PmtilesCompression::kUnknown)
      return bytes;
    return inflate(compression, bytes, tile);
  }

 private:
  [[nodiscard]] std::uint64_t first_texel(std::uint64_t tile, std::uint32_t level) const {
    return (tile * tile_.width) >> level;
  }

  std::shared_ptr<PmtilesReader> archive_;
  RasterShape tile_;
  TileBox box_;
  ImageInfo info_;
};

/// The last tile of the directories: one of the deepest zoom.
Result<PmtilesReader::Extent> last_tile(const std::shared_ptr<const ByteSource>& source,
                                        const PmtilesHeader& header) {
  std::vector<std::byte> root(static_cast<std::size_t>(header.root_bytes));
  FORGE3D_TRY(source->read(header.root_offset, root));
  FORGE3D_TRY_ASSIGN(const auto tree, ArchiveDirectories::open(source, header, root));
  std::shared_ptr<const Directory> keep;  // holds the leaf that `directory` is
  const Directory* directory = &tree->root();
  for (std::uint32_t depth = 1; depth <= kMaxDirectoryDepth; ++depth) {
    const DirectoryEntry& entry = directory->back();  // decoded directories have entries
    if (!entry.is_leaf())
      return PmtilesReader::Extent{header.data_offset + entry.offset, entry.size_bytes};
    FORGE3D_TRY_ASSIGN(keep, tree->read_leaf(entry, tree->end_id()));
    directory = keep.get();
  }
  return fail(ErrorCode::kInvalidFile,
              source->name() + ": leaf directories nest too deep or in a circle");
}

RasterKind kind_of(PmtilesTileType type) {
  switch (type) {
    case PmtilesTileType::kPng:
      return RasterKind::kPng;
    case PmtilesTileType::kJpeg:
      return RasterKind::kJpeg;
    case PmtilesTileType::kWebp:
      return RasterKind::kWebp;
    default:
      return RasterKind::kUnknown;
  }
}

Result<RasterShape> shape_of_tiles(const PmtilesReader& archive,
                                   const std::shared_ptr<const ByteSource>& source) {
  const PmtilesHeader& header = archive.header();
  const std::string tile = source->name() + ": its last tile";
  if (header.tile_type == PmtilesTileType::kMvt || header.tile_type == PmtilesTileType::kAvif)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: tiles of type {} are not read: PNG, JPEG, WebP and KTX2 are",
                            source->name(), static_cast<int>(header.tile_type)));
  FORGE3D_TRY_ASSIGN(const auto extent, last_tile(source, header));
  FORGE3D_TRY_ASSIGN(const auto bytes, MapPages::read_map_tile(archive, extent, tile));
  FORGE3D_TRY_ASSIGN(const RasterShape shape, raster_shape(bytes, tile));
  if (shape.width != shape.height)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: is {} x {}, must be square", tile, shape.width, shape.height));
  const RasterKind said = kind_of(header.tile_type);
  if (said != RasterKind::kUnknown && said != shape.kind)
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: is {}, the header says {}", tile,
                                                     to_string(shape.kind), to_string(said)));
  return shape;
}

Result<std::shared_ptr<const RawPages>> open_unguarded(std::shared_ptr<PmtilesReader> archive,
                                                       std::uint32_t page_texels) {
  const std::shared_ptr<const ByteSource> source(archive, &archive->source());
  FORGE3D_TRY_ASSIGN(const RasterShape tile, shape_of_tiles(*archive, source));
  TileBox box = box_of(archive->header());
  align_corner(box, tile.width, std::max(page_texels, 1u));
  for (const auto& [name, tiles] :
       {std::pair{"wide", box.x1 - box.x0}, std::pair{"high", box.y1 - box.y0}})
    if (tiles * tile.width > kMaxPyramidExtent)
      return fail(ErrorCode::kNotSupported,
                  fmt::format("{}: its bounds are {} texels {} at zoom {}, at most {} are read",
                              source->name(), tiles * tile.width, name, archive->header().max_zoom,
                              kMaxPyramidExtent));
  return std::make_shared<const MapPages>(std::move(archive), tile, box);
}

}  // namespace

Result<std::shared_ptr<const RawPages>> open_map_pages(std::shared_ptr<PmtilesReader> archive,
                                                       std::uint32_t page_texels) {
  return guard_memory("no memory to open an archive",
                      [&] { return open_unguarded(std::move(archive), page_texels); });
}

}  // namespace forge3d::tiles
