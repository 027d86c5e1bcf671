// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "forge3d/ktx2.hpp"
#include "support/shared_data.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using test::patch;
using test::patch32;
using test::patch64;
using testing::HasSubstr;

Result<Ktx2Reader> open(std::span<const std::byte> bytes, const Ktx2Limits& limits = {}) {
  return Ktx2Reader::open(make_memory_source(bytes, "sample.ktx2"), limits);
}

/// Opens and reads every level, as a fuzzer would.
Result<> read_all(std::span<const std::byte> bytes) {
  auto reader = open(bytes, {.max_level_bytes = 1 << 24});
  if (!reader) return tl::unexpected<Error>(reader.error());
  for (std::uint32_t level = 0; level < reader->info().levels; ++level) {
    auto data = reader->read_level(level);
    if (!data) return tl::unexpected<Error>(data.error());
  }
  return {};
}

ErrorCode code_of(std::span<const std::byte> bytes) {
  const auto result = read_all(bytes);
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(Ktx2Reader, ReadsWhatTheWriterWrote) {
  for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    const test::Ktx2Sample sample = test::make_ktx2(
        {.format = Format::kRGBA8Srgb, .width = 5, .height = 3, .supercompression = scheme}, 3);
    const auto reader = open(sample.file);
    ASSERT_TRUE(reader.has_value()) << reader.error().to_string();
    EXPECT_EQ(reader->info().format, Format::kRGBA8Srgb);
    EXPECT_EQ(reader->info().levels, 3u);
    EXPECT_EQ(reader->info().face_bytes(0), 60u);
    ASSERT_EQ(reader->info().key_values.size(), 1u);
    EXPECT_EQ(reader->info().key_values[0].first, "KTXwriter");
    for (std::uint32_t level = 0; level < 3; ++level)
      EXPECT_EQ(reader->read_level(level).value(), sample.levels[level]);
    EXPECT_EQ(reader->read_level(3).error().code, ErrorCode::kInvalidArgument);
  }
}

// B1: Qt's reader added offsets unchecked and believed absurd counts.
TEST(Ktx2Reader, B1OffsetsThatWrapAndAbsurdCounts) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 8, .height = 8}, 2);
  const std::uint64_t huge = ~std::uint64_t{0} - 8;
  for (const std::size_t entry : {80u, 104u}) {
    EXPECT_EQ(code_of(patch64(sample.file, entry, huge)), ErrorCode::kInvalidFile);
    EXPECT_EQ(code_of(patch64(sample.file, entry + 8, huge)), ErrorCode::kInvalidFile);
    EXPECT_EQ(code_of(patch64(sample.file, entry + 16, huge)), ErrorCode::kInvalidFile);
  }
  EXPECT_EQ(code_of(patch32(sample.file, 40, 0xFFFFFFFFu)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(sample.file, 40, 5)), ErrorCode::kInvalidFile);
  for (const std::uint32_t faces : {0u, 2u, 5u, 7u, 0xFFFFFFFFu})
    EXPECT_EQ(code_of(patch32(sample.file, 36, faces)), ErrorCode::kInvalidFile) << faces;
  EXPECT_EQ(code_of(patch32(sample.file, 48, 0xFFFFFFFCu)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(sample.file, 56, 0xFFFFFFFCu)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch64(sample.file, 72, huge)), ErrorCode::kInvalidFile);
}

// B2: lengths of key/value pairs that are too small, too large or hide the end of the key.
TEST(Ktx2Reader, B2KeyValueLengths) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 2, .height = 2}, 1);
  const std::size_t kvd = test::load32(sample.file, 56);
  for (const std::uint32_t length : {0u, 1u, 0xFFFFFFFFu, 0x7FFFFFFFu, 1000u})
    EXPECT_EQ(code_of(patch32(sample.file, kvd, length)), ErrorCode::kInvalidFile) << length;
  EXPECT_EQ(code_of(patch32(sample.file, kvd, 5)), ErrorCode::kInvalidFile) << "no NUL in the key";
  const auto error = open(patch32(sample.file, kvd, 0)).error();
  EXPECT_THAT(error.message, HasSubstr("sample.ktx2"));
  EXPECT_THAT(error.message, HasSubstr("offset " + std::to_string(kvd)));
}

