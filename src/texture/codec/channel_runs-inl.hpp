// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// From a run of RGBA8 texels to blocks that hold one channel (BC4, EAC R11) or two, each in 8 bytes
// of its own (BC5, EAC RG11).

#if defined(FORGE3D_CHANNEL_RUNS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef FORGE3D_CHANNEL_RUNS_INL
#undef FORGE3D_CHANNEL_RUNS_INL
#else
#define FORGE3D_CHANNEL_RUNS_INL
#endif

#include "texture/codec/short_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

/// How a channel's bytes map to the numbers 0..top() that encoders work on: as they are, or from
/// two's complement -127..127 (-128 counts as -127).
struct ChannelKind {
  bool is_snorm;
  [[nodiscard]] constexpr std::uint16_t top() const { return is_snorm ? 254 : 255; }
};

/// Channel kShift / 8 of texels.
template <int kShift>
HWY_INLINE void channel_values(const VU32 (&words)[16], ChannelKind kind, VU32 (&values)[16]) {
  const TagU32 d;
  const VU32 byte = hn::Set(d, 255);
  for (int i = 0; i < 16; ++i) values[i] = hn::And(hn::ShiftRight<kShift>(words[i]), byte);
  if (!kind.is_snorm) return;
  const VU32 sign = hn::Set(d, 128), one = hn::Set(d, 1);
  for (VU32& value : values) value = hn::Sub(hn::Max(hn::Xor(value, sign), one), one);
}

/// Writes the blocks of one group: the first `count` lanes.
HWY_INLINE void store_group(const EncodeRun& run, std::size_t first, std::size_t count,
                            const ChannelWords& words) {
  const TagU32 d;
  alignas(64) std::uint32_t bytes[2 * hn::MaxLanes(TagU32())];
  alignas(64) std::uint32_t errors[hn::MaxLanes(TagU32())];
  hn::StoreInterleaved2(words.low, words.high, d, bytes);
  hn::Store(words.error, d, errors);
  std::memcpy(run.out + first * 8, bytes, count * 8);
  if (run.errors != nullptr) std::memcpy(run.errors + first, errors, count * sizeof(*errors));
}

/// encode(values of a group, values of the next, words of either) for all blocks of the run, red.
template <class Encode>
HWY_INLINE void encode_channel_run(const EncodeRun& run, ChannelKind kind, Encode encode) {
  VU32 waiting[16];
  std::size_t waiting_first = 0;
  bool is_waiting = false;
  ChannelWords a, b;
  ForEachLanesOfBlocks(run, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                std::size_t first, std::size_t count) HWY_ATTR {
    VU32 words[16], values[16];
    LoadWords(texels, row_bytes, words);
    channel_values<0>(words, kind, values);
    if (!is_waiting && first + count < run.blocks) {
      std::copy(values, values + 16, waiting);
      waiting_first = first;
      is_waiting = true;
      return;
    }
    encode(is_waiting ? waiting : values, values, a, b);
    if (is_waiting) store_group(run, waiting_first, BlockLanes(), a);
    store_group(run, first, count, b);
    is_waiting = false;
  });
}

/// encode(red, green, words of either) for all blocks of the run.
template <class Encode>
HWY_INLINE void encode_two_channel_run(const EncodeRun& run, ChannelKind kind, Encode encode) {
  ForEachLanesOfBlocks(run, [&](const std::uint8_t* texels, std::size_t row_bytes,
                                std::size_t first, std::size_t count) HWY_ATTR {
    const TagU32 d;
    VU32 words[16], red[16], green[16];
    LoadWords(texels, row_bytes, words);
    channel_values<0>(words, kind, red);
    channel_values<8>(words, kind, green);
    ChannelWords a, b;
    encode(red, green, a, b);
    alignas(64) std::uint32_t bytes[4 * hn::MaxLanes(TagU32())];
    alignas(64) std::uint32_t errors[hn::MaxLanes(TagU32())];
    hn::StoreInterleaved4(a.low, a.high, b.low, b.high, d, bytes);
    hn::Store(hn::Add(a.error, b.error), d, errors);
    std::memcpy(run.out + first * 16, bytes, count * 16);
    if (run.errors != nullptr) std::memcpy(run.errors + first, errors, count * sizeof(*errors));
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#endif  // FORGE3D_CHANNEL_RUNS_INL
