// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The basic descriptor block of the Khronos Data Format Specification 1.3, section 5.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forge3d::texture {

/// Colour models (KHR_DF_MODEL_*) that KTX2 files use.
enum class ColorModel : std::uint8_t {
  kUnspecified = 0,
  kRgbsda = 1,
  kYuvsda = 2,
  kYiqsda = 3,
  kLabsda = 4,
  kCmyka = 5,
  kXyzw = 6,
  kHsvaAngle = 7,
  kHslaAngle = 8,
  kHsvaHexagon = 9,
  kHslaHexagon = 10,
  kYcgcoa = 11,
  kYccbccrc = 12,
  kIctcp = 13,
  kCiexyz = 14,
  kCiexyy = 15,
  kBc1a = 128,
  kBc2 = 129,
  kBc3 = 130,
  kBc4 = 131,
  kBc5 = 132,
  kBc6h = 133,
  kBc7 = 134,
  kEtc1 = 160,
  kEtc2 = 161,
  kAstc = 162,
  kEtc1s = 163,
  kPvrtc = 164,
  kPvrtc2 = 165,
  kUastc = 166,
  kUastcHdr4x4 = 167,
  kUastcHdr6x6 = 168,
};

/// Models from 128 on describe compressed blocks, those below texels of separate samples.
[[nodiscard]] constexpr bool is_block_model(ColorModel model) {
  return static_cast<std::uint8_t>(model) >= 128;
}

inline constexpr std::uint8_t kTransferLinear = 1;
inline constexpr std::uint8_t kTransferSrgb = 2;
inline constexpr std::uint8_t kPrimariesUnspecified = 0;
inline constexpr std::uint8_t kPrimariesBt709 = 1;
inline constexpr std::uint8_t kFlagPremultiplied = 1;

// Channels of the RGBSDA model, and the alpha channel of most others.
inline constexpr std::uint8_t kChannelStencil = 13;
inline constexpr std::uint8_t kChannelDepth = 14;
inline constexpr std::uint8_t kChannelAlpha = 15;

// Qualifiers of a sample, in the high half of its channel byte.
inline constexpr std::uint8_t kSampleLinear = 0x10;
inline constexpr std::uint8_t kSampleExponent = 0x20;
inline constexpr std::uint8_t kSampleSigned = 0x40;
inline constexpr std::uint8_t kSampleFloat = 0x80;

inline constexpr std::size_t kBasicBlockBytes = 24;
inline constexpr std::size_t kSampleBytes = 16;

struct DescriptorSample {
  std::uint16_t bit_offset = 0;
  std::uint8_t bit_length = 0;  ///< As stored: bits less one.
  std::uint8_t channel = 0;     ///< Low half: channel of the model; high half: qualifiers.
  std::array<std::uint8_t, 4> position{};
  std::uint32_t lower = 0;
  std::uint32_t upper = 0;

  [[nodiscard]] std::uint8_t channel_id() const { return channel & 0x0F; }
  bool operator==(const DescriptorSample&) const = default;
};

struct Descriptor {
  std::uint16_t version = 2;  ///< 2 is version 1.3.
  ColorModel model = ColorModel::kRgbsda;
  std::uint8_t primaries = kPrimariesBt709;
  std::uint8_t transfer = kTransferLinear;
  std::uint8_t flags = 0;
  std::array<std::uint16_t, 4> block_extent = {1, 1, 1, 1};  ///< 1 to 256 texels.
  std::array<std::uint8_t, 8> plane_bytes{};
  std::vector<DescriptorSample> samples;

  [[nodiscard]] std::size_t block_size_bytes() const {
    return kBasicBlockBytes + samples.size() * kSampleBytes;
  }
};

/// Reads a basic block. REQUIRES: block.size() >= 24, a multiple of 16 behind the first 24.
[[nodiscard]] Descriptor parse_basic_block(std::span<const std::byte> block);

/// The bytes of a whole Data Format Descriptor: its total size and one basic block.
[[nodiscard]] std::vector<std::byte> serialize(const Descriptor& descriptor);

}  // namespace forge3d::texture