// B3: odd sizes of 1- and 3-byte texels with zstd and mips.
TEST(Ktx2Reader, B3OddSizesOfSmallTexelsUnderZstd) {
  for (const Format format : {Format::kR8Unorm, Format::kRGB8Unorm})
    for (std::uint32_t width = 1; width <= 17; ++width)
      for (std::uint32_t height = 1; height <= 13; ++height) {
        const auto sample = test::make_ktx2({.format = format,
                                             .width = width,
                                             .height = height,
                                             .supercompression = Supercompression::kZstd},
                                            0);
        const auto reader = open(sample.file);
        ASSERT_TRUE(reader.has_value()) << reader.error().to_string();
        for (std::uint32_t level = 0; level < reader->info().levels; ++level)
          ASSERT_EQ(reader->read_level(level).value(), sample.levels[level]);
      }
}

TEST(Ktx2Reader, AFormatGoesBeforeTheModelOfUastc) {
  auto file = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 9, .height = 9}, 1).file;
  const std::size_t model = test::load32(file, 48) + 4 + 8;
  file = patch(file, model, 166);
  const auto reader = Ktx2Reader::open(make_memory_source(file));
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ(reader->info().basis_model, BasisModel::kNone);
  EXPECT_EQ(reader->info().block_bytes, 4);
  EXPECT_EQ(Ktx2Reader::open(make_memory_source(patch32(file, 12, 0))).error().code,
            ErrorCode::kInvalidFile)
      << "324 bytes, not 9 blocks of 16";
}

// B4: scheme and colour model in wrong pairs.
TEST(Ktx2Reader, B4SchemeAndModelMustAgree) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  const std::size_t model = test::load32(sample.file, 48) + 12;
  const auto etc1s = patch(sample.file, model, 163);
  EXPECT_EQ(code_of(etc1s), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(etc1s, 12, 0)), ErrorCode::kNotSupported) << "valid, and made by none";
  EXPECT_EQ(code_of(patch32(sample.file, 44, 1)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(sample.file, 44, 2)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(sample.file, 44, 3)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(sample.file, 44, 4)), ErrorCode::kInvalidFile);
  EXPECT_EQ(code_of(patch32(sample.file, 44, 5)), ErrorCode::kNotSupported);
  EXPECT_EQ(code_of(patch32(sample.file, 44, 0x10000)), ErrorCode::kNotSupported);
}

// B5: levels in rising order, overlapping, identical, inside the header.
TEST(Ktx2Reader, B5LevelOrderAndOverlap) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 8, .height = 8}, 2);
  const std::uint64_t large = test::load64(sample.file, 80);
  const std::uint64_t small = test::load64(sample.file, 104);
  EXPECT_EQ(code_of(patch64(sample.file, 104, large + 64)), ErrorCode::kInvalidFile) << "rising";
  EXPECT_EQ(code_of(patch64(sample.file, 104, small + 4)), ErrorCode::kInvalidFile) << "overlap";
  EXPECT_EQ(code_of(patch64(sample.file, 104, large)), ErrorCode::kInvalidFile) << "identical";
  EXPECT_EQ(code_of(patch64(sample.file, 104, 96)), ErrorCode::kInvalidFile) << "in the index";
  EXPECT_EQ(code_of(patch64(sample.file, 104, 0)), ErrorCode::kInvalidFile) << "in the header";
}

// B6: declared bytes beyond the file; the file cut at every byte.
TEST(Ktx2Reader, B6EveryCutIsAnError) {
  for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    const auto sample = test::make_ktx2(
        {.format = Format::kRGBA8Unorm, .width = 4, .height = 4, .supercompression = scheme}, 3);
    for (std::size_t size = 0; size < sample.file.size(); ++size)
      ASSERT_EQ(code_of(std::span(sample.file).first(size)), ErrorCode::kInvalidFile) << size;
    EXPECT_TRUE(read_all(sample.file));
  }
}

