// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// compress(): one call from an image to a KTX2 file, with measured figures.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"

namespace forge3d {

struct CompressDesc {
  Format format =
      Format::kBC7Unorm;  ///< BC1, BC7 or RGBA8; the sRGB twin is taken for sRGB images.
  Quality quality = Quality::kNormal;
  bool mipmaps = false;
  int zstd_level = 0;         ///< 0: no supercompression.
  std::uint32_t threads = 0;  ///< 0: one a core.
};

struct CompressResult {
  std::vector<std::byte> ktx2;
  Format format = Format::kUndefined;
  std::uint32_t levels = 1;
  std::uint64_t bytes_in = 0;    ///< Level 0 (and mips, where asked for) as RGBA8.
  double compression_ratio = 0;  ///< bytes_in / size of the file.
  double psnr_db = 0;            ///< Level 0, RGB, measured on the decoded blocks.
  double psnr_rgba_db = 0;
  double encode_ms = 0;  ///< Wall time of the block encoders.
  double mpixels_per_s = 0;
  std::uint32_t threads = 1;
};

/// Errors: kInvalidArgument, kNotSupported, kOutOfHostMemory. Thread-safe.
[[nodiscard]] Result<CompressResult> compress(const Image& image, const CompressDesc& desc);

}  // namespace forge3d
