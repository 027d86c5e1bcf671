// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/ktx2_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"
#include "texture/allocate.hpp"
#include "texture/half.hpp"
#include "texture/ktx2/plain_texels.hpp"

namespace forge3d {
namespace {

/// How a plain format's texels map to an Image.
struct PlainLayout {
  SampleType type;
  bool half = false;
  bool swap_red_blue = false;
};

std::optional<PlainLayout> plain_layout(Format format) {
  switch (format) {
    case Format::kR8Unorm:
    case Format::kR8Srgb:
    case Format::kRG8Unorm:
    case Format::kRG8Srgb:
    case Format::kRGB8Unorm:
    case Format::kRGB8Srgb:
    case Format::kRGBA8Unorm:
    case Format::kRGBA8Srgb:
      return PlainLayout{SampleType::kU8};
    case Format::kBGRA8Unorm:
    case Format::kBGRA8Srgb:
      return PlainLayout{SampleType::kU8, false, true};
    case Format::kR16Unorm:
    case Format::kRG16Unorm:
    case Format::kRGB16Unorm:
    case Format::kRGBA16Unorm:
      return PlainLayout{SampleType::kU16};
    case Format::kR16Sfloat:
    case Format::kRG16Sfloat:
    case Format::kRGB16Sfloat:
    case Format::kRGBA16Sfloat:
      return PlainLayout{SampleType::kF32, true};
    case Format::kR32Sfloat:
    case Format::kRG32Sfloat:
    case Format::kRGB32Sfloat:
    case Format::kRGBA32Sfloat:
      return PlainLayout{SampleType::kF32};
    default:
      return std::nullopt;
  }
}

void widen_halves(std::span<const std::byte> halves, std::span<std::byte> floats) {
  for (std::size_t i = 0; i * 2 < halves.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, halves.data() + i * 2, 2);
    const float value = texture::half_to_float(half);
    std::memcpy(floats.data() + i * 4, &value, 4);
  }
}

void swap_red_blue(std::span<std::byte> pixels) {
  for (std::size_t i = 0; i + 4 <= pixels.size(); i += 4) std::swap(pixels[i], pixels[i + 2]);
}

Result<Image> plain_image(const FormatInfo& format, PlainLayout layout, ImageInfo info,
                          std::span<const std::byte> texels) {
  info.channels = format.channels;
  info.type = layout.type;
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  if (layout.half)
    widen_halves(texels, image.pixels);
  else
    std::memcpy(image.pixels.data(), texels.data(), texels.size());
  if (layout.swap_red_blue) swap_red_blue(image.pixels);
  return image;
}

/// The half floats of an HDR block format.
Result<std::vector<std::byte>> half_texels(Format format, const ImageInfo& info,
                                           std::span<const std::byte> blocks) {
  const std::size_t row_bytes = std::size_t{info.width} * 8;
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> halves,
                     texture::allocate_bytes(std::uint64_t{row_bytes} * info.height));
  const Rgba16fMutableView view{reinterpret_cast<std::uint16_t*>(halves.data()), info.width,
                                info.height, row_bytes};
  FORGE3D_TRY(decode_blocks(format, blocks, view));
  return halves;
}

Result<Image> hdr_image(Format format, ImageInfo info, std::span<const std::byte> blocks) {
  info.channels = 4;
  info.type = SampleType::kF32;
  info.srgb = false;
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> halves, half_texels(format, info, blocks));
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  widen_halves(halves, image.pixels);
  return image;
}

Result<Image> block_image(Format format, ImageInfo info, std::span<const std::byte> blocks) {
  info.channels = 4;
  if (is_hdr(format)) return hdr_image(format, info, blocks);
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  const Rgba8MutableView view{reinterpret_cast<std::uint8_t*>(image.pixels.data()), info.width,
                              info.height, info.row_bytes()};
  FORGE3D_TRY(decode_blocks(format, blocks, view));
  return image;
}

/// Rows of any uncompressed format, one after another.
class TexelRows {
 public:
  TexelRows(const texture::PlainTexels& texels, const ImageInfo& info,
            std::span<const std::byte> bytes)
      : info_(info), bytes_(bytes) {
    const std::uint64_t blocks = (info.width + texels.block_texels() - 1) / texels.block_texels();
    row_bytes_ = static_cast<std::size_t>(blocks * texels.block_bytes());
  }

