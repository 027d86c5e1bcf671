// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Damaged files: every answer is a result or an error that names offset and rule, soon and in
// little memory. The traps B1 to B13 that other readers fell into have tests in ktx2_reader_test
// (B1 to B8, B10, B11), codec_*_test (B9), image_test (B12) and here (B7, B13).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/ktx2_metadata.hpp"
#include "support/shared_data.hpp"
#include "texture/ktx2/container.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMaxRead = 16u << 20;  // what a reader may allocate for unproven numbers
constexpr std::uint8_t kValues[] = {0x00, 0x7F, 0x80, 0xFF};

/// Bytes of a file, claimed to be of any size, with the largest range asked for.
class WatchedSource final : public ByteSource {
 public:
  explicit WatchedSource(std::span<const std::byte> bytes, std::uint64_t claimed_bytes = 0)
      : bytes_(bytes), claimed_bytes_(std::max<std::uint64_t>(claimed_bytes, bytes.size())) {}
  std::uint64_t size_bytes() const override { return claimed_bytes_; }
  std::string name() const override { return "watched"; }
  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    largest = std::max<std::uint64_t>(largest, out.size());
    std::ranges::fill(out, std::byte{0});
    if (!out.empty() && offset < bytes_.size())
      std::memcpy(out.data(), bytes_.data() + offset,
                  std::min<std::size_t>(out.size(), bytes_.size() - offset));
    return {};
  }
  mutable std::uint64_t largest = 0;

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t claimed_bytes_;
};

/// The slowest call so far.
class Stopwatch {
 public:
  template <class Call>
  void time(Call&& call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    slowest_ = std::max(slowest_, std::chrono::steady_clock::now() - begin);
  }
  [[nodiscard]] double slowest_seconds() const {
    return std::chrono::duration<double>(slowest_).count();
  }

 private:
  std::chrono::steady_clock::duration slowest_{};
};

void expect_clean(const Error& error) {
  const bool expected =
      error.code == ErrorCode::kInvalidFile || error.code == ErrorCode::kNotSupported;
  EXPECT_TRUE(expected) << error.to_string();
  EXPECT_THAT(error.message, HasSubstr("offset")) << error.to_string();
}

/// Opens, and reads the smallest level of what opens. True when all of that worked.
bool use(std::span<const std::byte> bytes) {
  const auto source = std::make_shared<WatchedSource>(bytes);
  const auto reader = Ktx2Reader::open(source, {.max_level_bytes = kMaxRead});
  EXPECT_LT(source->largest, kMaxRead);
  if (!reader) {
    expect_clean(reader.error());
    return false;
  }
  (void)ktx2_metadata(reader->info());
  const auto level = reader->read_level(reader->info().levels - 1);
  if (!level && level.error().code != ErrorCode::kNotSupported) expect_clean(level.error());
  return level.has_value();
}

std::vector<std::byte> load(const std::filesystem::path& path) {
  const auto source = open_file_source(path).value();
  std::vector<std::byte> bytes(source->size_bytes());
  EXPECT_TRUE(source->read(0, bytes));
  return bytes;
}

TEST(Ktx2Damage, SharedFilesCutAt64Places) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  Stopwatch watch;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const std::vector<std::byte> file = load(folder / line.at("file"));
    for (std::size_t i = 0; i < 64; ++i) {
      const auto cut = std::span(file).first(file.size() * i / 64);
      watch.time([&] {
        const auto reader = Ktx2Reader::open(make_memory_source(cut, "cut"));
        ASSERT_FALSE(reader) << line.at("file") << " at " << cut.size();
        expect_clean(reader.error());
      });
      watch.time([&] {
        EXPECT_FALSE(is_valid(validate_ktx2(*make_memory_source(cut)).value()))
            << line.at("file") << " at " << cut.size();
      });
    }
  }
  EXPECT_LT(watch.slowest_seconds(), 1.0);
}

