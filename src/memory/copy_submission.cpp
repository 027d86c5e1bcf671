// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/copy_submission.hpp"

#include <algorithm>

#include "gpu/vulkan.hpp"

namespace forge3d {
namespace {

constexpr VkPipelineStageFlags kTransfer = VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkPipelineStageFlags kAll = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
constexpr VkAccessFlags kTransferAccess =
    VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
constexpr VkAccessFlags kAnyAccess = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;

struct Barriers {
  std::vector<VkMemoryBarrier> memory;
  std::vector<VkBufferMemoryBarrier> buffers;
  std::vector<VkImageMemoryBarrier> images;
};

void record(const Device& device, VkCommandBuffer commands, VkPipelineStageFlags from,
            VkPipelineStageFlags to, const Barriers& barriers) {
  if (barriers.memory.empty() && barriers.buffers.empty() && barriers.images.empty()) return;
  device.vk().vkCmdPipelineBarrier(
      commands, from, to, 0, static_cast<std::uint32_t>(barriers.memory.size()),
      barriers.memory.data(), static_cast<std::uint32_t>(barriers.buffers.size()),
      barriers.buffers.data(), static_cast<std::uint32_t>(barriers.images.size()),
      barriers.images.data());
}

VkMemoryBarrier memory_barrier(VkAccessFlags from, VkAccessFlags to) {
  return {VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, from, to};
}

VkBufferMemoryBarrier range_barrier(const CopyRecord& copy) {
  return {VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER,
          nullptr,
          0,
          0,
          VK_QUEUE_FAMILY_IGNORED,
          VK_QUEUE_FAMILY_IGNORED,
          reinterpret_cast<VkBuffer>(copy.resource),
          copy.offset_bytes,
          copy.size_bytes};
}

// One half of a transfer of ownership: the releasing side's access, or the acquiring side's.
template <class Barrier>
Barrier owned(Barrier barrier, std::uint32_t from, std::uint32_t to, VkAccessFlags source,
              VkAccessFlags destination) {
  barrier.srcQueueFamilyIndex = from;
  barrier.dstQueueFamilyIndex = to;
  barrier.srcAccessMask = source;
  barrier.dstAccessMask = destination;
  return barrier;
}

// What a copy needs to find: an upload overwrites its range of a buffer, so that the old owner has
// nothing to give.
bool needs_contents(const CopyRecord& copy) {
  return copy.is_read() || (copy.kind == CopyKind::kUploadImage && !copy.discard);
}

bool extends(const VkBufferCopy& last, const VkBufferCopy& next) {
  return last.srcOffset + last.size == next.srcOffset &&
         last.dstOffset + last.size == next.dstOffset;
}

bool same_command(const CopyRecord& a, const CopyRecord& b) {
  return a.kind == b.kind && a.resource == b.resource && a.host == b.host &&
         (!a.is_image() || copy_layout(a) == copy_layout(b));
}

}  // namespace

Result<CopySubmission> CopySubmission::create(std::shared_ptr<const Device> device,
                                              QueueKind queue) {
  CopySubmission submission;
  const DeviceInfo& info = device->info();
  const bool transfer = queue == QueueKind::kTransfer && info.dedicated_transfer_queue &&
                        info.fine_transfer_granularity;
  submission.queue_ = transfer ? QueueKind::kTransfer : QueueKind::kGraphics;
  submission.families_differ_ = transfer && info.transfer_family != info.graphics_family;
  FORGE3D_TRY_ASSIGN(submission.copies_, CommandRecorder::create(device, submission.queue_));
  if (transfer) {
    FORGE3D_TRY_ASSIGN(submission.graphics_, CommandRecorder::create(device, QueueKind::kGraphics));
  }
  submission.last_copies_.queue = submission.queue_;
  submission.device_ = std::move(device);
  return submission;
}

// The validation layer (1.3.239) takes neighbouring copies into a block-compressed image for
// overlapping ones. Under it, and only there, they get a barrier between them.
Result<Ticket> CopySubmission::submit(std::span<const CopyRecord> records) {
  std::vector<Ticket> waits;
  if (!on_graphics()) {
    FORGE3D_TRY_ASSIGN(waits, prepare_transfer(records));
  }
  const CopyPlan plan = CopyPlan::of(records, device_->info().validation);
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, copies_.begin());
  device_->begin_label(commands, "staging copies");
  record_memory_barrier(*device_, commands, kAll, VK_ACCESS_MEMORY_WRITE_BIT, kTransfer,
                        kTransferAccess);
  record_phases(commands, records, plan);
  close(commands, records);
  device_->end_label(commands);
  FORGE3D_TRY_ASSIGN(last_copies_, copies_.submit(waits));
  if (on_graphics()) last_graphics_ = last_copies_;
  return last_copies_;
}

