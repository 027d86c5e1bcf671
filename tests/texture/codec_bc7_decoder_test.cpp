// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The fast decoder of BC7 against the one that reads field after field.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "texture/codec/bc7_decoder.hpp"
#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

class Bc7DecodeRun : public testing::TestWithParam<int> {
 protected:
  ~Bc7DecodeRun() override { EXPECT_TRUE(use_simd_target(simd_targets().front())); }
};

/// 64 x 64 blocks of the mode, all else random. Mode 8 is the reserved one.
std::vector<std::byte> random_blocks(int mode) {
  const test::Picture bytes = test::noise(64 * 4, 64, static_cast<unsigned>(mode) + 1);
  std::vector<std::byte> blocks(bytes.pixels.size());
  std::ranges::transform(bytes.pixels, blocks.begin(), [](std::uint8_t b) { return std::byte{b}; });
  for (std::size_t i = 0; i < blocks.size(); i += 16)
    blocks[i] = (blocks[i] << 1 | std::byte{1}) << mode;
  return blocks;
}

TEST_P(Bc7DecodeRun, GivesTheTexelsOfTheReference) {
  const std::vector<std::byte> blocks = random_blocks(GetParam());
  test::Picture expected(256, 256);
  for (std::uint32_t i = 0; i < 64 * 64; ++i) {
    codec::Rgba8Block block;
    codec::decode_bc7(reinterpret_cast<const std::uint8_t*>(blocks.data()) + std::size_t{16} * i,
                      block);
    for (std::uint32_t y = 0; y < 4; ++y)
      std::copy_n(block.data() + std::size_t{16} * y, 16,
                  expected.at(4 * (i % 64), 4 * (i / 64) + y));
  }
  for (std::string_view target : simd_targets()) {
    ASSERT_TRUE(use_simd_target(target));
    EXPECT_EQ(test::decode(Format::kBC7Unorm, blocks, 256, 256).pixels, expected.pixels) << target;
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, Bc7DecodeRun, testing::Range(0, 9));

}  // namespace
}  // namespace forge3d
