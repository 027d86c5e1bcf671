// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a flight's tiles come from: a file in place, a world that is computed, or a picture tiled
// once into a cached archive.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/output.hpp"
#include "forge3d/tile_sources.hpp"

namespace forge3d::cli {

struct FlightSourceOptions {
  std::filesystem::path path;
  std::filesystem::path cache_folder;  ///< Where the archive of a picture goes.
  std::string format = "bc7";          ///< For what is encoded on the way.
  std::string quality = "fast";
  std::uint32_t threads = 0;
};

struct FlightSource {
  std::shared_ptr<TileSource> tiles;
  std::filesystem::path archive;  ///< The file that is read; empty for a computed world.
};

/// The source that "procedural:SEED" names, a world of 2^20 texels squared; nothing for other
/// names. Errors: kInvalidArgument (SEED is no number).
[[nodiscard]] Result<std::optional<std::shared_ptr<TileSource>>> open_procedural(
    const std::string& name, const TileSourceOptions& options = {});

/// Opens an archive, a TIFF or a KTX2 file in place; a picture is tiled first unless an archive
/// newer than the picture is there. Says on stderr what it does. Errors: those of the readers and
/// the tiler.
[[nodiscard]] Result<FlightSource> open_flight_source(const FlightSourceOptions& options,
                                                      const Output& output);

}  // namespace forge3d::cli
