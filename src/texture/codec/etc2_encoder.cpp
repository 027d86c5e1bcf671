// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/etc2_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/etc2_encoder.cpp"
#include <hwy/foreach_target.h>

#include "texture/codec/alpha_run-inl.hpp"
#include "texture/codec/eac_lanes-inl.hpp"
#include "texture/codec/etc2_halves-inl.hpp"
#include "texture/codec/etc2_paints-inl.hpp"
#include "texture/codec/etc2_planar-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {
namespace {

/// Two words, the most significant byte first.
void store_block(std::uint32_t high, std::uint32_t low, std::uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    out[i] = static_cast<std::uint8_t>(high >> (24 - 8 * i));
    out[4 + i] = static_cast<std::uint8_t>(low >> (24 - 8 * i));
  }
}

constexpr std::size_t kLanes = hn::MaxLanes(TagU32());
constexpr std::size_t kBlockRowBytes = 16;
/// Blocks that are encoded with all means before the next ones.
constexpr std::size_t kChunk = 64;

/// Which blocks a stage is for: those of more than this error, and that come so near to 0 or 255.
struct Filter {
  std::int32_t error_above;
  std::int32_t margin;
};

/// What a quality spends.
struct Effort {
  HalfSearch halves;
  bool thorough;  ///< Both precisions and orders of the halves.
  bool refine;    ///< The stages below.
  PaintSearch paints;
  Filter paints_for;
  HalfSearch exact;
  Filter exact_for;
};

constexpr Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {{0, 3, false}, false, false, {}, {}, {}, {}};
    case Quality::kNormal:
      return {{-3, 6, false}, true, true, {-1, 4, 4, false}, {800, 255}, {0, 3, true}, {400, 16}};
    default:
      return {{-6, 9, false}, true, true, {-1, 4, 1, true}, {0, 255}, {-6, 9, true}, {0, 32}};
  }
}

/// The codings of the blocks of a chunk; room for one vector more.
struct Codings {
  alignas(64) std::uint32_t high[kChunk + kLanes];
  alignas(64) std::uint32_t low[kChunk + kLanes];
  alignas(64) std::int32_t error[kChunk + kLanes];
  alignas(64) std::int32_t margin[kChunk + kLanes];  ///< Of the texels' channels to 0 and 255.

  HWY_INLINE void store(const Coding& coding, std::size_t at) {
    hn::StoreU(coding.high, TagU32(), high + at);
    hn::StoreU(coding.low, TagU32(), low + at);
    hn::StoreU(coding.error, TagI32(), error + at);
  }
  [[nodiscard]] HWY_INLINE Coding load(std::size_t at) const {
    return {hn::LoadU(TagU32(), high + at), hn::LoadU(TagU32(), low + at),
            hn::LoadU(TagI32(), error + at)};
  }
};

template <bool kA1>
HWY_INLINE Coding without_holes(const Texels& in, Coding coding) {
  if constexpr (kA1)
    coding.error = hn::IfThenElse(in.has_holes, hn::Set(TagI32(), 0x7fffffff), coding.error);
  return coding;
}

/// How near the texels' channels come to 0 or 255.
HWY_INLINE VI32 margin_of(const Texels& in) {
  const TagI32 d;
  PairTexel low = in.colours[0], high = low;
  for (const PairTexel& texel : in.colours) {
    low = {pair_min(low.rb, texel.rb), pair_min(low.g, texel.g)};
    high = {pair_max(high.rb, texel.rb), pair_max(high.g, texel.g)};
  }
  const VI32 rb = pair_min(low.rb, pair_sub(hn::Set(d, 255 * kBoth), high.rb));
  const VI32 g = hn::Min(low.g, hn::Sub(hn::Set(d, 255), high.g));
  return hn::Min(hn::Min(hn::And(rb, hn::Set(d, 0xffff)), hn::ShiftRight<16>(rb)), g);
}

/// The modes of ETC1 and planar.
template <bool kA1>
HWY_INLINE Coding first_coding(const Texels& in, const Effort& effort) {
  Coding best = code_halves<kA1, false>(in, effort.halves, effort.thorough);
  keep_better(best, code_halves<kA1, true>(in, effort.halves, effort.thorough));
  if (effort.refine) best = nearest_paints<kA1>(in, best.high);
  keep_better(best, without_holes<kA1>(in, fit_planar(in)));
  return best;
}

