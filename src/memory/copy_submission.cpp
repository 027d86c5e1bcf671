// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/copy_submission.hpp"

#include <algorithm>

#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

constexpr VkPipelineStageFlags kTransfer = VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags kTransferAccess =
    VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
constexpr std::size_t kMaxLayouts = 128;  // bounds the walk through the open layout changes

CopyAccess access_of(const BufferRegion& region, const BlockPiece& piece, bool write) {
  const std::uint64_t begin = region.offset_bytes + piece.column;
  return {.resource = reinterpret_cast<std::uint64_t>(region.buffer),
          .write = write,
          .begin = {begin, 0, 0},
          .end = {begin + piece.columns, 1, 1}};
}

// The piece in texels, cut at the level's edge where its last blocks reach over it.
VkBufferImageCopy copy_of(const ImageRegion& region, const BlockPiece& piece,
                          std::uint64_t ring_offset) {
  const FormatInfo& info = *format_info(region.format);
  const auto dx = static_cast<std::uint32_t>(piece.column * info.block_width);
  const auto dy = static_cast<std::uint32_t>(piece.row * info.block_height);
  const auto width = static_cast<std::uint32_t>(piece.columns * info.block_width);
  const auto height = static_cast<std::uint32_t>(piece.rows * info.block_height);
  VkBufferImageCopy copy{};
  copy.bufferOffset = ring_offset;
  copy.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, region.level,
                           region.layer + static_cast<std::uint32_t>(piece.layer), 1};
  copy.imageOffset = {static_cast<std::int32_t>(region.x + dx),
                      static_cast<std::int32_t>(region.y + dy), 0};
  copy.imageExtent = {std::min(width, region.width - dx), std::min(height, region.height - dy), 1};
  return copy;
}

CopyAccess access_of(const ImageRegion& region, const VkBufferImageCopy& copy, bool write) {
  const auto x = static_cast<std::uint64_t>(copy.imageOffset.x);
  const auto y = static_cast<std::uint64_t>(copy.imageOffset.y);
  const std::uint64_t layer = copy.imageSubresource.baseArrayLayer;
  return {.resource = reinterpret_cast<std::uint64_t>(region.image),
          .level = region.level,
          .write = write,
          .begin = {x, y, layer},
          .end = {x + copy.imageExtent.width, y + copy.imageExtent.height, layer + 1}};
}

// The validation layer (1.3.239) takes neighbouring copies into a block-compressed image for
// overlapping ones. Under it, and only there, they get a barrier between them.
CopyAccess seen_by_layer(const Device& device, const ImageRegion& region, CopyAccess access) {
  if (!device.info().validation || !format_info(region.format)->compressed) return access;
  access.begin[0] = access.begin[1] = 0;
  access.end[0] = region.image_width;
  access.end[1] = region.image_height;
  return access;
}

}  // namespace

Result<CopySubmission> CopySubmission::create(std::shared_ptr<const Device> device) {
  CopySubmission submission;
  FORGE3D_TRY_ASSIGN(submission.recorder_, CommandRecorder::create(device, QueueKind::kGraphics));
  submission.device_ = std::move(device);
  return submission;
}

Result<> CopySubmission::open() {
  if (commands_ != VK_NULL_HANDLE) return {};
  FORGE3D_TRY_ASSIGN(commands_, recorder_.begin());
  device_->begin_label(commands_, "staging copies");
  record_memory_barrier(*device_, commands_, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                        VK_ACCESS_MEMORY_WRITE_BIT, kTransfer, kTransferAccess);
  return {};
}

void CopySubmission::upload(const BufferRegion& target, const BlockPiece& piece, VkBuffer ring,
                            std::uint64_t ring_offset) {
  order(access_of(target, piece, true));
  const VkBufferCopy copy{ring_offset, target.offset_bytes + piece.column, piece.size_bytes};
  device_->vk().vkCmdCopyBuffer(commands_, ring, target.buffer, 1, &copy);
  ++copies_;
}

void CopySubmission::readback(const BufferRegion& source, const BlockPiece& piece, VkBuffer ring,
                              std::uint64_t ring_offset) {
  order(access_of(source, piece, false));
  const VkBufferCopy copy{source.offset_bytes + piece.column, ring_offset, piece.size_bytes};
  device_->vk().vkCmdCopyBuffer(commands_, source.buffer, ring, 1, &copy);
  ++copies_;
}

