// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "compress.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "arguments.hpp"
#include "device.hpp"
#include "forge3d/compress.hpp"
#include "forge3d/mip.hpp"
#include "images.hpp"
#include "life.hpp"
#include "metrics.hpp"
#include "system_access.hpp"

namespace forge3d::python {
namespace {

nb::str text(std::string_view view) { return nb::str(view.data(), view.size()); }

MipFilter filter_argument(const std::string& name) {
  return word_argument("mip_filter", name, mip_filter_from_name(name),
                       "'box', 'kaiser' or 'lanczos'");
}

std::optional<float> cutoff_argument(const std::optional<double>& alpha_cutoff) {
  if (!alpha_cutoff) return std::nullopt;
  return static_cast<float>(*alpha_cutoff);
}

/// The device whose formats are the ones to choose from; null: every format is.
std::shared_ptr<Device> choosing_device(nb::handle device) {
  if (device.is_none()) {
    const auto system = memory_system_or_null();
    return system == nullptr ? nullptr : system->device();
  }
  std::string word;
  if (!nb::try_cast(device, word)) return device_argument(device);
  if (word == "any") return nullptr;
  throw_invalid("device must be a forge3d.Device, 'any' or None, not '" + word + "'");
}

/// What Python says of a call, in its own words.
struct CompressWords {
  std::string quality, use_case, memory_priority, mip_filter;
  std::optional<std::string> format;
  std::optional<double> target_psnr, alpha_cutoff;
  double rdo_lambda = 0;
  bool mipmaps = true;
  int zstd_level = 0;
  std::int64_t threads = 0;
  bool measure_ssim = true;
};

CompressDesc compress_desc(const CompressWords& words) {
  CompressDesc desc{.quality = quality_argument(words.quality),
                    .target_psnr_db = words.target_psnr,
                    .rdo_lambda = words.rdo_lambda,
                    .mipmaps = words.mipmaps,
                    .mip_filter = filter_argument(words.mip_filter),
                    .alpha_cutoff = cutoff_argument(words.alpha_cutoff),
                    .zstd_level = words.zstd_level,
                    .threads = threads_argument(words.threads),
                    .measure_ssim = words.measure_ssim};
  desc.use_case = word_argument("use_case", words.use_case, use_case_from_name(words.use_case),
                                "'albedo', 'normal', 'height', 'hdr' or 'ui'");
  desc.memory_priority = word_argument("memory_priority", words.memory_priority,
                                       memory_priority_from_name(words.memory_priority),
                                       "'memory', 'balanced' or 'quality'");
  if (words.format) desc.format = compressible_format(*words.format);
  return desc;
}

/// Whether an image's codes are sRGB where nobody says so: colours are, but floats that stay floats
/// are light.
bool means_srgb(const Image& image, const CompressDesc& desc) {
  const bool colours = desc.use_case == UseCase::kAlbedo || desc.use_case == UseCase::kUi;
  const bool light = image.info.type == SampleType::kF32 &&
                     (is_hdr(desc.format) || desc.format == Format::kRGBA16Sfloat);
  return colours && !light;
}

nb::list level_list(const CompressResult& result) {
  nb::list levels;
  for (const LevelFigures& level : result.level_figures) {
    nb::dict entry;
    entry["width"] = level.width;
    entry["height"] = level.height;
    entry["bytes"] = level.bytes;
    entry["compression_ratio"] = level.compression_ratio;
    entry["metric_db"] = level.metric_db;
    entry["psnr_db"] = level.psnr_db;
    entry["quality_score"] = level.quality_score;
    entry["encode_ms"] = level.encode_ms;
    entry["quality"] = text(to_string(level.quality));
    entry["target_reached"] = level.target_reached;
    entry["repeated_blocks"] = level.repeated_blocks;
    levels.append(entry);
  }
  return levels;
}

nb::list trial_list(const CompressResult& result) {
  nb::list trials;
  for (const CompressTrial& trial : result.trials) {
    nb::dict entry;
    entry["format"] = short_name(trial.format);
    entry["quality"] = text(to_string(trial.quality));
    entry["metric_db"] = trial.metric_db;
    entry["encode_ms"] = trial.encode_ms;
    entry["bytes"] = trial.bytes;
    trials.append(entry);
  }
  return trials;
}

void add_quality(const CompressResult& result, nb::dict& dict) {
  dict["metric"] = text(result.metric);
  dict["metric_db"] = result.metric_db;
  dict["psnr_db"] = result.psnr_db;
  dict["psnr_rgba_db"] = result.psnr_rgba_db;
  dict["alpha_weighted_psnr_db"] = result.alpha_weighted_psnr_db;
  dict["ssim"] = result.ssim ? nb::object(nb::float_(*result.ssim)) : nb::none();
  dict["normal_degrees"] = result.normals ? nb::object(degrees_dict(*result.normals)) : nb::none();
  dict["quality_score"] = result.quality_score;
  dict["quality"] = text(to_string(result.quality));
  dict["target_reached"] = result.target_reached;
}

nb::dict figures(const ImageInfo& image, const CompressResult& result) {
  nb::dict dict;
  dict["format"] = short_name(result.format);
  dict["vulkan_format"] = long_name(result.format);
  dict["choice_reason"] = result.reason;
  dict["width"] = image.width;
  dict["height"] = image.height;
  dict["mip_levels"] = result.levels;
  dict["bytes_in"] = result.bytes_in;
  dict["bytes_out"] = result.ktx2.size();
  dict["compression_ratio"] = result.compression_ratio;
  add_quality(result, dict);
  dict["encode_ms"] = result.encode_ms;
  dict["mpixels_per_s"] = result.mpixels_per_s;
  dict["threads"] = result.threads;
  dict["trials"] = trial_list(result);
  dict["level_figures"] = level_list(result);
  return dict;
}

nb::tuple compress_array(nb::handle array, const CompressWords& words, std::optional<bool> srgb,
                         nb::handle device) {
  CompressDesc desc = compress_desc(words);
  const auto chooser = choosing_device(device);
  if (chooser != nullptr)
    desc.can_sample = [chooser](Format format) { return chooser->can_sample(format); };
  Image image = image_argument(array, false, "array");
  image.info.srgb = srgb.value_or(means_srgb(image, desc));
  CompressResult result = value(without_gil([&] { return compress(image, desc); }));
  nb::dict dict = figures(image.info, result);
  dict["device"] = chooser == nullptr ? nb::object(nb::none()) : nb::cast(chooser->info().name);
  return nb::make_tuple(dict, array_of(std::move(result.ktx2)));
}

nb::list mips_of(nb::handle array, std::uint32_t levels, const std::string& mip_filter,
                 std::optional<bool> srgb, bool normals, std::optional<double> alpha_cutoff) {
  const MipDesc desc{.levels = levels,
                     .filter = filter_argument(mip_filter),
                     .normals = normals,
                     .alpha_cutoff = cutoff_argument(alpha_cutoff)};
  Image image = image_argument(array, false, "array");
  image.info.srgb = srgb.value_or(!normals && image.info.type != SampleType::kF32);
  auto mips = value(without_gil([&] { return make_mips(image, desc); }));
  nb::list list;
  for (Image& mip : mips) list.append(array_of(std::move(mip)));
  return list;
}

}  // namespace

void bind_compress(nb::module_& module) {
  module.def(
      "compress",
      [](nb::handle array, const std::string& quality, const std::string& use_case,
         const std::string& memory_priority, const std::optional<std::string>& format,
         std::optional<double> target_psnr, std::optional<bool> srgb, bool mipmaps,
         const std::string& mip_filter, std::optional<double> alpha_cutoff, double rdo_lambda,
         int zstd_level, std::int64_t threads, nb::handle device, bool measure_ssim) {
        return compress_array(
            array,
            {quality, use_case, memory_priority, mip_filter, format, target_psnr, alpha_cutoff,
             rdo_lambda, mipmaps, zstd_level, threads, measure_ssim},
            srgb, device);
      },
      nb::arg("array"), nb::arg("quality"), nb::arg("use_case"), nb::arg("memory_priority"),
      nb::arg("format").none(), nb::arg("target_psnr").none(), nb::arg("srgb").none(),
      nb::arg("mipmaps"), nb::arg("mip_filter"), nb::arg("alpha_cutoff").none(),
      nb::arg("rdo_lambda"), nb::arg("zstd_level"), nb::arg("threads"), nb::arg("device").none(),
      nb::arg("measure_ssim"),
      nb::sig("def compress(array: numpy.typing.NDArray[typing.Any], quality: str, use_case: str, "
              "memory_priority: str, format: str | None, target_psnr: float | None, "
              "srgb: bool | None, mipmaps: bool, mip_filter: str, alpha_cutoff: float | None, "
              "rdo_lambda: float, zstd_level: int, threads: int, device: Device | str | None, "
              "measure_ssim: bool) -> "
              "tuple[dict[str, typing.Any], numpy.typing.NDArray[numpy.uint8]]"),
      "Encodes an array (height, width[, 1..4]): figures, and the KTX2 file.");
  module.def(
      "make_mips", mips_of, nb::arg("array"), nb::arg("levels"), nb::arg("mip_filter"),
      nb::arg("srgb").none(), nb::arg("normals"), nb::arg("alpha_cutoff").none(),
      nb::sig("def make_mips(array: numpy.typing.NDArray[typing.Any], levels: int, "
              "mip_filter: str, srgb: bool | None, normals: bool, alpha_cutoff: float | None) -> "
              "list[numpy.typing.NDArray[typing.Any]]"),
      "Levels 1 and on of an array (height, width[, 1..4]).");
}

}  // namespace forge3d::python
