// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a Basis Universal file: every image to one target, which the input's length chooses,
// and to pixels, which the target's blocks must decode near to; every level at once, which must
// hold the same images; a row alone, which is that of the image.

#include <algorithm>

#include "forge3d/basis.hpp"
#include "forge3d/codec.hpp"

namespace {

using forge3d::Format;

constexpr Format kTargets[] = {Format::kBC1RgbUnorm,   Format::kBC3Unorm,    Format::kBC4Unorm,
                               Format::kBC5Unorm,      Format::kBC7Unorm,    Format::kETC2RgbUnorm,
                               Format::kETC2RgbaUnorm, Format::kEACR11Unorm, Format::kEACRG11Unorm,
                               Format::kASTC4x4Unorm};
constexpr std::uint32_t kMaxExtent = 256;
constexpr std::uint32_t kMaxImages = 16;

/// Even colors whose channels are clamped at different selectors, which no line meets, come this
/// near.
bool is_near(const std::vector<std::byte>& pixels, const std::vector<std::byte>& blocks,
             std::uint32_t width, std::uint32_t height) {
  std::vector<std::uint8_t> decoded(pixels.size());
  const forge3d::Rgba8MutableView view{decoded.data(), width, height, std::size_t{4} * width};
  if (!forge3d::decode_blocks(Format::kBC7Unorm, blocks, view)) return false;
  double sum = 0;
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const double difference = std::to_integer<int>(pixels[i]) - int{decoded[i]};
    sum += difference * difference;
  }
  constexpr double kMaxMeanSquare = 80 * 80;
  return sum <= kMaxMeanSquare * static_cast<double>(decoded.size());
}

/// The last row of blocks, made alone.
bool has_last_row(const forge3d::BasisTexture& texture, const forge3d::Ktx2Slice& image,
                  Format target, const std::vector<std::byte>& blocks) {
  const auto& info = texture.info();
  const std::uint32_t height = forge3d::mip_extent(info.height, image.level);
  const std::uint32_t last = (height - 1) / 4;
  const std::uint64_t index = (std::uint64_t{image.layer} * info.faces + image.face) *
                              forge3d::mip_extent(info.depth, image.level);
  std::vector<std::byte> row(*forge3d::image_bytes(
      target, forge3d::mip_extent(info.width, image.level), height - 4 * last));
  auto level = texture.open_level(image.level, {.target = target});
  return level && level->write_rows(index, last, 1, row) &&
         std::equal(row.rbegin(), row.rend(), blocks.rbegin());
}

void transcode(const forge3d::BasisTexture& texture, const forge3d::Ktx2Slice& image,
               Format target) {
  const auto pixels = texture.transcode(image, Format::kRGBA8Unorm);
  const auto blocks = texture.transcode(image, target);
  const bool supported = blocks || blocks.error().code != forge3d::ErrorCode::kNotSupported;
  if (supported && blocks.has_value() != pixels.has_value()) __builtin_trap();
  if (blocks && !has_last_row(texture, image, target, *blocks)) __builtin_trap();
  if (!pixels || !blocks || target != Format::kBC7Unorm) return;
  const auto& info = texture.info();
  if (!is_near(*pixels, *blocks, forge3d::mip_extent(info.width, image.level),
               forge3d::mip_extent(info.height, image.level)))
    __builtin_trap();
}

/// The images of a level one by one, each with the frame before it at hand.
forge3d::Result<std::vector<std::byte>> by_images(const forge3d::BasisTexture& texture,
                                                  std::uint32_t level, Format target) {
  const auto& info = texture.info();
  const std::uint32_t slices = forge3d::mip_extent(info.depth, level);
  std::vector<std::vector<std::byte>> images(std::size_t{info.layers} * info.faces * slices);
  for (std::uint32_t face = 0; face < info.faces; ++face)
    for (std::uint32_t slice = 0; slice < slices; ++slice) {
      forge3d::BasisFrame frame;
      for (std::uint32_t layer = 0; layer < info.layers; ++layer) {
        auto& image = images[(std::size_t{layer} * info.faces + face) * slices + slice];
        FORGE3D_TRY_ASSIGN(image, texture.transcode({level, layer, face, slice}, target, &frame));
      }
    }
  std::vector<std::byte> bytes;
  for (const auto& image : images) bytes.insert(bytes.end(), image.begin(), image.end());
  return bytes;
}

void transcode_level(const forge3d::BasisTexture& texture, std::uint32_t level, Format target) {
  const auto& info = texture.info();
  const std::uint64_t images =
      std::uint64_t{info.layers} * info.faces * forge3d::mip_extent(info.depth, level);
  if (images > kMaxImages) return;
  const auto whole = texture.transcode_level(level, {.target = target});
  const auto parts = by_images(texture, level, target);
  if (whole.has_value() != parts.has_value() || (whole && *whole != *parts)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  const auto reader = forge3d::Ktx2Reader::open(std::move(source));
  if (!reader || std::max(reader->info().width, reader->info().height) > kMaxExtent) return 0;
  const auto texture = forge3d::BasisTexture::open(*reader);
  if (!texture) return 0;
  const Format target = kTargets[size_bytes % std::size(kTargets)];
  const auto& info = texture->info();
  std::uint32_t images = 0;
  for (std::uint32_t level = 0; level < info.levels; ++level)
    for (std::uint32_t layer = 0; layer < info.layers; ++layer)
      for (std::uint32_t face = 0; face < info.faces && images < kMaxImages; ++face, ++images)
        transcode(*texture, {.level = level, .layer = layer, .face = face}, target);
  transcode_level(*texture, static_cast<std::uint32_t>(size_bytes) % info.levels, target);
  return 0;
}
