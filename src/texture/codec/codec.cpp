// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/worker_pool.hpp"
#include "texture/codec/block_codec.hpp"

namespace forge3d {
namespace {

using codec::block_codec;
using codec::BlockCodec;
using codec::TexelType;

constexpr std::size_t kMaxBlockSide = 12;
constexpr std::size_t kMaxTexelBytes = 8;
/// Blocks of an edge row that are padded and handed over at once.
constexpr std::size_t kEdgeBlocks = 16;

bool is_rgba8(Format format) {
  return format == Format::kRGBA8Unorm || format == Format::kRGBA8Srgb;
}

/// Pixels of either kind, as bytes.
template <class Byte>
struct Surface {
  Byte* texels;
  std::uint32_t width, height;
  std::size_t row_bytes;
};
using ConstSurface = Surface<const std::uint8_t>;
using MutableSurface = Surface<std::uint8_t>;

ConstSurface surface_of(const Rgba8View& image) {
  return {image.pixels, image.width, image.height, image.row_bytes};
}
ConstSurface surface_of(const Rgba16fView& image) {
  return {reinterpret_cast<const std::uint8_t*>(image.pixels), image.width, image.height,
          image.row_bytes};
}
MutableSurface surface_of(const Rgba8MutableView& image) {
  return {image.pixels, image.width, image.height, image.row_bytes};
}
MutableSurface surface_of(const Rgba16fMutableView& image) {
  return {reinterpret_cast<std::uint8_t*>(image.pixels), image.width, image.height,
          image.row_bytes};
}

/// Checks an image and the size of the blocks beside it. `name`: what the caller calls those
/// blocks.
template <class Byte>
Result<> check(Format format, const Surface<Byte>& image, std::size_t bytes_a_texel,
               std::size_t blocks_bytes, std::string_view name) {
  const char* kind = bytes_a_texel == 8 ? "RGBA16F" : "RGBA8";
  if (image.texels == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the pixels of a {} x {} image are null", image.width, image.height));
  FORGE3D_TRY_ASSIGN(const std::uint64_t needed, image_bytes(format, image.width, image.height));
  if (image.row_bytes / bytes_a_texel < image.width)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("rows are {} bytes apart, {} {} texels need {}", image.row_bytes,
                            image.width, kind, std::uint64_t{image.width} * bytes_a_texel));
  if (bytes_a_texel == 8 && image.row_bytes % 2 != 0)
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("rows of half floats are {} bytes apart, an odd number", image.row_bytes));
  if (image.height > 1 && image.row_bytes > (std::uint64_t{1} << 63) / image.height)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} rows of {} bytes pass 2^63 bytes", image.height, image.row_bytes));
  if (blocks_bytes != needed)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds {} bytes, {} x {} texels of {} are {}", name, blocks_bytes,
                            image.width, image.height, format_info(format)->name, needed));
  return {};
}

Result<> check_errors(std::span<const std::uint32_t> errors, std::size_t blocks) {
  if (errors.empty() || errors.size() == blocks) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("block_errors holds {} numbers, the image has {} blocks", errors.size(), blocks));
}

std::uint32_t blocks_across(std::uint32_t texels, std::uint32_t side) {
  return texels / side + (texels % side != 0 ? 1 : 0);
}

tl::unexpected<Error> not_supported(Format format, std::string_view verb) {
  const FormatInfo* info = format_info(format);
  if (info == nullptr)
    return fail(ErrorCode::kNotSupported,
                fmt::format("cannot {} format {}", verb, static_cast<std::uint32_t>(format)));
  return fail(ErrorCode::kNotSupported, fmt::format("cannot {} {}", verb, info->name));
}

/// Refuses a format without a kernel, or whose texels are of the other kind.
Result<> check_kind(Format format, bool possible, bool hdr_texels, std::string_view verb) {
  if (!possible) return not_supported(format, verb);
  if (is_hdr(format) == hdr_texels) return {};
  return fail(ErrorCode::kNotSupported,
              fmt::format("{} holds {}: it is not made of {} texels", format_info(format)->name,
                          is_hdr(format) ? "half floats" : "8-bit codes",
                          hdr_texels ? "half float" : "8-bit"));
}

