// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "blocks.hpp"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "arrays.hpp"
#include "errors.hpp"
#include "forge3d/codec.hpp"
#include "images.hpp"
#include "life.hpp"

namespace forge3d::python {
namespace {

constexpr std::size_t kMostExtent = 1u << 20;

Format format_argument(const std::string& name) {
  if (const auto format = format_from_word(name)) return *format;
  throw_invalid("unknown format '" + name + "'; block_formats() lists those that there are");
}

/// The type of one channel of a decoded texel.
nb::dlpack::dtype channel_type(Format format) {
  if (is_hdr(format)) return kHalfType;
  return is_snorm(format) ? nb::dtype<std::int8_t>() : nb::dtype<std::uint8_t>();
}

/// RGBA texels of a format's kind, tightly packed.
struct Texels {
  std::uint32_t width = 0, height = 0;
  std::size_t channel_bytes = 1;
  std::vector<std::byte> bytes;

  [[nodiscard]] std::size_t row_bytes() const { return 4 * channel_bytes * width; }
  [[nodiscard]] Rgba8View rgba8() const {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), width, height, row_bytes()};
  }
  [[nodiscard]] Rgba16fView rgba16f() const {
    return {reinterpret_cast<const std::uint16_t*>(bytes.data()), width, height, row_bytes()};
  }
  [[nodiscard]] Rgba8MutableView rgba8_out() {
    return {reinterpret_cast<std::uint8_t*>(bytes.data()), width, height, row_bytes()};
  }
  [[nodiscard]] Rgba16fMutableView rgba16f_out() {
    return {reinterpret_cast<std::uint16_t*>(bytes.data()), width, height, row_bytes()};
  }
};

/// What a channel is that the array lacks: 0, and full scale for alpha.
std::array<std::uint16_t, 4> missing_channels(Format format) {
  const std::uint16_t full = is_hdr(format) ? 0x3C00 : is_snorm(format) ? 127 : 255;
  return {0, 0, 0, full};
}

/// Spreads texels of `channels` numbers over RGBA.
void expand(std::span<const std::byte> source, std::size_t channels,
            const std::array<std::uint16_t, 4>& missing, Texels& out) {
  const std::size_t size = out.channel_bytes, texels = out.bytes.size() / (4 * size);
  for (std::size_t i = 0; i < texels; ++i)
    for (std::size_t c = 0; c < 4; ++c) {
      const auto* from = c < channels ? source.data() + (i * channels + c) * size
                                      : reinterpret_cast<const std::byte*>(&missing[c]);
      std::memcpy(out.bytes.data() + (4 * i + c) * size, from, size);
    }
}

void check_type(const nb::ndarray<nb::ro>& array, Format format) {
  const bool hdr = is_hdr(format);
  const bool bytes = array.dtype() == nb::dtype<std::uint8_t>() ||
                     (is_snorm(format) && array.dtype() == nb::dtype<std::int8_t>());
  if (hdr ? array.dtype() == kHalfType : bytes) return;
  throw_type_error("array must hold " +
                   std::string(hdr                ? "float16"
                               : is_snorm(format) ? "int8 (or its bits as uint8)"
                                                  : "uint8") +
                   " for " + long_name(format));
}

void check_shape(const nb::ndarray<nb::ro>& array) {
  bool fits = array.ndim() == 2 || (array.ndim() == 3 && array.shape(2) <= 4);
  for (std::size_t i = 0; fits && i < array.ndim(); ++i)
    fits = array.shape(i) > 0 && array.shape(i) <= kMostExtent;
  if (!fits)
    throw_invalid(
        "array must have the shape (height, width) or (height, width, 1..4), none of it zero");
}

Texels texels_argument(nb::handle object, Format format) {
  nb::ndarray<nb::ro> array;
  const bool is_array =
      PyObject_CheckBuffer(object.ptr()) != 0 || nb::hasattr(object, "__dlpack__");
  if (!is_array || !nb::try_cast(object, array, false))
    throw_type_error(std::string("array must be an array, not ") +
                     nb::type_name(object.type()).c_str());
  check_type(array, format);
  check_shape(array);
  const ReadBytes source(object, "array");
  Texels out{.width = static_cast<std::uint32_t>(array.shape(1)),
             .height = static_cast<std::uint32_t>(array.shape(0)),
             .channel_bytes = array.itemsize(),
             .bytes = {}};
  const std::size_t channels = array.ndim() == 2 ? 1 : array.shape(2);
  without_gil([&] {
    out.bytes.resize(out.row_bytes() * out.height);
    expand(source.bytes(), channels, missing_channels(format), out);
  });
  return out;
}

