// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Level index, level data and global data of a KTX2 file: KTX 2.0 sections 3.6, 3.12 and 4.

#include <fmt/format.h>

#include <algorithm>

#include "forge3d/format.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/inflate.hpp"
#include "texture/ktx2/validation.hpp"

namespace forge3d::texture {
namespace {

// Larger levels are inflated only if their ratio is plausible.
constexpr std::uint64_t kInflateFreely = 64u << 20;
constexpr std::uint64_t kMaxRatio = 4096;
constexpr std::uint64_t kMaxPadding = 4096;

class LevelRules {
 public:
  explicit LevelRules(Validation& v) : v_(v) {}

  Result<> check() {
    choose_layout();
    check_order();
    std::uint64_t expected_end = metadata_end();
    std::uint64_t stored_end = expected_end;
    for (std::size_t level = v_.levels.size(); level-- > 0;) {
      const Ktx2LevelEntry& entry = v_.levels[level];
      const std::size_t before = v_.findings.size();
      check_sizes(level);
      const std::uint64_t expected = align_up(expected_end, alignment_);
      check_offset(level, expected);
      const bool sound = v_.findings.size() == before;
      FORGE3D_TRY(check_padding(stored_end, entry.offset));
      FORGE3D_TRY(check_data(level, sound));
      expected_end = entry_end(level, expected);
      stored_end = checked_add(entry.offset, entry.stored_bytes).value_or(entry.offset);
    }
    return {};
  }

 private:
  static std::uint64_t at(std::size_t level) { return kHeaderBytes + level * kLevelEntryBytes; }

  /// The block layout that sizes follow from: the format's, else what the file describes.
  void choose_layout() {
    if (v_.layout)
      layout_ = v_.layout->descriptor;
    else if (v_.descriptor && !v_.header.is_basis())
      layout_ = *v_.descriptor;
    if (v_.header.scheme == kSchemeNone && layout_)
      alignment_ = level_alignment(layout_->plane_bytes[0]);
    if (v_.is_uastc()) {
      layout_->block_extent = {4, 4, 1, 1};
      layout_->plane_bytes[0] = 16;
    }
  }

  [[nodiscard]] std::optional<std::uint64_t> expected_bytes(std::size_t level) const {
    if (!layout_ || layout_->plane_bytes[0] == 0) return std::nullopt;
    return level_bytes(v_.header, *layout_, static_cast<std::uint32_t>(level));
  }

  /// Where the metadata ends, as the index says; levels follow.
  [[nodiscard]] std::uint64_t metadata_end() const {
    const Ktx2Header& h = v_.header;
    if (h.sgd_bytes != 0 && v_.fits(h.sgd_offset, h.sgd_bytes)) return h.sgd_offset + h.sgd_bytes;
    if (h.kvd_bytes != 0) return std::uint64_t{h.kvd_offset} + h.kvd_bytes;
    return std::uint64_t{h.dfd_offset} + h.dfd_bytes;
  }

  /// Expected ends make one wrong entry one finding; without sizes the stored ones must do.
  [[nodiscard]] std::uint64_t entry_end(std::size_t level, std::uint64_t expected_offset) const {
    const bool sized = v_.header.scheme == kSchemeNone && v_.layout;
    const auto bytes = sized ? expected_bytes(level) : std::optional<std::uint64_t>();
    return checked_add(expected_offset, bytes.value_or(v_.levels[level].stored_bytes))
        .value_or(expected_offset);
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
    if (v_.header.vk_format == 0 && !check_divides(level)) return;
    const auto expected = expected_bytes(level);
    if (!expected) return;
    if (v_.header.scheme == kSchemeNone && entry.stored_bytes != *expected)
      v_.error(4005, at(level) + 8,
               fmt::format("level {}: byteLength is {}; it must be {}", level, entry.stored_bytes,
                           *expected));
    if (entry.bytes != *expected)
      v_.error(4006, at(level) + 16,
               fmt::format("level {}: uncompressedByteLength is {}; it must be {}", level,
                           entry.bytes, *expected));
  }

