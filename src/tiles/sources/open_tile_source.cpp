// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Opens what the first bytes say.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "forge3d/pmtiles.hpp"
#include "forge3d/tile_sources.hpp"
#include "forge3d/tiler.hpp"
#include "tiles/archive_metadata.hpp"
#include "tiles/archive_tile_source.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/sources/ktx2_source.hpp"
#include "tiles/sources/map_archive.hpp"
#include "tiles/sources/picture_pages.hpp"
#include "tiles/sources/raw_tile_source.hpp"
#ifdef FORGE3D_HAS_TIFF
#include "tiles/sources/tiff_source.hpp"
#endif

namespace forge3d {
namespace {

enum class Kind : std::uint8_t { kPmtiles, kTiff, kKtx2, kPicture };

/// Pictures are left to their reader, which says what else a file may be.
Result<Kind> kind_of(const ByteSource& source) {
  constexpr std::string_view kKtx2("\xabKTX 20\xbb\r\n\x1a\n", 12);
  constexpr std::array<std::string_view, 4> kTiffs = {
      std::string_view("II*\0", 4), std::string_view("MM\0*", 4), std::string_view("II+\0", 4),
      std::string_view("MM\0+", 4)};
  std::array<char, 12> head{};
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(source.size_bytes(), head.size()));
  FORGE3D_TRY(source.read(0, std::as_writable_bytes(std::span(head)).first(count)));
  const std::string_view bytes(head.data(), count);
  if (bytes == kKtx2) return Kind::kKtx2;
  if (bytes.starts_with("PMTiles")) return Kind::kPmtiles;
  for (const std::string_view tiff : kTiffs)
    if (bytes.starts_with(tiff)) return Kind::kTiff;
  return Kind::kPicture;
}

Result<std::shared_ptr<TileSource>> open_pmtiles(std::shared_ptr<ByteSource> source,
                                                 const TileSourceOptions& options) {
  FORGE3D_TRY_ASSIGN(auto archive, PmtilesReader::open(std::move(source)));
  if (tiles::is_forge3d_metadata(archive->metadata_json()))
    return tiles::make_archive_tile_source(std::move(archive));
  FORGE3D_TRY_ASSIGN(auto pages, tiles::open_map_pages(std::move(archive), options.page_texels));
  return tiles::make_raw_tile_source(std::move(pages), options);
}

Result<std::shared_ptr<TileSource>> open_tiff(std::shared_ptr<ByteSource> source,
                                              [[maybe_unused]] const TileSourceOptions& options) {
#ifdef FORGE3D_HAS_TIFF
  FORGE3D_TRY_ASSIGN(auto pages, tiles::open_tiff_pages(std::move(source)));
  return tiles::make_raw_tile_source(std::move(pages), options);
#else
  return fail(ErrorCode::kNotSupported,
              source->name() + ": is a TIFF, and this build has no libtiff");
#endif
}

/// The archive of a picture when it is there and whole, and of the same extent.
std::shared_ptr<TileSource> tiled_before(const std::filesystem::path& archive,
                                         const ImageInfo& info) {
  std::error_code error;
  if (!std::filesystem::exists(archive, error) || error) return nullptr;
  const auto source = open_archive_tile_source(archive);
  if (!source) return nullptr;
  const TilePyramid& pyramid = (*source)->pyramid();
  return pyramid.width == info.width && pyramid.height == info.height ? *source : nullptr;
}

Result<std::shared_ptr<TileSource>> open_large_picture(RowReader& reader, const std::string& name,
                                                       std::uint64_t bytes,
                                                       const TileSourceOptions& options) {
  if (options.cache_file.empty())
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: has {} bytes decoded, over the limit of {}: tile it first, or "
                            "name a cache file",
                            name, bytes, options.max_picture_bytes));
  if (auto source = tiled_before(options.cache_file, reader.info())) return source;
  TilerDesc desc;
  if (options.format != Format::kUndefined) desc.format = options.format;
  desc.quality = options.quality;
  desc.page_texels = options.page_texels;
  desc.border_texels = options.border_texels;
  FORGE3D_TRY_ASSIGN([[maybe_unused]] const TilerResult tiled,
                     tile_image(reader, options.cache_file, desc));
  return open_archive_tile_source(options.cache_file);
}

Result<std::shared_ptr<TileSource>> open_picture(std::shared_ptr<ByteSource> source,
                                                 const TileSourceOptions& options) {
  const std::string name = source->name();
  FORGE3D_TRY_ASSIGN(const auto reader, open_image(source));
  const ImageInfo& info = reader->info();
  const std::uint64_t bytes = tiles::picture_bytes(info);
  if (bytes > options.max_picture_bytes) return open_large_picture(*reader, name, bytes, options);
  return tiles::guard_memory(
      "no memory for a picture", [&]() -> Result<std::shared_ptr<TileSource>> {
        FORGE3D_TRY_ASSIGN(Image image, load_image(std::move(source)));
        FORGE3D_TRY_ASSIGN(auto pages,
                           tiles::make_picture_pages(std::move(image), options.page_texels, name));
        return tiles::make_raw_tile_source(std::move(pages), options);
      });
}

}  // namespace

Result<std::shared_ptr<TileSource>> open_tile_source(std::shared_ptr<ByteSource> source,
                                                     const TileSourceOptions& options) {
  FORGE3D_TRY_ASSIGN(const Kind kind, kind_of(*source));
  switch (kind) {
    case Kind::kPmtiles:
      return open_pmtiles(std::move(source), options);
    case Kind::kTiff:
      return open_tiff(std::move(source), options);
    case Kind::kKtx2:
      return tiles::open_ktx2_tile_source(std::move(source), options);
    case Kind::kPicture:
      break;
  }
  return open_picture(std::move(source), options);
}

Result<std::shared_ptr<TileSource>> open_tile_source(const std::filesystem::path& path,
                                                     const TileSourceOptions& options) {
  FORGE3D_TRY_ASSIGN(auto source, open_file_source(path));
  return open_tile_source(std::move(source), options);
}

}  // namespace forge3d
