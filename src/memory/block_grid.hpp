// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// BlockGrid: what a copy moves, as layers of rows of blocks in host memory, and how it is cut to
// fit a ring.

#include <cstddef>
#include <cstdint>

#include "core/writer_team.hpp"
#include "forge3d/result.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d {

/// The rules of BlockGrid::of(BufferRegion), without its words.
[[nodiscard]] inline bool is_inside(const BufferRegion& region, std::uint64_t size_bytes) {
  return region.buffer != VK_NULL_HANDLE && size_bytes > 0 &&
         region.offset_bytes <= region.buffer_size_bytes &&
         size_bytes <= region.buffer_size_bytes - region.offset_bytes;
}

/// A stretch of a BlockGrid whose bytes lie without gaps in a ring.
struct BlockPiece {
  std::uint64_t layer = 0;
  std::uint64_t row = 0, rows = 0;
  std::uint64_t column = 0, columns = 0;
  std::uint64_t size_bytes = 0;
};

/// Blocks of one size in rows and layers. A buffer is one row of one-byte blocks.
struct BlockGrid {
  std::uint64_t columns = 0, rows = 1, layers = 1;
  std::uint64_t block_bytes = 1;
  std::uint64_t pitch_bytes = 0;  ///< Distance between rows in host memory.

  /// Checks the region's rules. Errors: kInvalidArgument names the field and the rule;
  /// kNotSupported for a format outside the table.
  [[nodiscard]] static Result<BlockGrid> of(const BufferRegion& region, std::uint64_t size_bytes);
  [[nodiscard]] static Result<BlockGrid> of(const ImageRegion& region);

  [[nodiscard]] std::uint64_t row_bytes() const { return columns * block_bytes; }
  /// Bytes of all blocks.
  [[nodiscard]] std::uint64_t size_bytes() const { return row_bytes() * rows * layers; }
  /// Bytes of host memory from the first block to the end of the last one.
  [[nodiscard]] std::uint64_t span_bytes() const {
    return pitch_bytes * (rows * layers - 1) + row_bytes();
  }
  /// Bytes of host memory when the last row is a full pitch, too.
  [[nodiscard]] std::uint64_t padded_bytes() const { return pitch_bytes * rows * layers; }

  /// Copies a piece from host memory laid out as the grid to tight bytes, and back. `streaming`:
  /// past the caches.
  void pack(const BlockPiece& piece, const std::byte* host, std::byte* tight,
            bool streaming = false) const;
  void unpack(const BlockPiece& piece, const std::byte* tight, std::byte* host) const;
  /// unpack() on several threads where the piece is large.
  void unpack_on(WriterTeam& team, const BlockPiece& piece, const std::byte* tight,
                 std::byte* host) const;

 private:
  [[nodiscard]] std::uint64_t host_offset(const BlockPiece& piece) const;
};

/// A piece cut into slices of about `slice_bytes`, to be copied on different threads.
class PieceSlices {
 public:
  PieceSlices(const BlockGrid& grid, const BlockPiece& piece, std::uint64_t slice_bytes);
  [[nodiscard]] std::uint32_t count() const { return count_; }
  /// One of them, and where it begins among the piece's tight bytes.
  [[nodiscard]] BlockPiece at(std::uint32_t index) const;
  [[nodiscard]] std::uint64_t tight_offset(std::uint32_t index) const;

 private:
  BlockPiece piece_;
  std::uint64_t unit_bytes_;  // of a row, or of a block where the piece is part of a row
  std::uint64_t units_, units_per_slice_;
  std::uint32_t count_;
};

/// Walks a grid in pieces: several whole rows of a layer where they fit, else part of a row.
class GridCutter {
 public:
  explicit GridCutter(const BlockGrid& grid) : grid_(grid) {}
  [[nodiscard]] bool done() const { return layer_ == grid_.layers; }
  [[nodiscard]] std::uint64_t remaining_bytes() const;
  /// The next piece of at most `limit_bytes`. REQUIRES: !done() and limit_bytes >= block_bytes.
  [[nodiscard]] BlockPiece peek(std::uint64_t limit_bytes) const;
  /// Steps over what peek() returned.
  void advance(const BlockPiece& piece);

 private:
  BlockGrid grid_;
  std::uint64_t layer_ = 0, row_ = 0, column_ = 0;
};

}  // namespace forge3d
