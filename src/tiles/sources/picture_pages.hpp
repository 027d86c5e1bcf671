// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A picture held in memory, with all its levels, as raw blocks.

#include <memory>
#include <string>

#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {

/// Levels down to the first that fits a page. 16-bit grey counts as heights, so as linear. Errors:
/// those of make_mips; kInvalidArgument (page_texels is 0).
[[nodiscard]] Result<std::shared_ptr<const RawPages>> make_picture_pages(Image image,
                                                                         std::uint32_t page_texels,
                                                                         std::string name);

/// Bytes of all levels of a picture.
[[nodiscard]] std::uint64_t picture_bytes(const ImageInfo& info);

}  // namespace forge3d::tiles
