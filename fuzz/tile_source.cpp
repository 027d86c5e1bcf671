// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a source of tiles (TIFF, PMTiles, KTX2, pictures): tiles are read or an error comes.

#include "forge3d/tile_sources.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  forge3d::TileSourceOptions options;
  options.format = forge3d::Format::kRGBA8Unorm;
  options.page_texels = 64;
  options.cache_bytes = 1 << 20;
  options.max_made_pages = 64;
  options.max_picture_bytes = 1 << 22;
  const auto bytes = std::as_bytes(std::span(data, size_bytes));
  const auto source = forge3d::open_tile_source(forge3d::make_memory_source(bytes), options);
  if (!source) return 0;
  const forge3d::TilePyramid& pyramid = (*source)->pyramid();
  if (pyramid.tile_bytes() > std::uint64_t{1} << 24) return 0;  // an archive says its own size
  std::vector<std::byte> tile(static_cast<std::size_t>(pyramid.tile_bytes()));
  // The corners of every level: whole, cut, and made ones.
  for (std::uint32_t level = 0; level < pyramid.levels; ++level)
    for (const std::uint32_t x : {0u, pyramid.pages_x(level) - 1})
      for (const std::uint32_t y : {0u, pyramid.pages_y(level) - 1})
        static_cast<void>((*source)->read_tile({level, x, y}, tile));
  return 0;
}
