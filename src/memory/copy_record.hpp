// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CopyRecord: one copy between host-visible memory and a resource, from the call that asks for it
// to the command buffer.

#include <cstdint>
#include <memory>

#include "core/ring_allocator.hpp"
#include "forge3d/staging_ring.hpp"
#include "memory/block_grid.hpp"

namespace forge3d {

struct ReadTarget;

/// What a copy does.
enum class CopyKind : std::uint8_t {
  kNothing,  ///< Cancelled: only its ring range is given back.
  kUploadBuffer,
  kUploadImage,
  kReadBuffer,
  kReadImage,
};

/// What only copies of images and readbacks need.
struct CopyDetail {
  VkBufferImageCopy image{};  ///< One layer.
  VkImageLayout layout = VK_IMAGE_LAYOUT_GENERAL;
  std::uint32_t image_width = 0, image_height = 0;  ///< Of the level.
  bool block_compressed = false;
  BlockPiece piece;  ///< Of the read target's grid.
  std::shared_ptr<ReadTarget> read;
};

/// Small, as a ten thousand of them in a frame are no rare thing.
struct CopyRecord {
  /// `first` of a record that is the first of its transfer.
  static constexpr std::uint64_t kItself = ~std::uint64_t{0};

  CopyKind kind = CopyKind::kNothing;
  StagingPath path = StagingPath::kRing;
  bool ends_transfer = true;
  bool discard = false;  ///< What the image layer held need not survive.
  bool idle = false;
  bool concurrent = false;
  std::uint64_t first = kItself;  ///< Number of the transfer's first record.
  RingAllocator::Range range;     ///< charged_bytes 0: none, the bytes are imported.
  VkBuffer host = VK_NULL_HANDLE;
  std::uint64_t host_offset = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t resource = 0;  ///< The VkBuffer or VkImage.
  ResourceId id;
  std::uint64_t offset_bytes = 0;      ///< In the buffer.
  std::unique_ptr<CopyDetail> detail;  ///< Null for uploads to buffers.

  [[nodiscard]] bool is_image() const {
    return kind == CopyKind::kUploadImage || kind == CopyKind::kReadImage;
  }
  [[nodiscard]] bool is_read() const {
    return kind == CopyKind::kReadBuffer || kind == CopyKind::kReadImage;
  }
};

/// The piece of a region as a record; the caller adds the host side.
[[nodiscard]] CopyRecord make_record(const BufferRegion& region, const BlockPiece& piece,
                                     bool read);
[[nodiscard]] CopyRecord make_record(const ImageRegion& region, const BlockPiece& piece, bool read);

}  // namespace forge3d
