// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Pixels of the shared files against what the official tool made of them: its manifest records the
// hash of RGBA bytes, or of a whole OpenEXR file where the pixels are no bytes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>

#include "forge3d/ktx2_image.hpp"
#include "support/shared_data.hpp"
#include "texture/half.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/vk_format.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using texture::append_le;

/// Channels of an uncompressed OpenEXR file, in the order of their names.
struct ExrShape {
  std::uint32_t width = 0, height = 0;
  std::string names;                   ///< A letter each.
  std::vector<std::uint32_t> types;    ///< kUint, kHalf or kFloat each.
  std::vector<std::uint32_t> samples;  ///< Which of a texel's samples a channel holds.
  bool has_primaries = true;
  bool keeps_nan = true;
};

constexpr std::uint32_t kUint = 0, kHalf = 1, kFloat = 2;

void append_text(std::vector<std::byte>& out, std::string_view text) {
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  out.push_back(std::byte{0});
}

void append_float(std::vector<std::byte>& out, float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, 4);
  append_le(out, bits);
}

void append_attribute(std::vector<std::byte>& out, std::string_view name, std::string_view type,
                      const std::vector<std::byte>& value) {
  append_text(out, name);
  append_text(out, type);
  append_le(out, static_cast<std::uint32_t>(value.size()));
  out.insert(out.end(), value.begin(), value.end());
}

std::vector<std::byte> exr_header(const ExrShape& shape) {
  std::vector<std::byte> out;
  append_le(out, std::uint32_t{20000630});
  append_le(out, std::uint32_t{2});
  std::vector<std::byte> channels;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    append_text(channels, std::string_view(shape.names).substr(i, 1));
    append_le(channels, shape.types[i]);
    append_le(channels, std::uint32_t{0});
    append_le(channels, std::uint32_t{1});
    append_le(channels, std::uint32_t{1});
  }
  channels.push_back(std::byte{0});
  std::vector<std::byte> window;
  for (const std::uint32_t corner : {0u, 0u, shape.width - 1, shape.height - 1})
    append_le(window, corner);
  std::vector<std::byte> one;
  append_float(one, 1);
  append_attribute(out, "channels", "chlist", channels);
  append_attribute(out, "compression", "compression", {std::byte{0}});
  append_attribute(out, "dataWindow", "box2i", window);
  append_attribute(out, "displayWindow", "box2i", window);
  append_attribute(out, "lineOrder", "lineOrder", {std::byte{0}});
  append_attribute(out, "pixelAspectRatio", "float", one);
  append_attribute(out, "screenWindowCenter", "v2f", std::vector<std::byte>(8));
  append_attribute(out, "screenWindowWidth", "float", one);
  std::vector<std::byte> primaries;
  for (const float value : {0.64f, 0.33f, 0.3f, 0.6f, 0.15f, 0.06f, 0.3127f, 0.329f})
    append_float(primaries, value);
  if (shape.has_primaries) append_attribute(out, "chromaticities", "chromaticities", primaries);
  out.push_back(std::byte{0});
  return out;
}

/// The half of a float that came from one, infinity included; NaN with its bits or as the one NaN.
std::uint16_t exact_half(float value, bool keeps_nan) {
  if (std::isfinite(value)) return texture::float_to_finite_half(value);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t fraction = std::isnan(value) && !keeps_nan ? 0x200 : bits >> 13 & 0x3FF;
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000) | 0x7C00 | fraction);
}

/// RGBA of each texel; whole numbers of 32 bits as their bits.
std::vector<std::byte> exr_file(const ExrShape& shape, std::span<const float> rgba) {
  std::vector<std::byte> out = exr_header(shape);
  std::size_t line_bytes = 0;
  for (const std::uint32_t type : shape.types) line_bytes += shape.width * (type == kHalf ? 2 : 4);
  const std::size_t first_line = out.size() + std::size_t{8} * shape.height;
  for (std::uint32_t y = 0; y < shape.height; ++y)
    append_le(out, std::uint64_t{first_line + y * (8 + line_bytes)});
  for (std::uint32_t y = 0; y < shape.height; ++y) {
    append_le(out, y);
    append_le(out, static_cast<std::uint32_t>(line_bytes));
    for (std::size_t i = 0; i < shape.names.size(); ++i)
      for (std::uint32_t x = 0; x < shape.width; ++x) {
        const float value = rgba[(std::size_t{y} * shape.width + x) * 4 + shape.samples[i]];
        if (shape.types[i] == kHalf)
          append_le(out, exact_half(value, shape.keeps_nan));
        else
          append_le(out, std::bit_cast<std::uint32_t>(value));
      }
  }
  return out;
}

constexpr std::uint32_t kD16 = 124, kS8 = 127, kD32S8 = 130;

/// Names of channels as the tool chooses them, in their order in the file.
std::string channel_names(std::uint32_t vk_format, std::uint32_t channels) {
  constexpr std::string_view kColour[] = {"R", "GR", "BGR", "ABGR"};
  if (vk_format == kS8) return "S";
  if (vk_format >= kD16 && vk_format <= kD32S8) return channels == 1 ? "D" : "DS";
  return std::string(kColour[channels - 1]);
}

