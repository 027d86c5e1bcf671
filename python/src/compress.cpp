// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "compress.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstdint>
#include <memory>
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

std::string word_of(const char* name, nb::handle object) {
  return typed_argument<std::string>(name, object, "a word");
}

MipFilter filter_argument(nb::handle name) {
  const std::string word = word_of("mip_filter", name);
  return word_argument("mip_filter", word, mip_filter_from_name(word),
                       "'box', 'kaiser' or 'lanczos'");
}

std::optional<double> number_argument(const char* name, nb::handle object) {
  return typed_argument<std::optional<double>>(name, object, "a number or None");
}

std::optional<float> cutoff_argument(nb::handle alpha_cutoff) {
  const auto cutoff = number_argument("alpha_cutoff", alpha_cutoff);
  return cutoff ? std::optional(static_cast<float>(*cutoff)) : std::nullopt;
}

std::optional<bool> srgb_argument(nb::handle srgb) {
  return typed_argument<std::optional<bool>>("srgb", srgb, "True, False or None");
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

/// What a call says, as Python objects.
struct CompressArguments {
  nb::handle quality, use_case, memory_priority, format, target_psnr, mipmaps, mip_filter,
      alpha_cutoff, rdo_lambda, zstd_level, threads, measure_ssim;
};

void add_choice(const CompressArguments& given, CompressDesc& desc) {
  const std::string use_case = word_of("use_case", given.use_case);
  desc.use_case = word_argument("use_case", use_case, use_case_from_name(use_case),
                                "'albedo', 'normal', 'height', 'hdr' or 'ui'");
  const std::string priority = word_of("memory_priority", given.memory_priority);
  desc.memory_priority =
      word_argument("memory_priority", priority, memory_priority_from_name(priority),
                    "'memory', 'balanced' or 'quality'");
  if (given.format.is_none()) return;
  const std::string format = word_of("format", given.format);
  desc.uastc = format == "UASTC" || format == "uastc";
  if (!desc.uastc) desc.format = compressible_format(format);
}

CompressDesc compress_desc(const CompressArguments& given) {
  CompressDesc desc;
  add_choice(given, desc);
  desc.quality = quality_argument(word_of("quality", given.quality));
  desc.target_psnr_db = number_argument("target_psnr", given.target_psnr);
  desc.rdo_lambda = typed_argument<double>("rdo_lambda", given.rdo_lambda, "a number");
  desc.mipmaps = typed_argument<bool>("generate_mipmaps", given.mipmaps, "True or False");
  desc.mip_filter = filter_argument(given.mip_filter);
  desc.alpha_cutoff = cutoff_argument(given.alpha_cutoff);
  desc.zstd_level = typed_argument<int>("zstd_level", given.zstd_level, "a whole number");
  desc.threads =
      threads_argument(typed_argument<std::int64_t>("threads", given.threads, "a whole number"));
  desc.measure_ssim = typed_argument<bool>("measure_ssim", given.measure_ssim, "True or False");
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

/// UASTC has no Vulkan format.
std::string encoded_name(Format format) {
  return format == Format::kUndefined ? "UASTC" : short_name(format);
}

nb::list trial_list(const CompressResult& result) {
  nb::list trials;
  for (const CompressTrial& trial : result.trials) {
    nb::dict entry;
    entry["format"] = encoded_name(trial.format);
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
  dict["format"] = encoded_name(result.format);
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

nb::tuple compress_array(nb::handle array, const CompressArguments& given, nb::handle srgb,
                         nb::handle device) {
  CompressDesc desc = compress_desc(given);
  const std::optional<bool> asked = srgb_argument(srgb);
  const auto chooser = choosing_device(device);
  if (chooser != nullptr)
    desc.can_sample = [chooser](Format format) { return chooser->can_sample(format); };
  Image image = image_argument(array, false, "array");
  image.info.srgb = asked.value_or(means_srgb(image, desc));
  CompressResult result = value(without_gil([&] { return compress(image, desc); }));
  nb::dict dict = figures(image.info, result);
  dict["device"] = chooser == nullptr ? nb::object(nb::none()) : nb::cast(chooser->info().name);
  return nb::make_tuple(dict, array_of(std::move(result.ktx2)));
}

nb::list mips_of(nb::handle array, nb::handle levels, nb::handle mip_filter, nb::handle srgb,
                 bool normals, nb::handle alpha_cutoff) {
  const auto count = typed_argument<std::int64_t>("levels", levels, "a whole number");
  if (count < 0)
    throw_invalid("levels must be 1 and more, or 0 for all, not " + std::to_string(count));
  const MipDesc desc{.levels = static_cast<std::uint32_t>(std::min<std::int64_t>(count, 64)),
                     .filter = filter_argument(mip_filter),
                     .normals = normals,
                     .alpha_cutoff = cutoff_argument(alpha_cutoff)};
  const std::optional<bool> asked = srgb_argument(srgb);
  Image image = image_argument(array, false, "array");
  image.info.srgb = asked.value_or(!normals && image.info.type != SampleType::kF32);
  auto mips = value(without_gil([&] { return make_mips(image, desc); }));
  nb::list list;
  for (Image& mip : mips) list.append(array_of(std::move(mip)));
  return list;
}

}  // namespace

void bind_compress(nb::module_& module) {
  module.def(
      "compress",
      [](nb::handle array, nb::handle quality, nb::handle use_case, nb::handle memory_priority,
         nb::handle format, nb::handle target_psnr, nb::handle srgb, nb::handle mipmaps,
         nb::handle mip_filter, nb::handle alpha_cutoff, nb::handle rdo_lambda,
         nb::handle zstd_level, nb::handle threads, nb::handle device, nb::handle measure_ssim) {
        return compress_array(
            array,
            {quality, use_case, memory_priority, format, target_psnr, mipmaps, mip_filter,
             alpha_cutoff, rdo_lambda, zstd_level, threads, measure_ssim},
            srgb, device);
      },
      nb::arg("array"), nb::arg("quality").none(), nb::arg("use_case").none(),
      nb::arg("memory_priority").none(), nb::arg("format").none(), nb::arg("target_psnr").none(),
      nb::arg("srgb").none(), nb::arg("mipmaps").none(), nb::arg("mip_filter").none(),
      nb::arg("alpha_cutoff").none(), nb::arg("rdo_lambda").none(), nb::arg("zstd_level").none(),
      nb::arg("threads").none(), nb::arg("device").none(), nb::arg("measure_ssim").none(),
      nb::sig("def compress(array: numpy.typing.NDArray[typing.Any], quality: str, use_case: str, "
              "memory_priority: str, format: str | None, target_psnr: float | None, "
              "srgb: bool | None, mipmaps: bool, mip_filter: str, alpha_cutoff: float | None, "
              "rdo_lambda: float, zstd_level: int, threads: int, device: Device | str | None, "
              "measure_ssim: bool) -> "
              "tuple[dict[str, typing.Any], numpy.typing.NDArray[numpy.uint8]]"),
      "Encodes an array (height, width[, 1..4]): figures, and the KTX2 file.");
  module.def(
      "make_mips", mips_of, nb::arg("array"), nb::arg("levels").none(),
      nb::arg("mip_filter").none(), nb::arg("srgb").none(), nb::arg("normals"),
      nb::arg("alpha_cutoff").none(),
      nb::sig("def make_mips(array: numpy.typing.NDArray[typing.Any], levels: int, "
              "mip_filter: str, srgb: bool | None, normals: bool, alpha_cutoff: float | None) -> "
              "list[numpy.typing.NDArray[typing.Any]]"),
      "Levels 1 and on of an array (height, width[, 1..4]).");
}

}  // namespace forge3d::python
