// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TiffDirectory: what one image file directory (IFD) says about its picture, checked.
// Source: TIFF Revision 6.0 (Adobe, 1992); NewSubfileType and SubIFDs of TIFF Technical Note 1.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/image.hpp"
#include "tiles/sources/tiff_handle.hpp"

namespace forge3d::tiles {

/// What is refused before memory is taken.
inline constexpr std::uint32_t kMaxTiffExtent = 1u << 20;
inline constexpr std::uint32_t kMaxTiffTileExtent = 1u << 14;
inline constexpr std::uint64_t kMaxTiffBlockBytes = kMaxTiffAllocation;  ///< Of a tile or strip.
inline constexpr std::uint32_t kMaxTiffDirectories = 64;

/// How a sample is stored.
enum class TiffSample : std::uint8_t { kU8, kU16, kU32, kI8, kI16, kI32, kF32, kF64 };

/// Immutable once read.
struct TiffDirectory {
  std::uint64_t offset = 0;  ///< Of the directory in the file.
  ImageInfo info;            ///< Of decoded pixels.
  bool is_reduced = false;   ///< Another picture at a lower resolution.
  bool is_tiled = false;     ///< Tiles, else strips as wide as the picture.
  std::uint32_t block_width = 0, block_height = 0;
  TiffSample sample = TiffSample::kU8;
  std::uint32_t samples_per_pixel = 1;
  bool is_white_zero = false;
  bool is_ycbcr = false;                       ///< JPEG inside; its decoder gives RGB.
  std::vector<std::uint8_t> palette;           ///< RGB of 256 entries, where there is one.
  std::vector<std::uint64_t> sub_directories;  ///< Offsets.

  [[nodiscard]] std::size_t stored_pixel_bytes() const;
  [[nodiscard]] std::size_t stored_row_bytes() const { return block_width * stored_pixel_bytes(); }
  /// Decoded by libtiff, before expand_tiff_pixels().
  [[nodiscard]] std::size_t stored_block_bytes() const { return block_height * stored_row_bytes(); }
};

/// Reads the directory that the handle stands at. Errors: kInvalidFile and kNotSupported name file,
/// directory, tag and rule.
[[nodiscard]] Result<TiffDirectory> read_tiff_directory(const TiffHandle& handle);

/// Prepares a handle that stands at the directory for reading its blocks. Errors: kInvalidFile.
[[nodiscard]] Result<> prepare_tiff_blocks(const TiffHandle& handle,
                                           const TiffDirectory& directory);

/// Pixels as libtiff decodes them to pixels of `info`: palettes looked up, extra samples left out,
/// other numbers than 8- and 16-bit whole ones as floats.
void expand_tiff_pixels(const TiffDirectory& directory, std::span<const std::byte> stored,
                        std::span<std::byte> out);

}  // namespace forge3d::tiles
