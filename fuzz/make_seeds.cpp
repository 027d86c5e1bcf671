// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Writes the seeds of fuzz/corpus: `fuzz_make_seeds fuzz/corpus`.

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/pmtiles.hpp"
#include "forge3d/tiler.hpp"
#include "texture/etc1s_samples.hpp"
#include "texture/image_samples.hpp"
#ifdef FORGE3D_HAS_TIFF
#include "tiles/tiff_samples.hpp"
#endif

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

forge3d::Image small_picture(std::uint32_t channels, forge3d::SampleType type) {
  forge3d::Image image = *forge3d::make_image({40, 30, channels, type, false});
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::byte>(i * i / 7);
  return image;
}

/// An archive of map tiles, and one of forge3d.
bool save_archive_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto image = small_picture(3, forge3d::SampleType::kU8);
  const auto png = forge3d::encode_png(image);
  const auto tile = forge3d::encode_png(*forge3d::make_image({64, 64, 4}));
  auto map = forge3d::PmtilesWriter::create(folder / "map.pmtiles");
  if (!png || !tile || !map) return false;
  const auto content = map->add_content(*tile);
  if (!content) return false;
  for (std::uint64_t id = 0; id < 5; ++id) map->add_reference(id, *content);
  forge3d::TilerDesc desc;
  desc.page_texels = 64;
  desc.format = Format::kBC1RgbUnorm;
  const auto reader = forge3d::open_image(forge3d::make_memory_source(*png));
  return map->finish("{}", 1) && reader &&
         forge3d::tile_image(**reader, folder / "own.pmtiles", desc);
}

#ifdef FORGE3D_HAS_TIFF
bool save_tiff_seeds(const std::filesystem::path& folder) {
  using forge3d::SampleType;
  using forge3d::tiles::tiff_pyramid;
  using forge3d::tiles::write_tiff;
  const auto rgb = small_picture(3, SampleType::kU8);
  auto jpeg = tiff_pyramid(rgb, 16, COMPRESSION_JPEG, 0);
  jpeg[0].photometric = PHOTOMETRIC_YCBCR;
  auto heights = tiff_pyramid(small_picture(1, SampleType::kF32), 0, COMPRESSION_LZW, 0);
  heights[0].sample_format = SAMPLEFORMAT_IEEEFP;
  heights[0].predictor = PREDICTOR_FLOATINGPOINT;
  auto palette = tiff_pyramid(small_picture(1, SampleType::kU8), 16, COMPRESSION_PACKBITS, 0);
  palette[0].photometric = PHOTOMETRIC_PALETTE;
  palette[0].palette.assign(768, 300);
  return write_tiff(folder / "overviews.tif",
                    tiff_pyramid(rgb, 16, COMPRESSION_ADOBE_DEFLATE, 2)) &&
         write_tiff(folder / "below.tif", tiff_pyramid(rgb, 16, COMPRESSION_NONE, 1), 1) &&
         write_tiff(folder / "big.tif", tiff_pyramid(rgb, 0, COMPRESSION_NONE, 0), 0, "wb8") &&
         write_tiff(folder / "grey16.tif",
                    tiff_pyramid(small_picture(1, SampleType::kU16), 16, COMPRESSION_ZSTD, 0)) &&
         write_tiff(folder / "jpeg.tif", jpeg) && write_tiff(folder / "heights.tif", heights) &&
         write_tiff(folder / "palette.tif", palette);
}
#else
bool save_tiff_seeds(const std::filesystem::path&) { return true; }
#endif

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 1;
  const std::filesystem::path folder = arguments[1];
  const bool done = save_ktx2_seeds(folder / "ktx2") && save_image_seeds(folder / "image") &&
                    save_basis_seeds(folder / "ktx2") && save_archive_seeds(folder / "tiles") &&
                    save_tiff_seeds(folder / "tiles");
  if (!done) std::fputs("cannot write the seeds\n", stderr);
  return done ? 0 : 1;
}
