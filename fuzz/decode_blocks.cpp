// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any bytes as the blocks of one family of formats (FORGE3D_FUZZ_FAMILY): every bit pattern
// decodes, to the same texels on every instruction set.

#include "texture/block_texels.hpp"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  using namespace forge3d;
  static const std::vector<Format> formats = test::formats_of(FORGE3D_FUZZ_FAMILY, can_decode);
  if (formats.empty() || size_bytes < 2) return 0;
  const Format format = formats[data[0] % formats.size()];
  const FormatInfo& info = *format_info(format);
  const auto count = static_cast<std::uint32_t>((size_bytes - 2) / info.block_bytes);
  if (count == 0) return 0;
  // One row or two, the last blocks cut by the image's edge.
  const std::uint32_t rows = count % 2 == 0 ? 2 : 1;
  const std::uint32_t width = count / rows * info.block_width - data[1] % info.block_width;
  const std::uint32_t height = rows * info.block_height - (data[1] >> 4) % info.block_height;
  const auto blocks =
      std::as_bytes(std::span(data + 2, static_cast<std::size_t>(count) * info.block_bytes));

  test::BlockTexels reference(format, width, height);
  check(use_simd_target(simd_targets().back()).has_value());
  check(reference.decode(format, blocks).has_value());
  for (const std::string_view target : simd_targets()) {
    test::BlockTexels texels(format, width, height);
    check(use_simd_target(target).has_value());
    check(texels.decode(format, blocks).has_value());
    check(texels.words == reference.words);
  }
  return 0;
}
