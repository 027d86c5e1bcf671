// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

#include "forge3d/result.hpp"

namespace forge3d::basis {

/// The error of the first of several works that failed, whichever ended first. Thread-safe.
class FirstError {
 public:
  /// Runs a work that gives a Result; out of memory is an error of it.
  template <class Work>
  void run(std::uint64_t number, const Work& work) {
    try {
      if (auto done = work(); !done) add(number, std::move(done).error());
    } catch (const std::bad_alloc&) {
      add(number, {ErrorCode::kOutOfHostMemory, 0, {}, {}});
    }
  }
  [[nodiscard]] Result<> take() { return std::move(result_); }

 private:
  void add(std::uint64_t number, Error&& error) {
    const std::lock_guard lock(mutex_);
    if (number >= number_) return;
    number_ = number;
    result_ = tl::unexpected(std::move(error));
  }

  std::mutex mutex_;
  std::uint64_t number_ = ~std::uint64_t{0};
  Result<> result_;
};

}  // namespace forge3d::basis
