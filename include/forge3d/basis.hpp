// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Basis Universal textures: from what a KTX2 file holds to the format that a device samples,
// without the pixels in between. KTX 2.0 specification, "BasisLZ/ETC1S Bitstream Specification".

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "forge3d/codec.hpp"
#include "forge3d/format.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

/// True when BasisTexture::transcode makes `target` of a file of this model. Targets of ETC1S:
/// RGBA8, BC1, BC3, BC4, BC5, BC7, ETC2 RGB (of colors, the blocks are ETC1's), ETC2 RGBA, EAC R11
/// and RG11, ASTC 4x4; both the UNORM and the sRGB format of each, whose bytes are the same. UASTC
/// has those, too; UASTC HDR has RGBA16F, BC6H and ASTC 4x4 SFLOAT. See uastc.hpp.
[[nodiscard]] bool can_transcode(BasisModel model, Format target);

/// What the planes of a Basis texture hold.
enum class BasisChannels : std::uint8_t { kRgb, kRgba, kRed, kRedGreen };

/// The frame that an animation was left at. A P frame keeps blocks of the frame before it; with the
/// frame at hand those before need not be decoded again. For one level and face, in one thread.
class BasisFrame {
 public:
  BasisFrame();
  ~BasisFrame();
  BasisFrame(BasisFrame&&) noexcept;
  BasisFrame& operator=(BasisFrame&&) noexcept;

 private:
  friend class BasisTexture;
  struct State;
  std::unique_ptr<State> state_;
};

struct BasisLevelDesc {
  Format target = Format::kBC7Srgb;
  Quality quality = Quality::kFast;  ///< Of UASTC, as in TranscodeUastcDesc.
  std::uint32_t threads = 1;         ///< 0: one a core. The bytes are the same for every number.
};

/// One level while its images are written in parts, in order, into memory that need not hold them
/// all and may be slow to read, such as a ring's: it is only written. Meanwhile host memory holds
/// the indices of one ETC1S image (4 bytes a block and slice; of each face where there are layers),
/// or the blocks of UASTC where they are supercompressed. Not thread-safe. Keeps its texture.
class BasisLevel {
 public:
  BasisLevel(BasisLevel&&) noexcept;
  BasisLevel& operator=(BasisLevel&&) noexcept;
  ~BasisLevel();
  /// Rows of blocks [first_row, first_row + rows) of an image, counted layer, face, slice. Each row
  /// may be written any number of times, those of one image after another being the quick way.
  /// REQUIRES: out.size() == image_bytes(target, width, the rows' height in texels). Errors:
  /// kInvalidArgument (no such image or row, size of `out`), and those of BasisTexture::transcode.
  [[nodiscard]] Result<> write_rows(std::uint64_t image, std::uint32_t first_row,
                                    std::uint32_t rows, std::span<std::byte> out);

 private:
  friend class BasisTexture;
  struct State;
  explicit BasisLevel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The images of one file, its codebooks read once. Thread-safe: all members are const. Copies
/// share the codebooks.
class BasisTexture {
 public:
  /// Reads the global data. Errors: kInvalidArgument (no Basis file), kIo, kInvalidFile (offset and
  /// rule), kOutOfHostMemory.
  [[nodiscard]] static Result<BasisTexture> open(const Ktx2Reader& reader);

  [[nodiscard]] const Ktx2Info& info() const;
  [[nodiscard]] BasisChannels channels() const;

  /// Transcodes one image. The target holds the channels of the decoded picture: red and green
  /// alone in BC5 and EAC RG11, opaque alpha where the file has none. In a file of red alone green
  /// and blue are 0; of red and green, blue is. `frame`: where given, used and left at this image.
  /// REQUIRES: out.size() == image_bytes(target, width and height of the level).
  /// Errors: kInvalidArgument (no such image, size of `out`), kNotSupported (target), kIo,
  /// kInvalidFile (offset and rule), kOutOfHostMemory.
  [[nodiscard]] Result<> transcode(const Ktx2Slice& image, Format target, std::span<std::byte> out,
                                   BasisFrame* frame = nullptr) const;
  /// As above into memory of its own.
  [[nodiscard]] Result<std::vector<std::byte>> transcode(const Ktx2Slice& image, Format target,
                                                         BasisFrame* frame = nullptr) const;
  /// All images of a level, laid out layer, face, slice: what write_ktx2 and a device take. The
  /// level is read once, frames of an animation one after another. Errors: as above.
  [[nodiscard]] Result<std::vector<std::byte>> transcode_level(std::uint32_t level,
                                                               const BasisLevelDesc& desc) const;
  /// The same in parts. Errors: as above.
  [[nodiscard]] Result<BasisLevel> open_level(std::uint32_t level,
                                              const BasisLevelDesc& desc) const;

 private:
  friend class BasisLevel;
  struct Shared;
  std::shared_ptr<const Shared> shared_;
};

}  // namespace forge3d
