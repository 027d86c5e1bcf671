// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/rgba8_rows.hpp"

#include <utility>

namespace forge3d::tiles {
namespace {

/// One pixel of `Channels` 8-bit samples as RGBA.
template <std::uint32_t Channels>
void expand_pixels(const std::byte* in, std::byte* out, std::uint32_t width) {
  constexpr bool kGrey = Channels < 3;
  for (std::uint32_t x = 0; x < width; ++x, in += Channels, out += 4) {
    out[0] = in[0];
    out[1] = in[kGrey ? 0 : 1];
    out[2] = in[kGrey ? 0 : 2];
    out[3] = Channels == 2 ? in[1] : std::byte{255};
  }
}

}  // namespace

Rgba8Rows::Rgba8Rows(const ImageInfo& info) : row_info_(info) {
  row_info_.height = 1;
  if (info.type == SampleType::kU8 && info.channels < 4)
    expanded_.resize(std::size_t{info.width} * 4);
}

void Rgba8Rows::expand_bytes(std::span<const std::byte> row) {
  const std::uint32_t width = row_info_.width;
  if (row_info_.channels == 1) expand_pixels<1>(row.data(), expanded_.data(), width);
  if (row_info_.channels == 2) expand_pixels<2>(row.data(), expanded_.data(), width);
  if (row_info_.channels == 3) expand_pixels<3>(row.data(), expanded_.data(), width);
}

Result<> Rgba8Rows::round_wide(std::span<const std::byte> row) {
  const Image one_row{row_info_, {row.begin(), row.end()}};
  FORGE3D_TRY_ASSIGN(Image rounded, to_rgba8(one_row));
  expanded_ = std::move(rounded.pixels);
  return {};
}

Result<std::span<const std::byte>> Rgba8Rows::expand(std::span<const std::byte> row) {
  const bool bytes = row_info_.type == SampleType::kU8;
  if (bytes && row_info_.channels == 4) return row;
  if (bytes) {
    expand_bytes(row);
  } else {
    FORGE3D_TRY(round_wide(row));
  }
  return std::span<const std::byte>(expanded_);
}

}  // namespace forge3d::tiles
