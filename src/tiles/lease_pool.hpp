// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LeasePool: what a read needs for a while and what costs time to make, kept for the next read.

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace forge3d::tiles {

/// As many things as were ever in use at once. Thread-safe.
template <class Thing>
class LeasePool {
 public:
  /// A thing for one read; goes back to the pool with the lease.
  class Lease {
   public:
    explicit Lease(LeasePool& pool) : pool_(pool), thing_(pool.take()) {}
    ~Lease() { pool_.give_back(std::move(thing_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] Thing& operator*() const { return *thing_; }

   private:
    LeasePool& pool_;
    std::unique_ptr<Thing> thing_;
  };

 private:
  [[nodiscard]] std::unique_ptr<Thing> take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<Thing>();
    auto thing = std::move(free_.back());
    free_.pop_back();
    return thing;
  }
  void give_back(std::unique_ptr<Thing> thing) {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(thing));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Thing>> free_;
};

}  // namespace forge3d::tiles
