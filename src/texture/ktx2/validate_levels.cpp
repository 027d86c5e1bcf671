// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Level index, level data and the padding between the parts of a KTX2 file: KTX 2.0 sections 3.6
// and 3.12.

#include <fmt/format.h>

#include <algorithm>

#include "forge3d/format.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/inflate.hpp"
#include "texture/ktx2/validation.hpp"

namespace forge3d::texture {
namespace {

// A byte of zstd makes no more than this: a block of one repeated byte takes four and makes 128
// KiB.
constexpr std::uint64_t kMaxRatio = 1u << 16;
// Where extents and length disagree, only this much is inflated to tell which of them lies.
constexpr std::uint64_t kInflateFreely = 8u << 20;
// Extents whose product passes 64 bits make more bytes than any level has.
constexpr std::uint64_t kTooManyBytes = UINT64_MAX;
// A gap that is longer than any padding is looked at in part.
constexpr std::uint64_t kMaxPadding = 64u << 10;

/// The block layout that sizes follow from: the format's, else what the file describes.
std::optional<Descriptor> size_layout(const Validation& v) {
  if (v.header.is_basis()) return std::nullopt;
  std::optional<Descriptor> layout;
  if (v.layout)
    layout = v.layout->descriptor;
  else
    layout = v.descriptor;
  return layout;
}

/// UASTC files had no plane sizes once.
std::optional<Descriptor> with_uastc_blocks(const Validation& v, std::optional<Descriptor> layout) {
  if (!v.is_uastc()) return layout;
  layout->block_extent = {4, 4, 1, 1};
  layout->plane_bytes[0] = 16;
  return layout;
}

/// Where the metadata ends, as the index says; levels follow.
std::uint64_t metadata_end(const Validation& v) {
  const Ktx2Header& h = v.header;
  if (h.sgd_bytes != 0 && v.fits(h.sgd_offset, h.sgd_bytes)) return h.sgd_offset + h.sgd_bytes;
  if (h.kvd_bytes != 0) return std::uint64_t{h.kvd_offset} + h.kvd_bytes;
  if (h.dfd_bytes != 0) return std::uint64_t{h.dfd_offset} + h.dfd_bytes;
  return h.index_end();
}

class LevelRules {
 public:
  explicit LevelRules(Validation& v) : v_(v), layout_(size_layout(v)) {
    if (v.header.scheme == kSchemeNone && layout_)
      alignment_ = level_alignment(layout_->plane_bytes[0]);
    layout_ = with_uastc_blocks(v, std::move(layout_));
  }

  void check() {
    check_order();
    v_.level_is_sound.assign(v_.levels.size(), false);
    std::uint64_t end = metadata_end(v_);
    for (std::size_t level = v_.levels.size(); level-- > 0;) {
      const std::size_t before = v_.findings.size();
      check_sizes(level);
      const std::uint64_t expected = align_up(end, alignment_);
      check_offset(level, expected);
      v_.level_is_sound[level] = v_.findings.size() == before;
      end = entry_end(level, expected);
    }
  }

 private:
  static std::uint64_t at(std::size_t level) { return kHeaderBytes + level * kLevelEntryBytes; }

  [[nodiscard]] std::optional<std::uint64_t> expected_bytes(std::size_t level) const {
    if (!layout_ || layout_->plane_bytes[0] == 0 || is_impossible_shape()) return std::nullopt;
    return level_bytes(v_.header, *layout_, static_cast<std::uint32_t>(level))
        .value_or(kTooManyBytes);
  }

  /// Named by the header's rules, which know the blocks of UASTC and of formats in the table: no
  /// size follows from it.
  [[nodiscard]] bool is_impossible_shape() const {
    return v_.header.height == 0 && (v_.is_uastc() || v_.has_deep_blocks());
  }

  [[nodiscard]] std::optional<std::uint64_t> whole_block_bytes(std::size_t level) const {
    return layout_ ? whole_block_level_bytes(v_.header, *layout_, static_cast<std::uint32_t>(level))
                   : std::nullopt;
  }

