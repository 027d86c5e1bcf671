// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The stages of the BC7 encoder. Each one goes over a list of blocks, tries the encodings of a
// family of modes, and overwrites a block where it found a better one.

#include <array>
#include <cstddef>
#include <cstdint>

namespace forge3d::codec {

/// What an encoder may spend on a block.
struct Bc7Effort {
  bool quick;                ///< One fit a mode, measured once.
  int rounds;                ///< Least-squares corrections of a line.
  int sweeps;                ///< Rounds of trying neighbouring codes.
  std::array<int, 8> tries;  ///< Partitions (modes 4 and 5: rotations) fitted, by mode.
  std::uint32_t good_error;  ///< A block with no more error than this goes to no further stage.
};

inline constexpr std::uint32_t kBc7NoError = 0x7fffffff;

/// A list of blocks out of a run (see EncodeRun), and what stages before have made of them.
struct Bc7Stage {
  const std::uint8_t* texels;
  std::size_t row_bytes;
  const std::uint16_t* blocks;  ///< Which blocks of the run.
  std::size_t count;
  bool opaque;  ///< All of them are: alpha comes back as 255.
  const Bc7Effort* effort;
  std::uint8_t* out;  ///< Of all blocks of the run.
  /// Likewise: the squared error of `out` over RGBA; kBc7NoError where there is nothing yet.
  std::uint32_t* errors;
};

/// Mode 6.
void bc7_try_one_line(const Bc7Stage& stage);
/// Modes 4 and 5.
void bc7_try_two_planes(const Bc7Stage& stage);
/// Modes 1, 3 and 7.
void bc7_try_two_lines(const Bc7Stage& stage);
/// Modes 0 and 2. REQUIRES: opaque blocks.
void bc7_try_three_lines(const Bc7Stage& stage);

}  // namespace forge3d::codec