  /// What must hold of sizes that no VkFormat gives. False when one is wrong.
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

  Result<> check_padding(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end || end - begin > kMaxPadding || !v_.fits(begin, end - begin)) return {};
    FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v_.read(begin, end - begin));
    if (std::ranges::any_of(bytes, [](std::byte byte) { return byte != std::byte{0}; }))
      v_.error(7011, begin, "padding in front of a level must be 0");
    return {};
  }

  /// Levels whose entry is wrong already are not named again for passing the end.
  Result<> check_data(std::size_t level, bool sound) {
    const Ktx2LevelEntry& entry = v_.levels[level];
    if (!v_.fits(entry.offset, entry.stored_bytes)) {
      if (sound)
        v_.fatal(1003, entry.offset, fmt::format("level {} passes the end of the file", level));
      return {};
    }
    const bool packed = v_.header.scheme == kSchemeZstd || v_.header.scheme == kSchemeZlib;
    if (!packed || entry.stored_bytes == 0) return {};
    if (entry.bytes > kInflateFreely && entry.bytes / entry.stored_bytes > kMaxRatio) {
      v_.error(4008, at(level) + 16,
               fmt::format("level {} cannot inflate {} bytes to {}", level, entry.stored_bytes,
                           entry.bytes));
      return {};
    }
    FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored,
                       v_.read(entry.offset, entry.stored_bytes));
    FORGE3D_TRY_ASSIGN(std::vector<std::byte> plain, allocate_bytes(entry.bytes));
    const auto inflated = inflate(v_.header.scheme, stored, plain);
    if (!inflated)
      v_.error(inflated.error().wrong_size ? 4008 : 5006, entry.offset,
               fmt::format("level {}: {}", level, inflated.error().reason));
    return {};
  }

  Validation& v_;
  std::optional<Descriptor> layout_;
  std::uint64_t alignment_ = 1;
};

// ---- Global data -------------------------------------------------------------------------------

constexpr std::uint64_t kBasisHeaderBytes = 20;
constexpr std::uint64_t kBasisImageBytes = 20;
constexpr std::uint64_t kHdrImageBytes = 12;
constexpr std::uint64_t kMaxGlobalBytes = 256u << 20;
constexpr std::uint32_t kPFrame = 2;

std::uint64_t images_of_level(const Ktx2Header& header, std::uint32_t level) {
  return std::uint64_t{header.layers()} * std::max(header.face_count, 1u) *
         mip_extent(header.depth, level);
}

/// BasisLZ: a header, one description an image, then codebooks. KTX 2.0 section 4.
class BasisRules {
 public:
  BasisRules(Validation& v, std::span<const std::byte> bytes) : v_(v), bytes_(bytes) {}

  void check() {
    if (bytes_.size() < kBasisHeaderBytes)
      return v_.error(8101, offset(0), fmt::format("global data of {} bytes", bytes_.size()));
    std::uint64_t images = 0;
    for (std::uint32_t level = 0; level < v_.header.levels(); ++level)
      images += images_of_level(v_.header, level);
    std::uint64_t expected = kBasisHeaderBytes + kBasisImageBytes * images;
    for (std::size_t at = 4; at < kBasisHeaderBytes; at += 4)
      expected += load_le<std::uint32_t>(bytes_, at);
    if (load_le<std::uint32_t>(bytes_, 16) != 0)
      v_.error(8103, offset(16), "extendedByteLength must be 0");
    if (bytes_.size() != expected)
      v_.error(8102, offset(0),
               fmt::format("global data of {} bytes; {} images make {}", bytes_.size(), images,
                           expected));
    check_images();
  }

 private:
  [[nodiscard]] std::uint64_t offset(std::uint64_t at) const { return v_.header.sgd_offset + at; }

