// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc4_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc4_encoder.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "texture/codec/bc4_lanes-inl.hpp"
#include "texture/codec/channel_runs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

void encode_bc4_run(const EncodeRun& run) {
  const ChannelKind kind{run.format == Format::kBC4Snorm};
  encode_channel_run(
      run, kind,
      [&](const VU32(&first)[16], const VU32(&second)[16], ChannelWords& a, ChannelWords& b)
          HWY_ATTR { encode_bc4(first, second, kind.top(), run.quality, a, b); });
}

void encode_bc5_run(const EncodeRun& run) {
  const ChannelKind kind{run.format == Format::kBC5Snorm};
  encode_two_channel_run(
      run, kind,
      [&](const VU32(&red)[16], const VU32(&green)[16], ChannelWords& a, ChannelWords& b)
          HWY_ATTR { encode_bc4(red, green, kind.top(), run.quality, a, b); });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(encode_bc4_run);
HWY_EXPORT(encode_bc5_run);

void encode_bc4(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_bc4_run)(run); }
void encode_bc5(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_bc5_run)(run); }

}  // namespace forge3d::codec
#endif
