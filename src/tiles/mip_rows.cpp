// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/mip_rows.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "forge3d/format.hpp"

namespace forge3d::tiles {
namespace {

constexpr std::uint32_t kPieceTexels = 128;

/// Splits a row of `width` texels into pieces and calls convert(first, count) for those that differ
/// from `before`, the row above, which becomes this row. An empty `before` differs everywhere.
template <class Sample, class Convert>
void for_changed_pieces(std::span<const Sample> row, std::vector<Sample>& before,
                        std::uint32_t width, Convert convert) {
  const std::size_t texel_samples = row.size() / width;
  const bool is_first = before.empty();
  before.resize(row.size());
  for (std::uint32_t first = 0; first < width; first += kPieceTexels) {
    const std::uint32_t count = std::min(kPieceTexels, width - first);
    const Sample* now = row.data() + first * texel_samples;
    Sample* above = before.data() + first * texel_samples;
    const std::size_t size_bytes = count * texel_samples * sizeof(Sample);
    if (!is_first && std::memcmp(now, above, size_bytes) == 0) continue;
    std::memcpy(above, now, size_bytes);
    convert(first, count);
  }
}

ImageInfo piece_of(ImageInfo info, std::uint32_t texels) {
  info.width = texels;
  info.height = 1;
  return info;
}

}  // namespace

MipRows::MipRows(const ImageInfo& info, std::uint32_t levels, Sink sink)
    : info_(info), sink_(std::move(sink)) {
  for (std::uint32_t level = 0; level + 1 < levels; ++level) {
    levels_.push_back(
        {RowDownsampler(mip_extent(info.width, level), mip_extent(info.height, level)), {}});
    levels_.back().rounded.to.resize(std::size_t{levels_.back().downsampler.out_width()} * 4);
  }
  if (!levels_.empty()) linear_.to.resize(std::size_t{info.width} * 4);
}

Result<> MipRows::push(std::span<const std::byte> row) {
  if (levels_.empty()) return {};
  const std::size_t texel_bytes = info_.row_bytes() / info_.width;
  for_changed_pieces(row, linear_.from, info_.width, [&](std::uint32_t first, std::uint32_t count) {
    row_to_linear(piece_of(info_, count), row.subspan(first * texel_bytes, count * texel_bytes),
                  std::span(linear_.to).subspan(std::size_t{first} * 4, std::size_t{count} * 4));
  });
  std::span<const float> source = linear_.to;
  std::uint32_t number = 0;
  for (Level& level : levels_) {
    if (!level.downsampler.push(source)) break;
    source = level.downsampler.row();
    const ImageInfo rgba8{level.downsampler.out_width(), 1, 4, SampleType::kU8, info_.srgb};
    const auto round = [&](std::size_t first, std::uint32_t count) {
      row_from_linear(piece_of(rgba8, count), source.subspan(first * 4, std::size_t{count} * 4),
                      std::span(level.rounded.to).subspan(first * 4, std::size_t{count} * 4));
    };
    for_changed_pieces(source, level.rounded.from, rgba8.width, round);
    FORGE3D_TRY(sink_(++number, level.rounded.to));
  }
  return {};
}

}  // namespace forge3d::tiles
