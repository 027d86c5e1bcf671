// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The images of one BasisLZ file. KTX 2.0, "BasisLZ Global Data".

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "forge3d/basis.hpp"
#include "texture/basis/etc1s_codebooks.hpp"
#include "texture/basis/etc1s_slices.hpp"

namespace forge3d::basis {

/// What the channels of a descriptor make together; nothing where the specification has no such
/// set. KTX 2.0 section 3.10.2.
[[nodiscard]] std::optional<BasisChannels> etc1s_channels(std::span<const std::uint8_t> ids);

/// The blocks of one frame, row by row: of its first slice, and of its second, if any.
struct Etc1sPlanes {
  std::vector<Etc1sBlock> first, second;
};

/// Where an animation was left.
struct Etc1sFrame {
  Ktx2Slice image;
  Etc1sPlanes planes;  ///< Empty before the first image.
};

/// A file with its codebooks. Thread-safe: all members are const.
class Etc1sFile {
 public:
  /// Reads the global data. REQUIRES: reader.info().basis_model == BasisModel::kEtc1s. Errors:
  /// kIo, kInvalidFile (file, offset and rule), kOutOfHostMemory.
  [[nodiscard]] static Result<Etc1sFile> open(const Ktx2Reader& reader);

  [[nodiscard]] const Ktx2Info& info() const { return reader_.info(); }
  [[nodiscard]] BasisChannels channels() const { return channels_; }

  /// Transcodes one image. REQUIRES: the image is there, can_write_etc1s(target), `out` its
  /// size. Errors: kNotSupported (the target for these channels), kIo, kInvalidFile,
  /// kOutOfHostMemory.
  [[nodiscard]] Result<> transcode(const Ktx2Slice& image, Format target, std::span<std::byte> out,
                                   Etc1sFrame* frame) const;

 private:
  explicit Etc1sFile(const Ktx2Reader& reader) : reader_(reader) {}

  Result<> read();
  [[nodiscard]] const Etc1sImage& description(const Ktx2Slice& image) const;
  /// The earliest image that must be decoded for `image`, given the frame at hand.
  Result<Ktx2Slice> first_needed(const Ktx2Slice& image, const Etc1sFrame& frame) const;

  Ktx2Reader reader_;
  BasisChannels channels_ = BasisChannels::kRgb;
  bool animated_ = false;
  Etc1sCodebooks books_;
};

}  // namespace forge3d::basis
