// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Which bytes a reader asks for, and what it can give while a file still arrives.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "texture/ktx2_samples.hpp"

namespace forge3d {
namespace {

using testing::HasSubstr;

constexpr Ktx2WriteDesc kCubes = {
    .format = Format::kRGBA8Unorm, .width = 16, .height = 16, .layers = 3, .faces = 6};

/// A function source over a file that adds up what it was asked for.
struct Counted {
  explicit Counted(const std::vector<std::byte>& file) {
    source = make_function_source(
        file.size(),
        [this, &file](std::uint64_t offset, std::span<std::byte> out) -> Result<> {
          std::memcpy(out.data(), file.data() + offset, out.size());
          bytes += out.size();
          return {};
        },
        "counted");
  }
  std::shared_ptr<ByteSource> source;
  std::atomic<std::uint64_t> bytes = 0;
};

TEST(Ktx2Access, ASliceOfAPlainFileReadsItsOwnBytesOnly) {
  const auto sample = test::make_ktx2(kCubes, 0);
  Counted counted(sample.file);
  const auto reader = Ktx2Reader::open(counted.source).value();
  EXPECT_LT(counted.bytes, 1024u) << "opening reads the metadata only";
  for (std::uint32_t level = 0; level < 5; ++level)
    for (std::uint32_t layer = 0; layer < 3; ++layer)
      for (std::uint32_t face = 0; face < 6; ++face) {
        counted.bytes = 0;
        const auto slice = reader.read_slice({level, layer, face, 0});
        ASSERT_TRUE(slice);
        EXPECT_EQ(counted.bytes, slice->size());
        const std::byte* expected =
            sample.levels[level].data() + (layer * 6 + face) * slice->size();
        EXPECT_EQ(std::memcmp(slice->data(), expected, slice->size()), 0);
      }
}

TEST(Ktx2Access, ASliceOfAPackedFileReadsItsLevelOnly) {
  Ktx2WriteDesc desc{.format = Format::kR8Unorm, .width = 16, .height = 16, .depth = 8};
  for (const auto scheme : {Supercompression::kZstd, Supercompression::kZlib}) {
    desc.supercompression = scheme;
    const auto sample = test::make_ktx2(desc, 0);
    Counted counted(sample.file);
    const auto reader = Ktx2Reader::open(counted.source).value();
    for (std::uint32_t level = 0; level < 5; ++level)
      for (std::uint32_t slice = 0; slice < std::max(1u, 8u >> level); ++slice) {
        counted.bytes = 0;
        const auto bytes = reader.read_slice({level, 0, 0, slice});
        ASSERT_TRUE(bytes);
        EXPECT_EQ(counted.bytes, reader.info().level_index[level].stored_bytes);
        const std::byte* expected = sample.levels[level].data() + slice * bytes->size();
        EXPECT_EQ(std::memcmp(bytes->data(), expected, bytes->size()), 0);
      }
  }
}

TEST(Ktx2Access, BlocksThatHaveDepthAreReadBlockByBlock) {
  constexpr auto kAstc3x3x3 = static_cast<Format>(1000288000);
  const auto sample =
      test::make_ktx2({.format = kAstc3x3x3, .width = 7, .height = 7, .depth = 7}, 2);
  const auto reader = Ktx2Reader::open(make_memory_source(sample.file)).value();
  EXPECT_EQ(reader.info().block_slices(0), 3u);
  EXPECT_EQ(reader.info().slice_bytes(0), 9u * 16);
  EXPECT_EQ(reader.info().block_slices(1), 1u);
  const auto last = reader.read_slice({.slice = 2}).value();
  EXPECT_EQ(std::memcmp(last.data(), sample.levels[0].data() + 2 * 9 * 16, last.size()), 0);
  EXPECT_EQ(reader.read_slice({.slice = 3}).error().code, ErrorCode::kInvalidArgument);
}

// Encoders of the official tool leave out slices that fill no whole block.
TEST(Ktx2Access, LevelsOfBlocksThatHaveDepthMayEndInTheLastWholeBlock) {
  constexpr auto kAstc3x3x3 = static_cast<Format>(1000288000);
  const auto whole =
      test::make_ktx2({.format = kAstc3x3x3, .width = 6, .height = 6, .depth = 6}, 1);
  auto file = test::patch32(whole.file, 28, 7);  // pixelDepth
  EXPECT_TRUE(validate_ktx2(*make_memory_source(file)).value().empty());
  const auto reader = Ktx2Reader::open(make_memory_source(file));
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ(reader->read_level(0).value(), whole.levels[0]);
  file = test::patch32(whole.file, 28, 10);
  EXPECT_FALSE(is_valid(validate_ktx2(*make_memory_source(file)).value()));
  EXPECT_FALSE(Ktx2Reader::open(make_memory_source(file)));
}

TEST(Ktx2Access, WhatTheCallersFunctionFailsWithIsPassedOn) {
  const auto source = make_function_source(
      1000, [](std::uint64_t, std::span<std::byte>) { return fail(ErrorCode::kCancelled, "no"); });
  EXPECT_EQ(Ktx2Reader::open(source).error().code, ErrorCode::kCancelled);
  std::vector<std::byte> out(2);
  EXPECT_EQ(source->read(999, out).error().code, ErrorCode::kIo) << "past the end: not asked";
}

TEST(Ktx2Access, LevelsArriveFromTheSmallestOn) {
  for (const auto scheme : {Supercompression::kNone, Supercompression::kZstd}) {
    Ktx2WriteDesc desc = kCubes;
    desc.supercompression = scheme;
    const auto sample = test::make_ktx2(desc, 0);
    const auto source = std::make_shared<ArrivingSource>(sample.file.size(), "download");
    std::size_t arrived = 0;
    const auto arrive_until = [&](std::size_t end) {
      ASSERT_TRUE(source->append(std::span(sample.file).subspan(arrived, end - arrived)));
      arrived = end;
    };
    const std::size_t first_level = test::load64(sample.file, 80 + 4 * 24);
    arrive_until(100);
    const auto early = Ktx2Reader::open(source);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, ErrorCode::kIo);
    EXPECT_THAT(early.error().message, HasSubstr("have not arrived"));
    arrive_until(first_level);
    const auto reader = Ktx2Reader::open(source).value();
    EXPECT_EQ(reader.first_arrived_level(), 5u);
    for (std::uint32_t level = 5; level-- > 0;) {
      const auto missing = reader.read_level(level);
      ASSERT_FALSE(missing);
      EXPECT_EQ(missing.error().code, ErrorCode::kIo);
      EXPECT_THAT(missing.error().message, HasSubstr("level " + std::to_string(level)));
      EXPECT_THAT(missing.error().message, HasSubstr("has not arrived"));
      const auto& entry = reader.info().level_index[level];
      arrive_until(entry.offset + entry.stored_bytes);
      EXPECT_EQ(reader.first_arrived_level(), level);
      EXPECT_EQ(reader.read_level(level).value(), sample.levels[level]);
    }
    EXPECT_EQ(source->append({&sample.file[0], 1}).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(Ktx2Access, OneThreadAppendsWhileOthersRead) {
  const auto sample = test::make_ktx2(kCubes, 0);
  const auto source = std::make_shared<ArrivingSource>(sample.file.size());
  std::thread writer([&] {
    for (std::size_t at = 0; at < sample.file.size(); at += 1000)
      EXPECT_TRUE(
          source->append(std::span(sample.file)
                             .subspan(at, std::min<std::size_t>(1000, sample.file.size() - at))));
  });
  while (source->available_bytes() < 1024) std::this_thread::yield();
  const auto reader = Ktx2Reader::open(source).value();
  while (!reader.has_arrived(0)) {
    const std::uint32_t level = reader.first_arrived_level();
    if (level < reader.info().levels) {
      EXPECT_EQ(reader.read_level(level).value(), sample.levels[level]);
    }
    std::this_thread::yield();
  }
  writer.join();
  EXPECT_EQ(reader.read_level(0).value(), sample.levels[0]);
}

}  // namespace
}  // namespace forge3d
