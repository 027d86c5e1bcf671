// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Whole images: the checks, and rows of blocks with those over the edges.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/worker_pool.hpp"
#include "forge3d/uastc.hpp"
#include "texture/allocate.hpp"
#include "texture/basis/uastc_encoder.hpp"
#include "texture/basis/uastc_transcoder.hpp"
#include "texture/codec/block_codec.hpp"

namespace forge3d {
namespace {

constexpr std::size_t kBlockRowBytes = 16;  // four RGBA8 texels
/// The format of blocks of the same size and extents.
constexpr Format kLikeBlocks = Format::kASTC4x4Unorm;

std::size_t blocks_across(std::uint32_t texels) { return texels / 4 + (texels % 4 != 0 ? 1 : 0); }

/// Copies the block over the right or lower edge, the last column and row repeated.
void pad_block(const Rgba8View& image, std::size_t block_x, std::size_t block_y,
               std::array<std::uint8_t, 4 * kBlockRowBytes>& out) {
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 4; ++x) {
      const std::size_t from_x = std::min<std::size_t>(4 * block_x + x, image.width - 1);
      const std::size_t from_y = std::min<std::size_t>(4 * block_y + y, image.height - 1);
      std::memcpy(out.data() + y * kBlockRowBytes + 4 * x,
                  image.pixels + from_y * image.row_bytes + 4 * from_x, 4);
    }
}

/// A row of blocks: those inside the image in place, those over its edge one by one.
void encode_row(const Rgba8View& image, Quality quality, std::size_t block_y, std::uint8_t* out) {
  const std::size_t inner = 4 * block_y + 4 <= image.height ? image.width / 4 : 0;
  codec::EncodeRun run{image.pixels + 4 * block_y * image.row_bytes,
                       image.row_bytes,
                       inner,
                       kLikeBlocks,
                       quality,
                       out,
                       nullptr};
  if (inner > 0) basis::encode_uastc_run(run);
  std::array<std::uint8_t, 4 * kBlockRowBytes> padded;
  run.texels = padded.data();
  run.row_bytes = kBlockRowBytes;
  run.blocks = 1;
  for (std::size_t x = inner; x < blocks_across(image.width); ++x) {
    pad_block(image, x, block_y, padded);
    run.out = out + 16 * x;
    basis::encode_uastc_run(run);
  }
}

bool is_rgba8(Format format) {
  return format == Format::kRGBA8Unorm || format == Format::kRGBA8Srgb;
}

void transcode_blocks(const basis::UastcRun& run, bool hdr) {
  hdr ? basis::transcode_uastc_hdr_run(run) : basis::transcode_uastc_run(run);
}

/// A row of blocks that becomes up to four rows of texels. Blocks over the edge go by a copy.
void decode_row(basis::UastcRun run, const TranscodeUastcDesc& desc, std::size_t block_y,
                std::size_t texel_bytes, std::uint8_t* out) {
  const std::size_t row_bytes = desc.width * texel_bytes;
  const std::size_t rows = std::min<std::size_t>(4, desc.height - 4 * block_y);
  const std::size_t columns = run.count;
  const std::size_t inner = rows == 4 ? desc.width / 4 : 0;
  run.out = out + 4 * block_y * row_bytes;
  run.row_bytes = row_bytes;
  run.count = inner;
  transcode_blocks(run, desc.hdr);
  std::array<std::uint8_t, 4 * 32> block;
  basis::UastcRun one = run;
  one.out = block.data();
  one.row_bytes = 4 * texel_bytes;
  one.count = 1;
  for (std::size_t x = inner; x < columns; ++x) {
    one.blocks = run.blocks + 16 * x;
    transcode_blocks(one, desc.hdr);
    const std::size_t texels = std::min<std::size_t>(4, desc.width - 4 * x);
    for (std::size_t y = 0; y < rows; ++y)
      std::memcpy(run.out + y * row_bytes + 4 * x * texel_bytes, block.data() + y * one.row_bytes,
                  texels * texel_bytes);
  }
}

Result<> check_size(std::string_view name, Format format, const TranscodeUastcDesc& desc,
                    std::size_t size_bytes) {
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed, image_bytes(format, desc.width, desc.height));
  if (size_bytes == needed) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} holds {} bytes, {} x {} texels are {}", name, size_bytes, desc.width,
                          desc.height, needed));
}

}  // namespace

Result<std::vector<std::byte>> encode_uastc(const EncodeUastcDesc& desc, Rgba8View image) {
  if (image.pixels == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the pixels of a {} x {} image are null", image.width, image.height));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed,
                     image_bytes(kLikeBlocks, image.width, image.height));
  if (image.row_bytes / 4 < image.width)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("rows are {} bytes apart, {} RGBA8 texels need {}", image.row_bytes,
                            image.width, std::uint64_t{image.width} * 4));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> out, texture::allocate_bytes(needed));
  auto* blocks = reinterpret_cast<std::uint8_t*>(out.data());
  core::parallel_for(desc.threads, blocks_across(image.height), [&](std::uint64_t y) {
    encode_row(image, desc.quality, y, blocks + y * blocks_across(image.width) * 16);
  });
  return out;
}

bool can_transcode_uastc(Format target, bool hdr) {
  if (hdr)
    return target == Format::kRGBA16Sfloat || target == Format::kBC6HUfloat ||
           target == Format::kBC6HSfloat || target == Format::kASTC4x4Sfloat;
  if (is_rgba8(target)) return true;
  const FormatInfo* info = format_info(target);
  if (info == nullptr || info->block_width != 4 || info->block_height != 4) return false;
  const codec::BlockCodec codec = codec::block_codec(target);
  return codec.encode != nullptr && codec.texels == codec::TexelType::kRgba8;
}

Result<> transcode_uastc(const TranscodeUastcDesc& desc, std::span<const std::byte> blocks,
                         std::span<std::byte> out) {
  if (!can_transcode_uastc(desc.target, desc.hdr)) {
    const FormatInfo* info = format_info(desc.target);
    return fail(ErrorCode::kNotSupported,
                fmt::format("UASTC {} is not transcoded to {}", desc.hdr ? "HDR" : "LDR",
                            info != nullptr ? info->name : "an unknown format"));
  }
  FORGE3D_TRY(check_size("blocks", kLikeBlocks, desc, blocks.size()));
  FORGE3D_TRY(check_size("out", desc.target, desc, out.size()));
  const std::size_t columns = blocks_across(desc.width);
  const bool texels = !format_info(desc.target)->compressed;
  const bool to_etc1 = desc.etc1_only && (desc.target == Format::kETC2RgbUnorm ||
                                          desc.target == Format::kETC2RgbSrgb);
  auto* target = reinterpret_cast<std::uint8_t*>(out.data());
  core::parallel_for(desc.threads, blocks_across(desc.height), [&](std::uint64_t y) {
    basis::UastcRun run;
    run.blocks = reinterpret_cast<const std::uint8_t*>(blocks.data()) + y * columns * 16;
    run.count = columns;
    run.channels = desc.channels;
    run.target = desc.target;
    run.etc1_only = to_etc1;
    run.quality = desc.quality;
    if (texels) return decode_row(run, desc, y, desc.hdr ? 8 : 4, target);
    run.out = target + y * columns * basis::uastc_target_block_bytes(desc.target);
    transcode_blocks(run, desc.hdr);
  });
  return {};
}

}  // namespace forge3d
