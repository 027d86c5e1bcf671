// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_choices.hpp"

#include "texture/basis/uastc_layout.hpp"

namespace forge3d::basis {
namespace {

/// The range of weights of so many bits, among codec::kAstcRanges.
constexpr std::array<std::uint8_t, 6> kWeightRange{0, 0, 2, 5, 8, 11};

}  // namespace

std::vector<codec::AstcChoice> make_uastc_choices(std::initializer_list<int> modes) {
  std::vector<codec::AstcChoice> out;
  for (const int index : modes) {
    const UastcMode& mode = kUastcModeTable[static_cast<std::size_t>(index)];
    const auto weight_steps = static_cast<float>((1 << mode.weight_bits) - 1);
    const float color_step =
        255.0f / static_cast<float>(codec::kAstcRanges[mode.range].levels() - 1);
    out.push_back({static_cast<std::uint16_t>(index), 4, 4, kWeightRange[mode.weight_bits],
                   mode.range, 1.0f / (12.0f * weight_steps * weight_steps),
                   color_step * color_step / 12.0f});
  }
  return out;
}

std::vector<UastcSplit> make_uastc_splits(std::initializer_list<int> modes) {
  std::vector<UastcSplit> out;
  for (const int mode : modes) {
    const auto& shapes = uastc_shapes(mode);
    for (std::size_t p = 0; p < shapes.size() && shapes[p].valid; ++p) {
      UastcSplit split{static_cast<std::uint8_t>(mode), static_cast<std::uint8_t>(p)};
      for (unsigned i = 0; i < 16; ++i) {
        if (shapes[p].subset[i] == 1)
          split.second = static_cast<std::uint16_t>(split.second | 1u << i);
        if (shapes[p].subset[i] == 2)
          split.third = static_cast<std::uint16_t>(split.third | 1u << i);
      }
      out.push_back(split);
    }
  }
  return out;
}

}  // namespace forge3d::basis
