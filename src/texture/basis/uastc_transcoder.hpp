// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// UASTC 4x4 to what devices sample, runs of blocks at a time.

#include <cstddef>
#include <cstdint>

#include "forge3d/uastc.hpp"

namespace forge3d::basis {

/// Blocks that lie side by side and what they become.
struct UastcRun {
  const std::uint8_t* blocks = nullptr;  ///< 16 bytes each.
  std::size_t count = 0;
  UastcChannels channels = UastcChannels::kRgba;
  /// RGBA8, or a format of 4 x 4 blocks that can_transcode_uastc() says yes to. sRGB and linear
  /// ones get the same bytes: UASTC does not tell them apart.
  Format target = Format::kRGBA8Unorm;
  bool etc1_only = false;  ///< With ETC2 RGB alone: only blocks that ETC1 decoders know, too.
  Quality quality = Quality::kFast;  ///< Of targets that are encoded anew: all but BC7 and ASTC.
  std::uint8_t* out = nullptr;
  std::size_t row_bytes = 0;  ///< RGBA8: the distance between the four rows of texels.
};

/// Bytes a block takes in a target; 64 for RGBA8, 128 for RGBA16F.
[[nodiscard]] std::size_t uastc_target_block_bytes(Format target);

/// Transcodes a run. Total: blocks that the format forbids become magenta (255, 0, 255, 255).
/// ASTC is the same texels exactly, BC7 nearly so. The texels of kRed and kRedGreen are (r, 0, 0,
/// 255) and (r, g, 0, 255). Output is the same bytes for every SIMD target and every way to cut an
/// image into runs. Thread-safe. REQUIRES: can_transcode_uastc(run.target).
void transcode_uastc_run(const UastcRun& run);

/// The same for HDR blocks, of which `channels`, `etc1_only` are ignored. RGBA16F rows take 32
/// bytes a block. REQUIRES: can_transcode_uastc(run.target, true).
void transcode_uastc_hdr_run(const UastcRun& run);

}  // namespace forge3d::basis
