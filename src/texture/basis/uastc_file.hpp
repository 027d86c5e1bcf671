// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "forge3d/basis.hpp"
#include "forge3d/uastc.hpp"
#include "texture/basis/block_rows.hpp"

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
  /// True where rows can be read from the file without the rest of their level.
  [[nodiscard]] bool reads_rows() const;
  [[nodiscard]] Result<std::vector<std::byte>> read_level(std::uint32_t level) const {
    return reader_.read_level(level);
  }
  /// Rows of blocks of image `index` of a level, whose bytes are `stored`; empty: reads_rows().
  /// REQUIRES: the image and the rows are there, `out` is their size. Errors: the reader's.
  [[nodiscard]] Result<> write_rows(std::span<const std::byte> stored, std::uint32_t level,
                                    std::uint64_t index, const BlockRows& rows,
                                    const BasisLevelDesc& desc, std::span<std::byte> out) const;

 private:
  [[nodiscard]] BlockRows all_rows(std::uint32_t level) const {
    return {0, block_rows(info(), level)};
  }
  [[nodiscard]] Result<> transcode_rows(std::span<const std::byte> blocks, std::uint32_t level,
                                        const BlockRows& rows, const BasisLevelDesc& desc,
                                        std::span<std::byte> out) const;

  Ktx2Reader reader_;
  UastcChannels channels_;
};

}  // namespace forge3d::basis
