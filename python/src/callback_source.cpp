// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "callback_source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "images.hpp"

namespace forge3d::python {
namespace {

constexpr std::size_t kTexelBytes = 4;

/// Whether an array of one axis is the whole tile, the payload, or what of it lies on the level.
bool fits_axis(std::uint32_t texels, std::uint32_t payload, std::uint32_t inside) {
  return texels == payload || texels == inside;
}

}  // namespace

CallbackSource::CallbackSource(nb::object function, const TilePyramid& pyramid, std::string name)
    : function_(std::move(function), std::move(name)), pyramid_(pyramid) {}

Result<> CallbackSource::read_tile(TileAddress address, std::span<std::byte> out) const {
  if (!pyramid_.contains(address))
    return fail(ErrorCode::kInvalidArgument, name() + ": no tile " + std::to_string(address.level) +
                                                 "/" + std::to_string(address.x) + "/" +
                                                 std::to_string(address.y));
  FORGE3D_TRY_ASSIGN(const std::vector<std::uint8_t> texels, call(address));
  const std::uint32_t side = pyramid_.tile_texels();
  return encode_blocks({pyramid_.format, Quality::kFast, 1},
                       {texels.data(), side, side, side * kTexelBytes}, out);
}

Result<std::vector<std::uint8_t>> CallbackSource::call(TileAddress address) const {
  std::vector<std::uint8_t> texels;
  FORGE3D_TRY(function_.call(address, [&](nb::handle returned) -> Result<> {
    FORGE3D_TRY_ASSIGN(texels, tile_of(returned, address));
    return {};
  }));
  return texels;
}

Result<std::vector<std::uint8_t>> CallbackSource::tile_of(nb::handle returned,
                                                          TileAddress address) const {
  const Image given = image_argument(returned, true, "the tile");
  FORGE3D_TRY_ASSIGN(const Image image, to_rgba8(given));
  const std::uint32_t side = pyramid_.tile_texels(), page = pyramid_.page_texels;
  const ImageInfo& info = image.info;
  const std::uint32_t inside_x =
      std::min(page, pyramid_.level_width(address.level) - address.x * page);
  const std::uint32_t inside_y =
      std::min(page, pyramid_.level_height(address.level) - address.y * page);
  const bool whole = info.width == side && info.height == side;
  if (!whole && !(fits_axis(info.width, page, inside_x) && fits_axis(info.height, page, inside_y)))
    return fail(ErrorCode::kInvalidArgument,
                name() + " returned " + std::to_string(info.width) + " x " +
                    std::to_string(info.height) + " texels: a tile has " + std::to_string(page) +
                    " x " + std::to_string(page) + ", or " + std::to_string(side) + " x " +
                    std::to_string(side) + " with its border");
  const std::int64_t border = whole ? 0 : pyramid_.border_texels;
  std::vector<std::uint8_t> texels(std::size_t{side} * side * kTexelBytes);
  // Of a payload that is larger than its level only the level counts; its edge is repeated.
  const auto last_x = static_cast<std::int64_t>(whole ? side : inside_x) - 1;
  const auto last_y = static_cast<std::int64_t>(whole ? side : inside_y) - 1;
  for (std::int64_t y = 0; y < side; ++y) {
    const auto row =
        image.row(static_cast<std::uint32_t>(std::clamp<std::int64_t>(y - border, 0, last_y)));
    for (std::int64_t x = 0; x < side; ++x)
      std::memcpy(&texels[static_cast<std::size_t>(y * side + x) * kTexelBytes],
                  &row[static_cast<std::size_t>(std::clamp<std::int64_t>(x - border, 0, last_x)) *
                       kTexelBytes],
                  kTexelBytes);
  }
  return texels;
}

}  // namespace forge3d::python
