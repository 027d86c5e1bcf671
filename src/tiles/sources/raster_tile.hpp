// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// RasterTile: a small picture file in memory, whatever its kind, as 8-bit RGBA.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "forge3d/result.hpp"

namespace forge3d::tiles {

enum class RasterKind : std::uint8_t { kUnknown, kPng, kJpeg, kWebp, kKtx2 };
[[nodiscard]] std::string_view to_string(RasterKind kind);
/// What the first bytes say.
[[nodiscard]] RasterKind raster_kind(std::span<const std::byte> bytes);

/// No tile is larger than this a side.
inline constexpr std::uint32_t kMaxRasterExtent = 4096;

struct RasterShape {
  RasterKind kind = RasterKind::kUnknown;
  std::uint32_t width = 0, height = 0;
  friend bool operator==(const RasterShape&, const RasterShape&) = default;
};
/// Errors: kInvalidFile; kNotSupported (another kind of file, or one that this build has no library
/// for); both name `tile`.
[[nodiscard]] Result<RasterShape> raster_shape(std::span<const std::byte> bytes,
                                               const std::string& tile);
/// REQUIRES: `shape` is that of `bytes`; out.size() == width * height * 4. Errors: as above.
[[nodiscard]] Result<> decode_raster(std::span<const std::byte> bytes, const RasterShape& shape,
                                     const std::string& tile, std::span<std::byte> out);

}  // namespace forge3d::tiles
