// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/ktx2_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "forge3d/basis.hpp"
#include "forge3d/ktx2_image.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/sources/ktx2_blocks.hpp"
#include "tiles/sources/plain_samples.hpp"
#include "tiles/sources/raw_levels.hpp"
#include "tiles/sources/raw_tile_source.hpp"
#include "tiles/sources/sample_encoder.hpp"

namespace forge3d::tiles {
namespace {

bool is_coded(const FormatInfo& format) { return format.block_width > 1; }

/// Whether blocks can be taken apart into 8-bit RGBA and put together again.
bool can_remake(Format format) {
  return can_decode(format) && can_encode(format) && !is_hdr(format);
}

/// The levels of a file decoded page by page: what missing levels are made of.
class DecodedBlocks final : public RawPages {
 public:
  DecodedBlocks(std::shared_ptr<const Ktx2Blocks> blocks, std::uint32_t page_texels)
      : blocks_(std::move(blocks)), page_texels_(page_texels) {
    const FormatInfo& format = blocks_->format();
    info_ = plain_samples(format.format).value_or(ImageInfo{0, 0, 4, SampleType::kU8, format.srgb});
    info_.width = blocks_->info().width;
    info_.height = blocks_->info().height;
  }

  [[nodiscard]] const ImageInfo& info() const override { return info_; }
  [[nodiscard]] std::string name() const override { return blocks_->name(); }
  [[nodiscard]] std::optional<RawLevel> level(std::uint32_t level) const override {
    if (level >= blocks_->info().levels) return std::nullopt;
    return RawLevel{mip_extent(info_.width, level), mip_extent(info_.height, level), page_texels_,
                    page_texels_};
  }

  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                    std::span<std::byte> out) const override {
    const FormatInfo& format = blocks_->format();
    const std::uint32_t page_blocks = page_texels_ / format.block_width;
    const std::uint32_t width = std::min(page_blocks, blocks_->blocks_x(level) - x * page_blocks);
    const std::uint32_t height = std::min(page_blocks, blocks_->blocks_y(level) - y * page_blocks);
    if (!is_coded(format))
      return blocks_->read(level, x * page_blocks, y * page_blocks, width, height, out,
                           page_texels_ * pixel_bytes(info_));
    const std::size_t row_bytes = std::size_t{width} * format.block_bytes;
    std::vector<std::byte> blocks(height * row_bytes);
    FORGE3D_TRY(
        blocks_->read(level, x * page_blocks, y * page_blocks, width, height, blocks, row_bytes));
    return decode_blocks(format.format, blocks,
                         {reinterpret_cast<std::uint8_t*>(out.data()), width * format.block_width,
                          height * format.block_height, std::size_t{page_texels_} * 4});
  }

