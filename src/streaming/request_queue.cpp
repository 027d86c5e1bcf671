// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/request_queue.hpp"

#include <algorithm>
#include <utility>

namespace forge3d::streaming {
namespace {

constexpr std::uint8_t kMaxBackoffShift = 8;

}  // namespace

void RequestQueue::begin_frame(std::uint64_t frame, double seconds) {
  frame_ = frame;
  seconds_ = seconds;
}

void RequestQueue::want(const PageKey& page, float priority, Order order) {
  Entry& entry = entries_[page];
  const Rank rank{frame_, order, priority};
  // A page that left the screen and came back is asked for anew, so its waiting time starts anew;
  // and nobody waited for what was only fetched in advance.
  const bool anew = entry.rank.last_wanted + 1 < frame_ || entry.first_wanted == 0 ||
                    entry.ahead_only ||
                    (entry.rank.order == Order::kPrefetch && order != Order::kPrefetch);
  entry.ahead_only = false;
  if (anew) {
    entry.first_wanted = frame_;
    entry.first_seconds = seconds_;
  }
  if (order == Order::kView) entry.view_frame = frame_;
  entry.rank = entry.rank.last_wanted == frame_ ? std::max(entry.rank, rank) : rank;
}

void RequestQueue::want_ahead(const PageKey& page, float priority) {
  Entry& entry = entries_[page];
  const Rank rank{frame_, Order::kView, priority};
  if (entry.rank.last_wanted == frame_) {
    if (entry.rank.order == Order::kView)
      entry.rank.priority += priority;
    else
      entry.rank = std::max(entry.rank, rank);
    return;
  }
  entry.rank = rank;
  entry.ahead_only = true;
}

bool RequestQueue::wants(const PageKey& page) const {
  const auto found = entries_.find(page);
  return found != entries_.end() && found->second.rank.last_wanted == frame_;
}

// Failures are remembered until their next try is due, so that leaving and coming back is no way
// around the backoff.
bool RequestQueue::is_kept(const Entry& entry) const {
  return entry.rank.last_wanted == frame_ || entry.state == State::kInFlight ||
         entry.retry_frame > frame_;
}

void RequestQueue::drop_unwanted() {
  std::erase_if(entries_, [this](const auto& item) { return !is_kept(item.second); });
}

std::vector<PageKey> RequestQueue::start(std::size_t count, std::uint32_t& fresh) {
  std::vector<std::pair<Rank, PageKey>> ranked;
  for (const auto& [page, entry] : entries_)
    if (entry.state == State::kWaiting && entry.rank.last_wanted == frame_ &&
        entry.retry_frame <= frame_)
      ranked.emplace_back(entry.rank, page);
  count = std::min(count, ranked.size());
  // Equal ranks go by address, so that the order never depends on the hash table.
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    ranked.end(), [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first > b.first : a.second < b.second;
                    });
  std::vector<PageKey> pages;
  for (std::size_t i = 0; i < count; ++i) {
    Entry& entry = entries_[ranked[i].second];
    entry.state = State::kInFlight;
    fresh += !std::exchange(entry.started, true);
    pages.push_back(ranked[i].second);
  }
  in_flight_ += static_cast<std::uint32_t>(count);
  return pages;
}

void RequestQueue::withdraw(const PageKey& page) {
  const auto found = entries_.find(page);
  if (found == entries_.end() || found->second.state != State::kInFlight) return;
  found->second.state = State::kWaiting;
  --in_flight_;
}

std::optional<RequestQueue::Arrival> RequestQueue::find(const PageKey& page) const {
  const auto found = entries_.find(page);
  if (found == entries_.end() || found->second.state != State::kInFlight) return std::nullopt;
  const Entry& entry = found->second;
  return Arrival{entry.first_wanted, entry.first_seconds, entry.rank, entry.view_frame == frame_,
                 entry.ahead_only};
}

void RequestQueue::finish(const PageKey& page) {
  const auto found = entries_.find(page);
  if (found == entries_.end()) return;
  if (found->second.state == State::kInFlight) --in_flight_;
  entries_.erase(found);
}

void RequestQueue::fail(const PageKey& page) {
  const auto found = entries_.find(page);
  if (found == entries_.end() || found->second.state != State::kInFlight) return;
  Entry& entry = found->second;
  entry.state = State::kWaiting;
  entry.failures = static_cast<std::uint8_t>(std::min<int>(entry.failures + 1, kMaxBackoffShift));
  entry.retry_frame = frame_ + (std::uint64_t{1} << entry.failures);
  --in_flight_;
}

bool RequestQueue::has_failed(const PageKey& page) const {
  const auto found = entries_.find(page);
  return found != entries_.end() && found->second.failures != 0;
}

void RequestQueue::forget_texture(std::uint32_t texture) {
  std::erase_if(entries_, [&](const auto& item) {
    if (item.first.texture != texture) return false;
    in_flight_ -= item.second.state == State::kInFlight;
    return true;
  });
}

std::uint32_t RequestQueue::unsettled() const {
  return static_cast<std::uint32_t>(
      std::count_if(entries_.begin(), entries_.end(), [this](const auto& item) {
        return item.second.rank.last_wanted == frame_ && item.second.failures == 0;
      }));
}

}  // namespace forge3d::streaming
