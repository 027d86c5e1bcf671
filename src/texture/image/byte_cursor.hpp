// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ByteCursor: buffered reading of a ByteSource from front to back, for the image decoders.

#include <memory>
#include <vector>

#include "forge3d/byte_source.hpp"

namespace forge3d::texture {

/// Reads a source once, in order, through one small buffer. Not thread-safe.
class ByteCursor {
 public:
  explicit ByteCursor(std::shared_ptr<const ByteSource> source) : source_(std::move(source)) {}

  /// Fills `out`. Errors: kInvalidFile when the source ends before, kIo.
  [[nodiscard]] Result<> read(std::span<std::byte> out);
  /// The next bytes, at least one; valid until the next call. Errors: as read().
  [[nodiscard]] Result<std::span<const std::byte>> next_chunk();
  [[nodiscard]] const ByteSource& source() const { return *source_; }

 private:
  Result<> refill();

  std::shared_ptr<const ByteSource> source_;
  std::uint64_t next_offset_ = 0;  // of the source, behind what the buffer holds
  std::vector<std::byte> buffer_;
  std::size_t used_bytes_ = 0;  // of the buffer
};

}  // namespace forge3d::texture
