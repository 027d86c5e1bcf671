// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/tiff_samples.hpp"

#include <algorithm>

#include "forge3d/mip.hpp"

namespace forge3d::tiles {
namespace {

void set_fields(TIFF* tiff, const TiffPage& page) {
  const ImageInfo& info = page.image.info;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, info.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, info.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, sample_bytes(info.type) * 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, info.channels);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, page.sample_format);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, page.planar);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, page.compression);
  TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, page.subfile_type);
  if (page.predictor != PREDICTOR_NONE) TIFFSetField(tiff, TIFFTAG_PREDICTOR, page.predictor);
  if (page.compression == COMPRESSION_JPEG && page.photometric == PHOTOMETRIC_YCBCR)
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (page.compression == COMPRESSION_JPEG) TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 95);
  if (page.alpha) {
    const std::uint16_t kind = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (!page.palette.empty())
    TIFFSetField(tiff, TIFFTAG_COLORMAP, page.palette.data(), page.palette.data() + 256,
                 page.palette.data() + 512);
  if (page.tile != 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, page.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, page.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, page.rows);
  }
}

bool write_tiles(TIFF* tiff, const TiffPage& page) {
  const ImageInfo& info = page.image.info;
  const std::size_t pixel = info.row_bytes() / info.width;
  std::vector<std::byte> tile(page.tile * page.tile * pixel);
  std::uint32_t number = 0;
  for (std::uint32_t top = 0; top < info.height; top += page.tile)
    for (std::uint32_t left = 0; left < info.width; left += page.tile, ++number) {
      if (std::ranges::find(page.left_out, number) != page.left_out.end()) continue;
      for (std::uint32_t y = 0; y < page.tile; ++y) {
        const auto row = page.image.row(std::min(top + y, info.height - 1));
        const std::uint32_t count = std::min(page.tile, info.width - left);
        std::ranges::copy(row.subspan(left * pixel, count * pixel),
                          tile.begin() + static_cast<std::ptrdiff_t>(y * page.tile * pixel));
      }
      if (TIFFWriteEncodedTile(tiff, number, tile.data(), static_cast<tmsize_t>(tile.size())) < 0)
        return false;
    }
  return true;
}

bool write_strips(TIFF* tiff, const TiffPage& page) {
  const ImageInfo& info = page.image.info;
  std::uint32_t number = 0;
  for (std::uint32_t top = 0; top < info.height; top += page.rows, ++number) {
    const std::uint32_t rows = std::min(page.rows, info.height - top);
    auto bytes = page.image.row(top);
    std::vector<std::byte> strip(bytes.data(), bytes.data() + rows * info.row_bytes());
    if (TIFFWriteEncodedStrip(tiff, number, strip.data(), static_cast<tmsize_t>(strip.size())) < 0)
      return false;
  }
  return true;
}

}  // namespace

bool write_tiff(const std::filesystem::path& path, const std::vector<TiffPage>& pages,
                std::uint16_t below, const char* mode) {
  TIFF* const tiff = TIFFOpen(path.c_str(), mode);
  if (tiff == nullptr) return false;
  bool is_first = true, done = true;
  for (const TiffPage& page : pages) {
    set_fields(tiff, page);
    const std::vector<toff_t> offsets(below);
    if (is_first && below > 0) TIFFSetField(tiff, TIFFTAG_SUBIFD, below, offsets.data());
    is_first = false;
    done = done && (page.tile != 0 ? write_tiles(tiff, page) : write_strips(tiff, page)) &&
           TIFFWriteDirectory(tiff) == 1;
  }
  TIFFClose(tiff);
  return done;
}

std::vector<TiffPage> tiff_pyramid(const Image& image, std::uint32_t tile,
                                   std::uint16_t compression, std::uint32_t overviews) {
  std::vector<TiffPage> pages;
  TiffPage page{.image = image, .tile = tile, .compression = compression};
  if (image.info.channels == 1) page.photometric = PHOTOMETRIC_MINISBLACK;
  pages.push_back(page);
  page.subfile_type = FILETYPE_REDUCEDIMAGE;
  const auto mips = *make_mips(image, {.levels = overviews + 1});
  for (const Image& mip : mips) {
    page.image = mip;
    pages.push_back(page);
  }
  return pages;
}

}  // namespace forge3d::tiles
