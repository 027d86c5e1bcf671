// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_encoder.hpp"

#include <limits>

#include "texture/codec/bc1_clusters.hpp"
#include "texture/codec/bc1_flat.hpp"
#include "texture/codec/bc1_line.hpp"
#include "texture/codec/line_fit.hpp"

namespace forge3d::codec {
namespace {

/// What each quality may spend.
struct Effort {
  int rounds;     ///< Least-squares corrections of a line.
  int sweeps;     ///< Rounds of trying neighbouring codes.
  bool three;     ///< Whether opaque blocks may use the palette of three colours.
  bool clusters;  ///< Whether all ways to cut the line into clusters are tried.
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {1, 0, false, false};
    case Quality::kNormal:
      return {3, 1, true, false};
    case Quality::kHigh:
      break;
  }
  return {3, 4, true, true};
}

/// Ends as 5:6:5 codes by channel, and as a decoder widens them.
struct Ends565 {
  std::array<std::array<std::int16_t, 3>, 2> code;
  std::array<std::array<std::int16_t, 3>, 2> value;

  void set(int end, int channel, int new_code) {
    code[end][channel] = static_cast<std::int16_t>(new_code);
    value[end][channel] = static_cast<std::int16_t>(widen_bits(new_code, kBits[channel]));
  }
  [[nodiscard]] CodePair packed() const {
    return {pack_565(code[0][0], code[0][1], code[0][2]),
            pack_565(code[1][0], code[1][1], code[1][2])};
  }
  static constexpr std::array<int, 3> kBits{5, 6, 5};
};

Ends565 quantize(const Segment<3>& segment) {
  Ends565 ends;
  for (int e = 0; e < 2; ++e)
    for (int c = 0; c < 3; ++c) {
      const auto last = static_cast<float>((1 << Ends565::kBits[c]) - 1);
      ends.set(e, c, static_cast<int>(segment.end[e][c] * (last / 255.0f) + 0.5f));
    }
  return ends;
}

/// A line and the position of each texel on it, in thirds (four colours) or halves (three).
struct Candidate {
  Ends565 ends;
  Shorts position;
  std::int32_t error = std::numeric_limits<std::int32_t>::max();
};

/// Fits the palette of kSteps + 1 colours to the texels in a mask.
template <int kSteps>
class Fitter {
 public:
  Fitter(const Points<3>& points, const Shorts& mask, const Moments<3>& moments)
      : points_(points), mask_(mask), moments_(moments) {}

  /// From the principal axis, with least-squares corrections while they help.
  [[nodiscard]] Candidate fit(int rounds) const {
    const Vector<3> axis = principal_axis<3>(moments_);
    Segment<3> segment = spanned_segment<3>(points_, moments_, axis, mask_);
    Candidate best = evaluate(quantize(segment));
    for (int round = 0; round < rounds; ++round) {
      const WeightSums<3> sums = weight_sums<3>(points_, masked(best.position, mask_));
      if (!solve_segment<kSteps, 3>(sums, moments_.count, moments_.sum, segment)) break;
      if (!offer(best, quantize(segment))) break;
    }
    return best;
  }

  /// Tries each code one step up and down, while that helps.
  void polish(Candidate& best, int sweeps) const {
    bool better = true;
    for (int sweep = 0; better && sweep < sweeps; ++sweep) {
      better = false;
      for (int e = 0; e < 2; ++e)
        for (int c = 0; c < 3; ++c)
          for (int step : {-1, 1}) {
            Ends565 ends = best.ends;
            const int code = ends.code[e][c] + step;
            if (code < 0 || code >= 1 << Ends565::kBits[c]) continue;
            ends.set(e, c, code);
            better |= offer(best, ends);
          }
    }
  }

  bool offer(Candidate& best, const Ends565& ends) const {
    const Candidate next = evaluate(ends);
    if (next.error >= best.error) return false;
    best = next;
    return true;
  }

 private:
  [[nodiscard]] Candidate evaluate(const Ends565& ends) const {
    Candidate out;
    out.ends = ends;
    out.position = nearest_steps<3>(points_, ends.value[0], ends.value[1], kSteps);
    out.error = 0;
    for (int c = 0; c < 3; ++c) {
      const std::int16_t a = ends.value[0][c];
      const auto span = static_cast<std::int16_t>(ends.value[1][c] - a);
      const auto base = static_cast<std::int16_t>(kSteps * a + kSteps / 2);
      Shorts difference;
      for (int i = 0; i < kTexels; ++i) {
        const auto sum =
            static_cast<std::uint16_t>(base + static_cast<std::int16_t>(out.position[i] * span));
        const auto value = static_cast<std::int16_t>(sum / kSteps);
        difference[i] = static_cast<std::int16_t>((points_.value[c][i] - value) & mask_[i]);
      }
      out.error += dot(difference, difference);
    }
    return out;
  }

  const Points<3>& points_;
  const Shorts& mask_;
  const Moments<3>& moments_;
};

Candidate fit_four(const Points<3>& points, const Shorts& mask, const Moments<3>& m,
                   const Effort& effort) {
  const Fitter<3> fitter(points, mask, m);
  Candidate best = fitter.fit(effort.rounds);
  if (effort.clusters) {
    Segment<3> segment;
    if (best_clusters(points, m, principal_axis<3>(m), segment))
      fitter.offer(best, quantize(segment));
  }
  fitter.polish(best, effort.sweeps);
  return best;
}

Candidate fit_three(const Points<3>& points, const Shorts& mask, const Moments<3>& m,
                    const Effort& effort) {
  const Fitter<2> fitter(points, mask, m);
  Candidate best = fitter.fit(effort.rounds);
  fitter.polish(best, effort.sweeps);
  return best;
}

constexpr Shorts kEverywhere{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

bool is_one_color(const TexelBlock& block) {
  std::int16_t difference = 0;
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < kTexels; ++i)
      difference = static_cast<std::int16_t>(difference | (block[c][i] ^ block[c][0]));
  return difference == 0;
}

}  // namespace

void encode_bc1(const TexelBlock& block, Quality quality, std::uint8_t* out) {
  if (is_one_color(block)) return encode_bc1_flat(block, out);
  const Effort effort = effort_of(quality);
  const Points<3> points = make_points<3>(block, {0, 1, 2});
  const Moments<3> moments = moments_of<3>(points);
  const Candidate four = fit_four(points, kEverywhere, moments, effort);
  if (effort.three) {
    const Candidate three = fit_three(points, kEverywhere, moments, effort);
    if (three.error < four.error)
      return write_bc1_three(three.ends.packed(), three.position, kEverywhere, out);
  }
  write_bc1_four(four.ends.packed(), four.position, out);
}

void encode_bc1_punch_through(const TexelBlock& block, Quality quality, std::uint8_t* out) {
  Shorts mask;
  for (int i = 0; i < kTexels; ++i)
    mask[i] = static_cast<std::int16_t>(block[3][i] >= 128 ? -1 : 0);
  const int opaque = -sum_of(mask);
  if (opaque == kTexels) return encode_bc1(block, quality, out);
  if (opaque == 0) return write_bc1_three({0, 0}, mask, mask, out);
  const Points<3> points = make_points<3>(block, {0, 1, 2});
  const Moments<3> moments = moments_of<3>(points, mask);
  const Candidate best = fit_three(points, mask, moments, effort_of(quality));
  write_bc1_three(best.ends.packed(), best.position, mask, out);
}

}  // namespace forge3d::codec
