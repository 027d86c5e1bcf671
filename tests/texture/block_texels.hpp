// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Formats by name and texels of any format's kind, for tests and fuzz targets of the block codecs.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "forge3d/codec.hpp"

namespace forge3d::test {

/// The compressed formats whose name begins with `family` and that `wanted` says yes to.
inline std::vector<Format> formats_of(std::string_view family, bool (*wanted)(Format)) {
  std::vector<Format> formats;
  const auto add = [&](Format first, Format last) {
    for (auto value = static_cast<std::uint32_t>(first); value <= static_cast<std::uint32_t>(last);
         ++value) {
      const FormatInfo* info = format_info(Format{value});
      if (info != nullptr && info->name.starts_with(family) && wanted(Format{value}))
        formats.push_back(Format{value});
    }
  };
  add(Format::kBC1RgbUnorm, Format::kASTC12x12Srgb);
  add(Format::kASTC4x4Sfloat, Format::kASTC12x12Sfloat);
  return formats;
}

/// RGBA texels of a format's kind, tightly packed: 8 bits a channel, or half floats for HDR.
struct BlockTexels {
  std::uint32_t width = 0, height = 0;
  std::size_t texel_bytes = 4;
  std::vector<std::uint16_t> words;

  BlockTexels(Format format, std::uint32_t w, std::uint32_t h)
      : width(w),
        height(h),
        texel_bytes(is_hdr(format) ? 8 : 4),
        words(std::size_t{w} * h * texel_bytes / 2) {}
  [[nodiscard]] std::size_t row_bytes() const { return width * texel_bytes; }
  [[nodiscard]] std::span<std::uint8_t> bytes() {
    return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 2};
  }
  [[nodiscard]] const std::uint8_t* data() const {
    return reinterpret_cast<const std::uint8_t*>(words.data());
  }

  [[nodiscard]] Result<> decode(Format format, std::span<const std::byte> blocks,
                                std::uint32_t threads = 1) {
    if (texel_bytes == 8)
      return decode_blocks(format, blocks,
                           Rgba16fMutableView{words.data(), width, height, row_bytes()}, threads);
    return decode_blocks(format, blocks,
                         Rgba8MutableView{bytes().data(), width, height, row_bytes()}, threads);
  }
  [[nodiscard]] Result<> encode(const EncodeBlocksDesc& desc, std::span<std::byte> blocks,
                                std::span<std::uint32_t> errors = {}) const {
    if (texel_bytes == 8)
      return encode_blocks(desc, Rgba16fView{words.data(), width, height, row_bytes()}, blocks,
                           errors);
    return encode_blocks(desc, Rgba8View{data(), width, height, row_bytes()}, blocks, errors);
  }
};

}  // namespace forge3d::test
