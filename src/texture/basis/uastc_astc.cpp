// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_astc.hpp"

#include "texture/codec/astc_writer.hpp"

namespace forge3d::basis {
namespace {

constexpr unsigned channel(std::uint32_t color, unsigned c) { return color >> (8 * c) & 255; }
constexpr unsigned sum_of(std::uint32_t color) {
  return channel(color, 0) + channel(color, 1) + channel(color, 2);
}

/// Weights by code.
constexpr std::array<std::array<std::uint8_t, 32>, 6> make_weights() {
  std::array<std::array<std::uint8_t, 32>, 6> out{};
  for (int bits = 1; bits <= 5; ++bits)
    for (int code = 0; code < 1 << bits; ++code)
      out[static_cast<std::size_t>(bits)][static_cast<std::size_t>(code)] =
          static_cast<std::uint8_t>(uastc_weight(code, bits));
  return out;
}
constexpr auto kWeights = make_weights();

/// Which subsets' lines are turned round: ASTC reads color ends of which the first is the brighter
/// one in another way (blue contraction).
std::array<bool, 3> lines_to_turn(const UastcBlock& block, const UastcMode& mode) {
  std::array<bool, 3> out{};
  if (mode.channels == 2) return out;
  for (std::size_t s = 0; s < mode.subsets; ++s)
    out[s] = sum_of(block.ends[2 * s]) > sum_of(block.ends[2 * s + 1]);
  return out;
}

void put_ends(const UastcBlock& block, const UastcMode& mode, const std::array<bool, 3>& turn,
              codec::AstcEncoding& out) {
  std::size_t at = 0;
  for (std::size_t s = 0; s < mode.subsets; ++s) {
    const std::uint32_t low = block.ends[2 * s + (turn[s] ? 1 : 0)];
    const std::uint32_t high = block.ends[2 * s + (turn[s] ? 0 : 1)];
    for (unsigned k = 0; k < mode.channels; ++k) {
      const unsigned c = mode.channels == 2 && k == 1 ? 3 : k;
      out.values[at++] = static_cast<std::uint8_t>(channel(low, c));
      out.values[at++] = static_cast<std::uint8_t>(channel(high, c));
    }
  }
}

void put_weights(const UastcBlock& block, const UastcMode& mode, const std::array<bool, 3>& turn,
                 codec::AstcEncoding& out) {
  const auto& weights = kWeights[mode.weight_bits];
  const std::uint8_t* subset =
      mode.subsets > 1 ? uastc_shapes(block.mode)[block.pattern].subset.data() : nullptr;
  for (std::size_t i = 0; i < 16; ++i) {
    const bool turned = turn[subset != nullptr ? subset[i] : 0];
    std::size_t code = block.index[0] >> (4 * i) & 15;
    const std::size_t other = block.index[1] >> (4 * i) & 15;
    if (mode.weight_bits == 5) code = 2 * code + other;
    const auto put = [&](std::size_t at, std::uint8_t weight) {
      out.weights[at] = static_cast<std::uint8_t>(turned ? 64 - weight : weight);
    };
    put(mode.planes * i, weights[code]);
    if (mode.planes == 2) put(2 * i + 1, weights[other]);
  }
}

}  // namespace

void write_uastc_as_astc(const UastcBlock& block, std::uint8_t* out) {
  if (block.mode == kUastcInvalid || block.mode == kUastcFlat) {
    const std::uint32_t color = block.mode == kUastcFlat ? block.ends[0] : kUastcErrorColor;
    std::array<std::uint8_t, 4> rgba{};
    for (unsigned c = 0; c < 4; ++c) rgba[c] = static_cast<std::uint8_t>(channel(color, c));
    return codec::write_astc_constant(rgba.data(), out);
  }
  const UastcMode& mode = kUastcModeTable[static_cast<std::size_t>(block.mode)];
  codec::AstcEncoding astc;
  astc.mode = mode.astc_mode;
  astc.partitions = mode.subsets;
  astc.end_mode = static_cast<std::uint8_t>(mode.astc_end_mode());
  astc.second_plane = block.second_plane;
  if (mode.subsets > 1) astc.seed = uastc_pattern(block.mode, block.pattern).seed;
  const std::array<bool, 3> turn = lines_to_turn(block, mode);
  put_ends(block, mode, turn, astc);
  put_weights(block, mode, turn, astc);
  codec::write_astc_block(astc, out);
}

}  // namespace forge3d::basis
