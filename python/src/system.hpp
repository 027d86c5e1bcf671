// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.MemorySystem, and the process-wide one behind forge3d.memory.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "forge3d/memory_system.hpp"
#include "held_pool.hpp"
#include "life.hpp"

namespace forge3d::python {

/// A memory system with its pool's blocks and its uploads by number. Thread-safe.
class HeldSystem {
 public:
  explicit HeldSystem(std::shared_ptr<MemorySystem> system);

  [[nodiscard]] MemorySystem& system() const { return *system_; }
  [[nodiscard]] const std::shared_ptr<MemorySystem>& shared() const { return system_; }
  /// Null where there is none.
  [[nodiscard]] const std::shared_ptr<StagingRing>& ring() const { return ring_; }
  [[nodiscard]] const std::shared_ptr<HeldPool>& pool() const { return pool_; }

  /// The number of an upload, of this system alone.
  [[nodiscard]] std::uint64_t number(StagingTicket ticket);
  /// Errors: kStaleHandle for a number that is none of this system's.
  [[nodiscard]] Result<StagingTicket> ticket(std::uint64_t number);

 private:
  void forget_finished();
  std::shared_ptr<MemorySystem> system_;
  std::shared_ptr<StagingRing> ring_;
  std::shared_ptr<HeldPool> pool_;
  std::uint64_t tag_;  // the upper 16 bits of its numbers
  std::atomic<std::uint64_t> highest_{0};
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::uint64_t> first_of_;  // uploads of several copies
};

/// forge3d.MemorySystem.
class PySystem : public Owned<HeldSystem> {
 public:
  PySystem(std::shared_ptr<HeldSystem> system, nb::object device)
      : Owned("MemorySystem", std::move(system)), device_(std::move(device)) {}
  /// The forge3d.Device.
  [[nodiscard]] const nb::object& device() const { return device_; }

 private:
  nb::object device_;
};

/// The process-wide system of init_memory_system(). Throws Error with the code "not_initialized"
/// when there is none.
[[nodiscard]] std::shared_ptr<HeldSystem> process_system();

void bind_system(nb::module_& module);
/// forge3d.memory's functions on the process-wide system, without Python frames between.
void bind_process_system(nb::module_& module);

}  // namespace forge3d::python
