// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d tile: a picture of any size to a tile archive.

#include <fmt/format.h>

#include <memory>

#include "cli/files.hpp"
#include "cli/format_words.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "forge3d/tiler.hpp"

namespace forge3d::cli {
namespace {

struct TileOptions {
  std::string input, output;
  std::string format = "bc7", quality = "fast";
  std::uint32_t tile_size = 256;
  int zstd_level = 3;
  std::uint32_t threads = 0;
};

Result<TilerResult> tile(const TileOptions& options, const Output& output) {
  TilerDesc desc;
  FORGE3D_TRY_ASSIGN(desc.format, parse_format(options.format, Format::kBC7Unorm));
  FORGE3D_TRY_ASSIGN(desc.quality, parse_quality(options.quality));
  desc.page_texels = options.tile_size;
  desc.zstd_level = options.zstd_level;
  desc.threads = options.threads;
  Progress progress("tiling", output);
  desc.progress = [&progress](std::uint32_t done, std::uint32_t rows) {
    progress.update(done, rows);
    return true;
  };
  FORGE3D_TRY_ASSIGN(const auto reader, open_image(options.input, desc.limits));
  return tile_image(*reader, options.output, desc);
}

ExitCode run_tile(const TileOptions& options, const Output& output) {
  const auto result = tile(options, output);
  if (!result) return output.fail(result.error(), {options.input, options.output});
  const Json object{{"width", result->width},
                    {"height", result->height},
                    {"levels", result->levels},
                    {"format", format_name(result->format)},
                    {"tile_size", options.tile_size},
                    {"tiles", result->tiles},
                    {"unique_tiles", result->unique_tiles},
                    {"bytes_out", result->bytes_out},
                    {"wall_ms", result->wall_ms},
                    {"mpixels_per_s", result->mpixels_per_s},
                    {"threads", result->threads}};
  return output.print(
      object,
      fmt::format("{}: {} x {} {}, {} levels, {} tiles ({} stored), {}, {:.1f} s "
                  "({:.1f} Mpixel/s)\n",
                  options.output, result->width, result->height, format_name(result->format),
                  result->levels, result->tiles, result->unique_tiles,
                  human_bytes(result->bytes_out), result->wall_ms / 1000, result->mpixels_per_s));
}

}  // namespace

void add_tile_command(Session& session) {
  auto options = std::make_shared<TileOptions>();
  CLI::App& command =
      session.add_command("tile", "Cut a picture of any size into a tile archive",
                          [options](const Output& output) { return run_tile(*options, output); });
  command.add_option("IN", options->input, "PNG or JPEG picture")->required();
  command.add_option("OUT", options->output, "PMTiles archive to write")->required();
  command.add_option("--tile-size", options->tile_size, "Texels a tile shows a side")
      ->capture_default_str()
      ->check(CLI::IsMember({64, 128, 256, 512}));
  command.add_option("--format", options->format, "bc7, bc1, etc2-rgb, ... or rgba8: 4 x 4 blocks")
      ->capture_default_str();
  command.add_option("--quality", options->quality, "fast, normal or high")->capture_default_str();
  command.add_option("--zstd", options->zstd_level, "Zstandard level, 0 for none")
      ->capture_default_str()
      ->check(CLI::Range(0, 22));
  command.add_option("--threads", options->threads, "Encoder threads, 0 for one a core")
      ->check(CLI::Range(0, 1024));
}

}  // namespace forge3d::cli
