// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/flight_source.hpp"

#include <fmt/format.h>

#include <system_error>

#include "cli/files.hpp"
#include "cli/format_words.hpp"
#include "cli/progress.hpp"
#include "forge3d/image.hpp"
#include "forge3d/pmtiles.hpp"
#include "forge3d/tiler.hpp"

namespace forge3d::cli {
namespace {

std::filesystem::path archive_path(const FlightSourceOptions& options) {
  return options.cache_folder / fmt::format("{}.{}-{}.pmtiles", options.path.filename().string(),
                                            options.format, options.quality);
}

/// A cached archive is used when it opens, has the picture's extent and is not older than it.
std::shared_ptr<TileSource> cached_archive(const std::filesystem::path& archive,
                                           const std::filesystem::path& picture,
                                           const ImageInfo& info) {
  std::error_code error;
  const auto made = std::filesystem::last_write_time(archive, error);
  if (error || made < std::filesystem::last_write_time(picture, error) || error) return nullptr;
  const auto source = open_archive_tile_source(archive);
  if (!source) return nullptr;
  const TilePyramid& pyramid = (*source)->pyramid();
  return pyramid.width == info.width && pyramid.height == info.height ? *source : nullptr;
}

Result<> tile_picture(RowReader& reader, const FlightSourceOptions& options,
                      const std::filesystem::path& archive, const Output& output) {
  TilerDesc desc;
  FORGE3D_TRY_ASSIGN(desc.format, parse_format(options.format, Format::kBC7Unorm));
  FORGE3D_TRY_ASSIGN(desc.quality, parse_quality(options.quality));
  desc.threads = options.threads;
  Progress progress("tiling", output);
  desc.progress = [&progress](std::uint32_t done, std::uint32_t rows) {
    progress.update(done, rows);
    return true;
  };
  FORGE3D_TRY(make_folder(options.cache_folder));
  FORGE3D_TRY_ASSIGN([[maybe_unused]] const TilerResult result, tile_image(reader, archive, desc));
  return {};
}

}  // namespace

Result<FlightSource> open_flight_source(const FlightSourceOptions& options, const Output& output) {
  FORGE3D_TRY_ASSIGN(const FileKind kind, detect_file_kind(options.path));
  if (kind == FileKind::kKtx2)
    return fail(
        ErrorCode::kNotSupported,
        "a KTX2 file cannot be streamed by this build; give a PMTiles archive or a picture");
  if (kind == FileKind::kPmtiles) {
    FORGE3D_TRY_ASSIGN(auto tiles, open_archive_tile_source(options.path));
    return FlightSource{std::move(tiles), options.path};
  }
  const std::filesystem::path archive = archive_path(options);
  FORGE3D_TRY_ASSIGN(const auto reader, open_image(options.path));
  if (auto tiles = cached_archive(archive, options.path, reader->info())) {
    output.note(fmt::format("using {}, tiled before", archive.string()));
    return FlightSource{std::move(tiles), archive};
  }
  output.note(fmt::format("tiling {} into {}", options.path.string(), archive.string()));
  FORGE3D_TRY(tile_picture(*reader, options, archive, output));
  FORGE3D_TRY_ASSIGN(auto tiles, open_archive_tile_source(archive));
  return FlightSource{std::move(tiles), archive};
}

}  // namespace forge3d::cli