  [[nodiscard]] bool fit() const { return bytes_.size() == row_bytes_ * info_.height; }
  [[nodiscard]] std::span<const std::byte> row(std::uint32_t y) const {
    return bytes_.subspan(y * row_bytes_, row_bytes_);
  }

 private:
  const ImageInfo& info_;
  std::span<const std::byte> bytes_;
  std::size_t row_bytes_ = 0;
};

/// The first `channels` of four samples a texel, as `To`.
template <class To, class From>
void keep_channels(std::span<const From> rgba, std::uint32_t channels, std::span<std::byte> out) {
  for (std::size_t i = 0; i < rgba.size() / 4; ++i)
    for (std::uint32_t c = 0; c < channels; ++c) {
      const auto sample = static_cast<To>(rgba[i * 4 + c]);
      std::memcpy(out.data() + (i * channels + c) * sizeof(To), &sample, sizeof(To));
    }
}

constexpr std::string_view kSizeMismatch = "the image has other bytes than its extents make";

Result<Image> general_image(const texture::PlainTexels& texels, ImageInfo info,
                            std::span<const std::byte> bytes) {
  info.channels = texels.channels();
  const bool normalised = texels.is_unorm() && texels.max_bits() <= 16;
  const std::uint32_t bits = texels.max_bits() <= 8 ? 8 : 16;
  info.type = !normalised ? SampleType::kF32 : bits == 8 ? SampleType::kU8 : SampleType::kU16;
  const TexelRows rows(texels, info, bytes);
  if (!rows.fit()) return fail(ErrorCode::kInvalidFile, std::string(kSizeMismatch));
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  std::vector<std::uint16_t> codes(normalised ? std::size_t{info.width} * 4 : 0);
  std::vector<float> floats(normalised ? 0 : std::size_t{info.width} * 4);
  for (std::uint32_t y = 0; y < info.height; ++y) {
    if (normalised)
      texels.read_unorm(rows.row(y), bits, codes);
    else
      texels.read_floats(rows.row(y), floats);
    const std::span<const std::uint16_t> line(codes);
    if (info.type == SampleType::kU8)
      keep_channels<std::uint8_t>(line, info.channels, image.row(y));
    else if (info.type == SampleType::kU16)
      keep_channels<std::uint16_t>(line, info.channels, image.row(y));
    else
      keep_channels<float>(std::span<const float>(floats), info.channels, image.row(y));
  }
  return image;
}

// ---- Conversion --------------------------------------------------------------------------------

void write_rgba8(std::span<const float> rgba, std::byte* out) {
  for (std::size_t i = 0; i < rgba.size(); ++i) {
    const float value = rgba[i] > 0 ? std::min(rgba[i], 1.0f) : 0.0f;  // NaN is 0
    out[i] = static_cast<std::byte>(static_cast<std::uint8_t>(value * 255.0f + 0.5f));
  }
}

void write_halves(std::span<const float> rgba, std::byte* out) {
  for (std::size_t i = 0; i < rgba.size(); ++i) {
    const std::uint16_t half = texture::float_to_finite_half(rgba[i]);
    std::memcpy(out + i * 2, &half, 2);
  }
}

Result<std::vector<std::byte>> convert_plain(const texture::PlainTexels& texels,
                                             const ImageInfo& info,
                                             std::span<const std::byte> bytes, Format target) {
  const TexelRows rows(texels, info, bytes);
  if (!rows.fit()) return fail(ErrorCode::kInvalidFile, std::string(kSizeMismatch));
  const FormatInfo& to = *format_info(target);
  FORGE3D_TRY_ASSIGN(
      std::vector<std::byte> out,
      texture::allocate_bytes(std::uint64_t{info.width} * info.height * to.block_bytes));
  std::vector<float> floats(std::size_t{info.width} * 4);
  std::vector<std::uint16_t> codes(floats.size());
  for (std::uint32_t y = 0; y < info.height; ++y) {
    std::byte* row = out.data() + std::size_t{y} * info.width * to.block_bytes;
    if (to.block_bytes == 4 && texels.is_unorm()) {
      texels.read_unorm(rows.row(y), 8, codes);
      keep_channels<std::uint8_t>(std::span<const std::uint16_t>(codes), 4,
                                  {row, std::size_t{info.width} * 4});
      continue;
    }
    texels.read_floats(rows.row(y), floats);
    if (to.block_bytes == 4)
      write_rgba8(floats, row);
    else if (to.block_bytes == 8)
      write_halves(floats, row);
    else
      std::memcpy(row, floats.data(), floats.size() * sizeof(float));
  }
  return out;
}