  void check_images() {
    std::uint64_t at = kBasisHeaderBytes;
    for (std::uint32_t level = 0; level < v_.header.levels(); ++level)
      for (std::uint64_t image = 0; image < images_of_level(v_.header, level); ++image) {
        if (at + kBasisImageBytes > bytes_.size()) return;
        check_image(level, at);
        at += kBasisImageBytes;
      }
  }

  void check_image(std::uint32_t level, std::uint64_t at) {
    const auto field = [&](std::size_t index) {
      return std::uint64_t{load_le<std::uint32_t>(bytes_, at + index * 4)};
    };
    const std::uint64_t level_size = v_.levels[level].stored_bytes;
    const auto outside = [&](std::uint64_t from, std::uint64_t size_bytes) {
      return from > level_size || size_bytes > level_size - from;
    };
    if ((field(0) & ~std::uint64_t{kPFrame}) != 0)
      v_.error(8104, offset(at), fmt::format("imageFlags is {:#x}", field(0)));
    if ((field(0) & kPFrame) != 0 && !v_.has_anim_data)
      v_.error(8105, offset(at), "only animations have P frames");
    if (field(2) == 0) v_.error(8106, offset(at + 8), "rgbSliceByteLength must not be 0");
    if (outside(field(1), field(2)))
      v_.error(8107, offset(at + 4), fmt::format("an RGB slice passes level {}", level));
    if (outside(field(3), field(4)))
      v_.error(8108, offset(at + 12), fmt::format("an alpha slice passes level {}", level));
    const std::size_t slices = v_.descriptor ? v_.descriptor->samples.size() : 0;
    const bool has_alpha = slices == 2;
    if (has_alpha && field(4) == 0)
      v_.error(8109, offset(at + 16), "the descriptor names alpha, the image has none");
    if (slices == 1 && field(4) != 0)
      v_.error(8110, offset(at + 16), "the image has alpha that the descriptor does not name");
  }

  Validation& v_;
  std::span<const std::byte> bytes_;
};

void check_hdr_global_data(Validation& v, std::span<const std::byte> bytes) {
  const std::uint64_t offset = v.header.sgd_offset;
  if (bytes.size() < kHdrImageBytes)
    return v.error(8201, offset, fmt::format("global data of {} bytes", bytes.size()));
  if (bytes.size() % kHdrImageBytes != 0)
    v.error(8202, offset, fmt::format("global data of {} bytes", bytes.size()));
  std::uint64_t at = 0;
  for (std::uint32_t level = 0; level < v.header.levels(); ++level)
    for (std::uint64_t image = 0; image < images_of_level(v.header, level); ++image) {
      if (at + kHdrImageBytes > bytes.size()) return;
      const std::uint64_t from = load_le<std::uint32_t>(bytes, at);
      const std::uint64_t size_bytes = load_le<std::uint32_t>(bytes, at + 4);
      if (size_bytes == 0) v.error(8203, offset + at, "rgbSliceByteLength must not be 0");
      if (from + size_bytes > v.levels[level].stored_bytes)
        v.error(8204, offset + at, fmt::format("an image passes level {}", level));
      at += kHdrImageBytes;
    }
}

}  // namespace

Result<> validate_levels(Validation& v) { return LevelRules(v).check(); }

Result<> validate_global_data(Validation& v) {
  const Ktx2Header& h = v.header;
  if (!h.is_basis() || h.sgd_bytes == 0) return {};
  if (!v.fits(h.sgd_offset, h.sgd_bytes) || h.sgd_bytes > kMaxGlobalBytes) {
    v.fatal(1003, h.sgd_offset, "the global data passes the end of the file");
    return {};
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v.read(h.sgd_offset, h.sgd_bytes));
  if (h.scheme == kSchemeBasisLz)
    BasisRules(v, bytes).check();
  else
    check_hdr_global_data(v, bytes);
  return {};
}

}  // namespace forge3d::texture
