// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the parts of validate_ktx2 share: the file at hand and the list of findings. Message ids are
// those of the Khronos validator.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "forge3d/ktx2.hpp"
#include "texture/ktx2/container.hpp"
#include "texture/ktx2/vk_format.hpp"

namespace forge3d::texture {

/// One file under validation. Each part reads what it needs and adds findings.
struct Validation {
  const ByteSource& source;
  const Ktx2ValidateOptions& options;
  std::vector<ValidationFinding> findings = {};
  Ktx2Header header = {};
  std::vector<Ktx2LevelEntry> levels = {};
  std::vector<bool> level_is_sound = {};      ///< Per level: its index entry broke no rule.
  std::optional<VkFormatLayout> layout = {};  ///< Of header.vk_format, where it has one.
  std::optional<Descriptor> descriptor = {};  ///< As stored, once parsed.
  std::uint64_t descriptor_offset = 0;        ///< Of its basic block.
  bool has_fatal = false;                     ///< What follows cannot be trusted any more.
  bool has_anim_data = false;
  bool has_cubemap_incomplete = false;

  void warn(std::uint32_t id, std::uint64_t offset, std::string text) {
    findings.push_back({id, ValidationFinding::Severity::kWarning, offset, std::move(text)});
  }
  void error(std::uint32_t id, std::uint64_t offset, std::string text) {
    findings.push_back({id, ValidationFinding::Severity::kError, offset, std::move(text)});
  }
  void fatal(std::uint32_t id, std::uint64_t offset, std::string text) {
    findings.push_back({id, ValidationFinding::Severity::kFatal, offset, std::move(text)});
    has_fatal = true;
  }

  /// UASTC blocks carry no VkFormat; their model tells.
  [[nodiscard]] bool is_uastc() const {
    return header.vk_format == 0 && descriptor && descriptor->model == ColorModel::kUastc;
  }
  /// Blocks without a VkFormat, or of one not known here, show by their colour model.
  [[nodiscard]] bool is_block_compressed() const {
    if (header.is_basis() || (layout && layout->block_compressed)) return true;
    return !layout && descriptor && is_block_model(descriptor->model);
  }
  /// Compressed blocks of several slices.
  [[nodiscard]] bool has_deep_blocks() const {
    if (layout) return layout->block_compressed && layout->descriptor.block_extent[2] > 1;
    return !header.is_basis() && !is_uastc() && is_block_compressed() &&
           descriptor->block_extent[2] > 1;
  }
  [[nodiscard]] bool fits(std::uint64_t offset, std::uint64_t size_bytes) const {
    return offset <= source.size_bytes() && size_bytes <= source.size_bytes() - offset;
  }
  /// Bytes of the file. REQUIRES: fits(). Errors: kIo, kOutOfHostMemory.
  [[nodiscard]] Result<std::vector<std::byte>> read(std::uint64_t offset,
                                                    std::uint64_t size_bytes) const;
};

/// Header fields, index and their relations: 3001 to 3028, 3101 to 3104. Needs the descriptor.
void validate_header(Validation& v);
/// The Data Format Descriptor: 6001 to 6304. Sets descriptor.
[[nodiscard]] Result<> validate_descriptor(Validation& v);
/// Key/value data: 7001 to 7202.
[[nodiscard]] Result<> validate_key_values(Validation& v);
/// Supercompression global data: 8101 to 8209.
[[nodiscard]] Result<> validate_global_data(Validation& v);
/// Offsets and sizes of levels: 4001 to 4011. Sets level_is_sound.
void validate_level_index(Validation& v);
/// The bytes between the parts of the file: 7011.
[[nodiscard]] Result<> validate_padding(Validation& v);
/// Whether levels lie inside the file and inflate: 1003, 4006, 4008, 5006.
[[nodiscard]] Result<> validate_level_data(Validation& v);
/// What a file without an error still needs for its BasisLZ images to be transcoded: 5007.
[[nodiscard]] Result<> validate_transcoding(Validation& v);

}  // namespace forge3d::texture
