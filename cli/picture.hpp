// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pictures from any file the tool reads: PNG, JPEG, and one face of a KTX2 file.

#include <filesystem>

#include "forge3d/image.hpp"
#include "forge3d/ktx2_image.hpp"

namespace forge3d::cli {

/// One slice as an image: block formats decoded to RGBA8, plain formats in their own channels and
/// sample type. Errors: kInvalidArgument (no such slice), kNotSupported (format), the reader's.
[[nodiscard]] Result<Image> load_ktx2_slice(const std::filesystem::path& path,
                                            const Ktx2Slice& choice);

/// A whole PNG or JPEG, or level 0 of a KTX2 file, by content.
[[nodiscard]] Result<Image> load_picture(const std::filesystem::path& path);

}  // namespace forge3d::cli
