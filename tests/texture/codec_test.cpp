// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::decode;
using test::encode;
using test::noise;
using test::Picture;
using test::waves;

constexpr std::array kEncoded = {Format::kBC1RgbUnorm, Format::kBC1RgbSrgb, Format::kBC1RgbaUnorm,
                                 Format::kBC1RgbaSrgb, Format::kBC7Unorm,   Format::kBC7Srgb,
                                 Format::kRGBA8Unorm,  Format::kRGBA8Srgb};
constexpr std::array kOnlyDecoded = {Format::kBC2Unorm, Format::kBC2Srgb};
constexpr std::array kNeither = {Format::kUndefined, Format::kR8Unorm, Format::kBGRA8Unorm,
                                 Format{77'777}};

TEST(Codec, SaysWhatItCanDo) {
  for (Format format : kEncoded) EXPECT_TRUE(can_encode(format) && can_decode(format));
  for (Format format : kOnlyDecoded) EXPECT_TRUE(!can_encode(format) && can_decode(format));
  for (Format format : kNeither) EXPECT_TRUE(!can_encode(format) && !can_decode(format));
  EXPECT_EQ(to_string(Quality::kFast), "fast");
  EXPECT_EQ(to_string(Quality::kNormal), "normal");
  EXPECT_EQ(to_string(Quality::kHigh), "high");
}

TEST(Codec, UnsupportedFormatsAreRefusedByName) {
  Picture picture = noise(4, 4);
  std::vector<std::byte> blocks(16);
  for (Format format : kNeither) {
    const auto encoded = encode_blocks({.format = format}, picture.view(), blocks);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().code, ErrorCode::kNotSupported);
    const auto decoded = decode_blocks(format, blocks, picture.mutable_view());
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kNotSupported);
  }
  const auto refused = encode_blocks({.format = Format::kBC2Unorm}, picture.view(), blocks);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("BC2_UNORM_BLOCK"), std::string::npos);
}

/// The message of the refusal, which must be kInvalidArgument.
std::string refusal(const Result<>& result) {
  if (result) return "accepted";
  if (result.error().code != ErrorCode::kInvalidArgument) return "wrong code";
  return result.error().message;
}

TEST(Codec, BadViewsAreRefusedWithTheNumbers) {
  Picture picture = noise(9, 5);
  std::vector<std::byte> blocks(16 * 3 * 2);
  const Rgba8View good = picture.view();
  const auto attempt = [&](Rgba8View view, Format format = Format::kBC7Unorm) {
    return refusal(encode_blocks({.format = format}, view, blocks));
  };
  EXPECT_EQ(attempt(good), "accepted");
  EXPECT_NE(attempt({nullptr, 9, 5, 36}).find("9 x 5"), std::string::npos);
  EXPECT_NE(attempt({good.pixels, 0, 5, 36}).find("zero"), std::string::npos);
  EXPECT_NE(attempt({good.pixels, 9, 0, 36}).find("zero"), std::string::npos);
  EXPECT_NE(attempt({good.pixels, 9, 5, 35}).find("35"), std::string::npos);
  EXPECT_NE(attempt({good.pixels, 9, 5, 0}).find("36"), std::string::npos);
  EXPECT_NE(attempt({good.pixels, 9, 9, 36}).find("144"), std::string::npos);
  for (Format format : {Format::kBC7Unorm, Format::kBC1RgbUnorm, Format::kRGBA8Unorm}) {
    EXPECT_NE(attempt({good.pixels, ~0u, ~0u, std::size_t{1} << 34}, format), "accepted");
    EXPECT_NE(attempt({good.pixels, 1, ~0u, std::size_t{1} << 62}, format), "accepted");
    EXPECT_NE(attempt({good.pixels, 1u << 30, 1, 0}, format), "accepted");
    EXPECT_NE(attempt({good.pixels, 1u << 31, 1u << 31, std::size_t{1} << 33}, format), "accepted");
  }
}

TEST(Codec, BlocksOfTheWrongSizeAreRefusedWithBothSizes) {
  Picture picture = noise(9, 5);
  for (std::size_t bytes : {0u, 1u, 95u, 97u, 48u, 192u}) {
    std::vector<std::byte> blocks(bytes);
    const std::string encoded =
        refusal(encode_blocks({.format = Format::kBC7Unorm}, picture.view(), blocks));
    EXPECT_NE(encoded.find(std::to_string(bytes)), std::string::npos) << encoded;
    EXPECT_NE(encoded.find("96"), std::string::npos) << encoded;
    const std::string decoded =
        refusal(decode_blocks(Format::kBC7Unorm, blocks, picture.mutable_view()));
    EXPECT_NE(decoded.find("96"), std::string::npos) << decoded;
  }
  std::vector<std::byte> blocks(96);
  EXPECT_NE(refusal(decode_blocks(Format::kBC7Unorm, blocks, Rgba8MutableView{nullptr, 9, 5, 36})),
            "accepted");
  EXPECT_NE(refusal(decode_blocks(Format::kBC7Unorm, blocks, {picture.pixels.data(), 9, 5, 32})),
            "accepted");
}

