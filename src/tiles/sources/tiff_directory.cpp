// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/tiff_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

namespace forge3d::tiles {
namespace {

constexpr std::size_t kPaletteEntries = 256;

std::size_t stored_bytes(TiffSample sample) {
  switch (sample) {
    case TiffSample::kU8:
    case TiffSample::kI8:
      return 1;
    case TiffSample::kU16:
    case TiffSample::kI16:
      return 2;
    case TiffSample::kU32:
    case TiffSample::kI32:
    case TiffSample::kF32:
      return 4;
    case TiffSample::kF64:
      break;
  }
  return 8;
}

/// Reads one directory tag by tag.
class DirectoryReader {
 public:
  explicit DirectoryReader(const TiffHandle& handle) : tiff_(handle.get()), handle_(handle) {
    made_.offset = TIFFCurrentDirOffset(tiff_);
  }

  Result<TiffDirectory> read() {
    FORGE3D_TRY(read_kind());
    FORGE3D_TRY(read_extent());
    FORGE3D_TRY(read_compression());
    FORGE3D_TRY(read_sample());
    FORGE3D_TRY(read_channels());
    FORGE3D_TRY(read_blocks());
    read_sub_directories();
    return std::move(made_);
  }

 private:
  template <class... Args>
  tl::unexpected<Error> broken(ErrorCode code, std::string_view tag,
                               fmt::format_string<Args...> rule, Args&&... args) const {
    return fail(code, fmt::format("{}: IFD at offset {}: {} {}", handle_.name(), made_.offset, tag,
                                  fmt::format(rule, std::forward<Args>(args)...)));
  }
  template <class T>
  [[nodiscard]] T field(std::uint32_t tag) const {
    T value{};
    TIFFGetFieldDefaulted(tiff_, tag, &value);
    return value;
  }

  Result<> read_kind() {
    made_.is_reduced = (field<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE) != 0;
    if ((field<std::uint32_t>(TIFFTAG_SUBFILETYPE) & FILETYPE_MASK) != 0)
      return broken(ErrorCode::kNotSupported, "NewSubfileType", "says transparency mask");
    return {};
  }

  Result<> read_extent() {
    for (const auto& [name, tag, extent] :
         {std::tuple{"ImageWidth", TIFFTAG_IMAGEWIDTH, &made_.info.width},
          std::tuple{"ImageLength", TIFFTAG_IMAGELENGTH, &made_.info.height}}) {
      *extent = field<std::uint32_t>(static_cast<std::uint32_t>(tag));
      if (*extent == 0 || *extent > kMaxTiffExtent)
        return broken(ErrorCode::kInvalidFile, name, "is {}, must be 1 to {}", *extent,
                      kMaxTiffExtent);
    }
    return {};
  }

  Result<> read_compression() {
    constexpr std::array kKnown = {
        COMPRESSION_NONE,    COMPRESSION_LZW,      COMPRESSION_JPEG, COMPRESSION_ADOBE_DEFLATE,
        COMPRESSION_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_ZSTD, COMPRESSION_WEBP};
    compression_ = field<std::uint16_t>(TIFFTAG_COMPRESSION);
    if (std::ranges::find(kKnown, compression_) == kKnown.end() ||
        TIFFIsCODECConfigured(compression_) == 0)
      return broken(ErrorCode::kNotSupported, "Compression", "is {}, which cannot be unpacked here",
                    compression_);
    return {};
  }

  Result<> read_sample() {
    const auto bits = field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE);
    const auto kind = field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT);
    constexpr std::array kSamples = {std::tuple{8, SAMPLEFORMAT_UINT, TiffSample::kU8},
                                     std::tuple{16, SAMPLEFORMAT_UINT, TiffSample::kU16},
                                     std::tuple{32, SAMPLEFORMAT_UINT, TiffSample::kU32},
                                     std::tuple{8, SAMPLEFORMAT_INT, TiffSample::kI8},
                                     std::tuple{16, SAMPLEFORMAT_INT, TiffSample::kI16},
                                     std::tuple{32, SAMPLEFORMAT_INT, TiffSample::kI32},
                                     std::tuple{32, SAMPLEFORMAT_IEEEFP, TiffSample::kF32},
                                     std::tuple{64, SAMPLEFORMAT_IEEEFP, TiffSample::kF64}};
    const int known_kind = kind == SAMPLEFORMAT_VOID ? SAMPLEFORMAT_UINT : kind;
    for (const auto& [known_bits, known, sample] : kSamples)
      if (known_bits == bits && known == known_kind) {
        made_.sample = sample;
        made_.info.type = sample == TiffSample::kU8    ? SampleType::kU8
                          : sample == TiffSample::kU16 ? SampleType::kU16
                                                       : SampleType::kF32;
        return {};
      }
    return broken(ErrorCode::kNotSupported, "BitsPerSample",
                  "is {} with SampleFormat {}, must be whole numbers of 8, 16 or 32 bits or floats",
                  bits, kind);
  }

