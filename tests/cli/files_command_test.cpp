// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// encode, decode, info, validate, compare and tile, run as a process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/tool.hpp"
#include "support/shared_data.hpp"

namespace forge3d::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

class FilesCommand : public ::testing::Test {
 protected:
  void SetUp() override { write_picture(folder_ / "a.png", 96, 70); }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_ / name).string();
  }
  ToolRun encode(const std::string& format) {
    return run_tool(
        {"encode", path("a.png"), path(format + ".ktx2"), "--format", format, "--json"});
  }
  TempFolder folder_;
};

TEST(Usage, IsExitCodeOneAndHelpIsZero) {
  EXPECT_EQ(run_tool({}).exit_code, 1);
  EXPECT_EQ(run_tool({"frobnicate"}).exit_code, 1);
  EXPECT_EQ(run_tool({"encode"}).exit_code, 1);
  EXPECT_EQ(run_tool({"info", "a", "b", "c"}).exit_code, 1);
  EXPECT_EQ(run_tool({"probe", "--nothing-like-this"}).exit_code, 1);
  EXPECT_EQ(run_tool({"-h"}).exit_code, 0);
  EXPECT_EQ(run_tool({"--version"}).exit_code, 0);
}

TEST(Usage, EveryCommandHasTheSharedFlags) {
  for (const char* command : {"probe", "encode", "decode", "transcode", "info", "validate",
                              "compare", "tile", "stream", "bench", "replay"}) {
    const ToolRun help = run_tool({command, "-h"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("--json")) << command;
    EXPECT_THAT(help.out, HasSubstr("--quiet")) << command;
  }
}

TEST(Usage, ErrorsAreAnObjectToo) {
  const ToolRun run = run_tool({"encode", "--json"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.json()["error"]["code"], "invalid_argument");
}

TEST_F(FilesCommand, ErrorsAreOneLineThatNamesTheFile) {
  const ToolRun run = run_tool({"encode", path("none.png"), path("o.ktx2"), "--json"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, StartsWith("forge3d encode: "));
  EXPECT_THAT(run.err, HasSubstr("none.png"));
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1);
  EXPECT_EQ(run.json()["error"]["code"], "io");
  EXPECT_TRUE(run.json()["error"]["reasons"].is_array());
}

TEST_F(FilesCommand, BadPicturesHaveTheirExitCodes) {
  write_text(path("empty.png"), "");
  write_text(path("text.png"), "this is no picture");
  const std::string whole = read_text(path("a.png"));
  write_text(path("cut.png"), whole.substr(0, whole.size() / 2));
  for (const char* name : {"empty.png", "text.png", "cut.png"}) {
    for (const char* command : {"encode", "tile"})
      EXPECT_EQ(run_tool({command, path(name), path("o")}).exit_code, 3) << command << name;
    EXPECT_EQ(run_tool({"compare", path(name), path("a.png")}).exit_code, 3) << name;
  }
  EXPECT_EQ(run_tool({"info", path("empty.png")}).exit_code, 3);
  EXPECT_EQ(run_tool({"info", path("")}).exit_code, 2);  // a folder
  EXPECT_FALSE(std::filesystem::exists(path("o")));
}

TEST_F(FilesCommand, FormatsUnknownAndNotHereDiffer) {
  const auto encode_with = [this](std::vector<std::string> words) {
    std::vector<std::string> arguments{"encode", path("a.png"), path("o.ktx2")};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return run_tool(arguments).exit_code;
  };
  EXPECT_EQ(encode_with({"--format", "bc99x"}), 1);
  EXPECT_EQ(encode_with({"--format", "bc2"}), 5);
  EXPECT_EQ(encode_with({"--format", "rgba16"}), 5);
  EXPECT_EQ(encode_with({"--format", "etc2"}), 5);
  EXPECT_EQ(encode_with({"--quality", "best"}), 1);
  EXPECT_EQ(encode_with({"--use-case", "sculpture"}), 1);
  EXPECT_EQ(encode_with({"--memory-priority", "speed"}), 1);
  EXPECT_EQ(encode_with({"--mip-filter", "bicubic"}), 1);
  EXPECT_EQ(encode_with({"--target-psnr", "0"}), 1);
  EXPECT_EQ(encode_with({"--rdo", "-1"}), 1);
  EXPECT_EQ(encode_with({"--mipmaps", "--alpha-cutoff", "2"}), 1);
  EXPECT_EQ(encode_with({"--zstd", "99"}), 1);
  EXPECT_FALSE(std::filesystem::exists(path("o.ktx2")));
}

TEST_F(FilesCommand, EncodePromisesItsKeys) {
  const ToolRun run = encode("bc7");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto object = run.json();
  for (const char* key : {"width",
                          "height",
                          "format",
                          "levels",
                          "bytes_in",
                          "bytes_out",
                          "compression_ratio",
                          "psnr_db",
                          "encode_ms",
                          "mpixels_per_s",
                          "threads",
                          "metric",
                          "metric_db",
                          "ssim",
                          "quality_score",
                          "target_reached",
                          "quality",
                          "use_case",
                          "reason",
                          "trials",
                          "level_figures"})
    EXPECT_TRUE(object.contains(key)) << key;
  EXPECT_EQ(object["level_figures"].size(), 1u);
  EXPECT_EQ(object["level_figures"][0]["bytes"], 96 * 72);
  EXPECT_DOUBLE_EQ(object["level_figures"][0]["compression_ratio"], 96.0 * 70 * 4 / (96 * 72));
  EXPECT_EQ(object["level_figures"][0]["psnr_db"], object["psnr_db"]);
  EXPECT_EQ(object["level_figures"][0]["quality_score"], object["quality_score"]);
  EXPECT_NEAR(object["quality_score"], std::min(1.0, object["psnr_db"].get<double>() / 50), 1e-9);
  EXPECT_EQ(object["width"], 96);
  EXPECT_EQ(object["format"], "BC7_SRGB_BLOCK");
  EXPECT_EQ(object["bytes_out"], std::filesystem::file_size(path("bc7.ktx2")));
  EXPECT_EQ(files_in(folder_.path()), 2u);
}

TEST_F(FilesCommand, EncodeReachesTargetsOrSaysThatItDoesNot) {
  const auto encode_to = [this](const char* format, const char* target) {
    return run_tool({"encode", path("a.png"), path("t.ktx2"), "--format", format, "--target-psnr",
                     target, "--json"});
  };
  const ToolRun reached = encode_to("bc7", "30");
  ASSERT_EQ(reached.exit_code, 0) << reached.err;
  EXPECT_EQ(reached.json()["target_reached"], true);
  EXPECT_EQ(reached.json()["target_psnr_db"], 30);
  EXPECT_GE(reached.json()["metric_db"], 30);
  const ToolRun missed = encode_to("bc1", "98");
  ASSERT_EQ(missed.exit_code, 0) << missed.err;
  EXPECT_EQ(missed.json()["target_reached"], false);
  EXPECT_EQ(missed.json()["quality"], "high");
  EXPECT_THAT(missed.json()["reason"].get<std::string>(), HasSubstr("of 98 dB"));
}

TEST_F(FilesCommand, UseCasesChooseAndSayWhy) {
  for (const char* use_case : {"albedo", "normal", "height", "hdr", "ui"}) {
    const ToolRun run = run_tool({"encode", path("a.png"), path("u.ktx2"), "--use-case", use_case,
                                  "--mipmaps", "--mip-filter", "kaiser", "--json"});
    ASSERT_EQ(run.exit_code, 0) << use_case << run.err;
    EXPECT_THAT(run.json()["reason"].get<std::string>(), StartsWith(use_case));
    EXPECT_EQ(run.json().contains("normal_degrees"), std::string(use_case) == "normal");
    EXPECT_EQ(run_tool({"validate", path("u.ktx2")}).exit_code, 0) << use_case;
  }
}

TEST_F(FilesCommand, WhatEncodeReportsIsWhatDecodeShows) {
  for (const char* format : {"bc1", "bc7", "rgba8"}) {
    const std::string file = path(std::string(format) + ".ktx2");
    const ToolRun encoded = encode(format);
    ASSERT_EQ(encoded.exit_code, 0) << encoded.err;
    EXPECT_EQ(run_tool({"validate", file}).exit_code, 0) << format;
    ASSERT_EQ(run_tool({"decode", file, path("d.png")}).exit_code, 0);
    const auto direct = run_tool({"compare", file, path("a.png"), "--json"}).json();
    const auto decoded = run_tool({"compare", path("d.png"), path("a.png"), "--json"}).json();
    EXPECT_NEAR(direct["psnr_db"], encoded.json()["psnr_db"], 0.01) << format;
    EXPECT_NEAR(decoded["psnr_db"], encoded.json()["psnr_db"], 0.01) << format;
  }
  EXPECT_EQ(run_tool({"compare", path("rgba8.ktx2"), path("a.png"), "--json"}).json()["identical"],
            true);
}

TEST_F(FilesCommand, DecodeTakesLevels) {
  ASSERT_EQ(
      run_tool({"encode", path("a.png"), path("m.ktx2"), "--mipmaps", "--zstd", "3"}).exit_code, 0);
  const auto object =
      run_tool({"decode", path("m.ktx2"), path("d.png"), "--level", "2", "--json"}).json();
  EXPECT_EQ(object["width"], 24);
  EXPECT_EQ(object["height"], 17);
  EXPECT_EQ(run_tool({"decode", path("m.ktx2"), path("d.png"), "--level", "7"}).exit_code, 1);
  EXPECT_EQ(run_tool({"decode", path("m.ktx2"), path("d.png"), "--face", "1"}).exit_code, 1);
  EXPECT_EQ(run_tool({"decode", path("a.png"), path("d.png")}).exit_code, 3);
}

TEST_F(FilesCommand, OutputsThatCannotBeWrittenAreIoErrors) {
  EXPECT_EQ(run_tool({"encode", path("a.png"), path("no/such/o.ktx2")}).exit_code, 2);
  ASSERT_EQ(encode("rgba8").exit_code, 0);
  EXPECT_EQ(run_tool({"decode", path("rgba8.ktx2"), path("no/o.png")}).exit_code, 2);
  EXPECT_EQ(run_tool({"tile", path("a.png"), path("no/o.pmtiles")}).exit_code, 2);
  EXPECT_EQ(files_in(folder_.path()), 2u);
}

TEST_F(FilesCommand, ValidateFindsWhatIsWrong) {
  ASSERT_EQ(encode("bc1").exit_code, 0);
  const std::string whole = read_text(path("bc1.ktx2"));
  write_text(path("cut.ktx2"), whole.substr(0, whole.size() - 9));
  write_text(path("empty.ktx2"), "");
  const ToolRun cut = run_tool({"validate", path("cut.ktx2"), "--json"});
  EXPECT_EQ(cut.exit_code, 3);
  EXPECT_EQ(cut.json()["valid"], false);
  ASSERT_FALSE(cut.json()["findings"].empty());
  for (const char* key : {"id", "offset", "text"})
    EXPECT_TRUE(cut.json()["findings"][0].contains(key)) << key;
  const ToolRun gltf = run_tool({"validate", path("bc1.ktx2"), "--gltf-basisu", "--json"});
  EXPECT_EQ(gltf.exit_code, 3) << "valid, but glTF wants Basis textures";
  EXPECT_EQ(run_tool({"validate", path("bc1.ktx2")}).exit_code, 0);
  EXPECT_THAT(gltf.out, HasSubstr("6301"));
  EXPECT_EQ(run_tool({"validate", path("empty.ktx2")}).exit_code, 3);
  EXPECT_EQ(run_tool({"validate", path("a.png")}).exit_code, 3);
  EXPECT_EQ(run_tool({"validate", path("none.ktx2")}).exit_code, 2);
}

TEST_F(FilesCommand, CompareNeedsOneExtent) {
  write_picture(path("b.png"), 95, 70);
  EXPECT_EQ(run_tool({"compare", path("a.png"), path("b.png")}).exit_code, 1);
  const auto same = run_tool({"compare", path("a.png"), path("a.png"), "--json"}).json();
  EXPECT_EQ(same["identical"], true);
  EXPECT_EQ(same["psnr_db"], 99.0);
  EXPECT_EQ(same["max_error"], 0.0);
}

TEST_F(FilesCommand, TileMakesAnArchiveThatHolds) {
  write_picture(path("wide.png"), 700, 300);
  const ToolRun run = run_tool({"tile", path("wide.png"), path("t.pmtiles"), "--tile-size", "128",
                                "--format", "bc1", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["tiles"], 6 * 3 + 3 * 2 + 2 * 1 + 1);
  EXPECT_EQ(run.json()["bytes_out"], std::filesystem::file_size(path("t.pmtiles")));
  EXPECT_EQ(run_tool({"validate", path("t.pmtiles")}).exit_code, 0);
  const auto info = run_tool({"info", path("t.pmtiles"), "--json"}).json();
  EXPECT_EQ(info["kind"], "pmtiles");
  EXPECT_EQ(info["width"], 700);
  EXPECT_EQ(info["tile_size"], 128);
  const std::string whole = read_text(path("t.pmtiles"));
  write_text(path("cut.pmtiles"), whole.substr(0, whole.size() / 2));
  EXPECT_EQ(run_tool({"validate", path("cut.pmtiles")}).exit_code, 3);
  EXPECT_EQ(run_tool({"tile", path("wide.png"), path("u"), "--tile-size", "100"}).exit_code, 1);
}

TEST_F(FilesCommand, InfoShowsHowATiffStreams) {
  FORGE3D_REQUIRE_SHARED(tiff, "data/textures/sat_landsat_rgb.tif");
  const ToolRun run = run_tool({"info", tiff.string(), "--json"});
  if (run.exit_code == 5) GTEST_SKIP() << "needs libtiff: this build has none";
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.json()["kind"], "tiff");
  EXPECT_EQ(run.json()["width"], 791);
  EXPECT_EQ(run.json()["levels"], 3);
  write_text(path("cut.tif"), read_text(tiff.string()).substr(0, 1000));
  EXPECT_EQ(run_tool({"info", path("cut.tif")}).exit_code, 3);
}

TEST_F(FilesCommand, InfoTellsTheKind) {
  ASSERT_EQ(encode("bc7").exit_code, 0);
  const auto ktx2 = run_tool({"info", path("bc7.ktx2"), "--json"}).json();
  EXPECT_EQ(ktx2["kind"], "ktx2");
  EXPECT_EQ(ktx2["format"], "BC7_SRGB_BLOCK");
  EXPECT_EQ(ktx2["level_index"].size(), 1u);
  const auto world = run_tool({"info", "procedural:7", "--json"}).json();
  EXPECT_EQ(world["kind"], "procedural");
  EXPECT_EQ(world["width"], 1 << 20);
  EXPECT_EQ(run_tool({"info", "procedural:seven"}).exit_code, 1);
  const auto picture = run_tool({"info", path("a.png"), "--json"}).json();
  EXPECT_EQ(picture["kind"], "picture");
  EXPECT_EQ(picture["height"], 70);
}

TEST_F(FilesCommand, UastcIsWrittenValidAndTold) {
  const ToolRun run = run_tool({"encode", path("a.png"), path("u.ktx2"), "--format", "uastc",
                                "--quality", "fast", "--mipmaps", "--zstd", "3", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto encoded = run.json();
  EXPECT_EQ(encoded["format"], "UASTC");
  EXPECT_EQ(encoded["levels"], 7);
  EXPECT_EQ(run_tool({"validate", path("u.ktx2")}).exit_code, 0);
  const auto info = run_tool({"info", path("u.ktx2"), "--json"}).json();
  EXPECT_EQ(info["basis_model"], "UASTC");
  EXPECT_EQ(info["supercompression"], "zstd");
  ASSERT_EQ(run_tool({"decode", path("u.ktx2"), path("u.png")}).exit_code, 0);
  const auto difference = run_tool({"compare", path("a.png"), path("u.png"), "--json"}).json();
  EXPECT_NEAR(difference["psnr_db"].get<double>(), encoded["psnr_db"].get<double>(), 0.01);
  EXPECT_EQ(run_tool({"encode", path("a.png"), path("v.ktx2"), "--format", "uastc", "--target-psnr",
                      "40"})
                .exit_code,
            1);
}

TEST_F(FilesCommand, QuietIsQuiet) {
  const ToolRun run = run_tool({"encode", path("a.png"), path("q.ktx2"), "--quiet"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, "");
}

TEST(BenchCommand, CodecsAreMeasured) {
  const TempFolder folder;
  write_picture(folder / "small.png", 64, 64);
  const ToolRun run =
      run_tool({"bench", "codecs", "--images", folder.path().string(), "--runs", "1", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto cases = run.json()["cases"];
  std::set<std::string> names;
  for (const auto& result : cases) {
    names.insert(result["name"]);
    for (const char* key : {"name", "value", "unit", "p10", "p90", "runs", "limit"})
      EXPECT_TRUE(result.contains(key)) << key;
    const bool of_target = std::string(result["name"]).starts_with("target_");  // may be 0
    EXPECT_GT(result["value"], of_target ? -1 : 0) << result["name"];
  }
  EXPECT_EQ(names.size(), cases.size());
  for (const char* name : {"bc1_fast_mpixps", "bc7_high_psnr_db", "decode_bc7_mpixps",
                           "target_psnr_40_images", "target_psnr_40_images_etc2_rgb"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_EQ(run_tool({"bench", "nothing"}).exit_code, 1);
}

TEST(BenchCommand, SomeCasesOnOneInstructionSet) {
  const ToolRun run = run_tool(
      {"bench", "codecs", "--only", "bc1_fast", "--simd", "scalar", "--runs", "1", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(run.json()["cases"].size(), 2u);
  EXPECT_EQ(run_tool({"bench", "codecs", "--only", "bc99"}).exit_code, 1);
  EXPECT_NE(run_tool({"bench", "codecs", "--simd", "abacus"}).exit_code, 0);
}

}  // namespace
}  // namespace forge3d::test
