// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d compare: how far two pictures are apart.

#include <fmt/format.h>

#include <array>
#include <memory>

#include "cli/picture.hpp"
#include "cli/session.hpp"
#include "forge3d/metrics.hpp"

namespace forge3d::cli {
namespace {

struct Comparison {
  ImageInfo info;
  ImageDifference difference;
};

double full_scale(SampleType type) {
  return type == SampleType::kU8 ? 255 : type == SampleType::kU16 ? 65535 : 1;
}

Result<Comparison> compare(const std::string& path_a, const std::string& path_b) {
  FORGE3D_TRY_ASSIGN(Image a, load_picture(path_a));
  FORGE3D_TRY_ASSIGN(Image b, load_picture(path_b));
  if (a.info.type !=
      b.info.type) {  // an 8-bit copy of a 16-bit picture: compare what both can hold
    FORGE3D_TRY_ASSIGN(a, to_rgba8(a));
    FORGE3D_TRY_ASSIGN(b, to_rgba8(b));
  }
  FORGE3D_TRY_ASSIGN(const ImageDifference difference, compare_images(a, b));
  return Comparison{a.info, difference};
}

Json channels_json(const std::array<double, 4>& values, double scale) {
  return {{"r", values[0] * scale},
          {"g", values[1] * scale},
          {"b", values[2] * scale},
          {"a", values[3] * scale}};
}

Json comparison_json(const Comparison& comparison) {
  const ImageDifference& d = comparison.difference;
  const double scale = full_scale(comparison.info.type);
  std::array<double, 4> psnr{};
  for (std::size_t i = 0; i < 4; ++i) psnr[i] = capped_psnr(d.psnr_db[i]);
  return {{"width", comparison.info.width},
          {"height", comparison.info.height},
          {"identical", d.max_error_any == 0},
          {"psnr_db", capped_psnr(d.psnr_rgb_db)},
          {"psnr_rgba_db", capped_psnr(d.psnr_rgba_db)},
          {"psnr_channels_db", channels_json(psnr, 1)},
          {"max_error", d.max_error_any * scale},
          {"max_error_channels", channels_json(d.max_error, scale)},
          {"full_scale", scale}};
}

ExitCode run_compare(const std::string& a, const std::string& b, const Output& output) {
  const auto comparison = compare(a, b);
  if (!comparison) return output.fail(comparison.error(), {a, b});
  const ImageDifference& d = comparison->difference;
  return output.print(
      comparison_json(*comparison),
      fmt::format("RGB {:.2f} dB, RGBA {:.2f} dB (R {:.2f}, G {:.2f}, B {:.2f}, A {:.2f}), "
                  "largest error {:.6g} of {:.0f}{}\n",
                  capped_psnr(d.psnr_rgb_db), capped_psnr(d.psnr_rgba_db),
                  capped_psnr(d.psnr_db[0]), capped_psnr(d.psnr_db[1]), capped_psnr(d.psnr_db[2]),
                  capped_psnr(d.psnr_db[3]), d.max_error_any * full_scale(comparison->info.type),
                  full_scale(comparison->info.type), d.max_error_any == 0 ? ": identical" : ""));
}

}  // namespace

void add_compare_command(Session& session) {
  auto paths = std::make_shared<std::array<std::string, 2>>();
  CLI::App& command = session.add_command(
      "compare", "Measure how far two pictures are apart",
      [paths](const Output& output) { return run_compare((*paths)[0], (*paths)[1], output); });
  command.add_option("A", (*paths)[0], "PNG, JPEG or KTX2 file")->required();
  command.add_option("B", (*paths)[1], "PNG, JPEG or KTX2 file of the same extent")->required();
}

}  // namespace forge3d::cli
