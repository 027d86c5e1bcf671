// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A KTX2 file taken apart and put together again, with the offsets and lengths that fit.

#include <optional>
#include <vector>

#include "texture/ktx2/container.hpp"

namespace forge3d::fuzz {

using Bytes = std::vector<std::byte>;

/// What the offsets of header and level index lead to, cut at the end of the file. Parts may share
/// bytes.
struct Ktx2Parts {
  struct Level {
    std::uint64_t bytes = 0;  ///< The plain size that the index claims.
    bool inflated = false;    ///< `data` is packed again when the parts are joined.
    Bytes data;
  };

  texture::Ktx2Header header;
  std::vector<Level> levels;
  Bytes descriptor, key_values, global_data;
};

/// Nothing where there is no header and level index. Levels that inflate to what their index claims
/// are inflated.
[[nodiscard]] std::optional<Ktx2Parts> split_ktx2(std::span<const std::byte> file);

/// The parts in the order, alignment and schemes that the specification asks for; all offsets and
/// lengths follow from them.
[[nodiscard]] Bytes join_ktx2(const Ktx2Parts& parts);

/// Cuts or fills inflated levels to the sizes that extents and descriptor ask for, up to
/// `max_bytes` each.
void fit_levels(Ktx2Parts& parts, std::uint64_t max_bytes);

}  // namespace forge3d::fuzz
