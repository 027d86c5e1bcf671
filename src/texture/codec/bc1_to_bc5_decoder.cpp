// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_to_bc5_decoder.hpp"

namespace forge3d::codec {
namespace {

using Color = std::array<std::uint8_t, 4>;

std::uint64_t little_endian(const std::uint8_t* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

/// 5:6:5 bits, red highest, widened by repeating the high bits.
Color unpack_565(std::uint32_t code) {
  const std::uint32_t r = code >> 11 & 31;
  const std::uint32_t g = code >> 5 & 63;
  const std::uint32_t b = code & 31;
  return {static_cast<std::uint8_t>(r << 3 | r >> 2), static_cast<std::uint8_t>(g << 2 | g >> 4),
          static_cast<std::uint8_t>(b << 3 | b >> 2), 255};
}

/// (a * wa + b * wb) / (wa + wb) to the nearest code, halves up.
Color mix(const Color& a, const Color& b, int wa, int wb) {
  Color out{0, 0, 0, 255};
  const int sum = wa + wb;
  for (std::size_t c = 0; c < 3; ++c)
    out[c] = static_cast<std::uint8_t>((2 * (a[c] * wa + b[c] * wb) + sum) / (2 * sum));
  return out;
}

using Palette = std::array<Color, 4>;

Palette four_colors(const Color& a, const Color& b) {
  return {a, b, mix(a, b, 2, 1), mix(a, b, 1, 2)};
}

void write_colors(const Palette& palette, std::uint64_t indices, Rgba8Block& out) {
  for (std::size_t i = 0; i < kTexels; ++i)
    for (std::size_t c = 0; c < 4; ++c) out[4 * i + c] = palette[indices >> (2 * i) & 3][c];
}

void write_four_colors(const std::uint8_t* bytes, Rgba8Block& out) {
  const std::uint64_t bits = little_endian(bytes, 8);
  write_colors(four_colors(unpack_565(bits & 0xffff), unpack_565(bits >> 16 & 0xffff)), bits >> 32,
               out);
}

/// The shared block of BC3's alpha, BC4 and BC5: two 8-bit ends, 16 3-bit indices.
void write_channel(const std::uint8_t* bytes, std::size_t channel, Rgba8Block& out) {
  const int a = bytes[0];
  const int b = bytes[1];
  std::array<std::uint8_t, 8> palette{bytes[0], bytes[1], 0, 0, 0, 0, 0, 255};
  const int steps = a > b ? 7 : 5;
  for (int k = 1; k < steps; ++k)
    palette[static_cast<std::size_t>(k) + 1] =
        static_cast<std::uint8_t>((2 * (a * (steps - k) + b * k) + steps) / (2 * steps));
  const std::uint64_t indices = little_endian(bytes + 2, 6);
  for (std::size_t i = 0; i < kTexels; ++i) out[4 * i + channel] = palette[indices >> (3 * i) & 7];
}

}  // namespace

void decode_bc1(const std::uint8_t* bytes, bool punch_through, Rgba8Block& out) {
  const std::uint64_t bits = little_endian(bytes, 8);
  const std::uint32_t first = bits & 0xffff;
  const std::uint32_t second = bits >> 16 & 0xffff;
  const Color a = unpack_565(first);
  const Color b = unpack_565(second);
  if (first > second) return write_colors(four_colors(a, b), bits >> 32, out);
  const Color black{0, 0, 0, static_cast<std::uint8_t>(punch_through ? 0 : 255)};
  write_colors({a, b, mix(a, b, 1, 1), black}, bits >> 32, out);
}

void decode_bc2(const std::uint8_t* bytes, Rgba8Block& out) {
  write_four_colors(bytes + 8, out);
  const std::uint64_t alphas = little_endian(bytes, 8);
  for (std::size_t i = 0; i < kTexels; ++i)
    out[4 * i + 3] = static_cast<std::uint8_t>((alphas >> (4 * i) & 15) * 17);
}

void decode_bc3(const std::uint8_t* bytes, Rgba8Block& out) {
  write_four_colors(bytes + 8, out);
  write_channel(bytes, 3, out);
}

}  // namespace forge3d::codec
