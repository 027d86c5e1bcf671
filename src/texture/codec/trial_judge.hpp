// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TrialJudge: how far other bytes would be from one block's texels.

#include <cstdint>
#include <span>
#include <vector>

#include "texture/codec/level_blocks.hpp"

namespace forge3d::codec {

/// Measures any bytes in the place of a block of a level, through the decoder. Not thread-safe.
class TrialJudge {
 public:
  explicit TrialJudge(const LevelBlocks& level);

  /// The block to measure against. REQUIRES: it lies inside the image as a whole.
  void aim(std::uint32_t block);
  /// The block's variance: the largest of its channels, in the units of EncodeRun::errors.
  [[nodiscard]] double variance() const;
  /// errors[i]: that of the i-th block of `trials`, in the units of EncodeRun::errors.
  void measure(std::span<const std::uint8_t> trials, std::span<std::uint32_t> errors);

 private:
  void measure_strip(const std::uint8_t* trials, std::size_t count, std::uint32_t* errors);
  void measure_hdr(std::size_t count, std::uint32_t* errors) const;
  [[nodiscard]] std::int32_t wanted_code(std::size_t texel, std::size_t channel) const;

  const LevelBlocks& level_;
  const FormatInfo& info_;
  bool hdr_, signed_hdr_;
  std::size_t row_bytes_;             // of a strip
  std::vector<std::uint8_t> wanted_;  // the block, as often as a strip holds blocks
  std::vector<std::uint8_t> decoded_;
  std::vector<std::int32_t> codes_;  // of an HDR block's channels
};

}  // namespace forge3d::codec
