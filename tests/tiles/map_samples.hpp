// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Archives of map tiles, put together by hand.

#include <algorithm>
#include <map>
#include <vector>

#include "tiles/archive_bytes.hpp"
#include "tiles/pictures.hpp"

namespace forge3d::tiles {

/// Tiles by id; equal ids cannot be. `change` sees the header last.
template <class Change>
Bytes map_archive(const std::map<std::uint64_t, Bytes>& tiles, std::uint8_t max_zoom,
                  Change change) {
  ArchiveParts parts;
  parts.max_zoom = max_zoom;
  parts.data.clear();
  std::vector<DirectoryEntry> entries;
  for (const auto& [id, bytes] : tiles) {
    entries.push_back({id, parts.data.size(), static_cast<std::uint32_t>(bytes.size()), 1});
    append(parts.data, bytes);
  }
  parts.root = encode_directory(entries);
  return assemble(parts, change);
}

/// The part of a picture that a tile shows, as a picture of `side` x `side`.
inline Image tile_picture(const Image& level, std::uint32_t x, std::uint32_t y,
                          std::uint32_t side) {
  ImageInfo info = level.info;
  info.width = info.height = side;
  Image tile = *make_image(info);
  const std::size_t pixel = info.row_bytes() / side;
  for (std::uint32_t row = 0; row < side; ++row)
    std::ranges::copy(level.row(y * side + row).subspan(x * side * pixel, side * pixel),
                      tile.row(row).begin());
  return tile;
}

/// All zooms of a square picture of side << max_zoom texels, each tile as `encode` has it.
template <class Encode>
std::map<std::uint64_t, Bytes> map_tiles(const Image& picture, std::uint32_t side,
                                         std::uint32_t max_zoom, std::uint32_t min_zoom,
                                         Encode encode) {
  const auto levels = reference_levels(picture, max_zoom + 1);
  std::map<std::uint64_t, Bytes> tiles;
  for (std::uint32_t zoom = min_zoom; zoom <= max_zoom; ++zoom)
    for (std::uint32_t y = 0; y < 1u << zoom; ++y)
      for (std::uint32_t x = 0; x < 1u << zoom; ++x)
        tiles[pmtiles_tile_id(zoom, x, y)] =
            encode(tile_picture(levels[max_zoom - zoom], x, y, side));
  return tiles;
}

}  // namespace forge3d::tiles
