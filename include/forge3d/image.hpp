// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Image: pixels in host memory, and reading and writing them as PNG and JPEG.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "forge3d/byte_source.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

/// How one sample (one channel of one pixel) is stored.
enum class SampleType : std::uint8_t { kU8, kU16, kF32 };

/// Bytes of one sample.
[[nodiscard]] constexpr std::uint32_t sample_bytes(SampleType type) {
  return type == SampleType::kU8 ? 1 : type == SampleType::kU16 ? 2 : 4;
}

/// The shape of an image. Channels are grey, grey+alpha, RGB or RGBA for 1 to 4.
struct ImageInfo {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t channels = 0;  ///< 1..4
  SampleType type = SampleType::kU8;
  bool srgb = true;  ///< Colour channels carry the sRGB transfer function; alpha never does.

  [[nodiscard]] std::size_t row_bytes() const {
    return std::size_t{width} * channels * sample_bytes(type);
  }
  [[nodiscard]] bool has_alpha() const { return channels == 2 || channels == 4; }
};

/// Pixels in host memory: rows from top to bottom, tightly packed, samples in the machine's byte
/// order.
struct Image {
  ImageInfo info;
  std::vector<std::byte> pixels;  ///< info.height * info.row_bytes() bytes.

  [[nodiscard]] std::span<const std::byte> row(std::uint32_t y) const {
    return std::span(pixels).subspan(y * info.row_bytes(), info.row_bytes());
  }
  [[nodiscard]] std::span<std::byte> row(std::uint32_t y) {
    return std::span(pixels).subspan(y * info.row_bytes(), info.row_bytes());
  }
};

/// An image of zeros. Errors: kInvalidArgument for zero extents, channels outside 1..4 or a size
/// that overflows; kOutOfHostMemory.
[[nodiscard]] Result<Image> make_image(ImageInfo info);

/// `image` as 8-bit RGBA: 16-bit and float samples are rounded, grey is replicated, missing alpha
/// is 255.
[[nodiscard]] Result<Image> to_rgba8(const Image& image);

/// What a reader refuses before it allocates.
struct ImageLimits {
  std::uint32_t max_extent = 1u << 20;                ///< Largest width or height in pixels.
  std::uint64_t max_pixels = std::uint64_t{1} << 36;  ///< For row readers.
  std::uint64_t max_resident_bytes = std::uint64_t{1}
                                     << 33;  ///< For whole images and interlaced files.
};

/// Reads an image file from the first row to the last with bounded memory (interlaced PNG keeps the
/// whole image, within max_resident_bytes). Not thread-safe: one thread at a time.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// The shape after expansion: palettes become RGB(A), tRNS becomes alpha, 1-, 2- and 4-bit
  /// samples 8-bit.
  [[nodiscard]] virtual const ImageInfo& info() const = 0;
  /// Reads the next row into `row`. REQUIRES: row.size() == info().row_bytes(). Errors:
  /// kInvalidFile names the file, the row and the decoder's words; kInvalidArgument past the last
  /// row.
  [[nodiscard]] virtual Result<> read_row(std::span<std::byte> row) = 0;
};

/// Opens a PNG or JPEG by its content, never by its name. Errors: kIo, kInvalidFile (empty, cut
/// off, not an image, over a limit), kNotSupported (another known image type, CMYK JPEG).
[[nodiscard]] Result<std::unique_ptr<RowReader>> open_image(const std::filesystem::path& path,
                                                            const ImageLimits& limits = {});
[[nodiscard]] Result<std::unique_ptr<RowReader>> open_image(
    std::shared_ptr<const ByteSource> source, const ImageLimits& limits = {});

/// Reads a whole PNG or JPEG. Errors: as open_image and RowReader::read_row.
[[nodiscard]] Result<Image> load_image(const std::filesystem::path& path,
                                       const ImageLimits& limits = {});
[[nodiscard]] Result<Image> load_image(std::shared_ptr<const ByteSource> source,
                                       const ImageLimits& limits = {});

/// Encodes kU8 or kU16 pixels as a PNG. Errors: kInvalidArgument for float samples or a size that
/// does not match.
[[nodiscard]] Result<std::vector<std::byte>> encode_png(const Image& image);

/// encode_png into a file that appears only when whole (written beside, then renamed). Errors: kIo
/// too.
[[nodiscard]] Result<> save_png(const std::filesystem::path& path, const Image& image);

}  // namespace forge3d
