// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A wanted PSNR: more time for the blocks that need it, or fewer bytes where there is more quality
// than was asked for.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "texture/codec/level_blocks.hpp"

namespace forge3d::codec {

/// How far above a target a result may lie.
inline constexpr double kTargetBandDb = 0.05;

struct RefineDesc {
  Format format = Format::kBC7Unorm;
  Quality quality = Quality::kNormal;  ///< With a target: the most that is tried.
  std::uint32_t threads = 1;
  /// Over the channels of the format; those beyond `channels` count as error, but not as samples.
  std::optional<double> target_psnr_db;
  std::uint32_t channels = 3;  ///< What the mean squared error is a mean over.
  double peak = 255;           ///< What the PSNR is against, in the units of EncodeRun::errors.
  /// Error that a bit less is worth, in squared codes; 0: no choice by size. See rdo.hpp. With a
  /// target: the most that is tried, once the target is reached.
  double rdo_lambda = 0;
};

struct Refined {
  std::vector<std::byte> blocks;
  double psnr_db = 0;  ///< From the encoders' errors; +infinity when lossless.
  bool target_reached = true;
  Quality quality = Quality::kFast;               ///< The most that was used.
  std::array<std::uint32_t, 3> encoded_blocks{};  ///< Blocks encoded at fast, normal, high.
  std::uint32_t repeated_blocks = 0;  ///< Blocks with the bytes of another one, for the target.
  std::uint32_t rdo_blocks = 0;       ///< Blocks that rdo_lambda changed.
};

/// Encodes one level. With a target, in three steps. All blocks are encoded at fast, but where a
/// sample shows that this leaves much of the error allowed, blocks that are much like their left
/// neighbour take its bytes instead. Where fast falls short, blocks of large errors are encoded at
/// normal and high, or at high alone where a sample shows that most of them need it, batch by batch
/// until the target is passed. Where it is passed by more than kTargetBandDb, further blocks repeat
/// their neighbours, for zstd packs repeats. The same bytes for every number of threads and SIMD
/// target. Errors: those of encode_blocks().
[[nodiscard]] Result<Refined> encode_refined(const LevelTexels& texels, const RefineDesc& desc);

}  // namespace forge3d::codec
