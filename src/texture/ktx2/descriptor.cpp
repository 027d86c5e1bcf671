// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/ktx2/descriptor.hpp"

#include "texture/ktx2/bytes.hpp"

namespace forge3d::texture {
namespace {

DescriptorSample parse_sample(std::span<const std::byte> bytes) {
  DescriptorSample sample;
  sample.bit_offset = load_le<std::uint16_t>(bytes, 0);
  sample.bit_length = load_le<std::uint8_t>(bytes, 2);
  sample.channel = load_le<std::uint8_t>(bytes, 3);
  for (std::size_t i = 0; i < 4; ++i) sample.position[i] = load_le<std::uint8_t>(bytes, 4 + i);
  sample.lower = load_le<std::uint32_t>(bytes, 8);
  sample.upper = load_le<std::uint32_t>(bytes, 12);
  return sample;
}

void append_sample(std::vector<std::byte>& out, const DescriptorSample& sample) {
  append_le(out, sample.bit_offset);
  append_le(out, sample.bit_length);
  append_le(out, sample.channel);
  for (const std::uint8_t position : sample.position) append_le(out, position);
  append_le(out, sample.lower);
  append_le(out, sample.upper);
}

}  // namespace

Descriptor parse_basic_block(std::span<const std::byte> block) {
  Descriptor descriptor;
  descriptor.version = load_le<std::uint16_t>(block, 4);
  descriptor.model = static_cast<ColorModel>(load_le<std::uint8_t>(block, 8));
  descriptor.primaries = load_le<std::uint8_t>(block, 9);
  descriptor.transfer = load_le<std::uint8_t>(block, 10);
  descriptor.flags = load_le<std::uint8_t>(block, 11);
  for (std::size_t i = 0; i < 4; ++i)
    descriptor.block_extent[i] =
        static_cast<std::uint16_t>(load_le<std::uint8_t>(block, 12 + i) + 1);
  for (std::size_t i = 0; i < 8; ++i)
    descriptor.plane_bytes[i] = load_le<std::uint8_t>(block, 16 + i);
  for (std::size_t at = kBasicBlockBytes; at + kSampleBytes <= block.size(); at += kSampleBytes)
    descriptor.samples.push_back(parse_sample(block.subspan(at, kSampleBytes)));
  return descriptor;
}

std::vector<std::byte> serialize(const Descriptor& descriptor) {
  std::vector<std::byte> out;
  const auto block_bytes = static_cast<std::uint16_t>(descriptor.block_size_bytes());
  append_le(out, std::uint32_t{4} + block_bytes);
  append_le(out, std::uint32_t{0});  // vendor Khronos, basic descriptor
  append_le(out, descriptor.version);
  append_le(out, block_bytes);
  append_le(out, static_cast<std::uint8_t>(descriptor.model));
  append_le(out, descriptor.primaries);
  append_le(out, descriptor.transfer);
  append_le(out, descriptor.flags);
  for (const std::uint16_t extent : descriptor.block_extent)
    append_le(out, static_cast<std::uint8_t>(extent - 1));
  for (const std::uint8_t bytes : descriptor.plane_bytes) append_le(out, bytes);
  for (const DescriptorSample& sample : descriptor.samples) append_sample(out, sample);
  return out;
}

}  // namespace forge3d::texture
