// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/tiler.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "core/worker_pool.hpp"
#include "forge3d/pmtiles.hpp"
#include "tiles/archive_metadata.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/mip_rows.hpp"
#include "tiles/rgba8_rows.hpp"
#include "tiles/row_pump.hpp"
#include "tiles/tile_encoder.hpp"
#include "tiles/tile_hash.hpp"
#include "tiles/tile_window.hpp"

namespace forge3d {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxZstdLevel = 22;

/// One run of tile_image. All decisions fall on the calling thread in the order of the rows, so
/// that the archive's bytes do not depend on the threads.
class Tiler {
 public:
  Tiler(RowReader& reader, const TilePyramid& pyramid, const TilerDesc& desc, PmtilesWriter writer)
      : info_(reader.info()),
        pyramid_(pyramid),
        desc_(desc),
        threads_(core::resolve_thread_count(desc.threads)),
        writer_(std::move(writer)),
        expander_(info_),
        mips_(info_, pyramid.levels,
              [this](std::uint32_t level, std::span<const std::byte> row) {
                return add_row(level, row);
              }),
        encoder_({pyramid, desc.quality, desc.zstd_level, threads_},
                 [this](std::span<const std::byte> ktx2) { return store(ktx2); }) {
    for (std::uint32_t level = 0; level < pyramid.levels; ++level)
      windows_.emplace_back(pyramid, level);
  }

  Result<> run(RowReader& reader) {
    tiles::RowPump pump(reader);
    for (std::uint32_t rows_done = 0; rows_done < info_.height;) {
      FORGE3D_TRY_ASSIGN(const auto rows, pump.next());
      FORGE3D_TRY(add_source_rows(rows));
      rows_done += static_cast<std::uint32_t>(rows.size() / info_.row_bytes());
      if (desc_.progress && !desc_.progress(rows_done, info_.height))
        return fail(ErrorCode::kCancelled, fmt::format("tiling was cancelled after row {} of {}",
                                                       rows_done, info_.height));
    }
    return finish();
  }

  [[nodiscard]] TilerResult result() const {
    TilerResult result;
    result.width = info_.width;
    result.height = info_.height;
    result.levels = pyramid_.levels;
    result.format = pyramid_.format;
    result.tiles = pyramid_.page_count();
    result.unique_tiles = contents_;
    result.threads = threads_;
    return result;
  }

 private:
  Result<> add_source_rows(std::span<const std::byte> rows) {
    const std::size_t row_bytes = info_.row_bytes();
    for (; !rows.empty(); rows = rows.subspan(row_bytes)) {
      const auto row = rows.first(row_bytes);
      FORGE3D_TRY_ASSIGN(const auto rgba8, expander_.expand(row));
      FORGE3D_TRY(add_row(0, rgba8));
      FORGE3D_TRY(mips_.push(row));
    }
    return {};
  }

  Result<> add_row(std::uint32_t level, std::span<const std::byte> rgba8_row) {
    tiles::TileWindow& window = windows_[level];
    window.push(rgba8_row);
    for (; window.ready(); window.advance()) FORGE3D_TRY(add_page_row(level, window));
    return {};
  }

  Result<> add_page_row(std::uint32_t level, const tiles::TileWindow& window) {
    std::vector<tiles::TileHash> hashes(window.pages_x());
    const std::uint32_t helpers = window.pages_x() < 16 ? 1 : threads_;
    core::parallel_for(helpers, hashes.size(), [&](std::uint64_t x) {
      hashes[static_cast<std::size_t>(x)] =
          tiles::hash_tile(window.tile(static_cast<std::uint32_t>(x)));
    });
    for (std::uint32_t x = 0; x < window.pages_x(); ++x)
      FORGE3D_TRY(add_tile({level, x, window.page_y()}, hashes[x], window.tile(x)));
    return {};
  }

  Result<> add_tile(TileAddress address, const tiles::TileHash& hash, Rgba8View tile) {
    std::optional<std::uint64_t> content = seen_.find(hash);
    if (!content) {
      // The encoder stores in the order of submission, so the content's number is known already.
      content = contents_++;
      seen_.insert(hash, *content);
      FORGE3D_TRY(encoder_.submit(tile));
    }
    writer_.add_reference(tiles::archive_tile_id(pyramid_, address), *content);
    return {};
  }

  Result<> store(std::span<const std::byte> ktx2) {
    FORGE3D_TRY(writer_.add_content(ktx2));
    return {};
  }

  Result<> finish() {
    FORGE3D_TRY(encoder_.drain());
    return writer_.finish(tiles::make_archive_metadata(pyramid_, desc_.name, desc_.zstd_level),
                          tiles::archive_max_zoom(pyramid_));
  }

  ImageInfo info_;
  TilePyramid pyramid_;
  const TilerDesc& desc_;
  std::uint32_t threads_;
  PmtilesWriter writer_;
  tiles::Rgba8Rows expander_;
  tiles::MipRows mips_;
  std::vector<tiles::TileWindow> windows_;
  tiles::SeenTiles seen_;
  std::uint64_t contents_ = 0;
  tiles::TileEncoder encoder_;
};

Result<> check_limits(const ImageInfo& info, const ImageLimits& limits) {
  if (info.width > limits.max_extent || info.height > limits.max_extent ||
      std::uint64_t{info.width} * info.height > limits.max_pixels)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a picture of {} x {} is over the limits of {} a side and {} pixels",
                            info.width, info.height, limits.max_extent, limits.max_pixels));
  return {};
}

Result<TilePyramid> check(const ImageInfo& info, const TilerDesc& desc) {
  FORGE3D_TRY(check_limits(info, desc.limits));
  const Format format = with_srgb(desc.format, info.srgb);
  if (!can_encode(format) || is_hdr(format))
    return fail(ErrorCode::kNotSupported, fmt::format("tiles cannot be encoded as format {}",
                                                      static_cast<std::uint32_t>(desc.format)));
  if (desc.zstd_level < 0 || desc.zstd_level > kMaxZstdLevel)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("zstd_level is {}, must be 0 to {}", desc.zstd_level, kMaxZstdLevel));
  return make_tile_pyramid(info.width, info.height, format, desc.page_texels, desc.border_texels);
}

}  // namespace

namespace {

Result<TilerResult> tile_timed(RowReader& reader, const std::filesystem::path& out,
                               const TilerDesc& desc) {
  const Clock::time_point start = Clock::now();
  FORGE3D_TRY_ASSIGN(const TilePyramid pyramid, check(reader.info(), desc));
  FORGE3D_TRY_ASSIGN(PmtilesWriter writer, PmtilesWriter::create(out));
  Tiler tiler(reader, pyramid, desc, std::move(writer));
  FORGE3D_TRY(tiler.run(reader));
  TilerResult result = tiler.result();
  std::error_code ignored;
  result.bytes_out = std::filesystem::file_size(out, ignored);
  result.wall_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  const double mpixels = static_cast<double>(result.width) * result.height / 1e6;
  result.mpixels_per_s = mpixels / (result.wall_ms / 1e3);
  return result;
}

}  // namespace

Result<TilerResult> tile_image(RowReader& reader, const std::filesystem::path& out,
                               const TilerDesc& desc) {
  return tiles::guard_memory("no memory for the rows of a picture and its tiles",
                             [&] { return tile_timed(reader, out, desc); });
}

}  // namespace forge3d
