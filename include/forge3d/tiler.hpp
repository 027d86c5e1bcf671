// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The tiler: any picture to a tile archive, row by row with bounded memory.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "forge3d/codec.hpp"
#include "forge3d/image.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

struct TilerDesc {
  /// RGBA8 or a format of 4 x 4 blocks and 8-bit texels that can_encode() says yes to; the sRGB
  /// twin is taken for sRGB pictures.
  Format format = Format::kBC7Unorm;
  Quality quality = Quality::kFast;
  std::uint32_t page_texels = 256;
  std::uint32_t border_texels = 4;
  int zstd_level = 3;  ///< 1..22; 0: tiles are stored plain.
  std::uint32_t threads =
      0;  ///< Threads that encode, 0: one a core. The bytes are the same for every number.
  std::string name = "picture";  ///< The archive's "name" in its metadata.
  ImageLimits limits;
  /// Called from the calling thread now and then with rows done and rows in all; false cancels.
  std::function<bool(std::uint32_t rows_done, std::uint32_t rows)> progress;
};

struct TilerResult {
  std::uint32_t width = 0, height = 0, levels = 0;
  Format format = Format::kUndefined;
  std::uint64_t tiles = 0;         ///< Addressed tiles of all levels.
  std::uint64_t unique_tiles = 0;  ///< Stored contents.
  std::uint64_t bytes_out = 0;     ///< Size of the archive.
  double wall_ms = 0;
  double mpixels_per_s = 0;  ///< Source pixels over wall time.
  std::uint32_t threads = 1;
};

/// Reads `reader` to its end and writes a whole archive at `out`, which appears only when it is
/// complete. Memory: one row of pages of each level, up to 128 MiB of tiles that wait for their
/// encoder, and 8 MiB of rows read ahead. Errors: those of the reader, kIo, kInvalidArgument,
/// kCancelled.
[[nodiscard]] Result<TilerResult> tile_image(RowReader& reader, const std::filesystem::path& out,
                                             const TilerDesc& desc = {});

}  // namespace forge3d
