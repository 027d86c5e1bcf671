// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// KTX2: reading one level at a time, writing deterministic valid files, validating. KTX 2.0
// specification, Khronos.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "forge3d/byte_source.hpp"
#include "forge3d/format.hpp"
#include "forge3d/result.hpp"
#include "forge3d/uastc.hpp"

namespace forge3d {

enum class Supercompression : std::uint32_t {
  kNone = 0,
  kBasisLz = 1,
  kZstd = 2,
  kZlib = 3,
  kUastcHdr6x6 = 4,  ///< The UASTC HDR 6x6 intermediate; read as stored only.
};

/// How the texels of a Basis Universal file are coded; see basis.hpp.
enum class BasisModel : std::uint8_t { kNone, kEtc1s, kUastc, kUastcHdr };
/// "none", "ETC1S", "UASTC", "UASTC HDR".
[[nodiscard]] std::string_view to_string(BasisModel model);

/// What a reader refuses before it allocates (kNotSupported). Plain bytes of images under BasisLZ,
/// which the file does not name, are those of their ETC1S blocks: 8 of each 4 x 4 texels, 16 with a
/// second slice. As RGBA8 they take 8 or 4 times that.
struct Ktx2Limits {
  std::uint32_t max_extent = 1u << 20;  ///< Width, height and depth in texels.
  std::uint32_t max_layers = 1u << 16;
  std::uint32_t max_levels = 32;
  std::uint64_t max_level_bytes = std::uint64_t{1} << 32;  ///< Of one level, plain or stored.
  std::uint64_t max_total_bytes = std::uint64_t{1} << 34;  ///< Of all levels, plain.
  /// Plain over stored bytes of a level above 1 MiB; under BasisLZ of one image of it.
  std::uint64_t max_inflation_ratio = 4096;
};

/// The header and level index of a file, as stored, with the derived shape.
struct Ktx2Info {
  Format format =
      Format::kUndefined;       ///< kUndefined for Basis files and formats outside the table.
  std::uint32_t vk_format = 0;  ///< As stored.
  std::uint32_t type_size = 1;
  std::uint32_t width = 0;
  std::uint32_t height = 0;  ///< 1 for 1D.
  std::uint32_t depth = 1;
  std::uint32_t layers = 1;  ///< 1 when the file says 0; see is_array.
  std::uint32_t faces = 1;
  std::uint32_t levels =
      1;  ///< 1 when the file says 0 (mips to be made by the loader); see wants_mips.
  bool is_array = false;
  bool wants_mips = false;
  Supercompression supercompression = Supercompression::kNone;
  BasisModel basis_model = BasisModel::kNone;
  bool srgb = false;                      ///< The descriptor names the sRGB transfer function.
  std::vector<std::uint8_t> channel_ids;  ///< Of the descriptor's samples, in terms of its model.
  std::uint64_t global_data_offset = 0, global_data_bytes = 0;  ///< Of BasisLZ.
  struct Level {
    std::uint64_t offset = 0;
    std::uint64_t stored_bytes = 0;
    std::uint64_t bytes = 0;  ///< After inflation: all layers, faces and slices of the level.
  };
  std::vector<Level> level_index;  ///< Level 0 first.
  /// What a texel block spans, and its bytes: 1 x 1 x 1 of plain formats, 2 x 1 x 1 of 4:2:2, 4 x 4
  /// x 1 of UASTC. 0 bytes where neither format nor descriptor tell, and under BasisLZ.
  std::array<std::uint16_t, 3> block_extent = {1, 1, 1};
  std::uint8_t block_bytes = 0;
  bool chroma_between = false;  ///< 4:2:2 chroma lies between its two texels, not at the first.
  std::vector<std::pair<std::string, std::vector<std::byte>>> key_values;

  /// Bytes of one layer's one face (all its depth slices) of a level.
  [[nodiscard]] std::uint64_t face_bytes(std::uint32_t level) const {
    return level_index[level].bytes / (std::uint64_t{layers} * faces);
  }
  /// Slices of blocks that a level's face holds: its depth, but for blocks that have depth too.
  [[nodiscard]] std::uint32_t block_slices(std::uint32_t level) const {
    const std::uint32_t texels = mip_extent(depth, level);
    return texels / block_extent[2] + (texels % block_extent[2] != 0 ? 1 : 0);
  }
  /// Bytes of one slice of a level: one 2D image.
  [[nodiscard]] std::uint64_t slice_bytes(std::uint32_t level) const {
    return face_bytes(level) / block_slices(level);
  }
};

/// One 2D image of a file. Of blocks that have depth `slice` counts blocks.
struct Ktx2Slice {
  std::uint32_t level = 0, layer = 0, face = 0, slice = 0;
};

/// One open file. Thread-safe after open: all members are const.
class Ktx2Reader {
 public:
  /// Reads and checks header, level index, descriptor and key/values. Of a source that still
  /// arrives these must be there: about 100 bytes a level. Errors: kIo, kInvalidFile (file, offset
  /// and rule), kNotSupported (over a limit).
  [[nodiscard]] static Result<Ktx2Reader> open(std::shared_ptr<ByteSource> source,
                                               const Ktx2Limits& limits = {});
  [[nodiscard]] static Result<Ktx2Reader> open(const std::filesystem::path& path,
                                               const Ktx2Limits& limits = {});

  [[nodiscard]] const Ktx2Info& info() const { return info_; }

