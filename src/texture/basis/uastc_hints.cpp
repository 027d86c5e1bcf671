// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_hints.hpp"

#include <algorithm>
#include <cstring>

#include "texture/basis/uastc_etc1.hpp"
#include "texture/codec/bc1_encoder.hpp"
#include "texture/codec/etc2_encoder.hpp"

namespace forge3d::basis {
namespace {

void load_texels(const codec::EncodeRun& run, std::size_t block, Etc1Texels& out) {
  for (std::size_t y = 0; y < 4; ++y)
    std::memcpy(out.data() + 4 * y, run.texels + y * run.row_bytes + 16 * block, 16);
}

int channel(std::uint32_t texel, std::size_t c) { return static_cast<int>(texel >> (8 * c) & 255); }

/// What the fast encoders of other formats make of the blocks of a run.
struct OtherFormats {
  std::array<std::uint8_t, 8 * kUastcHintBlocks> etc1;
  std::array<std::uint8_t, 8 * kUastcHintBlocks> bc1;
  std::array<std::uint32_t, kUastcHintBlocks> bc1_errors;
  std::array<std::uint8_t, 16 * kUastcHintBlocks> etc2;  ///< Where there is alpha.
};

bool has_varying_alpha(const UastcCoding& coding) {
  const UastcMode& mode = kUastcModeTable[coding.mode];
  if (coding.error == ~0u || !mode.alpha()) return false;
  for (std::size_t s = 1; s <= mode.subsets; ++s) {
    const std::uint8_t* ends = coding.values.data() + 2 * s * mode.channels - 2;
    if (ends[0] != coding.values[2u * mode.channels - 2] || ends[1] != ends[0]) return true;
  }
  return false;
}

void encode_other_formats(const codec::EncodeRun& run, const UastcCoding* codings,
                          OtherFormats& out) {
  codec::EncodeRun other = run;
  other.quality = Quality::kFast;
  other.errors = nullptr;
  other.format = Format::kETC2RgbUnorm;
  other.out = out.etc1.data();
  codec::encode_etc1(other);
  if (std::any_of(codings, codings + run.blocks, has_varying_alpha)) {
    other.format = Format::kETC2RgbaUnorm;
    other.out = out.etc2.data();
    codec::encode_etc2_rgba(other);
  }
  other.format = Format::kBC1RgbUnorm;
  other.out = out.bc1.data();
  other.errors = out.bc1_errors.data();
  codec::encode_bc1(other);
}

/// The squared error of a BC1 block with the ends and weights of a block of one line.
std::uint32_t error_in_bc1(const UastcCoding& coding, const Etc1Texels& texels) {
  std::array<std::array<int, 4>, 3> palette{};
  for (std::size_t c = 0; c < 3; ++c) {
    const int last = c == 1 ? 63 : 31;
    std::array<int, 2> end{};
    for (std::size_t e = 0; e < 2; ++e) {
      const int code = (coding.values[2 * c + e] * last + 127) / 255;
      end[e] = c == 1 ? code << 2 | code >> 4 : code << 3 | code >> 2;
    }
    palette[c] = {end[0], (2 * end[0] + end[1]) / 3, (end[0] + 2 * end[1]) / 3, end[1]};
  }
  int sum = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t third = (coding.weights[0][i] * 3u + 32) / 64;
    for (std::size_t c = 0; c < 3; ++c) {
      const int difference = palette[c][third] - channel(texels[i], c);
      sum += difference * difference;
    }
  }
  return static_cast<std::uint32_t>(sum);
}

/// Whether transcoders to BC1 may take the line as it is: they lose little.
bool suits_bc1(const UastcCoding& coding, const Etc1Texels& texels, std::uint32_t best_error) {
  const UastcMode& mode = kUastcModeTable[coding.mode];
  if (mode.subsets > 1 || mode.planes > 1 || mode.channels == 2) return false;
  constexpr std::uint32_t kSlack = 48;  // one code off in every channel of every texel
  return error_in_bc1(coding, texels) <= best_error + best_error / 16 + kSlack;
}

}  // namespace

void write_uastc_chunk(const codec::EncodeRun& run, const UastcCoding* codings) {
  OtherFormats other;
  encode_other_formats(run, codings, other);
  Etc1Texels texels;
  for (std::size_t b = 0; b < run.blocks; ++b) {
    if (codings[b].error == ~0u) continue;
    load_texels(run, b, texels);
    UastcHints hints = etc1_hints(other.etc1.data() + 8 * b, texels);
    hints.bc1_ends = suits_bc1(codings[b], texels, other.bc1_errors[b]);
    if (has_varying_alpha(codings[b])) {
      const unsigned alpha = other.etc2[16 * b + 1];
      hints.etc2_table = static_cast<std::uint8_t>(alpha & 15);
      hints.etc2_multiplier = static_cast<std::uint8_t>(std::max(alpha >> 4, 1u));
    }
    write_uastc_block(codings[b], hints, run.out + 16 * b);
  }
}

}  // namespace forge3d::basis
