// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// EventRecorder: what happened when, in fixed space.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace forge3d {

/// One span (or instant, where both times are equal) on a thread.
struct RecordedEvent {
  std::string category, name;
  std::uint64_t begin_ns = 0, end_ns = 0;
  std::uint64_t thread = 0;  ///< Equal for events of one thread; says nothing more.
  std::uint64_t number = 0;  ///< Whatever the event counts: mostly bytes.
};

/// Keeps the latest `limit` events. Thread-safe: adding takes one atomic step and no lock that
/// another event could hold, unless the ring went all the way round meanwhile.
class EventRecorder {
 public:
  /// 0: nothing is recorded and nothing held. Throws std::bad_alloc.
  explicit EventRecorder(std::uint32_t limit);
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  static constexpr std::size_t kMostCategoryChars = 15;
  static constexpr std::size_t kMostNameChars = 47;  ///< Longer words are cut, at whole characters.

  /// Never waits and never allocates.
  void add(std::string_view category, std::string_view name, std::uint64_t begin_ns,
           std::uint64_t end_ns, std::uint64_t number = 0);
  /// What is kept, in the order in which it was added. Throws std::bad_alloc.
  [[nodiscard]] std::vector<RecordedEvent> events() const;
  /// Events that are no longer kept, or were never.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct Slot;
  std::uint32_t limit_ = 0;
  std::unique_ptr<Slot[]> slots_;
  std::atomic<std::uint64_t> added_{0};
  std::atomic<std::uint64_t> lost_{0};  // their slot was in use
};

}  // namespace forge3d