TEST(Codec, Rgba8PassesThroughAndRowsArePackedTight) {
  const Picture picture = noise(7, 6);
  std::vector<std::byte> out(4 * 5 * 6);
  const Rgba8View cropped{picture.pixels.data(), 5, 6, picture.row_bytes()};
  ASSERT_TRUE(encode_blocks({.format = Format::kRGBA8Srgb}, cropped, out));
  const Picture back = decode(Format::kRGBA8Srgb, out, 5, 6);
  for (std::uint32_t y = 0; y < 6; ++y)
    for (std::uint32_t i = 0; i < 20; ++i)
      EXPECT_EQ(back.pixels[y * 20 + i], picture.pixels[y * picture.row_bytes() + i]);
}

/// The picture grown to whole blocks by repeating its last column and row.
Picture padded(Picture& picture) {
  Picture out((picture.width + 3) / 4 * 4, (picture.height + 3) / 4 * 4);
  for (std::uint32_t y = 0; y < out.height; ++y)
    for (std::uint32_t x = 0; x < out.width; ++x)
      std::copy_n(picture.at(std::min(x, picture.width - 1), std::min(y, picture.height - 1)), 4,
                  out.at(x, y));
  return out;
}

TEST(Codec, SizesThatAreNoMultipleOfFourRepeatTheirEdge) {
  for (Format format : {Format::kBC1RgbUnorm, Format::kBC1RgbaUnorm, Format::kBC7Unorm})
    for (std::uint32_t width : {1u, 2u, 3u, 5u, 8u, 1023u})
      for (std::uint32_t height : {1u, 3u, 4u, 6u}) {
        Picture picture = waves(width, height, false);
        const auto blocks = encode(picture, {.format = format, .quality = Quality::kFast});
        ASSERT_FALSE(blocks.empty());
        EXPECT_EQ(blocks, encode(padded(picture), {.format = format, .quality = Quality::kFast}));
        Picture whole = decode(format, blocks, (width + 3) / 4 * 4, (height + 3) / 4 * 4);
        Picture part = decode(format, blocks, width, height);
        for (std::uint32_t y = 0; y < height; ++y)
          EXPECT_TRUE(std::equal(part.at(0, y), part.at(0, y) + part.row_bytes(), whole.at(0, y)));
      }
}

TEST(Codec, DecodingWritesOnlyTheTexelsOfTheView) {
  const Picture picture = waves(6, 7, true);
  for (Format format : {Format::kBC1RgbUnorm, Format::kBC7Unorm, Format::kRGBA8Unorm}) {
    const auto blocks = encode(picture, {.format = format});
    constexpr std::size_t kStride = 40;
    std::vector<std::uint8_t> wide(kStride * 7 + 8, 0xa5);
    ASSERT_TRUE(decode_blocks(format, blocks, {wide.data(), 6, 7, kStride}));
    for (std::size_t i = 0; i < wide.size(); ++i)
      ASSERT_TRUE((i % kStride < 24 && i < kStride * 7) || wide[i] == 0xa5) << i;
  }
}

TEST(Codec, BytesDoNotDependOnTheNumberOfThreads) {
  const Picture picture = waves(101, 67, false);
  for (Format format : {Format::kBC1RgbUnorm, Format::kBC1RgbaUnorm, Format::kBC7Unorm}) {
    const auto one = encode(picture, {.format = format, .threads = 1});
    ASSERT_FALSE(one.empty());
    const Picture back = decode(format, one, 101, 67);
    for (std::uint32_t threads : {0u, 2u, 3u, 64u}) {
      EXPECT_EQ(one, encode(picture, {.format = format, .threads = threads}));
      Picture again(101, 67);
      ASSERT_TRUE(decode_blocks(format, one, again.mutable_view(), threads));
      EXPECT_EQ(again.pixels, back.pixels);
    }
  }
}

TEST(Codec, AnSrgbFormatChangesNothingButItsLabel) {
  const Picture picture = waves(16, 16, false);
  EXPECT_EQ(encode(picture, {.format = Format::kBC7Unorm}),
            encode(picture, {.format = Format::kBC7Srgb}));
  EXPECT_EQ(encode(picture, {.format = Format::kBC1RgbaUnorm}),
            encode(picture, {.format = Format::kBC1RgbaSrgb}));
}

