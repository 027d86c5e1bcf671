// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SeenPages: what the GPU said it sampled in the last frames, without what names no page. Knows no
// GPU.

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "forge3d/feedback.hpp"
#include "forge3d/virtual_texture.hpp"
#include "streaming/page_key.hpp"

namespace forge3d::streaming {

/// A page that the GPU saw, and how much of the screen showed it.
struct SeenPage {
  PageKey page;
  float area_px = 0;
};

/// A texture that feedback may name.
struct FeedbackTexture {
  const TilePyramid* pyramid = nullptr;  ///< Null: there is none of this index.
  std::uint32_t generation = 0;
};

/// A frame's feedback holds one pixel of 64. So that a page is not wanted and unwanted by turns,
/// those of the last kFeedbackUpdates updates are seen as one, each with its share of the area. Not
/// thread-safe.
class SeenPages {
 public:
  static constexpr std::uint64_t kFrames = kFeedbackUpdates;

  /// Takes in what came back in `frame`, `textures` indexed by FeedbackPage::texture. Pages named
  /// twice become one. REQUIRES: frames never fall.
  FeedbackCounts add(std::span<const FeedbackPage> pages, std::span<const FeedbackTexture> textures,
                     std::uint64_t frame);
  void forget_texture(std::uint32_t texture);
  /// All pages of the last frames, in order, each once. Valid until the next call.
  [[nodiscard]] std::span<const SeenPage> pages(std::uint64_t frame);

 private:
  struct Batch {
    std::uint64_t frame = 0;
    std::vector<SeenPage> pages;  // in order, each once
  };
  std::deque<Batch> batches_;  // the oldest first
  std::vector<SeenPage> united_;
};

}  // namespace forge3d::streaming
