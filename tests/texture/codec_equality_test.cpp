// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The scalar reference and every instruction set give equal bytes, and so do one thread and many:
// random blocks, photographs, textures, HDR pictures. Some thousands of blocks by default; with
// FORGE3D_EQUALITY_BLOCKS=10000000 as many random blocks of each format, and whole pictures.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "forge3d/image.hpp"
#include "support/shared_data.hpp"
#include "texture/block_texels.hpp"

namespace forge3d {
namespace {

using test::BlockTexels;

constexpr std::uint32_t kColumns = 256, kRows = 32;  // blocks of one picture of random ones

/// How many random blocks were asked for; 0: the few of an ordinary run.
std::size_t asked_blocks() {
  const char* text = std::getenv("FORGE3D_EQUALITY_BLOCKS");
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

/// Pictures of random blocks to go through.
std::size_t picture_count() {
  const std::size_t blocks = asked_blocks();
  return std::max<std::size_t>(1, blocks / (kColumns * kRows));
}

/// splitmix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(next() >> 33) % end; }

 private:
  std::uint64_t state_;
};

using Rgba = std::array<int, 4>;

/// The texel (x, y) of one block, by a way of making blocks drawn for each: noise, noise around a
/// colour, two colours, a ramp, one colour, black and white, a cut-out.
class RandomBlock {
 public:
  explicit RandomBlock(Random& random) : random_(random), way_(random.below(8)) {
    for (std::size_t c = 0; c < 4; ++c) {
      first_[c] = static_cast<int>(random.below(256));
      second_[c] = static_cast<int>(random.below(256));
    }
    spread_ = 1 + static_cast<int>(random.below(40));
    if (random.below(2) == 0) first_[3] = second_[3] = 255;
  }
  Rgba texel(std::uint32_t x, std::uint32_t y) {
    Rgba out = first_;
    const std::uint64_t bits = random_.next();
    for (std::size_t c = 0; c < 4; ++c) {
      const int byte = static_cast<int>(bits >> (8 * c) & 255);
      out[c] = std::clamp(channel(c, byte, static_cast<int>(bits >> 60), x, y), 0, 255);
    }
    if (way_ == 6) out[3] = bits >> 40 & 1 ? 255 : 0;
    return out;
  }

 private:
  [[nodiscard]] int channel(std::size_t c, int byte, int coin, std::uint32_t x,
                            std::uint32_t y) const {
    switch (way_) {
      case 0:
        return byte;
      case 1:
      case 6:
        return first_[c] + byte % (2 * spread_ + 1) - spread_;
      case 2:
        return coin < 8 ? first_[c] : second_[c];
      case 3:
        return first_[c];
      case 4:
        return byte < 128 ? 0 : 255;
      default: {  // 5, 7: a ramp
        const int along = static_cast<int>(way_ == 5 ? x : x + y);
        return first_[c] + (second_[c] - first_[c]) * along / 8 + byte % 3;
      }
    }
  }
  Random& random_;
  std::uint32_t way_;
  Rgba first_{}, second_{};
  int spread_;
};

/// Fills a picture with random blocks. HDR: the codes as the upper bits of halves of either sign,
/// or any bits (NaN and infinities among them) in one block of eight.
void fill_at_random(BlockTexels& texels, const FormatInfo& info, Random& random) {
  for (std::uint32_t y0 = 0; y0 < texels.height; y0 += info.block_height)
    for (std::uint32_t x0 = 0; x0 < texels.width; x0 += info.block_width) {
      RandomBlock block(random);
      const std::uint64_t bits = random.next();
      for (std::uint32_t i = 0; i < std::uint32_t{info.block_width} * info.block_height; ++i) {
        const std::uint32_t x = x0 + i % info.block_width, y = y0 + i / info.block_width;
        const Rgba texel = block.texel(i % info.block_width, i / info.block_width);
        const std::size_t at = (std::size_t{y} * texels.width + x) * 4;
        for (std::size_t c = 0; c < 4; ++c) {
          const auto half = static_cast<std::uint16_t>(
              (bits % 8 == 0) ? random.next() : texel[c] << 7 | (bits >> c & 8) << 12);
          if (texels.texel_bytes == 8)
            texels.words[at + c] = half;
          else
            texels.bytes()[at + c] = static_cast<std::uint8_t>(texel[c]);
        }
      }
    }
}

class CodecEquality : public testing::Test {
 protected:
  ~CodecEquality() override { EXPECT_TRUE(use_simd_target(simd_targets().front())); }

