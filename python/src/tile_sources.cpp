// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "tile_sources.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "arguments.hpp"
#include "arrays.hpp"
#include "forge3d/tile_sources.hpp"
#include "images.hpp"
#include "tile_function.hpp"

namespace forge3d::python {
namespace {

using Range = std::pair<float, float>;

/// A format of tiles, heights included, or kUndefined for None. Whether it can be encoded is for
/// the library to say. Throws InvalidArgument for unknown names.
Format source_format(const std::optional<std::string>& name) {
  constexpr std::array kHeights{Format::kR16Unorm, Format::kR16Sfloat, Format::kR32Sfloat};
  if (!name) return Format::kUndefined;
  if (const auto format = format_from_word(*name)) return *format;
  for (const Format height : kHeights)
    if (*name == short_name(height)) return height;
  throw_invalid("unknown format '" + *name + "'");
}

TileSourceOptions options_of(const std::optional<std::string>& format, const std::string& quality,
                             std::uint32_t tile_size,
                             const std::optional<Range>& height_range = std::nullopt) {
  TileSourceOptions options;
  options.format = source_format(format);
  options.quality = quality_argument(quality);
  options.page_texels = tile_size;
  if (height_range) options.range = HeightRange{height_range->first, height_range->second};
  return options;
}

PyTileSource* open_source(const std::string& path, const std::optional<std::string>& format,
                          const std::string& quality, std::uint32_t tile_size,
                          const std::optional<Range>& height_range) {
  const TileSourceOptions options = options_of(format, quality, tile_size, height_range);
  auto source = without_gil([&] { return open_tile_source(path, options); });
  return new PyTileSource(file_value(std::move(source), path));
}

PyTileSource* procedural(std::uint64_t seed, std::uint32_t extent, const std::string& kind,
                         const std::optional<std::string>& format, const std::string& quality,
                         std::uint32_t tile_size) {
  std::optional<ProceduralKind> found;
  for (const ProceduralKind one : {ProceduralKind::kTerrain, ProceduralKind::kHeights})
    if (kind == to_string(one)) found = one;
  const ProceduralKind chosen = word_argument("kind", kind, found, "'terrain' or 'heights'");
  const TileSourceOptions options = options_of(format, quality, tile_size);
  return new PyTileSource(
      value(without_gil([&] { return make_procedural_source(chosen, extent, seed, options); })));
}

PyTileSource* from_stored(nb::object function, std::uint32_t width, std::uint32_t height,
                          const std::string& format, std::uint32_t tile_size, bool srgb,
                          const std::string& name) {
  const TilePyramid pyramid =
      value(make_tile_pyramid(width, height, with_srgb(source_format(format), srgb), tile_size));
  const auto held = std::make_shared<TileFunction>(std::move(function), name);
  const auto fill = [held](TileAddress address, std::span<std::byte> out) {
    return held->call(address, [&](nb::handle returned) -> Result<> {
      const ReadBytes given(returned, "the tile");
      if (given.bytes().size() != out.size())
        return fail(ErrorCode::kInvalidArgument,
                    held->name() + " returned " + std::to_string(given.bytes().size()) +
                        " bytes: a stored tile has " + std::to_string(out.size()));
      std::memcpy(out.data(), given.bytes().data(), out.size());
      return {};
    });
  };
  return new PyTileSource(value(make_callback_tile_source(pyramid, fill, name)));
}

const char* to_word(SampleType type) {
  return type == SampleType::kU8 ? "uint8" : type == SampleType::kU16 ? "uint16" : "float32";
}

SampleType sample_argument(const std::string& dtype) {
  std::optional<SampleType> found;
  for (const SampleType type : {SampleType::kU8, SampleType::kU16, SampleType::kF32})
    if (dtype == to_word(type)) found = type;
  return word_argument("dtype", dtype, found, "'uint8', 'uint16' or 'float32'");
}

std::string in_words(const ImageInfo& info) {
  return std::to_string(info.width) + " x " + std::to_string(info.height) + " x " +
         std::to_string(info.channels) + " of " + to_word(info.type);
}

/// Copies an array into the rows of a page. It may have page x page pixels although the level ends
/// before: what lies outside does not count.
Result<> fill_page(nb::handle returned, const ImageInfo& shape, std::uint32_t page,
                   std::span<std::byte> rows, const std::string& name) {
  const Image given = image_argument(returned, shape.srgb, "the page");
  const ImageInfo& info = given.info;
  const auto fits = [page](std::uint32_t texels, std::uint32_t inside) {
    return texels == inside || texels == page;
  };
  if (!fits(info.width, shape.width) || !fits(info.height, shape.height) ||
      info.channels != shape.channels || info.type != shape.type)
    return fail(ErrorCode::kInvalidArgument,
                name + " returned " + in_words(info) + ": this page has " + in_words(shape));
  for (std::uint32_t y = 0; y < shape.height; ++y)
    std::memcpy(&rows[y * shape.row_bytes()], given.row(y).data(), shape.row_bytes());
  return {};
}

PyTileSource* from_pages(nb::object function, std::uint32_t width, std::uint32_t height,
                         std::uint32_t channels, const std::string& dtype, bool srgb,
                         std::uint32_t levels, const std::optional<std::string>& format,
                         const std::string& quality, std::uint32_t tile_size,
                         const std::optional<Range>& height_range, const std::string& name) {
  const TileSourceOptions options = options_of(format, quality, tile_size, height_range);
  const ImageInfo info{.width = width,
                       .height = height,
                       .channels = channels,
                       .type = sample_argument(dtype),
                       .srgb = srgb};
  const auto held = std::make_shared<TileFunction>(std::move(function), name);
  const auto fill = [held, tile_size](TileAddress address, const ImageInfo& shape,
                                      std::span<std::byte> rows) {
    return held->call(address, [&](nb::handle returned) {
      return fill_page(returned, shape, tile_size, rows, held->name());
    });
  };
  return new PyTileSource(value(make_callback_tile_source(info, fill, levels, options, name)));
}

void bind_makers(nb::class_<PyTileSource>& type) {
  type.def_static(
      "procedural", procedural, nb::arg("seed"), nb::arg("extent") = kMaxPyramidExtent,
      nb::arg("kind") = "terrain", nb::arg("format") = nb::none(), nb::arg("quality") = "fast",
      nb::arg("tile_size") = 256,
      nb::sig("def procedural(seed: int, extent: int = 1048576, kind: str = 'terrain', "
              "format: str | None = None, quality: str = 'fast', tile_size: int = 256) -> "
              "TileSource"),
      "A world of extent x extent texels that the seed alone decides, the same on every machine. "
      "kind: 'terrain' (colours; RGBA8 without a format) or 'heights' (R16). Needs no memory but "
      "the tile's. Raises InvalidArgument, NotSupported (a format that cannot be encoded).");
  type.def_static(
      "from_pages", from_pages, nb::arg("function"), nb::arg("width"), nb::arg("height"),
      nb::arg("channels") = 3, nb::arg("dtype") = "uint8", nb::kw_only(), nb::arg("srgb") = true,
      nb::arg("levels") = 0, nb::arg("format") = nb::none(), nb::arg("quality") = "fast",
      nb::arg("tile_size") = 256, nb::arg("height_range") = nb::none(),
      nb::arg("name") = "page function",
      nb::sig("def from_pages(function: typing.Callable[[int, int, int], typing.Any], width: int, "
              "height: int, channels: int = 3, dtype: str = 'uint8', *, srgb: bool = True, "
              "levels: int = 0, format: str | None = None, quality: str = 'fast', "
              "tile_size: int = 256, height_range: tuple[float, float] | None = None, "
              "name: str = 'page function') -> TileSource"),
      R"(Raw pages that a function computes: without borders, which come from the neighbours.

function(level, x, y) returns an array (height, width[, channels]) of dtype ('uint8', 'uint16',
'float32'): tile_size a side, where the level ends also less. levels: it is asked for these alone,
and the coarser ones are filtered from them; 0: for all. format None: BC7 for colours and 8-bit grey,
R16 for 16-bit grey and for heights with a range, R32F for heights without. Called as the function of
a CallbackTileSource is; it must not read tiles of its own source. Raises InvalidArgument, NotSupported
(the format; levels that would need too many pages to filter).)");
  type.def_static(
      "from_stored", from_stored, nb::arg("function"), nb::arg("width"), nb::arg("height"),
      nb::arg("format") = "bc7", nb::arg("tile_size") = 256, nb::arg("srgb") = true,
      nb::arg("name") = "tile function",
      nb::sig("def from_stored(function: typing.Callable[[int, int, int], typing.Any], width: int, "
              "height: int, format: str = 'bc7', tile_size: int = 256, srgb: bool = True, "
              "name: str = 'tile function') -> TileSource"),
      "Stored tiles that a function has: it returns the bytes of a tile in the format, its border "
      "of 4 texels included, tile_bytes of them. Called as the function of a CallbackTileSource "
      "is. Raises InvalidArgument, NotSupported.");
}

}  // namespace

void bind_tile_sources(nb::module_& module, nb::class_<PyTileSource>& type) {
  bind_makers(type);
  module.def(
      "source_format_name", [](const std::string& name) { return short_name(source_format(name)); },
      nb::arg("name"),
      "The short name of a format that a source may have. Raises InvalidArgument for unknown "
      "ones.");
  module.def("open_source", open_source, nb::arg("path"), nb::arg("format"), nb::arg("quality"),
             nb::arg("tile_size"), nb::arg("height_range") = nb::none(),
             nb::sig("def open_source(path: str, format: str | None, quality: str, tile_size: int, "
                     "height_range: tuple[float, float] | None = None) -> TileSource"),
             "The tiles of a PMTiles, TIFF, KTX2, PNG or JPEG file in place, told by its content.");
}

}  // namespace forge3d::python
