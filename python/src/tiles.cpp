// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "tiles.hpp"

#include <nanobind/stl/string.h>

#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include "callback_source.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/tiler.hpp"
#include "images.hpp"
#include "textures.hpp"
#include "tile_sources.hpp"

namespace forge3d::python {
namespace {

/// forge3d.streaming.CallbackTileSource.
class PyCallbackSource : public PyTileSource {
 public:
  using PyTileSource::PyTileSource;
};

/// The rows of an image in memory.
class ImageRows final : public RowReader {
 public:
  explicit ImageRows(Image image) : image_(std::move(image)) {}
  [[nodiscard]] const ImageInfo& info() const override { return image_.info; }
  [[nodiscard]] Result<> read_row(std::span<std::byte> row) override {
    if (next_ == image_.info.height)
      return fail(ErrorCode::kInvalidArgument, "no row beyond the last");
    const auto source = std::as_const(image_).row(next_++);
    std::memcpy(row.data(), source.data(), source.size());
    return {};
  }

 private:
  Image image_;
  std::uint32_t next_ = 0;
};

Result<std::unique_ptr<RowReader>> open_rows(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const FileKind kind, file_kind(path));
  if (kind != FileKind::kKtx2) return open_image(path);
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(std::filesystem::path(path)));
  FORGE3D_TRY_ASSIGN(Image image, decode_ktx2_slice(reader, {}));
  return std::make_unique<ImageRows>(std::move(image));
}

std::string kind_word(const std::string& path) {
  switch (file_value(without_gil([&] { return file_kind(path); }), path)) {
    case FileKind::kKtx2:
      return "ktx2";
    case FileKind::kPmtiles:
      return "pmtiles";
    case FileKind::kTiff:
      return "tiff";
    case FileKind::kPicture:
      break;
  }
  return "picture";
}

nb::tuple picture_shape(const std::string& path) {
  const auto shape = without_gil([&]() -> Result<ImageInfo> {
    FORGE3D_TRY_ASSIGN(const FileKind kind, file_kind(path));
    if (kind == FileKind::kKtx2) {
      FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(std::filesystem::path(path)));
      const FormatInfo* format = format_info(reader.info().format);
      return ImageInfo{.width = reader.info().width,
                       .height = reader.info().height,
                       .channels = 4,
                       .srgb = format == nullptr || format->srgb};
    }
    FORGE3D_TRY_ASSIGN(const auto reader, open_image(path));
    return reader->info();
  });
  const ImageInfo info = file_value(Result<ImageInfo>(shape), path);
  return nb::make_tuple(info.width, info.height, info.srgb);
}

PyTileSource* source_from_array(nb::handle array, const std::string& format,
                                std::uint32_t tile_size, bool srgb) {
  const Format chosen = encodable_format(format);
  Image image = image_argument(array, srgb, "array");
  return new PyTileSource(value(
      without_gil([&] { return make_image_tile_source(std::move(image), chosen, tile_size); })));
}

PyTileSource* source_from_picture(const std::string& path, const std::string& format,
                                  std::uint32_t tile_size) {
  const Format chosen = encodable_format(format);
  auto source = without_gil([&]() -> Result<std::shared_ptr<TileSource>> {
    FORGE3D_TRY_ASSIGN(const FileKind kind, file_kind(path));
    if (kind != FileKind::kKtx2) {
      FORGE3D_TRY_ASSIGN(Image image, load_image(path));
      return make_image_tile_source(std::move(image), chosen, tile_size);
    }
    FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(std::filesystem::path(path)));
    FORGE3D_TRY_ASSIGN(Image image, decode_ktx2_slice(reader, {}));
    return make_image_tile_source(std::move(image), chosen, tile_size);
  });
  return new PyTileSource(file_value(std::move(source), path));
}

void init_callback(PyCallbackSource* self, nb::object function, std::uint32_t width,
                   std::uint32_t height, const std::string& format, std::uint32_t tile_size,
                   bool srgb, const std::string& name) {
  const TilePyramid pyramid =
      value(make_tile_pyramid(width, height, with_srgb(encodable_format(format), srgb), tile_size));
  new (self) PyCallbackSource(std::make_shared<CallbackSource>(std::move(function), pyramid, name));
}

