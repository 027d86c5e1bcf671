// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a KTX2 file: header, typed keys, then every level and the last slice of each.

#include <algorithm>

#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/ktx2_metadata.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const forge3d::Ktx2Limits limits{.max_level_bytes = 1 << 24};
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  const auto reader = forge3d::Ktx2Reader::open(std::move(source), limits);
  if (!reader) return 0;
  const forge3d::Ktx2Info& info = reader->info();
  (void)forge3d::ktx2_metadata(info);
  for (std::uint32_t level = 0; level < info.levels; ++level) {
    const auto bytes = reader->read_level(level);
    if (bytes && bytes->size() != info.level_index[level].bytes) __builtin_trap();
    const forge3d::Ktx2Slice last{level, info.layers - 1, info.faces - 1,
                                  info.block_slices(level) - 1};
    const auto slice = reader->read_slice(last);
    if (bytes && slice &&
        !std::equal(slice->begin(), slice->end(),
                    bytes->end() - static_cast<std::ptrdiff_t>(slice->size())))
      __builtin_trap();
    if (info.level_index[level].bytes < 1 << 16) {
      (void)forge3d::decode_ktx2_slice(*reader, last);
      (void)forge3d::convert_ktx2_slice(*reader, last, forge3d::Format::kRGBA16Sfloat);
    }
  }
  return 0;
}
