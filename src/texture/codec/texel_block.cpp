// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/texel_block.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace forge3d::codec {
namespace {

static_assert(std::endian::native == std::endian::little, "texels are read as little-endian words");

using Words = std::array<std::uint32_t, kTexels>;

void load_inner(const Rgba8View& image, const std::uint8_t* first, Words& words) {
  for (int y = 0; y < kBlockSide; ++y)
    std::memcpy(&words[static_cast<std::size_t>(kBlockSide * y)],
                first + static_cast<std::size_t>(y) * image.row_bytes,
                sizeof(std::uint32_t) * kBlockSide);
}

void load_edge(const Rgba8View& image, std::uint32_t x0, std::uint32_t y0, Words& words) {
  for (std::uint32_t i = 0; i < kTexels; ++i) {
    const std::size_t x = std::min(x0 + i % kBlockSide, image.width - 1);
    const std::size_t y = std::min(y0 + i / kBlockSide, image.height - 1);
    std::memcpy(&words[i], image.pixels + y * image.row_bytes + 4 * x, sizeof(std::uint32_t));
  }
}

}  // namespace

void load_block(const Rgba8View& image, std::uint32_t block_x, std::uint32_t block_y,
                TexelBlock& block) {
  const std::uint32_t x0 = block_x * kBlockSide;
  const std::uint32_t y0 = block_y * kBlockSide;
  Words words;
  if (image.width - x0 >= kBlockSide && image.height - y0 >= kBlockSide)
    load_inner(image, image.pixels + y0 * image.row_bytes + std::size_t{4} * x0, words);
  else
    load_edge(image, x0, y0, words);
  for (int i = 0; i < kTexels; ++i) block[0][i] = static_cast<std::int16_t>(words[i] & 255u);
  for (int i = 0; i < kTexels; ++i) block[1][i] = static_cast<std::int16_t>((words[i] >> 8) & 255u);
  for (int i = 0; i < kTexels; ++i)
    block[2][i] = static_cast<std::int16_t>((words[i] >> 16) & 255u);
  for (int i = 0; i < kTexels; ++i) block[3][i] = static_cast<std::int16_t>(words[i] >> 24);
}

void store_block(const Rgba8Block& block, const Rgba8MutableView& image, std::uint32_t block_x,
                 std::uint32_t block_y) {
  const std::uint32_t x0 = block_x * kBlockSide;
  const std::uint32_t y0 = block_y * kBlockSide;
  const std::size_t columns = std::min<std::uint32_t>(kBlockSide, image.width - x0);
  const std::size_t rows = std::min<std::uint32_t>(kBlockSide, image.height - y0);
  for (std::size_t y = 0; y < rows; ++y)
    std::memcpy(image.pixels + (y0 + y) * image.row_bytes + std::size_t{4} * x0,
                block.data() + y * 4 * kBlockSide, columns * 4);
}

bool is_flat(const TexelBlock& block) {
  std::int16_t difference = 0;
  for (const Shorts& channel : block)
    for (int i = 0; i < kTexels; ++i)
      difference = static_cast<std::int16_t>(difference | (channel[i] ^ channel[0]));
  return difference == 0;
}

}  // namespace forge3d::codec
