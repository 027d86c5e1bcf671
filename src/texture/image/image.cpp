// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "texture/allocate.hpp"
#include "texture/image/image_check.hpp"
#include "texture/image/jpeg_reader.hpp"
#include "texture/image/png_reader.hpp"

namespace forge3d {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view kJpegSignature = "\xff\xd8\xff"sv;

struct KnownType {
  std::string_view signature;
  std::size_t offset;
  std::string_view name;
};
constexpr std::array kOtherTypes = {
    KnownType{"GIF8"sv, 0, "GIF"},
    KnownType{"BM"sv, 0, "BMP"},
    KnownType{"II*\0"sv, 0, "TIFF"},
    KnownType{"MM\0*"sv, 0, "TIFF"},
    KnownType{"II+\0"sv, 0, "BigTIFF"},
    KnownType{"MM\0+"sv, 0, "BigTIFF"},
    KnownType{"WEBP"sv, 8, "WebP"},
    KnownType{"\xabKTX 20\xbb"sv, 0, "KTX2"},
    KnownType{"\xabKTX 11\xbb"sv, 0, "KTX"},
    KnownType{"DDS "sv, 0, "DDS"},
    KnownType{"8BPS"sv, 0, "Photoshop"},
    KnownType{"v/1\x01"sv, 0, "OpenEXR"},
    KnownType{"#?RADIANCE"sv, 0, "Radiance HDR"},
    KnownType{"PMTiles"sv, 0, "PMTiles"},
    KnownType{"ftypavif"sv, 4, "AVIF"},
    KnownType{"ftypheic"sv, 4, "HEIC"},
    KnownType{"\x00\x00\x00\x0cJXL "sv, 0, "JPEG XL"},
};

bool matches(std::span<const std::byte> head, std::size_t offset, std::string_view signature) {
  return head.size() >= offset + signature.size() &&
         std::memcmp(head.data() + offset, signature.data(), signature.size()) == 0;
}

tl::unexpected<Error> unknown_type(const ByteSource& source, std::span<const std::byte> head) {
  for (const KnownType& type : kOtherTypes)
    if (matches(head, type.offset, type.signature))
      return fail(
          ErrorCode::kNotSupported,
          fmt::format("{}: is a {} file; only PNG and JPEG are read", source.name(), type.name));
  return fail(ErrorCode::kInvalidFile,
              fmt::format("{}: starts like no image file that is known", source.name()));
}

/// Sample `index` of a row as an 8-bit code, rounded to nearest.
template <class Sample>
std::uint8_t code_of(std::span<const std::byte> row, std::size_t index) {
  Sample sample;
  std::memcpy(&sample, row.data() + index * sizeof(Sample), sizeof(Sample));
  if constexpr (std::is_same_v<Sample, std::uint8_t>)
    return sample;
  else if constexpr (std::is_same_v<Sample, std::uint16_t>)
    return static_cast<std::uint8_t>((std::uint32_t{sample} * 255 + 32767) / 65535);
  else  // not (sample > 0) takes NaN to 0
    return !(sample > 0) ? 0 : static_cast<std::uint8_t>(std::min(sample, 1.0f) * 255.0f + 0.5f);
}

template <class Sample>
void row_to_rgba8(const ImageInfo& info, std::span<const std::byte> row, std::byte* out) {
  const bool grey = info.channels < 3;
  for (std::size_t x = 0; x < info.width; ++x) {
    const std::size_t first = x * info.channels;
    for (std::size_t c = 0; c < 3; ++c)
      out[x * 4 + c] = std::byte{code_of<Sample>(row, first + (grey ? 0 : c))};
    out[x * 4 + 3] = info.has_alpha() ? std::byte{code_of<Sample>(row, first + info.channels - 1)}
                                      : std::byte{255};
  }
}

Result<Image> read_all(RowReader& reader, const std::string& name, const ImageLimits& limits) {
  const ImageInfo& info = reader.info();
  const auto size_bytes = texture::checked_mul(info.row_bytes(), info.height);
  if (!size_bytes || *size_bytes > limits.max_resident_bytes)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: {} x {} pixels pass the limit of {} resident bytes", name,
                            info.width, info.height, limits.max_resident_bytes));
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  for (std::uint32_t y = 0; y < info.height; ++y) FORGE3D_TRY(reader.read_row(image.row(y)));
  return image;
}

}  // namespace