/// Calls a Python function now and then while a picture is tiled; what it raises cancels.
class ProgressCall {
 public:
  explicit ProgressCall(nb::handle function) : function_(function) {}
  bool operator()(std::uint32_t done, std::uint32_t rows) {
    const nb::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) {
      raised_ = std::make_exception_ptr(nb::python_error());
      return false;
    }
    if (function_.is_none()) return true;
    try {
      const nb::object answer = function_(done, rows);
      return !answer.is(nb::handle(Py_False));
    } catch (...) {
      raised_ = std::current_exception();
      return false;
    }
  }
  void rethrow() const {
    if (raised_) std::rethrow_exception(raised_);
  }

 private:
  nb::handle function_;
  std::exception_ptr raised_;
};

nb::dict tile_picture(const std::string& path, const std::string& out, const std::string& format,
                      const std::string& quality, std::uint32_t tile_size, std::uint32_t threads,
                      nb::handle progress) {
  ProgressCall call(progress);
  TilerDesc desc{.format = encodable_format(format),
                 .quality = quality_argument(quality),
                 .page_texels = tile_size,
                 .threads = threads,
                 .name = std::filesystem::path(path).stem().string()};
  desc.progress = [&call](std::uint32_t done, std::uint32_t rows) { return call(done, rows); };
  auto tiled = without_gil([&]() -> Result<TilerResult> {
    FORGE3D_TRY_ASSIGN(const auto reader, open_rows(path));
    return tile_image(*reader, out, desc);
  });
  call.rethrow();
  const TilerResult result = file_value(std::move(tiled), path);
  nb::dict dict;
  dict["width"] = result.width;
  dict["height"] = result.height;
  dict["levels"] = result.levels;
  dict["format"] = short_name(result.format);
  dict["tiles"] = result.tiles;
  dict["unique_tiles"] = result.unique_tiles;
  dict["bytes_out"] = result.bytes_out;
  dict["wall_ms"] = result.wall_ms;
  dict["mpixels_per_s"] = result.mpixels_per_s;
  dict["threads"] = result.threads;
  return dict;
}

/// What a plain tile of one channel looks like as an image; nullopt for others.
std::optional<SampleType> plain_sample(Format format) {
  if (format == Format::kR16Unorm) return SampleType::kU16;
  if (format == Format::kR32Sfloat) return SampleType::kF32;
  return std::nullopt;
}

nb::object read_tile(const PyTileSource& self, std::uint32_t level, std::uint32_t x,
                     std::uint32_t y) {
  const auto source = self.get();
  auto image = without_gil([&]() -> Result<Image> {
    const TilePyramid& pyramid = source->pyramid();
    std::vector<std::byte> bytes(pyramid.tile_bytes());
    FORGE3D_TRY(source->read_tile({level, x, y}, bytes));
    const std::uint32_t side = pyramid.tile_texels();
    if (const auto sample = plain_sample(pyramid.format))
      return Image{{side, side, 1, *sample, false}, std::move(bytes)};
    FORGE3D_TRY_ASSIGN(Image decoded, make_image({side, side, 4}));
    FORGE3D_TRY(decode_blocks(pyramid.format, bytes,
                              {reinterpret_cast<std::uint8_t*>(decoded.pixels.data()), side, side,
                               std::size_t{side} * 4}));
    return decoded;
  });
  return array_of(value(std::move(image)));
}

template <class Get>
void property(nb::class_<PyTileSource>& type, const char* name, Get get, const char* doc) {
  type.def_prop_ro(
      name, [get](const PyTileSource& self) { return get(*self.get()); }, doc);
}

