// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "ktx2_parts.hpp"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/inflate.hpp"

namespace forge3d::fuzz {
namespace {

constexpr std::uint64_t kMaxInflatedBytes = 1 << 16;

bool is_packed(std::uint32_t scheme) {
  return scheme == texture::kSchemeZstd || scheme == texture::kSchemeZlib;
}

Bytes range(std::span<const std::byte> file, std::uint64_t offset, std::uint64_t size_bytes) {
  if (offset >= file.size()) return {};
  const auto part = file.subspan(offset, std::min(size_bytes, file.size() - offset));
  return {part.begin(), part.end()};
}

Ktx2Parts::Level split_level(std::span<const std::byte> file, std::uint32_t scheme,
                             const texture::Ktx2LevelEntry& entry) {
  Ktx2Parts::Level level{entry.bytes, false, range(file, entry.offset, entry.stored_bytes)};
  if (scheme == texture::kSchemeNone) level.inflated = true;
  if (!is_packed(scheme) || entry.bytes > kMaxInflatedBytes) return level;
  Bytes plain(entry.bytes);
  if (!texture::inflate(scheme, level.data, plain)) return level;
  level.inflated = true;
  level.data = std::move(plain);
  return level;
}

Bytes pack(std::uint32_t scheme, const Bytes& plain) {
  if (scheme == texture::kSchemeZstd) {
    Bytes packed(ZSTD_compressBound(plain.size()));
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
    return packed;
  }
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> zlib(
      libdeflate_alloc_compressor(1), libdeflate_free_compressor);
  Bytes packed(libdeflate_zlib_compress_bound(zlib.get(), plain.size()));
  packed.resize(libdeflate_zlib_compress(zlib.get(), plain.data(), plain.size(), packed.data(),
                                         packed.size()));
  return packed;
}

void align(Bytes& file, std::uint64_t alignment) {
  file.resize((file.size() + alignment - 1) / alignment * alignment);
}

/// Appends a part; its offset, or 0 where it is empty.
std::uint64_t append(Bytes& file, const Bytes& part) {
  const std::uint64_t offset = file.size();
  file.insert(file.end(), part.begin(), part.end());
  return part.empty() ? 0 : offset;
}

void put_header(Bytes& file, const texture::Ktx2Header& header) {
  Bytes head;
  for (const std::uint8_t byte : texture::kIdentifier) head.push_back(std::byte{byte});
  for (const std::uint32_t field :
       {header.vk_format, header.type_size, header.width, header.height, header.depth,
        header.layer_count, header.face_count, header.level_count, header.scheme, header.dfd_offset,
        header.dfd_bytes, header.kvd_offset, header.kvd_bytes})
    texture::append_le(head, field);
  texture::append_le(head, header.sgd_offset);
  texture::append_le(head, header.sgd_bytes);
  std::copy(head.begin(), head.end(), file.begin());
}

void put_entry(Bytes& file, std::size_t level, const texture::Ktx2LevelEntry& entry) {
  Bytes bytes;
  texture::append_le(bytes, entry.offset);
  texture::append_le(bytes, entry.stored_bytes);
  texture::append_le(bytes, entry.bytes);
  std::copy(bytes.begin(), bytes.end(),
            file.begin() + static_cast<std::ptrdiff_t>(texture::kHeaderBytes +
                                                       texture::kLevelEntryBytes * level));
}

std::optional<texture::Descriptor> descriptor_of(const Ktx2Parts& parts) {
  constexpr std::size_t kTotalBytes = 4;
  if (parts.descriptor.size() < kTotalBytes + texture::kBasicBlockBytes) return std::nullopt;
  return texture::parse_basic_block(std::span(parts.descriptor).subspan(kTotalBytes));
}

}  // namespace

std::optional<Ktx2Parts> split_ktx2(std::span<const std::byte> file) {
  if (!texture::has_identifier(file) || file.size() < texture::kHeaderBytes) return std::nullopt;
  Ktx2Parts parts;
  parts.header = texture::parse_header(file);
  const texture::Ktx2Header& header = parts.header;
  if (header.levels() > texture::kMaxLevels || header.index_end() > file.size())
    return std::nullopt;
  parts.descriptor = range(file, header.dfd_offset, header.dfd_bytes);
  parts.key_values = range(file, header.kvd_offset, header.kvd_bytes);
  parts.global_data = range(file, header.sgd_offset, header.sgd_bytes);
  for (std::uint32_t level = 0; level < header.levels(); ++level) {
    const std::size_t at = texture::kHeaderBytes + texture::kLevelEntryBytes * level;
    parts.levels.push_back(
        split_level(file, header.scheme,
                    texture::parse_level_entry(file.subspan(at, texture::kLevelEntryBytes))));
  }
  return parts;
}

Bytes join_ktx2(const Ktx2Parts& parts) {
  texture::Ktx2Header header = parts.header;
  if (header.level_count != 0 || parts.levels.size() != 1)
    header.level_count = static_cast<std::uint32_t>(parts.levels.size());
  Bytes file(header.index_end());
  header.dfd_offset = static_cast<std::uint32_t>(append(file, parts.descriptor));
  header.dfd_bytes = static_cast<std::uint32_t>(parts.descriptor.size());
  header.kvd_offset = static_cast<std::uint32_t>(append(file, parts.key_values));
  header.kvd_bytes = static_cast<std::uint32_t>(parts.key_values.size());
  if (!parts.global_data.empty()) align(file, 8);
  header.sgd_offset = append(file, parts.global_data);
  header.sgd_bytes = parts.global_data.size();
  const auto descriptor = descriptor_of(parts);
  const std::uint64_t alignment =
      header.scheme == texture::kSchemeNone
          ? texture::level_alignment(descriptor ? descriptor->plane_bytes[0] : 1)
          : 1;
  for (std::size_t level = parts.levels.size(); level-- > 0;) {
    const Ktx2Parts::Level& part = parts.levels[level];
    const Bytes stored =
        part.inflated && is_packed(header.scheme) ? pack(header.scheme, part.data) : part.data;
    align(file, alignment);
    const std::uint64_t offset = append(file, stored);
    const std::uint64_t bytes = header.is_basis() ? 0
                                : part.inflated   ? part.data.size()
                                                  : part.bytes;
    put_entry(file, level, {offset, stored.size(), bytes});
  }
  put_header(file, header);
  return file;
}

void fit_levels(Ktx2Parts& parts, std::uint64_t max_bytes) {
  const auto descriptor = descriptor_of(parts);
  if (!descriptor || descriptor->plane_bytes[0] == 0) return;
  for (std::size_t level = 0; level < parts.levels.size(); ++level) {
    const auto bytes =
        texture::level_bytes(parts.header, *descriptor, static_cast<std::uint32_t>(level));
    if (parts.levels[level].inflated && bytes && *bytes <= max_bytes)
      parts.levels[level].data.resize(*bytes);
  }
}

}  // namespace forge3d::fuzz
