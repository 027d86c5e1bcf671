// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/trace_json.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace forge3d::system {
namespace {

using Json = nlohmann::json;

Json parsed(const TraceInput& input) { return Json::parse(trace_json(input)); }

TEST(TraceJson, OfNothingIsWellFormed) {
  const Json trace = parsed({.process_name = "empty"});
  ASSERT_TRUE(trace["traceEvents"].is_array());
  for (const Json& event : trace["traceEvents"]) EXPECT_EQ(event["ph"], "M");
}

TEST(TraceJson, HasSpansInstantsCountersAndNames) {
  const std::vector<RecordedEvent> events = {{"texture", "a \"b\" \xff\n", 2000, 5500, 77, 12},
                                             {"pool", "grow", 3000, 3000, 77, 5},
                                             {"streaming", "update", 4000, 4100, 99, 0}};
  std::vector<LedgerSample> history(2);
  history[1].time_ns = 9000;
  history[1].by_category_bytes[0] = 123;
  history[1].limits.total_bytes = 1000;
  const Json trace = parsed({"process", 1000, events, history, 4});
  EXPECT_EQ(trace["otherData"]["dropped_events"], 4);
  std::map<std::string, int> phases;
  for (const Json& event : trace["traceEvents"]) {
    ++phases[event["ph"]];
    for (const char* key : {"name", "pid", "tid", "args"})
      EXPECT_TRUE(event.contains(key)) << event;
    if (event["ph"] != "M") {
      EXPECT_TRUE(event["ts"].is_number());
    }
    if (event["ph"] == "X" && event["cat"] == "texture") {
      EXPECT_EQ(event["ts"], 1.0);
      EXPECT_EQ(event["dur"], 3.5);
      EXPECT_EQ(event["args"]["number"], 12);
    }
    if (event["ph"] == "C" && event["ts"] == 8.0 && event["name"] == "bytes held") {
      EXPECT_EQ(event["args"]["staging"], 123);
    }
  }
  EXPECT_EQ(phases["X"], 2);
  EXPECT_EQ(phases["i"], 1);
  EXPECT_EQ(phases["C"], 4);
  EXPECT_EQ(phases["M"], 4) << "two processes, two threads";
}

TEST(TraceJson, TransfersOfOneLaneDoNotOverlap) {
  std::vector<RecordedEvent> events;
  for (std::uint64_t i = 0; i < 50; ++i)
    events.push_back({"upload", "upload", i * 10, i * 10 + 5 + i % 7 * 10, 1, 0});
  const Json trace = parsed({.process_name = "p", .events = events});
  std::map<int, double> busy_until;
  int spans = 0;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++spans;
    const int lane = event["tid"];
    const double begin = event["ts"];
    EXPECT_GE(begin + 1e-9, busy_until[lane]);
    busy_until[lane] = begin + event["dur"].get<double>();
  }
  EXPECT_EQ(spans, 50);
  EXPECT_GT(busy_until.size(), 1u);
  EXPECT_LE(busy_until.size(), 8u);
}

}  // namespace
}  // namespace forge3d::system
