// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/level_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/worker_pool.hpp"
#include "texture/allocate.hpp"
#include "texture/codec/block_difference.hpp"

namespace forge3d::codec {

LevelBlocks::LevelBlocks(Format format, const LevelTexels& texels, std::uint32_t threads)
    : format_(format),
      texels_(texels),
      threads_(threads),
      info_(*format_info(format)),
      codec_(block_codec(format)),
      texel_bytes_(codec_.texels == TexelType::kRgba16f ? 8 : 4),
      columns_((texels.width + info_.block_width - 1) / info_.block_width),
      rows_((texels.height + info_.block_height - 1) / info_.block_height),
      whole_columns_(texels.width / info_.block_width),
      whole_rows_(texels.height / info_.block_height) {}

Result<> LevelBlocks::allocate() {
  FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                     image_bytes(format_, texels_.width, texels_.height));
  FORGE3D_TRY_ASSIGN(bytes_, texture::allocate_bytes(size_bytes));
  errors_.assign(std::size_t{columns_} * rows_, 0);
  return {};
}

Result<> LevelBlocks::encode(Quality quality) {
  if (bytes_.empty()) FORGE3D_TRY(allocate());
  const EncodeBlocksDesc desc{format_, quality, threads_};
  if (codec_.texels == TexelType::kRgba16f) {
    const auto* halfs = reinterpret_cast<const std::uint16_t*>(texels_.texels);
    FORGE3D_TRY(encode_blocks(desc,
                              Rgba16fView{halfs, texels_.width, texels_.height, texels_.row_bytes},
                              bytes_, errors_));
  } else {
    FORGE3D_TRY(encode_blocks(
        desc, Rgba8View{texels_.texels, texels_.width, texels_.height, texels_.row_bytes}, bytes_,
        errors_));
  }
  for (std::uint32_t y = 0; y < rows_; ++y)
    for (std::uint32_t x = y < whole_rows_ ? whole_columns_ : 0; x < columns_; ++x)
      measure_edge(y * columns_ + x, bytes_of(y * columns_ + x), errors_[y * columns_ + x]);
  squared_error_ = std::accumulate(errors_.begin(), errors_.end(), std::uint64_t{0});
  return {};
}

void LevelBlocks::replace(std::uint32_t block, const std::byte* bytes, std::uint32_t error) {
  squared_error_ += error;
  squared_error_ -= errors_[block];
  errors_[block] = error;
  copy_block(bytes_.data() + std::size_t{block} * info_.block_bytes, bytes);
}

void LevelBlocks::gather_block(std::uint32_t block, std::uint8_t* target,
                               std::size_t row_bytes) const {
  const std::size_t x0 = std::size_t{block % columns_} * info_.block_width;
  const std::size_t y0 = std::size_t{block / columns_} * info_.block_height;
  const bool whole = is_whole(block);
  for (std::size_t y = 0; y < info_.block_height; ++y) {
    const std::size_t from_y = std::min<std::size_t>(y0 + y, texels_.height - 1);
    const std::uint8_t* row = texels_.texels + from_y * texels_.row_bytes;
    if (whole) {
      std::memcpy(target + y * row_bytes, row + x0 * texel_bytes_,
                  info_.block_width * texel_bytes_);
      continue;
    }
    for (std::size_t x = 0; x < info_.block_width; ++x)
      std::memcpy(target + y * row_bytes + x * texel_bytes_,
                  row + std::min<std::size_t>(x0 + x, texels_.width - 1) * texel_bytes_,
                  texel_bytes_);
  }
}

