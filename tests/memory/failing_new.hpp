// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Host memory that runs out on purpose: operator new of this program fails when it is told to.

#include <cstdint>

namespace forge3d::test {

/// From construction to destruction, the n-th allocation of this thread with operator new fails,
/// and with `for_ever` all after it. n counts from 1.
class FailingNew {
 public:
  explicit FailingNew(std::int64_t n, bool for_ever);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;
  /// Has an allocation failed?
  [[nodiscard]] bool has_failed() const;
  /// False under sanitizers, whose operator new cannot be replaced.
  [[nodiscard]] static bool is_available();
};

}  // namespace forge3d::test
