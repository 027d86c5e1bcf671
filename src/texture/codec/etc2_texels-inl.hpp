// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The texels of blocks in vector lanes, as the ETC2 encoders want them.

#if defined(FORGE3D_ETC2_TEXELS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ETC2_TEXELS_INL
#undef FORGE3D_ETC2_TEXELS_INL
#else
#define FORGE3D_ETC2_TEXELS_INL
#endif

#include "texture/codec/etc2_block-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

HWY_INLINE PairTexel add_texels(const PairTexel& a, const PairTexel& b) {
  return {pair_add(a.rb, b.rb), pair_add(a.g, b.g)};
}

HWY_INLINE VU32 bytes_of_pairs(const PairTexel& v) {
  return hn::BitCast(TagU32(), hn::Or(v.rb, hn::ShiftLeft<8>(v.g)));
}

HWY_INLINE VI32 choose(hn::Mask<TagI32> mask, VI32 yes, VI32 no) {
  return hn::IfThenElse(mask, yes, no);
}
HWY_INLINE PairTexel choose(hn::Mask<TagI32> mask, const PairTexel& yes, const PairTexel& no) {
  return {hn::IfThenElse(mask, yes.rb, no.rb), hn::IfThenElse(mask, yes.g, no.g)};
}
/// A block's texels. Quadrant q is that of columns q / 2 and rows q % 2. RGB+A1: what counts are
/// the solid texels; the others are black here.
struct Texels {
  PairTexel colours[16];  ///< Row by row.
  VI32 lumas[16];         ///< Twice the sums of the channels.
  VI32 luma_pairs[4][2];  ///< The same by quadrants, two texels a lane.
  PairTexel sums[4];      ///< Of quadrants.
  VI32 energies[4];       ///< Of quadrants: the sums of all squares.
  VI32 energy;            ///< Of the block.
  // For RGB+A1 only:
  VI32 solid[16];              ///< -1 or 0.
  VI32 solid_pairs[4][2];      ///< The same in both halves of a lane, as the luma_pairs.
  VI32 counts[4];              ///< Solid texels of the quadrants.
  hn::Mask<TagI32> has_holes;  ///< Not all are solid.
};

/// Texel i of a quadrant.
constexpr std::size_t texel_of(std::size_t quadrant, std::size_t i) {
  return 2 * (quadrant / 2) + 8 * (quadrant % 2) + 4 * (i / 2) + i % 2;
}

/// The words, those of transparent texels replaced by 0.
HWY_INLINE void cut_holes(VU32 (&words)[16], Texels& out) {
  const TagI32 d;
  VI32 all = hn::Set(d, -1);
  for (std::size_t i = 0; i < 16; ++i) {
    out.solid[i] = hn::BroadcastSignBit(hn::BitCast(d, words[i]));
    all = hn::And(all, out.solid[i]);
    words[i] = hn::And(words[i], hn::BitCast(TagU32(), out.solid[i]));
  }
  out.has_holes = hn::Eq(all, hn::Zero(d));
  const auto pair = [&](std::size_t i) {
    return hn::Or(hn::And(out.solid[i], hn::Set(d, 0xffff)), hn::ShiftLeft<16>(out.solid[i + 1]));
  };
  for (std::size_t q = 0; q < 4; ++q) {
    const std::size_t i = 2 * (q / 2) + 8 * (q % 2);
    out.solid_pairs[q][0] = pair(i);
    out.solid_pairs[q][1] = pair(i + 4);
    const VI32 minus = hn::Add(hn::Add(out.solid[i], out.solid[i + 1]),
                               hn::Add(out.solid[i + 4], out.solid[i + 5]));
    out.counts[q] = hn::Neg(minus);
  }
}

