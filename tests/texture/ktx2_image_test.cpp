// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/ktx2_image.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "forge3d/codec.hpp"
#include "texture/half.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

Ktx2Reader open(const test::Ktx2Sample& sample) {
  auto reader = Ktx2Reader::open(make_memory_source(sample.file));
  EXPECT_TRUE(reader) << reader.error().to_string();
  return std::move(reader).value();
}

TEST(Ktx2Image, EverySliceOfACubeArrayIsItsOwn) {
  const auto sample = test::make_ktx2(
      {.format = Format::kRGBA8Srgb, .width = 8, .height = 8, .layers = 3, .faces = 6}, 0);
  const Ktx2Reader reader = open(sample);
  for (std::uint32_t level = 0; level < 4; ++level)
    for (std::uint32_t layer = 0; layer < 3; ++layer)
      for (std::uint32_t face = 0; face < 6; ++face) {
        const auto image = decode_ktx2_slice(reader, {level, layer, face, 0});
        ASSERT_TRUE(image) << image.error().to_string();
        const std::uint32_t side = 8u >> level;
        EXPECT_EQ(image->info.width, side);
        EXPECT_TRUE(image->info.srgb);
        const std::size_t size = std::size_t{side} * side * 4;
        ASSERT_EQ(image->pixels.size(), size);
        const std::byte* expected = sample.levels[level].data() + (layer * 6 + face) * size;
        EXPECT_EQ(std::memcmp(image->pixels.data(), expected, size), 0);
      }
}

TEST(Ktx2Image, PlainFormatsKeepTheirSamplesAndBlueComesLast) {
  const auto halves = test::make_ktx2({.format = Format::kRG16Sfloat, .width = 5, .height = 3}, 1);
  const auto floats = decode_ktx2_slice(open(halves), {});
  ASSERT_TRUE(floats);
  EXPECT_EQ(floats->info.type, SampleType::kF32);
  EXPECT_EQ(floats->info.channels, 2u);
  const auto swapped = test::make_ktx2({.format = Format::kBGRA8Unorm, .width = 2, .height = 1}, 1);
  const auto image = decode_ktx2_slice(open(swapped), {});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->pixels[0], swapped.levels[0][2]);
  EXPECT_EQ(image->pixels[2], swapped.levels[0][0]);
  EXPECT_EQ(image->pixels[1], swapped.levels[0][1]);
}

TEST(Ktx2Image, BlocksOfHalfFloatsBecomeFloats) {
  const auto sample = test::make_ktx2({.format = Format::kBC6HUfloat, .width = 6, .height = 5}, 1);
  const auto image = decode_ktx2_slice(open(sample), {});
  ASSERT_TRUE(image) << image.error().to_string();
  EXPECT_EQ(image->info.type, SampleType::kF32);
  std::array<std::uint16_t, 6 * 5 * 4> halves{};
  ASSERT_TRUE(decode_blocks(Format::kBC6HUfloat, sample.levels[0],
                            Rgba16fMutableView{halves.data(), 6, 5, 6 * 8}));
  ASSERT_EQ(image->pixels.size(), halves.size() * 4);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    float value;
    std::memcpy(&value, image->pixels.data() + i * 4, 4);
    EXPECT_EQ(texture::float_to_finite_half(value), halves[i]) << i;
  }
}

TEST(Ktx2Image, WhatIsNotThereIsRefusedByName) {
  const auto sample = test::make_ktx2({.format = Format::kBC7Unorm, .width = 8, .height = 8}, 2);
  const Ktx2Reader reader = open(sample);
  for (const Ktx2Slice& slice : {Ktx2Slice{.level = 2}, Ktx2Slice{.layer = 1}, Ktx2Slice{.face = 1},
                                 Ktx2Slice{.slice = 1}}) {
    const auto image = decode_ktx2_slice(reader, slice);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(decode_ktx2_slice(reader, {.level = 1}));
  EXPECT_EQ(ktx2_slice_bytes(reader.info(), {}, {}).error().code, ErrorCode::kInvalidFile);
}

TEST(Ktx2Image, FormatsWithoutADecoderAreNotSupported) {
  EXPECT_FALSE(can_decode_ktx2(Format::kUndefined));
  constexpr auto kPvrtc = static_cast<Format>(1000054000);
  EXPECT_FALSE(can_decode_ktx2(kPvrtc));
  const auto sample = test::make_ktx2({.format = kPvrtc, .width = 8, .height = 8}, 1);
  const auto image = decode_ktx2_slice(open(sample), {});
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace forge3d
