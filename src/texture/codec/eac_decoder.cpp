// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/eac_decoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/eac_decoder.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "texture/codec/eac_values-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

template <EacKind kKind>
void decode_r11_as(const DecodeRun& run) {
  const ByteBlock green = all_bytes(0);
  for (std::size_t i = 0; i < run.count; ++i)
    store_red_green(eac_values<kKind>(run.blocks + 8 * i), green,
                    kKind == EacKind::kSnorm ? 127 : 255, run.texels + 16 * i, run.row_bytes);
}

template <EacKind kKind>
void decode_rg11_as(const DecodeRun& run) {
  for (std::size_t i = 0; i < run.count; ++i)
    store_red_green(eac_values<kKind>(run.blocks + 16 * i),
                    eac_values<kKind>(run.blocks + 16 * i + 8),
                    kKind == EacKind::kSnorm ? 127 : 255, run.texels + 16 * i, run.row_bytes);
}

void decode_r11_run(const DecodeRun& run) {
  run.format == Format::kEACR11Snorm ? decode_r11_as<EacKind::kSnorm>(run)
                                     : decode_r11_as<EacKind::kUnorm>(run);
}
void decode_rg11_run(const DecodeRun& run) {
  run.format == Format::kEACRG11Snorm ? decode_rg11_as<EacKind::kSnorm>(run)
                                      : decode_rg11_as<EacKind::kUnorm>(run);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(decode_r11_run);
HWY_EXPORT(decode_rg11_run);

void decode_eac_r11(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_r11_run)(run); }
void decode_eac_rg11(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_rg11_run)(run); }

}  // namespace forge3d::codec
#endif
