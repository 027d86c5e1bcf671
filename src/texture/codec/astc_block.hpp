// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "texture/codec/astc_layout.hpp"

namespace forge3d::codec {

/// What a block says, unpacked: everything but the interpolation of texels.
struct AstcBlock {
  enum class Kind : std::uint8_t {
    kError,        ///< A block that the format forbids.
    kConstant,     ///< One color for all texels: 16-bit fractions.
    kConstantHdr,  ///< One color: half floats.
    kWeighted,
  };
  Kind kind = Kind::kError;
  std::array<std::uint16_t, 4> constant;

  AstcBlockMode mode;
  int partitions;
  int seed;
  int second_plane;                         ///< The channel of the second plane of weights.
  std::array<std::uint8_t, 4> end_mode;     ///< By partition.
  std::array<std::uint8_t, 4> first_value;  ///< By partition, into `values`.
  std::array<std::uint8_t, 18 + kAstcSequenceSlack> values;  ///< 8-bit numbers of the ends.
  /// 0..64, by plane. Readable (as something) a grid's row past the last weight.
  std::array<std::array<std::uint8_t, kAstcMaxWeights + 16>, 2> weights;
};

/// Unpacks 16 bytes. Members that the kind does not need are left as they were. `weights` is
/// readable throughout where the caller zeroed it once.
void unpack_astc_block(const std::uint8_t* bytes, const AstcFootprint& footprint, AstcBlock& out);

}  // namespace forge3d::codec
