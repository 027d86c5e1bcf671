// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TransferWindow: bytes moved over the last seconds, and how fast.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace forge3d::system {

/// Keeps the latest `capacity` transfers in fixed space. Thread-safe.
class TransferWindow {
 public:
  struct Figures {
    std::uint64_t bytes = 0;        ///< Of all.
    std::uint64_t timed_bytes = 0;  ///< Of those that are timed; of all when none is.
    std::uint64_t busy_ns = 0;      ///< In which at least one of these was under way.
  };

  /// Throws std::bad_alloc.
  explicit TransferWindow(std::size_t capacity);

  /// Bytes that were under way from `begin_ns` to `end_ns`, or ended before that when their end was
  /// not `timed`.
  void add(std::uint64_t begin_ns, std::uint64_t end_ns, std::uint64_t bytes, bool timed = true);
  /// Of the transfers that ended in the last `window_ns` before `now_ns`, each counted whole.
  /// Throws std::bad_alloc.
  [[nodiscard]] Figures figures(std::uint64_t now_ns, std::uint64_t window_ns) const;

 private:
  struct Transfer {
    std::uint64_t begin_ns, end_ns, bytes;
    bool timed;
  };
  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::size_t next_ = 0;             // guarded by mutex_
  std::vector<Transfer> transfers_;  // likewise; a ring once it is full
};

}  // namespace forge3d::system
