// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/level_pixels.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "texture/allocate.hpp"
#include "texture/codec/block_codec.hpp"
#include "texture/half.hpp"
#include "texture/metric_rows.hpp"

namespace forge3d::texture {
namespace {

/// A code of 0..255 as a two's complement byte of the same value: -1 is -127.
std::byte to_snorm(std::byte code) {
  const int moved = std::to_integer<int>(code) * 2 - 255;
  return static_cast<std::byte>(
      static_cast<std::int8_t>((moved * 127 + (moved < 0 ? -127 : 127)) / 255));
}
/// The same steps as codes from 1 to 255.
std::byte from_snorm(std::byte byte) {
  return static_cast<std::byte>(
      std::max(-127, static_cast<int>(std::to_integer<std::int8_t>(byte))) + 128);
}

/// The image as linear RGBA floats that halves hold, sRGB decoded, NaN and infinities gone.
Result<Image> to_light(const Image& image) {
  const ImageInfo& given = image.info;
  FORGE3D_TRY_ASSIGN(Image out, make_image({.width = given.width,
                                            .height = given.height,
                                            .channels = 4,
                                            .type = SampleType::kF32,
                                            .srgb = false}));
  std::vector<float> row(std::size_t{given.width} * 4);
  for (std::uint32_t y = 0; y < given.height; ++y) {
    row_to_linear(given, image.row(y), row);
    row_from_linear(out.info, row, out.row(y));
    for (std::size_t i = 0; i < row.size(); ++i) {
      float value;
      std::memcpy(&value, out.row(y).data() + i * 4, 4);
      value = half_to_float(float_to_finite_half(value));
      std::memcpy(out.row(y).data() + i * 4, &value, 4);
    }
  }
  return out;
}

Result<LevelPixels> to_halves(Image image) {
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> halves, allocate_bytes(image.pixels.size() / 2));
  for (std::size_t i = 0; i * 4 < image.pixels.size(); ++i) {
    float value;
    std::memcpy(&value, image.pixels.data() + i * 4, 4);
    const std::uint16_t half = float_to_finite_half(value);
    std::memcpy(halves.data() + i * 2, &half, 2);
    value = half_to_float(half);
    std::memcpy(image.pixels.data() + i * 4, &value, 4);
  }
  return LevelPixels{TexelKind::kRgba16f, std::move(image), std::move(halves)};
}

Result<LevelPixels> to_red16(const Image& image) {
  FORGE3D_TRY_ASSIGN(Image out, make_image({.width = image.info.width,
                                            .height = image.info.height,
                                            .channels = 1,
                                            .type = SampleType::kU16,
                                            .srgb = false}));
  const float scale = 65535.0f / full_scale(image.info.type);
  std::vector<float> row(std::size_t{image.info.width} * 4);
  for (std::uint32_t y = 0; y < image.info.height; ++y) {
    expand_row(image, y, row);
    for (std::size_t x = 0; x < image.info.width; ++x) {
      const float value = row[x * 4] * scale;
      const auto code =
          static_cast<std::uint16_t>(value > 0 ? std::min(value, 65535.0f) + 0.5f : 0.0f);
      std::memcpy(out.row(y).data() + x * 2, &code, 2);
    }
  }
  return LevelPixels{TexelKind::kR16, std::move(out), {}};
}

Result<LevelPixels> to_pixels(const Image& image, TexelKind kind) {
  if (kind == TexelKind::kRgba16f) return to_halves(image);
  if (kind == TexelKind::kR16) return to_red16(image);
  FORGE3D_TRY_ASSIGN(Image rgba, to_rgba8(image));
  LevelPixels level{kind, std::move(rgba), {}};
  if (kind == TexelKind::kRgba8Snorm) {
    FORGE3D_TRY_ASSIGN(level.texels, allocate_bytes(level.image.pixels.size()));
    std::ranges::transform(level.image.pixels, level.texels.begin(), to_snorm);
    std::ranges::transform(level.texels, level.image.pixels.begin(), from_snorm);
  }
  return level;
}

/// `image` with the flag that the use case gives it; a copy only where that changes anything.
Result<const Image*> as_meant(const Image& image, UseCase use_case, TexelKind kind, Image& copy) {
  if (kind == TexelKind::kRgba16f) {
    FORGE3D_TRY_ASSIGN(copy, to_light(image));
    return &copy;
  }
  if (!image.info.srgb || keeps_srgb(use_case)) return &image;
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> pixels, allocate_bytes(image.pixels.size()));
  std::ranges::copy(image.pixels, pixels.begin());
  copy = Image{image.info, std::move(pixels)};
  copy.info.srgb = false;
  return &copy;
}

