// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/ktx2/container.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "forge3d/format.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"

namespace forge3d::texture {

bool has_identifier(std::span<const std::byte> bytes) {
  return bytes.size() >= kIdentifierBytes &&
         std::memcmp(bytes.data(), kIdentifier.data(), kIdentifierBytes) == 0;
}

Ktx2Header parse_header(std::span<const std::byte> bytes) {
  Ktx2Header header;
  std::size_t at = kIdentifierBytes;
  for (std::uint32_t* field :
       {&header.vk_format, &header.type_size, &header.width, &header.height, &header.depth,
        &header.layer_count, &header.face_count, &header.level_count, &header.scheme,
        &header.dfd_offset, &header.dfd_bytes, &header.kvd_offset, &header.kvd_bytes}) {
    *field = load_le<std::uint32_t>(bytes, at);
    at += 4;
  }
  header.sgd_offset = load_le<std::uint64_t>(bytes, at);
  header.sgd_bytes = load_le<std::uint64_t>(bytes, at + 8);
  return header;
}

Ktx2LevelEntry parse_level_entry(std::span<const std::byte> bytes) {
  return {load_le<std::uint64_t>(bytes, 0), load_le<std::uint64_t>(bytes, 8),
          load_le<std::uint64_t>(bytes, 16)};
}

std::uint32_t full_level_count(const Ktx2Header& header) {
  return full_mip_count(std::max(header.width, header.height), header.depth);
}

std::optional<std::uint64_t> level_bytes(const Ktx2Header& header, const Descriptor& descriptor,
                                         std::uint32_t level) {
  const std::uint32_t extents[] = {header.width, header.height, header.depth};
  std::optional<std::uint64_t> bytes = std::uint64_t{header.layers()} * header.face_count;
  for (std::size_t axis = 0; axis < 3 && bytes; ++axis) {
    const std::uint64_t block = descriptor.block_extent[axis];
    bytes = checked_mul(*bytes, (mip_extent(extents[axis], level) + block - 1) / block);
  }
  return bytes ? checked_mul(*bytes, descriptor.plane_bytes[0]) : std::nullopt;
}

std::optional<std::uint64_t> whole_block_level_bytes(const Ktx2Header& header,
                                                     const Descriptor& descriptor,
                                                     std::uint32_t level) {
  const std::uint32_t slices = mip_extent(header.depth, level);
  const std::uint32_t block = descriptor.block_extent[2];
  if (block <= 1 || slices < block || slices % block == 0) return std::nullopt;
  const auto bytes = level_bytes(header, descriptor, level);
  const std::uint64_t blocks = slices / block + 1;
  return bytes ? std::optional(*bytes / blocks * (blocks - 1)) : std::nullopt;
}

std::uint64_t level_alignment(std::uint64_t block_bytes) {
  return std::lcm(std::max<std::uint64_t>(block_bytes, 1), std::uint64_t{4});
}

}  // namespace forge3d::texture
