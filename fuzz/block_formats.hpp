// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the fuzz targets of the block codecs share.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "forge3d/codec.hpp"

namespace forge3d::fuzz {

/// The compressed formats whose name begins with `family` and that `wanted` says yes to.
inline std::vector<Format> formats_of(std::string_view family, bool (*wanted)(Format)) {
  std::vector<Format> formats;
  const auto add = [&](std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t value = first; value <= last; ++value)
      if (const Format format{value}; format_info(format) != nullptr &&
                                      format_info(format)->name.starts_with(family) &&
                                      wanted(format))
        formats.push_back(format);
  };
  add(static_cast<std::uint32_t>(Format::kBC1RgbUnorm),
      static_cast<std::uint32_t>(Format::kASTC12x12Srgb));
  add(static_cast<std::uint32_t>(Format::kASTC4x4Sfloat),
      static_cast<std::uint32_t>(Format::kASTC12x12Sfloat));
  return formats;
}

inline void check(bool holds) {
  if (!holds) __builtin_trap();
}

/// RGBA texels of a format's kind: 8 bits a channel, or 16 for HDR formats.
struct Texels {
  std::uint32_t width = 0, height = 0;
  std::size_t texel_bytes = 4;
  std::vector<std::uint16_t> words;

  Texels(Format format, std::uint32_t w, std::uint32_t h)
      : width(w),
        height(h),
        texel_bytes(is_hdr(format) ? 8 : 4),
        words(std::size_t{w} * h * texel_bytes / 2) {}
  [[nodiscard]] std::size_t row_bytes() const { return width * texel_bytes; }
  [[nodiscard]] std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(words.data()); }
  [[nodiscard]] std::size_t size_bytes() const { return words.size() * 2; }

  void decode(Format format, std::span<const std::byte> blocks) {
    check(texel_bytes == 8
              ? decode_blocks(format, blocks,
                              Rgba16fMutableView{words.data(), width, height, row_bytes()})
                    .has_value()
              : decode_blocks(format, blocks, Rgba8MutableView{bytes(), width, height, row_bytes()})
                    .has_value());
  }
  void encode(const EncodeBlocksDesc& desc, std::span<std::byte> blocks,
              std::span<std::uint32_t> errors) {
    check(texel_bytes == 8
              ? encode_blocks(desc, Rgba16fView{words.data(), width, height, row_bytes()}, blocks,
                              errors)
                    .has_value()
              : encode_blocks(desc, Rgba8View{bytes(), width, height, row_bytes()}, blocks, errors)
                    .has_value());
  }
};

}  // namespace forge3d::fuzz
