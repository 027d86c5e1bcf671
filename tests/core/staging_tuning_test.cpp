// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/staging_tuning.hpp"

#include <gtest/gtest.h>

namespace forge3d {
namespace {

TEST(StagingTuning, TextMakesTheRoundTrip) {
  const StagingTuning tuning{.writer_threads = 6,
                             .chunk_bytes = 123456789012,
                             .streaming_stores = false,
                             .import_min_bytes = 7,
                             .direct_max_bytes = ~std::uint64_t{0},
                             .spin_ns = 42};
  const auto parsed = parse_staging_tuning(to_string(tuning));
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(*parsed, tuning);
}

TEST(StagingTuning, MissingKeysKeepTheirDefault) {
  const auto parsed = parse_staging_tuning("  spin_ns=5 ");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->spin_ns, 5u);
  EXPECT_EQ(parsed->chunk_bytes, StagingTuning().chunk_bytes);
}

TEST(StagingTuning, NamesWhatItCannotRead) {
  for (const char* text : {"speed=5", "spin_ns", "spin_ns=", "spin_ns=-1", "spin_ns=1x",
                           "streaming_stores=2", "writer_threads=99999999999"}) {
    const auto parsed = parse_staging_tuning(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(parsed.error().message.find(text), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace forge3d