  /// True when the whole level can be read now. Files begin with their smallest level, so of a
  /// source that still arrives the levels become readable from the last to the first.
  [[nodiscard]] bool has_arrived(std::uint32_t level) const;
  /// The largest level that can be read now, or info().levels when none can.
  [[nodiscard]] std::uint32_t first_arrived_level() const;

  /// The inflated bytes of a whole level, laid out layer, face, slice. Errors: kInvalidArgument (no
  /// such level), kIo, kInvalidFile, kNotSupported (BasisLZ, and zlib in a build without
  /// libdeflate).
  [[nodiscard]] Result<std::vector<std::byte>> read_level(std::uint32_t level) const;
  /// As read_level into memory of the caller. REQUIRES: out.size() ==
  /// info().level_index[level].bytes.
  [[nodiscard]] Result<> read_level_into(std::uint32_t level, std::span<std::byte> out) const;
  /// Bytes of a level as stored, from `offset` on. Errors: kInvalidArgument (no such level, or not
  /// inside it), kIo.
  [[nodiscard]] Result<> read_stored(std::uint32_t level, std::uint64_t offset,
                                     std::span<std::byte> out) const;
  /// The supercompression global data, as stored; nothing where there is none. Errors: kIo,
  /// kOutOfHostMemory.
  [[nodiscard]] Result<std::vector<std::byte>> read_global_data() const;
  /// What messages call the file.
  [[nodiscard]] std::string name() const { return source_->name(); }

  /// One image: of files without supercompression just its bytes are read, of others its level.
  /// Errors: kInvalidArgument (no such image), kInvalidFile (a level whose bytes do not divide),
  /// those of read_level.
  [[nodiscard]] Result<std::vector<std::byte>> read_slice(const Ktx2Slice& slice) const;
  /// As read_slice into memory of the caller. REQUIRES: out.size() == info().slice_bytes(level).
  [[nodiscard]] Result<> read_slice_into(const Ktx2Slice& slice, std::span<std::byte> out) const;

 private:
  std::shared_ptr<ByteSource> source_;
  Ktx2Info info_;
};

/// What to write. Levels hold the plain bytes of each level, level 0 first, laid out layer, face,
/// slice. Where they are UASTC LDR blocks `uastc` says so, and `format` is ASTC 4x4, UNORM or sRGB:
/// the transfer function of the texels, whatever they are transcoded to.
struct Ktx2WriteDesc {
  /// Any VkFormat that KTX2 allows, those that Format has no name for included (cast the number).
  Format format = Format::kUndefined;
  std::uint32_t width = 0;
  std::uint32_t height = 0;                                     ///< 0 for 1D.
  std::uint32_t depth = 0;                                      ///< 0 for 1D and 2D.
  std::uint32_t layers = 0;                                     ///< 0 for no array.
  std::uint32_t faces = 1;                                      ///< 1 or 6.
  Supercompression supercompression = Supercompression::kNone;  ///< kNone, kZstd or kZlib.
  int zstd_level = 3;                                           ///< 1 to 22.
  int zlib_level = 6;                                           ///< 1 to 12.
  bool premultiplied_alpha = false;
  /// The channels of UASTC LDR 4x4 blocks; such a file names no VkFormat.
  std::optional<UastcChannels> uastc = std::nullopt;
  /// Asks loaders to make the smaller levels: levelCount 0. One level, not of blocks.
  bool wants_mips = false;
  /// Text values; KTXwriter is added.
  std::vector<std::pair<std::string, std::string>> key_values = {};
  /// Values as they are: KTXanimData, KTXmapRange, KTXcubemapIncomplete and keys of the caller.
  std::vector<std::pair<std::string, std::vector<std::byte>>> binary_values = {};
  std::vector<std::span<const std::byte>> levels = {};
};

/// A whole file in memory: the same input and library versions give the same bytes. Errors:
/// kInvalidArgument (shape, level sizes, keys), kNotSupported.
[[nodiscard]] Result<std::vector<std::byte>> write_ktx2(const Ktx2WriteDesc& desc);

/// One broken rule. Ids are those of the Khronos validator ("ktx validate"), as far as it has one.
struct ValidationFinding {
  enum class Severity : std::uint8_t { kWarning, kError, kFatal };
  std::uint32_t id = 0;
  Severity severity = Severity::kError;
  std::uint64_t offset = 0;
  std::string text;
};

/// What a validation looks at beside the KTX 2.0 specification.
struct Ktx2ValidateOptions {
  /// Also the rules that glTF's extension KHR_texture_basisu adds: 31xx, 63xx and 72xx.
  bool gltf_basisu = false;
  /// A level whose plain or stored bytes pass this is not inflated, nor are the images of a BasisLZ
  /// file decoded that has such a level; their other rules still hold.
  std::uint64_t max_inflated_bytes = std::uint64_t{1} << 32;
};

/// Checks container, index, descriptor, key/values and level data against the specification.
/// Thread safety: as that of `source`. Errors: kIo and kOutOfHostMemory only; a bad file is a list
/// of findings.
[[nodiscard]] Result<std::vector<ValidationFinding>> validate_ktx2(
    const ByteSource& source, const Ktx2ValidateOptions& options = {});

/// True when no finding is worse than a warning.
[[nodiscard]] bool is_valid(std::span<const ValidationFinding> findings);

}  // namespace forge3d