/// A strip of kEdgeBlocks blocks beside each other.
struct EdgeStrip {
  static constexpr std::size_t kRowBytes = kEdgeBlocks * kMaxBlockSide * kMaxTexelBytes;
  alignas(64) std::array<std::uint8_t, kRowBytes * kMaxBlockSide> bytes;
};

/// One row of blocks of an image and how it is cut: blocks that lie inside the image are handled in
/// place, those over its edge in a strip.
struct BlockRow {
  const FormatInfo& info;
  std::size_t bytes_a_texel;
  std::size_t width, height;  ///< of the image
  std::size_t y0;             ///< first row of texels

  [[nodiscard]] std::size_t columns() const {
    return (width + info.block_width - 1) / info.block_width;
  }
  [[nodiscard]] std::size_t inner() const {
    return height - y0 >= info.block_height ? width / info.block_width : 0;
  }
};

/// Copies blocks [first, first + count) of the row into the strip, the last column and row
/// repeated.
void fill_strip(const BlockRow& row, const ConstSurface& image, std::size_t first,
                std::size_t count, EdgeStrip& strip) {
  const std::size_t texel = row.bytes_a_texel;
  for (std::size_t y = 0; y < row.info.block_height; ++y) {
    const std::uint8_t* source =
        image.texels + std::min(row.y0 + y, row.height - 1) * image.row_bytes;
    std::uint8_t* target = strip.bytes.data() + y * EdgeStrip::kRowBytes;
    for (std::size_t x = 0; x < count * row.info.block_width; ++x) {
      const std::size_t from = std::min(first * row.info.block_width + x, row.width - 1);
      std::memcpy(target + x * texel, source + from * texel, texel);
    }
  }
}

/// Copies the part of the strip that lies inside the image back into it.
void empty_strip(const BlockRow& row, const MutableSurface& image, std::size_t first,
                 std::size_t count, const EdgeStrip& strip) {
  const std::size_t x0 = first * row.info.block_width;
  const std::size_t columns = std::min(count * row.info.block_width, row.width - x0);
  const std::size_t rows = std::min<std::size_t>(row.info.block_height, row.height - row.y0);
  for (std::size_t y = 0; y < rows; ++y)
    std::memcpy(image.texels + (row.y0 + y) * image.row_bytes + x0 * row.bytes_a_texel,
                strip.bytes.data() + y * EdgeStrip::kRowBytes, columns * row.bytes_a_texel);
}

void encode_row(const BlockRow& row, const BlockCodec& codec, const EncodeBlocksDesc& desc,
                const ConstSurface& image, std::uint8_t* out, std::uint32_t* errors) {
  const std::size_t inner = row.inner();
  if (inner > 0)
    codec.encode({image.texels + row.y0 * image.row_bytes, image.row_bytes, inner, desc.format,
                  desc.quality, out, errors});
  if (inner == row.columns()) return;
  EdgeStrip strip;
  for (std::size_t x = inner; x < row.columns(); x += kEdgeBlocks) {
    const std::size_t count = std::min(kEdgeBlocks, row.columns() - x);
    fill_strip(row, image, x, count, strip);
    codec.encode({strip.bytes.data(), EdgeStrip::kRowBytes, count, desc.format, desc.quality,
                  out + x * row.info.block_bytes, errors == nullptr ? nullptr : errors + x});
  }
}

void decode_row(const BlockRow& row, const BlockCodec& codec, Format format,
                const std::uint8_t* blocks, const MutableSurface& image) {
  const std::size_t inner = row.inner();
  if (inner > 0)
    codec.decode({blocks, inner, format, image.texels + row.y0 * image.row_bytes, image.row_bytes});
  if (inner == row.columns()) return;
  EdgeStrip strip;
  for (std::size_t x = inner; x < row.columns(); x += kEdgeBlocks) {
    const std::size_t count = std::min(kEdgeBlocks, row.columns() - x);
    codec.decode({blocks + x * row.info.block_bytes, count, format, strip.bytes.data(),
                  EdgeStrip::kRowBytes});
    empty_strip(row, image, x, count, strip);
  }
}

