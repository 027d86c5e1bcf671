// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_ends.hpp"

#include <algorithm>
#include <utility>

namespace forge3d::codec {
namespace {

using Color = std::array<std::int32_t, 4>;

constexpr std::int32_t kHdrOne = 0x7800;
constexpr std::int32_t kHdrMax = 0xfff;

bool bit(int value, int index) { return (value >> index & 1) != 0; }

AstcEnds ldr(const Color& a, const Color& b) { return {{a, b}, false, false}; }

Color clamp_color(Color c) {
  for (std::int32_t& v : c) v = std::clamp(v, 0, 255);
  return c;
}

/// Red and green halfway to blue.
Color contract_to_blue(const Color& c) {
  return {(c[0] + c[2]) >> 1, (c[1] + c[2]) >> 1, c[2], c[3]};
}

/// Moves the top bit of `offset` to the base and makes a signed 6-bit number of the rest.
void transfer_bit(std::int32_t& offset, std::int32_t& base) {
  base = base >> 1 | (offset & 0x80);
  offset = offset >> 1 & 0x3f;
  if ((offset & 0x20) != 0) offset -= 0x40;
}

AstcEnds direct(const Color& a, const Color& b) {
  if (b[0] + b[1] + b[2] >= a[0] + a[1] + a[2]) return ldr(a, b);
  return ldr(contract_to_blue(b), contract_to_blue(a));
}

AstcEnds base_and_offset(Color base, Color offset) {
  for (std::size_t c = 0; c < 4; ++c) transfer_bit(offset[c], base[c]);
  Color sum{};
  for (std::size_t c = 0; c < 4; ++c) sum[c] = base[c] + offset[c];
  if (offset[0] + offset[1] + offset[2] >= 0) return ldr(clamp_color(base), clamp_color(sum));
  return ldr(clamp_color(contract_to_blue(sum)), clamp_color(contract_to_blue(base)));
}

AstcEnds luminance_and_offset(const std::uint8_t* v) {
  const int l0 = v[0] >> 2 | (v[1] & 0xc0);
  const int l1 = std::min(l0 + (v[1] & 0x3f), 255);
  return ldr({l0, l0, l0, 255}, {l1, l1, l1, 255});
}

AstcEnds luminance_alpha_and_offset(const std::uint8_t* v) {
  std::int32_t l0 = v[0], l1 = v[1], a0 = v[2], a1 = v[3];
  transfer_bit(l1, l0);
  transfer_bit(a1, a0);
  return ldr(clamp_color({l0, l0, l0, a0}), clamp_color({l0 + l1, l0 + l1, l0 + l1, a0 + a1}));
}

AstcEnds scaled(const std::uint8_t* v, std::int32_t alpha0, std::int32_t alpha1) {
  const std::int32_t s = v[3];
  return ldr({v[0] * s >> 8, v[1] * s >> 8, v[2] * s >> 8, alpha0}, {v[0], v[1], v[2], alpha1});
}

AstcEnds hdr_gray(std::int32_t y0, std::int32_t y1) {
  y0 <<= 4;
  y1 <<= 4;
  return {{Color{y0, y0, y0, kHdrOne}, Color{y1, y1, y1, kHdrOne}}, true, true};
}

AstcEnds hdr_luminance_large(const std::uint8_t* v) {
  if (v[1] >= v[0]) return hdr_gray(v[0] << 4, v[1] << 4);
  return hdr_gray((v[1] << 4) + 8, (v[0] << 4) - 8);
}

AstcEnds hdr_luminance_small(const std::uint8_t* v) {
  if (bit(v[0], 7)) {
    const int y0 = (v[1] & 0xe0) << 4 | (v[0] & 0x7f) << 2;
    return hdr_gray(y0, std::min(y0 + ((v[1] & 0x1f) << 2), kHdrMax));
  }
  const int y0 = (v[1] & 0xf0) << 4 | (v[0] & 0x7f) << 1;
  return hdr_gray(y0, std::min(y0 + ((v[1] & 0x0f) << 1), kHdrMax));
}

/// 12-bit colours with the major component in front: clamped, put in place and widened.
AstcEnds hdr_ends(Color a, Color b, int major) {
  for (std::size_t c = 0; c < 3; ++c) {
    a[c] = std::clamp(a[c], 0, kHdrMax) << 4;
    b[c] = std::clamp(b[c], 0, kHdrMax) << 4;
  }
  std::swap(a[0], a[static_cast<std::size_t>(major)]);
  std::swap(b[0], b[static_cast<std::size_t>(major)]);
  return {{a, b}, true, true};
}

/// Mode 7: a base and a scale.
AstcEnds hdr_base_and_scale(const std::uint8_t* v) {
  const int mode_bits = v[0] >> 6 | (v[1] >> 7) << 2 | (v[2] >> 7) << 3;
  const bool absolute = mode_bits == 15;
  const bool last = (mode_bits & 12) == 12;
  const int major = absolute ? 0 : last ? mode_bits & 3 : mode_bits >> 2;
  const int mode = absolute ? 5 : last ? 4 : mode_bits & 3;
  int red = v[0] & 0x3f, green = v[1] & 0x1f, blue = v[2] & 0x1f, scale = v[3] & 0x1f;
  // Seven bits whose place depends on the mode: x0 .. x6 of the specification. Each line: the modes
  // that have the bit, and where.
  const int x0 = v[1] >> 6 & 1, x1 = v[1] >> 5 & 1, x2 = v[2] >> 6 & 1, x3 = v[2] >> 5 & 1;
  const int x4 = v[3] >> 7 & 1, x5 = v[3] >> 6 & 1, x6 = v[3] >> 5 & 1;
  const int one_hot = 1 << mode;
  if ((one_hot & 0x30) != 0) green |= x0 << 6;
  if ((one_hot & 0x3a) != 0) green |= x1 << 5;
  if ((one_hot & 0x30) != 0) blue |= x2 << 6;
  if ((one_hot & 0x3a) != 0) blue |= x3 << 5;
  if ((one_hot & 0x3d) != 0) scale |= x6 << 5;
  if ((one_hot & 0x2d) != 0) scale |= x5 << 6;
  if ((one_hot & 0x04) != 0) scale |= x4 << 7;
  if ((one_hot & 0x3b) != 0) red |= x4 << 6;
  if ((one_hot & 0x04) != 0) red |= x3 << 6;
  if ((one_hot & 0x10) != 0) red |= x5 << 7;
  if ((one_hot & 0x0f) != 0) red |= x2 << 7;
  if ((one_hot & 0x05) != 0) red |= x1 << 8;
  if ((one_hot & 0x0a) != 0) red |= x0 << 8;
  if ((one_hot & 0x05) != 0) red |= x0 << 9;
  if ((one_hot & 0x02) != 0) red |= x6 << 9;
  if ((one_hot & 0x01) != 0) red |= x3 << 10;
  if ((one_hot & 0x02) != 0) red |= x5 << 10;
  constexpr std::array<int, 6> kShift{1, 1, 2, 3, 4, 5};
  const int shift = kShift[static_cast<std::size_t>(mode)];
  red <<= shift;
  green <<= shift;
  blue <<= shift;
  scale <<= shift;
  if (mode != 5) {
    green = red - green;
    blue = red - blue;
  }
  return hdr_ends({red - scale, green - scale, blue - scale, kHdrOne}, {red, green, blue, kHdrOne},
                  major);
}

int sign_extend(int value, int bits) {
  const int sign = 1 << (bits - 1);
  return ((value & (2 * sign - 1)) ^ sign) - sign;
}

/// Mode 11: six numbers.
AstcEnds hdr_direct(const std::uint8_t* v) {
  const int major = v[4] >> 7 | (v[5] >> 7) << 1;
  if (major == 3)
    return {{Color{v[0] << 8, v[2] << 8, (v[4] & 0x7f) << 9, kHdrOne},
             Color{v[1] << 8, v[3] << 8, (v[5] & 0x7f) << 9, kHdrOne}},
            true,
            true};
  const int mode = v[1] >> 7 | (v[2] >> 7) << 1 | (v[3] >> 7) << 2;
  int a = v[0] | (v[1] & 0x40) << 2;
  int b0 = v[2] & 0x3f, b1 = v[3] & 0x3f, c = v[1] & 0x3f, d0 = v[4] & 0x7f, d1 = v[5] & 0x7f;
  // Six bits whose place depends on the mode: x0 .. x5 of the specification.
  const int x0 = v[2] >> 6 & 1, x1 = v[3] >> 6 & 1, x2 = v[4] >> 6 & 1, x3 = v[5] >> 6 & 1;
  const int x4 = v[4] >> 5 & 1, x5 = v[5] >> 5 & 1;
  const int one_hot = 1 << mode;
  if ((one_hot & 0xa4) != 0) a |= x0 << 9;
  if ((one_hot & 0x08) != 0) a |= x2 << 9;
  if ((one_hot & 0x50) != 0) a |= x4 << 9;
  if ((one_hot & 0x50) != 0) a |= x5 << 10;
  if ((one_hot & 0xa0) != 0) a |= x1 << 10;
  if ((one_hot & 0xc0) != 0) a |= x2 << 11;
  if ((one_hot & 0x04) != 0) c |= x1 << 6;
  if ((one_hot & 0xe8) != 0) c |= x3 << 6;
  if ((one_hot & 0x20) != 0) c |= x2 << 7;
  if ((one_hot & 0x5b) != 0) b0 |= x0 << 6;
  if ((one_hot & 0x5b) != 0) b1 |= x1 << 6;
  if ((one_hot & 0x12) != 0) b0 |= x2 << 7;
  if ((one_hot & 0x12) != 0) b1 |= x3 << 7;
  constexpr std::array<int, 8> kDifferenceBits{7, 6, 7, 6, 5, 6, 5, 6};
  const int difference_bits = kDifferenceBits[static_cast<std::size_t>(mode)];
  // Left shifts as multiplications: the differences may be negative.
  const int scale = 1 << ((mode >> 1) ^ 3);
  d0 = sign_extend(d0, difference_bits) * scale;
  d1 = sign_extend(d1, difference_bits) * scale;
  a *= scale;
  b0 *= scale;
  b1 *= scale;
  c *= scale;
  return hdr_ends({a - c, a - b0 - c - d0, a - b1 - c - d1, kHdrOne}, {a, a - b0, a - b1, kHdrOne},
                  major);
}

/// The alpha of mode 15.
std::pair<std::int32_t, std::int32_t> hdr_alpha(int v6, int v7) {
  const int mode = v6 >> 7 | (v7 >> 7) << 1;
  v6 &= 0x7f;
  v7 &= 0x7f;
  if (mode == 3) return {v6 << 9, v7 << 9};
  v6 |= (v7 << (mode + 1)) & 0x780;
  v7 = ((v7 & (0x3f >> mode)) ^ (32 >> mode)) - (32 >> mode);
  const int base = v6 << (4 - mode);
  return {base << 4, std::clamp(base + v7 * (1 << (4 - mode)), 0, kHdrMax) << 4};
}

AstcEnds with_alpha(AstcEnds ends, std::int32_t a0, std::int32_t a1, bool hdr) {
  ends.end[0][3] = a0;
  ends.end[1][3] = a1;
  ends.hdr_alpha = hdr;
  return ends;
}

}  // namespace

AstcEnds unpack_astc_ends(int mode, const std::uint8_t* v) {
  switch (mode) {
    case 0:
      return ldr({v[0], v[0], v[0], 255}, {v[1], v[1], v[1], 255});
    case 1:
      return luminance_and_offset(v);
    case 2:
      return hdr_luminance_large(v);
    case 3:
      return hdr_luminance_small(v);
    case 4:
      return ldr({v[0], v[0], v[0], v[2]}, {v[1], v[1], v[1], v[3]});
    case 5:
      return luminance_alpha_and_offset(v);
    case 6:
      return scaled(v, 255, 255);
    case 7:
      return hdr_base_and_scale(v);
    case 8:
      return direct({v[0], v[2], v[4], 255}, {v[1], v[3], v[5], 255});
    case 9:
      return with_alpha(base_and_offset({v[0], v[2], v[4], 0}, {v[1], v[3], v[5], 0}), 255, 255,
                        false);
    case 10:
      return scaled(v, v[4], v[5]);
    case 11:
      return hdr_direct(v);
    case 12:
      return direct({v[0], v[2], v[4], v[6]}, {v[1], v[3], v[5], v[7]});
    case 13:
      return base_and_offset({v[0], v[2], v[4], v[6]}, {v[1], v[3], v[5], v[7]});
    case 14:
      return with_alpha(hdr_direct(v), v[6], v[7], false);
    default: {
      const auto [a0, a1] = hdr_alpha(v[6], v[7]);
      return with_alpha(hdr_direct(v), a0, a1, true);
    }
  }
}

}  // namespace forge3d::codec
