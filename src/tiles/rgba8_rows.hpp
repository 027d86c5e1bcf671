// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rows of any image as 8-bit RGBA.

#include <cstddef>
#include <span>
#include <vector>

#include "forge3d/image.hpp"

namespace forge3d::tiles {

/// Expands rows one by one, as to_rgba8 expands whole images. Not thread-safe.
class Rgba8Rows {
 public:
  explicit Rgba8Rows(const ImageInfo& info);

  /// width * 4 bytes, valid until the next call; `row` itself where it is RGBA8 already. Errors:
  /// those of to_rgba8.
  [[nodiscard]] Result<std::span<const std::byte>> expand(std::span<const std::byte> row);

 private:
  void expand_bytes(std::span<const std::byte> row);
  [[nodiscard]] Result<> round_wide(std::span<const std::byte> row);

  ImageInfo row_info_;  // of one row
  std::vector<std::byte> expanded_;
};

}  // namespace forge3d::tiles
