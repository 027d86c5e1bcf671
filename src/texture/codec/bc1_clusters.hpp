// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/codec/line_fit.hpp"

namespace forge3d::codec {

/// The ends whose four evenly spaced colours fit the texels best, over every way to cut the texels,
/// in their order along `axis`, into four runs (S. Brown's "cluster fit"). False when no way
/// determines two ends.
[[nodiscard]] bool best_clusters(const Points<3>& points, const Moments<3>& moments,
                                 const Vector<3>& axis, Segment<3>& segment);

}  // namespace forge3d::codec
