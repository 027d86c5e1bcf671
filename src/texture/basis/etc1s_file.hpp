// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The images of one BasisLZ file. KTX 2.0, "BasisLZ Global Data".

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "forge3d/basis.hpp"
#include "texture/basis/block_rows.hpp"
#include "texture/basis/etc1s_codebooks.hpp"
#include "texture/basis/etc1s_slices.hpp"
#include "texture/basis/etc1s_writer.hpp"

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

  /// Transcodes one image: large ones row by row on one thread, or indices first and rows beside
  /// each other on several. REQUIRES: the image is there, can_write_etc1s(target), `out` its
  /// size. Errors: kNotSupported (the target for these channels), kIo, kInvalidFile,
  /// kOutOfHostMemory.
  [[nodiscard]] Result<> transcode(const Ktx2Slice& image, Format target, std::uint32_t threads,
                                   std::span<std::byte> out, Etc1sFrame* frame) const;

  /// Decodes the indices of one image into the frame, which is left empty by a failure. REQUIRES:
  /// the image is there. Errors: as above.
  [[nodiscard]] Result<> decode(const Ktx2Slice& image, Etc1sFrame& frame) const;
  /// Rows of blocks of an image that decode() has left in a frame. REQUIRES: can_write_etc1s(
  /// target), the rows are in the image, `out` their size. Errors: as above.
  [[nodiscard]] Result<> write_rows(const Etc1sFrame& frame, Format target, const BlockRows& rows,
                                    std::uint32_t threads, std::span<std::byte> out) const;

 private:
  explicit Etc1sFile(const Ktx2Reader& reader) : reader_(reader) {}

  Result<> read();
  [[nodiscard]] const Etc1sImage& description(const Ktx2Slice& image) const;
  /// A part of an image as a picture of its own, `out` its first byte.
  [[nodiscard]] Etc1sPicture picture(std::uint32_t level, const BlockRows& rows,
                                     std::byte* out) const;
  /// Errors: kNotSupported.
  [[nodiscard]] Result<std::unique_ptr<RowWriter>> writer(const Etc1sPicture& picture,
                                                          Format target) const;
  /// `keep`: leave the planes in the frame. `writer`: gets the rows of the image, where not null.
  Result<> decode(const Ktx2Slice& image, Etc1sFrame& frame, bool keep, RowWriter* writer) const;
  /// The earliest image that must be decoded for `image`, given the frame at hand.
  Result<Ktx2Slice> first_needed(const Ktx2Slice& image, const Etc1sFrame& frame) const;

  Ktx2Reader reader_;
  BasisChannels channels_ = BasisChannels::kRgb;
  bool animated_ = false;
  Etc1sCodebooks books_;
};

}  // namespace forge3d::basis
