// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>

#include "forge3d/tile_source.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kMinPageTexels = 64, kMaxPageTexels = 512;
constexpr std::uint32_t kBlockTexels = 4;  // the largest block of the format table

tl::unexpected<Error> bad(std::string_view field, std::uint32_t value, std::string_view rule) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("tile pyramid: {} is {}, must be {}", field, value, rule));
}

Result<> check_shape(const TilePyramid& pyramid) {
  for (const auto& [field, extent] :
       {std::pair{"width", pyramid.width}, std::pair{"height", pyramid.height}})
    if (extent == 0 || extent > kMaxPyramidExtent) return bad(field, extent, "1 to 1048576");
  if (!std::has_single_bit(pyramid.page_texels) || pyramid.page_texels < kMinPageTexels ||
      pyramid.page_texels > kMaxPageTexels)
    return bad("page_texels", pyramid.page_texels, "64, 128, 256 or 512");
  if (pyramid.border_texels % kBlockTexels != 0 || pyramid.border_texels > pyramid.page_texels / 2)
    return bad("border_texels", pyramid.border_texels, "a multiple of 4, at most half a page");
  return {};
}

Result<> check_format(Format format) {
  const FormatInfo* info = format_info(format);
  if (info != nullptr && info->block_width <= kBlockTexels && info->block_height <= kBlockTexels)
    return {};
  return fail(ErrorCode::kNotSupported, fmt::format("tile pyramid: format {} cannot be tiled",
                                                    static_cast<std::uint32_t>(format)));
}

}  // namespace

std::uint64_t TilePyramid::tile_bytes() const {
  return image_bytes(format, tile_texels(), tile_texels()).value_or(0);
}

std::uint64_t TilePyramid::page_count() const {
  std::uint64_t pages = 0;
  for (std::uint32_t level = 0; level < levels; ++level)
    pages += std::uint64_t{pages_x(level)} * pages_y(level);
  return pages;
}

Result<TilePyramid> make_tile_pyramid(std::uint32_t width, std::uint32_t height, Format format,
                                      std::uint32_t page_texels, std::uint32_t border_texels) {
  TilePyramid pyramid{width, height, page_texels, border_texels, 1, format};
  FORGE3D_TRY(check_shape(pyramid));
  FORGE3D_TRY(check_format(format));
  const auto fits_one_page = [&](std::uint32_t level) {
    return pyramid.level_width(level) <= page_texels && pyramid.level_height(level) <= page_texels;
  };
  while (!fits_one_page(pyramid.levels - 1)) ++pyramid.levels;
  return pyramid;
}

}  // namespace forge3d
