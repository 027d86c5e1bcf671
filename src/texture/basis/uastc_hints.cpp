// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_hints.hpp"

#include <cstring>

#include "texture/basis/uastc_etc1.hpp"
#include "texture/codec/etc2_encoder.hpp"

namespace forge3d::basis {
namespace {

void load_texels(const codec::EncodeRun& run, std::size_t block, Etc1Texels& out) {
  for (std::size_t y = 0; y < 4; ++y)
    std::memcpy(out.data() + 4 * y, run.texels + y * run.row_bytes + 16 * block, 16);
}

}  // namespace

void write_uastc_chunk(const codec::EncodeRun& run, const UastcCoding* codings) {
  std::array<std::uint8_t, 8 * kUastcHintBlocks> etc;
  codec::EncodeRun to_etc = run;
  to_etc.format = Format::kETC2RgbUnorm;
  to_etc.quality = Quality::kFast;
  to_etc.out = etc.data();
  to_etc.errors = nullptr;
  codec::encode_etc1(to_etc);
  Etc1Texels texels;
  for (std::size_t b = 0; b < run.blocks; ++b) {
    if (codings[b].error == ~0u) continue;
    std::uint8_t* block = etc.data() + 8 * b;
    load_texels(run, b, texels);
    write_uastc_block(codings[b], etc1_hints(block, texels), run.out + 16 * b);
  }
}

}  // namespace forge3d::basis
