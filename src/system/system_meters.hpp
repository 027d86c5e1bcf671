// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SystemMeters: all that a memory system measures. Rings, pools and streaming systems share it with
// the system, as they may outlive it.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/event_recorder.hpp"
#include "core/thread_clock.hpp"
#include "forge3d/memory_system.hpp"
#include "system/ledger_history.hpp"
#include "system/sample_window.hpp"
#include "system/transfer_window.hpp"

namespace forge3d::system {

/// Thread-safe.
class SystemMeters {
 public:
  /// Throws std::bad_alloc.
  SystemMeters(std::shared_ptr<Device> device, const MemorySystemDesc& desc);

  // What the parts report.
  void note(const StagingObservation& submission);
  void note(const PoolObservation& activity);
  void note(const VirtualUpdateStats& update, std::uint64_t begin_ns, std::uint64_t end_ns);
  void note_load(std::string_view name, std::uint64_t begin_ns, std::uint64_t decode_ns,
                 std::uint64_t device_bytes);

  /// A sample of the ledger now.
  void sample() { history.add(monotonic_ns(), device_->budget().stats()); }
  /// Throws std::bad_alloc.
  [[nodiscard]] PerformanceMetrics performance(std::uint64_t now_ns) const;

  EventRecorder events;
  LedgerHistory history;
  [[nodiscard]] std::uint64_t begin_ns() const { return begin_ns_; }

 private:
  static constexpr std::size_t kSamples = 4096;  // of each measurement
  std::shared_ptr<Device> device_;
  std::uint64_t window_ns_;
  std::uint64_t begin_ns_;
  TransferWindow uploads_{kSamples};
  SampleWindow upload_ms_{kSamples}, request_us_{kSamples}, decode_ms_{kSamples},
      update_ms_{kSamples};
};

}  // namespace forge3d::system