 private:
  std::shared_ptr<const Ktx2Blocks> blocks_;
  std::uint32_t page_texels_;
  ImageInfo info_;
};

/// Tiles cut from levels of blocks.
class Ktx2TileSource final : public TileSource {
 public:
  Ktx2TileSource(const TilePyramid& pyramid, std::shared_ptr<const Ktx2Blocks> blocks,
                 std::shared_ptr<TileSource> made)
      : pyramid_(pyramid), blocks_(std::move(blocks)), made_(std::move(made)) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return blocks_->name(); }

  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    FORGE3D_TRY(check_tile_request(pyramid_, name(), address, out.size()));
    if (address.level >= blocks_->info().levels) return made_->read_tile(address, out);
    auto read = guard_memory("no memory to cut a tile", [&] { return cut(address, out); });
    if (read) return {};
    return fail_from(std::move(read).error(), tile_label(name(), address));
  }

 private:
  /// Where a tile lies on one axis, in texels or blocks: what of it is inside the level.
  struct Span {
    std::uint32_t first = 0;  // of the level
    std::uint32_t before = 0, inside = 0;
  };
  [[nodiscard]] Span span_of(std::uint32_t page, std::uint32_t unit, std::uint32_t extent) const {
    const std::int64_t first =
        (std::int64_t{page} * pyramid_.page_texels - pyramid_.border_texels) / unit;
    const std::int64_t begin = std::max<std::int64_t>(first, 0);
    const std::int64_t end = std::min<std::int64_t>(first + pyramid_.tile_texels() / unit, extent);
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin - first),
            static_cast<std::uint32_t>(end - begin)};
  }

  [[nodiscard]] Result<> cut(TileAddress address, std::span<std::byte> out) const {
    const FormatInfo& format = blocks_->format();
    const std::uint32_t side = pyramid_.tile_texels() / format.block_width;
    const Span x = span_of(address.x, format.block_width, blocks_->blocks_x(address.level));
    const Span y = span_of(address.y, format.block_width, blocks_->blocks_y(address.level));
    const std::size_t row_bytes = std::size_t{side} * format.block_bytes;
    FORGE3D_TRY(blocks_->read(address.level, x.first, y.first, x.inside, y.inside,
                              out.subspan(y.before * row_bytes + x.before * format.block_bytes),
                              row_bytes));
    repeat_edges(out, format.block_bytes, side, side, x.before, y.before, x.before + x.inside,
                 y.before + y.inside);
    if (x.inside == side && y.inside == side) return {};
    return is_coded(format) && can_remake(format.format) ? repeat_texels(address, x, y, out)
                                                         : Result<>{};
  }

  /// Blocks outside the level hold edge blocks so far: makes them of the edge's texels.
  [[nodiscard]] Result<> repeat_texels(TileAddress address, const Span& x, const Span& y,
                                       std::span<std::byte> out) const {
    const std::uint32_t side = pyramid_.tile_texels();
    std::vector<std::byte> texels(std::size_t{side} * side * 4);
    auto* const bytes = reinterpret_cast<std::uint8_t*>(texels.data());
    FORGE3D_TRY(decode_blocks(pyramid_.format, out, {bytes, side, side, std::size_t{side} * 4}));
    const Span across = span_of(address.x, 1, pyramid_.level_width(address.level));
    const Span down = span_of(address.y, 1, pyramid_.level_height(address.level));
    repeat_edges(texels, 4, side, side, across.before, down.before, across.before + across.inside,
                 down.before + down.inside);
    const std::uint32_t unit = blocks_->format().block_width, all = side / unit;
    const std::uint32_t right = x.before + x.inside, bottom = y.before + y.inside;
    // Left, right, above and below of what is inside, in blocks.
    const std::array<std::array<std::uint32_t, 4>, 4> strips = {
        {{0, 0, x.before, all},
         {right, 0, all - right, all},
         {x.before, 0, x.inside, y.before},
         {x.before, bottom, x.inside, all - bottom}}};
    for (const auto& [left, top, width, height] : strips) {
      if (width == 0 || height == 0) continue;
      FORGE3D_TRY(encode_strip(bytes + (std::size_t{top} * side + left) * unit * 4, left, top,
                               width, height, out));
    }
    return {};
  }

  [[nodiscard]] Result<> encode_strip(const std::uint8_t* texels, std::uint32_t left,
                                      std::uint32_t top, std::uint32_t width, std::uint32_t height,
                                      std::span<std::byte> out) const {
    const FormatInfo& format = blocks_->format();
    const std::uint32_t side = pyramid_.tile_texels(), all = side / format.block_width;
    const std::size_t row_bytes = std::size_t{width} * format.block_bytes;
    std::vector<std::byte> made(height * row_bytes);
    FORGE3D_TRY(encode_blocks(
        {format.format, Quality::kFast, 1},
        {texels, width * format.block_width, height * format.block_height, std::size_t{side} * 4},
        made));
    for (std::uint32_t row = 0; row < height; ++row)
      std::memcpy(out.data() + (std::size_t{top + row} * all + left) * format.block_bytes,
                  made.data() + row * row_bytes, row_bytes);
    return {};
  }

  TilePyramid pyramid_;
  std::shared_ptr<const Ktx2Blocks> blocks_;
  std::shared_ptr<TileSource> made_;  // of the levels that the file lacks
};

/// Files of formats that cannot be cut into tiles: whole levels, decoded.
class DecodedLevels final : public RawPages {
 public:
  explicit DecodedLevels(Ktx2Reader reader) : reader_(std::move(reader)) {
    const Ktx2Info& info = reader_.info();
    info_ = {info.width, info.height, 4, SampleType::kU8, info.srgb};
  }

  [[nodiscard]] const ImageInfo& info() const override { return info_; }
  [[nodiscard]] std::string name() const override { return reader_.name(); }
  [[nodiscard]] std::optional<RawLevel> level(std::uint32_t level) const override {
    if (level >= reader_.info().levels) return std::nullopt;
    const std::uint32_t width = mip_extent(info_.width, level);
    const std::uint32_t height = mip_extent(info_.height, level);
    return RawLevel{width, height, width, height};
  }
  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t, std::uint32_t,
                                    std::span<std::byte> out) const override {
    FORGE3D_TRY_ASSIGN(const auto texels,
                       convert_ktx2_slice(reader_, {.level = level}, Format::kRGBA8Unorm));
    std::memcpy(out.data(), texels.data(), out.size());
    return {};
  }

 private:
  Ktx2Reader reader_;
  ImageInfo info_;
};

