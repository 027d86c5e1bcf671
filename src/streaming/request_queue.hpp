// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RequestQueue: which missing pages to read next. Bookkeeping only; knows no threads, files or GPU.

#include <compare>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "streaming/page_key.hpp"

namespace forge3d::streaming {

/// Missing pages are ranked anew each frame; those not wanted any more are dropped unless their
/// read has started. A page is never in flight twice. One whose read failed waits 2, 4, 8 ... up to
/// 256 frames before the next try. Not thread-safe.
class RequestQueue {
 public:
  /// Whoever is later in this list is served first, whatever the priorities.
  enum class Order : std::uint8_t { kPrefetch, kRegion, kView, kDeadline };
  /// What decides which page goes first: recency for those that were left, then order, then
  /// priority.
  struct Rank {
    std::uint64_t last_wanted = 0;
    Order order = Order::kPrefetch;
    float priority = 0;
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  /// What is known of a page whose tile has arrived.
  struct Arrival {
    std::uint64_t first_wanted = 0;
    double first_seconds = 0;  ///< When it was first wanted, as begin_frame() was told.
    Rank rank;
    bool for_view = false;    ///< Wanted in this frame in order kView, whatever else wants it.
    bool ahead_only = false;  ///< Wanted by want_ahead() alone.
  };

  /// Starts a frame: nothing is wanted yet. `seconds` is the time of want() calls in it. REQUIRES:
  /// frames rise.
  void begin_frame(std::uint64_t frame, double seconds = 0);
  /// The page is wanted and not resident. Wanted twice in a frame, the better rank holds.
  void want(const PageKey& page, float priority, Order order = Order::kView);
  /// A view that moves on will want the page: that counts as much as what views want now, and adds
  /// to it for pages that they want already.
  void want_ahead(const PageKey& page, float priority);
  /// True when want() or want_ahead() named the page in this frame.
  [[nodiscard]] bool wants(const PageKey& page) const;
  /// Ends the wanting: forgets what this frame did not want.
  void drop_unwanted();

  /// Puts the best pages in flight, at most `count`, best first. Those never started before are
  /// counted in `fresh`.
  [[nodiscard]] std::vector<PageKey> start(std::size_t count, std::uint32_t& fresh);
  /// A page in flight was not begun after all; it is ranked again.
  void withdraw(const PageKey& page);
  /// The page's tile is here: nullopt when nobody waits for it (its texture was removed).
  [[nodiscard]] std::optional<Arrival> find(const PageKey& page) const;
  /// The page is resident, or its tile was thrown away.
  void finish(const PageKey& page);
  /// The read failed.
  void fail(const PageKey& page);
  /// True for a page whose last read failed and that is still asked for.
  [[nodiscard]] bool has_failed(const PageKey& page) const;
  /// Forgets all pages of a texture, those in flight too.
  void forget_texture(std::uint32_t texture);

  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }
  /// Pages wanted in this frame that have neither arrived nor failed yet.
  [[nodiscard]] std::uint32_t unsettled() const;

 private:
  enum class State : std::uint8_t { kWaiting, kInFlight };
  struct Entry {
    State state = State::kWaiting;
    bool started = false;
    std::uint8_t failures = 0;
    std::uint64_t retry_frame = 0;
    std::uint64_t first_wanted = 0;
    double first_seconds = 0;
    std::uint64_t view_frame = 0;
    bool ahead_only = false;
    Rank rank;
  };
  [[nodiscard]] bool is_kept(const Entry& entry) const;
  std::unordered_map<PageKey, Entry, PageKeyHash> entries_;
  std::uint64_t frame_ = 0;
  double seconds_ = 0;
  std::uint32_t in_flight_ = 0;
};

}  // namespace forge3d::streaming
