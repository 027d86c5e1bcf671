// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_encoder.hpp"

#include <limits>

#include "texture/codec/line_fit.hpp"

namespace forge3d::codec {
namespace {

/// What each quality may spend.
struct Effort {
  int rounds;
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {2};
    case Quality::kNormal:
      return {4};
    case Quality::kHigh:
      break;
  }
  return {8};
}

/// Ends as 5:6:5 codes, and as a decoder widens them.
struct Ends565 {
  std::array<std::uint16_t, 2> code;
  std::array<std::array<std::int16_t, 3>, 2> value;
};

Ends565 quantize(const Segment<3>& segment) {
  Ends565 ends;
  for (int e = 0; e < 2; ++e) {
    const Vector<3>& v = segment.end[e];
    const int r = static_cast<int>(v[0] * (31.0f / 255.0f) + 0.5f);
    const int g = static_cast<int>(v[1] * (63.0f / 255.0f) + 0.5f);
    const int b = static_cast<int>(v[2] * (31.0f / 255.0f) + 0.5f);
    ends.code[e] = static_cast<std::uint16_t>(r << 11 | g << 5 | b);
    ends.value[e] = {static_cast<std::int16_t>(r << 3 | r >> 2),
                     static_cast<std::int16_t>(g << 2 | g >> 4),
                     static_cast<std::int16_t>(b << 3 | b >> 2)};
  }
  return ends;
}

/// A candidate: the position of each texel on the line is in thirds (four colours) or halves
/// (three).
struct Candidate {
  Ends565 ends;
  Shorts position;
  std::int32_t error = std::numeric_limits<std::int32_t>::max();
};

/// Positions and error of the palette of kSteps + 1 colours between the ends.
template <int kSteps>
Candidate evaluate(const Points<3>& points, const Shorts& mask, const Segment<3>& segment) {
  Candidate out;
  out.ends = quantize(segment);
  out.position = nearest_steps<3>(points, out.ends.value[0], out.ends.value[1], kSteps);
  out.error = 0;
  for (int c = 0; c < 3; ++c) {
    const std::int16_t a = out.ends.value[0][c];
    const auto span = static_cast<std::int16_t>(out.ends.value[1][c] - a);
    const auto base = static_cast<std::int16_t>(kSteps * a + kSteps / 2);
    Shorts difference;
    for (int i = 0; i < kTexels; ++i) {
      const auto sum =
          static_cast<std::uint16_t>(base + static_cast<std::int16_t>(out.position[i] * span));
      difference[i] =
          static_cast<std::int16_t>(points.value[c][i] - static_cast<std::int16_t>(sum / kSteps));
      difference[i] = static_cast<std::int16_t>(difference[i] & mask[i]);
    }
    out.error += dot(difference, difference);
  }
  return out;
}

/// Principal axis, then least-squares corrections while they help.
template <int kSteps>
Candidate fit(const Points<3>& points, const Shorts& mask, const Moments<3>& m, int rounds) {
  Segment<3> segment = spanned_segment<3>(points, m, principal_axis<3>(m), mask);
  Candidate best = evaluate<kSteps>(points, mask, segment);
  for (int round = 0; round < rounds; ++round) {
    const WeightSums<3> sums = weight_sums<3>(points, masked(best.position, mask));
    if (!solve_segment<kSteps, 3>(sums, m.count, m.sum, segment)) break;
    const Candidate next = evaluate<kSteps>(points, mask, segment);
    if (next.error >= best.error) break;
    best = next;
  }
  return best;
}

void store(const std::array<std::uint16_t, 2>& code, std::uint32_t indices, std::uint8_t* out) {
  const std::uint64_t bits = code[0] | std::uint64_t{code[1]} << 16 | std::uint64_t{indices} << 32;
  for (int i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

/// Four colours need the first code to be the larger. Equal codes mean three colours, all alike but
/// black.
void write_four(const Candidate& best, std::uint8_t* out) {
  constexpr std::array<std::uint32_t, 4> kIndexOfPosition{0, 2, 3, 1};
  std::array<std::uint16_t, 2> code = best.ends.code;
  if (code[0] == code[1]) return store(code, 0, out);
  std::uint32_t indices = 0;
  for (int i = 0; i < kTexels; ++i) indices |= kIndexOfPosition[best.position[i]] << (2 * i);
  if (code[0] < code[1]) {
    std::swap(code[0], code[1]);
    indices ^= 0x55555555u;  // 0 and 1 change places, and so do 2 and 3.
  }
  store(code, indices, out);
}

/// Three colours need the first code to be the smaller or equal. Texels outside the mask take
/// index 3.
void write_three(const Candidate& best, const Shorts& mask, std::uint8_t* out) {
  std::array<std::uint16_t, 2> code = best.ends.code;
  const bool swap = code[0] > code[1];
  if (swap) std::swap(code[0], code[1]);
  const std::array<std::uint32_t, 3> index_of_position{swap ? 1u : 0u, 2u, swap ? 0u : 1u};
  std::uint32_t indices = 0;
  for (int i = 0; i < kTexels; ++i)
    indices |= (mask[i] != 0 ? index_of_position[best.position[i]] : 3u) << (2 * i);
  store(code, indices, out);
}

}  // namespace

void encode_bc1(const TexelBlock& block, Quality quality, std::uint8_t* out) {
  const Points<3> points = make_points<3>(block, {0, 1, 2});
  Shorts everywhere;
  everywhere.fill(-1);
  const Moments<3> m = moments_of<3>(points);
  write_four(fit<3>(points, everywhere, m, effort_of(quality).rounds), out);
}

void encode_bc1_punch_through(const TexelBlock& block, Quality quality, std::uint8_t* out) {
  Shorts mask;
  for (int i = 0; i < kTexels; ++i)
    mask[i] = static_cast<std::int16_t>(block[3][i] >= 128 ? -1 : 0);
  const int opaque = -sum_of(mask);
  if (opaque == kTexels) return encode_bc1(block, quality, out);
  if (opaque == 0) return store({0, 0}, 0xffffffffu, out);
  const Points<3> points = make_points<3>(block, {0, 1, 2});
  const Moments<3> m = moments_of<3>(points, mask);
  write_three(fit<2>(points, mask, m, effort_of(quality).rounds), mask, out);
}

}  // namespace forge3d::codec
