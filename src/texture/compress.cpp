// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/compress.hpp"

#include <fmt/format.h>

#include <chrono>

#include "core/worker_pool.hpp"
#include "forge3d/metrics.hpp"
#include "forge3d/mip.hpp"
#include "texture/allocate.hpp"
#include "texture/image/image_check.hpp"

namespace forge3d {
namespace {

Rgba8View view_of(const Image& image) {
  return {reinterpret_cast<const std::uint8_t*>(image.pixels.data()), image.info.width,
          image.info.height, image.info.row_bytes()};
}

/// Level 0 and, where wanted, all below, as RGBA8. Mips are filtered from the samples as given, so
/// that 16-bit images lose nothing on the way.
Result<std::vector<Image>> make_levels(const Image& image, bool mipmaps) {
  std::vector<Image> levels;
  FORGE3D_TRY_ASSIGN(Image base, to_rgba8(image));
  levels.push_back(std::move(base));
  if (!mipmaps) return levels;
  FORGE3D_TRY_ASSIGN(const std::vector<Image> mips, make_mips(image));
  for (const Image& mip : mips) {
    FORGE3D_TRY_ASSIGN(Image level, to_rgba8(mip));
    levels.push_back(std::move(level));
  }
  return levels;
}

Result<std::vector<std::vector<std::byte>>> encode_levels(const std::vector<Image>& levels,
                                                          const EncodeBlocksDesc& desc) {
  std::vector<std::vector<std::byte>> blocks;
  for (const Image& level : levels) {
    FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                       image_bytes(desc.format, level.info.width, level.info.height));
    FORGE3D_TRY_ASSIGN(std::vector<std::byte> out, texture::allocate_bytes(size_bytes));
    FORGE3D_TRY(encode_blocks(desc, view_of(level), out));
    blocks.push_back(std::move(out));
  }
  return blocks;
}

/// Decodes what was encoded and compares it with what went in.
Result<ImageDifference> measure(const Image& level, Format format,
                                std::span<const std::byte> blocks, std::uint32_t threads) {
  FORGE3D_TRY_ASSIGN(Image decoded, make_image(level.info));
  const Rgba8MutableView view{reinterpret_cast<std::uint8_t*>(decoded.pixels.data()),
                              decoded.info.width, decoded.info.height, decoded.info.row_bytes()};
  FORGE3D_TRY(decode_blocks(format, blocks, view, threads));
  return compare_images(level, decoded);
}

Result<std::vector<std::byte>> write(const CompressDesc& desc, Format format, const Image& base,
                                     const std::vector<std::vector<std::byte>>& blocks) {
  Ktx2WriteDesc file{.format = format, .width = base.info.width, .height = base.info.height};
  if (desc.zstd_level != 0) {
    file.supercompression = Supercompression::kZstd;
    file.zstd_level = desc.zstd_level;
  }
  file.key_values = {{"KTXorientation", "rd"}};
  for (const std::vector<std::byte>& level : blocks) file.levels.emplace_back(level);
  return write_ktx2(file);
}

std::uint64_t total_bytes(const std::vector<Image>& levels) {
  std::uint64_t bytes = 0;
  for (const Image& level : levels) bytes += level.pixels.size();
  return bytes;
}

}  // namespace

Result<CompressResult> compress(const Image& image, const CompressDesc& desc) {
  FORGE3D_TRY(texture::check_image(image));
  CompressResult result;
  result.format = with_srgb(desc.format, image.info.srgb);
  result.threads = core::resolve_thread_count(desc.threads);
  if (!can_encode(result.format) || is_hdr(result.format))
    return fail(ErrorCode::kNotSupported, fmt::format("compress: no encoder for format {}",
                                                      static_cast<std::uint32_t>(desc.format)));
  FORGE3D_TRY_ASSIGN(const std::vector<Image> levels, make_levels(image, desc.mipmaps));

  const auto start = std::chrono::steady_clock::now();
  FORGE3D_TRY_ASSIGN(const std::vector<std::vector<std::byte>> blocks,
                     encode_levels(levels, {result.format, desc.quality, result.threads}));
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;

  FORGE3D_TRY_ASSIGN(const ImageDifference difference,
                     measure(levels[0], result.format, blocks[0], result.threads));
  FORGE3D_TRY_ASSIGN(result.ktx2, write(desc, result.format, levels[0], blocks));
  result.levels = static_cast<std::uint32_t>(levels.size());
  result.bytes_in = total_bytes(levels);
  result.compression_ratio =
      static_cast<double>(result.bytes_in) / static_cast<double>(result.ktx2.size());
  result.psnr_db = difference.psnr_rgb_db;
  result.psnr_rgba_db = difference.psnr_rgba_db;
  result.encode_ms = elapsed.count();
  const double megapixels = static_cast<double>(result.bytes_in) / 4e6;
  result.mpixels_per_s = result.encode_ms > 0 ? megapixels * 1e3 / result.encode_ms : 0;
  return result;
}

}  // namespace forge3d
