// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_transcoder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "texture/basis/uastc_astc.hpp"
#include "texture/basis/uastc_bc7.hpp"
#include "texture/basis/uastc_decoder.hpp"
#include "texture/codec/astc_decoder.hpp"
#include "texture/codec/bc6h_encoder.hpp"
#include "texture/codec/block_codec.hpp"
#include "texture/codec/etc2_encoder.hpp"

namespace forge3d::basis {
namespace {

/// Blocks that are decoded before they are encoded: their texels fit a first-level cache.
constexpr std::size_t kStripBlocks = 64;
constexpr std::size_t kBlockRowBytes = 16;

bool is_rgba8(Format format) {
  return format == Format::kRGBA8Unorm || format == Format::kRGBA8Srgb;
}
bool is_bc7(Format format) { return format == Format::kBC7Unorm || format == Format::kBC7Srgb; }
bool is_astc(Format format) {
  return format == Format::kASTC4x4Unorm || format == Format::kASTC4x4Srgb;
}

/// Texels as the file means them.
void rename_channels(UastcChannels channels, std::uint8_t* texels, std::size_t count) {
  if (channels != UastcChannels::kRed && channels != UastcChannels::kRedGreen) return;
  for (std::uint8_t* texel = texels; texel != texels + 4 * count; texel += 4) {
    texel[1] = channels == UastcChannels::kRedGreen ? texel[3] : 0;
    texel[2] = 0;
    texel[3] = 255;
  }
}

void decode_texels(const UastcRun& run) {
  decode_uastc({run.blocks, run.count, run.target, run.out, run.row_bytes});
  for (std::size_t y = 0; y < 4; ++y)
    rename_channels(run.channels, run.out + y * run.row_bytes, 4 * run.count);
}

/// Decodes and encodes, a strip at a time.
void encode_anew(const UastcRun& run) {
  const codec::BlockCodec codec = codec::block_codec(run.target);
  const std::size_t block_bytes = uastc_target_block_bytes(run.target);
  alignas(64) std::array<std::uint8_t, 4 * kStripBlocks * kBlockRowBytes> strip;
  for (std::size_t first = 0; first < run.count; first += kStripBlocks) {
    UastcRun part = run;
    part.blocks += 16 * first;
    part.count = std::min(kStripBlocks, run.count - first);
    part.target = Format::kRGBA8Unorm;
    part.out = strip.data();
    part.row_bytes = part.count * kBlockRowBytes;
    decode_texels(part);
    const codec::EncodeRun encode{strip.data(), part.row_bytes, part.count,
                                  run.target,   run.quality,    run.out + first * block_bytes,
                                  nullptr};
    run.etc1_only ? codec::encode_etc1(encode) : codec.encode(encode);
  }
}

template <class Write>
void convert_blocks(const UastcRun& run, Write write) {
  UastcBlock block;
  for (std::size_t b = 0; b < run.count; ++b) {
    unpack_uastc_block(run.blocks + 16 * b, block);
    write(block, run.out + 16 * b);
  }
}

}  // namespace

std::size_t uastc_target_block_bytes(Format target) {
  if (is_rgba8(target)) return 64;
  return target == Format::kRGBA16Sfloat ? 128 : format_info(target)->block_bytes;
}

void transcode_uastc_run(const UastcRun& run) {
  if (is_rgba8(run.target)) return decode_texels(run);
  const bool as_it_is =
      run.channels != UastcChannels::kRed && run.channels != UastcChannels::kRedGreen;
  if (as_it_is && is_bc7(run.target)) return convert_blocks(run, write_uastc_as_bc7);
  if (as_it_is && is_astc(run.target)) return convert_blocks(run, write_uastc_as_astc);
  encode_anew(run);
}

void transcode_uastc_hdr_run(const UastcRun& run) {
  constexpr Format kStored = Format::kASTC4x4Sfloat;  // the blocks are ASTC's
  if (run.target == kStored) {
    std::memcpy(run.out, run.blocks, 16 * run.count);
    return;
  }
  if (run.target == Format::kRGBA16Sfloat)
    return codec::decode_astc_hdr({run.blocks, run.count, kStored, run.out, run.row_bytes});
  constexpr std::size_t kRowBytes = 2 * kBlockRowBytes;
  // The fast encoder of BC6H has one line a block; these blocks have two.
  const Quality quality = std::max(run.quality, Quality::kNormal);
  alignas(64) std::array<std::uint8_t, 4 * kStripBlocks * kRowBytes> strip;
  for (std::size_t first = 0; first < run.count; first += kStripBlocks) {
    const std::size_t count = std::min(kStripBlocks, run.count - first);
    codec::decode_astc_hdr(
        {run.blocks + 16 * first, count, kStored, strip.data(), count * kRowBytes});
    codec::encode_bc6h_run({strip.data(), count * kRowBytes, count, run.target, quality,
                            run.out + 16 * first, nullptr});
  }
}

}  // namespace forge3d::basis