Result<std::shared_ptr<TileSource>> open_decoded(Ktx2Reader reader,
                                                 const TileSourceOptions& options) {
  const Ktx2Info& info = reader.info();
  if (!can_decode_ktx2(info) || with_srgb(ktx2_fallback_format(info), false) != Format::kRGBA8Unorm)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: VkFormat {} can neither be cut into tiles nor decoded to 8 bits",
                            reader.name(), info.vk_format));
  const std::uint64_t bytes = std::uint64_t{info.width} * info.height * 4;
  if (bytes > options.max_picture_bytes)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: level 0 has {} bytes decoded, over the limit of {}: tile it first",
                            reader.name(), bytes, options.max_picture_bytes));
  TileSourceOptions decoded = options;
  decoded.cache_bytes = std::max(options.cache_bytes, options.max_picture_bytes);
  return make_raw_tile_source(std::make_shared<const DecodedLevels>(std::move(reader)), decoded);
}

/// What makes the levels that a file lacks.
Result<std::shared_ptr<TileSource>> make_missing(const std::shared_ptr<const Ktx2Blocks>& blocks,
                                                 const TilePyramid& pyramid,
                                                 const TileSourceOptions& options) {
  const Format format = pyramid.format;
  if (!can_remake(format) && !plain_samples(format))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} of {} levels are missing, and format {} cannot be filtered",
                            blocks->name(), pyramid.levels - blocks->info().levels, pyramid.levels,
                            format_info(format)->name));
  TileSourceOptions same = options;
  same.format = format;
  return make_raw_tile_source(std::make_shared<const DecodedBlocks>(blocks, pyramid.page_texels),
                              same);
}

/// The format of the tiles; kUndefined where the file must be decoded.
Format tile_format(const Ktx2Info& info, const TileSourceOptions& options) {
  if (info.basis_model == BasisModel::kNone) {
    const FormatInfo* format = format_info(info.format);
    return format != nullptr && format->block_width <= 4 && format->block_height <= 4 &&
                   format->block_width == format->block_height
               ? info.format
               : Format::kUndefined;
  }
  const bool is_hdr = info.basis_model == BasisModel::kUastcHdr;
  const Format wanted = options.format != Format::kUndefined ? options.format
                        : is_hdr                             ? Format::kBC6HUfloat
                                                             : Format::kBC7Unorm;
  return with_srgb(wanted, info.srgb);
}

Result<std::shared_ptr<TileSource>> open_unguarded(std::shared_ptr<ByteSource> source,
                                                   const TileSourceOptions& options) {
  FORGE3D_TRY_ASSIGN(Ktx2Reader reader, Ktx2Reader::open(std::move(source)));
  const Ktx2Info& info = reader.info();
  if (info.depth != 1 || info.layers != 1 || info.faces != 1)
    return fail(ErrorCode::kNotSupported,
                reader.name() + ": must be one 2D picture, without layers, faces and slices");
  const Format format = tile_format(info, options);
  if (format == Format::kUndefined) return open_decoded(std::move(reader), options);
  if (info.basis_model != BasisModel::kNone && !can_transcode(info.basis_model, format))
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} is not transcoded to format {}", reader.name(),
                            to_string(info.basis_model), static_cast<std::uint32_t>(format)));
  FORGE3D_TRY_ASSIGN(const TilePyramid pyramid,
                     make_tile_pyramid(info.width, info.height, format, options.page_texels,
                                       options.border_texels));
  FORGE3D_TRY_ASSIGN(std::shared_ptr<const Ktx2Blocks> blocks,
                     Ktx2Blocks::create(std::move(reader), format, options.max_picture_bytes));
  std::shared_ptr<TileSource> made;
  if (blocks->info().levels < pyramid.levels) {
    FORGE3D_TRY_ASSIGN(made, make_missing(blocks, pyramid, options));
  }
  return std::make_shared<Ktx2TileSource>(pyramid, std::move(blocks), std::move(made));
}

}  // namespace

Result<std::shared_ptr<TileSource>> open_ktx2_tile_source(std::shared_ptr<ByteSource> source,
                                                          const TileSourceOptions& options) {
  return guard_memory("no memory to open a KTX2 file",
                      [&] { return open_unguarded(std::move(source), options); });
}

}  // namespace forge3d::tiles