/// True when the tool would have written these floats as the file of that hash, in one of the types
/// that it has for a channel.
bool is_exr_of(std::span<const float> rgba, ExrShape shape, const std::string& hash) {
  for (const char name : shape.names)
    shape.samples.push_back(static_cast<std::uint32_t>(std::string_view("RGBA").find(name)));
  if (shape.names == "S" || shape.names == "D") shape.samples = {0};
  if (shape.names == "DS") shape.samples = {0, 1};
  std::vector<std::vector<std::uint32_t>> choices;
  for (const std::uint32_t type : {kUint, kHalf, kFloat})
    choices.emplace_back(shape.names.size(), type);
  if (shape.names == "DS") choices.push_back({kFloat, kHalf});
  for (const auto& types : choices)
    for (const int variant : {0, 1, 2, 3}) {
      shape.types = types;
      shape.has_primaries = (variant & 1) == 0;
      shape.keeps_nan = (variant & 2) == 0;
      if (test::sha256_hex(exr_file(shape, rgba)) == hash) return true;
    }
  return false;
}

/// The tool reads negative whole numbers as a sign and a magnitude: -125 becomes -3.
void read_signs_as_the_tool(std::uint32_t vk_format, std::span<float> rgba) {
  const auto layout = texture::vk_format_layout(vk_format);
  if (layout->name.find("SINT") == std::string_view::npos) return;
  for (const texture::DescriptorSample& sample : layout->descriptor.samples) {
    const std::size_t channel = std::min<std::size_t>(sample.channel_id(), 3);
    for (std::size_t i = channel; i < rgba.size(); i += 4)
      if (rgba[i] < 0) rgba[i] = 0 - (rgba[i] + std::ldexp(1.0f, sample.bit_length));
  }
}

/// Whole numbers of 32 bits, of which floats would lose some, as their bits.
std::vector<float> bits_of(std::span<const std::byte> texels, std::uint32_t channels) {
  std::vector<float> rgba(texels.size() / channels);
  for (std::size_t i = 0; i < texels.size() / 4; ++i)
    std::memcpy(&rgba[i / channels * 4 + i % channels], texels.data() + i * 4, 4);
  return rgba;
}

std::vector<float> recorded_floats(const Ktx2Reader& reader) {
  const Ktx2Info& info = reader.info();
  const bool wide = info.vk_format == 98 || info.vk_format == 101 || info.vk_format == 104 ||
                    info.vk_format == 107;  // R32_UINT to R32G32B32A32_UINT
  if (wide) return bits_of(reader.read_slice({}).value(), info.block_bytes / 4u);
  const auto bytes = convert_ktx2_slice(reader, {}, Format::kRGBA32Sfloat).value();
  std::vector<float> floats(bytes.size() / 4);
  std::memcpy(floats.data(), bytes.data(), bytes.size());
  read_signs_as_the_tool(info.vk_format, floats);
  return floats;
}

/// Of 4:2:2 formats of 10 and 12 bits the tool writes the numbers into 16 bits as they are, so that
/// the upper byte, which is what the manifest hashes, holds 2 or 4 bits of them.
std::vector<std::byte> unscaled_rgba8(const Ktx2Reader& reader) {
  const auto layout = texture::vk_format_layout(reader.info().vk_format);
  const auto image = decode_ktx2_slice(reader, {});
  if (!image || !layout->subsampled || image->info.type != SampleType::kU16) return {};
  const int unused = 15 - layout->descriptor.samples[0].bit_length;
  std::vector<std::byte> rgba;
  for (std::size_t i = 0; i < image->pixels.size() / 2; ++i) {
    const auto sample = texture::load_le<std::uint16_t>(image->pixels, i * 2);
    rgba.push_back(static_cast<std::byte>(sample >> unused >> 8));
    if (i % 3 == 2) rgba.push_back(std::byte{255});
  }
  return rgba;
}

/// True when the first image of a file has the pixels that the manifest records.
bool has_recorded_pixels(const Ktx2Reader& reader, const test::ManifestLine& line) {
  const Ktx2Info& info = reader.info();
  const std::string& hash = line.at("sha256_level0_decoded");
  if (line.at("decoded_kind").starts_with("png-")) {
    const auto rgba = convert_ktx2_slice(reader, {}, Format::kRGBA8Unorm);
    if (rgba && test::sha256_hex(*rgba) == hash) return true;
    return test::sha256_hex(unscaled_rgba8(reader)) == hash;
  }
  const auto image = decode_ktx2_slice(reader, {});
  if (!image) return false;
  const std::vector<float> floats = recorded_floats(reader);
  const ExrShape shape{.width = image->info.width,
                       .height = image->info.height,
                       .names = channel_names(info.vk_format, image->info.channels)};
  return is_exr_of(floats, shape, hash);
}

TEST(Ktx2Corpus, PixelsAreThoseOfTheManifest) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  std::map<std::string, std::pair<int, int>> by_kind;  // matched, all
  std::map<std::uint32_t, int> missed;                 // by vkFormat
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const std::string& kind = line.at("decoded_kind");
    const auto reader = Ktx2Reader::open(folder / line.at("file"));
    ASSERT_TRUE(reader) << line.at("file") << ": " << reader.error().to_string();
    if (kind == "-" || reader->info().vk_format == 0) continue;  // Basis files are transcoded
    const bool same = has_recorded_pixels(*reader, line);
    if (!same) missed[reader->info().vk_format] += 1;
    by_kind[kind].first += same ? 1 : 0;
    ++by_kind[kind].second;
  }
  // D16 is recorded as a compressed PNG file. The tool makes other numbers of B10G11R11's NaN and
  // of its blues below 2^-14, and applies the KTXmapRange that one file of halves has.
  constexpr std::uint32_t kHalves = 97, kB10G11R11 = 122;
  EXPECT_THAT(missed, testing::ElementsAre(testing::Pair(kHalves, 1), testing::Pair(kB10G11R11, 6),
                                           testing::Pair(kD16, 2)));
  int all = 0;
  for (const auto& [kind, counts] : by_kind) all += counts.second;
  EXPECT_EQ(all, 650);
}

}  // namespace
}  // namespace forge3d
