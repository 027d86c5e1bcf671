// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to pixels: the four texels that an endpoint makes, looked up by selector.

#include <algorithm>
#include <array>
#include <cstring>

#include "texture/basis/etc1s_writer.hpp"

namespace forge3d::basis {
namespace {

using Palette = std::array<std::uint32_t, 4>;  ///< Texels by selector, red in the lowest byte.

/// The channels that the first slice gives, and alpha where no slice does.
Palette first_palette(const Etc1sEndpoint& endpoint, BasisChannels channels) {
  Palette palette{};
  const bool opaque = channels != BasisChannels::kRgba;
  const bool red_only = channels == BasisChannels::kRed || channels == BasisChannels::kRedGreen;
  for (std::uint32_t selector = 0; selector < 4; ++selector) {
    std::uint32_t texel = opaque ? 0xFF000000u : 0u;
    for (std::uint32_t channel = 0; channel < (red_only ? 1u : 3u); ++channel)
      texel |= std::uint32_t{etc1s_value(endpoint.base[channel], endpoint.table, selector)}
               << (8 * channel);
    palette[selector] = texel;
  }
  return palette;
}

/// Alpha or green: the second slice's green.
Palette second_palette(const Etc1sEndpoint& endpoint, BasisChannels channels) {
  Palette palette{};
  const std::uint32_t shift = channels == BasisChannels::kRgba ? 24 : 8;
  for (std::uint32_t selector = 0; selector < 4; ++selector)
    palette[selector] = std::uint32_t{etc1s_value(endpoint.base[1], endpoint.table, selector)}
                        << shift;
  return palette;
}

class Rgba8Writer final : public RowWriter {
 public:
  explicit Rgba8Writer(const Etc1sPicture& picture)
      : picture_(picture),
        first_(picture.books.endpoints.size()),
        second_(has_second_slice(picture.channels) ? picture.books.endpoints.size() : 0) {}

  void write(const Etc1sRow& row) override {
    const std::size_t row_bytes = std::size_t{4} * picture_.width;
    std::uint8_t* out = picture_.out + row.index * 4 * row_bytes;
    const std::uint32_t rows = std::min(picture_.height - row.index * 4, 4u);
    std::array<std::uint8_t, 64> block;
    for (std::size_t column = 0; column < row.first.size(); ++column) {
      const std::size_t texels = std::min<std::size_t>(picture_.width - column * 4, 4);
      if (texels == 4 && rows == 4) {
        write_block(row, column, out + column * 16, row_bytes);
        continue;
      }
      write_block(row, column, block.data(), 16);
      for (std::uint32_t y = 0; y < rows; ++y)
        std::memcpy(out + y * row_bytes + column * 16, block.data() + std::size_t{16} * y,
                    texels * 4);
    }
  }

 private:
  void write_block(const Etc1sRow& row, std::size_t column, std::uint8_t* out,
                   std::size_t row_bytes) {
    const auto& endpoints = picture_.books.endpoints;
    const Palette& first = first_.get(row.first[column].endpoint, [&](std::size_t at) {
      return first_palette(endpoints[at], picture_.channels);
    });
    const std::uint32_t selectors = picture_.books.selectors[row.first[column].selectors];
    if (row.second.empty()) return write_texels(first, selectors, out, row_bytes);
    const Palette& second = second_.get(row.second[column].endpoint, [&](std::size_t at) {
      return second_palette(endpoints[at], picture_.channels);
    });
    const std::uint32_t others = picture_.books.selectors[row.second[column].selectors];
    for (std::uint32_t texel = 0; texel < 16; ++texel)
      store_le(out + texel / 4 * row_bytes + texel % 4 * 4,
               first[selectors >> (2 * texel) & 3] | second[others >> (2 * texel) & 3]);
  }
  static void write_texels(const Palette& palette, std::uint32_t selectors, std::uint8_t* out,
                           std::size_t row_bytes) {
    for (std::uint32_t texel = 0; texel < 16; ++texel)
      store_le(out + texel / 4 * row_bytes + texel % 4 * 4, palette[selectors >> (2 * texel) & 3]);
  }

  Etc1sPicture picture_;
  LazyTable<Palette> first_, second_;
};

}  // namespace

std::unique_ptr<RowWriter> make_rgba8_writer(const Etc1sPicture& picture) {
  return std::make_unique<Rgba8Writer>(picture);
}

}  // namespace forge3d::basis