nb::object encode(nb::handle array, const std::string& format_name, const std::string& quality,
                  std::int64_t threads) {
  const Format format = format_argument(format_name);
  const EncodeBlocksDesc desc{
      .format = format, .quality = quality_argument(quality), .threads = threads_argument(threads)};
  const Texels texels = texels_argument(array, format);
  return array_of(value(without_gil([&]() -> Result<std::vector<std::byte>> {
    FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(format, texels.width, texels.height));
    std::vector<std::byte> blocks(size_bytes);
    FORGE3D_TRY(is_hdr(format) ? encode_blocks(desc, texels.rgba16f(), blocks)
                               : encode_blocks(desc, texels.rgba8(), blocks));
    return blocks;
  })));
}

Result<std::shared_ptr<Texels>> decode_texels(Format format, std::span<const std::byte> blocks,
                                              std::uint32_t width, std::uint32_t height,
                                              std::uint32_t threads) {
  FORGE3D_TRY_ASSIGN(const auto size_bytes, image_bytes(format, width, height));
  if (blocks.size() != size_bytes)  // before the texels are allocated
    return fail(ErrorCode::kInvalidArgument,
                "blocks holds " + std::to_string(blocks.size()) + " bytes, " +
                    std::to_string(width) + " x " + std::to_string(height) + " texels of " +
                    long_name(format) + " are " + std::to_string(size_bytes));
  const auto out = std::make_shared<Texels>();
  *out = {.width = width, .height = height, .channel_bytes = is_hdr(format) ? 2u : 1u, .bytes = {}};
  out->bytes.resize(out->row_bytes() * height);
  FORGE3D_TRY(is_hdr(format) ? decode_blocks(format, blocks, out->rgba16f_out(), threads)
                             : decode_blocks(format, blocks, out->rgba8_out(), threads));
  return out;
}

nb::object decode(nb::handle blocks, const std::string& format_name, std::uint32_t width,
                  std::uint32_t height, std::int64_t threads) {
  const Format format = format_argument(format_name);
  const std::uint32_t team = threads_argument(threads);
  const ReadBytes source(blocks, "blocks");
  const auto texels = value(
      without_gil([&] { return decode_texels(format, source.bytes(), width, height, team); }));
  return array_over(texels, texels->bytes.data(), {height, width, 4}, channel_type(format), true);
}

}  // namespace

void bind_blocks(nb::module_& module) {
  module.def("encode_blocks", encode, nb::arg("array"), nb::arg("format"), nb::arg("quality"),
             nb::arg("threads"),
             nb::sig("def encode_blocks(array: numpy.typing.NDArray[typing.Any], format: str, "
                     "quality: str, threads: int) -> numpy.typing.NDArray[numpy.uint8]"),
             "The blocks of an array (height, width[, 1..4]), row by row.");
  module.def("decode_blocks", decode, nb::arg("blocks"), nb::arg("format"), nb::arg("width"),
             nb::arg("height"), nb::arg("threads"),
             nb::sig("def decode_blocks(blocks: typing.Any, format: str, width: int, height: int, "
                     "threads: int) -> numpy.typing.NDArray[typing.Any]"),
             "The texels of blocks: an array (height, width, 4) over the library's memory.");
  module.def(
      "codecs",
      [] {
        nb::list encoded, decoded;
        const auto add = [&](Format format) {
          if (can_encode(format)) encoded.append(long_name(format));
          if (can_decode(format)) decoded.append(long_name(format));
        };
        for (std::uint32_t value = 0; value < 256; ++value) add(Format{value});
        for (std::uint32_t value = 1000066000; value < 1000066014; ++value) add(Format{value});
        return nb::make_tuple(encoded, decoded);
      },
      nb::sig("def codecs() -> tuple[list[str], list[str]]"),
      "Vulkan names of the formats that encode_blocks() and decode_blocks() take.");
  module.def(
      "simd_targets",
      [] {
        nb::list names;
        for (const std::string_view name : simd_targets())
          names.append(nb::str(name.data(), name.size()));
        return names;
      },
      nb::sig("def simd_targets() -> list[str]"),
      "The instruction sets of the codecs on this machine, best first.");
}

}  // namespace forge3d::python
