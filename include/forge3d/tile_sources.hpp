// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sources of tiles in place: archives of maps, TIFF, KTX2, pictures, functions and made-up worlds,
// without a tiling step before.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "forge3d/byte_source.hpp"
#include "forge3d/codec.hpp"
#include "forge3d/image.hpp"
#include "forge3d/tile_source.hpp"

namespace forge3d {

/// What becomes 0 and what becomes full scale when heights are stored as whole numbers.
struct HeightRange {
  float low = 0;
  float high = 1;
};

/// How raw pixels become stored tiles. Sources that hold stored tiles already (archives that
/// forge3d made, KTX2 files of blocks) keep their own format.
struct TileSourceOptions {
  /// RGBA8 or a format of 4 x 4 blocks that can_encode() says yes to (sRGB pictures get its twin);
  /// of one channel also R16, R16F and R32F. kUndefined: BC7 for colours and 8-bit grey, R16 for
  /// 16-bit grey and for float heights with a range, R32F for those without.
  Format format = Format::kUndefined;
  Quality quality = Quality::kFast;
  std::uint32_t page_texels = 256;   ///< As in TilePyramid.
  std::uint32_t border_texels = 4;   ///< As in TilePyramid.
  std::optional<HeightRange> range;  ///< Of float samples; without it 0 to 1.
  /// Decoded pixels that are kept, so that neighbours share what they decode.
  std::uint64_t cache_bytes = std::uint64_t{64} << 20;
  /// Levels that a file lacks are filtered from finer ones when they are read, unless one page
  /// would need more pages of a stored level than this.
  std::uint64_t max_made_pages = 4096;
  /// PNG and JPEG pictures up to this many decoded bytes are held in memory.
  std::uint64_t max_picture_bytes = std::uint64_t{256} << 20;
  /// Larger pictures are tiled once into this archive; without a path they are refused.
  std::filesystem::path cache_file;
};

/// Opens whatever the first bytes say: PMTiles, TIFF, KTX2, PNG or JPEG; the name does not count.
/// The result is thread-safe, as every TileSource. Errors: kIo, kInvalidFile (the file and the rule
/// that it breaks), kNotSupported (another kind of file, a build without the library, a picture
/// over max_picture_bytes, levels over max_made_pages), kInvalidArgument (options).
[[nodiscard]] Result<std::shared_ptr<TileSource>> open_tile_source(
    const std::filesystem::path& path, const TileSourceOptions& options = {});
[[nodiscard]] Result<std::shared_ptr<TileSource>> open_tile_source(
    std::shared_ptr<ByteSource> source, const TileSourceOptions& options = {});

/// Fills a stored tile: plain bytes in the pyramid's format, borders included. Called from several
/// threads at once. An error is an error of that tile alone.
using StoredTileFunction = std::function<Result<>(TileAddress address, std::span<std::byte> out)>;

/// Tiles that a function fills. REQUIRES: `pyramid` as make_tile_pyramid() gives it. Errors:
/// kInvalidArgument (a pyramid that breaks its rules, no function).
[[nodiscard]] Result<std::shared_ptr<TileSource>> make_callback_tile_source(
    const TilePyramid& pyramid, StoredTileFunction function, std::string name = "function");

/// Fills one raw page: `rows` holds shape.height rows of shape.row_bytes() bytes, top first. The
/// page is page_texels a side, less where the level ends. Called from several threads at once. An
/// error is an error of the tiles that need this page.
using RawPageFunction =
    std::function<Result<>(TileAddress address, const ImageInfo& shape, std::span<std::byte> rows)>;

/// Tiles made of raw pages that a function fills: borders come from the neighbours, and pages are
/// encoded as `options` say. `info`: the picture's extent and samples; `levels`: the function is
/// asked for these alone, the coarser ones are filtered from them (0: it is asked for all). Errors:
/// kInvalidArgument (info, options, no function), kNotSupported (format, max_made_pages).
[[nodiscard]] Result<std::shared_ptr<TileSource>> make_callback_tile_source(
    const ImageInfo& info, RawPageFunction function, std::uint32_t levels = 0,
    const TileSourceOptions& options = {}, std::string name = "function");

/// Worlds that are computed, not stored.
enum class ProceduralKind : std::uint8_t {
  kTerrain,  ///< Seas, land and snow in colours, lit from the north west. RGBA8 unless asked else.
  kHeights,  ///< The same world's heights, R16 unless asked else.
};
[[nodiscard]] std::string_view to_string(ProceduralKind kind);

/// A world of extent x extent texels that depends on `seed` alone: the same bytes on every machine.
/// Details are zero-mean and refined from level to level, so that a texel's height is the mean of
/// the four below it and coarser levels show the same world without aliasing. Needs no memory but
/// the tile's. Errors: as make_tile_pyramid; kNotSupported (a format that cannot be encoded).
/// Source of the refinement: average interpolation (Donoho, "Smooth wavelet decompositions with
/// blocky coefficient kernels", 1993).
[[nodiscard]] Result<std::shared_ptr<TileSource>> make_procedural_source(
    ProceduralKind kind, std::uint32_t extent, std::uint64_t seed,
    const TileSourceOptions& options = {});

}  // namespace forge3d
