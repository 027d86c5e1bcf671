// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/block_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/stream_copy.hpp"

namespace forge3d {
namespace {

tl::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

// One axis of an image region: begins on a block and ends on one or at the edge.
Result<> check_axis(const char* axis, std::uint64_t begin, std::uint64_t size, std::uint64_t extent,
                    std::uint64_t block) {
  if (size == 0) return invalid(fmt::format("image region: {} extent of 0", axis));
  if (begin + size > extent)
    return invalid(fmt::format("image region: {} {} + {} is beyond the level's {}", axis, begin,
                               size, extent));
  if (begin % block != 0)
    return invalid(
        fmt::format("image region: {} {} is no multiple of the block's {}", axis, begin, block));
  if (size % block != 0 && begin + size != extent)
    return invalid(fmt::format(
        "image region: {} extent {} is no multiple of the block's {} and ends before the edge",
        axis, size, block));
  return {};
}

}  // namespace

Result<BlockGrid> BlockGrid::of(const BufferRegion& region, std::uint64_t size_bytes) {
  if (region.buffer == VK_NULL_HANDLE) return invalid("buffer region: the buffer is null");
  if (size_bytes == 0) return invalid("buffer region: a copy of 0 bytes");
  if (region.offset_bytes > region.buffer_size_bytes ||
      size_bytes > region.buffer_size_bytes - region.offset_bytes)
    return invalid(fmt::format("buffer region: {} bytes at {} are beyond the buffer's {}",
                               size_bytes, region.offset_bytes, region.buffer_size_bytes));
  return BlockGrid{.columns = size_bytes, .pitch_bytes = size_bytes};
}

Result<BlockGrid> BlockGrid::of(const ImageRegion& region) {
  const FormatInfo* info = format_info(region.format);
  if (info == nullptr)
    return fail(ErrorCode::kNotSupported, fmt::format("image region: format {} is not known",
                                                      static_cast<std::uint32_t>(region.format)));
  if (region.image == VK_NULL_HANDLE) return invalid("image region: the image is null");
  if (region.layer_count == 0) return invalid("image region: layer_count is 0");
  if (region.layout == VK_IMAGE_LAYOUT_UNDEFINED || region.layout == VK_IMAGE_LAYOUT_PREINITIALIZED)
    return invalid(
        "image region: layout is what the image has after the copy, so not UNDEFINED or "
        "PREINITIALIZED");
  FORGE3D_TRY(check_axis("x", region.x, region.width, region.image_width, info->block_width));
  FORGE3D_TRY(check_axis("y", region.y, region.height, region.image_height, info->block_height));

  BlockGrid grid;
  grid.columns = (region.width + info->block_width - 1u) / info->block_width;
  grid.rows = (region.height + info->block_height - 1u) / info->block_height;
  grid.layers = region.layer_count;
  grid.block_bytes = info->block_bytes;
  grid.pitch_bytes = region.row_bytes == 0 ? grid.row_bytes() : region.row_bytes;
  if (grid.pitch_bytes < grid.row_bytes())
    return invalid(fmt::format("image region: row_bytes {} is less than a row's {}",
                               region.row_bytes, grid.row_bytes()));
  if (grid.pitch_bytes > (std::uint64_t{1} << 62) / (grid.rows * grid.layers))
    return invalid(
        fmt::format("image region: row_bytes {} passes 2^62 bytes in all", region.row_bytes));
  return grid;
}

std::uint64_t BlockGrid::host_offset(const BlockPiece& piece) const {
  return (piece.layer * rows + piece.row) * pitch_bytes + piece.column * block_bytes;
}

void BlockGrid::pack(const BlockPiece& piece, const std::byte* host, std::byte* tight,
                     bool streaming) const {
  const auto copy = [streaming](std::byte* to, const std::byte* from, std::size_t size_bytes) {
    if (streaming)
      stream_copy(to, from, size_bytes);
    else
      std::memcpy(to, from, size_bytes);
  };
  const std::size_t run = piece.columns * block_bytes;
  host += host_offset(piece);
  if (run == pitch_bytes || piece.rows == 1) return copy(tight, host, piece.size_bytes);
  for (std::uint64_t row = 0; row < piece.rows; ++row)
    copy(tight + row * run, host + row * pitch_bytes, run);
}

void BlockGrid::unpack(const BlockPiece& piece, const std::byte* tight, std::byte* host) const {
  const std::size_t run = piece.columns * block_bytes;
  host += host_offset(piece);
  if (run == pitch_bytes) return void(std::memcpy(host, tight, piece.size_bytes));
  for (std::uint64_t row = 0; row < piece.rows; ++row)
    std::memcpy(host + row * pitch_bytes, tight + row * run, run);
}

void BlockGrid::unpack_on(WriterTeam& team, const BlockPiece& piece, const std::byte* tight,
                          std::byte* host) const {
  constexpr std::uint64_t kSliceBytes = 128 * 1024;
  const PieceSlices slices(*this, piece, kSliceBytes);
  if (slices.count() < 4) return unpack(piece, tight, host);
  team.run(slices.count(),
           [&](std::uint32_t i) { unpack(slices.at(i), tight + slices.tight_offset(i), host); });
}

PieceSlices::PieceSlices(const BlockGrid& grid, const BlockPiece& piece, std::uint64_t slice_bytes)
    : piece_(piece),
      unit_bytes_(piece.rows > 1 ? piece.columns * grid.block_bytes : grid.block_bytes),
      units_(piece.rows > 1 ? piece.rows : piece.columns),
      units_per_slice_(std::max<std::uint64_t>(1, slice_bytes / unit_bytes_)),
      count_(static_cast<std::uint32_t>((units_ + units_per_slice_ - 1) / units_per_slice_)) {}

BlockPiece PieceSlices::at(std::uint32_t index) const {
  const std::uint64_t begin = index * units_per_slice_;
  const std::uint64_t units = std::min(units_per_slice_, units_ - begin);
  BlockPiece slice = piece_;
  (piece_.rows > 1 ? slice.row : slice.column) += begin;
  (piece_.rows > 1 ? slice.rows : slice.columns) = units;
  slice.size_bytes = units * unit_bytes_;
  return slice;
}

std::uint64_t PieceSlices::tight_offset(std::uint32_t index) const {
  return index * units_per_slice_ * unit_bytes_;
}

std::uint64_t GridCutter::remaining_bytes() const {
  return grid_.size_bytes() - (layer_ * grid_.rows + row_) * grid_.row_bytes() -
         column_ * grid_.block_bytes;
}

BlockPiece GridCutter::peek(std::uint64_t limit_bytes) const {
  BlockPiece piece{.layer = layer_, .row = row_, .rows = 1, .column = column_};
  if (column_ == 0 && limit_bytes >= grid_.row_bytes()) {
    piece.rows = std::min(grid_.rows - row_, limit_bytes / grid_.row_bytes());
    piece.columns = grid_.columns;
  } else {
    piece.columns = std::min(grid_.columns - column_, limit_bytes / grid_.block_bytes);
  }
  piece.size_bytes = piece.rows * piece.columns * grid_.block_bytes;
  return piece;
}

void GridCutter::advance(const BlockPiece& piece) {
  column_ = piece.column + piece.columns;
  if (column_ < grid_.columns) return;
  column_ = 0;
  row_ += piece.rows;
  if (row_ < grid_.rows) return;
  row_ = 0;
  ++layer_;
}

}  // namespace forge3d
