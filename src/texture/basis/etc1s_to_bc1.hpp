// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/basis/etc1s_writer.hpp"
#include "texture/basis/selector_masks.hpp"

namespace forge3d::basis {

/// Makes BC1 blocks of four colors, which BC3 has, too. Not thread-safe; `books` outlive it.
class Bc1Blocks {
 public:
  /// `red_only`: green and blue are 0.
  Bc1Blocks(const Etc1sCodebooks& books, bool red_only);
  /// Writes 8 bytes.
  void write(const Etc1sBlock& block, std::uint8_t* out);

 private:
  const Etc1sCodebooks& books_;
  bool red_only_;
  ChannelLines& five_bits_;
  ChannelLines& six_bits_;
};

}  // namespace forge3d::basis