TEST(Ktx2Damage, SharedFilesWithEachHeaderByteChanged) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2");
  Stopwatch watch;
  int opened = 0, refused = 0;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    std::vector<std::byte> file = load(folder / line.at("file"));
    for (std::size_t at = 0; at < texture::kHeaderBytes; ++at)
      for (const std::uint8_t value : kValues) {
        const std::byte before = std::exchange(file[at], static_cast<std::byte>(value));
        if (before != file[at]) watch.time([&] { use(file) ? ++opened : ++refused; });
        file[at] = before;
      }
  }
  EXPECT_GT(refused, 100000);
  EXPECT_GT(opened, 0) << "some bytes do not matter to a reader";
  EXPECT_LT(watch.slowest_seconds(), 1.0);
}

TEST(Ktx2Damage, SharedBadFilesAreReadOrRefused) {
  FORGE3D_REQUIRE_SHARED(folder, "data/ktx2-bad");
  Stopwatch watch;
  for (const test::ManifestLine& line : test::read_manifest(folder / "MANIFEST.tsv")) {
    const std::vector<std::byte> file = load(folder / line.at("file"));
    watch.time([&] {
      const auto reader = Ktx2Reader::open(make_memory_source(file, line.at("file")));
      if (!reader) return expect_clean(reader.error());
      for (std::uint32_t level = 0; level < reader->info().levels; ++level) {
        const auto bytes = reader->read_level(level);
        if (!bytes && bytes.error().code != ErrorCode::kNotSupported) expect_clean(bytes.error());
      }
      const auto image = decode_ktx2_slice(*reader, {});
      EXPECT_TRUE(image || image.error().code != ErrorCode::kInternal);
    });
  }
  EXPECT_LT(watch.slowest_seconds(), 1.0);
}

TEST(Ktx2Damage, EveryByteOfSmallFilesChangedNeverStopsTheValidator) {
  for (const auto scheme :
       {Supercompression::kNone, Supercompression::kZstd, Supercompression::kZlib}) {
    auto file = test::make_ktx2({.format = Format::kRGBA8Unorm,
                                 .width = 4,
                                 .height = 4,
                                 .supercompression = scheme,
                                 .key_values = {{"KTXorientation", "rd"}, {"KTXswizzle", "rgba"}}},
                                2)
                    .file;
    for (std::byte& byte : file)
      for (const std::uint8_t value : kValues) {
        const std::byte before = std::exchange(byte, static_cast<std::byte>(value));
        EXPECT_TRUE(validate_ktx2(*make_memory_source(file), {.gltf_basisu = true}));
        use(file);
        byte = before;
      }
  }
}

TEST(Ktx2Damage, HugeClaimsAreNotAllocated) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  constexpr std::uint64_t kTebibyte = std::uint64_t{1} << 40;
  for (const std::size_t field : {48u, 52u, 56u, 60u, 64u, 72u, 80u, 88u, 96u})
    for (const std::uint32_t value : {0x00FFFFFCu, 0x7FFFFFF0u, 0xFFFFFFF0u})
      for (const std::uint32_t scheme : {0u, 1u, 2u, 3u, 4u}) {
        auto file = test::patch32(test::patch32(sample.file, field, value), 44, scheme);
        if (scheme == 1 || scheme == 4) file = test::patch32(file, 12, 0);
        const auto source = std::make_shared<WatchedSource>(file, kTebibyte);
        (void)Ktx2Reader::open(source);
        EXPECT_LT(source->largest, kMaxRead) << field << " " << value;
        source->largest = 0;
        EXPECT_TRUE(validate_ktx2(*source, {.max_inflated_bytes = kMaxRead}));
        EXPECT_LT(source->largest, kMaxRead) << field << " " << value;
      }
}

