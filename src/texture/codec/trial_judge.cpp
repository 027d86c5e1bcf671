// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/trial_judge.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "texture/codec/block_difference.hpp"
#include "texture/codec/hdr_code.hpp"

namespace forge3d::codec {
namespace {

std::uint16_t half_at(const std::uint8_t* texels, std::size_t index) {
  std::uint16_t half;
  std::memcpy(&half, texels + index * 2, 2);
  return half;
}

}  // namespace

TrialJudge::TrialJudge(const LevelBlocks& level)
    : level_(level),
      info_(*format_info(level.format())),
      hdr_(level.codec().texels == TexelType::kRgba16f),
      signed_hdr_(level.format() == Format::kBC6HSfloat),
      row_bytes_(level.strip_row_bytes(kStripBlocks)),
      wanted_(level.strip_bytes(kStripBlocks)),
      decoded_(wanted_.size()) {}

void TrialJudge::aim(std::uint32_t block) {
  const std::size_t block_row = level_.strip_row_bytes(1);
  std::vector<std::uint8_t>& texels = decoded_;  // which is free until trials come
  level_.gather(std::span(&block, 1), texels.data());
  if (hdr_) {
    codes_.clear();
    const std::span<const std::int32_t> codes = hdr_codes();
    for (std::size_t i = 0; i < level_.strip_bytes(1) / 8; ++i)
      for (std::size_t c = 0; c < info_.channels; ++c) {
        const std::int32_t code = codes[half_at(texels.data(), i * 4 + c)];
        codes_.push_back(signed_hdr_ ? code : std::max(code, 0));
      }
    return;
  }
  for (std::size_t y = 0; y < info_.block_height; ++y)
    for (std::size_t i = 0; i < kStripBlocks; ++i)
      std::memcpy(wanted_.data() + y * row_bytes_ + i * block_row, texels.data() + y * block_row,
                  block_row);
}

double TrialJudge::variance() const {
  const std::size_t texels = std::size_t{info_.block_width} * info_.block_height;
  double largest = 0;
  for (std::size_t c = 0; c < info_.channels; ++c) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < texels; ++i) {
      const double code = wanted_code(i, c);
      sum += code;
      squares += code * code;
    }
    const auto count = static_cast<double>(texels);
    largest = std::max(largest, (squares - sum * sum / count) / count);
  }
  return hdr_ ? std::ldexp(largest, 16 - 2 * kHdrCodeBits) : largest;
}

std::int32_t TrialJudge::wanted_code(std::size_t texel, std::size_t channel) const {
  if (hdr_) return codes_[texel * info_.channels + channel];
  const std::uint8_t byte =
      wanted_[texel / info_.block_width * row_bytes_ + texel % info_.block_width * 4 + channel];
  if (level_.codec().texels == TexelType::kRgba8Snorm) return static_cast<std::int8_t>(byte);
  return byte;
}

void TrialJudge::measure(std::span<const std::uint8_t> trials, std::span<std::uint32_t> errors) {
  for (std::size_t first = 0; first < errors.size(); first += kStripBlocks)
    measure_strip(trials.data() + first * level_.block_bytes(),
                  std::min(kStripBlocks, errors.size() - first), errors.data() + first);
}

void TrialJudge::measure_strip(const std::uint8_t* trials, std::size_t count,
                               std::uint32_t* errors) {
  level_.codec().decode({trials, count, level_.format(), decoded_.data(), row_bytes_});
  if (hdr_) return measure_hdr(count, errors);
  block_differences(level_.format(), {wanted_.data(), row_bytes_}, {decoded_.data(), row_bytes_},
                    count, errors);
}

void TrialJudge::measure_hdr(std::size_t count, std::uint32_t* errors) const {
  const std::span<const std::int32_t> codes = hdr_codes();
  const std::size_t width = info_.block_width;
  for (std::size_t block = 0; block < count; ++block) {
    std::uint64_t sum = 0;
    const std::int32_t* wanted = codes_.data();
    for (std::size_t y = 0; y < info_.block_height; ++y) {
      const std::uint8_t* row = decoded_.data() + y * row_bytes_;
      for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < info_.channels; ++c) {
          const std::int64_t gap =
              std::int64_t{codes[half_at(row, (block * width + x) * 4 + c)]} - *wanted++;
          sum += static_cast<std::uint64_t>(gap * gap);
        }
    }
    errors[block] = hdr_error(sum);
  }
}

}  // namespace forge3d::codec