bool is_snorm_block(Format format) {
  return format == Format::kBC4Snorm || format == Format::kBC5Snorm ||
         format == Format::kEACR11Snorm || format == Format::kEACRG11Snorm;
}

/// The number that a byte of decoded LDR blocks stands for.
float block_sample(std::byte code, bool snorm) {
  const auto value = std::to_integer<std::uint8_t>(code);
  if (!snorm) return static_cast<float>(value) / 255.0f;
  return std::max(-1.0f, static_cast<float>(static_cast<std::int8_t>(value)) / 127.0f);
}

/// Blocks by way of their own pixels: bytes, or half floats of HDR formats.
Result<std::vector<std::byte>> convert_blocks(Format format, const ImageInfo& info,
                                              std::span<const std::byte> blocks, Format target) {
  const FormatInfo& to = *format_info(target);
  if (is_hdr(format) && to.block_bytes == 8) return half_texels(format, info, blocks);
  FORGE3D_TRY_ASSIGN(Image image, block_image(format, info, blocks));
  const bool snorm = is_snorm_block(format);
  if (!is_hdr(format) && !snorm && to.block_bytes == 4) return std::move(image.pixels);
  FORGE3D_TRY_ASSIGN(
      std::vector<std::byte> out,
      texture::allocate_bytes(std::uint64_t{info.width} * info.height * to.block_bytes));
  std::vector<float> floats(std::size_t{info.width} * 4);
  for (std::uint32_t y = 0; y < info.height; ++y) {
    const std::span<const std::byte> from = image.row(y);
    std::byte* row = out.data() + std::size_t{y} * info.width * to.block_bytes;
    for (std::size_t i = 0; i < floats.size(); ++i) {
      if (is_hdr(format))
        std::memcpy(&floats[i], from.data() + i * 4, 4);
      else
        floats[i] = block_sample(from[i], snorm);
    }
    if (to.block_bytes == 4)
      write_rgba8(floats, row);
    else if (to.block_bytes == 8)
      write_halves(floats, row);
    else
      std::memcpy(row, floats.data(), floats.size() * sizeof(float));
  }
  return out;
}

Result<Image> basis_image(const Ktx2Reader& reader, const Ktx2Slice& choice) {
  FORGE3D_TRY_ASSIGN(const BasisTexture texture, BasisTexture::open(reader));
  FORGE3D_TRY_ASSIGN(Image image,
                     make_image({.width = mip_extent(reader.info().width, choice.level),
                                 .height = mip_extent(reader.info().height, choice.level),
                                 .channels = 4,
                                 .type = SampleType::kU8,
                                 .srgb = reader.info().srgb}));
  FORGE3D_TRY(texture.transcode(choice, Format::kRGBA8Unorm, image.pixels));
  return image;
}

}  // namespace

Result<> check_ktx2_slice(const Ktx2Info& info, const Ktx2Slice& choice) {
  const auto check = [](std::string_view what, std::uint32_t value,
                        std::uint32_t count) -> Result<> {
    if (value < count) return {};
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("no {} {}: the file has {}", what, value, count));
  };
  FORGE3D_TRY(check("level", choice.level, info.levels));
  FORGE3D_TRY(check("layer", choice.layer, info.layers));
  FORGE3D_TRY(check("face", choice.face, info.faces));
  return check("slice", choice.slice, mip_extent(info.depth, choice.level));
}

Result<std::span<const std::byte>> ktx2_slice_bytes(const Ktx2Info& info, const Ktx2Slice& choice,
                                                    std::span<const std::byte> level) {
  FORGE3D_TRY(check_ktx2_slice(info, choice));
  FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                     image_bytes(info.format, mip_extent(info.width, choice.level),
                                 mip_extent(info.height, choice.level)));
  const std::uint64_t depth = mip_extent(info.depth, choice.level);
  const std::uint64_t index =
      (std::uint64_t{choice.layer} * info.faces + choice.face) * depth + choice.slice;
  if ((index + 1) * size_bytes > level.size())
    return fail(ErrorCode::kInvalidFile, "the level is smaller than its extents say");
  return level.subspan(index * size_bytes, size_bytes);
}