void LevelBlocks::gather(std::span<const std::uint32_t> list, std::uint8_t* strip) const {
  const std::size_t row_bytes = strip_row_bytes(list.size());
  const std::size_t step = info_.block_width * texel_bytes_;
  if (info_.block_width != 4 || info_.block_height != 4 || texel_bytes_ != 4) {
    for (std::size_t i = 0; i < list.size(); ++i)
      gather_block(list[i], strip + i * step, row_bytes);
    return;
  }
  std::uint32_t y = 0, first = 0;  // a row of blocks and its first one: divisions cost
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] - first >= columns_) {
      y = list[i] / columns_;
      first = y * columns_;
    }
    const std::uint32_t x = list[i] - first;
    std::uint8_t* target = strip + i * step;
    if (x >= whole_columns_ || y >= whole_rows_) {
      gather_block(list[i], target, row_bytes);
      continue;
    }
    const std::uint8_t* from = texels_.texels + (texels_.row_bytes * y + x * std::size_t{4}) * 4;
    for (std::size_t row = 0; row < 4; ++row)  // of a size that the compiler knows
      std::memcpy(target + row * row_bytes, from + row * texels_.row_bytes, 16);
  }
}

/// `error` comes as that of the padded block and goes as that of the texels inside the image.
void LevelBlocks::measure_edge(std::uint32_t block, const std::byte* bytes,
                               std::uint32_t& error) const {
  const std::size_t x0 = std::size_t{block % columns_} * info_.block_width;
  const std::size_t y0 = std::size_t{block / columns_} * info_.block_height;
  const std::size_t width = std::min<std::size_t>(info_.block_width, texels_.width - x0);
  const std::size_t height = std::min<std::size_t>(info_.block_height, texels_.height - y0);
  if (codec_.texels == TexelType::kRgba16f) {
    const std::uint64_t texels = std::uint64_t{info_.block_width} * info_.block_height;
    error = static_cast<std::uint32_t>(error * (width * height) / texels);
    return;
  }
  // The texels outside are made equal in both, so that they differ by nothing.
  std::vector<std::uint8_t> wanted(strip_bytes(1)), decoded(strip_bytes(1)), padded(strip_bytes(1));
  const std::size_t row_bytes = strip_row_bytes(1);
  codec_.decode(
      {reinterpret_cast<const std::uint8_t*>(bytes), 1, format_, decoded.data(), row_bytes});
  gather_block(block, padded.data(), row_bytes);
  wanted = decoded;
  for (std::size_t y = 0; y < height; ++y)
    std::memcpy(wanted.data() + y * row_bytes, padded.data() + y * row_bytes, width * texel_bytes_);
  block_differences(format_, {wanted.data(), row_bytes}, {decoded.data(), row_bytes}, 1, &error);
}

void LevelBlocks::encode_strip(std::span<const std::uint32_t> list, Quality quality, std::byte* out,
                               std::uint32_t* errors) const {
  std::vector<std::uint8_t> strip(strip_bytes(list.size()));
  gather(list, strip.data());
  codec_.encode({strip.data(), strip_row_bytes(list.size()), list.size(), format_, quality,
                 reinterpret_cast<std::uint8_t*>(out), errors});
  for (std::size_t i = 0; i < list.size(); ++i)
    if (!is_whole(list[i])) measure_edge(list[i], out + i * info_.block_bytes, errors[i]);
}

template <class Keep>
void LevelBlocks::encode_list(std::span<const std::uint32_t> list, Quality quality, Keep keep) {
  std::vector<std::byte> bytes(list.size() * info_.block_bytes);
  std::vector<std::uint32_t> errors(list.size());
  const std::size_t strips = (list.size() + kStripBlocks - 1) / kStripBlocks;
  core::parallel_for(threads_, strips, [&](std::uint64_t strip) {
    const std::size_t first = strip * kStripBlocks;
    const std::size_t blocks = std::min(kStripBlocks, list.size() - first);
    encode_strip(list.subspan(first, blocks), quality, bytes.data() + first * info_.block_bytes,
                 errors.data() + first);
  });
  for (std::size_t i = 0; i < list.size(); ++i)
    if (keep(errors[i], errors_[list[i]]))
      replace(list[i], bytes.data() + i * info_.block_bytes, errors[i]);
}

void LevelBlocks::encode_listed(std::span<const std::uint32_t> list, Quality quality) {
  encode_list(list, quality, [](std::uint32_t, std::uint32_t) { return true; });
}

void LevelBlocks::improve(std::span<const std::uint32_t> list, Quality quality) {
  encode_list(list, quality, [](std::uint32_t now, std::uint32_t before) { return now < before; });
}

}  // namespace forge3d::codec
