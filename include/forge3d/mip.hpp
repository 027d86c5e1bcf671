// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mip chains of any size, in linear light for sRGB, alpha-weighted.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d {

/// Halves an image row by row: push source rows from the top, take finished rows as they come.
/// Output extents are mip_extent(extent, 1); every source texel counts with the area it covers, odd
/// extents included (the polyphase box of "Non-Power-of-Two Mipmapping", NVIDIA 2007). Rows are
/// linear-light RGBA floats with premultiplied alpha, so a chain of these loses nothing between
/// levels. Not thread-safe.
class RowDownsampler {
 public:
  RowDownsampler(std::uint32_t width, std::uint32_t height);

  [[nodiscard]] std::uint32_t out_width() const { return out_width_; }
  [[nodiscard]] std::uint32_t out_height() const { return out_height_; }

  /// Takes the next source row (width * 4 floats). True when an output row became ready: read it
  /// with row() before the next push.
  bool push(std::span<const float> row);
  [[nodiscard]] std::span<const float> row() const { return finished_; }

 private:
  void filter_horizontally(std::span<const float> row);
  void finish_row(std::uint32_t out_y);

  std::uint32_t width_, height_, out_width_, out_height_;
  std::uint32_t source_y_ = 0;
  std::vector<float> narrow_;          // the current source row after horizontal filtering
  std::vector<float> first_, middle_;  // the ones before it that the next output row needs
  std::vector<float> finished_;        // the last output row that became whole
};

/// One row of stored samples to linear-light premultiplied RGBA floats (row width * 4), and back
/// with rounding.
void row_to_linear(const ImageInfo& info, std::span<const std::byte> row, std::span<float> out);
void row_from_linear(const ImageInfo& info, std::span<const float> row, std::span<std::byte> out);

enum class MipFilter : std::uint8_t {
  kBox,      ///< The area that a texel covers. No ringing, a little soft.
  kKaiser,   ///< Sinc under a Kaiser window (alpha 4), three texels to each side: sharp.
  kLanczos,  ///< Sinc under a sinc, three texels to each side: sharper, rings more.
};
[[nodiscard]] std::string_view to_string(MipFilter filter);
/// "box", "kaiser" or "lanczos".
[[nodiscard]] std::optional<MipFilter> mip_filter_from_name(std::string_view name);

struct MipDesc {
  std::uint32_t levels = 0;  ///< Level 0 included; 0: down to 1 x 1.
  MipFilter filter = MipFilter::kBox;
  /// Red, green and blue are a direction (codes 0..full scale are -1..1): every level is normalised
  /// again, and alpha is a channel like any other.
  bool normals = false;
  /// What a shader tests alpha against: each level's alpha is scaled so that as large a part of it
  /// passes as of level 0 (Castano, "Computing Alpha Mipmaps", 2010). Float alphas are clamped to
  /// 0..1, NaN to 0.
  std::optional<float> alpha_cutoff;
};

/// Levels 1..n of `image` (level 0 is the image itself and not repeated), n = min(levels, full
/// count) - 1. Every level is filtered from the one above before that is rounded. A constant image
/// stays constant to the bit in 8 and 16 bits and as linear floats. Errors: kInvalidArgument (the
/// image; normals with fewer than three channels; a cutoff outside 0..1, or without alpha),
/// kOutOfHostMemory.
[[nodiscard]] Result<std::vector<Image>> make_mips(const Image& image, const MipDesc& desc = {});

}  // namespace forge3d
