// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/area_filter.hpp"

#include <algorithm>
#include <cmath>

#include "forge3d/mip.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {
namespace {

constexpr std::size_t kChannels = 4;  // of linear rows

std::vector<AreaAxis::Taps> taps_of(const AreaAxis& axis, AreaSpan out) {
  std::vector<AreaAxis::Taps> taps;
  taps.reserve(out.count);
  for (std::uint32_t i = 0; i < out.count; ++i) taps.push_back(axis.taps(out.first + i));
  return taps;
}

/// Rows of the source rectangle, narrowed to the output's width. Neighbouring output rows share
/// source rows at most, so as many as there are taps are kept.
class NarrowRows {
 public:
  NarrowRows(const ImageInfo& samples, std::vector<AreaAxis::Taps> taps, AreaSpan source_x,
             AreaSpan source_y, std::span<const std::byte> source)
      : row_info_(samples),
        taps_(std::move(taps)),
        source_x_(source_x),
        source_y_(source_y),
        source_(source),
        linear_(source_x.count * kChannels) {
    row_info_.width = source_x.count;
    row_info_.height = 1;
  }

  /// The row with number `y` of the source level; valid for kMaxTaps further rows.
  [[nodiscard]] std::span<const float> row(std::uint32_t y) {
    Kept& kept = kept_[y % kept_.size()];
    if (kept.texels.empty() || kept.y != y) narrow(y, kept);
    return kept.texels;
  }

 private:
  struct Kept {
    std::uint32_t y = 0;
    std::vector<float> texels;
  };

  void narrow(std::uint32_t y, Kept& kept) {
    const std::size_t row_bytes = row_info_.row_bytes();
    row_to_linear(row_info_, source_.subspan((y - source_y_.first) * row_bytes, row_bytes),
                  linear_);
    kept.y = y;
    kept.texels.assign(taps_.size() * kChannels, 0.0f);
    for (std::size_t i = 0; i < taps_.size(); ++i)
      for (std::uint32_t tap = 0; tap < taps_[i].count; ++tap) {
        const float* from = &linear_[(taps_[i].first + tap - source_x_.first) * kChannels];
        for (std::size_t c = 0; c < kChannels; ++c)
          kept.texels[i * kChannels + c] += taps_[i].weights[tap] * from[c];
      }
  }

  ImageInfo row_info_;
  std::vector<AreaAxis::Taps> taps_;
  AreaSpan source_x_, source_y_;
  std::span<const std::byte> source_;
  std::vector<float> linear_;
  std::array<Kept, AreaAxis::kMaxTaps> kept_;
};

}  // namespace

AreaAxis::Taps AreaAxis::taps(std::uint32_t texel) const {
  const double scale = covered / out;
  const double begin = texel * scale, end = std::min(begin + scale, covered);
  Taps made;
  made.first = std::min(static_cast<std::uint32_t>(begin), source - 1);
  const auto last = std::min(static_cast<std::uint32_t>(std::ceil(end)), source);
  made.count = std::clamp<std::uint32_t>(last - made.first, 1, kMaxTaps);
  double sum = 0;
  std::array<double, kMaxTaps> lengths{};
  for (std::uint32_t i = 0; i < made.count; ++i) {
    const double at = made.first + i;
    lengths[i] = std::max(0.0, std::min(at + 1, end) - std::max(at, begin));
    sum += lengths[i];
  }
  for (std::uint32_t i = 0; i < made.count; ++i)
    made.weights[i] = static_cast<float>(lengths[i] / sum);
  return made;
}

AreaSpan needed_texels(const AreaAxis& axis, AreaSpan out) {
  const AreaAxis::Taps first = axis.taps(out.first), last = axis.taps(out.first + out.count - 1);
  return {first.first, last.first + last.count - first.first};
}

void filter_area(const ImageInfo& samples, const AreaAxis& across, const AreaAxis& down, AreaSpan x,
                 AreaSpan y, std::span<const std::byte> source, std::span<std::byte> out,
                 std::size_t out_row_bytes) {
  NarrowRows rows(samples, taps_of(across, x), needed_texels(across, x), needed_texels(down, y),
                  source);
  ImageInfo row_info = samples;
  row_info.width = x.count;
  row_info.height = 1;
  std::vector<float> sum(x.count * kChannels);
  for (std::uint32_t i = 0; i < y.count; ++i) {
    const AreaAxis::Taps taps = down.taps(y.first + i);
    std::ranges::fill(sum, 0.0f);
    for (std::uint32_t tap = 0; tap < taps.count; ++tap) {
      const auto row = rows.row(taps.first + tap);
      for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += taps.weights[tap] * row[c];
    }
    row_from_linear(row_info, sum, out.subspan(i * out_row_bytes, row_info.row_bytes()));
  }
}

}  // namespace forge3d::tiles
