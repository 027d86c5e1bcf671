// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// One channel of ETC1S as the blocks of one channel that other formats have: BC4 (in BC3 and BC5,
// too) and EAC (in ETC2 RGBA and RG11).

#include <array>
#include <atomic>
#include <cstdint>

#include "texture/basis/etc1s_writer.hpp"
#include "texture/basis/selector_masks.hpp"

namespace forge3d::basis {

enum class ScalarKind : std::uint8_t {
  kBc4,
  kEacAlpha,  ///< 8 bits: ETC2 RGBA.
  kEacR11,    ///< 11 bits.
};

/// A block without its selectors: what the format stores in front of the indices, and the indices.
struct ScalarFit {
  std::uint8_t first = 0;   ///< BC4: first end. EAC: base.
  std::uint8_t second = 0;  ///< BC4: second end. EAC: multiplier << 4 | table.
  LineMap map{};
};

/// The best block for the values that a base, a table and the selectors that occur make. Of those
/// equally good the one found first. Deterministic.
[[nodiscard]] ScalarFit fit_scalar(ScalarKind kind, std::uint32_t used, std::uint32_t table,
                                   std::uint32_t base);

/// Makes blocks of 8 bytes. Not thread-safe, though fits are shared by the process; `books` outlive
/// it.
class ScalarBlocks {
 public:
  ScalarBlocks(const Etc1sCodebooks& books, ScalarKind kind);
  /// `channel`: of the endpoint's base.
  void write(const Etc1sBlock& block, std::size_t channel, std::uint8_t* out);

 private:
  const Etc1sCodebooks& books_;
  ScalarKind kind_;
};

}  // namespace forge3d::basis
