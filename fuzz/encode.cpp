// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any texels, extents, format and quality through the encoders: the same blocks on every
// instruction set, and errors that are those of the decoded texels.

#include <algorithm>

#include "texture/block_texels.hpp"

namespace {

using namespace forge3d;
using test::BlockTexels;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

int code(std::uint8_t byte, bool snorm) {
  return snorm ? std::max<int>(static_cast<std::int8_t>(byte), -127) : byte;
}

/// The squared differences of one block over the format's channels; texels beyond the edge repeat
/// the last ones. `decoded` covers whole blocks.
std::uint32_t block_error(const FormatInfo& info, const BlockTexels& texels,
                          const BlockTexels& decoded, std::uint32_t block) {
  const bool snorm = info.name.find("SNORM") != std::string_view::npos;
  const std::uint32_t columns = decoded.width / info.block_width;
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < std::uint32_t{info.block_width} * info.block_height; ++i) {
    const std::uint32_t x = block % columns * info.block_width + i % info.block_width;
    const std::uint32_t y = block / columns * info.block_height + i / info.block_width;
    const std::uint8_t* a = texels.data() + std::min(y, texels.height - 1) * texels.row_bytes() +
                            std::size_t{4} * std::min(x, texels.width - 1);
    const std::uint8_t* b = decoded.data() + y * decoded.row_bytes() + std::size_t{4} * x;
    for (int c = 0; c < info.channels; ++c) {
      const int difference = code(a[c], snorm) - code(b[c], snorm);
      sum += static_cast<std::uint32_t>(difference * difference);
    }
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  static const std::vector<Format> formats = test::formats_of("", can_encode);
  constexpr std::size_t kHead = 4;
  constexpr std::uint32_t kMostExtent = 18;
  if (size_bytes <= kHead) return 0;
  const Format format = formats[data[0] % formats.size()];
  const FormatInfo& info = *format_info(format);
  BlockTexels texels(format, 1 + data[2] % kMostExtent, 1 + data[3] % kMostExtent);
  for (std::size_t i = 0; i < texels.bytes().size(); ++i)
    texels.bytes()[i] = data[kHead + i % (size_bytes - kHead)];
  const EncodeBlocksDesc desc{.format = format, .quality = static_cast<Quality>(data[1] % 3)};

  std::vector<std::byte> blocks(*image_bytes(format, texels.width, texels.height));
  const std::size_t count = blocks.size() / info.block_bytes;
  std::vector<std::uint32_t> errors(count);
  check(use_simd_target(simd_targets().back()).has_value());
  check(texels.encode(desc, blocks, errors).has_value());
  for (const std::string_view target : simd_targets()) {
    std::vector<std::byte> same(blocks.size());
    std::vector<std::uint32_t> same_errors(count);
    check(use_simd_target(target).has_value());
    check(texels.encode(desc, same, same_errors).has_value());
    check(same == blocks && same_errors == errors);
  }
  const auto whole = [](std::uint32_t extent, std::uint32_t side) {
    return (extent + side - 1) / side * side;
  };
  BlockTexels decoded(format, whole(texels.width, info.block_width),
                      whole(texels.height, info.block_height));
  check(decoded.decode(format, blocks).has_value());
  for (std::uint32_t block = 0; block < count && !is_hdr(format); ++block)
    check(block_error(info, texels, decoded, block) == errors[block]);
  return 0;
}
