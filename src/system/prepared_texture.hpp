// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PreparedTexture: a file or a picture made ready for upload, in a format that the device samples.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "forge3d/byte_source.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/memory_system.hpp"

namespace forge3d::system {

struct PreparedTexture {
  Ktx2Reader reader;
  Format file_format = Format::kUndefined;  ///< kUndefined for pictures.
  std::uint32_t first_level = 0;            ///< Of the reader's.
  std::optional<double> psnr_db;            ///< Where blocks were encoded here.
  std::uint64_t decode_ns = 0;              ///< Spent so far; reading the levels comes on top.
  std::uint64_t stored_bytes = 0;           ///< 0: those of the reader's levels.
};

/// A KTX2, PNG or JPEG file, told by its content. What the device cannot sample, or what
/// `desc.preferred_format` asks for, is decoded and encoded here. Errors: kNotSupported names the
/// file and the format; those of the readers and codecs. Throws std::bad_alloc.
[[nodiscard]] Result<PreparedTexture> prepare_file(const Device& device,
                                                   const std::filesystem::path& path,
                                                   const SystemTextureDesc& desc);

/// Pixels in host memory. Errors: as above.
[[nodiscard]] Result<PreparedTexture> prepare_image(const Device& device, const Image& image,
                                                    const std::string& name,
                                                    const SystemTextureDesc& desc);

}  // namespace forge3d::system
