// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/ktx2_blocks.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace forge3d::tiles {
namespace {

// Rows of blocks that lie at most this much further apart than they are long are read at once.
constexpr std::uint64_t kMaxWaste = 4;

}  // namespace

Ktx2Blocks::Ktx2Blocks(Ktx2Reader reader, const FormatInfo& format, std::uint64_t max_level_bytes)
    : reader_(std::move(reader)),
      format_(format),
      by_range_(reader_.info().supercompression == Supercompression::kNone &&
                reader_.info().basis_model == BasisModel::kNone),
      levels_(max_level_bytes) {}

Result<std::unique_ptr<Ktx2Blocks>> Ktx2Blocks::create(Ktx2Reader reader, Format format,
                                                       std::uint64_t max_level_bytes) {
  std::unique_ptr<Ktx2Blocks> blocks(
      new Ktx2Blocks(std::move(reader), *format_info(format), max_level_bytes));
  if (blocks->info().basis_model != BasisModel::kNone) {
    FORGE3D_TRY_ASSIGN(blocks->basis_, BasisTexture::open(blocks->reader_));
  }
  if (!blocks->by_range_ && blocks->level_bytes(0) > max_level_bytes)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: level 0 is packed and has {} bytes in memory, over the limit of "
                            "{}: tile it first",
                            blocks->name(), blocks->level_bytes(0), max_level_bytes));
  for (std::uint32_t level = 0; level < blocks->info().levels && !blocks->basis_; ++level)
    if (blocks->info().level_index[level].bytes != blocks->level_bytes(level))
      return fail(ErrorCode::kInvalidFile,
                  fmt::format("{}: level {} has {} bytes, must have {}", blocks->name(), level,
                              blocks->info().level_index[level].bytes, blocks->level_bytes(level)));
  return blocks;
}

std::uint32_t Ktx2Blocks::blocks_x(std::uint32_t level) const {
  return (mip_extent(info().width, level) + format_.block_width - 1) / format_.block_width;
}

std::uint32_t Ktx2Blocks::blocks_y(std::uint32_t level) const {
  return (mip_extent(info().height, level) + format_.block_height - 1) / format_.block_height;
}

std::uint64_t Ktx2Blocks::level_bytes(std::uint32_t level) const {
  return std::uint64_t{blocks_x(level)} * blocks_y(level) * format_.block_bytes;
}

Result<BlockCache::Bytes> Ktx2Blocks::make_level(std::uint32_t level) const {
  BlockCache::Bytes bytes(static_cast<std::size_t>(level_bytes(level)));
  if (basis_) {
    FORGE3D_TRY(basis_->transcode({.level = level}, format_.format, bytes));
  } else {
    FORGE3D_TRY(reader_.read_level_into(level, bytes));
  }
  return bytes;
}

Result<> Ktx2Blocks::read(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                          std::uint32_t width, std::uint32_t height, std::span<std::byte> out,
                          std::size_t row_bytes) const {
  const std::uint64_t stride = std::uint64_t{blocks_x(level)} * format_.block_bytes;
  const std::uint64_t first = y * stride + std::uint64_t{x} * format_.block_bytes;
  const std::size_t wanted_bytes = std::size_t{width} * format_.block_bytes;
  if (by_range_) return read_ranges(level, first, height, wanted_bytes, out, row_bytes);
  FORGE3D_TRY_ASSIGN(const BlockCache::Block whole,
                     levels_.get({level, 0, 0}, [&] { return make_level(level); }));
  for (std::uint32_t row = 0; row < height; ++row)
    std::memcpy(out.data() + row * row_bytes, whole->data() + first + row * stride, wanted_bytes);
  return {};
}

Result<> Ktx2Blocks::read_ranges(std::uint32_t level, std::uint64_t first, std::uint32_t height,
                                 std::size_t wanted_bytes, std::span<std::byte> out,
                                 std::size_t row_bytes) const {
  const std::uint64_t stride = std::uint64_t{blocks_x(level)} * format_.block_bytes;
  if (stride > kMaxWaste * wanted_bytes) {
    for (std::uint32_t row = 0; row < height; ++row)
      FORGE3D_TRY(reader_.read_stored(level, first + row * stride,
                                      out.subspan(row * row_bytes, wanted_bytes)));
    return {};
  }
  BlockCache::Bytes rows(static_cast<std::size_t>((height - 1) * stride + wanted_bytes));
  FORGE3D_TRY(reader_.read_stored(level, first, rows));
  for (std::uint32_t row = 0; row < height; ++row)
    std::memcpy(out.data() + row * row_bytes, rows.data() + row * stride, wanted_bytes);
  return {};
}

}  // namespace forge3d::tiles