/// Halves as RGBA floats.
Image widen(const Image& like, std::span<const std::byte> halves) {
  Image out{like.info, std::vector<std::byte>(halves.size() * 2)};
  for (std::size_t i = 0; i * 2 < halves.size(); ++i) {
    std::uint16_t half;
    std::memcpy(&half, halves.data() + i * 2, 2);
    const float value = half_to_float(half);
    std::memcpy(out.pixels.data() + i * 4, &value, 4);
  }
  return out;
}

Result<Image> decode_halves(const LevelPixels& level, Format format,
                            std::span<const std::byte> blocks, std::uint32_t threads) {
  if (format == Format::kRGBA16Sfloat) return widen(level.image, blocks);
  const ImageInfo& info = level.image.info;
  std::vector<std::byte> halves(level.texels.size());
  FORGE3D_TRY(decode_blocks(format, blocks,
                            Rgba16fMutableView{reinterpret_cast<std::uint16_t*>(halves.data()),
                                               info.width, info.height, level.row_bytes()},
                            threads));
  return widen(level.image, halves);
}

}  // namespace

TexelKind texel_kind(Format format) {
  if (format == Format::kR16Unorm) return TexelKind::kR16;
  if (format == Format::kRGBA16Sfloat) return TexelKind::kRgba16f;
  switch (codec::block_codec(format).texels) {
    case codec::TexelType::kRgba16f:
      return TexelKind::kRgba16f;
    case codec::TexelType::kRgba8Snorm:
      return TexelKind::kRgba8Snorm;
    case codec::TexelType::kRgba8:
      break;
  }
  return TexelKind::kRgba8;
}

bool keeps_srgb(UseCase use_case) {
  return use_case == UseCase::kAlbedo || use_case == UseCase::kUi;
}

bool is_translucent(const Image& image) {
  if (!image.info.has_alpha()) return false;
  const float full = full_scale(image.info.type);
  std::vector<float> row(std::size_t{image.info.width} * 4);
  for (std::uint32_t y = 0; y < image.info.height; ++y) {
    expand_row(image, y, row);
    for (std::size_t i = 3; i < row.size(); i += 4)
      if (row[i] < full) return true;
  }
  return false;
}

Result<std::vector<LevelPixels>> make_level_pixels(const Image& image, const CompressDesc& desc,
                                                   TexelKind kind) {
  Image copy;
  FORGE3D_TRY_ASSIGN(const Image* meant, as_meant(image, desc.use_case, kind, copy));
  std::vector<LevelPixels> levels;
  FORGE3D_TRY_ASSIGN(LevelPixels base, to_pixels(*meant, kind));
  levels.push_back(std::move(base));
  if (!desc.mipmaps) return levels;
  const MipDesc mip_desc{.filter = desc.mip_filter,
                         .normals = desc.use_case == UseCase::kNormal && meant->info.channels >= 3,
                         .alpha_cutoff = desc.alpha_cutoff};
  FORGE3D_TRY_ASSIGN(const std::vector<Image> mips, make_mips(*meant, mip_desc));
  for (const Image& mip : mips) {
    FORGE3D_TRY_ASSIGN(LevelPixels level, to_pixels(mip, kind));
    levels.push_back(std::move(level));
  }
  return levels;
}

Result<Image> decode_like(const LevelPixels& level, Format format,
                          std::span<const std::byte> blocks, std::uint32_t threads) {
  if (level.kind == TexelKind::kRgba16f) return decode_halves(level, format, blocks, threads);
  FORGE3D_TRY_ASSIGN(Image out, make_image(level.image.info));
  if (level.kind == TexelKind::kR16) {
    std::ranges::copy(blocks, out.pixels.begin());
    return out;
  }
  FORGE3D_TRY(decode_blocks(format, blocks,
                            Rgba8MutableView{reinterpret_cast<std::uint8_t*>(out.pixels.data()),
                                             out.info.width, out.info.height, out.info.row_bytes()},
                            threads));
  if (level.kind == TexelKind::kRgba8Snorm)
    std::ranges::transform(out.pixels, out.pixels.begin(), from_snorm);
  return out;
}

}  // namespace forge3d::texture
