// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Every format, quality and instruction set: the bytes of the scalar reference, the errors that
// decoding finds, whatever the number of threads and the cut into runs.

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "texture/block_texels.hpp"
#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

using test::decode;
using test::formats_of;
using test::noise;
using test::Picture;
using test::waves;

/// sRGB formats share the kernels of the others.
bool is_decoded(Format format) { return can_decode(format) && !format_info(format)->srgb; }
bool is_encoded(Format format) { return can_encode(format) && !format_info(format)->srgb; }
bool is_encoded_from_codes(Format format) { return is_encoded(format) && !is_hdr(format); }

class CodecSimd : public testing::TestWithParam<Format> {
 protected:
  ~CodecSimd() override { EXPECT_TRUE(use_simd_target(simd_targets().front())); }
};
class DecoderSimd : public CodecSimd {};
class EncoderSimd : public CodecSimd {};
class EncoderErrors : public CodecSimd {};

/// Bytes as texels of the format's kind: half floats where it is an HDR one (NaN and infinities
/// among them).
struct HalfPicture {
  std::uint32_t width, height;
  std::vector<std::uint16_t> pixels;
  explicit HalfPicture(const Picture& from)
      : width(from.width / 2), height(from.height), pixels(std::size_t{4} * width * height) {
    std::memcpy(pixels.data(), from.pixels.data(), pixels.size() * 2);
  }
  [[nodiscard]] Rgba16fView view() const {
    return {pixels.data(), width, height, std::size_t{8} * width};
  }
  [[nodiscard]] Rgba16fMutableView mutable_view() {
    return {pixels.data(), width, height, std::size_t{8} * width};
  }
};

std::vector<std::byte> encode_any(Format format, Quality quality, const Picture& picture,
                                  std::uint32_t threads = 1,
                                  std::vector<std::uint32_t>* errors = nullptr) {
  const EncodeBlocksDesc desc{.format = format, .quality = quality, .threads = threads};
  const HalfPicture half(picture);
  const std::uint32_t width = is_hdr(format) ? half.width : picture.width;
  const FormatInfo& info = *format_info(format);
  std::vector<std::byte> blocks(image_bytes(format, width, picture.height).value());
  if (errors != nullptr) errors->assign(blocks.size() / info.block_bytes, 0);
  const std::span<std::uint32_t> out =
      errors != nullptr ? std::span(*errors) : std::span<std::uint32_t>();
  const Result<> done = is_hdr(format) ? encode_blocks(desc, half.view(), blocks, out)
                                       : encode_blocks(desc, picture.view(), blocks, out);
  EXPECT_TRUE(done);
  return blocks;
}

/// Decoded texels as bytes.
std::vector<std::uint8_t> decode_any(Format format, const std::vector<std::byte>& blocks,
                                     std::uint32_t width, std::uint32_t height) {
  Picture picture(width * (is_hdr(format) ? 2 : 1), height);
  if (!is_hdr(format)) {
    EXPECT_TRUE(decode_blocks(format, blocks, picture.mutable_view()));
    return picture.pixels;
  }
  HalfPicture half(picture);
  EXPECT_TRUE(decode_blocks(format, blocks, half.mutable_view()));
  std::memcpy(picture.pixels.data(), half.pixels.data(), half.pixels.size() * 2);
  return picture.pixels;
}

std::vector<Picture> samples() {
  std::vector<Picture> out;
  out.push_back(waves(210, 45, true));
  out.push_back(waves(122, 44, false, 3));
  out.push_back(noise(94, 21, 5));
  Picture flat(64, 8);
  for (std::uint32_t i = 0; i < flat.pixels.size(); ++i)
    flat.pixels[i] = static_cast<std::uint8_t>(i / 64);
  out.push_back(flat);
  Picture cut = waves(66, 24, true, 9);  // alpha of 0 and 255 only
  for (std::size_t i = 3; i < cut.pixels.size(); i += 4) cut.pixels[i] = (i / 4) % 7 < 3 ? 0 : 255;
  out.push_back(cut);
  return out;
}

