// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// SampleEncoder: raw pixels of any samples to the plain bytes of a stored tile.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "forge3d/tile_sources.hpp"

namespace forge3d::tiles {

/// Immutable, so any thread may use it.
class SampleEncoder {
 public:
  /// `samples`: the shape of the picture. Errors: kNotSupported, kInvalidArgument (the range) name
  /// the picture.
  [[nodiscard]] static Result<SampleEncoder> create(const ImageInfo& samples,
                                                    const TileSourceOptions& options,
                                                    const std::string& name);

  [[nodiscard]] Format format() const { return format_; }
  /// True when the pixels are the tile as they are.
  [[nodiscard]] bool is_copy() const;
  /// A square of `side` texels, tightly packed. REQUIRES: out.size() is that of a tile. Errors:
  /// kOutOfHostMemory.
  [[nodiscard]] Result<> encode(std::span<const std::byte> pixels, std::uint32_t side,
                                std::span<std::byte> out) const;

 private:
  SampleEncoder(const ImageInfo& samples, const TileSourceOptions& options);
  [[nodiscard]] bool stores_one_channel() const;
  [[nodiscard]] Result<> encode_texels(std::span<const std::byte> pixels, std::uint32_t side,
                                       std::span<std::byte> out) const;
  [[nodiscard]] float height(std::span<const std::byte> pixels, std::size_t texel) const;
  void encode_heights(std::span<const std::byte> pixels, std::span<std::byte> out) const;

  ImageInfo samples_;
  Quality quality_;
  HeightRange range_;
  bool has_range_;
  Format format_;
};

}  // namespace forge3d::tiles