TEST(Ktx2Reader, HeaderBytesAtTheirExtremesNeverCrash) {
  for (const Supercompression scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    const auto sample = test::make_ktx2(
        {.format = Format::kRGBA8Unorm, .width = 4, .height = 4, .supercompression = scheme}, 2);
    int refused = 0;
    for (std::size_t at = 0; at < 128 + 44 + 36; ++at)
      for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
        const auto result = read_all(patch(sample.file, at, static_cast<std::uint8_t>(value)));
        if (result) continue;
        ++refused;
        EXPECT_TRUE(result.error().code == ErrorCode::kInvalidFile ||
                    result.error().code == ErrorCode::kNotSupported)
            << at << ": " << result.error().to_string();
        EXPECT_THAT(result.error().message, HasSubstr("offset"));
      }
    EXPECT_GT(refused, 350);
  }
}

// B7: extents whose product wraps to 0 must not let an empty level pass.
TEST(Ktx2Reader, B7ProductsThatWrap) {
  auto file = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1).file;
  file = patch32(file, 20, 0xFFFFFFFFu);
  file = patch32(file, 24, 0xFFFFFFFFu);
  EXPECT_EQ(code_of(file), ErrorCode::kNotSupported) << "limit on extents";
  const Ktx2Limits none{.max_extent = 0xFFFFFFFFu, .max_layers = 0xFFFFFFFFu};
  EXPECT_EQ(open(file, none).error().code, ErrorCode::kInvalidFile);
  EXPECT_EQ(open(patch32(file, 32, 0xFFFFFFFFu), none).error().code, ErrorCode::kInvalidFile);
}

// B8: deprecated bytesPlane0 = 0 under zstd must load; layerCount 0 means 1.
TEST(Ktx2Reader, B8UnsizedPlanesUnderZstd) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm,
                                       .width = 4,
                                       .height = 4,
                                       .supercompression = Supercompression::kZstd},
                                      1);
  const auto file = patch32(sample.file, test::load32(sample.file, 48) + 20, 0);
  const auto reader = open(file);
  ASSERT_TRUE(reader.has_value()) << reader.error().to_string();
  EXPECT_EQ(reader->info().layers, 1u);
  EXPECT_FALSE(reader->info().is_array);
  EXPECT_EQ(reader->read_level(0).value(), sample.levels[0]);
}

// The model alone makes no Basis images: UASTC has no VkFormat, UASTC HDR that of ASTC.
TEST(Ktx2Reader, UastcIsToldByModelAndFormat) {
  const auto sample = test::make_ktx2(
      {.format = Format::kASTC4x4Unorm, .width = 8, .height = 8, .uastc = UastcChannels::kRgba}, 1);
  EXPECT_EQ(open(sample.file)->info().basis_model, BasisModel::kUastc);
  const std::uint32_t unknown = 1000436721;
  const auto file = patch32(sample.file, 12, unknown);
  ASSERT_EQ(open(file)->info().basis_model, BasisModel::kNone);
  EXPECT_EQ(open(file)->read_level(0).value(), sample.levels[0]);
  // Sizes follow from what its descriptor says of blocks.
  const std::size_t extents = test::load32(file, 48) + 16;
  EXPECT_EQ(code_of(patch(file, extents, 7)), ErrorCode::kInvalidFile);
  EXPECT_TRUE(open(patch32(file, extents + 4, 0))) << "none told";
  EXPECT_EQ(open(patch(sample.file, extents - 4, 167))->info().basis_model, BasisModel::kNone);
}