namespace texture {

Result<> check_shape(const ImageInfo& info) {
  if (info.width != 0 && info.height != 0 && info.channels >= 1 && info.channels <= 4) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} x {} pixels of {} channels are no image",
                                                       info.width, info.height, info.channels));
}

Result<> check_image(const Image& image) {
  FORGE3D_TRY(check_shape(image.info));
  const std::size_t row_bytes = image.info.row_bytes();
  if (image.pixels.size() / row_bytes == image.info.height && image.pixels.size() % row_bytes == 0)
    return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} bytes of pixels do not make {} rows of {}", image.pixels.size(),
                          image.info.height, row_bytes));
}

}  // namespace texture

Result<Image> make_image(ImageInfo info) {
  FORGE3D_TRY(texture::check_shape(info));
  const auto size_bytes = texture::checked_mul(
      std::uint64_t{info.width} * info.channels * sample_bytes(info.type), info.height);
  if (!size_bytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} x {} pixels pass 2^64 bytes", info.width, info.height));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> pixels, texture::allocate_bytes(*size_bytes));
  return Image{info, std::move(pixels)};
}

Result<Image> to_rgba8(const Image& image) {
  ImageInfo info = image.info;
  FORGE3D_TRY(texture::check_image(image));
  info.channels = 4;
  info.type = SampleType::kU8;
  FORGE3D_TRY_ASSIGN(Image out, make_image(info));
  for (std::uint32_t y = 0; y < info.height; ++y) {
    std::byte* target = out.row(y).data();
    switch (image.info.type) {
      case SampleType::kU8:
        row_to_rgba8<std::uint8_t>(image.info, image.row(y), target);
        break;
      case SampleType::kU16:
        row_to_rgba8<std::uint16_t>(image.info, image.row(y), target);
        break;
      case SampleType::kF32:
        row_to_rgba8<float>(image.info, image.row(y), target);
        break;
    }
  }
  return out;
}

Result<std::unique_ptr<RowReader>> open_image(std::shared_ptr<const ByteSource> source,
                                              const ImageLimits& limits) {
  if (source->size_bytes() == 0)
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: is empty", source->name()));
  std::array<std::byte, 16> bytes{};
  const auto head = std::span(bytes).first(
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), source->size_bytes())));
  FORGE3D_TRY(source->read(0, head));
  if (matches(head, 0, kPngSignature)) return texture::open_png(std::move(source), limits);
  if (matches(head, 0, kJpegSignature)) return texture::open_jpeg(std::move(source), limits);
  return unknown_type(*source, head);
}

Result<std::unique_ptr<RowReader>> open_image(const std::filesystem::path& path,
                                              const ImageLimits& limits) {
  FORGE3D_TRY_ASSIGN(std::shared_ptr<ByteSource> source, open_file_source(path));
  return open_image(std::move(source), limits);
}

Result<Image> load_image(std::shared_ptr<const ByteSource> source, const ImageLimits& limits) {
  const std::string name = source->name();
  FORGE3D_TRY_ASSIGN(const std::unique_ptr<RowReader> reader,
                     open_image(std::move(source), limits));
  return read_all(*reader, name, limits);
}

Result<Image> load_image(const std::filesystem::path& path, const ImageLimits& limits) {
  FORGE3D_TRY_ASSIGN(std::shared_ptr<ByteSource> source, open_file_source(path));
  return load_image(std::move(source), limits);
}

}  // namespace forge3d