  Result<> read_channels() {
    made_.samples_per_pixel = field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL);
    if (made_.samples_per_pixel == 0)
      return broken(ErrorCode::kInvalidFile, "SamplesPerPixel", "is 0");
    if (made_.samples_per_pixel > 1 &&
        field<std::uint16_t>(TIFFTAG_PLANARCONFIG) != PLANARCONFIG_CONTIG)
      return broken(ErrorCode::kNotSupported, "PlanarConfiguration",
                    "says planes apart, must be 1 (interleaved)");
    FORGE3D_TRY_ASSIGN(const std::uint32_t colours, read_photometric());
    if (made_.samples_per_pixel < colours && made_.palette.empty())
      return broken(ErrorCode::kInvalidFile, "SamplesPerPixel", "is {}, the colours need {}",
                    made_.samples_per_pixel, colours);
    std::uint16_t extras = 0;
    const std::uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff_, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
    const bool has_alpha = extras > 0 && kinds != nullptr && kinds[0] != EXTRASAMPLE_UNSPECIFIED &&
                           made_.palette.empty() && made_.samples_per_pixel > colours;
    made_.info.channels = colours + (has_alpha ? 1 : 0);
    made_.info.srgb =
        made_.info.type == SampleType::kU8 || (made_.info.type == SampleType::kU16 && colours == 3);
    return {};
  }

  /// How many samples make the colour.
  Result<std::uint32_t> read_photometric() {
    std::uint16_t photometric = 0;
    if (TIFFGetField(tiff_, TIFFTAG_PHOTOMETRIC, &photometric) == 0)
      return broken(ErrorCode::kInvalidFile, "PhotometricInterpretation", "is missing");
    switch (photometric) {
      case PHOTOMETRIC_MINISWHITE:
        made_.is_white_zero = true;
        return 1u;
      case PHOTOMETRIC_MINISBLACK:
        return 1u;
      case PHOTOMETRIC_RGB:
        return 3u;
      case PHOTOMETRIC_PALETTE:
        FORGE3D_TRY(read_palette());
        return 3u;
      case PHOTOMETRIC_YCBCR:
        if (compression_ != COMPRESSION_JPEG) break;
        made_.is_ycbcr = true;
        return 3u;
      default:
        break;
    }
    return broken(ErrorCode::kNotSupported, "PhotometricInterpretation",
                  "is {}, must be grey, RGB, palette, or YCbCr with JPEG inside", photometric);
  }

  Result<> read_palette() {
    const std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
    if (made_.sample != TiffSample::kU8 || made_.samples_per_pixel != 1)
      return broken(ErrorCode::kNotSupported, "ColorMap", "is for one sample of 8 bits alone");
    if (TIFFGetField(tiff_, TIFFTAG_COLORMAP, &red, &green, &blue) == 0)
      return broken(ErrorCode::kInvalidFile, "ColorMap", "is missing");
    // Entries have 16 bits; some writers put 8-bit numbers there.
    bool is_wide = false;
    for (std::size_t i = 0; i < kPaletteEntries; ++i)
      is_wide = is_wide || red[i] > 255 || green[i] > 255 || blue[i] > 255;
    for (std::size_t i = 0; i < kPaletteEntries; ++i)
      for (const std::uint16_t* channel : {red, green, blue})
        made_.palette.push_back(static_cast<std::uint8_t>(is_wide ? channel[i] >> 8 : channel[i]));
    return {};
  }

  Result<> read_blocks() {
    made_.is_tiled = TIFFIsTiled(tiff_) != 0;
    if (made_.is_tiled) {
      for (const auto& [name, tag, extent] :
           {std::tuple{"TileWidth", TIFFTAG_TILEWIDTH, &made_.block_width},
            std::tuple{"TileLength", TIFFTAG_TILELENGTH, &made_.block_height}}) {
        *extent = field<std::uint32_t>(static_cast<std::uint32_t>(tag));
        if (*extent == 0 || *extent > kMaxTiffTileExtent)
          return broken(ErrorCode::kInvalidFile, name, "is {}, must be 1 to {}", *extent,
                        kMaxTiffTileExtent);
      }
    } else {
      made_.block_width = made_.info.width;
      made_.block_height = std::min(field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP), made_.info.height);
      if (made_.block_height == 0) return broken(ErrorCode::kInvalidFile, "RowsPerStrip", "is 0");
    }
    const std::uint64_t row_bytes =
        std::uint64_t{made_.block_width} *
        std::max<std::uint64_t>(made_.stored_pixel_bytes(),
                                std::uint64_t{made_.info.channels} * sample_bytes(made_.info.type));
    if (row_bytes > kMaxTiffBlockBytes / made_.block_height)
      return broken(ErrorCode::kNotSupported, made_.is_tiled ? "TileLength" : "RowsPerStrip",
                    "is {}: one {} of {} x {} pixels passes {} bytes", made_.block_height,
                    made_.is_tiled ? "tile" : "strip", made_.block_width, made_.block_height,
                    kMaxTiffBlockBytes);
    return {};
  }

  void read_sub_directories() {
    std::uint16_t count = 0;
    const std::uint64_t* offsets = nullptr;
    if (TIFFGetField(tiff_, TIFFTAG_SUBIFD, &count, &offsets) == 1 && offsets != nullptr)
      made_.sub_directories.assign(offsets, offsets + count);
  }

  TIFF* tiff_;
  const TiffHandle& handle_;
  TiffDirectory made_;
  std::uint16_t compression_ = COMPRESSION_NONE;
};

