// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// MipBias: how much blurrier everything must be so that what is wanted fits, instead of thrashing.

#include <cstdint>
#include <span>
#include <vector>

#include "streaming/page_key.hpp"
#include "streaming/visibility.hpp"

namespace forge3d::streaming {

/// A page that some view may want.
struct CandidatePage {
  PageKey page;
  std::uint32_t levels = 1;  ///< Of its texture.
  VisiblePage seen;
  bool resident = false;
};

/// What there is room for.
struct PageRoom {
  std::uint32_t pages = 0;
  std::uint32_t blocks = 0;
  std::uint32_t uploads = ~0u;  ///< Pages that are not resident and can become so soon.
};

/// Finds the smallest bias, in eighths of a level, whose pages fit. Rises at once; falls only when
/// a sixteenth of the room stays free, so that it does not swing with every small move. Not
/// thread-safe.
class MipBias {
 public:
  static constexpr std::uint32_t kStepsPerLevel = 8;
  static constexpr std::uint32_t kMaxSteps = 32 * kStepsPerLevel;

  /// REQUIRES: candidates sorted by page, no page twice. With `at_least` the search starts there.
  float solve(std::span<const CandidatePage> candidates, const PageRoom& room, float at_least = 0);
  [[nodiscard]] float value() const { return static_cast<float>(step_) / kStepsPerLevel; }
  /// True when the last solve() would have found less if all pages could come at once.
  [[nodiscard]] bool held_by_uploads() const { return held_by_uploads_; }

 private:
  std::uint32_t step_ = 0;
  bool held_by_uploads_ = false;
};

}  // namespace forge3d::streaming
