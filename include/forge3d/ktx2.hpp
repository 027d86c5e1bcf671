// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// KTX2: reading one level at a time, writing deterministic valid files, validating. KTX 2.0
// specification, Khronos.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "forge3d/byte_source.hpp"
#include "forge3d/format.hpp"
#include "forge3d/result.hpp"

namespace forge3d {

enum class Supercompression : std::uint32_t { kNone = 0, kBasisLz = 1, kZstd = 2, kZlib = 3 };

/// What a reader refuses before it allocates.
struct Ktx2Limits {
  std::uint32_t max_extent = 1u << 20;
  std::uint32_t max_layers = 1u << 16;
  std::uint64_t max_level_bytes = std::uint64_t{1} << 32;
  std::uint64_t max_inflation_ratio = 4096;  ///< Inflated over stored bytes of a level above 1 MiB.
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
  struct Level {
    std::uint64_t offset = 0;
    std::uint64_t stored_bytes = 0;
    std::uint64_t bytes = 0;  ///< After inflation: all layers, faces and slices of the level.
  };
  std::vector<Level> level_index;  ///< Level 0 first.
  std::vector<std::pair<std::string, std::vector<std::byte>>> key_values;

  /// Bytes of one layer's one face (all its depth slices) of a level.
  [[nodiscard]] std::uint64_t face_bytes(std::uint32_t level) const {
    return level_index[level].bytes / (std::uint64_t{layers} * faces);
  }
};

/// One open file. Thread-safe after open: all members are const.
class Ktx2Reader {
 public:
  /// Reads and checks header, level index, descriptor and key/values. Errors: kIo, kInvalidFile
  /// (file, offset and rule), kNotSupported (over a limit).
  [[nodiscard]] static Result<Ktx2Reader> open(std::shared_ptr<ByteSource> source,
                                               const Ktx2Limits& limits = {});
  [[nodiscard]] static Result<Ktx2Reader> open(const std::filesystem::path& path,
                                               const Ktx2Limits& limits = {});

  [[nodiscard]] const Ktx2Info& info() const { return info_; }

  /// The inflated bytes of a whole level, laid out layer, face, slice. Errors: kInvalidArgument (no
  /// such level), kIo, kInvalidFile, kNotSupported (BasisLZ, and zlib in a build without
  /// libdeflate).
  [[nodiscard]] Result<std::vector<std::byte>> read_level(std::uint32_t level) const;
  /// As read_level into memory of the caller. REQUIRES: out.size() ==
  /// info().level_index[level].bytes.
  [[nodiscard]] Result<> read_level_into(std::uint32_t level, std::span<std::byte> out) const;

 private:
  std::shared_ptr<ByteSource> source_;
  Ktx2Info info_;
};

/// What to write. Levels hold the plain bytes of each level, level 0 first, laid out layer, face,
/// slice.
struct Ktx2WriteDesc {
  Format format = Format::kUndefined;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t depth = 0;                                      ///< 0 for 2D.
  std::uint32_t layers = 0;                                     ///< 0 for no array.
  std::uint32_t faces = 1;                                      ///< 1 or 6.
  Supercompression supercompression = Supercompression::kNone;  ///< kNone or kZstd.
  int zstd_level = 3;
  bool premultiplied_alpha = false;
  /// Text values; KTXwriter is added.
  std::vector<std::pair<std::string, std::string>> key_values = {};
  std::vector<std::span<const std::byte>> levels = {};
};

/// A whole file in memory: the same input gives the same bytes. Errors: kInvalidArgument (shape,
/// level sizes, keys), kNotSupported.
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
  /// A level whose plain bytes pass this is not inflated; the rest of its rules still hold.
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
