// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ktx2Blocks: rectangles of blocks out of the levels of a KTX2 file.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "forge3d/basis.hpp"
#include "forge3d/ktx2.hpp"
#include "tiles/sources/block_cache.hpp"

namespace forge3d::tiles {

/// Blocks of a format: those of the file, or what Basis Universal is transcoded to. Plain levels
/// are read by range; supercompressed and transcoded ones become whole levels in memory, each made
/// once while it is kept. A "block" is a texel of plain formats. Thread-safe.
class Ktx2Blocks {
 public:
  /// `format`: of the blocks that are given. REQUIRES: it is that of the file, or the file's model
  /// transcodes to it. Errors: kNotSupported when a level that must be held is over
  /// `max_level_bytes`; those of BasisTexture::open.
  [[nodiscard]] static Result<std::unique_ptr<Ktx2Blocks>> create(Ktx2Reader reader, Format format,
                                                                  std::uint64_t max_level_bytes);

  [[nodiscard]] const Ktx2Info& info() const { return reader_.info(); }
  [[nodiscard]] std::string name() const { return reader_.name(); }
  [[nodiscard]] const FormatInfo& format() const { return format_; }
  [[nodiscard]] std::uint32_t blocks_x(std::uint32_t level) const;
  [[nodiscard]] std::uint32_t blocks_y(std::uint32_t level) const;

  /// Copies width x height blocks from (x, y) on; rows of `out` lie `row_bytes` apart. REQUIRES:
  /// they lie in the level. Errors: kIo, kInvalidFile.
  [[nodiscard]] Result<> read(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                              std::uint32_t width, std::uint32_t height, std::span<std::byte> out,
                              std::size_t row_bytes) const;

 private:
  Ktx2Blocks(Ktx2Reader reader, const FormatInfo& format, std::uint64_t max_level_bytes);
  [[nodiscard]] std::uint64_t level_bytes(std::uint32_t level) const;
  [[nodiscard]] Result<BlockCache::Bytes> make_level(std::uint32_t level) const;
  [[nodiscard]] Result<> read_ranges(std::uint32_t level, std::uint64_t first, std::uint32_t height,
                                     std::size_t wanted_bytes, std::span<std::byte> out,
                                     std::size_t row_bytes) const;

  Ktx2Reader reader_;
  FormatInfo format_;
  std::optional<BasisTexture> basis_;
  bool by_range_;
  mutable BlockCache levels_;
};

}  // namespace forge3d::tiles
