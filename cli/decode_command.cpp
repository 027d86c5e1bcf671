// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d decode: one slice of a KTX2 file to a PNG.

#include <fmt/format.h>

#include <memory>

#include "cli/files.hpp"
#include "cli/picture.hpp"
#include "cli/session.hpp"

namespace forge3d::cli {
namespace {

struct DecodeOptions {
  std::string input, output;
  Ktx2Slice choice;
};

Result<ImageInfo> decode(const DecodeOptions& options) {
  FORGE3D_TRY_ASSIGN(const Image image, load_ktx2_slice(options.input, options.choice));
  if (image.info.type == SampleType::kF32)
    return fail(ErrorCode::kNotSupported, "floating-point texels have no place in a PNG");
  FORGE3D_TRY(save_png(options.output, image));
  return image.info;
}

ExitCode run_decode(const DecodeOptions& options, const Output& output) {
  const auto info = decode(options);
  if (!info) return output.fail(info.error(), {options.input, options.output});
  const std::uint64_t size_bytes = file_bytes(options.output);
  const Json object{{"width", info->width},          {"height", info->height},
                    {"channels", info->channels},    {"bits", sample_bytes(info->type) * 8},
                    {"level", options.choice.level}, {"layer", options.choice.layer},
                    {"face", options.choice.face},   {"bytes_out", size_bytes}};
  return output.print(object,
                      fmt::format("{}: {} x {}, {} channels, {}\n", options.output, info->width,
                                  info->height, info->channels, human_bytes(size_bytes)));
}

}  // namespace

void add_decode_command(Session& session) {
  auto options = std::make_shared<DecodeOptions>();
  CLI::App& command =
      session.add_command("decode", "Decode one image of a KTX2 file into a PNG",
                          [options](const Output& output) { return run_decode(*options, output); });
  command.add_option("IN", options->input, "KTX2 file")->required();
  command.add_option("OUT", options->output, "PNG to write")->required();
  command.add_option("--level", options->choice.level, "Mip level")->capture_default_str();
  command.add_option("--layer", options->choice.layer, "Array layer")->capture_default_str();
  command.add_option("--face", options->choice.face, "Cube face")->capture_default_str();
  command.add_option("--slice", options->choice.slice, "Depth slice")->capture_default_str();
}

}  // namespace forge3d::cli
