// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_file.hpp"

#include <fmt/format.h>

#include "texture/allocate.hpp"

namespace forge3d::basis {
namespace {

constexpr std::uint64_t kUastcBytes = 16;  // a block

/// Ids that the specification does not have count as all four channels: those are in every block.
UastcChannels channels_of(const Ktx2Info& info) {
  if (info.channel_ids.empty()) return UastcChannels::kRgba;
  switch (info.channel_ids[0]) {
    case 0:
      return UastcChannels::kRgb;
    case 4:
      return UastcChannels::kRed;
    case 5:
      return UastcChannels::kRedGreen;
    case 6:
      return UastcChannels::kPlainRedGreen;
    default:
      return UastcChannels::kRgba;
  }
}

}  // namespace

UastcFile::UastcFile(const Ktx2Reader& reader)
    : reader_(reader), channels_(channels_of(reader.info())) {}

BasisChannels UastcFile::channels() const {
  if (info().basis_model == BasisModel::kUastcHdr) return BasisChannels::kRgb;
  switch (channels_) {
    case UastcChannels::kRgb:
      return BasisChannels::kRgb;
    case UastcChannels::kRgba:
      return BasisChannels::kRgba;
    case UastcChannels::kRed:
      return BasisChannels::kRed;
    default:
      return BasisChannels::kRedGreen;
  }
}

Result<> UastcFile::transcode(const Ktx2Slice& image, Format target,
                              std::span<std::byte> out) const {
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored, reader_.read_level(image.level));
  const std::uint64_t slices = mip_extent(info().depth, image.level);
  const std::uint64_t index =
      (std::uint64_t{image.layer} * info().faces + image.face) * slices + image.slice;
  return write_rows(stored, image.level, index, all_rows(image.level), {.target = target}, out);
}

Result<> UastcFile::transcode_level(std::uint32_t level, const BasisLevelDesc& desc,
                                    std::span<std::byte> out) const {
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored, reader_.read_level(level));
  const std::uint64_t images =
      std::uint64_t{info().layers} * info().faces * mip_extent(info().depth, level);
  const std::size_t image_size = out.size() / images;
  for (std::uint64_t index = 0; index < images; ++index)
    FORGE3D_TRY(write_rows(stored, level, index, all_rows(level), desc,
                           out.subspan(index * image_size, image_size)));
  return {};
}

bool UastcFile::reads_rows() const { return info().supercompression == Supercompression::kNone; }

Result<> UastcFile::write_rows(std::span<const std::byte> stored, std::uint32_t level,
                               std::uint64_t index, const BlockRows& rows,
                               const BasisLevelDesc& desc, std::span<std::byte> out) const {
  const std::uint64_t row_bytes = kUastcBytes * block_columns(info(), level);
  const std::uint64_t offset = (index * block_rows(info(), level) + rows.first) * row_bytes;
  const std::uint64_t size_bytes = rows.count * row_bytes;
  const std::uint64_t there = stored.empty() ? info().level_index[level].bytes : stored.size();
  if (offset + size_bytes > there)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: level {} has {} bytes, rows of its image {} end at {}",
                            reader_.name(), level, there, index, offset + size_bytes));
  if (!stored.empty())
    return transcode_rows(stored.subspan(offset, size_bytes), level, rows, desc, out);
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> blocks, texture::allocate_bytes(size_bytes));
  FORGE3D_TRY(reader_.read_stored(level, offset, blocks));
  return transcode_rows(blocks, level, rows, desc, out);
}

Result<> UastcFile::transcode_rows(std::span<const std::byte> blocks, std::uint32_t level,
                                   const BlockRows& rows, const BasisLevelDesc& desc,
                                   std::span<std::byte> out) const {
  return transcode_uastc({.width = mip_extent(info().width, level),
                          .height = texel_height(info(), level, rows),
                          .hdr = info().basis_model == BasisModel::kUastcHdr,
                          .channels = channels_,
                          .target = desc.target,
                          .quality = desc.quality,
                          .threads = desc.threads},
                         blocks, out);
}

}  // namespace forge3d::basis
