// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Texels of one KTX2 file in another format, by way of 8-bit RGBA.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/ktx2.hpp"

namespace forge3d::system {

/// True when texels of `from` can be decoded here and encoded as `to`.
[[nodiscard]] bool can_transcode(Format from, Format to);

struct TranscodedKtx2 {
  std::vector<std::byte> bytes;   ///< A whole file; its level 0 is the first level asked for.
  std::optional<double> psnr_db;  ///< RGB of its level 0, where blocks were encoded.
};

/// All levels from `first_level` on, all layers and faces. Errors: kNotSupported (3D, or a pair
/// that can_transcode() refuses), those of the reader and the codecs. Throws std::bad_alloc.
[[nodiscard]] Result<TranscodedKtx2> transcode_ktx2(const Ktx2Reader& reader, Format to,
                                                    Quality quality, std::uint32_t first_level,
                                                    const std::string& name);

}  // namespace forge3d::system
