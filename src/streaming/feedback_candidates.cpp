// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/feedback_candidates.hpp"

#include <algorithm>

#include "streaming/feedback_layout.hpp"

namespace forge3d::streaming {
namespace {

struct Request {
  PageKey page;
  float area_px = 0;
};

/// The requests for pages that exist, in order, each page once.
std::vector<Request> sort_out(std::span<const FeedbackPage> pages,
                              std::span<const FeedbackTexture> textures, FeedbackCounts& counts) {
  std::vector<Request> requests;
  for (const FeedbackPage& page : pages) {
    const FeedbackTexture texture =
        page.texture < textures.size() ? textures[page.texture] : FeedbackTexture{};
    const std::uint32_t generation = texture.generation & feedback_layout::kGenerationMask;
    if (texture.pyramid != nullptr && page.generation != generation)
      ++counts.stale;
    else if (texture.pyramid == nullptr || !texture.pyramid->contains(page.tile))
      ++counts.out_of_range;
    else
      requests.push_back(
          {{page.texture, page.tile}, static_cast<float>(page.pixels) * kFeedbackAreaPx});
  }
  std::sort(requests.begin(), requests.end(),
            [](const Request& a, const Request& b) { return a.page < b.page; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < requests.size(); ++i)
    if (requests[i].page == requests[kept].page)
      requests[kept].area_px += requests[i].area_px;
    else
      requests[++kept] = requests[i];
  const std::size_t named = requests.size();
  if (named > 0) requests.resize(kept + 1);
  counts.accepted = requests.size();
  counts.duplicates = named - requests.size();
  return requests;
}

/// The page and its ancestors, all as seen at the page's level.
void append_chain(const Request& request, const TilePyramid& pyramid,
                  std::vector<CandidatePage>& out) {
  const TileAddress& tile = request.page.tile;
  const auto lod = static_cast<float>(tile.level);
  for (std::uint32_t up = 0; tile.level + up < pyramid.levels; ++up) {
    const TileAddress above = ancestor_of(pyramid, tile, up);
    out.push_back(
        {{request.page.texture, above}, pyramid.levels, {above, lod, lod, request.area_px}});
  }
}

}  // namespace

FeedbackCounts append_feedback(std::span<const FeedbackPage> pages,
                               std::span<const FeedbackTexture> textures,
                               std::vector<CandidatePage>& out) {
  FeedbackCounts counts;
  std::vector<CandidatePage> chains;
  for (const Request& request : sort_out(pages, textures, counts))
    append_chain(request, *textures[request.page.texture].pyramid, chains);
  std::sort(chains.begin(), chains.end(),
            [](const CandidatePage& a, const CandidatePage& b) { return a.page < b.page; });
  const std::size_t first = out.size();
  for (const CandidatePage& candidate : chains) {
    if (out.size() == first || out.back().page != candidate.page) {
      out.push_back(candidate);
      continue;
    }
    VisiblePage& seen = out.back().seen;
    seen.lod_min = std::min(seen.lod_min, candidate.seen.lod_min);
    seen.lod_max = std::max(seen.lod_max, candidate.seen.lod_max);
    seen.area_px += candidate.seen.area_px;
  }
  return counts;
}

}  // namespace forge3d::streaming