/// Calls body(Texels, Coding&) for the blocks of a stage, in full vectors.
template <bool kA1, class Body>
HWY_INLINE void refine(const EncodeRun& chunk, const Filter& filter, Codings& codings, Body body) {
  std::size_t chosen[kChunk + kLanes], count = 0;
  for (std::size_t i = 0; i < chunk.blocks; ++i) {
    chosen[count] = i;
    const bool wanted = codings.error[i] > filter.error_above && codings.margin[i] <= filter.margin;
    count += wanted ? 1 : 0;
  }
  for (std::size_t k = count; k < count + kLanes && count > 0; ++k) chosen[k] = chosen[count - 1];
  alignas(64) std::uint8_t strip[4 * kLanes * kBlockRowBytes];
  Codings some;
  for (std::size_t first = 0; first < count; first += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      const std::size_t block = chosen[first + k];
      for (std::size_t y = 0; y < 4; ++y)
        std::memcpy(strip + (y * kLanes + k) * kBlockRowBytes,
                    chunk.texels + y * chunk.row_bytes + block * kBlockRowBytes, kBlockRowBytes);
      some.high[k] = codings.high[block];
      some.low[k] = codings.low[block];
      some.error[k] = codings.error[block];
    }
    Texels in;
    load_texels<kA1>(strip, kLanes * kBlockRowBytes, in);
    Coding coding = some.load(0);
    body(in, coding);
    some.store(coding, 0);
    for (std::size_t k = 0; k < kLanes; ++k) {
      const std::size_t block = chosen[first + k];
      codings.high[block] = some.high[k];
      codings.low[block] = some.low[k];
      codings.error[block] = some.error[k];
    }
  }
}

/// Encodes at most kChunk blocks; `stride`: bytes from a block to the next.
template <bool kA1>
HWY_INLINE void encode_chunk(const EncodeRun& chunk, const Effort& effort, std::size_t stride) {
  Codings codings;
  ForEachLanesOfBlocks(chunk, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                  std::size_t first, std::size_t) {
    Texels in;
    load_texels<kA1>(texels, row_bytes, in);
    codings.store(first_coding<kA1>(in, effort), first);
    if (effort.refine) hn::StoreU(margin_of(in), TagI32(), codings.margin + first);
  });
  if (effort.refine) {
    refine<kA1>(chunk, effort.paints_for, codings, [&](const Texels& in, Coding& best) {
      keep_better(best, without_holes<kA1>(in, code_paints(in, effort.paints)));
    });
    refine<kA1>(chunk, effort.exact_for, codings, [&](const Texels& in, Coding& best) {
      keep_better(best, code_halves<kA1, false>(in, effort.exact, effort.thorough));
      keep_better(best, code_halves<kA1, true>(in, effort.exact, effort.thorough));
    });
  }
  for (std::size_t i = 0; i < chunk.blocks; ++i)
    store_block(codings.high[i], codings.low[i], chunk.out + i * stride);
  if (chunk.errors == nullptr) return;
  ForEachLanesOfBlocks(chunk, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                  std::size_t first, std::size_t count) {
    alignas(64) std::int32_t errors[kLanes];
    hn::Store(decoded_error<kA1>(texels, row_bytes, codings.load(first)), TagI32(), errors);
    std::memcpy(chunk.errors + first, errors, count * sizeof(errors[0]));
  });
}

template <bool kA1>
HWY_INLINE void encode_run(const EncodeRun& run, std::size_t stride) {
  const Effort effort = effort_of(run.quality);
  for (std::size_t first = 0; first < run.blocks; first += kChunk) {
    EncodeRun chunk = run;
    chunk.texels += first * kBlockRowBytes;
    chunk.blocks = std::min(kChunk, run.blocks - first);
    chunk.out += first * stride;
    if (chunk.errors != nullptr) chunk.errors += first;
    encode_chunk<kA1>(chunk, effort, stride);
  }
}

void rgb(const EncodeRun& run) { encode_run<false>(run, 8); }
void rgb_a1(const EncodeRun& run) { encode_run<true>(run, 8); }

/// Alpha as a block of EAC.
struct EacAlpha {
  Quality quality;

  /// Base alpha, multiplier 1, table 13, and the index of its value 0: that is 4. An alpha of 0 is
  /// also what the values below it are cut to, of which the search takes the first, index 3.
  [[nodiscard]] HWY_INLINE ChannelWords flat(VU32 alpha) const {
    const TagU32 d;
    const VU32 zero = hn::Zero(d);
    const auto clear = hn::Eq(alpha, zero);
    const VU32 low = hn::IfThenElse(clear, hn::Set(d, 0xb66d1d00), hn::Set(d, 0x49921d00));
    const VU32 high = hn::IfThenElse(clear, hn::Set(d, 0xdbb66ddb), hn::Set(d, 0x24499224));
    return {hn::Or(low, alpha), high, zero};
  }
  HWY_INLINE void encode(const VU32 (&first)[16], const VU32 (&second)[16], ChannelWords& a,
                         ChannelWords& b) const {
    encode_eac(first, second, EacLevels{false}, quality, a, b);
  }
};

void rgba(const EncodeRun& run) {
  EncodeRun colors = run;
  colors.out += 8;
  encode_run<false>(colors, 16);
  const EacAlpha coder{run.quality};
  AlphaRun<EacAlpha> alphas(run, coder);
  ForEachLanesOfBlocks(run, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                std::size_t first, std::size_t count) HWY_ATTR {
    VU32 words[16];
    LoadWords(texels, row_bytes, words);
    alphas.add(words, first, count);
  });
  alphas.finish();
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(rgb);
HWY_EXPORT(rgb_a1);
HWY_EXPORT(rgba);

void encode_etc2_rgb(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb)(run); }
void encode_etc2_rgb_a1(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(rgb_a1)(run); }
void encode_etc2_rgba(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(rgba)(run); }

}  // namespace forge3d::codec
#endif