// What the copies on the transfer queue must wait for.
Result<std::vector<Ticket>> CopySubmission::prepare_transfer(std::span<const CopyRecord> records) {
  std::vector<Ticket> waits;
  const auto is_released = [&](const CopyRecord& copy) {
    return copy.is_image() && std::ranges::any_of(released_images_, [&](const auto& barrier) {
             return barrier.image == reinterpret_cast<VkImage>(copy.resource);
           });
  };
  const auto must_release = [&](const CopyRecord& copy) {
    return copy.kind != CopyKind::kNothing && changes_owner(copy) && needs_contents(copy);
  };
  const bool release = std::ranges::any_of(records, must_release);
  if (release || std::ranges::any_of(records, is_released)) {
    FORGE3D_TRY_ASSIGN(const Ticket handed, hand_over());
    waits.push_back(handed);
  }
  if (release) {
    FORGE3D_TRY_ASSIGN(const Ticket released, release_to_transfer(records));
    waits.push_back(released);
  } else if (!std::ranges::all_of(records, &CopyRecord::idle)) {
    waits.push_back({QueueKind::kGraphics, device_->queue(QueueKind::kGraphics).last_submitted()});
  }
  return waits;
}

Result<Ticket> CopySubmission::release_to_transfer(std::span<const CopyRecord> records) {
  const DeviceInfo& info = device_->info();
  Barriers barriers;
  std::vector<ImageLayer> seen;
  for (const CopyRecord& copy : records) {
    if (copy.kind == CopyKind::kNothing || !changes_owner(copy) || !needs_contents(copy)) continue;
    if (!copy.is_image()) {
      barriers.buffers.push_back(owned(range_barrier(copy), info.graphics_family,
                                       info.transfer_family, VK_ACCESS_MEMORY_WRITE_BIT, 0));
      continue;
    }
    if (std::ranges::find(seen, layer_of(copy)) != seen.end()) continue;
    seen.push_back(layer_of(copy));
    barriers.images.push_back(
        owned(layer_barrier(layer_of(copy), copy.detail->layout, copy_layout(copy)),
              info.graphics_family, info.transfer_family, VK_ACCESS_MEMORY_WRITE_BIT, 0));
  }
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, graphics_.begin());
  record(*device_, commands, kAll, kAll, barriers);
  return graphics_.submit();
}

void CopySubmission::record_phases(VkCommandBuffer commands, std::span<const CopyRecord> records,
                                   const CopyPlan& plan) {
  layouts_.clear();
  for (std::size_t begin = 0; begin < plan.steps.size();) {
    std::size_t end = begin + 1;
    while (end < plan.steps.size() && plan.steps[end].phase == plan.steps[begin].phase) ++end;
    const auto steps = std::span(plan.steps).subspan(begin, end - begin);
    enter_layouts(commands, records, steps, begin > 0);
    record_copies(commands, records, steps);
    begin = end;
  }
}

// One barrier in front of a phase: behind the phase before it, with the layout changes and the
// acquiring halves that its copies need.
void CopySubmission::enter_layouts(VkCommandBuffer commands, std::span<const CopyRecord> records,
                                   std::span<const CopyPlan::Step> steps, bool after_a_phase) {
  const DeviceInfo& info = device_->info();
  Barriers barriers;
  if (after_a_phase) barriers.memory.push_back(memory_barrier(kTransferAccess, kTransferAccess));
  for (const CopyPlan::Step& step : steps) {
    const CopyRecord& copy = records[step.record];
    const bool acquires = changes_owner(copy) && needs_contents(copy);
    if (!copy.is_image()) {
      if (acquires)
        barriers.buffers.push_back(owned(range_barrier(copy), info.graphics_family,
                                         info.transfer_family, 0, kTransferAccess));
      continue;
    }
    const std::size_t known = layouts_.states().size();
    auto change = layouts_.enter(copy, changes_owner(copy));
    if (!change) continue;
    const bool first = layouts_.states().size() > known;
    change->srcAccessMask = kTransferAccess;
    change->dstAccessMask = kTransferAccess;
    barriers.images.push_back(first && acquires ? owned(*change, info.graphics_family,
                                                        info.transfer_family, 0, kTransferAccess)
                                                : *change);
  }
  record(*device_, commands, kTransfer, kTransfer, barriers);
}