  /// Expected ends make one wrong entry one finding; without sizes the stored ones must do.
  [[nodiscard]] std::uint64_t entry_end(std::size_t level, std::uint64_t expected_offset) const {
    const std::uint64_t stored = v_.levels[level].stored_bytes;
    const bool sized = v_.header.scheme == kSchemeNone && v_.layout;
    auto bytes = sized ? expected_bytes(level) : std::optional<std::uint64_t>();
    if (bytes && whole_block_bytes(level) == stored) bytes = stored;
    return checked_add(expected_offset, bytes.value_or(stored)).value_or(expected_offset);
  }

  void check_order() {
    for (std::size_t level = 1; level < v_.levels.size(); ++level) {
      if (v_.levels[level].bytes > v_.levels[level - 1].bytes)
        v_.error(4001, at(level),
                 fmt::format("level {} is larger than level {}", level, level - 1));
      if (v_.levels[level].offset > v_.levels[level - 1].offset)
        v_.error(4002, at(level), fmt::format("level {} stands behind level {}", level, level - 1));
    }
  }

  void check_sizes(std::size_t level) {
    const Ktx2LevelEntry& entry = v_.levels[level];
    if (v_.header.is_basis()) {
      if (entry.bytes != 0)
        v_.error(v_.header.scheme == kSchemeBasisLz ? 4007 : 4011, at(level) + 16,
                 fmt::format("level {}: uncompressedByteLength must be 0", level));
      return;
    }
    if (!v_.layout && !check_divides(level)) return;
    const auto expected = expected_bytes(level);
    if (!expected && v_.header.scheme == kSchemeNone && entry.bytes != entry.stored_bytes)
      v_.error(4006, at(level) + 16,
               fmt::format("level {}: uncompressedByteLength must equal byteLength", level));
    if (!expected) return;
    const auto is_right = [&](std::uint64_t bytes) {
      return bytes == *expected || bytes == whole_block_bytes(level);
    };
    if (v_.header.scheme != kSchemeNone) return;  // known once the level is inflated
    if (!is_right(entry.stored_bytes))
      v_.error(4005, at(level) + 8,
               fmt::format("level {}: byteLength is {}; it must be {}", level, entry.stored_bytes,
                           *expected));
    if (!is_right(entry.bytes))
      v_.error(4006, at(level) + 16,
               fmt::format("level {}: uncompressedByteLength is {}; it must be {}", level,
                           entry.bytes, *expected));
  }

  /// What must hold of sizes that no known VkFormat gives. False when one is wrong.
  bool check_divides(std::size_t level) {
    const Ktx2LevelEntry& entry = v_.levels[level];
    const std::uint64_t images = std::uint64_t{v_.header.layers()} * v_.header.face_count;
    if (entry.bytes == 0) {
      v_.error(4009, at(level) + 16, fmt::format("level {}: has no bytes", level));
      return false;
    }
    if (images == 0 || entry.bytes % images == 0) return true;
    v_.error(4010, at(level) + 16,
             fmt::format("level {}: {} bytes for {} images", level, entry.bytes, images));
    return false;
  }

  void check_offset(std::size_t level, std::uint64_t expected) {
    const std::uint64_t offset = v_.levels[level].offset;
    if (offset % alignment_ != 0)
      v_.error(
          4003, at(level),
          fmt::format("level {}: byteOffset {} is no multiple of {}", level, offset, alignment_));
    else if (offset != expected)
      v_.error(4004, at(level),
               fmt::format("level {}: byteOffset is {}; it must be {}", level, offset, expected));
  }

  Validation& v_;
  std::optional<Descriptor> layout_;
  std::uint64_t alignment_ = 1;
};

/// Looks at the bytes of levels, once all entries are known.
class DataRules {
 public:
  explicit DataRules(Validation& v) : v_(v), layout_(with_uastc_blocks(v, size_layout(v))) {}