void CopySubmission::upload(const ImageRegion& target, const BlockPiece& piece, VkBuffer ring,
                            std::uint64_t ring_offset) {
  const VkBufferImageCopy copy = copy_of(target, piece, ring_offset);
  enter_layout(target, true, piece.layer == 0 && piece.row == 0 && piece.column == 0);
  order(seen_by_layer(*device_, target, access_of(target, copy, true)));
  device_->vk().vkCmdCopyBufferToImage(commands_, ring, target.image, layout_inside(target, true),
                                       1, &copy);
  ++copies_;
}

void CopySubmission::readback(const ImageRegion& source, const BlockPiece& piece, VkBuffer ring,
                              std::uint64_t ring_offset) {
  const VkBufferImageCopy copy = copy_of(source, piece, ring_offset);
  enter_layout(source, false, false);
  order(access_of(source, copy, false));
  device_->vk().vkCmdCopyImageToBuffer(commands_, source.image, layout_inside(source, false), ring,
                                       1, &copy);
  ++copies_;
}

Result<Ticket> CopySubmission::submit() {
  restore_layouts(VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT,
                  VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT | VK_ACCESS_HOST_READ_BIT);
  device_->end_label(commands_);
  commands_ = VK_NULL_HANDLE;
  copies_ = 0;
  return recorder_.submit();
}

void CopySubmission::order(const CopyAccess& access) {
  if (hazards_.add(access))
    record_memory_barrier(*device_, commands_, kTransfer, kTransferAccess, kTransfer,
                          kTransferAccess);
}

VkImageLayout CopySubmission::layout_inside(const ImageRegion& region, bool write) const {
  if (region.layout == VK_IMAGE_LAYOUT_GENERAL) return VK_IMAGE_LAYOUT_GENERAL;
  return write ? VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL : VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;
}

// Changed once, the layout stays until the end of the submission or until a copy needs another one.
void CopySubmission::enter_layout(const ImageRegion& region, bool write, bool first_piece) {
  const LayoutChange change{region.image,       region.level,  region.layer,
                            region.layer_count, region.layout, layout_inside(region, write)};
  for (const LayoutChange& open : layouts_) {
    const bool apart = open.image != change.image || open.level != change.level ||
                       open.layer >= change.layer + change.layer_count ||
                       change.layer >= open.layer + open.layer_count;
    if (apart) continue;
    if (open.layer == change.layer && open.layer_count == change.layer_count &&
        open.inside == change.inside && open.outside == change.outside)
      return;
    restore_layouts(kTransfer, kTransferAccess);
    break;
  }
  if (layouts_.size() == kMaxLayouts) restore_layouts(kTransfer, kTransferAccess);
  const bool discard = region.discard && write && first_piece;
  if (discard || change.inside != change.outside)
    change_layout(change, discard ? VK_IMAGE_LAYOUT_UNDEFINED : change.outside);
  if (change.inside == change.outside) return;
  layouts_.push_back(change);
}

namespace {

VkImageMemoryBarrier layout_barrier(VkImage image, std::uint32_t level, std::uint32_t layer,
                                    std::uint32_t layer_count, VkImageLayout from, VkImageLayout to,
                                    VkAccessFlags access) {
  VkImageMemoryBarrier barrier{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER};
  barrier.srcAccessMask = kTransferAccess;
  barrier.dstAccessMask = access;
  barrier.oldLayout = from;
  barrier.newLayout = to;
  barrier.srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.image = image;
  barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, level, 1, layer, layer_count};
  return barrier;
}

}  // namespace

void CopySubmission::change_layout(const LayoutChange& change, VkImageLayout from) {
  const VkImageMemoryBarrier barrier =
      layout_barrier(change.image, change.level, change.layer, change.layer_count, from,
                     change.inside, kTransferAccess);
  device_->vk().vkCmdPipelineBarrier(commands_, kTransfer, kTransfer, 0, 0, nullptr, 0, nullptr, 1,
                                     &barrier);
}

// One barrier behind all copies so far, visible to `access` at `stages`, that brings the images
// back to their layouts.
void CopySubmission::restore_layouts(VkPipelineStageFlags stages, VkAccessFlags access) {
  const VkAccessFlags image_access = access & ~VkAccessFlags{VK_ACCESS_HOST_READ_BIT};
  std::vector<VkImageMemoryBarrier> barriers;
  for (const LayoutChange& change : layouts_)
    barriers.push_back(layout_barrier(change.image, change.level, change.layer, change.layer_count,
                                      change.inside, change.outside, image_access));
  const VkMemoryBarrier memory{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, kTransferAccess, access};
  device_->vk().vkCmdPipelineBarrier(commands_, kTransfer, stages, 0, 1, &memory, 0, nullptr,
                                     static_cast<std::uint32_t>(barriers.size()), barriers.data());
  layouts_.clear();
  hazards_.clear();
}

}  // namespace forge3d
