// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/hazard_tracker.hpp"

#include <algorithm>

namespace forge3d {
namespace {

bool overlaps(const CopyAccess& a, const CopyAccess& b) {
  if (a.resource != b.resource || a.level != b.level) return false;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (a.begin[axis] >= b.end[axis] || b.begin[axis] >= a.end[axis]) return false;
  return true;
}

bool same_layers(const CopyAccess& a, const CopyAccess& b) {
  return a.resource == b.resource && a.level == b.level && a.begin[2] < b.end[2] &&
         b.begin[2] < a.end[2];
}

bool conflicts(const CopyAccess& a, const CopyAccess& b) {
  if (a.layout != b.layout && same_layers(a, b)) return true;
  return (a.write || b.write) && overlaps(a, b);
}

}  // namespace

bool HazardTracker::add(const CopyAccess& access) {
  const bool barrier =
      touched_.size() == kMaxTouched ||
      std::any_of(touched_.begin(), touched_.end(),
                  [&](const CopyAccess& earlier) { return conflicts(earlier, access); });
  if (barrier) touched_.clear();
  touched_.push_back(access);
  return barrier;
}

}  // namespace forge3d