// B10: blocks at sizes that are no multiple of four; arrays, cubes, mips, depth.
TEST(Ktx2Reader, B10BlocksAtEverySizeInArraysCubesAndMips) {
  struct Shape {
    std::uint32_t depth, layers, faces;
  };
  for (const Format format : {Format::kBC1RgbUnorm, Format::kBC7Srgb, Format::kRGB8Unorm})
    for (const std::uint32_t size : {1u, 2u, 3u, 5u, 1023u})
      for (const Shape shape : {Shape{0, 0, 1}, Shape{0, 1, 1}, Shape{0, 3, 1}, Shape{0, 0, 6},
                                Shape{0, 2, 6}, Shape{3, 0, 1}}) {
        if (size == 1023 && shape.layers > 1) continue;  // the same path, ten times the bytes
        const auto sample = test::make_ktx2({.format = format,
                                             .width = size,
                                             .height = size,
                                             .depth = shape.depth,
                                             .layers = shape.layers,
                                             .faces = shape.faces},
                                            0);
        const auto reader = open(sample.file);
        ASSERT_TRUE(reader.has_value()) << reader.error().to_string();
        EXPECT_EQ(reader->info().is_array, shape.layers != 0);
        EXPECT_EQ(reader->info().faces, shape.faces);
        EXPECT_EQ(reader->info().face_bytes(0),
                  *image_bytes(format, size, size, std::max(1u, shape.depth)));
        for (std::uint32_t level = 0; level < reader->info().levels; ++level)
          ASSERT_EQ(reader->read_level(level).value(), sample.levels[level]);
      }
}

// B11: what a zstd frame says of itself is not believed.
TEST(Ktx2Reader, B11ZstdFramesThatLie) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm,
                                       .width = 16,
                                       .height = 16,
                                       .supercompression = Supercompression::kZstd},
                                      1);
  const std::size_t at = test::load64(sample.file, 80);
  const auto with_level = [&](const std::vector<std::byte>& stored) {
    auto file = sample.file;
    file.resize(at);
    file.insert(file.end(), stored.begin(), stored.end());
    return patch64(file, 88, stored.size());
  };
  const std::vector<std::byte> whole(sample.file.begin() + static_cast<std::ptrdiff_t>(at),
                                     sample.file.end());
  ASSERT_TRUE(read_all(with_level(whole)));

  auto trailing = whole;
  trailing.push_back(std::byte{7});
  EXPECT_EQ(code_of(with_level(trailing)), ErrorCode::kInvalidFile);
  auto twice = whole;
  twice.insert(twice.end(), whole.begin(), whole.end());
  EXPECT_EQ(code_of(with_level(twice)), ErrorCode::kInvalidFile) << "two frames, twice the bytes";
  for (const std::size_t size : {1023u, 1025u})
    EXPECT_EQ(code_of(with_level(test::zstd_of(std::vector<std::byte>(size)))),
              ErrorCode::kInvalidFile)
        << size;

  // A frame header that claims 2^60 bytes: single segment, 8-byte content size.
  std::vector<std::byte> bomb;
  for (const int byte : {0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x10})
    bomb.push_back(static_cast<std::byte>(byte));
  bomb.resize(100);
  EXPECT_EQ(code_of(with_level(bomb)), ErrorCode::kInvalidFile);

  // A frame that needs dictionary 0x77.
  std::vector<std::byte> dictionary;
  for (const int byte : {0x28, 0xB5, 0x2F, 0xFD, 0x01, 0x58, 0x77, 0x01, 0, 0})
    dictionary.push_back(static_cast<std::byte>(byte));
  EXPECT_EQ(code_of(with_level(dictionary)), ErrorCode::kInvalidFile);
}

TEST(Ktx2Reader, InflationRatioIsLimited) {
  std::vector<std::byte> zeros(2048 * 2048 * 4);
  const auto file = write_ktx2({.format = Format::kRGBA8Unorm,
                                .width = 2048,
                                .height = 2048,
                                .supercompression = Supercompression::kZstd,
                                .levels = {zeros}})
                        .value();
  EXPECT_EQ(open(file).error().code, ErrorCode::kNotSupported);
  EXPECT_TRUE(open(file, {.max_inflation_ratio = 1 << 20}));
}

TEST(Ktx2Reader, LimitsAreNamed) {
  const auto file =
      test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 8, .height = 8, .layers = 3}, 1)
          .file;
  EXPECT_EQ(open(file, {.max_extent = 7}).error().code, ErrorCode::kNotSupported);
  EXPECT_EQ(open(file, {.max_layers = 2}).error().code, ErrorCode::kNotSupported);
  EXPECT_EQ(open(file, {.max_level_bytes = 767}).error().code, ErrorCode::kNotSupported);
  EXPECT_TRUE(open(file, {.max_extent = 8, .max_layers = 3, .max_level_bytes = 768}));
}

