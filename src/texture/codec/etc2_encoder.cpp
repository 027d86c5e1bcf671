// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/etc2_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/etc2_encoder.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/etc2_halves-inl.hpp"
#include "texture/codec/etc2_planar-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

/// Steps of the bases' ladders that are tried.
struct Steps {
  int from, to;
};
Steps steps_of(Quality quality) {
  if (quality == Quality::kFast) return {-1, 3};
  return quality == Quality::kNormal ? Steps{-3, 6} : Steps{-6, 9};
}

template <bool kA1>
HWY_INLINE Coding encode_lanes(const Texels& in, Quality quality) {
  const Steps steps = steps_of(quality);
  Coding best = code_halves<kA1, false>(in, steps.from, steps.to);
  keep_better(best, code_halves<kA1, true>(in, steps.from, steps.to));
  Coding planar = fit_planar(in);
  if constexpr (kA1)  // planar blocks have no holes
    planar.error = hn::IfThenElse(in.has_holes, hn::Set(TagI32(), 0x7fffffff), planar.error);
  keep_better(best, planar);
  return best;
}

/// Writes the words and, where wanted, the errors of the first `count` lanes.
template <bool kA1>
HWY_INLINE void store(const EncodeRun& run, const Coding& coding, const std::uint8_t* texels,
                      std::size_t row_bytes, std::size_t first, std::size_t count) {
  const TagU32 d;
  constexpr std::size_t kBlockBytes = 8;
  alignas(64) std::uint32_t high[hn::MaxLanes(d)], low[hn::MaxLanes(d)];
  hn::Store(swap_bytes(coding.high), d, high);
  hn::Store(swap_bytes(coding.low), d, low);
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(run.out + kBlockBytes * (first + i), &high[i], 4);
    std::memcpy(run.out + kBlockBytes * (first + i) + 4, &low[i], 4);
  }
  if (run.errors == nullptr) return;
  alignas(64) std::int32_t errors[hn::MaxLanes(d)];
  hn::Store(decoded_error<kA1>(texels, row_bytes, coding), TagI32(), errors);
  std::memcpy(run.errors + first, errors, count * sizeof(errors[0]));
}

template <bool kA1>
HWY_INLINE void encode_run(const EncodeRun& run) {
  ForEachLanesOfBlocks(run, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                std::size_t first, std::size_t count) {
    Texels in;
    load_texels<kA1>(texels, row_bytes, in);
    store<kA1>(run, encode_lanes<kA1>(in, run.quality), texels, row_bytes, first, count);
  });
}

void rgb(const EncodeRun& run) { encode_run<false>(run); }
void rgb_a1(const EncodeRun& run) { encode_run<true>(run); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(rgb);
HWY_EXPORT(rgb_a1);

void encode_etc2_rgb(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb)(run); }
void encode_etc2_rgb_a1(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb_a1)(run); }

}  // namespace forge3d::codec
#endif
