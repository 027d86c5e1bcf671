// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "forge3d/basis.hpp"
#include "forge3d/uastc.hpp"

namespace forge3d::basis {

/// The images of one file of UASTC blocks, LDR or HDR. Thread-safe: all members are const.
class UastcFile {
 public:
  /// REQUIRES: reader.info().basis_model is kUastc or kUastcHdr.
  explicit UastcFile(const Ktx2Reader& reader);

  [[nodiscard]] const Ktx2Info& info() const { return reader_.info(); }
  [[nodiscard]] BasisChannels channels() const;

  /// Reads the level and transcodes one image of it. REQUIRES: the image is there, `out` its size
  /// in a target of can_transcode_uastc(). Errors: the reader's.
  [[nodiscard]] Result<> transcode(const Ktx2Slice& image, Format target,
                                   std::span<std::byte> out) const;
  /// The same for all images of a level, layer, face, slice.
  [[nodiscard]] Result<> transcode_level(std::uint32_t level, const BasisLevelDesc& desc,
                                         std::span<std::byte> out) const;

 private:
  /// Image `index` of a level's bytes.
  [[nodiscard]] Result<> transcode_image(std::span<const std::byte> stored, std::uint32_t level,
                                         std::uint64_t index, const BasisLevelDesc& desc,
                                         std::span<std::byte> out) const;

  Ktx2Reader reader_;
  UastcChannels channels_;
};

}  // namespace forge3d::basis
