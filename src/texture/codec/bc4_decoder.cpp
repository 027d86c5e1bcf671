// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc4_decoder.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture/codec/bc4_decoder.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.
#include "texture/codec/bc4_values-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace forge3d::codec {
namespace HWY_NAMESPACE {

template <bool kSnorm>
void decode_bc4_as(const DecodeRun& run) {
  const ByteBlock green = all_bytes(0);
  for (std::size_t i = 0; i < run.count; ++i)
    store_red_green(bc4_values<kSnorm>(run.blocks + 8 * i), green, kSnorm ? 127 : 255,
                    run.texels + 16 * i, run.row_bytes);
}

template <bool kSnorm>
void decode_bc5_as(const DecodeRun& run) {
  for (std::size_t i = 0; i < run.count; ++i)
    store_red_green(bc4_values<kSnorm>(run.blocks + 16 * i),
                    bc4_values<kSnorm>(run.blocks + 16 * i + 8), kSnorm ? 127 : 255,
                    run.texels + 16 * i, run.row_bytes);
}

void decode_bc4_run(const DecodeRun& run) {
  run.format == Format::kBC4Snorm ? decode_bc4_as<true>(run) : decode_bc4_as<false>(run);
}
void decode_bc5_run(const DecodeRun& run) {
  run.format == Format::kBC5Snorm ? decode_bc5_as<true>(run) : decode_bc5_as<false>(run);
}

}  // namespace HWY_NAMESPACE
}  // namespace forge3d::codec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace forge3d::codec {

HWY_EXPORT(decode_bc4_run);
HWY_EXPORT(decode_bc5_run);

void decode_bc4(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc4_run)(run); }
void decode_bc5(const DecodeRun& run) { HWY_DYNAMIC_DISPATCH(decode_bc5_run)(run); }

}  // namespace forge3d::codec
#endif
