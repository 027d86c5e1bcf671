// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d encode: a picture to a compressed KTX2 file, with measured figures.

#include <fmt/format.h>

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
  std::string format = "auto", quality = "normal", use_case = "albedo";
  double target_psnr_db = 0;
  bool mipmaps = false;
  int zstd_level = 0;
  std::uint32_t threads = 0;
  bool confirm_on_device = false;
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

Result<CompressDesc> compress_desc(const EncodeOptions& options) {
  FORGE3D_TRY_ASSIGN(const UseCase use_case, parse_use_case(options.use_case));
  FORGE3D_TRY_ASSIGN(const Format format, parse_format(options.format, use_case));
  FORGE3D_TRY_ASSIGN(const Quality quality, parse_quality(options.quality));
  if (options.target_psnr_db > 0)
    return fail(ErrorCode::kNotSupported,
                "--target-psnr: searching for a quality is not in this build; use --quality");
  return CompressDesc{.format = format,
                      .quality = quality,
                      .mipmaps = options.mipmaps,
                      .zstd_level = options.zstd_level,
                      .threads = options.threads};
}

/// Loads the file just made, samples every texel of level 0 and compares codes with the picture.
Result<Confirmation> confirm(const EncodeOptions& options, const Output& output,
                             const Image& picture, const CompressResult& result) {
  FORGE3D_TRY_ASSIGN(const auto device,
                     Device::create(make_device_desc(options.device, {}, output)));
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
  FORGE3D_TRY_ASSIGN(const CompressDesc desc, compress_desc(options));
  FORGE3D_TRY_ASSIGN(const Image picture, load_image(options.input));
  FORGE3D_TRY_ASSIGN(CompressResult result, compress(picture, desc));
  FORGE3D_TRY(write_file(options.output, result.ktx2));
  std::optional<Confirmation> confirmation;
  if (options.confirm_on_device) {
    FORGE3D_TRY_ASSIGN(confirmation, confirm(options, output, picture, result));
  }
  return Encoded{picture.info, std::move(result), std::move(confirmation)};
}

Json encoded_json(const Encoded& encoded) {
  const CompressResult& result = encoded.result;
  Json object{{"width", encoded.picture.width},
              {"height", encoded.picture.height},
              {"format", format_name(result.format)},
              {"levels", result.levels},
              {"bytes_in", result.bytes_in},
              {"bytes_out", result.ktx2.size()},
              {"compression_ratio", result.compression_ratio},
              {"psnr_db", capped_psnr(result.psnr_db)},
              {"psnr_rgba_db", capped_psnr(result.psnr_rgba_db)},
              {"encode_ms", result.encode_ms},
              {"mpixels_per_s", result.mpixels_per_s},
              {"threads", result.threads}};
  if (encoded.confirmation) {
    object["device_psnr_db"] = encoded.confirmation->psnr_db;
    object["device"] = encoded.confirmation->device;
  }
  return object;
}

ExitCode run_encode(const EncodeOptions& options, const Output& output) {
  const auto encoded = encode(options, output);
  if (!encoded) return output.fail(encoded.error(), {options.input, options.output});
  const CompressResult& result = encoded->result;
  std::string plain = fmt::format(
      "{}: {} x {} {}, {} level{}, {} ({:.2f}:1), {:.2f} dB, {:.0f} ms on {} thread{} "
      "({:.1f} Mpixel/s)\n",
      options.output, encoded->picture.width, encoded->picture.height, format_name(result.format),
      result.levels, result.levels == 1 ? "" : "s", human_bytes(result.ktx2.size()),
      result.compression_ratio, capped_psnr(result.psnr_db), result.encode_ms, result.threads,
      result.threads == 1 ? "" : "s", result.mpixels_per_s);
  if (encoded->confirmation)
    plain += fmt::format("  sampled by {}: {:.2f} dB\n", encoded->confirmation->device,
                         encoded->confirmation->psnr_db);
  return output.print(encoded_json(*encoded), plain);
}

}  // namespace

void add_encode_command(Session& session) {
  auto options = std::make_shared<EncodeOptions>();
  CLI::App& command =
      session.add_command("encode", "Compress a picture into a KTX2 file",
                          [options](const Output& output) { return run_encode(*options, output); });
  command.add_option("IN", options->input, "PNG or JPEG picture")->required();
  command.add_option("OUT", options->output, "KTX2 file to write")->required();
  command.add_option("--format", options->format, "bc7, bc1, rgba8 or auto")->capture_default_str();
  command.add_option("--quality", options->quality, "fast, normal or high")->capture_default_str();
  command.add_option("--use-case", options->use_case, "albedo, normal, height, hdr or ui")
      ->capture_default_str();
  command.add_option("--target-psnr", options->target_psnr_db, "Wanted PSNR in dB")
      ->check(CLI::PositiveNumber);
  command.add_flag("--mipmaps", options->mipmaps, "Make the whole mip chain");
  command.add_option("--zstd", options->zstd_level, "Zstandard level, 0 for none")
      ->check(CLI::Range(0, 22));
  command.add_option("--threads", options->threads, "Encoder threads, 0 for one a core")
      ->check(CLI::Range(0, 1024));
  command.add_flag("--confirm-on-device", options->confirm_on_device,
                   "Sample level 0 on the device and report its PSNR as device_psnr_db");
  add_device_options(command, options->device);
}

}  // namespace forge3d::cli
