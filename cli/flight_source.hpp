// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a flight's tiles come from: an archive as it is, or a picture tiled once into a cached
// archive.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/output.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d::cli {

struct FlightSourceOptions {
  std::filesystem::path path;
  std::filesystem::path cache_folder;  ///< Where the archive of a picture goes.
  std::string format = "bc7";          ///< For pictures.
  std::string quality = "fast";
  std::uint32_t threads = 0;
};

struct FlightSource {
  std::shared_ptr<TileSource> tiles;
  std::filesystem::path archive;
};

/// Opens an archive; a picture is tiled first unless an archive newer than the picture is there.
/// Says on stderr what it does. Errors: those of the readers and the tiler.
[[nodiscard]] Result<FlightSource> open_flight_source(const FlightSourceOptions& options,
                                                      const Output& output);

}  // namespace forge3d::cli
