// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/codec.hpp"

#include <fmt/format.h>

#include <cstring>

#include "core/worker_pool.hpp"
#include "texture/codec/bc1_encoder.hpp"
#include "texture/codec/bc1_to_bc5_decoder.hpp"
#include "texture/codec/bc7_decoder.hpp"
#include "texture/codec/bc7_encoder.hpp"

namespace forge3d {
namespace {

using codec::Rgba8Block;
using codec::TexelBlock;

using EncodeBlock = void (*)(const TexelBlock&, Quality, std::uint8_t*);
using DecodeBlock = void (*)(const std::uint8_t*, Rgba8Block&);

EncodeBlock block_encoder(Format format) {
  switch (format) {
    case Format::kBC1RgbUnorm:
    case Format::kBC1RgbSrgb:
      return codec::encode_bc1;
    case Format::kBC1RgbaUnorm:
    case Format::kBC1RgbaSrgb:
      return codec::encode_bc1_punch_through;
    case Format::kBC7Unorm:
    case Format::kBC7Srgb:
      return codec::encode_bc7;
    default:
      return nullptr;
  }
}

template <bool kPunchThrough>
void decode_bc1(const std::uint8_t* bytes, Rgba8Block& out) {
  codec::decode_bc1(bytes, kPunchThrough, out);
}

DecodeBlock block_decoder(Format format) {
  switch (format) {
    case Format::kBC1RgbUnorm:
    case Format::kBC1RgbSrgb:
      return decode_bc1<false>;
    case Format::kBC1RgbaUnorm:
    case Format::kBC1RgbaSrgb:
      return decode_bc1<true>;
    case Format::kBC2Unorm:
    case Format::kBC2Srgb:
      return codec::decode_bc2;
    case Format::kBC3Unorm:
    case Format::kBC3Srgb:
      return codec::decode_bc3;
    case Format::kBC4Unorm:
      return codec::decode_bc4;
    case Format::kBC5Unorm:
      return codec::decode_bc5;
    case Format::kBC7Unorm:
    case Format::kBC7Srgb:
      return codec::decode_bc7;
    default:
      return nullptr;
  }
}

bool is_rgba8(Format format) {
  return format == Format::kRGBA8Unorm || format == Format::kRGBA8Srgb;
}

/// Checks an image view and the size of the blocks beside it. `name`: what the caller calls those
/// blocks.
template <class View>
Result<> check(Format format, const View& image, std::size_t blocks_bytes, std::string_view name) {
  if (image.pixels == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the pixels of a {} x {} image are null", image.width, image.height));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed, image_bytes(format, image.width, image.height));
  if (image.row_bytes / 4 < image.width)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("rows are {} bytes apart, {} RGBA8 texels need {}", image.row_bytes,
                            image.width, std::uint64_t{image.width} * 4));
  if (image.height > 1 && image.row_bytes > (std::uint64_t{1} << 63) / image.height)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} rows of {} bytes pass 2^63 bytes", image.height, image.row_bytes));
  if (blocks_bytes != needed)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds {} bytes, {} x {} texels of {} are {}", name, blocks_bytes,
                            image.width, image.height, format_info(format)->name, needed));
  return {};
}

std::uint32_t blocks_across(std::uint32_t texels) {
  return texels / codec::kBlockSide + (texels % codec::kBlockSide != 0 ? 1 : 0);
}

tl::unexpected<Error> not_supported(Format format, std::string_view verb) {
  const FormatInfo* info = format_info(format);
  if (info == nullptr)
    return fail(ErrorCode::kNotSupported,
                fmt::format("cannot {} format {}", verb, static_cast<std::uint32_t>(format)));
  return fail(ErrorCode::kNotSupported, fmt::format("cannot {} {}", verb, info->name));
}

}  // namespace

std::string_view to_string(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return "fast";
    case Quality::kNormal:
      return "normal";
    case Quality::kHigh:
      return "high";
  }
  return "unknown";
}

bool can_encode(Format format) { return is_rgba8(format) || block_encoder(format) != nullptr; }

bool can_decode(Format format) { return is_rgba8(format) || block_decoder(format) != nullptr; }

Result<> encode_blocks(const EncodeBlocksDesc& desc, Rgba8View image, std::span<std::byte> out) {
  if (!can_encode(desc.format)) return not_supported(desc.format, "encode");
  FORGE3D_TRY(check(desc.format, image, out.size(), "out"));
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  const EncodeBlock encode = block_encoder(desc.format);
  if (encode == nullptr) {
    const std::size_t row = std::size_t{4} * image.width;
    for (std::size_t y = 0; y < image.height; ++y)
      std::memcpy(bytes + y * row, image.pixels + y * image.row_bytes, row);
    return {};
  }
  const std::uint32_t columns = blocks_across(image.width);
  const std::size_t block_bytes = format_info(desc.format)->block_bytes;
  core::parallel_for(desc.threads, blocks_across(image.height), [&](std::uint64_t y) {
    TexelBlock block;
    for (std::uint32_t x = 0; x < columns; ++x) {
      codec::load_block(image, x, static_cast<std::uint32_t>(y), block);
      encode(block, desc.quality, bytes + (y * columns + x) * block_bytes);
    }
  });
  return {};
}

Result<> decode_blocks(Format format, std::span<const std::byte> blocks, Rgba8MutableView image,
                       std::uint32_t threads) {
  if (!can_decode(format)) return not_supported(format, "decode");
  FORGE3D_TRY(check(format, image, blocks.size(), "blocks"));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(blocks.data());
  const DecodeBlock decode = block_decoder(format);
  if (decode == nullptr) {
    const std::size_t row = std::size_t{4} * image.width;
    for (std::size_t y = 0; y < image.height; ++y)
      std::memcpy(image.pixels + y * image.row_bytes, bytes + y * row, row);
    return {};
  }
  const std::uint32_t columns = blocks_across(image.width);
  const std::size_t block_bytes = format_info(format)->block_bytes;
  core::parallel_for(threads, blocks_across(image.height), [&](std::uint64_t y) {
    Rgba8Block block;
    for (std::uint32_t x = 0; x < columns; ++x) {
      decode(bytes + (y * columns + x) * block_bytes, block);
      codec::store_block(block, image, x, static_cast<std::uint32_t>(y));
    }
  });
  return {};
}

}  // namespace forge3d
