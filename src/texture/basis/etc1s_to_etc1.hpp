// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "texture/basis/etc1s_writer.hpp"

namespace forge3d::basis {

/// Makes ETC1 blocks, which are valid ETC2 RGB blocks. Not thread-safe; `books` outlive it.
class Etc1Blocks {
 public:
  explicit Etc1Blocks(const Etc1sCodebooks& books) : books_(books) {}
  /// Writes 8 bytes.
  void write(const Etc1sBlock& block, std::uint8_t* out) const;

 private:
  const Etc1sCodebooks& books_;
};

}  // namespace forge3d::basis
