// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Alpha in formats whose blocks are 8 bytes of alpha, then 8 bytes of colour: BC3 and ETC2 RGBA.

#if defined(FORGE3D_ALPHA_RUN_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_ALPHA_RUN_INL
#undef FORGE3D_ALPHA_RUN_INL
#else
#define FORGE3D_ALPHA_RUN_INL
#endif

#include "texture/codec/short_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// Writes two words of the first `count` lanes to `out`, a block in 16 bytes.
HWY_INLINE void store_half_blocks(VU32 low, VU32 high, std::size_t count, std::uint8_t* out) {
  alignas(64) std::uint32_t words[2 * hn::MaxLanes(TagU32())];
  hn::StoreInterleaved2(low, high, TagU32(), words);
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + 16 * i, words + 2 * i, 8);
}

/// Writes the alphas of a run and adds their errors to those of the colours, which must be there
/// before. Most blocks of most pictures have one alpha: groups of such blocks cost a comparison,
/// the others are encoded two groups at a time. `Coder` has
///   ChannelWords flat(VU32 alpha): blocks of one alpha, without error; what encode() would give;
///   void encode(const VU32 (&a)[16], const VU32 (&b)[16], ChannelWords&, ChannelWords&).
template <class Coder>
class AlphaRun {
 public:
  HWY_INLINE AlphaRun(const EncodeRun& run, const Coder& coder) : run_(run), coder_(coder) {}

  /// The texels of blocks `first` and up, of which `count` count.
  HWY_INLINE void add(const VU32 (&words)[16], std::size_t first, std::size_t count) {
    const TagU32 d;
    VU32 low = words[0], high = words[0];
    for (int i = 1; i < 16; ++i) {
      low = hn::Min(low, words[i]);
      high = hn::Max(high, words[i]);
    }
    low = hn::ShiftRight<24>(low);
    if (hn::AllTrue(d, hn::Eq(low, hn::ShiftRight<24>(high))))
      return store(coder_.flat(low), first, count);
    if (waiting_count_ == 0) return wait(words, first, count);
    VU32 values[16];
    for (int i = 0; i < 16; ++i) values[i] = hn::ShiftRight<24>(words[i]);
    encode_with_waiting(values, first, count);
  }

  /// After the last blocks.
  HWY_INLINE void finish() {
    if (waiting_count_ > 0) encode_with_waiting(waiting_, waiting_first_, waiting_count_);
  }

 private:
  HWY_INLINE void wait(const VU32 (&words)[16], std::size_t first, std::size_t count) {
    for (int i = 0; i < 16; ++i) waiting_[i] = hn::ShiftRight<24>(words[i]);
    waiting_first_ = first;
    waiting_count_ = count;
  }

  /// Encodes the group that waits beside this one, which may be the same.
  HWY_INLINE void encode_with_waiting(const VU32 (&values)[16], std::size_t first,
                                      std::size_t count) {
    ChannelWords a, b;
    coder_.encode(waiting_, values, a, b);
    store(a, waiting_first_, waiting_count_);
    add_errors(a, waiting_first_, waiting_count_);
    if (first != waiting_first_) {
      store(b, first, count);
      add_errors(b, first, count);
    }
    waiting_count_ = 0;
  }

  HWY_INLINE void store(const ChannelWords& words, std::size_t first, std::size_t count) const {
    store_half_blocks(words.low, words.high, count, run_.out + 16 * first);
  }

  HWY_INLINE void add_errors(const ChannelWords& words, std::size_t first,
                             std::size_t count) const {
    if (run_.errors == nullptr) return;
    alignas(64) std::uint32_t errors[hn::MaxLanes(TagU32())];
    hn::Store(words.error, TagU32(), errors);
    for (std::size_t i = 0; i < count; ++i) run_.errors[first + i] += errors[i];
  }

  const EncodeRun& run_;
  const Coder& coder_;
  VU32 waiting_[16];
  std::size_t waiting_first_ = 0, waiting_count_ = 0;
};

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_ALPHA_RUN_INL
