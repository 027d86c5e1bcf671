// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/pool_trace.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forge3d::cli {
namespace {

constexpr std::string_view kHead = "time_ns,event,id,size,alignment,block,offset\n";

std::string log(std::string_view lines) { return std::string(kHead) + std::string(lines); }

TEST(PoolTrace, ReadsAnEventLog) {
  const auto trace = parse_pool_trace(
      log("0,allocate,3.1,100,64,0,0\n5,move,3.1,112,64,1,0\n6,refuse,0.0,4096,16,0,0\r\n"
          "# a remark\n\n7,free,3.1,112,64,1,0\n8,allocate,3.2,16,1,0,0"));
  ASSERT_TRUE(trace) << trace.error().to_string();
  ASSERT_EQ(trace->steps.size(), 4u) << "moves are the player's own";
  EXPECT_EQ(trace->steps[0].size_bytes, 100u);
  EXPECT_EQ(trace->steps[0].alignment_bytes, 64u);
  EXPECT_TRUE(trace->steps[1].refused);
  EXPECT_EQ(trace->steps[2].size_bytes, 0u);
  EXPECT_EQ(trace->steps[2].block, trace->steps[0].block);
  EXPECT_EQ(trace->blocks, 2u) << "numbers are used again";
  EXPECT_EQ(trace->peak_live_bytes, 4196u);
}

TEST(PoolTrace, ReadsMinimallocInTheOrderOfTime) {
  const auto trace = parse_pool_trace("id,lower,upper,size\nb,5,9,30\na,0,5,20\nc,2,6,10\n");
  ASSERT_TRUE(trace) << trace.error().to_string();
  EXPECT_EQ(trace->form, PoolTrace::Form::kMinimalloc);
  ASSERT_EQ(trace->steps.size(), 6u);
  EXPECT_EQ(trace->steps[0].size_bytes, 20u);
  EXPECT_EQ(trace->steps[1].size_bytes, 10u);
  EXPECT_EQ(trace->steps[2].size_bytes, 0u) << "a ends before b begins";
  EXPECT_EQ(trace->steps[3].size_bytes, 30u);
  EXPECT_EQ(trace->peak_live_bytes, 40u);
}

TEST(PoolTrace, ColumnsComeInAnyOrder) {
  const auto trace = parse_pool_trace("size, upper ,lower,id,alignment\n64,2,1,x,256\n");
  ASSERT_TRUE(trace) << trace.error().to_string();
  EXPECT_EQ(trace->steps[0].alignment_bytes, 256u);
}

// Each broken text, and what the message must say.
TEST(PoolTrace, NamesTheLineAndTheRule) {
  const std::pair<std::string, std::string> kBroken[] = {
      {"", "header"},
      {"# nothing\n", "header"},
      {"id,size\n", "header"},
      {log("1,allocate,1,16,16,0\n"), "line 2: 6 fields"},
      {log("1,allocate,1,16,16,0,0,0\n"), "8 fields"},
      {log("1,allocate,1,0,16,0,0\n"), "size is 0"},
      {log("1,allocate,1,-5,16,0,0\n"), "size is \"-5\""},
      {log("1,allocate,1,99999999999999999999,16,0,0\n"), "no number below 2^64"},
      {log("1,allocate,1,68719476736,16,0,0\n"), "size is 68719476736"},
      {log("1,allocate,1,16,24,0,0\n"), "alignment 24"},
      {log("1,allocate,1,16,0,0,0\n"), "alignment 0"},
      {log("1,free,1,16,16,0,0\n"), "not live"},
      {log("1,allocate,1,16,16,0,0\n2,allocate,1,16,16,0,0\n"), "line 3: an id is allocated"},
      {log("1,explode,1,16,16,0,0\n"), "none of allocate"},
      {"id,lower,upper,size\na,4,4,16\n", "lower is not below upper"},
      {"id,lower,upper,size\na,1,4,16\na,5,6,16\n", "stands there twice"},
      {"id,lower,upper,size\na,x,4,16\n", "lower is \"x\""},
  };
  for (const auto& [text, rule] : kBroken) {
    const auto trace = parse_pool_trace(text);
    ASSERT_FALSE(trace) << text;
    EXPECT_EQ(trace.error().code, ErrorCode::kInvalidFile) << text;
    EXPECT_NE(trace.error().message.find(rule), std::string::npos) << trace.error().message;
  }
}

TEST(PoolTrace, EveryCutOfATextIsReadOrRefused) {
  const std::string text = log("0,allocate,3.1,100,64,0,0\n7,free,3.1,112,64,1,0\n");
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto trace = parse_pool_trace(std::string_view(text).substr(0, length));
    EXPECT_EQ(trace ? ErrorCode::kInvalidFile : trace.error().code, ErrorCode::kInvalidFile);
  }
}

}  // namespace
}  // namespace forge3d::cli
