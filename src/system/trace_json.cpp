// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/trace_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace forge3d::system {
namespace {

constexpr int kThreads = 1, kTransfers = 2;  // the two processes of the trace

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

bool is_transfer(const RecordedEvent& event) {
  return event.category == "upload" || event.category == "readback";
}

class TraceWriter {
 public:
  explicit TraceWriter(const TraceInput& input) : input_(input) {}

  [[nodiscard]] std::string write() {
    name("process_name", kThreads, 0, std::string(input_.process_name));
    name("process_name", kTransfers, 0, "GPU transfers");
    std::vector<const RecordedEvent*> transfers;
    for (const RecordedEvent& event : input_.events)
      if (is_transfer(event))
        transfers.push_back(&event);
      else
        add_event(event, kThreads, thread_number(event.thread));
    add_lanes(std::move(transfers));
    for (const LedgerSample& sample : input_.history) add_counters(sample);
    return fmt::format(
        R"({{"displayTimeUnit":"ns","otherData":{{"dropped_events":{}}},"traceEvents":[)"
        "\n{}\n]}}\n",
        input_.dropped_events, lines_);
  }

 private:
  void line(std::string_view text) {
    if (!lines_.empty()) lines_ += ",\n";
    lines_ += text;
  }

  [[nodiscard]] double microseconds(std::uint64_t time_ns) const {
    return (static_cast<double>(time_ns) - static_cast<double>(input_.origin_ns)) * 1e-3;
  }

  void name(std::string_view what, int process, std::size_t thread, const std::string& text) {
    line(fmt::format(R"({{"ph":"M","name":"{}","pid":{},"tid":{},"args":{{"name":{}}}}})", what,
                     process, thread, json_text(text)));
  }

  std::size_t thread_number(std::uint64_t thread) {
    const auto [at, added] = threads_.try_emplace(thread, threads_.size() + 1);
    if (added) name("thread_name", kThreads, at->second, fmt::format("thread {}", at->second));
    return at->second;
  }

  void add_event(const RecordedEvent& event, int process, std::size_t thread) {
    const std::string head =
        fmt::format(R"({{"name":{},"cat":{},"pid":{},"tid":{},"ts":{:.3f},"args":{{"number":{}}})",
                    json_text(event.name), json_text(event.category), process, thread,
                    microseconds(event.begin_ns), event.number);
    if (event.begin_ns == event.end_ns)
      line(head + R"(,"ph":"i","s":"t"})");
    else
      line(head + fmt::format(R"(,"ph":"X","dur":{:.3f}}})",
                              static_cast<double>(event.end_ns - event.begin_ns) * 1e-3));
  }

  // What overlaps on one track is drawn as nested, which transfers are not.
  void add_lanes(std::vector<const RecordedEvent*> transfers) {
    std::stable_sort(
        transfers.begin(), transfers.end(),
        [](const RecordedEvent* a, const RecordedEvent* b) { return a->begin_ns < b->begin_ns; });
    std::vector<std::uint64_t> free_from_ns;
    for (const RecordedEvent* event : transfers) {
      auto lane = std::find_if(free_from_ns.begin(), free_from_ns.end(),
                               [&](std::uint64_t time) { return time <= event->begin_ns; });
      if (lane == free_from_ns.end()) {
        lane = free_from_ns.insert(free_from_ns.end(), 0);
        name("thread_name", kTransfers, free_from_ns.size(),
             fmt::format("in flight {}", free_from_ns.size()));
      }
      *lane = event->end_ns;
      add_event(*event, kTransfers, static_cast<std::size_t>(lane - free_from_ns.begin()) + 1);
    }
  }

  void add_counters(const LedgerSample& sample) {
    std::string values;
    for (std::size_t i = 0; i < kMemoryCategoryCount; ++i)
      fmt::format_to(std::back_inserter(values), R"({}"{}":{})", i == 0 ? "" : ",",
                     to_string(static_cast<MemoryCategory>(i)), sample.by_category_bytes[i]);
    const double time = microseconds(sample.time_ns);
    line(fmt::format(
        R"({{"ph":"C","name":"bytes held","pid":{},"tid":0,"ts":{:.3f},"args":{{{}}}}})", kThreads,
        time, values));
    line(fmt::format(
        R"({{"ph":"C","name":"limit","pid":{},"tid":0,"ts":{:.3f},"args":{{"total":{}}}}})",
        kThreads, time, sample.limits.total_bytes));
  }

  const TraceInput& input_;
  std::string lines_;
  std::map<std::uint64_t, std::size_t> threads_;
};

}  // namespace

std::string trace_json(const TraceInput& input) { return TraceWriter(input).write(); }

}  // namespace forge3d::system
