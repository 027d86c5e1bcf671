// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/hdr_code.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace forge3d::codec {
namespace {

std::int32_t code_of(int bits) {
  int size = bits & 0x7fff;
  if (size > 0x7c00) return 0;
  size = std::min(size, 0x7bff);
  const int exponent = std::max(size >> 10, 1);
  const int mantissa = size - ((exponent - 1) << 10);
  const double value = std::ldexp(mantissa, exponent - 25);
  const long code = std::lround(std::ldexp(std::log2(1 + value), kHdrCodeBits));
  return static_cast<std::int32_t>(bits < 0x8000 ? code : -code);
}

std::vector<std::int32_t> make_codes() {
  std::vector<std::int32_t> codes(65536);
  for (int bits = 0; bits < 65536; ++bits) codes[static_cast<std::size_t>(bits)] = code_of(bits);
  return codes;
}

}  // namespace

std::span<const std::int32_t, 65536> hdr_codes() {
  static const std::vector<std::int32_t> codes = make_codes();
  return std::span<const std::int32_t, 65536>(codes);
}

}  // namespace forge3d::codec