  Result<> check(std::size_t level) {
    const Ktx2LevelEntry& entry = v_.levels[level];
    if (!v_.fits(entry.offset, entry.stored_bytes)) {
      // Levels whose entry is wrong already are not named again for passing the end.
      if (v_.level_is_sound[level])
        v_.fatal(1003, entry.offset, fmt::format("level {} passes the end of the file", level));
      return {};
    }
    const bool packed = v_.header.scheme == kSchemeZstd || v_.header.scheme == kSchemeZlib;
    if (!packed) return {};
    const std::uint64_t expected = expected_bytes(level);
    const std::size_t before = v_.findings.size();
    const std::uint64_t freely = expected == entry.bytes
                                     ? v_.options.max_inflated_bytes
                                     : std::min(v_.options.max_inflated_bytes, kInflateFreely);
    if (entry.stored_bytes == 0)
      wrong_length(level, "nothing is stored to inflate");
    else if (entry.bytes / entry.stored_bytes > kMaxRatio)
      wrong_length(level,
                   fmt::format("{} bytes cannot inflate to {}", entry.stored_bytes, entry.bytes));
    else if (entry.bytes <= freely && entry.stored_bytes <= v_.options.max_inflated_bytes)
      FORGE3D_TRY(inflate_level(level));
    if (v_.findings.size() == before && expected != 0 && expected != entry.bytes)
      v_.error(4006, offset(level),
               fmt::format("level {}: uncompressedByteLength is {}; it must be {}", level,
                           entry.bytes, expected));
    return {};
  }

 private:
  static std::uint64_t offset(std::size_t level) {
    return kHeaderBytes + level * kLevelEntryBytes + 16;
  }

  /// What the extents make, 0 where nothing tells.
  [[nodiscard]] std::uint64_t expected_bytes(std::size_t level) const {
    if (!layout_) return 0;
    return level_bytes(v_.header, *layout_, static_cast<std::uint32_t>(level))
        .value_or(kTooManyBytes);
  }

  void wrong_length(std::size_t level, std::string_view reason) {
    v_.error(4008, offset(level), fmt::format("level {}: {}", level, reason));
  }

  Result<> inflate_level(std::size_t level) {
    const Ktx2LevelEntry& entry = v_.levels[level];
    FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored,
                       v_.read(entry.offset, entry.stored_bytes));
    FORGE3D_TRY_ASSIGN(std::vector<std::byte> plain, allocate_bytes(entry.bytes));
    const auto inflated = inflate(v_.header.scheme, stored, plain);
    if (inflated) return {};
    if (inflated.error().wrong_size)
      wrong_length(level, inflated.error().reason);
    else
      v_.error(5006, entry.offset, fmt::format("level {}: {}", level, inflated.error().reason));
    return {};
  }

  Validation& v_;
  std::optional<Descriptor> layout_;
};

// ---- Padding -----------------------------------------------------------------------------------

/// Walks the parts of the file in their order; bytes between two parts must be 0. Parts that stand
/// elsewhere have broken a rule of their offset.
class PaddingWalker {
 public:
  explicit PaddingWalker(Validation& v) : v_(v), end_(v.header.index_end()) {}

  Result<> pass(std::uint64_t offset, std::uint64_t size_bytes) {
    if (offset == 0 || size_bytes == 0) return {};
    const std::uint64_t part_end = checked_add(offset, size_bytes).value_or(offset);
    if (offset < end_) {
      end_ = std::max(end_, part_end);
      return {};
    }
    const std::uint64_t length = std::min(offset - end_, kMaxPadding);
    if (length != 0 && v_.fits(end_, length)) {
      FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v_.read(end_, length));
      const auto dirty = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
      if (dirty != bytes.end())
        v_.error(7011, end_ + static_cast<std::uint64_t>(dirty - bytes.begin()),
                 fmt::format("padding in front of the part at {} must be 0", offset));
    }
    end_ = part_end;
    return {};
  }

 private:
  Validation& v_;
  std::uint64_t end_;
};

}  // namespace

void validate_level_index(Validation& v) { LevelRules(v).check(); }

Result<> validate_padding(Validation& v) {
  const Ktx2Header& h = v.header;
  PaddingWalker walker(v);
  FORGE3D_TRY(walker.pass(h.dfd_offset, h.dfd_bytes));
  FORGE3D_TRY(walker.pass(h.kvd_offset, h.kvd_bytes));
  FORGE3D_TRY(walker.pass(h.sgd_offset, h.sgd_bytes));
  for (std::size_t level = v.levels.size(); level-- > 0;)
    FORGE3D_TRY(walker.pass(v.levels[level].offset, v.levels[level].stored_bytes));
  return {};
}

Result<> validate_level_data(Validation& v) {
  DataRules rules(v);
  for (std::size_t level = v.levels.size(); level-- > 0;) FORGE3D_TRY(rules.check(level));
  return {};
}

}  // namespace forge3d::texture
