// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as the head of a KTX2 file, under the default limits: what opens has a shape that keeps
// them and levels inside the file.

#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/ktx2_metadata.hpp"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

void check_limits(const forge3d::Ktx2Info& info, const forge3d::Ktx2Limits& limits) {
  check(info.width >= 1 && info.width <= limits.max_extent);
  check(info.height >= 1 && info.height <= limits.max_extent);
  check(info.depth >= 1 && info.depth <= limits.max_extent);
  check(info.layers >= 1 && info.layers <= limits.max_layers);
  check(info.faces == 1 || info.faces == 6);
  check(info.levels >= 1 && info.levels <= limits.max_levels);
  check(info.level_index.size() == info.levels);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  const forge3d::Ktx2Limits limits;
  const auto reader = forge3d::Ktx2Reader::open(std::move(source), limits);
  if (!reader) {
    check(!reader.error().message.empty());
    return 0;
  }
  const forge3d::Ktx2Info& info = reader->info();
  check_limits(info, limits);
  (void)forge3d::ktx2_metadata(info);
  (void)forge3d::can_decode_ktx2(info);
  (void)forge3d::ktx2_fallback_format(info);
  std::uint64_t total = 0;
  for (std::uint32_t level = 0; level < info.levels; ++level) {
    const forge3d::Ktx2Info::Level& entry = info.level_index[level];
    check(entry.offset <= size_bytes && entry.stored_bytes <= size_bytes - entry.offset);
    check(entry.bytes <= limits.max_level_bytes && info.block_slices(level) >= 1);
    check(reader->has_arrived(level));
    total += entry.bytes;
  }
  check(total <= limits.max_total_bytes);
  return 0;
}
