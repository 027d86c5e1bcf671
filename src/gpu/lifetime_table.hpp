// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LifetimeTable: which resources of a device still exist.

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "forge3d/device.hpp"

namespace forge3d {

/// Numbers with a generation, so that a number that is used again does not answer for its
/// predecessor. alive() takes no lock. Thread-safe.
class LifetimeTable {
 public:
  LifetimeTable() = default;
  ~LifetimeTable();
  LifetimeTable(const LifetimeTable&) = delete;
  LifetimeTable& operator=(const LifetimeTable&) = delete;

  /// A new id; ResourceId{} (unknown, always alive) when the table is full.
  [[nodiscard]] ResourceId begin();
  void end(ResourceId id);
  [[nodiscard]] bool alive(ResourceId id) const;

 private:
  static constexpr std::uint32_t kPageSlots = 4096;
  static constexpr std::uint32_t kPages = 1024;
  // Odd: alive. Rises by one at each begin and end.
  using Page = std::array<std::atomic<std::uint32_t>, kPageSlots>;
  [[nodiscard]] std::atomic<std::uint32_t>* slot(std::uint32_t index) const;
  std::array<std::atomic<Page*>, kPages> pages_{};
  std::mutex mutex_;
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
};

}  // namespace forge3d
