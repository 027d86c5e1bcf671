// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// transcode, run as a process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/tool.hpp"
#include "forge3d/basis.hpp"
#include "forge3d/metrics.hpp"
#include "support/shared_data.hpp"

namespace forge3d::test {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<std::byte>;

class TranscodeCommand : public ::testing::Test {
 protected:
  void SetUp() override { write_picture(folder_ / "a.png", 96, 70); }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  void encode(const std::string& name, std::vector<std::string> options) {
    options.insert(options.begin(), {"encode", path("a.png"), path(name), "--mipmaps"});
    const ToolRun run = run_tool(options);
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  void write(const std::string& name, const Ktx2WriteDesc& desc) {
    const auto file = write_ktx2(desc);
    ASSERT_TRUE(file) << file.error().to_string();
    write_text(path(name), {reinterpret_cast<const char*>(file->data()), file->size()});
  }
  ToolRun transcode(const std::string& from, const std::string& to, const std::string& format,
                    std::vector<std::string> options = {}) {
    options.insert(options.begin(),
                   {"transcode", path(from), path(to), "--format", format, "--json"});
    return run_tool(options);
  }
  Ktx2Reader open(const std::string& name) {
    EXPECT_EQ(run_tool({"validate", path(name)}).exit_code, 0) << name;
    return Ktx2Reader::open(path(name)).value();
  }
  TempFolder folder_;
};

TEST_F(TranscodeCommand, BlocksAreDecodedAndEncodedAnew) {
  encode("bc7.ktx2", {"--format", "bc7", "--zstd", "3"});
  const ToolRun run = transcode("bc7.ktx2", "etc2.ktx2", "etc2-rgb", {"--zstd", "5"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["way"], "encoded");
  EXPECT_EQ(run.json()["source_format"], "BC7_SRGB_BLOCK");
  EXPECT_EQ(run.json()["format"], "ETC2_R8G8B8_SRGB_BLOCK");
  EXPECT_EQ(run.json()["levels"], 7);
  EXPECT_EQ(run.json()["bytes_out"], std::filesystem::file_size(path("etc2.ktx2")));
  const Ktx2Reader made = open("etc2.ktx2");
  EXPECT_EQ(made.info().supercompression, Supercompression::kZstd);
  const Ktx2Reader from = open("bc7.ktx2");
  for (std::uint32_t level = 0; level < 7; ++level) {
    const Image before = decode_ktx2_slice(from, {.level = level}).value();
    const Image after = decode_ktx2_slice(made, {.level = level}).value();
    // The smallest have noise in every block.
    EXPECT_GT(compare_images(before, after)->psnr_rgb_db, level < 3 ? 28 : 18) << level;
  }
  EXPECT_EQ(transcode("bc7.ktx2", "plain.ktx2", "rgba8").json()["way"], "converted");
  EXPECT_EQ(decode_ktx2_slice(open("plain.ktx2"), {.level = 2})->pixels,
            decode_ktx2_slice(from, {.level = 2})->pixels);
}

TEST_F(TranscodeCommand, BasisFilesAreTranscoded) {
  encode("u.ktx2", {"--format", "uastc", "--zstd", "3"});
  const ToolRun run = transcode("u.ktx2", "bc7.ktx2", "bc7", {"--quality", "fast"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["way"], "transcoded");
  EXPECT_EQ(run.json()["source_format"], "UASTC");
  const BasisTexture basis = BasisTexture::open(open("u.ktx2")).value();
  const Ktx2Reader made = open("bc7.ktx2");
  EXPECT_EQ(made.info().format, Format::kBC7Srgb);
  for (std::uint32_t level = 0; level < 7; ++level)
    EXPECT_EQ(made.read_level(level).value(),
              basis.transcode_level(level, {.target = Format::kBC7Srgb}).value());
  // Nobody transcodes to blocks this large: by way of pixels.
  EXPECT_EQ(transcode("u.ktx2", "astc.ktx2", "astc-6x6").json()["way"], "encoded");
  EXPECT_EQ(open("astc.ktx2").info().format, Format::kASTC6x6Srgb);
}

TEST_F(TranscodeCommand, TheSameFormatIsPackedAnew) {
  encode("a.ktx2", {"--format", "bc1"});
  const ToolRun run = transcode("a.ktx2", "b.ktx2", "bc1", {"--zstd", "19"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["way"], "copied");
  EXPECT_EQ(open("b.ktx2").read_level(1).value(), open("a.ktx2").read_level(1).value());
}

TEST_F(TranscodeCommand, LayersFacesAndKeysStay) {
  Bytes texels(std::size_t{16} * 16 * 4 * 12);
  for (std::size_t i = 0; i < texels.size(); ++i) texels[i] = static_cast<std::byte>(i / 1024 * 20);
  write("cubes.ktx2", {.format = Format::kRGBA8Unorm,
                       .width = 16,
                       .height = 16,
                       .layers = 2,
                       .faces = 6,
                       .key_values = {{"KTXorientation", "rd"}, {"mine", "some text"}},
                       .levels = {texels}});
  ASSERT_EQ(transcode("cubes.ktx2", "bc7.ktx2", "bc7").exit_code, 0);
  const Ktx2Reader made = open("bc7.ktx2");
  EXPECT_TRUE(made.info().is_array);
  EXPECT_EQ(made.info().layers, 2u);
  EXPECT_EQ(made.info().faces, 6u);
  EXPECT_TRUE(std::ranges::any_of(made.info().key_values,
                                  [](const auto& entry) { return entry.first == "mine"; }));
  for (std::uint32_t image = 0; image < 12; ++image) {
    const Ktx2Slice slice{.layer = image / 6, .face = image % 6};
    EXPECT_EQ(decode_ktx2_slice(made, slice)->pixels,
              decode_ktx2_slice(open("cubes.ktx2"), slice)->pixels)
        << image;
  }
  write(
      "volume.ktx2",
      {.format = Format::kRGBA8Unorm, .width = 16, .height = 16, .depth = 12, .levels = {texels}});
  ASSERT_EQ(transcode("volume.ktx2", "volume-bc4.ktx2", "bc4").exit_code, 0);
  EXPECT_EQ(open("volume-bc4.ktx2").info().depth, 12u);
}

TEST_F(TranscodeCommand, WhatCannotBeIsNamed) {
  encode("a.ktx2", {"--format", "bc7"});
  EXPECT_EQ(transcode("a.ktx2", "b.ktx2", "bc99").exit_code, 1);
  EXPECT_EQ(transcode("a.ktx2", "b.ktx2", "bc1", {"--quality", "best"}).exit_code, 1);
  EXPECT_EQ(transcode("none.ktx2", "b.ktx2", "bc1").exit_code, 2);
  EXPECT_EQ(transcode("a.png", "b.ktx2", "bc1").exit_code, 3);
  EXPECT_EQ(transcode("a.ktx2", "b.ktx2", "uastc").exit_code, 5);
  const ToolRun srgb = transcode("a.ktx2", "b.ktx2", "bc4");
  EXPECT_EQ(srgb.exit_code, 5);
  EXPECT_THAT(srgb.err, HasSubstr("BC7_SRGB_BLOCK to BC4_UNORM_BLOCK: it has no sRGB format"));
  const Bytes texels(128);
  write("half.ktx2",
        {.format = Format::kRGBA16Sfloat, .width = 4, .height = 4, .levels = {texels}});
  EXPECT_THAT(transcode("half.ktx2", "b.ktx2", "bc7").err, HasSubstr("would be lost"));
  EXPECT_EQ(transcode("half.ktx2", "hdr.ktx2", "bc6h").exit_code, 0);
  const Bytes numbers(64);
  write("numbers.ktx2", {.format = Format::kR32Uint, .width = 4, .height = 4, .levels = {numbers}});
  EXPECT_THAT(transcode("numbers.ktx2", "b.ktx2", "bc7").err, HasSubstr("integers"));
  EXPECT_FALSE(std::filesystem::exists(path("b.ktx2")));
}

}  // namespace
}  // namespace forge3d::test
