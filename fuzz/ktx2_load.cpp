// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as a KTX2 file: every level as a whole and image by image, the same bytes both ways,
// and small images as pixels.

#include <algorithm>

#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/ktx2_metadata.hpp"

namespace {

using forge3d::Ktx2Slice;

constexpr std::uint64_t kMaxDecodedBytes = 1 << 14;
constexpr std::uint64_t kMaxDecodedTexels = 1 << 16;  // BasisLZ names no plain bytes
constexpr std::uint32_t kMaxImages = 24;              // of one level

void check(bool holds) {
  if (!holds) __builtin_trap();
}

bool is_small(const forge3d::Ktx2Info& info, std::uint32_t level) {
  const std::uint64_t texels = std::uint64_t{forge3d::mip_extent(info.width, level)} *
                               forge3d::mip_extent(info.height, level);
  return info.level_index[level].bytes <= kMaxDecodedBytes && texels <= kMaxDecodedTexels;
}

void load_slice(const forge3d::Ktx2Reader& reader, const Ktx2Slice& slice,
                const forge3d::Result<std::vector<std::byte>>& level) {
  const auto bytes = reader.read_slice(slice);
  if (level) {
    const auto part = forge3d::ktx2_slice_bytes(reader.info(), slice, *level);
    const bool known = reader.info().format != forge3d::Format::kUndefined;
    check(!known || part.has_value() == bytes.has_value());
    check(!part || std::equal(bytes->begin(), bytes->end(), part->begin(), part->end()));
  }
  if (!is_small(reader.info(), slice.level)) return;
  using forge3d::Format;
  constexpr Format kTargets[] = {Format::kRGBA8Unorm, Format::kRGBA16Sfloat, Format::kRGBA32Sfloat};
  (void)forge3d::decode_ktx2_slice(reader, slice);
  (void)forge3d::convert_ktx2_slice(reader, slice, kTargets[slice.level % std::size(kTargets)]);
}

void load_level(const forge3d::Ktx2Reader& reader, std::uint32_t level) {
  const forge3d::Ktx2Info& info = reader.info();
  const auto bytes = reader.read_level(level);
  check(!bytes || bytes->size() == info.level_index[level].bytes);
  const std::uint32_t slices = info.block_slices(level);
  std::uint32_t images = 0;
  for (std::uint32_t layer = 0; layer < info.layers; ++layer)
    for (std::uint32_t face = 0; face < info.faces; ++face)
      for (std::uint32_t slice = 0; slice < slices && images < kMaxImages; ++slice, ++images)
        load_slice(reader, {level, layer, face, slice}, bytes);
  load_slice(reader, {level, info.layers - 1, info.faces - 1, slices - 1}, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const forge3d::Ktx2Limits limits{.max_layers = 256, .max_level_bytes = 1 << 22};
  auto source = forge3d::make_memory_source(std::as_bytes(std::span(data, size_bytes)));
  const auto reader = forge3d::Ktx2Reader::open(std::move(source), limits);
  if (!reader) return 0;
  (void)forge3d::ktx2_metadata(reader->info());
  (void)reader->read_global_data();
  for (std::uint32_t level = 0; level < reader->info().levels; ++level) load_level(*reader, level);
  return 0;
}
