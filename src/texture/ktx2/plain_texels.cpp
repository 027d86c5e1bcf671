// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/ktx2/plain_texels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "texture/half.hpp"

namespace forge3d::texture {
namespace {

constexpr std::uint32_t kSharedExponentBias = 15;
constexpr std::uint32_t kSharedMantissaBits = 9;

/// `bits` bits from `offset` on, the lowest first. REQUIRES: they lie inside, bits is 1 to 64.
std::uint64_t load_bits(std::span<const std::byte> block, std::uint32_t offset,
                        std::uint32_t bits) {
  std::uint64_t value = 0;
  std::uint32_t have = 0;
  while (have < bits) {
    const std::uint32_t at = offset + have;
    const std::uint32_t shift = at % 8;
    const auto byte = std::to_integer<std::uint64_t>(block[at / 8]) >> shift;
    value |= byte << have;
    have += 8 - shift;
  }
  return bits == 64 ? value : value & ((std::uint64_t{1} << bits) - 1);
}

std::int64_t sign_extend(std::uint64_t value, std::uint32_t bits) {
  const std::uint32_t unused = 64 - bits;
  return static_cast<std::int64_t>(value << unused) >> unused;
}

/// Floats without a sign: five bits of exponent above the mantissa. A half float has the same
/// exponent, so its mantissa takes theirs at the upper end.
float small_float(std::uint64_t value, std::uint32_t bits) {
  const std::uint32_t mantissa_bits = bits - 5;
  return half_to_float(static_cast<std::uint16_t>(value << (10 - mantissa_bits)));
}

float float_of(std::uint64_t value, std::uint32_t bits) {
  if (bits == 16) return half_to_float(static_cast<std::uint16_t>(value));
  if (bits == 32) return std::bit_cast<float>(static_cast<std::uint32_t>(value));
  const double wide = std::bit_cast<double>(value);
  constexpr double kLargest = 3.4028234663852886e38;
  return static_cast<float>(std::isfinite(wide) ? std::clamp(wide, -kLargest, kLargest) : wide);
}

/// `value` of `from` bits in `to` bits: repeated from the top, or cut.
std::uint64_t resize(std::uint64_t value, std::uint32_t from, std::uint32_t to) {
  std::uint32_t have = from;
  std::uint64_t filled = value;
  while (have < to) {
    filled = filled << from | value;
    have += from;
  }
  return filled >> (have - to);
}

std::uint8_t target_of(std::uint8_t channel) {
  if (channel == kChannelAlpha) return 3;
  if (channel == kChannelDepth) return 0;
  if (channel == kChannelStencil) return 1;
  return channel;
}

/// Y, U and V of a 4:2:2 format hold green, blue and red.
std::uint8_t target_of_chroma(std::uint8_t channel) {
  return channel == 0 ? 1 : channel == 1 ? 2 : 0;
}

}  // namespace

std::optional<PlainTexels::Channel> PlainTexels::channel_of(const VkFormatLayout& layout,
                                                            const DescriptorSample& sample) {
  Channel channel;
  const std::uint32_t bits = sample.bit_length + 1u;
  channel.bit_offset = sample.bit_offset;
  channel.bits = static_cast<std::uint8_t>(bits);
  channel.target =
      layout.subsampled ? target_of_chroma(sample.channel_id()) : target_of(sample.channel_id());
  if (layout.depth_stencil && layout.descriptor.samples.size() == 1) channel.target = 0;
  if (layout.subsampled && sample.channel_id() != 0) channel.texel = kChroma;
  if (layout.subsampled && sample.channel_id() == 0) channel.texel = sample.position[0] > 0x80;
  const std::uint64_t all = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const bool is_signed = (sample.channel & kSampleSigned) != 0;
  if (layout.shared_exponent) {
    channel.number = SampleNumber::kShared;
    channel.exponent_offset = static_cast<std::uint16_t>(3 * kSharedMantissaBits);
  } else if ((sample.channel & kSampleFloat) != 0) {
    channel.number = is_signed ? SampleNumber::kFloat : SampleNumber::kSmallFloat;
    const bool known =
        is_signed ? bits == 16 || bits == 32 || bits == 64 : bits == 10 || bits == 11;
    if (!known) return std::nullopt;
  } else {
    channel.number = is_signed ? SampleNumber::kSigned : SampleNumber::kUnsigned;
    // The bound that stands for 1; it is stored in 32 bits whatever the sample has.
    const bool normalised = sample.upper != 1 || bits == 1;
    channel.divisor = sample.upper;
    channel.clamps = is_signed && normalised && sample.upper == (all >> 1 & 0xFFFFFFFFu);
  }
  return channel;
}

std::optional<PlainTexels> PlainTexels::of(const VkFormatLayout& layout, bool chroma_between) {
  if (layout.block_compressed) return std::nullopt;
  PlainTexels texels;
  texels.chroma_between_ = chroma_between;
  texels.block_texels_ = layout.descriptor.block_extent[0];
  texels.block_bytes_ = layout.descriptor.plane_bytes[0];
  const bool subsampled = layout.subsampled;
  for (const DescriptorSample& sample : layout.descriptor.samples) {
    if ((sample.channel & kSampleExponent) != 0) continue;  // read with its mantissa
    const auto channel = channel_of(layout, sample);
    if (!channel || texels.count_ == texels.list_.size()) return std::nullopt;
    texels.list_[texels.count_++] = *channel;
    texels.channels_ = std::max(texels.channels_, channel->target + 1u);
    texels.max_bits_ = std::max<std::uint32_t>(texels.max_bits_, channel->bits);
    const bool is_unsigned = channel->number == SampleNumber::kUnsigned;
    const bool whole = (is_unsigned || channel->number == SampleNumber::kSigned) &&
                       channel->divisor == 1 && channel->bits > 1;
    texels.is_unorm_ = texels.is_unorm_ && is_unsigned && !whole;
    texels.is_integer_ = texels.is_integer_ && whole;
  }
  if (subsampled) texels.channels_ = 3;
  return texels;
}

float PlainTexels::number_of(const Channel& channel, std::span<const std::byte> block) {
  const std::uint64_t value = load_bits(block, channel.bit_offset, channel.bits);
  switch (channel.number) {
    case SampleNumber::kFloat:
      return float_of(value, channel.bits);
    case SampleNumber::kSmallFloat:
      return small_float(value, channel.bits);
    case SampleNumber::kShared: {
      const auto exponent = static_cast<int>(load_bits(block, channel.exponent_offset, 5)) -
                            static_cast<int>(kSharedExponentBias + kSharedMantissaBits);
      return std::ldexp(static_cast<float>(value), exponent);
    }
    case SampleNumber::kSigned: {
      const double number = static_cast<double>(sign_extend(value, channel.bits)) / channel.divisor;
      return static_cast<float>(channel.clamps ? std::max(number, -1.0) : number);
    }
    case SampleNumber::kUnsigned:
      break;
  }
  return static_cast<float>(static_cast<double>(value) / channel.divisor);
}

/// Vulkan's linear chroma reconstruction: Vulkan 1.3 specification, section 16.3.6.
std::uint64_t PlainTexels::code_at(const Channel& channel, std::span<const std::byte> row,
                                   std::size_t x) const {
  const auto load = [&](std::size_t block) {
    return load_bits(row.subspan(block * block_bytes_, block_bytes_), channel.bit_offset,
                     channel.bits);
  };
  const std::size_t block = x / block_texels_;
  if (channel.texel != kChroma) return load(block);
  const bool second = x % block_texels_ != 0;
  const std::size_t last = row.size() / block_bytes_ - 1;
  const std::size_t neighbour = second ? std::min(block + 1, last) : block - (block > 0 ? 1 : 0);
  if (chroma_between_) return (3 * load(block) + load(neighbour) + 2) / 4;
  return second ? (load(block) + load(neighbour) + 1) / 2 : load(block);
}

void PlainTexels::read_floats(std::span<const std::byte> row, std::span<float> rgba) const {
  const std::size_t texels = rgba.size() / 4;
  for (std::size_t x = 0; x < texels; ++x) {
    const auto block = row.subspan(x / block_texels_ * block_bytes_, block_bytes_);
    float* out = rgba.data() + x * 4;
    out[0] = out[1] = out[2] = 0;
    out[3] = 1;
    for (std::uint32_t i = 0; i < count_; ++i) {
      const Channel& channel = list_[i];
      if (channel.texel == kChroma)
        out[channel.target] =
            static_cast<float>(static_cast<double>(code_at(channel, row, x)) / channel.divisor);
      else if (channel.texel == x % block_texels_)
        out[channel.target] = number_of(channel, block);
    }
  }
}

void PlainTexels::read_unorm(std::span<const std::byte> row, std::uint32_t bits,
                             std::span<std::uint16_t> rgba) const {
  const std::size_t texels = rgba.size() / 4;
  for (std::size_t x = 0; x < texels; ++x) {
    std::uint16_t* out = rgba.data() + x * 4;
    out[0] = out[1] = out[2] = 0;
    out[3] = static_cast<std::uint16_t>((1u << bits) - 1);
    for (std::uint32_t i = 0; i < count_; ++i) {
      const Channel& channel = list_[i];
      if (channel.texel != kChroma && channel.texel != x % block_texels_) continue;
      const std::uint64_t code = code_at(channel, row, x);
      out[channel.target] = static_cast<std::uint16_t>(resize(code, channel.bits, bits));
    }
  }
}

}  // namespace forge3d::texture
