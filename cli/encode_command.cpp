// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d encode: a picture to a compressed KTX2 file, with measured figures.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <optional>

#include "cli/device_options.hpp"
#include "cli/files.hpp"
#include "cli/format_words.hpp"
#include "cli/session.hpp"
#include "forge3d/compress.hpp"
#include "forge3d/metrics.hpp"
#include "forge3d/staging_ring.hpp"
#include "forge3d/texture_loader.hpp"

namespace forge3d::cli {
namespace {

struct EncodeOptions {
  std::string input, output;
  std::string format = "auto", quality, use_case = "albedo", memory_priority = "balanced";
  std::string mip_filter = "box";
  double target_psnr_db = 0;
  double rdo_lambda = 0;
  float alpha_cutoff = 0;
  bool mipmaps = false;
  int zstd_level = 0;
  std::uint32_t threads = 0;
  bool for_device = false, confirm_on_device = false;
  DeviceOptions device;
};

/// What the device's sampler makes of level 0.
struct Confirmation {
  std::string device;
  double psnr_db = 0;
};

struct Encoded {
  ImageInfo picture;
  CompressResult result;
  std::optional<Confirmation> confirmation;
};

bool is_uastc(const std::string& word) { return word == "uastc" || word == "UASTC"; }

/// UASTC has no Vulkan format.
std::string encoded_format_name(Format format) {
  return format == Format::kUndefined ? "UASTC" : format_name(format);
}

Result<CompressDesc> compress_desc(const EncodeOptions& options) {
  CompressDesc desc{.rdo_lambda = options.rdo_lambda,
                    .mipmaps = options.mipmaps,
                    .zstd_level = options.zstd_level,
                    .threads = options.threads};
  FORGE3D_TRY_ASSIGN(desc.use_case, parse_use_case(options.use_case));
  desc.uastc = is_uastc(options.format);
  if (!desc.uastc) {
    FORGE3D_TRY_ASSIGN(desc.format, parse_format(options.format, Format::kUndefined));
  }
  FORGE3D_TRY_ASSIGN(desc.memory_priority, parse_memory_priority(options.memory_priority));
  FORGE3D_TRY_ASSIGN(desc.mip_filter, parse_mip_filter(options.mip_filter));
  if (options.target_psnr_db > 0) {
    desc.target_psnr_db = options.target_psnr_db;
    desc.quality = Quality::kHigh;
  }
  if (!options.quality.empty()) {
    FORGE3D_TRY_ASSIGN(desc.quality, parse_quality(options.quality));
  }
  if (options.alpha_cutoff > 0) desc.alpha_cutoff = options.alpha_cutoff;
  return desc;
}

/// Loads the file just made, samples every texel of level 0 and compares codes with the picture.
Result<Confirmation> confirm(const std::shared_ptr<Device>& device, const Image& picture,
                             const CompressResult& result) {
  FORGE3D_TRY_ASSIGN(const auto ring, StagingRing::create(device));
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(make_memory_source(result.ktx2)));
  FORGE3D_TRY_ASSIGN(const DeviceTexture texture,
                     load_texture(device, *ring, reader, {.reinterpret_linear = true}));
  FORGE3D_TRY_ASSIGN(const Image sampled, sample_texels(device, *ring, texture));
  FORGE3D_TRY_ASSIGN(const Image wanted, to_rgba8(picture));
  FORGE3D_TRY_ASSIGN(const ImageDifference difference, compare_images(sampled, wanted));
  return Confirmation{device->info().name, capped_psnr(difference.psnr_rgb_db)};
}

Result<Encoded> encode(const EncodeOptions& options, const Output& output) {
  FORGE3D_TRY_ASSIGN(CompressDesc desc, compress_desc(options));
  FORGE3D_TRY_ASSIGN(const Image picture, load_image(options.input));
  std::shared_ptr<Device> device;
  if (options.for_device || options.confirm_on_device) {
    FORGE3D_TRY_ASSIGN(device, Device::create(make_device_desc(options.device, {}, output)));
  }
  if (options.for_device)
    desc.can_sample = [device](Format format) { return device->can_sample(format); };
  FORGE3D_TRY_ASSIGN(CompressResult result, compress(picture, desc));
  FORGE3D_TRY(write_file(options.output, result.ktx2));
  std::optional<Confirmation> confirmation;
  if (options.confirm_on_device) {
    FORGE3D_TRY_ASSIGN(confirmation, confirm(device, picture, result));
  }
  return Encoded{picture.info, std::move(result), std::move(confirmation)};
}

Json level_json(const LevelFigures& level) {
  return {{"width", level.width},
          {"height", level.height},
          {"bytes", level.bytes},
          {"compression_ratio", level.compression_ratio},
          {"metric_db", capped_psnr(level.metric_db)},
          {"psnr_db", capped_psnr(level.psnr_db)},
          {"quality_score", level.quality_score},
          {"encode_ms", level.encode_ms},
          {"encode_cpu_ms", level.encode_cpu_ms},
          {"quality", to_string(level.quality)},
          {"target_reached", level.target_reached},
          {"repeated_blocks", level.repeated_blocks},
          {"rdo_blocks", level.rdo_blocks}};
}

Json trial_json(const CompressTrial& trial) {
  return {{"format", encoded_format_name(trial.format)},
          {"quality", to_string(trial.quality)},
          {"metric_db", capped_psnr(trial.metric_db)},
          {"encode_ms", trial.encode_ms},
          {"bytes", trial.bytes}};
}

Json list_json(const auto& items, auto to_json) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

void add_quality(const EncodeOptions& options, const CompressResult& result, Json& object) {
  object["metric"] = result.metric;
  object["metric_db"] = capped_psnr(result.metric_db);
  object["alpha_weighted_psnr_db"] = capped_psnr(result.alpha_weighted_psnr_db);
  object["ssim"] = result.ssim ? Json(*result.ssim) : Json();
  object["quality_score"] = result.quality_score;
  if (result.normals)
    object["normal_degrees"] = {{"mean", result.normals->mean_degrees},
                                {"p99", result.normals->p99_degrees},
                                {"max", result.normals->max_degrees}};
  object["target_psnr_db"] = options.target_psnr_db > 0 ? Json(options.target_psnr_db) : Json();
  object["target_reached"] = result.target_reached;
  object["quality"] = to_string(result.quality);
  object["use_case"] = options.use_case;
  object["reason"] = result.reason;
}

Json encoded_json(const EncodeOptions& options, const Encoded& encoded) {
  const CompressResult& result = encoded.result;
  Json object{{"width", encoded.picture.width},
              {"height", encoded.picture.height},
              {"format", encoded_format_name(result.format)},
              {"levels", result.levels},
              {"bytes_in", result.bytes_in},
              {"bytes_out", result.ktx2.size()},
              {"compression_ratio", result.compression_ratio},
              {"psnr_db", capped_psnr(result.psnr_db)},
              {"psnr_rgba_db", capped_psnr(result.psnr_rgba_db)},
              {"encode_ms", result.encode_ms},
              {"mpixels_per_s", result.mpixels_per_s},
              {"threads", result.threads}};
  add_quality(options, result, object);
  object["trials"] = list_json(result.trials, trial_json);
  object["level_figures"] = list_json(result.level_figures, level_json);
  if (encoded.confirmation) {
    object["device_psnr_db"] = encoded.confirmation->psnr_db;
    object["device"] = encoded.confirmation->device;
  }
  return object;
}

std::string plain_text(const EncodeOptions& options, const Encoded& encoded) {
  const CompressResult& result = encoded.result;
  std::string text = fmt::format(
      "{}: {} x {} {}, {} level{}, {} ({:.2f}:1), {:.2f} dB, {:.0f} ms on {} thread{} "
      "({:.1f} Mpixel/s)\n",
      options.output, encoded.picture.width, encoded.picture.height,
      encoded_format_name(result.format), result.levels, result.levels == 1 ? "" : "s",
      human_bytes(result.ktx2.size()), result.compression_ratio, capped_psnr(result.metric_db),
      result.encode_ms, result.threads, result.threads == 1 ? "" : "s", result.mpixels_per_s);
  if (options.target_psnr_db > 0)
    text += fmt::format("  target {:g} dB {}\n", options.target_psnr_db,
                        result.target_reached ? "reached" : "not reached");
  text +=
      fmt::format("  {}, quality {}, {}", result.reason, to_string(result.quality), result.metric);
  if (result.ssim) text += fmt::format(", SSIM {:.4f}", *result.ssim);
  if (result.normals)
    text += fmt::format(", angles {:.2f} degrees in the mean, {:.2f} at most",
                        result.normals->mean_degrees, result.normals->max_degrees);
  text += "\n";
  if (encoded.confirmation)
    text += fmt::format("  sampled by {}: {:.2f} dB\n", encoded.confirmation->device,
                        encoded.confirmation->psnr_db);
  return text;
}

ExitCode run_encode(const EncodeOptions& options, const Output& output) {
  const auto encoded = encode(options, output);
  if (!encoded) return output.fail(encoded.error(), {options.input, options.output});
  return output.print(encoded_json(options, *encoded), plain_text(options, *encoded));
}

}  // namespace

