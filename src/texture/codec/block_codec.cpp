// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/block_codec.hpp"

#include "texture/codec/bc1_decoder.hpp"
#include "texture/codec/bc1_encoder.hpp"
#include "texture/codec/bc1_to_bc5_decoder.hpp"
#include "texture/codec/bc7_decoder.hpp"
#include "texture/codec/bc7_encoder.hpp"

namespace forge3d::codec {
namespace {

/// Squared differences over the first `channels` channels.
std::uint32_t block_error(const TexelBlock& block, const Rgba8Block& decoded, int channels) {
  std::int32_t sum = 0;
  for (int i = 0; i < kTexels; ++i)
    for (int c = 0; c < channels; ++c) {
      const std::int32_t difference = block[c][i] - decoded[static_cast<std::size_t>(4 * i + c)];
      sum += difference * difference;
    }
  return static_cast<std::uint32_t>(sum);
}

template <auto kEncode, auto kDecode, std::size_t kBlockBytes, int kChannels>
void encode_each(const EncodeRun& run) {
  const auto width = static_cast<std::uint32_t>(run.blocks * kBlockSide);
  const Rgba8View image{run.texels, width, kBlockSide, run.row_bytes};
  TexelBlock block;
  Rgba8Block decoded;
  for (std::uint32_t i = 0; i < run.blocks; ++i) {
    load_block(image, i, 0, block);
    kEncode(block, run.quality, run.out + i * kBlockBytes);
    if (run.errors == nullptr) continue;
    kDecode(run.out + i * kBlockBytes, decoded);
    run.errors[i] = block_error(block, decoded, kChannels);
  }
}

template <auto kDecode, std::size_t kBlockBytes>
void decode_each(const DecodeRun& run) {
  const auto width = static_cast<std::uint32_t>(run.count * kBlockSide);
  const Rgba8MutableView image{run.texels, width, kBlockSide, run.row_bytes};
  Rgba8Block block;
  for (std::uint32_t i = 0; i < run.count; ++i) {
    kDecode(run.blocks + i * kBlockBytes, block);
    store_block(block, image, i, 0);
  }
}

}  // namespace

BlockCodec block_codec(Format format) {
  using enum TexelType;
  switch (format) {
    case Format::kBC1RgbUnorm:
    case Format::kBC1RgbSrgb:
    case Format::kBC1RgbaUnorm:
    case Format::kBC1RgbaSrgb:
      return {kRgba8, encode_bc1, decode_bc1};
    case Format::kBC2Unorm:
    case Format::kBC2Srgb:
      return {kRgba8, nullptr, decode_bc2};
    case Format::kBC3Unorm:
    case Format::kBC3Srgb:
      return {kRgba8, nullptr, decode_bc3};
    case Format::kBC4Unorm:
      return {kRgba8, nullptr, decode_each<decode_bc4, 8>};
    case Format::kBC5Unorm:
      return {kRgba8, nullptr, decode_each<decode_bc5, 16>};
    case Format::kBC7Unorm:
    case Format::kBC7Srgb:
      return {kRgba8, encode_each<encode_bc7, codec::decode_bc7, 16, 4>,
              decode_each<decode_bc7, 16>};
    default:
      return {};
  }
}

}  // namespace forge3d::codec
