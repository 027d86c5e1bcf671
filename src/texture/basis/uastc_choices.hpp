// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the UASTC encoder may choose from, in the terms of the ASTC encoder.

#include <initializer_list>
#include <vector>

#include "texture/codec/astc_choices.hpp"

namespace forge3d::basis {

/// The ways to spend bits of some UASTC modes. `mode` of a choice is the index of the UASTC mode.
[[nodiscard]] std::vector<codec::AstcChoice> make_uastc_choices(std::initializer_list<int> modes);

/// A way to share a block's texels between up to three subsets: those of the second and third, by
/// bit.
struct UastcSplit {
  std::uint8_t mode;
  std::uint8_t pattern;
  std::uint16_t second = 0;
  std::uint16_t third = 0;
};

/// The patterns of a mode.
[[nodiscard]] std::vector<UastcSplit> make_uastc_splits(std::initializer_list<int> modes);

}  // namespace forge3d::basis
