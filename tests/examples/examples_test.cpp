// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Each example as its readers run it: without arguments it succeeds, prints figures, and
// leaves pictures with something on them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "forge3d/image.hpp"
#include "support/shared_data.hpp"

namespace forge3d {
namespace {

using ::testing::HasSubstr;

struct Example {
  std::string name;
  std::vector<std::string> pictures;  ///< What it must leave.
  std::string figure;                 ///< A measured figure that it must print.
};

void PrintTo(const Example& example, std::ostream* out) { *out << example.name; }

struct ExampleRun {
  int exit_code = -1;
  std::string text;  ///< stdout and stderr
};

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

ExampleRun run_example(const std::string& name, const std::filesystem::path& folder,
                       const std::string& arguments) {
  const auto log = folder / "log";
  const std::string command = "cd '" + folder.string() + "' && '" FORGE3D_BIN "/" + name + "' " +
                              arguments + " >'" + log.string() + "' 2>&1 </dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(log)};
}

/// How many colours a picture shows, counted up to 20: codes of a PNG, fills of an SVG's boxes.
std::size_t count_colours(const std::filesystem::path& path) {
  std::set<std::string> colours;
  if (path.extension() == ".svg") {
    const std::string svg = read_text(path);
    const std::regex fill("fill=\"([^\"]+)\"");
    for (std::sregex_iterator it(svg.begin(), svg.end(), fill), end; it != end; ++it)
      colours.insert((*it)[1]);
    return colours.size();
  }
  const auto image = load_image(path);
  if (!image) {
    ADD_FAILURE() << image.error().to_string();
    return 0;
  }
  const std::size_t step = image->info.channels * sample_bytes(image->info.type);
  for (std::size_t at = 0; at + step <= image->pixels.size() && colours.size() < 20; at += step)
    colours.insert(std::string(reinterpret_cast<const char*>(&image->pixels[at]), step));
  return colours.size();
}

class Examples : public ::testing::TestWithParam<Example> {};

TEST_P(Examples, RunsWithoutArguments) {
  const test::TempFolder folder;
  const ExampleRun run = run_example(GetParam().name, folder / "", "");
  ASSERT_EQ(run.exit_code, 0) << run.text;
  EXPECT_TRUE(std::regex_search(run.text, std::regex(GetParam().figure)))
      << "no " << GetParam().figure << " in\n"
      << run.text;
  EXPECT_THAT(run.text, ::testing::Not(HasSubstr("nan")));
  for (const std::string& picture : GetParam().pictures) {
    const std::size_t colours = count_colours(folder / picture);
    EXPECT_GE(colours, picture.ends_with(".svg") ? 3u : 20u) << picture;
  }
}

TEST_P(Examples, RunsOnAPictureIntoAFolder) {
  const test::TempFolder folder;
  Image picture = make_image({.width = 200, .height = 120, .channels = 3}).value();
  for (std::size_t i = 0; i < picture.pixels.size(); ++i)
    picture.pixels[i] = static_cast<std::byte>((i * i) >> 8);
  ASSERT_TRUE(save_png(folder / "in.png", picture));
  const ExampleRun run = run_example(GetParam().name, folder / "", "made/here in.png");
  ASSERT_EQ(run.exit_code, 0) << run.text;
  for (const std::string& name : GetParam().pictures)
    EXPECT_GE(count_colours(folder / "made" / "here" / name), name.ends_with(".svg") ? 2u : 20u)
        << name;
}

TEST_P(Examples, SaysWhatIsWrong) {
  const test::TempFolder folder;
  const ExampleRun missing = run_example(GetParam().name, folder / "", ". no-such-file.png");
  EXPECT_EQ(missing.exit_code, 2) << missing.text;
  EXPECT_THAT(missing.text, HasSubstr("no-such-file.png"));
  EXPECT_EQ(run_example(GetParam().name, folder / "", "--help").exit_code, 1);
  const ExampleRun no_folder = run_example(GetParam().name, folder / "", "/dev/null/here");
  EXPECT_EQ(no_folder.exit_code, 2) << no_folder.text;
}

TEST(MemoryIntegrationDemo, WritesReportAndTrace) {
  const test::TempFolder folder;
  const ExampleRun run = run_example("memory_integration_demo", folder / "", "");
  ASSERT_EQ(run.exit_code, 0) << run.text;
  EXPECT_THAT(read_text(folder / "report.html"), HasSubstr("<svg"));
  EXPECT_THAT(read_text(folder / "trace.json"), HasSubstr("\"traceEvents\""));
}

TEST(CompressedTextureDemo, ReachesQualitiesAndChoosesByUseCase) {
  const test::TempFolder folder;
  const ExampleRun run = run_example("compressed_texture_demo", folder / "", "");
  ASSERT_EQ(run.exit_code, 0) << run.text;
  for (const char* figure :
       {R"(40 dB reached  40\.0\d dB by BC)", R"(psnr_rg \d+\.\d+ dB, \d\.\d+ degrees)",
        R"(hdr .*log_psnr_rgb \d+\.\d+ dB)"})
    EXPECT_TRUE(std::regex_search(run.text, std::regex(figure))) << figure << "\n" << run.text;
}

INSTANTIATE_TEST_SUITE_P(
    All, Examples,
    ::testing::Values(
        Example{"staging_rings_demo", {"staged.png", "ring_in_flight.svg"}, R"(\d+ MB/s)"},
        Example{
            "memory_pools_demo", {"pool_before.svg", "pool_after.svg"}, R"(fragmentation 0\.\d+)"},
        Example{"compressed_texture_demo",
                {"original.png", "sampled.png", "difference_x8.png"},
                R"(\d+\.\d+ dB as sampled)"},
        Example{"virtual_texture_demo",
                {"frame_44.png", "frame_89.png", "frame_134.png", "frame_179.png"},
                R"(p50 \d+\.\d+ ms)"},
        Example{"memory_integration_demo", {"integration.png"}, R"(upload \d+ MB/s)"}),
    [](const auto& test) { return test.param.name; });

// Eleven octaves from orbit to a harbour, held against the whole at four stops.
TEST(Terapixel, FliesOverTheWorldInSixtyFourMebibytes) {
  const auto coast = test::shared_path("data/huge/gshhg_high_coast_polylines.f3dpl");
  const auto earth = test::shared_path("data/huge/earth_globe_colors_8192x4096.jpg");
  if (!coast || !earth) GTEST_SKIP() << "the shared data is not there";
  const test::TempFolder folder;
  std::ostringstream arguments;
  arguments << std::filesystem::absolute(*coast) << ' ' << std::filesystem::absolute(*earth)
            << " out 160x90 64 --validation";
  const ExampleRun run = run_example("terapixel", folder.path(), arguments.str());
  if (run.text.find("the layer is not installed") != std::string::npos)
    GTEST_SKIP() << "no validation layer";
  ASSERT_EQ(run.exit_code, 0) << run.text;
  EXPECT_THAT(run.text, HasSubstr("1048576 x 1048576"));
  EXPECT_THAT(run.text, HasSubstr(" 0 holes"));
  EXPECT_THAT(run.text, HasSubstr(" 0 failed"));
  EXPECT_THAT(run.text, HasSubstr("validation messages 0"));
  const std::regex verified("verified ([0-9.]+|inf) dB");
  std::smatch match;
  ASSERT_TRUE(std::regex_search(run.text, match, verified)) << run.text;
  EXPECT_GE(std::strtod(match[1].str().c_str(), nullptr), 50.0);
  EXPECT_EQ(count_colours(folder / "out/terapixel-600.png"), 20u);
}

TEST(Terapixel, SaysWhatIsWrongWithItsInput) {
  const test::TempFolder folder;
  EXPECT_EQ(run_example("terapixel", folder.path(), "").exit_code, 1);
  EXPECT_EQ(run_example("terapixel", folder.path(), "nothing.f3dpl nothing.jpg").exit_code, 2);
  std::ofstream(folder / "cut.f3dpl", std::ios::binary)
      << std::string("F3DPL1\0\0\2\0\0\0\5\0\0\0", 16);
  const ExampleRun run = run_example("terapixel", folder.path(), "cut.f3dpl nothing.jpg");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.text, HasSubstr("cut.f3dpl: offset 16"));
}

}  // namespace
}  // namespace forge3d
