// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// FeedbackCandidates: makes pages that may be wanted of what the device said it sampled. Knows no
// GPU.

#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/feedback.hpp"
#include "streaming/mip_bias.hpp"

namespace forge3d::streaming {

/// A texture that feedback may name.
struct FeedbackTexture {
  const TilePyramid* pyramid = nullptr;  ///< Null: there is none of this index.
  std::uint32_t generation = 0;
};

/// What became of the pages named.
struct FeedbackCounts {
  std::uint64_t accepted = 0;
  std::uint64_t out_of_range = 0;  ///< No such texture, level or page.
  std::uint64_t stale = 0;         ///< Of a texture that was removed since.
  std::uint64_t duplicates = 0;    ///< Named before; their pixels are added.
};

/// Pixels of the screen that one request stands for: one of each 8 x 8 block writes.
inline constexpr float kFeedbackAreaPx = 64;

/// Appends the pages named and all their ancestors to `out`, sorted by page and each once, as seen
/// at exactly their level: what a mip bias makes wanted instead of a page is then there, too. Pages
/// that do not exist are counted and left out; whether one is resident is not asked.
/// `textures` is indexed by FeedbackPage::texture.
FeedbackCounts append_feedback(std::span<const FeedbackPage> pages,
                               std::span<const FeedbackTexture> textures,
                               std::vector<CandidatePage>& out);

}  // namespace forge3d::streaming