/// Passes on a byte range and counts the most bytes asked for at once.
class CountingSource final : public ByteSource {
 public:
  CountingSource(std::vector<std::byte> bytes, std::uint64_t claimed_bytes)
      : bytes_(std::move(bytes)), claimed_bytes_(claimed_bytes) {}
  std::uint64_t size_bytes() const override { return claimed_bytes_; }
  std::string name() const override { return "counting"; }
  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    largest_ = std::max(largest_, out.size());
    std::ranges::fill(out, std::byte{0});
    if (offset < bytes_.size())
      std::memcpy(out.data(), bytes_.data() + offset,
                  std::min<std::size_t>(out.size(), bytes_.size() - offset));
    return {};
  }
  mutable std::size_t largest_ = 0;

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t claimed_bytes_;
};

TEST(Ktx2Reader, ReadsLittleBeforeTheHeaderIsProven) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  for (const std::size_t length_field : {52u, 60u}) {
    const auto source = std::make_shared<CountingSource>(
        patch32(sample.file, length_field, 0xFFFFFFF0u), std::uint64_t{1} << 40);
    EXPECT_FALSE(Ktx2Reader::open(source));
    EXPECT_LT(source->largest_, 1u << 20);
  }
}

TEST(Ktx2Reader, ReadsFilesPastFourGigabytes) {
  // A sparse file whose one level begins behind 5 GiB.
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  const std::uint64_t far = (std::uint64_t{5} << 30) + 4;
  const test::TempFolder folder;
  const auto file = patch64(sample.file, 80, far);
  std::ofstream out(folder / "far.ktx2", std::ios::binary);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  out.seekp(static_cast<std::streamoff>(far));
  out.write(reinterpret_cast<const char*>(sample.levels[0].data()), 64);
  out.close();
  const auto reader = Ktx2Reader::open(folder / "far.ktx2");
  ASSERT_TRUE(reader.has_value()) << reader.error().to_string();
  EXPECT_EQ(reader->read_level(0).value(), sample.levels[0]);
}

TEST(Ktx2Reader, AFileThatShrinksIsAnIoError) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  const test::TempFolder folder;
  std::ofstream(folder / "a.ktx2", std::ios::binary)
      .write(reinterpret_cast<const char*>(sample.file.data()),
             static_cast<std::streamsize>(sample.file.size()));
  const auto reader = Ktx2Reader::open(folder / "a.ktx2");
  ASSERT_TRUE(reader.has_value());
  std::filesystem::resize_file(folder / "a.ktx2", sample.file.size() - 1);
  EXPECT_EQ(reader->read_level(0).error().code, ErrorCode::kIo);
}

/// The manifest hashes UASTC files after transcoding, and one file of 3D blocks in the tool's own
/// slicing; neither are the bytes of the file.
bool hashed_as_stored(const Ktx2Info& info, const std::string& file) {
  constexpr std::uint32_t kAstc4x4Float = 1000066000;
  return info.vk_format != 0 && info.vk_format != kAstc4x4Float &&
         file.find("ASTC_4x4x3") == std::string::npos;
}

TEST(Ktx2Reader, SharedFilesGiveTheBytesOfTheirManifest) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  int matched = 0;
  int basis = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const auto reader = Ktx2Reader::open(folder / line.at("file"));
    const auto level = reader ? reader->read_level(0) : tl::unexpected<Error>(reader.error());
    if (!level) {
      EXPECT_EQ(level.error().code, ErrorCode::kNotSupported) << level.error().to_string();
      ++basis;
      continue;
    }
    if (!hashed_as_stored(reader->info(), line.at("file"))) continue;
    // The manifest names the first image: one layer and face, all its slices.
    const auto image =
        std::span(*level).first(static_cast<std::size_t>(reader->info().face_bytes(0)));
    const bool same = test::sha256_hex(image) == line.at("sha256_level0_raw");
    EXPECT_TRUE(same) << line.at("file") << " " << line.at("header");
    matched += same ? 1 : 0;
  }
  EXPECT_EQ(matched, 667);
  EXPECT_EQ(basis, 23);  // BasisLZ and the UASTC HDR intermediate
}

}  // namespace
}  // namespace forge3d
