// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/pool_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "cli/replay/csv_reader.hpp"
#include "forge3d/placement.hpp"

namespace forge3d::cli {
namespace {

/// Numbers for the ids of a file, used again after a release.
class Blocks {
 public:
  /// Nothing when the id is live already.
  std::optional<std::uint32_t> open(std::string_view id, std::uint64_t size_bytes) {
    const auto [place, is_new] = live_.try_emplace(std::string(id), Live{0, size_bytes});
    if (!is_new) return std::nullopt;
    if (spare_.empty()) spare_.push_back(count_++);
    place->second.block = spare_.back();
    spare_.pop_back();
    live_bytes_ += size_bytes;
    peak_bytes_ = std::max(peak_bytes_, live_bytes_);
    return place->second.block;
  }
  /// Nothing when the id is not live.
  std::optional<std::uint32_t> close(std::string_view id) {
    const auto found = live_.find(std::string(id));
    if (found == live_.end()) return std::nullopt;
    const Live live = found->second;
    live_.erase(found);
    spare_.push_back(live.block);
    live_bytes_ -= live.size_bytes;
    return live.block;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint64_t peak_bytes() const { return peak_bytes_; }

 private:
  struct Live {
    std::uint32_t block;
    std::uint64_t size_bytes;
  };
  std::unordered_map<std::string, Live> live_;
  std::vector<std::uint32_t> spare_;
  std::uint32_t count_ = 0;
  std::uint64_t live_bytes_ = 0, peak_bytes_ = 0;
};

/// What one line asks for.
struct Asked {
  std::uint64_t size_bytes = 0, alignment_bytes = 1;
};

Result<Asked> read_size(const CsvReader& csv, std::size_t size,
                        std::optional<std::size_t> alignment) {
  Asked asked;
  FORGE3D_TRY_ASSIGN(asked.size_bytes, csv.number(size));
  if (asked.size_bytes == 0 || asked.size_bytes > Placement::kMaxRangeBytes)
    return csv.invalid(fmt::format("size is {}, 1 to {} are possible", asked.size_bytes,
                                   Placement::kMaxRangeBytes));
  if (alignment) {
    FORGE3D_TRY_ASSIGN(asked.alignment_bytes, csv.number(*alignment));
  }
  if (!OffsetAllocator::is_alignment(asked.alignment_bytes))
    return csv.invalid(
        fmt::format("alignment {} is no power of two up to 2^34", asked.alignment_bytes));
  return asked;
}

Result<PoolTrace> parse_event_log(CsvReader& csv) {
  const auto event = *csv.column("event"), id = *csv.column("id"), size = *csv.column("size");
  const auto alignment = csv.column("alignment");
  PoolTrace trace;
  Blocks blocks;
  for (;;) {
    FORGE3D_TRY_ASSIGN(const bool more, csv.next());
    if (!more) break;
    const std::string_view word = csv.field(event);
    if (word == "move") continue;  // the pool that plays it moves as it likes
    if (word == "free") {
      const auto block = blocks.close(csv.field(id));
      if (!block) return csv.invalid("an id is freed that is not live");
      trace.steps.push_back({.block = *block});
      continue;
    }
    if (word != "allocate" && word != "refuse")
      return csv.invalid("the event is none of allocate, free, move, refuse");
    FORGE3D_TRY_ASSIGN(const Asked asked, read_size(csv, size, alignment));
    const bool refused = word == "refuse";
    const std::string_view name = refused ? "refused" : csv.field(id);
    const auto block = blocks.open(name, asked.size_bytes);
    if (!block) return csv.invalid("an id is allocated that is live already");
    trace.steps.push_back({*block, asked.size_bytes, asked.alignment_bytes, refused});
    if (refused) (void)blocks.close(name);
  }
  trace.blocks = blocks.count();
  trace.peak_live_bytes = blocks.peak_bytes();
  return trace;
}

/// A buffer of minimalloc: live from `lower` until just before `upper`.
struct Lifetime {
  std::uint64_t lower = 0, upper = 0;
  Asked asked;
};

/// An end of a lifetime. At one moment releases come first.
struct Moment {
  std::uint64_t time = 0;
  bool is_request = false;
  std::uint32_t index = 0;
  friend bool operator<(const Moment& a, const Moment& b) {
    if (a.time != b.time) return a.time < b.time;
    return a.is_request != b.is_request ? b.is_request : a.index < b.index;
  }
};

Result<std::vector<Lifetime>> read_lifetimes(CsvReader& csv) {
  const auto id = *csv.column("id"), lower = *csv.column("lower"), upper = *csv.column("upper");
  const auto size = *csv.column("size");
  const auto alignment = csv.column("alignment");
  std::vector<Lifetime> lifetimes;
  std::unordered_set<std::string_view> ids;
  for (;;) {
    FORGE3D_TRY_ASSIGN(const bool more, csv.next());
    if (!more) return lifetimes;
    Lifetime life;
    FORGE3D_TRY_ASSIGN(life.lower, csv.number(lower));
    FORGE3D_TRY_ASSIGN(life.upper, csv.number(upper));
    FORGE3D_TRY_ASSIGN(life.asked, read_size(csv, size, alignment));
    if (life.lower >= life.upper) return csv.invalid("lower is not below upper");
    if (!ids.insert(csv.field(id)).second) return csv.invalid("an id stands there twice");
    lifetimes.push_back(life);
  }
}

Result<PoolTrace> parse_minimalloc(CsvReader& csv) {
  FORGE3D_TRY_ASSIGN(const std::vector<Lifetime> lifetimes, read_lifetimes(csv));
  PoolTrace trace;
  trace.form = PoolTrace::Form::kMinimalloc;
  trace.blocks = static_cast<std::uint32_t>(lifetimes.size());
  std::vector<Moment> moments;
  for (std::uint32_t i = 0; i < trace.blocks; ++i) {
    moments.push_back({lifetimes[i].lower, true, i});
    moments.push_back({lifetimes[i].upper, false, i});
  }
  std::sort(moments.begin(), moments.end());
  std::uint64_t live_bytes = 0;
  for (const Moment& moment : moments) {
    const Asked& asked = lifetimes[moment.index].asked;
    if (moment.is_request)
      trace.steps.push_back({moment.index, asked.size_bytes, asked.alignment_bytes});
    else
      trace.steps.push_back({.block = moment.index});
    live_bytes += moment.is_request ? asked.size_bytes : ~asked.size_bytes + 1;
    trace.peak_live_bytes = std::max(trace.peak_live_bytes, live_bytes);
  }
  return trace;
}

}  // namespace

Result<PoolTrace> parse_pool_trace(std::string_view text) {
  CsvReader csv(text);
  const auto has = [&csv](std::initializer_list<std::string_view> names) {
    return std::all_of(names.begin(), names.end(),
                       [&csv](std::string_view name) { return csv.column(name).has_value(); });
  };
  if (has({"id", "lower", "upper", "size"})) return parse_minimalloc(csv);
  if (has({"event", "id", "size"})) return parse_event_log(csv);
  return csv.invalid("the header has neither event,id,size nor id,lower,upper,size");
}

}  // namespace forge3d::cli
