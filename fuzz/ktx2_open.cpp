// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a KTX2 file: header, then every level.

#include "forge3d/ktx2.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const forge3d::Ktx2Limits limits{.max_level_bytes = 1 << 24};
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  const auto reader = forge3d::Ktx2Reader::open(std::move(source), limits);
  if (!reader) return 0;
  for (std::uint32_t level = 0; level < reader->info().levels; ++level) {
    const auto bytes = reader->read_level(level);
    if (bytes && bytes->size() != reader->info().level_index[level].bytes) __builtin_trap();
  }
  return 0;
}
