// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Texels of any uncompressed format as numbers, by what its descriptor says of each sample: Khronos
// Data Format Specification 1.3, sections 5 and 10.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "texture/ktx2/vk_format.hpp"

namespace forge3d::texture {

/// How a sample's bits become a number.
enum class SampleNumber : std::uint8_t { kUnsigned, kSigned, kFloat, kSmallFloat, kShared };

/// Reads the texels of one format. Thread-safe.
class PlainTexels {
 public:
  /// Nothing for block formats and for layouts that Vulkan has no plain format of.
  /// `chroma_between`: 4:2:2 chroma lies between its two texels, not at the first.
  [[nodiscard]] static std::optional<PlainTexels> of(const VkFormatLayout& layout,
                                                     bool chroma_between);

  /// Texels across one block: 2 where two share their chroma.
  [[nodiscard]] std::uint32_t block_texels() const { return block_texels_; }
  [[nodiscard]] std::uint32_t block_bytes() const { return block_bytes_; }
  /// Channels that an image of them has: 1 to 4; depth and stencil count as the first two.
  [[nodiscard]] std::uint32_t channels() const { return channels_; }
  /// Unsigned normalised throughout.
  [[nodiscard]] bool is_unorm() const { return is_unorm_; }
  /// Whole numbers throughout.
  [[nodiscard]] bool is_integer() const { return is_integer_; }
  /// Of the widest sample.
  [[nodiscard]] std::uint32_t max_bits() const { return max_bits_; }

  /// RGBA of each texel, one row: missing channels 0, missing alpha 1; chroma is interpolated
  /// linearly. REQUIRES: row holds ceil(rgba.size() / 4 / block_texels()) blocks.
  void read_floats(std::span<const std::byte> row, std::span<float> rgba) const;
  /// The same of unsigned normalised formats in `bits` (8 or 16) a channel: fewer bits repeat until
  /// they fill it, of more the upper ones stay. REQUIRES: is_unorm().
  void read_unorm(std::span<const std::byte> row, std::uint32_t bits,
                  std::span<std::uint16_t> rgba) const;

 private:
  struct Channel {
    std::uint8_t target = 0;  ///< 0 to 3 for red to alpha.
    std::uint8_t texel = 0;   ///< Which texel of the block; kChroma for all.
    std::uint16_t bit_offset = 0;
    std::uint8_t bits = 0;
    SampleNumber number = SampleNumber::kUnsigned;
    double divisor = 1;
    bool clamps = false;  ///< At -1: the most negative number of a normalised format.
    std::uint16_t exponent_offset = 0;
  };
  static constexpr std::uint8_t kChroma = 0xFF;

  [[nodiscard]] static std::optional<Channel> channel_of(const VkFormatLayout& layout,
                                                         const DescriptorSample& sample);
  [[nodiscard]] static float number_of(const Channel& channel, std::span<const std::byte> block);
  /// The bits of a channel at texel x of a row. REQUIRES: an unsigned channel that has such a
  /// texel.
  [[nodiscard]] std::uint64_t code_at(const Channel& channel, std::span<const std::byte> row,
                                      std::size_t x) const;

  std::array<Channel, 4> list_{};
  std::uint32_t count_ = 0;
  std::uint32_t block_texels_ = 1, block_bytes_ = 0, channels_ = 0, max_bits_ = 0;
  bool is_unorm_ = true, is_integer_ = true;
  bool chroma_between_ = false;
};

}  // namespace forge3d::texture
