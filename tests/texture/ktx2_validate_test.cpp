// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <set>
#include <sstream>

#include "forge3d/ktx2.hpp"
#include "support/shared_data.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using test::patch;
using test::patch32;
using test::patch64;

std::vector<ValidationFinding> validate(std::span<const std::byte> bytes) {
  return validate_ktx2(*make_memory_source(bytes)).value();
}

/// "E3015,W7125": the ids as the manifests write them, each once, sorted.
std::string ids_of(std::span<const ValidationFinding> findings) {
  std::set<std::string> ids;
  for (const ValidationFinding& finding : findings)
    ids.insert("WEF"[static_cast<std::size_t>(finding.severity)] + std::to_string(finding.id));
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : ",") + id;
  return text;
}

TEST(Ktx2Validate, OwnFilesAreValid) {
  for (const Format format : {Format::kR8Unorm, Format::kRGB8Srgb, Format::kRGBA16Sfloat,
                              Format::kBC1RgbaSrgb, Format::kBC5Snorm, Format::kBC7Srgb})
    for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd})
      for (const std::uint32_t faces : {1u, 6u})
        for (const std::uint32_t layers : {0u, 3u}) {
          const auto sample = test::make_ktx2({.format = format,
                                               .width = 13,
                                               .height = 13,
                                               .layers = layers,
                                               .faces = faces,
                                               .supercompression = scheme},
                                              0);
          EXPECT_EQ(ids_of(validate(sample.file)), "") << format_info(format)->name;
        }
}

TEST(Ktx2Validate, NamesTheBrokenRule) {
  const auto file =
      test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 8, .height = 8}, 2).file;
  const std::size_t dfd = test::load32(file, 48);
  const std::size_t kvd = test::load32(file, 56);
  struct Case {
    std::vector<std::byte> file;
    std::string ids;
  };
  const Case cases[] = {
      {patch(file, 0, 0), "F2001"},
      {patch32(file, 16, 2), "E3012"},
      {patch32(file, 36, 2), "E3015,E4004,E4005,E4006"},
      {patch32(file, 44, 7), "E3019"},
      {patch32(file, 64, 8), "E3025"},
      {patch64(file, 80, test::load64(file, 80) + 4), "E4004,E7011"},
      {patch64(file, 88, 255), "E4005"},
      {patch64(file, 96, 255), "E4006"},
      {patch32(file, dfd, 12), "E6001"},
      {patch(file, dfd + 8, 3), "E6011"},
      {patch(file, dfd + 12, 2), "E6015"},
      {patch(file, dfd + 14, 2), "E6014,E6109"},
      {patch(file, dfd + 16, 1), "E6020"},
      {patch(file, dfd + 20, 3), "E6021"},
      {patch(file, dfd + 28, 1), "E6028"},
      {patch32(file, kvd, 5), "E7003,E7005,E7009,E7011,W7010,W7125"},
      {patch(file, kvd + 7, 'x'), "E7009,W7125"},
  };
  for (const Case& c : cases) EXPECT_EQ(ids_of(validate(c.file)), c.ids);
}

TEST(Ktx2Validate, EveryCutIsInvalid) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm,
                                       .width = 4,
                                       .height = 4,
                                       .supercompression = Supercompression::kZstd},
                                      2);
  for (std::size_t size = 0; size < sample.file.size(); ++size)
    EXPECT_FALSE(is_valid(validate(std::span(sample.file).first(size)))) << size;
}

TEST(Ktx2Validate, CorruptStreamsAreFound) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm,
                                       .width = 16,
                                       .height = 16,
                                       .supercompression = Supercompression::kZstd},
                                      1);
  const std::size_t at = test::load64(sample.file, 80);
  EXPECT_EQ(ids_of(validate(patch(sample.file, at, 0))), "E5006");
}

TEST(Ktx2Validate, SharedValidFilesAreValid) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  int files = 0;
  int agreed = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto findings =
        validate_ktx2(*open_file_source(folder / line.at("file")).value()).value();
    EXPECT_TRUE(is_valid(findings)) << line.at("file") << ": " << ids_of(findings);
    const std::string& khronos = line.at("ktx_validate_ids");
    agreed += ids_of(findings) == (khronos == "-" ? "" : khronos) ? 1 : 0;
    ++files;
  }
  EXPECT_EQ(files, 729);
  EXPECT_EQ(agreed, files);
}

// The corpus of broken files: every one that the Khronos validator refuses must be refused here.
TEST(Ktx2Validate, SharedBadFilesAreInvalid) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2-bad");
  int refused = 0;
  int expected = 0;
  int same_ids = 0;
  int files = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto findings =
        validate_ktx2(*open_file_source(folder / line.at("file")).value()).value();
    const bool should_fail = line.at("ktx_validate_exit") != "0";
    std::string khronos = line.at("ktx_validate_ids");
    if (khronos == "-") khronos.clear();
    // W5004 is about what one library still loads, not about the file.
    if (const auto at = khronos.find(",W5004"); at != std::string::npos) khronos.erase(at, 6);
    const std::string own = ids_of(findings);
    EXPECT_EQ(!is_valid(findings), should_fail)
        << line.at("file") << ": " << own << " / " << khronos;
    if (std::getenv("FORGE3D_SHOW_IDS") != nullptr && own != khronos)
      std::cout << line.at("file") << ": " << own << " / " << khronos << "\n";
    refused += should_fail && !is_valid(findings) ? 1 : 0;
    expected += should_fail ? 1 : 0;
    same_ids += own == khronos ? 1 : 0;
    ++files;
  }
  RecordProperty("same_ids", same_ids);
  EXPECT_EQ(refused, expected);
  EXPECT_GE(same_ids, files - 2);
}

}  // namespace
}  // namespace forge3d
