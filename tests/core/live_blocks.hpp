// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The plain reference of the allocators' tests: live blocks by offset, all else by walking them.

#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace forge3d::test {

class LiveBlocks {
 public:
  struct Hole {
    std::uint64_t offset = 0, size = 0;
  };

  explicit LiveBlocks(std::uint64_t range_bytes) : range_bytes_(range_bytes) {}

  /// Says what is wrong with a new block; else empty. `Allocation` has offset_bytes and size_bytes.
  template <class Allocation>
  std::string add(const Allocation& a) {
    const auto after = live_.lower_bound(a.offset_bytes);
    if (a.offset_bytes + a.size_bytes > range_bytes_) return "beyond the range";
    if (after != live_.end() && after->first < a.offset_bytes + a.size_bytes)
      return "overlaps the right";
    if (after != live_.begin()) {
      const auto before = std::prev(after);
      if (before->first + before->second > a.offset_bytes) return "overlaps the left";
    }
    live_[a.offset_bytes] = a.size_bytes;
    used_ += a.size_bytes;
    return {};
  }
  template <class Allocation>
  void remove(const Allocation& a) {
    used_ -= live_.at(a.offset_bytes);
    live_.erase(a.offset_bytes);
  }

  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& live() const { return live_; }
  [[nodiscard]] std::uint64_t used_bytes() const { return used_; }
  [[nodiscard]] std::vector<Hole> holes() const {
    std::vector<Hole> holes;
    std::uint64_t end = 0;
    for (const auto& [offset, size] : live_) {
      if (offset > end) holes.push_back({end, offset - end});
      end = offset + size;
    }
    if (range_bytes_ > end) holes.push_back({end, range_bytes_ - end});
    return holes;
  }

 private:
  std::uint64_t range_bytes_;
  std::uint64_t used_ = 0;
  std::map<std::uint64_t, std::uint64_t> live_;
};

}  // namespace forge3d::test
