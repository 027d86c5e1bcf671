// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/ktx2_image.hpp"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <utility>

#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"
#include "texture/allocate.hpp"
#include "texture/half.hpp"

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

Result<Image> hdr_block_image(Format format, ImageInfo info, std::span<const std::byte> blocks) {
  info.type = SampleType::kF32;
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> halves,
                     texture::allocate_bytes(image.pixels.size() / 2));
  const Rgba16fMutableView view{reinterpret_cast<std::uint16_t*>(halves.data()), info.width,
                                info.height, info.row_bytes() / 2};
  FORGE3D_TRY(decode_blocks(format, blocks, view));
  widen_halves(halves, image.pixels);
  return image;
}

Result<Image> block_image(Format format, ImageInfo info, std::span<const std::byte> blocks) {
  info.channels = 4;
  if (is_hdr(format)) return hdr_block_image(format, info, blocks);
  FORGE3D_TRY_ASSIGN(Image image, make_image(info));
  const Rgba8MutableView view{reinterpret_cast<std::uint8_t*>(image.pixels.data()), info.width,
                              info.height, info.row_bytes()};
  FORGE3D_TRY(decode_blocks(format, blocks, view));
  return image;
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

Result<Image> decode_ktx2_slice(const Ktx2Reader& reader, const Ktx2Slice& choice) {
  const Ktx2Info& info = reader.info();
  FORGE3D_TRY(check_ktx2_slice(info, choice));
  if (can_transcode(info.basis_model, Format::kRGBA8Unorm)) return basis_image(reader, choice);
  const FormatInfo* format = format_info(info.format);
  const auto layout = plain_layout(info.format);
  if (!can_decode_ktx2(info.format))
    return fail(ErrorCode::kNotSupported,
                fmt::format("format {} (vkFormat {}) cannot be decoded by this build",
                            format == nullptr ? "unknown" : format->name, info.vk_format));
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> level, reader.read_level(choice.level));
  FORGE3D_TRY_ASSIGN(const auto texels, ktx2_slice_bytes(info, choice, level));
  const ImageInfo shape{.width = mip_extent(info.width, choice.level),
                        .height = mip_extent(info.height, choice.level),
                        .channels = 4,
                        .type = SampleType::kU8,
                        .srgb = format->srgb};
  return layout ? plain_image(*format, *layout, shape, texels)
                : block_image(info.format, shape, texels);
}

bool can_decode_ktx2(Format format) {
  return format_info(format) != nullptr && (plain_layout(format) || can_decode(format));
}

}  // namespace forge3d
