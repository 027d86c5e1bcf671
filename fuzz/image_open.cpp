// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a PNG or JPEG: every row is read or an error comes.

#include "forge3d/image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const forge3d::ImageLimits limits{
      .max_extent = 1 << 13, .max_pixels = 1 << 22, .max_resident_bytes = 1 << 25};
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  auto reader = forge3d::open_image(std::move(source), limits);
  if (!reader) return 0;
  const forge3d::ImageInfo& info = (*reader)->info();
  std::vector<std::byte> row(info.row_bytes());
  for (std::uint32_t y = 0; y < info.height; ++y)
    if (!(*reader)->read_row(row)) break;
  return 0;
}
