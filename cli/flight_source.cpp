// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/flight_source.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
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

Result<std::optional<std::shared_ptr<TileSource>>> open_procedural(
    const std::string& name, const TileSourceOptions& options) {
  constexpr std::string_view kPrefix = "procedural:";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::uint64_t seed = 0;
  const char* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + kPrefix.size(), end, seed);
  if (read.ec != std::errc() || read.ptr != end)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: must be procedural:SEED with a whole number of 0 or more", name));
  FORGE3D_TRY_ASSIGN(auto tiles, make_procedural_source(ProceduralKind::kTerrain, kMaxPyramidExtent,
                                                        seed, options));
  return std::optional(std::move(tiles));
}

Result<FlightSource> open_flight_source(const FlightSourceOptions& options, const Output& output) {
  TileSourceOptions in_place;
  FORGE3D_TRY_ASSIGN(in_place.format, parse_format(options.format, Format::kBC7Unorm));
  FORGE3D_TRY_ASSIGN(in_place.quality, parse_quality(options.quality));
  FORGE3D_TRY_ASSIGN(auto procedural, open_procedural(options.path.string(), in_place));
  if (procedural) return FlightSource{std::move(*procedural), {}};
  FORGE3D_TRY_ASSIGN(const FileKind kind, detect_file_kind(options.path));
  if (kind != FileKind::kOther) {
    FORGE3D_TRY_ASSIGN(auto tiles, open_tile_source(options.path, in_place));
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
