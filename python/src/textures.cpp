// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "textures.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <array>
#include <filesystem>

#include "arrays.hpp"
#include "device.hpp"
#include "images.hpp"

namespace forge3d::python {
namespace {

/// "none", "BasisLZ", "zstd", "zlib" or "UASTC-HDR-6x6".
const char* supercompression_name(Supercompression scheme) {
  switch (scheme) {
    case Supercompression::kNone:
      return "none";
    case Supercompression::kBasisLz:
      return "BasisLZ";
    case Supercompression::kZstd:
      return "zstd";
    case Supercompression::kZlib:
      return "zlib";
    case Supercompression::kUastcHdr6x6:
      break;
  }
  return "UASTC-HDR-6x6";
}

PyTexture* load(const std::string& path, const std::string& quality,
                const std::optional<std::string>& preferred_format,
                const std::optional<bool>& on_device) {
  TextureContent::Wish wish{.quality = quality_argument(quality)};
  if (preferred_format) wish.format = compressible_format(*preferred_format);
  if (on_device.value_or(true)) wish.system = memory_system_or_null();
  if (wish.system != nullptr && !wish.system->stats().has_compressed) wish.system = nullptr;
  if (on_device == true && wish.system == nullptr)
    throw ErrorException(Error{ErrorCode::kInvalidArgument,
                               0,
                               "on_device needs forge3d.memory.init_memory_system() with "
                               "compressed_textures first",
                               {}});
  auto content = without_gil([&] { return TextureContent::load(path, wish); });
  return new PyTexture(file_value(std::move(content), path));
}

nb::object level_pixels(const PyTexture& self, std::uint32_t level, std::uint32_t layer,
                        std::uint32_t face) {
  const auto content = self.get();
  auto image = without_gil([&]() -> Result<Image> {
    FORGE3D_TRY_ASSIGN(const Ktx2Reader* reader, content->reader());
    FORGE3D_TRY_ASSIGN(Image decoded, decode_ktx2_slice(*reader, {level, layer, face, 0}));
    if (decoded.info.type != SampleType::kU8) return decoded;
    return to_rgba8(decoded);
  });
  nb::object pixels = array_of(file_value(std::move(image), content->name()));
  return is_snorm(content->format()) ? pixels.attr("view")("int8") : pixels;
}

nb::object sampled_pixels(const PyTexture& self, std::uint32_t level, std::uint32_t layer) {
  const auto content = self.get();
  auto image = without_gil([&] { return content->sample(level, layer); });
  return array_of(file_value(std::move(image), content->name()));
}

/// A level as the file holds it, inflated; of BasisLZ, which has no bytes of its own, its slices.
Result<std::vector<std::byte>> level_of_file(const Ktx2Reader& reader, std::uint32_t level) {
  const Ktx2Info& info = reader.info();
  if (level >= info.levels || info.level_index[level].bytes != 0) return reader.read_level(level);
  std::vector<std::byte> slices(info.level_index[level].stored_bytes);
  FORGE3D_TRY(reader.read_stored(level, 0, slices));
  return slices;
}

nb::object level_data(const PyTexture& self, std::uint32_t level) {
  const auto content = self.get();
  auto bytes = without_gil([&]() -> Result<std::vector<std::byte>> {
    FORGE3D_TRY_ASSIGN(const Ktx2Reader* reader, content->reader());
    return level_of_file(*reader, level);
  });
  return array_of(file_value(std::move(bytes), content->name()));
}

nb::object optional_number(const std::optional<double>& number) {
  return number ? nb::object(nb::float_(*number)) : nb::object(nb::none());
}

/// Files of Basis Universal have no format of their own.
std::string stored_name(const TextureContent& content) {
  const bool basis =
      content.format() == Format::kUndefined && content.basis_model() != BasisModel::kNone;
  return basis ? std::string(to_string(content.basis_model())) : short_name(content.format());
}

std::string describe(const PyTexture& self) {
  if (self.is_closed()) return "<forge3d.compressed.Texture closed>";
  const auto content = self.get();
  return "<forge3d.compressed.Texture " + std::to_string(content->width()) + " x " +
         std::to_string(content->height()) + " " + stored_name(*content) + ", " +
         std::to_string(content->levels()) + " levels" +
         (content->on_device() ? ", on the device>" : ">");
}

/// A property that calls a const member of the content.
template <class Get>
void property(nb::class_<PyTexture>& type, const char* name, Get get, const char* doc) {
  type.def_prop_ro(
      name, [get](const PyTexture& self) { return get(*self.get()); }, doc);
}

void bind_texture_shape(nb::class_<PyTexture>& type) {
  using C = TextureContent;
  property(
      type, "name", [](const C& c) { return c.name(); }, "The file's path.");
  property(
      type, "width", [](const C& c) { return c.width(); }, "Texels of level 0.");
  property(
      type, "height", [](const C& c) { return c.height(); }, "Texels of level 0.");
  property(
      type, "mip_levels", [](const C& c) { return c.levels(); }, "Number of levels.");
  property(
      type, "layers", [](const C& c) { return c.layers(); }, "Array layers, times 6 for cubes.");
  property(
      type, "format", [](const C& c) { return stored_name(c); },
      "What the texels are stored as: 'BC7', 'RGBA8' and so on; of Basis Universal files that are "
      "not on a device 'ETC1S', 'UASTC' or 'UASTC HDR'.");
  property(
      type, "vulkan_format", [](const C& c) { return long_name(c.format()); },
      "The same as Vulkan calls it: 'BC7_SRGB_BLOCK'; 'UNDEFINED' where it has no name for it.");
  property(
      type, "srgb", [](const C& c) { return c.srgb(); },
      "Colours carry the sRGB transfer function.");
  type.def_prop_ro(
      "file_format",
      [](const PyTexture& self) -> std::optional<std::string> {
        const auto content = self.get();
        if (content->basis_model() != BasisModel::kNone)
          return std::string(to_string(content->basis_model()));
        const Format format = content->file_format();
        if (format == Format::kUndefined) return std::nullopt;
        return short_name(format);
      },
      "The format in the file: 'BC7', 'ETC1S', 'UASTC', 'UASTC HDR' and so on; None for pictures "
      "and "
      "formats outside the table.");
  property(
      type, "reason", [](const C& c) { return c.reason(); },
      "Why the texels are in this format: a sentence.");
}

void bind_texture_figures(nb::class_<PyTexture>& type) {
  using C = TextureContent;
  property(
      type, "compression_ratio", [](const C& c) { return c.compression_ratio(); },
      "Bytes of all levels as RGBA8 over level_bytes_total.");
  property(
      type, "uncompressed_bytes", [](const C& c) { return c.uncompressed_bytes(); },
      "All levels as RGBA8.");
  property(
      type, "level_bytes_total", [](const C& c) { return c.level_bytes(); },
      "All levels in their format; on the device what they take there.");
  property(
      type, "stored_bytes", [](const C& c) { return c.stored_bytes(); },
      "All levels as they lie in the file, supercompressed.");
  property(
      type, "decode_ms", [](const C& c) { return c.decode_ms(); },
      "Time for reading, inflating, decoding and encoding, without the upload.");
  property(
      type, "on_device", [](const C& c) { return c.on_device(); },
      "True when the levels lie in device memory, in the process's memory system.");
  type.def_prop_ro(
      "psnr_db", [](const PyTexture& self) { return optional_number(self.get()->psnr_db()); },
      nb::sig("def psnr_db(self) -> float | None"),
      "Measured on level 0 (RGB) where it was encoded here; None where the file was taken as it "
      "is.");
}

void bind_texture(nb::module_& module) {
  nb::class_<PyTexture> type(module, "Texture",
                             "A KTX2 file or an encoded picture; forge3d.compressed.load_texture() "
                             "makes it. Thread-safe.");
  bind_life(type);
  type.def("__repr__", describe, "Its shape.");
  bind_texture_shape(type);
  bind_texture_figures(type);
  type.def(
      "level", level_pixels, nb::arg("index") = 0, nb::arg("layer") = 0, nb::arg("face") = 0,
      nb::sig("def level(self, index: int = 0, layer: int = 0, face: int = 0) -> "
              "numpy.typing.NDArray[typing.Any]"),
      "One level decoded: an array (height, width, 4) of uint8 (int8 for SNORM formats), over the "
      "library's memory, which lives as long as the array. Formats of floats give float32, "
      "those of 16 bits uint16, both in channels of their own where they are plain. Raises "
      "InvalidArgument (no such level), NotSupported (format).");
  type.def("level_bytes", level_data, nb::arg("index") = 0,
           nb::sig("def level_bytes(self, index: int = 0) -> numpy.typing.NDArray[numpy.uint8]"),
           "A level's bytes as stored in the file, inflated (of ETC1S its slices): all layers and "
           "faces, one dimension, read-only, over the library's memory.");
  type.def("sample", sampled_pixels, nb::arg("level") = 0, nb::arg("layer") = 0,
           nb::sig("def sample(self, level: int = 0, layer: int = 0) -> "
                   "numpy.typing.NDArray[numpy.uint8]"),
           "What the device's own sampler reads at each texel centre: an array (height, width, 4), "
           "a decode that owes nothing to this library. sRGB formats give linear values. Raises "
           "InvalidArgument (not on_device, no such level or layer), BudgetExceeded.");
  module.def("load_texture", load, nb::arg("path"), nb::arg("quality") = "high",
             nb::arg("preferred_format") = nb::none(), nb::arg("on_device") = nb::none(),
             "A texture from a KTX2, PNG or JPEG file, told by its content. on_device None: on the "
             "device when the process's memory system holds textures.");
}

nb::list findings_list(const std::vector<ValidationFinding>& findings) {
  nb::list list;
  for (const ValidationFinding& finding : findings) {
    const char* severity = finding.severity == ValidationFinding::Severity::kWarning ? "warning"
                           : finding.severity == ValidationFinding::Severity::kError ? "error"
                                                                                     : "fatal";
    list.append(nb::make_tuple(finding.id, severity, finding.offset, finding.text));
  }
  return list;
}

nb::tuple validate_data(nb::handle data, bool gltf_basisu) {
  const ReadBytes bytes(data, "data");
  const auto findings = value(without_gil([&] {
    return validate_ktx2(*make_memory_source(bytes.bytes(), "data"), {.gltf_basisu = gltf_basisu});
  }));
  return nb::make_tuple(is_valid(findings), findings_list(findings));
}

nb::tuple validate_file(const std::string& path, bool gltf_basisu) {
  auto findings = without_gil([&]() -> Result<std::vector<ValidationFinding>> {
    FORGE3D_TRY_ASSIGN(const auto source, open_file_source(path));
    return validate_ktx2(*source, {.gltf_basisu = gltf_basisu});
  });
  const auto found = file_value(std::move(findings), path);
  return nb::make_tuple(is_valid(found), findings_list(found));
}

nb::dict info_dict(const Ktx2Info& info) {
  nb::list levels;
  for (std::uint32_t i = 0; i < info.levels; ++i) {
    const Ktx2Info::Level& level = info.level_index[i];
    nb::dict entry;
    entry["width"] = mip_extent(info.width, i);
    entry["height"] = mip_extent(info.height, i);
    entry["offset"] = level.offset;
    entry["stored_bytes"] = level.stored_bytes;
    entry["bytes"] = level.bytes;
    levels.append(entry);
  }
  nb::dict key_values;
  for (const auto& [key, bytes] : info.key_values) {
    const nb::bytes text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    key_values[nb::str(key.c_str(), key.size())] = text;
  }
  nb::dict dict;
  dict["format"] = short_name(info.format);
  dict["vulkan_format"] = long_name(info.format);
  dict["vk_format"] = info.vk_format;
  if (info.basis_model != BasisModel::kNone)
    dict["basis_model"] = std::string(to_string(info.basis_model));
  dict["width"] = info.width;
  dict["height"] = info.height;
  dict["depth"] = info.depth;
  dict["layers"] = info.layers;
  dict["faces"] = info.faces;
  dict["mip_levels"] = info.levels;
  dict["is_array"] = info.is_array;
  dict["supercompression"] = supercompression_name(info.supercompression);
  dict["can_decode"] = can_decode_ktx2(info);
  dict["levels"] = levels;
  dict["key_values"] = key_values;
  return dict;
}

nb::dict file_info(const std::string& path) {
  const auto reader =
      file_value(without_gil([&] { return Ktx2Reader::open(std::filesystem::path(path)); }), path);
  return info_dict(reader.info());
}

nb::list texture_support(nb::handle device) {
  const auto opened = device_argument(device);
  nb::list names;
  for (const std::string_view name : format_short_names()) {
    const Format format = *format_from_name(name);
    if (format_info(format)->compressed && opened->can_sample(format))
      names.append(short_name(format));
  }
  return names;
}

}  // namespace

void bind_textures(nb::module_& module) {
  bind_texture(module);
  module.def("validate_ktx2_data", validate_data, nb::arg("data"), nb::arg("gltf_basisu") = false,
             nb::sig("def validate_ktx2_data(data: typing.Any, gltf_basisu: bool = False) -> "
                     "tuple[bool, list[tuple[int, str, int, str]]]"),
             "Whether the bytes are a valid KTX2 file, and findings (id, severity, offset, text).");
  module.def("validate_ktx2_file", validate_file, nb::arg("path"), nb::arg("gltf_basisu") = false,
             nb::sig("def validate_ktx2_file(path: str, gltf_basisu: bool = False) -> "
                     "tuple[bool, list[tuple[int, str, int, str]]]"),
             "As validate_ktx2_data for a file. Raises FileNotFound, Io.");
  module.def(
      "ktx2_info", file_info, nb::arg("path"),
      nb::sig("def ktx2_info(path: str) -> dict[str, typing.Any]"),
      "Header, level index and key/values of a KTX2 file. Raises FileNotFound, InvalidFile.");
  module.def("texture_support", texture_support, nb::arg("device").none() = nb::none(),
             nb::sig("def texture_support(device: Device | None = None) -> list[str]"),
             "Names of the compressed formats that the device samples.");
}

}  // namespace forge3d::python
