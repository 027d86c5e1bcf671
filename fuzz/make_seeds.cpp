// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Writes the seeds of fuzz/corpus: `fuzz_make_seeds fuzz/corpus`.

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"
#include "texture/etc1s_samples.hpp"
#include "texture/image_samples.hpp"

namespace {

using forge3d::Format;
using forge3d::Supercompression;

bool save(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return file.good();
}

bool save_ktx2(const std::filesystem::path& path, forge3d::Ktx2WriteDesc desc) {
  std::vector<std::vector<std::byte>> levels;
  for (std::uint32_t level = 0; level < 2; ++level) {
    const auto size_bytes = forge3d::image_bytes(
        desc.format, forge3d::mip_extent(desc.width, level),
        forge3d::mip_extent(desc.height, level), forge3d::mip_extent(desc.depth, level));
    if (!size_bytes) return false;
    levels.emplace_back(*size_bytes * std::max(desc.layers, 1u) * desc.faces, std::byte{0x5A});
  }
  for (const auto& level : levels) desc.levels.emplace_back(level);
  const auto file = forge3d::write_ktx2(desc);
  return file && save(path, *file);
}

bool save_ktx2_seeds(const std::filesystem::path& folder) {
  const auto zstd = Supercompression::kZstd;
  return save_ktx2(folder / "rgba8.ktx2",
                   {.format = Format::kRGBA8Srgb, .width = 4, .height = 3}) &&
         save_ktx2(folder / "rgb8_zstd.ktx2", {.format = Format::kRGB8Unorm,
                                               .width = 3,
                                               .height = 2,
                                               .supercompression = zstd,
                                               .key_values = {{"KTXorientation", "rd"}}}) &&
         save_ktx2(
             folder / "bc7_cube_array.ktx2",
             {.format = Format::kBC7Srgb, .width = 5, .height = 5, .layers = 2, .faces = 6}) &&
         save_ktx2(folder / "rg16f_3d_zstd.ktx2", {.format = Format::kRG16Sfloat,
                                                   .width = 2,
                                                   .height = 2,
                                                   .depth = 3,
                                                   .supercompression = zstd});
}

bool save_basis_seeds(const std::filesystem::path& folder) {
  auto sample = forge3d::test::four_blocks();
  if (!save(folder / "etc1s_rgb.ktx2", sample.file())) return false;
  sample.images[0].alpha = sample.images[0].color;
  sample.channel_ids = {3, 4};
  if (!save(folder / "etc1s_red_green.ktx2", sample.file())) return false;
  sample.channel_ids = {0, 15};
  sample.layers = 2;
  sample.animated = true;
  sample.images.push_back(
      {.flags = 2, .color = forge3d::test::p_frame(), .alpha = forge3d::test::p_frame()});
  return save(folder / "etc1s_rgba_animated.ktx2", sample.file());
}

bool save_image_seeds(const std::filesystem::path& folder) {
  using forge3d::test::JpegColour;
  using forge3d::test::make_jpeg;
  using forge3d::test::make_png;
  const std::vector<std::uint8_t> palette = {0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255};
  return save(folder / "rgb8.png", make_png({})) &&
         save(folder / "rgba16.png", make_png({.bit_depth = 16, .colour_type = 6})) &&
         save(folder / "grey1.png", make_png({.bit_depth = 1, .colour_type = 0})) &&
         save(folder / "grey_alpha_interlaced.png",
              make_png({.colour_type = 4, .interlaced = true})) &&
         save(folder / "palette_alpha.png", make_png({.bit_depth = 2,
                                                      .colour_type = 3,
                                                      .palette = palette,
                                                      .palette_alpha = {0, 128},
                                                      .gamma = 1.0})) &&
         save(folder / "grey.jpg", make_jpeg(9, 9, JpegColour::kGrey, false, 50)) &&
         save(folder / "rgb.jpg", make_jpeg(17, 9, JpegColour::kRgb, false, 50)) &&
         save(folder / "rgb_progressive.jpg", make_jpeg(17, 9, JpegColour::kRgb, true, 50)) &&
         save(folder / "cmyk.jpg", make_jpeg(8, 8, JpegColour::kCmyk, false, 50));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 1;
  const std::filesystem::path folder = arguments[1];
  const bool done = save_ktx2_seeds(folder / "ktx2") && save_image_seeds(folder / "image") &&
                    save_basis_seeds(folder / "ktx2");
  if (!done) std::fputs("cannot write the seeds\n", stderr);
  return done ? 0 : 1;
}
