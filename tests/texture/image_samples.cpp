// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/image_samples.hpp"

#include <jpeglib.h>
#include <png.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace forge3d::test {
namespace {

void append(png_structp png, png_bytep data, std::size_t size_bytes) {
  auto* out = static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  out->insert(out->end(), begin, begin + size_bytes);
}

void set_ancillary(png_structp png, png_infop info, const PngSample& sample) {
  if (!sample.palette.empty())
    png_set_PLTE(png, info, reinterpret_cast<png_const_colorp>(sample.palette.data()),
                 static_cast<int>(sample.palette.size() / 3));
  png_color_16 grey{};
  grey.gray = sample.transparent_grey.value_or(0);
  if (!sample.palette_alpha.empty())
    png_set_tRNS(png, info, sample.palette_alpha.data(),
                 static_cast<int>(sample.palette_alpha.size()), nullptr);
  else if (sample.transparent_grey)
    png_set_tRNS(png, info, nullptr, 0, &grey);
  if (sample.gamma) png_set_gAMA(png, info, *sample.gamma);
}

}  // namespace

std::vector<std::byte> make_png(const PngSample& sample) {
  std::vector<std::byte> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, append, nullptr);
  png_set_IHDR(png, info, sample.width, sample.height, sample.bit_depth, sample.colour_type,
               sample.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  set_ancillary(png, info, sample);
  png_write_info(png, info);
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  std::vector<std::uint8_t> rows = sample.rows;
  for (std::size_t i = rows.size(); i < row_bytes * sample.height; ++i)
    rows.push_back(static_cast<std::uint8_t>(i * 37 + 11));
  std::vector<png_bytep> pointers;
  for (std::uint32_t y = 0; y < sample.height; ++y) pointers.push_back(&rows[y * row_bytes]);
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::vector<std::byte> make_jpeg(std::uint32_t width, std::uint32_t height, JpegColour colour,
                                 bool progressive, int quality) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size_bytes = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size_bytes);
  const int channels = colour == JpegColour::kGrey ? 1 : colour == JpegColour::kRgb ? 3 : 4;
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  const Image image = make_gradient(width, height, static_cast<std::uint32_t>(channels));
  for (std::uint32_t y = 0; y < height; ++y) {
    auto* row = const_cast<JSAMPLE*>(reinterpret_cast<const JSAMPLE*>(image.row(y).data()));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const auto* begin = reinterpret_cast<const std::byte*>(buffer);
  std::vector<std::byte> out(begin, begin + size_bytes);
  std::free(buffer);
  return out;
}

Image make_noise(ImageInfo info, std::uint32_t seed) {
  Image image = *make_image(info);
  std::uint32_t state = seed * 2654435761u + 1;
  for (std::byte& byte : image.pixels) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<std::byte>(state >> 24);
  }
  return image;
}

Image make_gradient(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  Image image = *make_image({.width = width, .height = height, .channels = channels});
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (std::uint32_t c = 0; c < channels; ++c)
        image.pixels[(std::size_t{y} * width + x) * channels + c] =
            static_cast<std::byte>((x * 3 + y * 2 + c * 40) % 256);
  return image;
}

}  // namespace forge3d::test
