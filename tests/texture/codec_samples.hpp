// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pictures for the codec tests, and how far two pictures are apart.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <vector>

#include "forge3d/codec.hpp"

namespace forge3d::test {

/// Tightly packed RGBA8 pixels that own their memory.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> pixels;

  Picture(std::uint32_t w, std::uint32_t h) : width(w), height(h), pixels(std::size_t{4} * w * h) {}
  [[nodiscard]] std::size_t row_bytes() const { return std::size_t{4} * width; }
  [[nodiscard]] Rgba8View view() const { return {pixels.data(), width, height, row_bytes()}; }
  [[nodiscard]] Rgba8MutableView mutable_view() {
    return {pixels.data(), width, height, row_bytes()};
  }
  [[nodiscard]] std::uint8_t* at(std::uint32_t x, std::uint32_t y) {
    return pixels.data() + y * row_bytes() + std::size_t{4} * x;
  }
};

/// Four codes that print as numbers.
using Texel = std::array<int, 4>;

inline Texel texel(Picture& picture, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t* p = picture.at(x, y);
  return {p[0], p[1], p[2], p[3]};
}

inline std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

/// Soft waves with a little noise, and an alpha that follows other waves (or is 255 throughout).
inline Picture waves(std::uint32_t width, std::uint32_t height, bool opaque, unsigned seed = 1) {
  Picture out(width, height);
  std::minstd_rand random(seed);
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      std::uint8_t* texel = out.at(x, y);
      for (unsigned c = 0; c < 4; ++c) {
        const double wave = std::sin(0.03 * (c + 1) * x + 0.02 * (4 - c) * y + seed);
        texel[c] = static_cast<std::uint8_t>(124 + 100 * wave + static_cast<double>(random() % 4));
      }
      if (opaque) texel[3] = 255;
    }
  return out;
}

/// Every byte on its own.
inline Picture noise(std::uint32_t width, std::uint32_t height, unsigned seed = 1) {
  Picture out(width, height);
  std::minstd_rand random(seed);
  for (std::uint8_t& byte : out.pixels) byte = static_cast<std::uint8_t>(random() >> 8);
  return out;
}

inline std::vector<std::byte> encode(const Picture& picture, const EncodeBlocksDesc& desc) {
  std::vector<std::byte> blocks(
      image_bytes(desc.format, picture.width, picture.height).value_or(0));
  if (!encode_blocks(desc, picture.view(), blocks)) blocks.clear();
  return blocks;
}

inline Picture decode(Format format, const std::vector<std::byte>& blocks, std::uint32_t width,
                      std::uint32_t height) {
  Picture out(width, height);
  if (!decode_blocks(format, blocks, out.mutable_view())) out.pixels.clear();
  return out;
}

/// Peak signal to noise ratio over the first `channels` channels of 8-bit codes.
inline double psnr(const Picture& a, const Picture& b, unsigned channels) {
  if (a.pixels.size() != b.pixels.size()) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    if (i % 4 >= channels) continue;
    const double difference = double{1} * a.pixels[i] - b.pixels[i];
    sum += difference * difference;
  }
  if (sum == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(255.0 * 255.0 * channels * a.width * a.height / sum);
}

}  // namespace forge3d::test
