// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/mip_rows.hpp"

#include <utility>

#include "forge3d/format.hpp"

namespace forge3d::tiles {

MipRows::MipRows(const ImageInfo& info, std::uint32_t levels, Sink sink)
    : info_(info), sink_(std::move(sink)) {
  for (std::uint32_t level = 0; level + 1 < levels; ++level)
    downsamplers_.emplace_back(mip_extent(info.width, level), mip_extent(info.height, level));
  if (downsamplers_.empty()) return;
  linear_.resize(std::size_t{info.width} * 4);
  rounded_.resize(std::size_t{downsamplers_.front().out_width()} * 4);
}

Result<> MipRows::push(std::span<const std::byte> row) {
  if (downsamplers_.empty()) return {};
  row_to_linear(info_, row, linear_);
  std::span<const float> source = linear_;
  std::uint32_t level = 0;
  for (RowDownsampler& downsampler : downsamplers_) {
    if (!downsampler.push(source)) break;
    source = downsampler.row();
    const ImageInfo rgba8{downsampler.out_width(), 1, 4, SampleType::kU8, info_.srgb};
    const auto rounded = std::span(rounded_).first(rgba8.row_bytes());
    row_from_linear(rgba8, source, rounded);
    FORGE3D_TRY(sink_(++level, rounded));
  }
  return {};
}

}  // namespace forge3d::tiles
