// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/ktx2_metadata.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/shared_data.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

std::vector<std::byte> numbers(std::initializer_list<std::uint32_t> values) {
  std::vector<std::byte> out;
  for (const std::uint32_t value : values) texture::append_le(out, value);
  return out;
}

Ktx2Info info_of(const Ktx2WriteDesc& desc) {
  const auto sample = test::make_ktx2(desc, 1);
  return Ktx2Reader::open(make_memory_source(sample.file)).value().info();
}

TEST(Ktx2Metadata, ReadsWhatTheWriterWrote) {
  const auto metadata =
      ktx2_metadata(info_of({.format = Format::kRGBA8Unorm,
                             .width = 4,
                             .height = 4,
                             .layers = 2,
                             .key_values = {{"KTXorientation", "ru"},
                                            {"KTXswizzle", "bgr1"},
                                            {"KTXwriterScParams", "--fast"}},
                             .binary_values = {{"KTXanimData", numbers({3, 90, 0})},
                                               {"KTXmapRange", numbers({0x40000000, 0xBF800000})},
                                               {"mine", numbers({1})}}}))
          .value();
  ASSERT_TRUE(metadata.orientation);
  EXPECT_FALSE(metadata.orientation->left);
  EXPECT_TRUE(metadata.orientation->up);
  EXPECT_THAT(*metadata.swizzle, testing::ElementsAre('b', 'g', 'r', '1'));
  EXPECT_THAT(*metadata.writer, testing::StartsWith("forge3d"));
  EXPECT_EQ(*metadata.writer_parameters, "--fast");
  EXPECT_EQ(metadata.animation->duration, 3u);
  EXPECT_EQ(metadata.animation->timescale, 90u);
  EXPECT_EQ(metadata.map_range->scale, 2.0f);
  EXPECT_EQ(metadata.map_range->offset, -1.0f);
  EXPECT_FALSE(metadata.cubemap_faces);
  EXPECT_FALSE(metadata.dxgi_format);
}

TEST(Ktx2Metadata, ValuesThatBreakTheirRuleAreNamed) {
  const auto text = [](std::string_view value) {
    std::vector<std::byte> out;
    for (const char c : value) out.push_back(static_cast<std::byte>(c));
    out.push_back(std::byte{0});
    return out;
  };
  const std::pair<std::string, std::vector<std::byte>> broken[] = {
      {"KTXorientation", text("xd")},   {"KTXorientation", {}},
      {"KTXorientation", text("rdoo")}, {"KTXswizzle", text("rgb")},
      {"KTXswizzle", text("rgbx")},     {"KTXwriter", numbers({0x41414141})},
      {"KTXastcDecodeMode", text("x")}, {"KTXanimData", numbers({1, 2})},
      {"KTXmapRange", numbers({1})},    {"KTXmapRange", numbers({0x7F800000, 0})},
      {"KTXglFormat", numbers({1})},    {"KTXdxgiFormat__", numbers({1, 2})},
      {"KTXcubemapIncomplete", {}},     {"KTXcubemapIncomplete", {std::byte{0x40}}},
  };
  for (const auto& entry : broken) {
    Ktx2Info info;
    info.key_values = {entry};
    const auto metadata = ktx2_metadata(info);
    ASSERT_FALSE(metadata) << entry.first;
    EXPECT_EQ(metadata.error().code, ErrorCode::kInvalidFile);
    EXPECT_THAT(metadata.error().message, testing::HasSubstr(entry.first));
  }
}

TEST(Ktx2Metadata, SharedFilesHaveTypedKeys) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  int writers = 0, orientations = 0, ranges = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto reader = Ktx2Reader::open(folder / line.at("file"));
    ASSERT_TRUE(reader) << line.at("file") << ": " << reader.error().to_string();
    const auto metadata = ktx2_metadata(reader->info());
    ASSERT_TRUE(metadata) << line.at("file") << ": " << metadata.error().to_string();
    writers += metadata->writer ? 1 : 0;
    orientations += metadata->orientation ? 1 : 0;
    ranges += metadata->map_range ? 1 : 0;
  }
  EXPECT_GT(writers, 700);
  EXPECT_GT(orientations, 0);
  EXPECT_GT(ranges, 0);
}

}  // namespace
}  // namespace forge3d
