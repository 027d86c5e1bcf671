// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_file.hpp"

#include <fmt/format.h>

namespace forge3d::basis {
namespace {

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
  return transcode_image(stored, image.level, index, {.target = target}, out);
}

Result<> UastcFile::transcode_level(std::uint32_t level, const BasisLevelDesc& desc,
                                    std::span<std::byte> out) const {
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored, reader_.read_level(level));
  const std::uint64_t images =
      std::uint64_t{info().layers} * info().faces * mip_extent(info().depth, level);
  const std::size_t image_size = out.size() / images;
  for (std::uint64_t index = 0; index < images; ++index)
    FORGE3D_TRY(
        transcode_image(stored, level, index, desc, out.subspan(index * image_size, image_size)));
  return {};
}

Result<> UastcFile::transcode_image(std::span<const std::byte> stored, std::uint32_t level,
                                    std::uint64_t index, const BasisLevelDesc& desc,
                                    std::span<std::byte> out) const {
  const std::uint32_t width = mip_extent(info().width, level);
  const std::uint32_t height = mip_extent(info().height, level);
  FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                     image_bytes(Format::kASTC4x4Unorm, width, height));
  if ((index + 1) * size_bytes > stored.size())
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: level {} has {} bytes, its image {} ends at {}", reader_.name(),
                            level, stored.size(), index, (index + 1) * size_bytes));
  return transcode_uastc({.width = width,
                          .height = height,
                          .hdr = info().basis_model == BasisModel::kUastcHdr,
                          .channels = channels_,
                          .target = desc.target,
                          .quality = desc.quality,
                          .threads = desc.threads},
                         stored.subspan(index * size_bytes, size_bytes), out);
}

}  // namespace forge3d::basis