  /// Encodes with every target, and with the best one on one thread.
  void encode_alike(const BlockTexels& texels, Format format, Quality quality) {
    EncodeBlocksDesc desc{.format = format, .quality = quality, .threads = 0};
    std::vector<std::byte> reference(image_bytes(format, texels.width, texels.height).value());
    std::vector<std::byte> blocks(reference.size());
    std::vector<std::uint32_t> reference_errors(reference.size() /
                                                format_info(format)->block_bytes);
    std::vector<std::uint32_t> errors(reference_errors.size());
    ASSERT_TRUE(use_simd_target(simd_targets().back()));
    ASSERT_TRUE(texels.encode(desc, reference, reference_errors));
    for (const std::string_view target : simd_targets()) {
      if (target == simd_targets().back()) continue;
      ASSERT_TRUE(use_simd_target(target));
      ASSERT_TRUE(texels.encode(desc, blocks, errors));
      ASSERT_TRUE(blocks == reference) << target;
      ASSERT_TRUE(errors == reference_errors) << target;
    }
    desc.threads = 1;
    ASSERT_TRUE(use_simd_target(simd_targets().front()));
    ASSERT_TRUE(texels.encode(desc, blocks));
    ASSERT_TRUE(blocks == reference) << "one thread";
  }

  void decode_alike(Format format, const std::vector<std::byte>& blocks, std::uint32_t width,
                    std::uint32_t height) {
    BlockTexels reference(format, width, height), texels(format, width, height);
    ASSERT_TRUE(use_simd_target(simd_targets().back()));
    ASSERT_TRUE(reference.decode(format, blocks, 0));
    for (const std::string_view target : simd_targets()) {
      if (target == simd_targets().back()) continue;
      ASSERT_TRUE(use_simd_target(target));
      ASSERT_TRUE(texels.decode(format, blocks, 1));
      ASSERT_TRUE(texels.words == reference.words) << target;
    }
  }
};

class DecoderEquality : public CodecEquality, public testing::WithParamInterface<Format> {};

TEST_P(DecoderEquality, RandomBits) {
  const FormatInfo& info = *format_info(GetParam());
  const std::uint32_t width = kColumns * info.block_width, height = kRows * info.block_height;
  std::vector<std::byte> blocks(image_bytes(GetParam(), width, height).value());
  Random random(17);
  for (std::size_t picture = 0; picture < picture_count() && !HasFatalFailure(); ++picture) {
    for (std::size_t i = 0; i < blocks.size(); i += 8) {
      const std::uint64_t bits = random.next();
      std::memcpy(blocks.data() + i, &bits, 8);
    }
    decode_alike(GetParam(), blocks, width, height);
  }
}

struct Encoder {
  Format format;
  Quality quality;
};

class EncoderEquality : public CodecEquality, public testing::WithParamInterface<Encoder> {};

TEST_P(EncoderEquality, RandomBlocks) {
  const auto [format, quality] = GetParam();
  const FormatInfo& info = *format_info(format);
  // An ordinary run takes fewer of the slow ones.
  const std::uint32_t rows = asked_blocks() > 0 ? kRows : quality == Quality::kFast ? 8 : 1;
  BlockTexels texels(format, kColumns * info.block_width, rows * info.block_height);
  Random random(18);
  for (std::size_t picture = 0; picture < picture_count() && !HasFatalFailure(); ++picture) {
    fill_at_random(texels, info, random);
    encode_alike(texels, format, quality);
  }
}

/// The nearest half at or below a positive number in the half floats' range.
std::uint16_t half_below(float value) {
  if (value <= 0) return 0;
  if (value >= 65504) return 0x7BFF;
  int exponent = 0;
  (void)std::frexp(value, &exponent);
  const int step = std::max(exponent, -13) - 11;
  const auto units = static_cast<int>(std::ldexp(value, -step));
  return static_cast<std::uint16_t>(units + ((step + 24) << 10));
}

/// One row of a Radiance picture: run-length coded, a channel after the other.
bool read_radiance_row(std::istream& file, std::vector<std::array<std::uint8_t, 4>>& row) {
  std::array<std::uint8_t, 4> head{};
  if (!file.read(reinterpret_cast<char*>(head.data()), 4) || head[0] != 2 || head[1] != 2)
    return false;
  for (std::size_t c = 0; c < 4; ++c)
    for (std::size_t x = 0; x < row.size();) {
      const int count = file.get();
      const bool repeat = count > 128;
      int value = repeat ? file.get() : 0;
      for (int i = repeat ? 128 : 0; i < count && x < row.size(); ++i, ++x) {
        if (!repeat) value = file.get();
        row[x][c] = static_cast<std::uint8_t>(value);
      }
      if (!file) return false;
    }
  return true;
}

/// A Radiance picture (.hdr) as halves; empty when it is none.
BlockTexels load_radiance(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  while (std::getline(file, line) && !line.empty()) continue;
  std::string y, x;
  std::uint32_t width = 0, height = 0;
  file >> y >> height >> x >> width;
  file.get();
  BlockTexels out(Format::kBC6HUfloat, width, height);
  std::vector<std::array<std::uint8_t, 4>> row(width);
  for (std::uint32_t top = 0; top < height; ++top) {
    if (!read_radiance_row(file, row)) return {Format::kBC6HUfloat, 0, 0};
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = 4 * (std::size_t{top} * width + i);
      for (std::size_t c = 0; c < 3; ++c)
        out.words[at + c] = half_below(std::ldexp(static_cast<float>(row[i][c]), row[i][3] - 136));
      out.words[at + 3] = 0x3C00;
    }
  }
  return out;
}

/// A picture of the shared data, loaded once: codes, or the halves of a Radiance file.
struct SharedPicture {
  std::string name;
  Image codes;
  BlockTexels halves{Format::kBC6HUfloat, 0, 0};
};

const std::vector<SharedPicture>& shared_pictures() {
  static const std::vector<SharedPicture> pictures = [] {
    std::vector<SharedPicture> out;
    for (const char* folder : {"data/photos", "data/textures"})
      for (const auto& file : std::filesystem::directory_iterator(*test::shared_path(folder))) {
        SharedPicture picture{.name = file.path().filename().string(), .codes = {}};
        if (file.path().extension() == ".hdr" && is_hdr(Format::kBC6HUfloat))
          picture.halves = load_radiance(file.path());
        if (file.path().extension() == ".png")
          if (auto loaded = load_image(file.path()))
            if (auto rgba = to_rgba8(*loaded)) picture.codes = *std::move(rgba);
        if (picture.halves.width > 0 || picture.codes.info.width > 0)
          out.push_back(std::move(picture));
      }
    return out;
  }();
  return pictures;
}

/// Codes as texels of the format; HDR ones get them as the upper bits of positive halves.
BlockTexels texels_of(const Image& codes, Format format) {
  BlockTexels out(format, codes.info.width, codes.info.height);
  for (std::size_t i = 0; i < codes.pixels.size(); ++i) {
    const auto code = std::to_integer<std::uint8_t>(codes.pixels[i]);
    if (out.texel_bytes == 8)
      out.words[i] = static_cast<std::uint16_t>(code << 6);
    else
      out.bytes()[i] = code;
  }
  return out;
}

BlockTexels crop(const BlockTexels& from, Format format, std::uint32_t side) {
  BlockTexels out(format, std::min(side, from.width), std::min(side, from.height));
  const std::size_t x = (from.width - out.width) / 2, y = (from.height - out.height) / 2;
  for (std::uint32_t row = 0; row < out.height; ++row)
    std::memcpy(out.bytes().data() + row * out.row_bytes(),
                from.data() + (y + row) * from.row_bytes() + x * from.texel_bytes, out.row_bytes());
  return out;
}

TEST_P(EncoderEquality, PhotographsAndTextures) {
  FORGE3D_REQUIRE_SHARED(photos, "data/photos");
  FORGE3D_REQUIRE_SHARED(textures, "data/textures");
  const auto [format, quality] = GetParam();
  const bool whole = asked_blocks() > 0;
  const std::uint32_t side = whole ? 1u << 20 : quality == Quality::kFast ? 61 : 29;
  EXPECT_GE(shared_pictures().size(), 20u);
  for (const SharedPicture& picture : shared_pictures()) {
    if (picture.halves.width > 0 && !is_hdr(format)) continue;
    SCOPED_TRACE(picture.name);
    const BlockTexels texels =
        picture.halves.width > 0 ? picture.halves : texels_of(picture.codes, format);
    encode_alike(crop(texels, format, side), format, quality);
    if (HasFatalFailure()) return;
  }
}

/// sRGB formats share the kernels of the others.
bool is_not_srgb(Format format) { return !format_info(format)->srgb; }

std::vector<Format> decoders() {
  return test::formats_of("", [](Format f) { return can_decode(f) && is_not_srgb(f); });
}

std::vector<Encoder> encoders() {
  std::vector<Encoder> out;
  for (Format format :
       test::formats_of("", [](Format f) { return can_encode(f) && is_not_srgb(f); }))
    for (Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh})
      out.push_back({format, quality});
  return out;
}

INSTANTIATE_TEST_SUITE_P(Formats, DecoderEquality, testing::ValuesIn(decoders()),
                         [](const auto& instance) {
                           return std::string(format_info(instance.param)->name);
                         });
INSTANTIATE_TEST_SUITE_P(Formats, EncoderEquality, testing::ValuesIn(encoders()),
                         [](const auto& instance) {
                           return std::string(format_info(instance.param.format)->name) + "_" +
                                  std::string(to_string(instance.param.quality));
                         });

}  // namespace
}  // namespace forge3d
