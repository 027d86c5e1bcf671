// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Supercompression global data of a KTX2 file: KTX 2.0 sections 3.12 and 4.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "forge3d/format.hpp"
#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/validation.hpp"

namespace forge3d::texture {
namespace {

constexpr std::uint64_t kBasisHeaderBytes = 20;
constexpr std::uint64_t kBasisImageBytes = 20;
constexpr std::uint64_t kHdrImageBytes = 12;
// Descriptions beyond these bytes, of 400,000 images, are not looked at; nor are codebooks.
constexpr std::uint64_t kMaxGlobalBytes = 8u << 20;
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
    if (v_.header.sgd_bytes != expected)
      v_.error(8102, offset(0),
               fmt::format("global data of {} bytes; {} images make {}", v_.header.sgd_bytes,
                           images, expected));
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

/// UASTC HDR 6x6 intermediate: one description an image, and what its data begins with.
class HdrRules {
 public:
  HdrRules(Validation& v, std::span<const std::byte> bytes) : v_(v), bytes_(bytes) {}

  Result<> check() {
    if (bytes_.size() < kHdrImageBytes) {
      v_.error(8201, offset(0), fmt::format("global data of {} bytes", bytes_.size()));
      return {};
    }
    if (v_.header.sgd_bytes % kHdrImageBytes != 0) {
      v_.error(8202, offset(0), fmt::format("global data of {} bytes", v_.header.sgd_bytes));
      return {};
    }
    std::uint64_t at = 0;
    for (std::uint32_t level = 0; level < v_.header.levels(); ++level)
      for (std::uint64_t image = 0; image < images_of_level(v_.header, level); ++image) {
        if (at + kHdrImageBytes > bytes_.size()) return {};
        FORGE3D_TRY(check_image(level, at));
        at += kHdrImageBytes;
      }
    return {};
  }

 private:
  static constexpr std::uint8_t kProfile = 0xAB;
  static constexpr std::uint8_t kVersions[] = {0xCD, 0xCE};
  static constexpr std::uint64_t kStartBytes = 6;  ///< Type, width and height of an image.

  [[nodiscard]] std::uint64_t offset(std::uint64_t at) const { return v_.header.sgd_offset + at; }

  Result<> check_image(std::uint32_t level, std::uint64_t at) {
    const std::uint64_t from = load_le<std::uint32_t>(bytes_, at);
    const std::uint64_t size_bytes = load_le<std::uint32_t>(bytes_, at + 4);
    const std::uint32_t type = load_le<std::uint32_t>(bytes_, at + 8);
    if (size_bytes == 0) v_.error(8203, offset(at + 4), "rgbSliceByteLength must not be 0");
    if (from + size_bytes > v_.levels[level].stored_bytes)
      v_.error(8204, offset(at), fmt::format("an image passes level {}", level));
    const auto profile = static_cast<std::uint8_t>(type >> 8);
    const auto version = static_cast<std::uint8_t>(type);
    if (profile != kProfile)
      v_.error(8205, offset(at + 8), fmt::format("the profile is {:#x}", profile));
    if (std::ranges::find(kVersions, version) == std::end(kVersions))
      v_.error(8206, offset(at + 8), fmt::format("the version is {:#x}", version));
    const auto start = checked_add(v_.levels[level].offset, from);
    if (!start || !v_.fits(*start, kStartBytes)) return {};  // named by the level's rules
    FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v_.read(*start, kStartBytes));
    check_start(level, *start, bytes, type);
    return {};
  }

  /// The first bytes of an image repeat its type and its extent.
  void check_start(std::uint32_t level, std::uint64_t at, std::span<const std::byte> bytes,
                   std::uint32_t type) {
    if (load_le<std::uint8_t>(bytes, 1) != static_cast<std::uint8_t>(type >> 8))
      v_.error(8207, at + 1, "the profile differs from that of the global data");
    if (load_le<std::uint8_t>(bytes, 0) != static_cast<std::uint8_t>(type))
      v_.error(8208, at, "the version differs from that of the global data");
    const std::uint32_t width = mip_extent(v_.header.width, level);
    const std::uint32_t height = mip_extent(v_.header.height, level);
    if (load_le<std::uint16_t>(bytes, 2) != width || load_le<std::uint16_t>(bytes, 4) != height)
      v_.error(8209, at + 2, fmt::format("the image must be of {} x {} texels", width, height));
  }

  Validation& v_;
  std::span<const std::byte> bytes_;
};

}  // namespace

Result<> validate_global_data(Validation& v) {
  const Ktx2Header& h = v.header;
  if (!h.is_basis() || h.sgd_bytes == 0) return {};
  if (!v.fits(h.sgd_offset, h.sgd_bytes)) {
    v.fatal(1003, h.sgd_offset, "the global data passes the end of the file");
    return {};
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes,
                     v.read(h.sgd_offset, std::min(h.sgd_bytes, kMaxGlobalBytes)));
  if (h.scheme != kSchemeBasisLz) return HdrRules(v, bytes).check();
  BasisRules(v, bytes).check();
  return {};
}

}  // namespace forge3d::texture