void add_encode_command(Session& session) {
  auto options = std::make_shared<EncodeOptions>();
  CLI::App& command =
      session.add_command("encode", "Compress a picture into a KTX2 file",
                          [options](const Output& output) { return run_encode(*options, output); });
  command.add_option("IN", options->input, "PNG or JPEG picture")->required();
  command.add_option("OUT", options->output, "KTX2 file to write")->required();
  command
      .add_option("--format", options->format,
                  fmt::format("auto, uastc or {}", fmt::join(compress_format_names(), ", ")))
      ->capture_default_str();
  command.add_option("--quality", options->quality,
                     "fast, normal or high; with --target-psnr the most that is tried (normal, "
                     "with a target high)");
  command.add_option("--use-case", options->use_case, "albedo, normal, height, hdr or ui")
      ->capture_default_str();
  command
      .add_option("--memory-priority", options->memory_priority,
                  "What comes first where formats are chosen: memory, balanced or quality")
      ->capture_default_str();
  command.add_option("--target-psnr", options->target_psnr_db, "Wanted PSNR in dB")
      ->check(CLI::Range(0.001, 200.0));
  command
      .add_option(
          "--rdo", options->rdo_lambda,
          "Squared error of a block that one bit less after --zstd is worth; 0: none, 1..10 "
          "are usual for bc7 and astc, 5..50 for bc1 and etc2-rgb")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--mipmaps", options->mipmaps, "Make the whole mip chain");
  command.add_option("--mip-filter", options->mip_filter, "box, kaiser or lanczos")
      ->capture_default_str();
  command
      .add_option("--alpha-cutoff", options->alpha_cutoff,
                  "What a shader tests alpha against: mips keep the part that passes")
      ->check(CLI::Range(0.001, 1.0));
  command.add_option("--zstd", options->zstd_level, "Zstandard level, 0 for none")
      ->check(CLI::Range(0, 22));
  command.add_option("--threads", options->threads, "Encoder threads, 0 for one a core")
      ->check(CLI::Range(0, 1024));
  command.add_flag("--for-device", options->for_device,
                   "Choose among the formats that the device samples");
  command.add_flag(
      "--confirm-on-device", options->confirm_on_device,
      "Sample level 0 on the device (not of uastc) and report its PSNR as device_psnr_db");
  add_device_options(command, options->device);
}

}  // namespace forge3d::cli
