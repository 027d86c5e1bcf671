// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TIFFs for tests, made with libtiff.

#include <tiffio.h>

#include <filesystem>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d::tiles {

/// One directory of a file.
struct TiffPage {
  Image image;
  std::uint32_t tile = 0;   ///< A side, or 0 for strips.
  std::uint32_t rows = 16;  ///< Of a strip.
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint16_t photometric = PHOTOMETRIC_RGB;
  std::uint16_t sample_format = SAMPLEFORMAT_UINT;
  std::uint16_t predictor = PREDICTOR_NONE;
  std::uint32_t subfile_type = 0;
  bool alpha = false;                  ///< The last channel.
  std::vector<std::uint16_t> palette;  ///< Red, green and blue of 256 each.
  std::uint16_t planar = PLANARCONFIG_CONTIG;
  std::vector<std::uint32_t> left_out;  ///< Tiles that are not written.
};

/// Writes the pages one after another. The first page's `below` next ones go into sub-IFDs. False
/// when libtiff fails.
[[nodiscard]] bool write_tiff(const std::filesystem::path& path, const std::vector<TiffPage>& pages,
                              std::uint16_t below = 0, const char* mode = "w");

/// The picture, and overviews with extents rounded up or down.
[[nodiscard]] std::vector<TiffPage> tiff_pyramid(const Image& image, std::uint32_t tile,
                                                 std::uint16_t compression,
                                                 std::uint32_t overviews);

}  // namespace forge3d::tiles
