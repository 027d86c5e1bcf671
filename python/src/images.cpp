// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "images.hpp"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "errors.hpp"
#include "forge3d/compress.hpp"
#include "life.hpp"

namespace forge3d::python {
namespace {

// Families of formats, some of which the library's table does not hold: no typing errors.
constexpr std::array<std::string_view, 6> kKnownElsewhere = {"etc1",  "etc2", "eac",
                                                             "uastc", "astc", "basis"};

std::string plain_word(std::string_view name) {
  std::string word;
  for (const char c : name) {
    if (c != ' ' && c != '_' && c != '-')
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return word;
}

bool can_tile(Format format) { return can_encode(format) && !is_hdr(format); }

/// Short names of the formats that `takes` says yes to, with commas.
std::string names_of(bool (*takes)(Format)) {
  std::string names;
  for (const std::string_view word : format_short_names()) {
    const Format format = *format_from_name(word);
    if (takes(format)) names += (names.empty() ? "" : ", ") + short_name(format);
  }
  return names;
}

/// A short name of the library's table as people write it.
std::string written(std::string_view word) {
  std::string name;
  for (const char c : word) {
    name += c == '-'   ? ' '
            : c == 'x' ? c  // of ASTC's blocks
                       : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

/// "R16G16_SFLOAT" as "RG16F".
std::string plain_name(std::string_view name) {
  std::string channels, bits;
  for (const char c : name.substr(0, name.find('_'))) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
      channels += c;
      bits.clear();
    } else {
      bits += c;
    }
  }
  return channels + bits + (name.find("FLOAT") != std::string_view::npos ? "F" : "");
}

/// The value of a half float (IEEE 754 binary16), exactly.
float widened(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7FFFu, sign = half & 0x8000u;
  if (magnitude >= 0x7C00u)  // infinity and NaN
    return std::bit_cast<float>((sign << 16) | 0x7F800000u | ((magnitude & 0x3FFu) << 13));
  // The exponents' biases are 112 apart; as a number, half's steps below 2^-14 come out right, too.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return sign != 0 ? -scaled : scaled;
}

void widen_halves(std::span<const std::byte> halves, std::vector<std::byte>& floats) {
  floats.resize(halves.size() * 2);
  for (std::size_t i = 0; i * 2 < halves.size(); ++i) {
    std::uint16_t half;
    std::memcpy(&half, halves.data() + i * 2, 2);
    const float value = widened(half);
    std::memcpy(floats.data() + i * 4, &value, 4);
  }
}

std::optional<SampleType> sample_type(nb::dlpack::dtype type) {
  if (type == nb::dtype<std::uint8_t>()) return SampleType::kU8;
  if (type == nb::dtype<std::uint16_t>()) return SampleType::kU16;
  if (type == nb::dtype<float>() || type == kHalfType) return SampleType::kF32;
  return std::nullopt;
}

[[noreturn]] void throw_shape(const nb::ndarray<nb::ro>& array, const char* name) {
  std::string shape;
  for (std::size_t i = 0; i < array.ndim(); ++i)
    shape += (i == 0 ? "" : ", ") + std::to_string(array.shape(i));
  throw_invalid(std::string(name) +
                " must have the shape (height, width) or (height, width, 1..4), none of it zero, "
                "not (" +
                shape + ")");
}

ImageInfo image_info(const nb::ndarray<nb::ro>& array, bool srgb, const char* name) {
  const auto type = sample_type(array.dtype());
  const bool is_float =
      array.dtype().code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::Float);
  if (!type)
    throw_type_error(std::string(name) +
                     " must hold uint8, uint16, float16 or float32; convert it, e.g. with " + name +
                     (is_float ? ".astype('float32')" : ".astype('uint8')"));
  constexpr std::size_t kMostExtent = 1u << 20;
  const bool shaped = array.ndim() == 2 || (array.ndim() == 3 && array.shape(2) <= 4);
  if (!shaped) throw_shape(array, name);
  for (std::size_t i = 0; i < array.ndim(); ++i) {
    if (array.shape(i) == 0 || array.shape(i) > kMostExtent) throw_shape(array, name);
  }
  const auto extent = [&](std::size_t axis) {
    return static_cast<std::uint32_t>(array.shape(axis));
  };
  return {.width = extent(1),
          .height = extent(0),
          .channels = array.ndim() == 2 ? 1 : extent(2),
          .type = *type,
          .srgb = srgb};
}

}  // namespace

Image image_argument(nb::handle array, bool srgb, const char* name) {
  const bool is_array = PyObject_CheckBuffer(array.ptr()) != 0 || nb::hasattr(array, "__dlpack__");
  nb::ndarray<nb::ro> given;
  if (!is_array || !nb::try_cast(array, given, false))
    throw_type_error(std::string(name) +
                     " must be an array of uint8, uint16, float16 or float32, not " +
                     nb::type_name(array.type()).c_str());
  const ImageInfo info = image_info(given, srgb, name);
  const ReadBytes source(array, name);
  Image image{info, {}};
  const bool halves = given.dtype() == kHalfType;
  without_gil([&] {
    if (halves) return widen_halves(source.bytes(), image.pixels);
    image.pixels.assign(source.bytes().begin(), source.bytes().end());
  });
  return image;
}

nb::object array_of(Image image) {
  const auto owner = std::make_shared<Image>(std::move(image));
  const ImageInfo& info = owner->info;
  std::vector<std::size_t> shape = {info.height, info.width};
  if (info.channels > 1) shape.push_back(info.channels);
  const nb::dlpack::dtype type = info.type == SampleType::kU8    ? nb::dtype<std::uint8_t>()
                                 : info.type == SampleType::kU16 ? nb::dtype<std::uint16_t>()
                                                                 : nb::dtype<float>();
  return array_over(owner, owner->pixels.data(), shape, type, true);
}

nb::object array_of(std::vector<std::byte> bytes) {
  const auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  return array_over(owner, std::span(*owner), false);
}

std::string long_name(Format format) {
  const FormatInfo* info = format_info(format);
  return info == nullptr ? "UNDEFINED" : std::string(info->name);
}

std::string short_name(Format format) {
  const FormatInfo* info = format_info(format);
  if (info == nullptr) return "UNDEFINED";
  for (const std::string_view word : format_short_names())
    if (format_from_name(word) == with_srgb(format, false)) return written(word);
  if (!info->compressed) return plain_name(info->name);
  std::string name(info->name.substr(0, info->name.find("_BLOCK")));
  std::ranges::replace(name, '_', ' ');
  return name;
}

bool is_snorm(Format format) { return long_name(format).find("SNORM") != std::string::npos; }

std::optional<Format> format_from_word(const std::string& name) {
  if (const auto format = format_from_name(name)) return format;
  const std::string word = plain_word(name);
  if (word == "uncompressed" || word == "rgba") return Format::kRGBA8Unorm;
  for (const std::string_view known : format_short_names())
    if (plain_word(known) == word) return format_from_name(known);
  return std::nullopt;
}

namespace {

Format taken_format(const std::string& name, bool (*takes)(Format)) {
  const std::optional<Format> format = format_from_word(name);
  if (format && takes(*format)) return *format;
  const std::string word = plain_word(name);
  const bool known = format.has_value() || std::ranges::any_of(kKnownElsewhere, [&](auto family) {
                       return word.starts_with(family);
                     });
  const std::string names = names_of(takes);
  if (!known) throw_invalid("unknown format '" + name + "'; this build encodes " + names);
  const bool elsewhere = format && can_compress(*format);
  throw ErrorException(
      Error{ErrorCode::kNotSupported,
            0,
            elsewhere ? name + " is for compress() alone; here are " + names
                      : "this build has no encoder for " + name + "; it encodes " + names,
            {}});
}

}  // namespace

Format encodable_format(const std::string& name) { return taken_format(name, can_tile); }
Format compressible_format(const std::string& name) { return taken_format(name, can_compress); }

Quality quality_argument(const std::string& name) {
  for (const Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    if (name == to_string(quality)) return quality;
  }
  throw_invalid("quality must be 'fast', 'normal' or 'high', not '" + name + "'");
}

void bind_images(nb::module_& module) {
  module.def(
      "encoders",
      [] {
        nb::list names;
        for (const std::string_view name : compress_format_names())
          names.append(short_name(*format_from_name(name)));
        return names;
      },
      nb::sig("def encoders() -> list[str]"), "Names of the formats that compress() makes.");
  module.def(
      "format_name", [](const std::string& name) { return short_name(encodable_format(name)); },
      nb::arg("name"),
      "The short name of a format that tiles can have. Raises InvalidArgument for unknown names, "
      "NotSupported for formats without an encoder.");
  module.def(
      "load_image",
      [](const std::string& path) {
        auto image = without_gil([&] { return load_image(path); });
        if (!image) throw_for_file(std::move(image).error(), path);
        return array_of(*std::move(image));
      },
      nb::arg("path"), nb::sig("def load_image(path: str) -> numpy.typing.NDArray[typing.Any]"),
      "A PNG or JPEG, told by its content, as an array (height, width[, channels]) of uint8 or "
      "uint16. Raises FileNotFound, InvalidFile, NotSupported.");
  module.def(
      "save_png",
      [](const std::string& path, nb::handle array) {
        const Image image = image_argument(array, true, "array");
        auto saved = without_gil([&] { return save_png(path, image); });
        if (!saved) throw_for_file(std::move(saved).error(), path);
      },
      nb::arg("path"), nb::arg("array"),
      nb::sig("def save_png(path: str, array: numpy.typing.NDArray[typing.Any]) -> None"),
      "Writes an array (height, width[, 1..4]) of uint8 or uint16 as a PNG, which appears when it "
      "is whole.");
}

}  // namespace forge3d::python
