// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Serial: GPU progress as a number. core knows no fences; gpu maps a Serial to a timeline
// semaphore.

#include <compare>
#include <cstdint>

namespace forge3d {

/// The value that a queue's timeline reaches when a submission has finished. Values of one queue
/// rise by one a submission; 0 means "nothing was ever submitted" and always counts as reached.
struct Serial {
  std::uint64_t value = 0;
  friend auto operator<=>(const Serial&, const Serial&) = default;
};

}  // namespace forge3d