template <bool kA1>
HWY_INLINE void load_texels(const std::uint8_t* texels, std::size_t row_bytes, Texels& out) {
  const TagI32 d;
  VU32 words[16];
  LoadWords(texels, row_bytes, words);
  if constexpr (kA1) cut_holes(words, out);
  for (std::size_t i = 0; i < 16; ++i) {
    out.colours[i] = pairs_of(words[i]);
    out.lumas[i] =
        hn::ShiftLeft<1>(hn::Add(pair_dot(out.colours[i].rb, hn::Set(d, kBoth)), out.colours[i].g));
  }
  for (std::size_t q = 0; q < 4; ++q) {
    const std::size_t i = 2 * (q / 2) + 8 * (q % 2);
    out.luma_pairs[q][0] = hn::Or(out.lumas[i], hn::ShiftLeft<16>(out.lumas[i + 1]));
    out.luma_pairs[q][1] = hn::Or(out.lumas[i + 4], hn::ShiftLeft<16>(out.lumas[i + 5]));
    out.sums[q] = add_texels(add_texels(out.colours[i], out.colours[i + 1]),
                             add_texels(out.colours[i + 4], out.colours[i + 5]));
    out.energies[q] = hn::Zero(d);
    for (std::size_t k = 0; k < 4; ++k) {
      const PairTexel& t = out.colours[texel_of(q, k)];
      out.energies[q] = hn::Add(out.energies[q], hn::Add(pair_dot(t.rb, t.rb), pair_dot(t.g, t.g)));
    }
  }
  out.energy =
      hn::Add(hn::Add(out.energies[0], out.energies[1]), hn::Add(out.energies[2], out.energies[3]));
}

/// Blocks in the making: the best coding so far.
struct Coding {
  VU32 high, low;
  VI32 error;
};
HWY_INLINE void keep_better(Coding& best, const Coding& other) {
  const auto better = hn::Lt(other.error, best.error);
  const auto mask = hn::RebindMask(TagU32(), better);
  best.high = hn::IfThenElse(mask, other.high, best.high);
  best.low = hn::IfThenElse(mask, other.low, best.low);
  best.error = hn::IfThenElse(better, other.error, best.error);
}

/// The block with this first word whose texels have the nearest of their colours; not planar.
template <bool kA1>
HWY_INLINE Coding nearest_paints(const Texels& in, VU32 high) {
  const TagI32 d;
  const Paints paints = read_paints<kA1>(high);
  Coding out{high, hn::Zero(TagU32()), hn::Zero(d)};
  const VI32 none = hn::Set(d, 0x1fffffff);
  for (std::size_t q = 0; q < 4; ++q) {
    PairTexel colours[4];
    for (std::size_t p = 0; p < 4; ++p) colours[p] = pairs_of(quadrant_paint(paints, q, p));
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t i = texel_of(q, k), bit = 4 * (i % 4) + i / 4;
      VI32 least = none;
      for (std::int32_t p = 0; p < 4; ++p) {
        VI32 error = squared_distance(in.colours[i], colours[p]);
        if constexpr (kA1)
          if (p == 2) error = hn::IfThenElse(in.has_holes, none, error);
        least = hn::Min(least, hn::Add(hn::ShiftLeft<2>(error), hn::Set(d, p)));
      }
      // Transparent texels have the index 2 and no error.
      if constexpr (kA1) least = hn::IfThenElse(hn::MaskFromVec(in.solid[i]), least, hn::Set(d, 2));
      out.error = hn::Add(out.error, hn::ShiftRight<2>(least));
      const VU32 index = hn::BitCast(TagU32(), least);
      out.low = hn::Or(out.low,
                       hn::Or(hn::ShiftLeftSame(bits_of<0, 1>(index), static_cast<int>(bit)),
                              hn::ShiftLeftSame(bits_of<1, 1>(index), static_cast<int>(bit) + 16)));
    }
  }
  return out;
}

/// What decoding gives against the texels, over three channels (RGB+A1: four).
template <bool kA1>
HWY_INLINE VI32 decoded_error(const std::uint8_t* texels, std::size_t row_bytes,
                              const Coding& coding) {
  VU32 words[16], decoded[16];
  LoadWords(texels, row_bytes, words);
  decode_words<kA1>(coding.high, coding.low, decoded);
  VI32 sum = hn::Zero(TagI32());
  for (std::size_t i = 0; i < 16; ++i) {
    sum = hn::Add(sum, squared_distance(pairs_of(words[i]), pairs_of(decoded[i])));
    if constexpr (kA1) {
      const VI32 alpha = hn::BitCast(
          TagI32(), hn::Sub(hn::ShiftRight<24>(words[i]), hn::ShiftRight<24>(decoded[i])));
      sum = hn::Add(sum, pair_dot(alpha, hn::And(alpha, hn::Set(TagI32(), 0xffff))));
    }
  }
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ETC2_TEXELS_INL
