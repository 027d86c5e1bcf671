// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Color endpoint modes of ASTC (Khronos Data Format Specification, "ASTC Compressed Texture Image
// Formats", Color Endpoint Unquantization and the sections after it).

#include <array>
#include <cstdint>

namespace forge3d::codec {

/// The two ends of a partition, R G B A. LDR channels are 0..255, HDR ones 0..65535 in the
/// specification's logarithmic form.
struct AstcEnds {
  std::array<std::array<std::int32_t, 4>, 2> end{};
  bool hdr_color = false;
  bool hdr_alpha = false;
};

/// Numbers that a mode (0..15) takes.
constexpr int astc_end_values(int mode) { return 2 * (mode >> 2) + 2; }

/// The ends that a mode makes of astc_end_values(mode) 8-bit numbers. HDR modes without an alpha
/// give an HDR alpha of 1.
[[nodiscard]] AstcEnds unpack_astc_ends(int mode, const std::uint8_t* values);

}  // namespace forge3d::codec
