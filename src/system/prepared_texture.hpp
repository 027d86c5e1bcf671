// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PreparedTexture: a file or a picture made ready for upload, in a format that the device samples.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "forge3d/byte_source.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/memory_system.hpp"
#include "forge3d/texture_loader.hpp"

namespace forge3d::system {

struct PreparedTexture {
  TextureLevels levels;
  Format file_format = Format::kUndefined;         ///< kUndefined for pictures and UASTC, ETC1S.
  BasisModel basis_model = BasisModel::kNone;      ///< Of the file.
  std::string reason;                              ///< Why the format of the levels.
  std::uint32_t first_level = 0;                   ///< Of the levels.
  std::function<std::optional<double>()> psnr_db;  ///< Once the levels are made.
  std::uint64_t decode_ns = 0;     ///< Spent so far; making the levels comes on top.
  std::uint64_t stored_bytes = 0;  ///< 0: those of the levels.
};

/// A KTX2, PNG or JPEG file, told by its content. What the device cannot sample, or what
/// `desc.preferred_format` asks for, is transcoded, or decoded and encoded, level by level when
/// they are loaded. Errors: kNotSupported names the file and the format; those of the readers and
/// codecs. Throws std::bad_alloc.
[[nodiscard]] Result<PreparedTexture> prepare_file(const Device& device,
                                                   const std::filesystem::path& path,
                                                   const SystemTextureDesc& desc);

/// Pixels in host memory. Errors: as above.
[[nodiscard]] Result<PreparedTexture> prepare_image(const Device& device, const Image& image,
                                                    const std::string& name,
                                                    const SystemTextureDesc& desc);

}  // namespace forge3d::system
