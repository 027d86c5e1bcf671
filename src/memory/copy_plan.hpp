// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CopyPlan: in which order the copies of one submission go to the driver, and where barriers are
// needed.

#include <cstdint>
#include <span>
#include <vector>

#include "memory/copy_record.hpp"

namespace forge3d {

/// Records by phase, and within a phase by resource. Copies of one phase do not depend on each
/// other; a barrier stands between two phases. Copies that conflict keep the order of the records.
struct CopyPlan {
  struct Step {
    std::uint32_t phase = 0;
    std::uint32_t record = 0;  ///< Index into the records.
  };
  std::vector<Step> steps;

  /// `whole_compressed_levels`: copies into one level of a block-compressed image count as
  /// conflicting wherever they lie (for the validation layer, see copy_submission.cpp).
  [[nodiscard]] static CopyPlan of(std::span<const CopyRecord> records,
                                   bool whole_compressed_levels);
};

}  // namespace forge3d
