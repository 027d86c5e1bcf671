// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// UASTC 4x4: blocks of one format for every device, transcoded to what it samples when they are
// loaded. Khronos Data Format Specification, "Universal ASTC Compressed Texture Images" (LDR); the
// HDR blocks are those of ASTC. Files of them are written by write_ktx2 and read by Ktx2Reader.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/format.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

/// What the channels of LDR blocks mean: the channel id in the descriptor of a KTX2 file.
enum class UastcChannels : std::uint8_t {
  kRgb = 0,
  kRgba = 3,
  kRed = 4,            ///< Red, repeated in green and blue.
  kRedGreen = 5,       ///< Red in all colors, green as alpha.
  kPlainRedGreen = 6,  ///< Red and green as such.
};

struct EncodeUastcDesc {
  Quality quality = Quality::kNormal;
  std::uint32_t threads = 1;  ///< 0: one a core. The bytes are the same for every number.
};

/// Encodes an image to UASTC LDR, 16 bytes a block of 4 x 4 texels, edge blocks padded by repeating
/// the last column and row; with the hints that other transcoders use. sRGB and linear images are
/// encoded alike. Errors: kInvalidArgument (extents, stride), kOutOfHostMemory. Thread-safe.
[[nodiscard]] Result<std::vector<std::byte>> encode_uastc(const EncodeUastcDesc& desc,
                                                          Rgba8View image);

struct TranscodeUastcDesc {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool hdr = false;
  UastcChannels channels = UastcChannels::kRgba;  ///< Of LDR blocks.
  Format target = Format::kBC7Srgb;               ///< One that can_transcode_uastc() says yes to.
  bool etc1_only = false;  ///< With ETC2 RGB alone: only blocks that ETC1 decoders know, too.
  /// What may be spent on targets that are encoded anew: all but RGBA8, RGBA16F, BC7 and ASTC. BC6H
  /// takes kFast as kNormal.
  Quality quality = Quality::kFast;
  std::uint32_t threads = 1;  ///< 0: one a core. The bytes are the same for every number.
};

/// LDR blocks: RGBA8, BC1, BC3, BC4, BC5, BC7, ETC2 RGB and RGBA, EAC R11 and RG11, ASTC 4x4; UNORM
/// and sRGB formats get the same bytes. HDR blocks: RGBA16F, BC6H, ASTC 4x4 SFLOAT.
[[nodiscard]] bool can_transcode_uastc(Format target, bool hdr = false);

/// Transcodes an image's blocks. ASTC gives the same texels, BC7 nearly so (the same partitions and
/// weights, rounded ends); the others are encoded from the decoded texels. Texels of kRed and
/// kRedGreen blocks are (r, 0, 0, 1) and (r, g, 0, 1) in every target. Total for every bit pattern:
/// LDR blocks that the format forbids become magenta. REQUIRES: blocks.size() == 16 bytes a block,
/// out.size() == image_bytes(target, width, height). Errors: kInvalidArgument (extents, sizes),
/// kNotSupported (target). Thread-safe.
[[nodiscard]] Result<> transcode_uastc(const TranscodeUastcDesc& desc,
                                       std::span<const std::byte> blocks, std::span<std::byte> out);

}  // namespace forge3d
