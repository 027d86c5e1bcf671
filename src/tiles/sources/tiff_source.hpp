// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// TIFF and its cloud-optimised layout (COG) as raw blocks: tiles or strips, with overviews.

#include <memory>

#include "forge3d/byte_source.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {

/// Opens the first picture of the file; smaller versions of it in sub-IFDs and in the IFDs that
/// follow are its levels. Errors: kIo, kInvalidFile, kNotSupported name file, IFD, tag and rule.
[[nodiscard]] Result<std::shared_ptr<const RawPages>> open_tiff_pages(
    std::shared_ptr<const ByteSource> source);

}  // namespace forge3d::tiles
