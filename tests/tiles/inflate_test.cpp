// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/inflate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include "tiles/bytes.hpp"

namespace forge3d::tiles {
namespace {

using Bytes = std::vector<std::byte>;

Bytes sample(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * i) >> 3);
  return bytes;
}

Bytes zstd(const Bytes& bytes, bool with_size) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, with_size ? 1 : 0);
  Bytes out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress2(context, out.data(), out.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return out;
}

void expect_refusal(PmtilesCompression compression, const Bytes& packed, const char* rule) {
  const auto inflated = inflate(compression, packed, "a.pmtiles: root");
  ASSERT_FALSE(inflated) << rule;
  EXPECT_EQ(inflated.error().code, ErrorCode::kInvalidFile);
  EXPECT_THAT(inflated.error().message, testing::HasSubstr("a.pmtiles: root"));
  EXPECT_THAT(inflated.error().message, testing::HasSubstr(rule));
}

TEST(Inflate, ReadsWhatEachCompressorWrote) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{5000}, kMaxInflatedBytes}) {
    const Bytes bytes = sample(size);
    EXPECT_EQ(*inflate(PmtilesCompression::kNone, bytes, "t"), bytes);
    EXPECT_EQ(*inflate(PmtilesCompression::kGzip, *gzip(bytes), "t"), bytes);
    for (const bool with_size : {true, false})
      EXPECT_EQ(*inflate(PmtilesCompression::kZstd, zstd(bytes, with_size), "t"), bytes) << size;
  }
}

TEST(Inflate, RefusesWhatInflatesBeyondTheLimit) {
  const Bytes bomb(kMaxInflatedBytes + 1);
  expect_refusal(PmtilesCompression::kNone, bomb, "over the limit");
  expect_refusal(PmtilesCompression::kGzip, *gzip(bomb), "over the limit");
  expect_refusal(PmtilesCompression::kZstd, zstd(bomb, true), "limit");
  expect_refusal(PmtilesCompression::kZstd, zstd(bomb, false), "limit");
}

TEST(Inflate, RefusesAGzipClaimThatCannotBeTrue) {
  Bytes packed = *gzip(sample(100));
  store_le(std::span(packed).last(4), 4, kMaxInflatedBytes);
  expect_refusal(PmtilesCompression::kGzip, packed, "cannot inflate");
  store_le(std::span(packed).last(4), 4, 99);
  expect_refusal(PmtilesCompression::kGzip, packed, "not a valid gzip");
}

TEST(Inflate, RefusesCutFlippedAndTrailingBytes) {
  for (const auto compression : {PmtilesCompression::kGzip, PmtilesCompression::kZstd}) {
    const bool is_gzip = compression == PmtilesCompression::kGzip;
    const Bytes packed = is_gzip ? *gzip(sample(300)) : zstd(sample(300), true);
    for (std::size_t size = 0; size < packed.size(); ++size)
      EXPECT_FALSE(inflate(compression, std::span(packed).first(size), "t")) << size;
    Bytes longer = packed;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(inflate(compression, longer, "t"));
    Bytes twice = packed;
    twice.insert(twice.end(), packed.begin(), packed.end());
    EXPECT_FALSE(inflate(compression, twice, "t"));
  }
}

TEST(Inflate, NamesCompressionsItCannotRead) {
  for (const auto compression : {PmtilesCompression::kBrotli, PmtilesCompression::kUnknown})
    EXPECT_EQ(inflate(compression, sample(9), "t").error().code, ErrorCode::kNotSupported);
}

TEST(Inflate, GzipIsDeterministic) { EXPECT_EQ(*gzip(sample(9000)), *gzip(sample(9000))); }

}  // namespace
}  // namespace forge3d::tiles