// Neighbours that are neighbours on both sides become one region; regions of one resource become
// one command.
void CopySubmission::record_copies(VkCommandBuffer commands, std::span<const CopyRecord> records,
                                   std::span<const CopyPlan::Step> steps) {
  const CopyRecord* last = nullptr;
  for (const CopyPlan::Step& step : steps) {
    const CopyRecord& copy = records[step.record];
    if (last != nullptr && !same_command(*last, copy)) flush_regions(commands, *last);
    last = &copy;
    if (copy.is_image()) {
      image_regions_.push_back(copy.detail->image);
      image_regions_.back().bufferOffset = copy.host_offset;
      continue;
    }
    VkBufferCopy region{copy.host_offset, copy.offset_bytes, copy.size_bytes};
    if (copy.is_read()) std::swap(region.srcOffset, region.dstOffset);
    if (!buffer_regions_.empty() && extends(buffer_regions_.back(), region))
      buffer_regions_.back().size += region.size;
    else
      buffer_regions_.push_back(region);
  }
  if (last != nullptr) flush_regions(commands, *last);
}

void CopySubmission::flush_regions(VkCommandBuffer commands, const CopyRecord& last) {
  const VolkDeviceTable& vk = device_->vk();
  const auto count =
      static_cast<std::uint32_t>(last.is_image() ? image_regions_.size() : buffer_regions_.size());
  const auto buffer = reinterpret_cast<VkBuffer>(last.resource);
  const auto image = reinterpret_cast<VkImage>(last.resource);
  switch (last.kind) {
    case CopyKind::kUploadBuffer:
      vk.vkCmdCopyBuffer(commands, last.host, buffer, count, buffer_regions_.data());
      break;
    case CopyKind::kReadBuffer:
      vk.vkCmdCopyBuffer(commands, buffer, last.host, count, buffer_regions_.data());
      break;
    case CopyKind::kUploadImage:
      vk.vkCmdCopyBufferToImage(commands, last.host, image, copy_layout(last), count,
                                image_regions_.data());
      break;
    case CopyKind::kReadImage:
      vk.vkCmdCopyImageToBuffer(commands, image, copy_layout(last), last.host, count,
                                image_regions_.data());
      break;
    case CopyKind::kNothing:
      break;
  }
  regions_ += count;
  buffer_regions_.clear();
  image_regions_.clear();
}

// One barrier behind all copies: layouts go back to what they were, the bytes become visible to
// the host and to this queue's later work, and what was borrowed from the graphics queue is
// released to it.
void CopySubmission::close(VkCommandBuffer commands, std::span<const CopyRecord> records) {
  const DeviceInfo& info = device_->info();
  Barriers barriers;
  barriers.memory.push_back(memory_barrier(kTransferAccess, kAnyAccess | VK_ACCESS_HOST_READ_BIT));
  for (const LayoutTracker::State& state : layouts_.states()) {
    VkImageMemoryBarrier barrier = layer_barrier(state.layer, state.now, state.outside);
    barrier.srcAccessMask = kTransferAccess;
    barrier.dstAccessMask = kAnyAccess;
    if (state.changes_owner) {
      barrier = owned(barrier, info.transfer_family, info.graphics_family, kTransferAccess, 0);
      released_images_.push_back(
          owned(barrier, info.transfer_family, info.graphics_family, 0, kAnyAccess));
    }
    if (state.changes_owner || state.now != state.outside) barriers.images.push_back(barrier);
  }
  for (const CopyRecord& copy : records) {
    if (copy.kind == CopyKind::kNothing || copy.is_image() || !changes_owner(copy)) continue;
    const VkBufferMemoryBarrier range = range_barrier(copy);
    barriers.buffers.push_back(
        owned(range, info.transfer_family, info.graphics_family, kTransferAccess, 0));
    released_buffers_.push_back(
        owned(range, info.transfer_family, info.graphics_family, 0, kAnyAccess));
  }
  record(*device_, commands, kTransfer, kAll | VK_PIPELINE_STAGE_HOST_BIT, barriers);
}

Result<Ticket> CopySubmission::hand_over() {
  if (on_graphics() || last_copies_.serial.value == 0) return last_graphics_;
  const Ticket copies = std::exchange(last_copies_, Ticket{queue_, {0}});
  Barriers barriers;
  barriers.buffers.swap(released_buffers_);
  barriers.images.swap(released_images_);
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, graphics_.begin());
  record(*device_, commands, kAll, kAll, barriers);
  FORGE3D_TRY_ASSIGN(last_graphics_, graphics_.submit({&copies, 1}));
  return last_graphics_;
}

}  // namespace forge3d
