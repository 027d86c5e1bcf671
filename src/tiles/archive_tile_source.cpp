// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/archive_tile_source.hpp"

#include <fmt/format.h>

#include <utility>

#include "forge3d/pmtiles.hpp"
#include "tiles/archive_metadata.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/tile_scratch.hpp"

namespace forge3d {
namespace {

/// Reads one tile with one read of the file. The reader is thread-safe, the rest is immutable.
class ArchiveTileSource final : public TileSource {
 public:
  ArchiveTileSource(std::shared_ptr<PmtilesReader> archive, TilePyramid pyramid)
      : archive_(std::move(archive)), pyramid_(pyramid), limits_(tiles::tile_limits(pyramid)) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return archive_->source().name(); }

  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    if (!pyramid_.contains(address)) return bad_argument(address, "lies outside the pyramid");
    if (out.size() != pyramid_.tile_bytes())
      return bad_argument(address, "does not fit the output");
    FORGE3D_TRY_ASSIGN(const auto extent,
                       archive_->find(tiles::archive_tile_id(pyramid_, address)));
    if (!extent) return fail(ErrorCode::kInvalidFile, label(address) + " is missing");
    if (extent->size_bytes > tiles::max_stored_tile_bytes(pyramid_))
      return fail(ErrorCode::kInvalidFile,
                  fmt::format("{} claims {} stored bytes", label(address), extent->size_bytes));
    return tiles::guard_memory("no memory to read a tile",
                               [&] { return inflate_tile(address, *extent, out); });
  }

 private:
  [[nodiscard]] Result<> inflate_tile(TileAddress address, PmtilesReader::Extent extent,
                                      std::span<std::byte> out) const {
    const tiles::TileScratchPool::Lease lease(scratches_);
    tiles::TileScratch& scratch = *lease;
    scratch.stored.resize(static_cast<std::size_t>(extent.size_bytes));
    FORGE3D_TRY(archive_->source().read(extent.offset, scratch.stored));
    const std::string tile = label(address);
    FORGE3D_TRY_ASSIGN(const Ktx2Reader ktx2,
                       Ktx2Reader::open(make_memory_source(scratch.stored, tile), limits_));
    FORGE3D_TRY(tiles::check_tile_shape(ktx2.info(), pyramid_, tile));
    if (ktx2.info().supercompression != Supercompression::kZstd || !scratch.zstd)
      return ktx2.read_level_into(0, out);
    return inflate_level(ktx2.info().level_index[0], tile, scratch, out);
  }

  /// As Ktx2Reader::read_level_into, without a copy and with a decompressor that exists already.
  [[nodiscard]] static Result<> inflate_level(const Ktx2Info::Level& level, const std::string& tile,
                                              const tiles::TileScratch& scratch,
                                              std::span<std::byte> out) {
    const std::size_t made = ZSTD_decompressDCtx(scratch.zstd.get(), out.data(), out.size(),
                                                 scratch.stored.data() + level.offset,
                                                 static_cast<std::size_t>(level.stored_bytes));
    if (ZSTD_isError(made) != 0)
      return fail(ErrorCode::kInvalidFile, fmt::format("{}: offset {}: zstd: {}", tile,
                                                       level.offset, ZSTD_getErrorName(made)));
    if (made != out.size())
      return fail(ErrorCode::kInvalidFile,
                  fmt::format("{}: offset {}: zstd: {} bytes instead of {}", tile, level.offset,
                              made, out.size()));
    return {};
  }

  [[nodiscard]] std::string label(TileAddress address) const {
    return fmt::format("{}: tile level {} x {} y {}", name(), address.level, address.x, address.y);
  }
  [[nodiscard]] tl::unexpected<Error> bad_argument(TileAddress address, const char* rule) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", label(address), rule));
  }

  std::shared_ptr<PmtilesReader> archive_;
  TilePyramid pyramid_;
  Ktx2Limits limits_;
  mutable tiles::TileScratchPool scratches_;
};

}  // namespace

Result<std::shared_ptr<TileSource>> open_archive_tile_source(const std::filesystem::path& path) {
  FORGE3D_TRY_ASSIGN(auto archive, PmtilesReader::open(path));
  return tiles::make_archive_tile_source(std::move(archive));
}

Result<std::shared_ptr<TileSource>> tiles::make_archive_tile_source(
    std::shared_ptr<PmtilesReader> archive) {
  const std::string name = archive->source().name();
  FORGE3D_TRY_ASSIGN(const TilePyramid pyramid,
                     tiles::parse_archive_metadata(archive->metadata_json(), name));
  const PmtilesHeader& header = archive->header();
  if (header.max_zoom != tiles::archive_max_zoom(pyramid))
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: max zoom is {}, the metadata's picture needs {}", name,
                            header.max_zoom, tiles::archive_max_zoom(pyramid)));
  if (header.tile_compression != PmtilesCompression::kNone)
    return fail(ErrorCode::kInvalidFile, name + ": tiles must not be compressed by the archive");
  return std::make_shared<ArchiveTileSource>(std::move(archive), pyramid);
}

}  // namespace forge3d