template <class Stored, class Out>
void convert(const TiffDirectory& directory, std::span<const std::byte> stored,
             std::span<std::byte> out) {
  const std::size_t channels = directory.info.channels;
  const std::size_t pixels = out.size() / (channels * sizeof(Out));
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < channels; ++c) {
      Stored from;
      std::memcpy(&from, stored.data() + (i * directory.samples_per_pixel + c) * sizeof(Stored),
                  sizeof(Stored));
      const Out to = static_cast<Out>(from);
      std::memcpy(out.data() + (i * channels + c) * sizeof(Out), &to, sizeof(Out));
    }
}

template <class Sample>
void invert_grey(const TiffDirectory& directory, std::span<std::byte> out) {
  const std::size_t pixel = directory.info.channels * sizeof(Sample);
  for (std::size_t at = 0; at + pixel <= out.size(); at += pixel) {
    Sample grey;
    std::memcpy(&grey, out.data() + at, sizeof(Sample));
    grey = static_cast<Sample>(~grey);
    std::memcpy(out.data() + at, &grey, sizeof(Sample));
  }
}

/// Doubles beyond the range of floats become infinities by rule, not by undefined behaviour.
float narrow(double value) {
  constexpr double kLargest = 3.4028234663852886e38;
  return value > kLargest ? HUGE_VALF : value < -kLargest ? -HUGE_VALF : static_cast<float>(value);
}

void convert_doubles(const TiffDirectory& directory, std::span<const std::byte> stored,
                     std::span<std::byte> out) {
  const std::size_t channels = directory.info.channels;
  for (std::size_t i = 0; i < out.size() / sizeof(float); ++i) {
    double from = 0;
    std::memcpy(&from,
                stored.data() +
                    (i / channels * directory.samples_per_pixel + i % channels) * sizeof(double),
                sizeof(double));
    const float to = narrow(from);
    std::memcpy(out.data() + i * sizeof(float), &to, sizeof(float));
  }
}

}  // namespace

std::size_t TiffDirectory::stored_pixel_bytes() const {
  return samples_per_pixel * stored_bytes(sample);
}

Result<TiffDirectory> read_tiff_directory(const TiffHandle& handle) {
  return DirectoryReader(handle).read();
}

Result<> prepare_tiff_blocks(const TiffHandle& handle, const TiffDirectory& directory) {
  TIFF* const tiff = handle.get();
  if (directory.is_ycbcr) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  const std::uint64_t block_bytes =
      directory.is_tiled ? TIFFTileSize64(tiff) : TIFFVStripSize64(tiff, directory.block_height);
  if (block_bytes == directory.stored_block_bytes()) return {};
  return fail(
      ErrorCode::kInvalidFile,
      fmt::format("{}: IFD at offset {}: blocks decode to {} bytes, must be {}", handle.name(),
                  directory.offset, block_bytes, directory.stored_block_bytes()));
}

void expand_tiff_pixels(const TiffDirectory& directory, std::span<const std::byte> stored,
                        std::span<std::byte> out) {
  if (!directory.palette.empty()) {
    for (std::size_t i = 0; i < stored.size(); ++i)
      std::memcpy(out.data() + i * 3,
                  &directory.palette[std::to_integer<std::size_t>(stored[i]) * 3], 3);
    return;
  }
  switch (directory.sample) {
    case TiffSample::kU8:
      convert<std::uint8_t, std::uint8_t>(directory, stored, out);
      if (directory.is_white_zero) invert_grey<std::uint8_t>(directory, out);
      break;
    case TiffSample::kU16:
      convert<std::uint16_t, std::uint16_t>(directory, stored, out);
      if (directory.is_white_zero) invert_grey<std::uint16_t>(directory, out);
      break;
    case TiffSample::kU32:
      convert<std::uint32_t, float>(directory, stored, out);
      break;
    case TiffSample::kI8:
      convert<std::int8_t, float>(directory, stored, out);
      break;
    case TiffSample::kI16:
      convert<std::int16_t, float>(directory, stored, out);
      break;
    case TiffSample::kI32:
      convert<std::int32_t, float>(directory, stored, out);
      break;
    case TiffSample::kF32:
      convert<float, float>(directory, stored, out);
      break;
    case TiffSample::kF64:
      convert_doubles(directory, stored, out);
      break;
  }
}

}  // namespace forge3d::tiles