// B7, B13: products of extents at 2^31, 2^32, 2^63 and 2^64, one more and one less.
TEST(Ktx2Damage, B13ProductsOfExtentsAtPowersOfTwo) {
  const auto sample = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1);
  const Ktx2Limits none{.max_extent = 0xFFFFFFFFu,
                        .max_layers = 0xFFFFFFFFu,
                        .max_level_bytes = ~std::uint64_t{0},
                        .max_total_bytes = ~std::uint64_t{0},
                        .max_inflation_ratio = ~std::uint64_t{0}};
  struct Extents {
    std::uint32_t width, height, layers;
  };
  for (const Extents& e : {Extents{1u << 29, 1, 0},
                           {1u << 15, 1u << 14, 0},
                           {1u << 30, 1, 0},
                           {1u << 15, 1u << 15, 0},
                           {1u << 31, 1u << 30, 0},
                           {1u << 31, 1u << 31, 0},
                           {1u << 31, 1u << 31, 2},
                           {0xFFFFFFFFu, 0xFFFFFFFFu, 0},
                           {0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu},
                           {0, 4, 0},
                           {0, 0, 0},
                           {4, 0, 0xFFFFFFFFu}})
    for (const std::int64_t step : {-1, 0, 1}) {
      auto file = test::patch32(sample.file, 20, e.width + static_cast<std::uint32_t>(step));
      file = test::patch32(test::patch32(file, 24, e.height), 32, e.layers);
      for (const std::uint32_t scheme : {0u, 2u}) {
        file = test::patch32(file, 44, scheme);
        const auto reader = Ktx2Reader::open(make_memory_source(file), none);
        ASSERT_FALSE(reader);
        EXPECT_EQ(reader.error().code, ErrorCode::kInvalidFile) << reader.error().to_string();
      }
    }
}

// Found by fuzzing: blocks of 256 texels, which are stored as 255, in a format that is not known.
TEST(Ktx2Damage, BlocksOf256TexelsAreNotBlocksOfNone) {
  auto file = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1).file;
  const std::size_t dfd = test::load32(file, 48);
  file = test::patch32(test::patch32(file, 12, 1000999000), dfd + 16, 0x0000FFFF);
  file = test::patch64(test::patch64(file, 88, 4), 96, 4);  // one block of four bytes
  file.resize(test::load64(file, 80) + 4);
  EXPECT_TRUE(is_valid(validate_ktx2(*make_memory_source(file)).value()));
  const auto reader = Ktx2Reader::open(make_memory_source(file));
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ(reader->info().block_extent[0], 256u);
  EXPECT_EQ(reader->read_slice({}).value().size(), 4u);
  file = test::patch32(test::patch32(file, 20, 0xFFFFFFFF), 24, 0xFFFFFFFF);
  file = test::patch32(test::patch32(file, 28, 0xFFFFFFFF), 32, 0xFFFFFFFF);
  EXPECT_FALSE(is_valid(validate_ktx2(*make_memory_source(file)).value())) << "passes 64 bits";
}

// Found by fuzzing: neither format nor descriptor tell the size, and the two lengths differ.
TEST(Ktx2Damage, LengthsOfUnknownBlocksMustAgree) {
  auto file = test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 4, .height = 4}, 1).file;
  file = test::patch32(test::patch32(file, 12, 1000999000), test::load32(file, 48) + 20, 0);
  EXPECT_TRUE(Ktx2Reader::open(make_memory_source(file)));
  EXPECT_TRUE(is_valid(validate_ktx2(*make_memory_source(file)).value()));
  file = test::patch64(file, 96, 65);
  EXPECT_FALSE(Ktx2Reader::open(make_memory_source(file)));
  EXPECT_FALSE(is_valid(validate_ktx2(*make_memory_source(file)).value()));
}

TEST(Ktx2Damage, LimitsOfLevelsAndOfAllTheirBytes) {
  const auto file =
      test::make_ktx2({.format = Format::kRGBA8Unorm, .width = 8, .height = 8}, 4).file;
  const auto code = [&](const Ktx2Limits& limits) {
    const auto reader = Ktx2Reader::open(make_memory_source(file), limits);
    return reader ? ErrorCode::kInternal : reader.error().code;
  };
  EXPECT_EQ(code({.max_levels = 3}), ErrorCode::kNotSupported);
  EXPECT_EQ(code({.max_levels = 4}), ErrorCode::kInternal);
  EXPECT_EQ(code({.max_total_bytes = 339}), ErrorCode::kNotSupported);
  EXPECT_EQ(code({.max_total_bytes = 340}), ErrorCode::kInternal);
}

}  // namespace
}  // namespace forge3d
