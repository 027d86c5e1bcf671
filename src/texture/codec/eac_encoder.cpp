// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/eac_encoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/eac_encoder.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "texture/codec/channel_runs-inl.hpp"
#include "texture/codec/eac_lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

void encode_r11_run(const EncodeRun& run) {
  const ChannelKind kind{run.format == Format::kEACR11Snorm};
  const EacLevels levels{kind.is_snorm};
  encode_channel_run(
      run, kind,
      [&](const VU32(&first)[16], const VU32(&second)[16], ChannelWords& a, ChannelWords& b)
          HWY_ATTR { encode_eac(first, second, levels, run.quality, a, b); });
}

void encode_rg11_run(const EncodeRun& run) {
  const ChannelKind kind{run.format == Format::kEACRG11Snorm};
  const EacLevels levels{kind.is_snorm};
  encode_two_channel_run(
      run, kind,
      [&](const VU32(&red)[16], const VU32(&green)[16], ChannelWords& a, ChannelWords& b)
          HWY_ATTR { encode_eac(red, green, levels, run.quality, a, b); });
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(encode_r11_run);
HWY_EXPORT(encode_rg11_run);

void encode_eac_r11(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_r11_run)(run); }
void encode_eac_rg11(const EncodeRun& run) { HWY_DYNAMIC_DISPATCH(encode_rg11_run)(run); }

}  // namespace forge3d::codec
#endif