TEST_P(EncoderSimd, GivesTheBytesOfTheReference) {
  for (const Picture& picture : samples())
    for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
      ASSERT_TRUE(use_simd_target(simd_targets().back()));
      std::vector<std::uint32_t> expected_errors, errors;
      const auto expected = encode_any(GetParam(), quality, picture, 1, &expected_errors);
      for (std::string_view target : simd_targets()) {
        ASSERT_TRUE(use_simd_target(target));
        EXPECT_EQ(encode_any(GetParam(), quality, picture, 3, &errors), expected) << target;
        EXPECT_EQ(errors, expected_errors) << target;
      }
    }
}

TEST_P(DecoderSimd, GivesTheTexelsOfTheReference) {
  const FormatInfo& info = *format_info(GetParam());
  const std::uint32_t width = info.block_width * 67 - 1, height = info.block_height * 31 - 1;
  std::vector<std::byte> blocks(image_bytes(GetParam(), width, height).value());
  std::minstd_rand random(7);
  for (std::byte& byte : blocks) byte = static_cast<std::byte>(random() >> 8);
  ASSERT_TRUE(use_simd_target(simd_targets().back()));
  const auto expected = decode_any(GetParam(), blocks, width, height);
  for (std::string_view target : simd_targets()) {
    ASSERT_TRUE(use_simd_target(target));
    EXPECT_EQ(decode_any(GetParam(), blocks, width, height), expected) << target;
  }
}

/// What a block's error must be, from the decoded texels. `channels`: how many count.
std::vector<std::uint32_t> measured_errors(Format format, const Picture& picture,
                                           const std::vector<std::byte>& blocks) {
  const FormatInfo& info = *format_info(format);
  const bool snorm = info.name.find("SNORM") != std::string_view::npos;
  const Picture decoded = decode(format, blocks, picture.width, picture.height);
  std::vector<std::uint32_t> out;
  for (std::uint32_t y = 0; y < picture.height; y += info.block_height)
    for (std::uint32_t x = 0; x < picture.width; x += info.block_width) {
      std::uint32_t sum = 0;
      for (std::uint32_t i = 0; i < std::uint32_t{info.block_width} * info.block_height; ++i)
        for (unsigned c = 0; c < info.channels; ++c) {
          const std::size_t at = (y + i / info.block_width) * picture.row_bytes() +
                                 std::size_t{4} * (x + i % info.block_width) + c;
          int a = picture.pixels[at], b = decoded.pixels[at];
          if (snorm) {
            a = std::max<int>(static_cast<std::int8_t>(a), -127);
            b = std::max<int>(static_cast<std::int8_t>(b), -127);
          }
          sum += static_cast<std::uint32_t>((a - b) * (a - b));
        }
      out.push_back(sum);
    }
  return out;
}

TEST_P(EncoderErrors, AreThoseOfTheDecodedTexels) {
  const FormatInfo& info = *format_info(GetParam());
  for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh})
    for (bool opaque : {true, false}) {
      const Picture picture = waves(info.block_width * 21, info.block_height * 5, opaque);
      std::vector<std::uint32_t> errors;
      const auto blocks = encode_any(GetParam(), quality, picture, 1, &errors);
      EXPECT_EQ(errors, measured_errors(GetParam(), picture, blocks)) << to_string(quality);
    }
}

std::string name_of(const testing::TestParamInfo<Format>& instance) {
  return std::string(format_info(instance.param)->name);
}
INSTANTIATE_TEST_SUITE_P(Formats, DecoderSimd, testing::ValuesIn(formats_of("", is_decoded)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Formats, EncoderSimd, testing::ValuesIn(formats_of("", is_encoded)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Formats, EncoderErrors,
                         testing::ValuesIn(formats_of("", is_encoded_from_codes)), name_of);

TEST(SimdTargets, TheReferenceIsLastAndUnknownNamesAreRefused) {
  ASSERT_FALSE(simd_targets().empty());
  const Result<> refused = use_simd_target("abacus");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotSupported);
  EXPECT_NE(refused.error().message.find(simd_targets().back()), std::string::npos);
}

}  // namespace
}  // namespace forge3d