namespace {

/// What a slice's pixels need: its format, shape and bytes.
struct SliceTexels {
  std::optional<texture::PlainTexels> plain;  ///< Nothing for blocks.
  ImageInfo shape;
  std::vector<std::byte> bytes;
};

std::optional<texture::PlainTexels> plain_texels(std::uint32_t vk_format,
                                                 bool chroma_between = false) {
  const auto layout = texture::vk_format_layout(vk_format);
  return layout ? texture::PlainTexels::of(*layout, chroma_between) : std::nullopt;
}

Result<SliceTexels> load_texels(const Ktx2Reader& reader, const Ktx2Slice& choice) {
  const Ktx2Info& info = reader.info();
  FORGE3D_TRY(check_ktx2_slice(info, choice));
  if (!can_decode_ktx2(info))
    return fail(ErrorCode::kNotSupported,
                fmt::format("vkFormat {} under scheme {} is not decoded here", info.vk_format,
                            static_cast<unsigned>(info.supercompression)));
  SliceTexels texels;
  texels.plain = plain_texels(info.vk_format, info.chroma_between);
  FORGE3D_TRY_ASSIGN(texels.bytes, reader.read_slice(choice));
  const auto layout = texture::vk_format_layout(info.vk_format);
  texels.shape = {.width = mip_extent(info.width, choice.level),
                  .height = mip_extent(info.height, choice.level),
                  .channels = 4,
                  .type = SampleType::kU8,
                  .srgb = layout && layout->srgb};
  return texels;
}

}  // namespace

bool can_decode_ktx2(Format format) {
  return can_decode(format) || plain_texels(static_cast<std::uint32_t>(format)).has_value();
}

bool can_decode_ktx2(const Ktx2Info& info) {
  if (can_transcode(info.basis_model, Format::kRGBA8Unorm)) return true;
  return info.supercompression != Supercompression::kBasisLz &&
         info.supercompression != Supercompression::kUastcHdr6x6 &&
         can_decode_ktx2(static_cast<Format>(info.vk_format));
}

Result<Image> decode_ktx2_slice(const Ktx2Reader& reader, const Ktx2Slice& choice) {
  if (can_transcode(reader.info().basis_model, Format::kRGBA8Unorm)) {
    FORGE3D_TRY(check_ktx2_slice(reader.info(), choice));
    return basis_image(reader, choice);
  }
  FORGE3D_TRY_ASSIGN(const SliceTexels texels, load_texels(reader, choice));
  const Format format = reader.info().format;
  if (const auto layout = plain_layout(format))
    return plain_image(*format_info(format), *layout, texels.shape, texels.bytes);
  if (texels.plain) return general_image(*texels.plain, texels.shape, texels.bytes);
  return block_image(format, texels.shape, texels.bytes);
}

Format ktx2_fallback_format(const Ktx2Info& info) {
  if (!can_decode_ktx2(info)) return Format::kUndefined;
  const auto layout = texture::vk_format_layout(info.vk_format);
  const auto plain = plain_texels(info.vk_format);
  if (!plain && (is_hdr(info.format) || is_snorm_block(info.format))) return Format::kRGBA16Sfloat;
  if (!plain || (plain->is_unorm() && plain->max_bits() <= 8))
    return layout && layout->srgb ? Format::kRGBA8Srgb : Format::kRGBA8Unorm;
  if (plain->is_integer()) return Format::kUndefined;
  return plain->max_bits() <= 16 ? Format::kRGBA16Sfloat : Format::kRGBA32Sfloat;
}

Result<std::vector<std::byte>> convert_ktx2_slice(const Ktx2Reader& reader, const Ktx2Slice& choice,
                                                  Format target) {
  if (target != Format::kRGBA8Unorm && target != Format::kRGBA8Srgb &&
      target != Format::kRGBA16Sfloat && target != Format::kRGBA32Sfloat)
    return fail(ErrorCode::kInvalidArgument,
                "slices convert to RGBA8, RGBA16_SFLOAT and RGBA32_SFLOAT only");
  FORGE3D_TRY_ASSIGN(const SliceTexels texels, load_texels(reader, choice));
  if (texels.plain) return convert_plain(*texels.plain, texels.shape, texels.bytes, target);
  return convert_blocks(reader.info().format, texels.shape, texels.bytes, target);
}

}  // namespace forge3d
