// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_line.hpp"

#include <utility>

namespace forge3d::codec {
namespace {

void store(const CodePair& code, std::uint32_t indices, std::uint8_t* out) {
  const std::uint64_t bits = code[0] | std::uint64_t{code[1]} << 16 | std::uint64_t{indices} << 32;
  for (int i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

}  // namespace

// Four colours need the first code to be the larger. Equal codes mean three colours, all alike but
// black.
void write_bc1_four(CodePair code, const Shorts& position, std::uint8_t* out) {
  constexpr std::array<std::uint32_t, 4> kIndexOfPosition{0, 2, 3, 1};
  if (code[0] == code[1]) return store(code, 0, out);
  std::uint32_t indices = 0;
  for (int i = 0; i < kTexels; ++i) indices |= kIndexOfPosition[position[i]] << (2 * i);
  if (code[0] < code[1]) {
    std::swap(code[0], code[1]);
    indices ^= 0x55555555u;  // 0 and 1 change places, and so do 2 and 3.
  }
  store(code, indices, out);
}

// Three colours need the first code to be the smaller, or equal.
void write_bc1_three(CodePair code, const Shorts& position, const Shorts& mask, std::uint8_t* out) {
  const bool swap = code[0] > code[1];
  if (swap) std::swap(code[0], code[1]);
  const std::array<std::uint32_t, 3> index_of_position{swap ? 1u : 0u, 2u, swap ? 0u : 1u};
  std::uint32_t indices = 0;
  for (int i = 0; i < kTexels; ++i)
    indices |= (mask[i] != 0 ? index_of_position[position[i]] : 3u) << (2 * i);
  store(code, indices, out);
}

}  // namespace forge3d::codec