void bind_source(nb::module_& module) {
  nb::class_<PyTileSource> type(
      module, "TileSource",
      "A picture in tiles: an archive, a picture in memory or a function. Thread-safe.");
  bind_life(type);
  using S = TileSource;
  property(
      type, "name", [](const S& s) { return s.name(); }, "What messages call it.");
  property(
      type, "width", [](const S& s) { return s.pyramid().width; }, "Texels of level 0.");
  property(
      type, "height", [](const S& s) { return s.pyramid().height; }, "Texels of level 0.");
  property(
      type, "levels", [](const S& s) { return s.pyramid().levels; }, "Number of levels.");
  property(
      type, "tile_size", [](const S& s) { return s.pyramid().page_texels; },
      "Texels of a tile's side, without its border.");
  property(
      type, "border", [](const S& s) { return s.pyramid().border_texels; },
      "Texels around a tile that repeat its neighbours.");
  property(
      type, "format", [](const S& s) { return short_name(s.pyramid().format); },
      "What tiles are stored as: 'BC7', 'RGBA8' and so on.");
  property(
      type, "vulkan_format", [](const S& s) { return long_name(s.pyramid().format); },
      "The same as Vulkan calls it: 'BC7_SRGB_BLOCK'.");
  type.def(
      "read_tile", read_tile, nb::arg("level"), nb::arg("x"), nb::arg("y"),
      nb::sig("def read_tile(self, level: int, x: int, y: int) -> "
              "numpy.typing.NDArray[typing.Any]"),
      "One tile decoded, with its border: an array (side, side, 4) of uint8; of heights (side, "
      "side) of uint16 or float32. Raises InvalidArgument (no such tile), Io, InvalidFile, "
      "NotSupported.");
  property(
      type, "tile_bytes", [](const S& s) { return s.pyramid().tile_bytes(); },
      "Plain bytes of one stored tile, its border included.");
  bind_tile_sources(module, type);
}

void bind_callback(nb::module_& module) {
  nb::class_<PyCallbackSource, PyTileSource> type(module, "CallbackTileSource",
                                                  R"(A Python function as a source of tiles.

function(level, x, y) returns an array (height, width[, 1..4]) of uint8, uint16 or float32 (0..1):
tile_size x tile_size texels, fewer at the right and lower edge, or tile_size + 8 a side with a
border of 4 around; without it the edge is repeated. Level 0 is the finest, of width x height
texels, level n has max(1, width >> n) x max(1, height >> n). The function is called from worker
threads with the GIL taken; what it raises makes the tile fail, which is logged and named in the
statistics; it must not call the system that waits for it.)");
  type.def("__init__", init_callback, nb::arg("function"), nb::arg("width"), nb::arg("height"),
           nb::arg("format") = "bc7", nb::arg("tile_size") = 256, nb::arg("srgb") = true,
           nb::arg("name") = "tile function",
           nb::sig("def __init__(self, function: typing.Callable[[int, int, int], typing.Any], "
                   "width: int, height: int, format: str = 'bc7', tile_size: int = 256, "
                   "srgb: bool = True, name: str = 'tile function') -> None"),
           "Raises InvalidArgument for extents outside 1..1048576, tile sizes that are no power of "
           "two in 64..512 and unknown formats, NotSupported for formats without an encoder.");
}

}  // namespace

void bind_tiles(nb::module_& module) {
  bind_source(module);
  bind_callback(module);
  module.def("file_kind", kind_word, nb::arg("path"),
             "'ktx2', 'pmtiles', 'tiff' or 'picture', by what the file begins with.");
  module.def("picture_shape", picture_shape, nb::arg("path"),
             nb::sig("def picture_shape(path: str) -> tuple[int, int, bool]"),
             "Width, height and whether it is sRGB, of a PNG, JPEG or KTX2 file.");
  module.def("tile_array", source_from_array, nb::arg("array"), nb::arg("format"),
             nb::arg("tile_size"), nb::arg("srgb"),
             nb::sig("def tile_array(array: numpy.typing.NDArray[typing.Any], format: str, "
                     "tile_size: int, srgb: bool) -> TileSource"),
             "An array (height, width[, 1..4]) in memory, tiles encoded when they are read.");
  module.def("tile_file", source_from_picture, nb::arg("path"), nb::arg("format"),
             nb::arg("tile_size"),
             "As tile_array for a PNG, JPEG or KTX2 file (level 0, decoded).");
  module.def("tile_picture", tile_picture, nb::arg("path"), nb::arg("out"), nb::arg("format"),
             nb::arg("quality"), nb::arg("tile_size"), nb::arg("threads") = 0,
             nb::arg("progress").none() = nb::none(),
             nb::sig("def tile_picture(path: str, out: str, format: str, quality: str, "
                     "tile_size: int, threads: int = 0, "
                     "progress: typing.Callable[[int, int], typing.Any] | None = None) -> "
                     "dict[str, typing.Any]"),
             "Tiles a PNG, JPEG or KTX2 file into an archive, which appears when it is whole. "
             "progress(rows_done, rows) may return False to cancel.");
}

}  // namespace forge3d::python
