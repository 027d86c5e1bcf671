// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Budget: the one ledger of device memory. Every vkAllocateMemory of the library asks it first.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "forge3d/result.hpp"

namespace forge3d {

/// What a piece of device memory is for.
enum class MemoryCategory : std::uint8_t {
  kStaging,
  kReadback,
  kPool,
  kTexture,
  kAtlas,
  kPageTable,
  kFeedback,
  kRenderTarget,
  kTileCache,  ///< Compressed tiles in host memory; no allocation of the device.
  kOther,
};
inline constexpr std::size_t kMemoryCategoryCount = 10;

/// The category's name as it appears in JSON ("page_table").
[[nodiscard]] std::string_view to_string(MemoryCategory category);

inline constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20;

/// The two limits. Host-visible bytes count towards both.
struct BudgetLimits {
  std::uint64_t host_visible_bytes = 512 * kMebibyte;
  std::uint64_t total_bytes = 512 * kMebibyte;
};

/// A point in time of the ledger. Peaks are since creation or the last reset_peaks().
struct BudgetStats {
  BudgetLimits limits;
  std::uint64_t host_visible_bytes = 0;
  std::uint64_t total_bytes = 0;
  std::uint64_t peak_host_visible_bytes = 0;
  std::uint64_t peak_total_bytes = 0;
  std::uint64_t refusals = 0;     ///< reserve() calls that were refused.
  std::uint64_t allocations = 0;  ///< reserve() calls that were granted.
  std::array<std::uint64_t, kMemoryCategoryCount> by_category_bytes{};
  std::array<std::uint64_t, kMemoryCategoryCount> peak_by_category_bytes{};
};

/// Counts bytes against the two limits. Bytes are reserved before the driver is asked and given
/// back after it freed, so that held memory is never above a limit, not by one byte at any moment.
/// Thread-safe: all members may be called from any thread. release never waits; reserve does for
/// the few instructions in which limits are replaced.
class Budget {
 public:
  explicit Budget(BudgetLimits limits = {});
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Reserves `size_bytes`. Errors: kBudgetExceeded names what was asked, held and the limit;
  /// kInvalidArgument for zero bytes. Nothing is held after an error.
  [[nodiscard]] Result<> reserve(MemoryCategory category, std::uint64_t size_bytes,
                                 bool host_visible);

  /// Gives back what one reserve() took. REQUIRES: the same arguments as that reserve().
  void release(MemoryCategory category, std::uint64_t size_bytes, bool host_visible);

  /// Replaces both limits. Errors: kBudgetExceeded when more is held than a new limit allows; the
  /// old limits then stay.
  [[nodiscard]] Result<> set_limits(BudgetLimits limits);

  /// Lowers both limits as far as what is held allows now, down to `target`, and raises none; the
  /// limits that are in force then. No reserve() that comes later can grow what is held past them.
  BudgetLimits lower_limits(BudgetLimits target);

  /// Bytes that a reserve() could still take right now.
  [[nodiscard]] std::uint64_t remaining_bytes(bool host_visible) const;

  [[nodiscard]] BudgetStats stats() const;

  /// Peaks start again from what is held now.
  void reset_peaks();

 private:
  // `word` is the bytes held (48 bits), a bit that freezes them, and how often they were frozen.
  // Nothing is added while they are, so that held bytes and limit are compared and replaced as one.
  struct Counter {
    static constexpr std::uint64_t kFrozen = std::uint64_t{1} << 48;
    static constexpr std::uint64_t kMostBytes = kFrozen - 1;
    std::atomic<std::uint64_t> word{0};
    std::atomic<std::uint64_t> peak{0};
    std::atomic<std::uint64_t> limit{kMostBytes};
    [[nodiscard]] std::uint64_t held() const { return word.load() & kMostBytes; }
    bool try_add(std::uint64_t size_bytes);
    void subtract(std::uint64_t size_bytes) { word.fetch_sub(size_bytes); }
    void raise_peak(std::uint64_t value);
    void freeze();
    void thaw() { word.fetch_add(kFrozen); }  // clears the bit and counts
  };
  class Freeze;
  Counter total_;
  Counter host_visible_;
  std::array<Counter, kMemoryCategoryCount> categories_;
  std::atomic<std::uint64_t> refusals_{0};
  std::atomic<std::uint64_t> allocations_{0};
};

}  // namespace forge3d
