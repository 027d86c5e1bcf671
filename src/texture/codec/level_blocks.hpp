// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// LevelBlocks: the blocks of one image with the error of each, which change one by one.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "forge3d/codec.hpp"
#include "texture/codec/block_codec.hpp"

namespace forge3d::codec {

/// The pixels of a level: RGBA8, or half floats where is_hdr() says so of the format.
struct LevelTexels {
  const std::uint8_t* texels = nullptr;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t row_bytes = 0;
};

/// An image in a block format, and what every block adds to the squared error (in the units of
/// EncodeRun::errors). Blocks over the edge count with the texels inside the image alone (HDR
/// formats: with their share of the padded block's error). Results do not depend on the number of
/// threads. Not thread-safe; the texels must outlive it.
class LevelBlocks {
 public:
  /// REQUIRES: can_encode(format), a compressed format.
  LevelBlocks(Format format, const LevelTexels& texels, std::uint32_t threads);

  /// Makes room for the blocks, which are zeros and add no error until they are encoded. Errors:
  /// those of image_bytes(), kOutOfHostMemory. Only encode_listed() needs it to be called.
  [[nodiscard]] Result<> allocate();
  /// Encodes all blocks, with or without allocate(). Errors: those of both.
  [[nodiscard]] Result<> encode(Quality quality);
  /// Encodes the listed blocks. REQUIRES: allocate(); each block is listed once.
  void encode_listed(std::span<const std::uint32_t> list, Quality quality);
  /// Encodes the listed blocks again and keeps each that is better than what was there.
  void improve(std::span<const std::uint32_t> list, Quality quality);
  /// Puts other bytes in the place of a block. REQUIRES: `error` is theirs.
  void replace(std::uint32_t block, const std::byte* bytes, std::uint32_t error);

  /// Copies the texels of listed blocks side by side: rows of list.size() * block width texels.
  void gather(std::span<const std::uint32_t> list, std::uint8_t* strip) const;
  /// Bytes of such a strip.
  [[nodiscard]] std::size_t strip_bytes(std::size_t blocks) const {
    return strip_row_bytes(blocks) * info_.block_height;
  }
  [[nodiscard]] std::size_t strip_row_bytes(std::size_t blocks) const {
    return blocks * info_.block_width * texel_bytes_;
  }

  [[nodiscard]] std::uint32_t columns() const { return columns_; }
  [[nodiscard]] std::uint32_t rows() const { return rows_; }
  [[nodiscard]] std::uint32_t count() const { return columns_ * rows_; }
  [[nodiscard]] std::uint32_t threads() const { return threads_; }
  [[nodiscard]] Format format() const { return format_; }
  [[nodiscard]] const BlockCodec& codec() const { return codec_; }
  [[nodiscard]] std::size_t block_bytes() const { return info_.block_bytes; }
  [[nodiscard]] const LevelTexels& texels() const { return texels_; }
  /// Whether the block lies inside the image as a whole.
  [[nodiscard]] bool is_whole(std::uint32_t block) const {
    return block % columns_ < whole_columns_ && block / columns_ < whole_rows_;
  }
  [[nodiscard]] std::uint32_t whole_columns() const { return whole_columns_; }
  [[nodiscard]] std::uint32_t whole_rows() const { return whole_rows_; }

  [[nodiscard]] const std::byte* bytes_of(std::uint32_t block) const {
    return bytes_.data() + std::size_t{block} * info_.block_bytes;
  }
  [[nodiscard]] std::span<const std::uint32_t> errors() const { return errors_; }
  [[nodiscard]] std::uint64_t squared_error() const { return squared_error_; }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take_bytes() { return std::move(bytes_); }

  /// Copies the bytes of one block, between places that do not overlap or are the same.
  template <class Byte>
  void copy_block(Byte* to, const std::byte* from) const {
    if (info_.block_bytes == 8)
      std::memmove(to, from, 8);  // of sizes that the compiler knows
    else
      std::memmove(to, from, 16);
  }

 private:
  void gather_block(std::uint32_t block, std::uint8_t* target, std::size_t row_bytes) const;
  void measure_edge(std::uint32_t block, const std::byte* bytes, std::uint32_t& error) const;
  void encode_strip(std::span<const std::uint32_t> list, Quality quality, std::byte* out,
                    std::uint32_t* errors) const;
  template <class Keep>
  void encode_list(std::span<const std::uint32_t> list, Quality quality, Keep keep);

  Format format_;
  LevelTexels texels_;
  std::uint32_t threads_;
  const FormatInfo& info_;
  BlockCodec codec_;
  std::size_t texel_bytes_;
  std::uint32_t columns_, rows_;
  std::uint32_t whole_columns_, whole_rows_;
  std::vector<std::byte> bytes_;
  std::vector<std::uint32_t> errors_;
  std::uint64_t squared_error_ = 0;
};

/// Blocks that one thread takes at once: their strip and what comes of it fit a first-level cache.
inline constexpr std::size_t kStripBlocks = 128;

}  // namespace forge3d::codec
