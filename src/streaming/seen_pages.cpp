// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/seen_pages.hpp"

#include <algorithm>

#include "streaming/feedback_layout.hpp"

namespace forge3d::streaming {
namespace {

constexpr float kAreaPx = 64;  // one pixel of each 8 x 8 block writes

/// Puts pages in order and makes those named twice one; how many were.
std::uint64_t unite(std::vector<SeenPage>& pages) {
  std::sort(pages.begin(), pages.end(),
            [](const SeenPage& a, const SeenPage& b) { return a.page < b.page; });
  std::size_t kept = 0;
  for (const SeenPage& page : pages) {
    if (kept > 0 && pages[kept - 1].page == page.page)
      pages[kept - 1].area_px += page.area_px;
    else
      pages[kept++] = page;
  }
  const std::uint64_t named_again = pages.size() - kept;
  pages.resize(kept);
  return named_again;
}

}  // namespace

FeedbackCounts SeenPages::add(std::span<const FeedbackPage> pages,
                              std::span<const FeedbackTexture> textures, std::uint64_t frame) {
  FeedbackCounts counts;
  Batch batch{frame, {}};
  for (const FeedbackPage& page : pages) {
    const FeedbackTexture texture =
        page.texture < textures.size() ? textures[page.texture] : FeedbackTexture{};
    const std::uint32_t generation = texture.generation & feedback_layout::kGenerationMask;
    if (texture.pyramid != nullptr && page.generation != generation)
      ++counts.stale;
    else if (texture.pyramid == nullptr || !texture.pyramid->contains(page.tile))
      ++counts.out_of_range;
    else
      batch.pages.push_back({{page.texture, page.tile}, static_cast<float>(page.pixels) * kAreaPx});
  }
  counts.duplicates = unite(batch.pages);
  counts.accepted = batch.pages.size();
  batches_.push_back(std::move(batch));
  while (batches_.size() > kFrames) batches_.pop_front();
  return counts;
}

void SeenPages::forget_texture(std::uint32_t texture) {
  for (Batch& batch : batches_)
    std::erase_if(batch.pages,
                  [texture](const SeenPage& seen) { return seen.page.texture == texture; });
}

std::span<const SeenPage> SeenPages::pages(std::uint64_t frame) {
  while (!batches_.empty() && batches_.front().frame + kFrames <= frame) batches_.pop_front();
  united_.clear();
  const auto share = 1 / static_cast<float>(std::max<std::size_t>(batches_.size(), 1));
  for (const Batch& batch : batches_)
    for (const SeenPage& seen : batch.pages) united_.push_back({seen.page, seen.area_px * share});
  unite(united_);
  return united_;
}

}  // namespace forge3d::streaming
