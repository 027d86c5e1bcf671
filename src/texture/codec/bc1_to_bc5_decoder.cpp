// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc1_to_bc5_decoder.hpp"

namespace forge3d::codec {
namespace {

std::uint64_t little_endian(const std::uint8_t* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
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

void fill_opaque_black(Rgba8Block& out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = i % 4 == 3 ? 255 : 0;
}

}  // namespace

void decode_bc4(const std::uint8_t* bytes, Rgba8Block& out) {
  fill_opaque_black(out);
  write_channel(bytes, 0, out);
}

void decode_bc5(const std::uint8_t* bytes, Rgba8Block& out) {
  fill_opaque_black(out);
  write_channel(bytes, 0, out);
  write_channel(bytes + 8, 1, out);
}

}  // namespace forge3d::codec
