// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/bc7_encoder.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "texture/codec/bc7_flat.hpp"
#include "texture/codec/bc7_stage.hpp"

namespace forge3d::codec {
namespace {

/// Blocks that go through the stages together.
constexpr std::size_t kChunk = 256;
constexpr std::size_t kBlockBytes = 16;
constexpr std::size_t kBlockRowBytes = 16;

constexpr Bc7Effort effort_of(Quality quality) {
  switch (quality) {
    case Quality::kFast:
      return {true, 1, 0, {0, 1, 0, 0, 0, 1, 1, 1}, 60};
    case Quality::kNormal:
      return {false, 2, 0, {1, 4, 1, 2, 1, 4, 1, 3}, 24};
    case Quality::kHigh:
      break;
  }
  return {false, 3, 2, {8, 16, 8, 16, 4, 4, 1, 16}, 0};
}

/// A list of blocks of a chunk.
struct List {
  std::array<std::uint16_t, kChunk> blocks;
  std::size_t count = 0;
  void add(std::size_t block) { blocks[count++] = static_cast<std::uint16_t>(block); }
};

enum class BlockKind : std::uint8_t { kFlat, kOpaque, kTranslucent };

BlockKind kind_of(const std::uint8_t* texels, std::size_t row_bytes, std::uint32_t& first) {
  std::uint32_t common = 0xffffffff;
  std::uint32_t different = 0;
  std::memcpy(&first, texels, 4);
  for (std::size_t y = 0; y < 4; ++y) {
    std::array<std::uint32_t, 4> row;
    std::memcpy(row.data(), texels + y * row_bytes, sizeof(row));
    for (const std::uint32_t texel : row) {
      common &= texel;
      different |= texel ^ first;
    }
  }
  if (different == 0) return BlockKind::kFlat;
  std::array<std::uint8_t, 4> channels;
  std::memcpy(channels.data(), &common, sizeof(common));
  return channels[3] == 255 ? BlockKind::kOpaque : BlockKind::kTranslucent;
}

/// Keeps the blocks of the list that a further stage may help.
void keep_bad(List& list, const std::uint32_t* errors, std::uint32_t good_error) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < list.count; ++i)
    if (errors[list.blocks[i]] > good_error) list.blocks[kept++] = list.blocks[i];
  list.count = kept;
}

void search(const EncodeRun& run, List& list, bool opaque, std::uint32_t* errors) {
  const Bc7Effort effort = effort_of(run.quality);
  Bc7Stage stage{run.texels, run.row_bytes, list.blocks.data(), list.count, opaque, &effort,
                 run.out,    errors};
  bc7_try_one_line(stage);
  keep_bad(list, errors, effort.good_error);
  stage.count = list.count;
  bc7_try_two_lines(stage);
  if (opaque && effort.quick) return;
  bc7_try_two_planes(stage);
  if (opaque) bc7_try_three_lines(stage);
}

void encode_chunk(const EncodeRun& run) {
  List opaque;
  List translucent;
  std::array<std::uint32_t, kChunk> errors;
  errors.fill(kBc7NoError);
  for (std::size_t i = 0; i < run.blocks; ++i) {
    std::uint32_t texel = 0;
    switch (kind_of(run.texels + i * kBlockRowBytes, run.row_bytes, texel)) {
      case BlockKind::kFlat:
        encode_bc7_flat(texel, run.out + i * kBlockBytes);
        errors[i] = 0;
        break;
      case BlockKind::kOpaque:
        opaque.add(i);
        break;
      case BlockKind::kTranslucent:
        translucent.add(i);
        break;
    }
  }
  search(run, opaque, true, errors.data());
  search(run, translucent, false, errors.data());
  if (run.errors != nullptr) std::copy_n(errors.begin(), run.blocks, run.errors);
}

}  // namespace

void encode_bc7(const EncodeRun& run) {
  for (std::size_t first = 0; first < run.blocks; first += kChunk) {
    EncodeRun chunk = run;
    chunk.texels += first * kBlockRowBytes;
    chunk.blocks = std::min(kChunk, run.blocks - first);
    chunk.out += first * kBlockBytes;
    if (chunk.errors != nullptr) chunk.errors += first;
    encode_chunk(chunk);
  }
}

}  // namespace forge3d::codec
