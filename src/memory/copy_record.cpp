// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/copy_record.hpp"

#include <algorithm>

namespace forge3d {

CopyRecord make_record(const BufferRegion& region, const BlockPiece& piece, bool read) {
  CopyRecord record;
  record.kind = read ? CopyKind::kReadBuffer : CopyKind::kUploadBuffer;
  record.idle = region.idle;
  record.concurrent = region.concurrent;
  record.size_bytes = piece.size_bytes;
  record.resource = reinterpret_cast<std::uint64_t>(region.buffer);
  record.id = region.id;
  record.offset_bytes = region.offset_bytes + piece.column;
  if (read) {
    record.detail = std::make_unique<CopyDetail>();
    record.detail->piece = piece;
  }
  return record;
}

// The piece in texels, cut at the level's edge where its last blocks reach over it.
CopyRecord make_record(const ImageRegion& region, const BlockPiece& piece, bool read) {
  const FormatInfo& info = *format_info(region.format);
  const auto dx = static_cast<std::uint32_t>(piece.column * info.block_width);
  const auto dy = static_cast<std::uint32_t>(piece.row * info.block_height);
  const auto width = static_cast<std::uint32_t>(piece.columns * info.block_width);
  const auto height = static_cast<std::uint32_t>(piece.rows * info.block_height);
  CopyRecord record;
  record.kind = read ? CopyKind::kReadImage : CopyKind::kUploadImage;
  record.discard = region.discard && !read && piece.row == 0 && piece.column == 0;
  record.idle = region.idle;
  record.concurrent = region.concurrent;
  record.size_bytes = piece.size_bytes;
  record.resource = reinterpret_cast<std::uint64_t>(region.image);
  record.id = region.id;
  record.detail = std::make_unique<CopyDetail>();
  CopyDetail& detail = *record.detail;
  const std::uint32_t layer = region.layer + static_cast<std::uint32_t>(piece.layer);
  detail.image.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, region.level,
                                   region.volume ? 0 : layer, 1};
  detail.image.imageOffset = {static_cast<std::int32_t>(region.x + dx),
                              static_cast<std::int32_t>(region.y + dy),
                              region.volume ? static_cast<std::int32_t>(layer) : 0};
  detail.image.imageExtent = {std::min(width, region.width - dx),
                              std::min(height, region.height - dy), 1};
  detail.layout = region.layout;
  detail.image_width = region.image_width;
  detail.image_height = region.image_height;
  detail.block_compressed = info.compressed;
  detail.piece = piece;
  return record;
}

}  // namespace forge3d
