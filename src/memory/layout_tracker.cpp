// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/layout_tracker.hpp"

#include <functional>

namespace forge3d {

VkImageLayout copy_layout(const CopyRecord& record) {
  if (record.detail->layout == VK_IMAGE_LAYOUT_GENERAL) return VK_IMAGE_LAYOUT_GENERAL;
  return record.is_read() ? VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL
                          : VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
}

ImageLayer layer_of(const CopyRecord& record) {
  return {reinterpret_cast<VkImage>(record.resource),
          record.detail->image.imageSubresource.mipLevel,
          record.detail->image.imageSubresource.baseArrayLayer};
}

VkImageMemoryBarrier layer_barrier(const ImageLayer& layer, VkImageLayout from, VkImageLayout to) {
  VkImageMemoryBarrier barrier{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER};
  barrier.oldLayout = from;
  barrier.newLayout = to;
  barrier.srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
  barrier.image = layer.image;
  barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, layer.level, 1, layer.layer, 1};
  return barrier;
}

std::size_t LayoutTracker::Hash::operator()(const ImageLayer& layer) const {
  const std::size_t image = std::hash<VkImage>()(layer.image);
  return image * 0x9e3779b97f4a7c15u + layer.level * 0x85ebca6bu + layer.layer;
}

std::optional<VkImageMemoryBarrier> LayoutTracker::enter(const CopyRecord& record,
                                                         bool changes_owner) {
  const ImageLayer layer = layer_of(record);
  const VkImageLayout wanted = copy_layout(record);
  const auto [entry, is_new] = index_.try_emplace(layer, states_.size());
  if (is_new)
    states_.push_back({layer, record.detail->layout, record.detail->layout, changes_owner});
  State& state = states_[entry->second];
  const VkImageLayout from = is_new && record.discard ? VK_IMAGE_LAYOUT_UNDEFINED : state.now;
  state.now = wanted;
  const bool acquires = is_new && changes_owner && !record.discard;
  if (from == wanted && !acquires) return std::nullopt;
  return layer_barrier(layer, from, wanted);
}

void LayoutTracker::clear() {
  states_.clear();
  index_.clear();
}

}  // namespace forge3d
