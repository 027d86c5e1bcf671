// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as UASTC blocks, or as texels for the encoder: every bit pattern transcodes to every
// target, to the same bytes on every instruction set; ASTC holds the same texels; what is encoded
// unpacks.

#include "forge3d/uastc.hpp"

#include <array>

namespace {

using namespace forge3d;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

constexpr std::array kTargets{Format::kRGBA8Unorm,   Format::kASTC4x4Unorm, Format::kBC7Unorm,
                              Format::kBC1RgbUnorm,  Format::kBC4Unorm,     Format::kBC5Unorm,
                              Format::kETC2RgbUnorm, Format::kEACRG11Unorm, Format::kBC3Unorm,
                              Format::kETC2RgbaUnorm};
constexpr std::array kHdrTargets{Format::kRGBA16Sfloat, Format::kBC6HUfloat,
                                 Format::kASTC4x4Sfloat};
constexpr std::array kChannels{UastcChannels::kRgb, UastcChannels::kRgba, UastcChannels::kRed,
                               UastcChannels::kRedGreen, UastcChannels::kPlainRedGreen};

std::vector<std::byte> transcode(const TranscodeUastcDesc& desc,
                                 std::span<const std::byte> blocks) {
  const auto size_bytes = image_bytes(desc.target, desc.width, desc.height);
  check(size_bytes.has_value());
  std::vector<std::byte> out(*size_bytes);
  check(transcode_uastc(desc, blocks, out).has_value());
  return out;
}

void check_targets(const TranscodeUastcDesc& desc, std::span<const std::byte> blocks) {
  check(use_simd_target(simd_targets().back()).has_value());
  const std::vector<std::byte> expected = transcode(desc, blocks);
  for (const std::string_view target : simd_targets()) {
    check(use_simd_target(target).has_value());
    check(transcode(desc, blocks) == expected);
  }
}

/// ASTC blocks hold the texels of the UASTC blocks.
void check_astc(TranscodeUastcDesc desc, std::span<const std::byte> blocks) {
  desc.target = Format::kRGBA8Unorm;
  const std::vector<std::byte> texels = transcode(desc, blocks);
  desc.target = Format::kASTC4x4Unorm;
  const std::vector<std::byte> astc = transcode(desc, blocks);
  std::vector<std::byte> decoded(texels.size());
  check(decode_blocks(desc.target, astc,
                      {reinterpret_cast<std::uint8_t*>(decoded.data()), desc.width, desc.height,
                       std::size_t{4} * desc.width})
            .has_value());
  check(decoded == texels);
}

/// Encodes the bytes as texels.
std::vector<std::byte> encode(const std::uint8_t* data, std::uint32_t width, Quality quality) {
  const Rgba8View view{data, width, 4, std::size_t{4} * width};
  check(use_simd_target(simd_targets().back()).has_value());
  const auto expected = encode_uastc({quality, 1}, view);
  check(expected.has_value());
  check(use_simd_target(simd_targets().front()).has_value());
  check(encode_uastc({quality, 1}, view).value() == *expected);
  return *expected;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  if (size_bytes < 2 + 16) return 0;
  const std::uint8_t* bytes = data + 2;
  const auto count = static_cast<std::uint32_t>((size_bytes - 2) / 16);
  TranscodeUastcDesc desc;
  desc.channels = kChannels[data[0] % kChannels.size()];
  desc.width = 4 * count - data[1] % 4;
  desc.height = 4 - (data[1] >> 2) % 4;
  desc.hdr = (data[1] & 16) != 0;
  desc.etc1_only = (data[1] & 32) != 0;
  const auto blocks = std::as_bytes(std::span(bytes, std::size_t{16} * count));
  if ((data[1] & 64) != 0) {  // 16 bytes are a column of texels
    const auto quality = static_cast<Quality>(data[0] % 3);
    const std::vector<std::byte> encoded = encode(bytes, count, quality);
    check_astc({.width = count, .height = 4}, encoded);
    return 0;
  }
  desc.target = desc.hdr ? kHdrTargets[data[0] % kHdrTargets.size()]
                         : kTargets[data[0] / kChannels.size() % kTargets.size()];
  check_targets(desc, blocks);
  if (!desc.hdr && desc.channels == UastcChannels::kRgba) check_astc(desc, blocks);
  return 0;
}
