// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// HazardTracker: which copies of one submission need a barrier between them.

#include <array>
#include <cstdint>
#include <vector>

namespace forge3d {

/// A box of a resource that a copy reads or writes: bytes of a buffer, or texels and layers of an
/// image level.
struct CopyAccess {
  std::uint64_t resource = 0;  ///< The Vulkan handle.
  std::uint32_t level = 0;
  bool write = false;
  std::uint32_t layout = 0;  ///< Accesses of one layer that need different layouts conflict.
  std::array<std::uint64_t, 3> begin{0, 0, 0};
  std::array<std::uint64_t, 3> end{1, 1, 1};
};

/// Remembers what was touched since the last barrier. It may ask for a barrier too many, never for
/// one too few. Not thread-safe.
class HazardTracker {
 public:
  /// Notes an access. True: a transfer-to-transfer barrier must come before it, and everything
  /// noted earlier has been forgotten, as that barrier covers it.
  [[nodiscard]] bool add(const CopyAccess& access);
  void clear() { touched_.clear(); }

 private:
  // Bounds the walk through the list: a barrier now and then is cheaper than a long one.
  static constexpr std::size_t kMaxTouched = 128;
  std::vector<CopyAccess> touched_;
};

}  // namespace forge3d
