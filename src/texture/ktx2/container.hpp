// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The fixed part of a KTX2 file: header, index and level index. KTX 2.0 specification, section 3.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "texture/ktx2/descriptor.hpp"

namespace forge3d::texture {

inline constexpr std::size_t kIdentifierBytes = 12;
inline constexpr std::size_t kHeaderBytes = 80;  ///< Identifier, header and index.
inline constexpr std::size_t kLevelEntryBytes = 24;
inline constexpr std::uint32_t kMaxLevels = 32;  ///< No extent of 32 bits has more.

inline constexpr std::array<std::uint8_t, kIdentifierBytes> kIdentifier = {
    0xAB, 'K', 'T', 'X', ' ', '2', '0', 0xBB, '\r', '\n', 0x1A, '\n'};

// supercompressionScheme.
inline constexpr std::uint32_t kSchemeNone = 0;
inline constexpr std::uint32_t kSchemeBasisLz = 1;
inline constexpr std::uint32_t kSchemeZstd = 2;
inline constexpr std::uint32_t kSchemeZlib = 3;
inline constexpr std::uint32_t kSchemeUastcHdr6x6 = 4;

/// The header as stored.
struct Ktx2Header {
  std::uint32_t vk_format = 0, type_size = 1;
  std::uint32_t width = 0, height = 0, depth = 0;
  std::uint32_t layer_count = 0, face_count = 1, level_count = 1;
  std::uint32_t scheme = kSchemeNone;
  std::uint32_t dfd_offset = 0, dfd_bytes = 0;
  std::uint32_t kvd_offset = 0, kvd_bytes = 0;
  std::uint64_t sgd_offset = 0, sgd_bytes = 0;

  [[nodiscard]] std::uint32_t levels() const { return level_count == 0 ? 1 : level_count; }
  [[nodiscard]] std::uint32_t layers() const { return layer_count == 0 ? 1 : layer_count; }
  /// The first byte behind the level index. REQUIRES: levels() <= kMaxLevels.
  [[nodiscard]] std::uint64_t index_end() const {
    return kHeaderBytes + std::uint64_t{kLevelEntryBytes} * levels();
  }
  /// Basis images inflate by transcoding only: their uncompressed lengths are 0.
  [[nodiscard]] bool is_basis() const {
    return scheme == kSchemeBasisLz || scheme == kSchemeUastcHdr6x6;
  }
};

struct Ktx2LevelEntry {
  std::uint64_t offset = 0, stored_bytes = 0, bytes = 0;
};

[[nodiscard]] bool has_identifier(std::span<const std::byte> bytes);
/// REQUIRES: bytes.size() >= kHeaderBytes.
[[nodiscard]] Ktx2Header parse_header(std::span<const std::byte> bytes);
/// REQUIRES: bytes.size() >= kLevelEntryBytes.
[[nodiscard]] Ktx2LevelEntry parse_level_entry(std::span<const std::byte> bytes);

/// Levels from the largest extent down to one texel.
[[nodiscard]] std::uint32_t full_level_count(const Ktx2Header& header);

/// Plain bytes of one level: all layers, faces and slices of blocks as `descriptor` says. Nothing
/// when it passes 64 bits.
[[nodiscard]] std::optional<std::uint64_t> level_bytes(const Ktx2Header& header,
                                                       const Descriptor& descriptor,
                                                       std::uint32_t level);

/// The same where a level of blocks that have depth ends in the last whole block: encoders leave
/// out slices that fill none. Nothing where all do, or where there is no whole one.
[[nodiscard]] std::optional<std::uint64_t> whole_block_level_bytes(const Ktx2Header& header,
                                                                   const Descriptor& descriptor,
                                                                   std::uint32_t level);

/// What level offsets must be a multiple of in files without supercompression: lcm(block bytes, 4).
[[nodiscard]] std::uint64_t level_alignment(std::uint64_t block_bytes);

}  // namespace forge3d::texture
