// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// JPEG in: libjpeg-turbo behind RowReader.

#include <memory>

#include "forge3d/image.hpp"

namespace forge3d::texture {

/// Opens a JPEG whose signature was seen. Errors: as forge3d::open_image.
[[nodiscard]] Result<std::unique_ptr<RowReader>> open_jpeg(std::shared_ptr<const ByteSource> source,
                                                           const ImageLimits& limits);

}  // namespace forge3d::texture