TEST(Codec, BadViewsOfHalfFloatsAreRefused) {
  std::vector<std::uint16_t> texels(9 * 5 * 4, 0x3c00);
  std::vector<std::byte> blocks(16 * 3 * 2);
  const auto both = [&](std::uint32_t width, std::uint32_t height, std::size_t row_bytes) {
    const std::string encoded =
        refusal(encode_blocks({.format = Format::kBC6HUfloat},
                              Rgba16fView{texels.data(), width, height, row_bytes}, blocks));
    const std::string decoded = refusal(decode_blocks(
        Format::kBC6HUfloat, blocks, Rgba16fMutableView{texels.data(), width, height, row_bytes}));
    EXPECT_EQ(encoded == "accepted", decoded == "accepted");
    return encoded;
  };
  EXPECT_EQ(both(9, 5, 72), "accepted");
  EXPECT_NE(both(0, 5, 72).find("zero"), std::string::npos);
  EXPECT_NE(both(9, 0, 72).find("zero"), std::string::npos);
  EXPECT_NE(both(9, 5, 70).find("70"), std::string::npos);
  EXPECT_NE(both(9, 5, 73).find("odd"), std::string::npos);
  EXPECT_NE(both(9, 9, 72).find("144"), std::string::npos);
  EXPECT_NE(both(~0u, ~0u, std::size_t{1} << 36), "accepted");
  EXPECT_NE(both(1, ~0u, std::size_t{1} << 62), "accepted");
  EXPECT_NE(refusal(encode_blocks({.format = Format::kBC6HUfloat}, Rgba16fView{nullptr, 9, 5, 72},
                                  blocks)),
            "accepted");
}

TEST(Codec, AsManyErrorsAsBlocksOrNone) {
  const Picture picture = noise(9, 5);
  for (const Format format : {Format::kBC7Unorm, Format::kRGBA8Unorm}) {
    std::vector<std::byte> blocks(*image_bytes(format, 9, 5));
    const std::size_t wanted = blocks.size() / format_info(format)->block_bytes;
    for (const std::size_t count : {std::size_t{1}, wanted - 1, wanted, wanted + 1}) {
      std::vector<std::uint32_t> errors(count, 77);
      const std::string answer =
          refusal(encode_blocks({.format = format}, picture.view(), blocks, errors));
      EXPECT_EQ(answer == "accepted", count == wanted) << answer;
      if (count == wanted) continue;
      EXPECT_NE(answer.find(std::to_string(wanted)), std::string::npos) << answer;
      EXPECT_EQ(errors.back(), 77u) << "nothing is written where the call is refused";
    }
  }
}

/// Every format that can be encoded, 8-bit ones and half floats, through one call.
std::string round_trip(Format format, std::uint32_t width, std::uint32_t height,
                       std::uint16_t half) {
  std::vector<std::byte> blocks(image_bytes(format, width, height).value());
  const std::size_t texels = std::size_t{width} * height;
  if (is_hdr(format)) {
    std::vector<std::uint16_t> halves(texels * 4, half);
    const std::size_t row_bytes = std::size_t{width} * 8;
    if (!encode_blocks({.format = format}, Rgba16fView{halves.data(), width, height, row_bytes},
                       blocks))
      return "not encoded";
    if (!decode_blocks(format, blocks, Rgba16fMutableView{halves.data(), width, height, row_bytes}))
      return "not decoded";
    for (const std::uint16_t back : halves)
      if ((back & 0x7c00) == 0x7c00) return "not finite";
    return "";
  }
  Picture picture(width, height);  // transparent black
  if (!encode_blocks({.format = format}, picture.view(), blocks)) return "not encoded";
  const Picture back = decode(format, blocks, width, height);
  for (std::size_t i = 3; i < back.pixels.size(); i += 4)
    if (format_info(format)->channels == 4 && back.pixels[i] != 0) return "not transparent";
  return back.pixels.empty() ? "not decoded" : "";
}

TEST(Codec, OneTexelTransparentOrNoNumberIsNoTrouble) {
  for (std::uint32_t value = 0; value < 1000; ++value) {
    const Format format{value};
    if (format_info(format) == nullptr || !can_encode(format)) continue;
    for (const std::uint16_t half : {0x7e00, 0xfe00, 0x7c00, 0xfc00, 0x7c01, 0x8000, 0x3c00})
      for (const auto& [width, height] : {std::pair{1u, 1u}, {4u, 4u}, {7u, 3u}})
        EXPECT_EQ(round_trip(format, width, height, half), "")
            << format_info(format)->name << " " << width << " x " << height << " " << half;
  }
}

}  // namespace
}  // namespace forge3d