Result<> encode_surface(const EncodeBlocksDesc& desc, const ConstSurface& image,
                        std::size_t bytes_a_texel, std::span<std::byte> out,
                        std::span<std::uint32_t> errors) {
  FORGE3D_TRY(check(desc.format, image, bytes_a_texel, out.size(), "out"));
  const FormatInfo& info = *format_info(desc.format);
  const std::size_t columns = blocks_across(image.width, info.block_width);
  const std::uint32_t rows = blocks_across(image.height, info.block_height);
  FORGE3D_TRY(check_errors(errors, columns * rows));
  const BlockCodec codec = block_codec(desc.format);
  core::parallel_for(desc.threads, rows, [&](std::uint64_t y) {
    const BlockRow row{info, bytes_a_texel, image.width, image.height, y * info.block_height};
    auto* blocks = reinterpret_cast<std::uint8_t*>(out.data()) + y * columns * info.block_bytes;
    encode_row(row, codec, desc, image, blocks,
               errors.empty() ? nullptr : errors.data() + y * columns);
  });
  return {};
}

Result<> decode_surface(Format format, std::span<const std::byte> blocks,
                        const MutableSurface& image, std::size_t bytes_a_texel,
                        std::uint32_t threads) {
  FORGE3D_TRY(check(format, image, bytes_a_texel, blocks.size(), "blocks"));
  const FormatInfo& info = *format_info(format);
  const BlockCodec codec = block_codec(format);
  const std::size_t columns = blocks_across(image.width, info.block_width);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(blocks.data());
  core::parallel_for(threads, blocks_across(image.height, info.block_height), [&](std::uint64_t y) {
    const BlockRow row{info, bytes_a_texel, image.width, image.height, y * info.block_height};
    decode_row(row, codec, format, bytes + y * columns * info.block_bytes, image);
  });
  return {};
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

bool can_encode(Format format) { return is_rgba8(format) || block_codec(format).encode != nullptr; }

bool can_decode(Format format) { return is_rgba8(format) || block_codec(format).decode != nullptr; }

bool is_hdr(Format format) { return block_codec(format).texels == TexelType::kRgba16f; }

Result<> encode_blocks(const EncodeBlocksDesc& desc, Rgba8View image, std::span<std::byte> out,
                       std::span<std::uint32_t> block_errors) {
  FORGE3D_TRY(check_kind(desc.format, can_encode(desc.format), false, "encode"));
  if (!is_rgba8(desc.format)) return encode_surface(desc, surface_of(image), 4, out, block_errors);
  FORGE3D_TRY(check(desc.format, surface_of(image), 4, out.size(), "out"));
  FORGE3D_TRY(check_errors(block_errors, std::size_t{image.width} * image.height));
  const std::size_t row = std::size_t{4} * image.width;
  for (std::size_t y = 0; y < image.height; ++y)
    std::memcpy(out.data() + y * row, image.pixels + y * image.row_bytes, row);
  std::ranges::fill(block_errors, 0);
  return {};
}

Result<> encode_blocks(const EncodeBlocksDesc& desc, Rgba16fView image, std::span<std::byte> out,
                       std::span<std::uint32_t> block_errors) {
  FORGE3D_TRY(check_kind(desc.format, can_encode(desc.format), true, "encode"));
  return encode_surface(desc, surface_of(image), 8, out, block_errors);
}

Result<> decode_blocks(Format format, std::span<const std::byte> blocks, Rgba8MutableView image,
                       std::uint32_t threads) {
  FORGE3D_TRY(check_kind(format, can_decode(format), false, "decode"));
  if (!is_rgba8(format)) return decode_surface(format, blocks, surface_of(image), 4, threads);
  FORGE3D_TRY(check(format, surface_of(image), 4, blocks.size(), "blocks"));
  const std::size_t row = std::size_t{4} * image.width;
  for (std::size_t y = 0; y < image.height; ++y)
    std::memcpy(image.pixels + y * image.row_bytes, blocks.data() + y * row, row);
  return {};
}

Result<> decode_blocks(Format format, std::span<const std::byte> blocks, Rgba16fMutableView image,
                       std::uint32_t threads) {
  FORGE3D_TRY(check_kind(format, can_decode(format), true, "decode"));
  return decode_surface(format, blocks, surface_of(image), 8, threads);
}

}  // namespace forge3d
