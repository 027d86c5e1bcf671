// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/picture.hpp"

#include <utility>

#include "cli/files.hpp"

namespace forge3d::cli {

Result<Image> load_ktx2_slice(const std::filesystem::path& path, const Ktx2Slice& choice) {
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(path));
  auto image = decode_ktx2_slice(reader, choice);
  if (!image) image.error().message = path.string() + ": " + image.error().message;
  return image;
}

Result<Image> load_picture(const std::filesystem::path& path) {
  FORGE3D_TRY_ASSIGN(const FileKind kind, detect_file_kind(path));
  if (kind == FileKind::kKtx2) return load_ktx2_slice(path, {});
  return load_image(path);
}

}  // namespace forge3d::cli
