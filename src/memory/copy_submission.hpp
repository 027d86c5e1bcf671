// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CopySubmission: turns copy records into command buffers with their barriers, layout changes and
// transfers of ownership.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "forge3d/resources.hpp"
#include "memory/copy_plan.hpp"
#include "memory/copy_record.hpp"
#include "memory/layout_tracker.hpp"

namespace forge3d {

/// Submits records so that each copy sees those before it, all of them wait for earlier work of the
/// graphics queue, and graphics work after hand_over() waits for all of them. On the graphics queue
/// the order of submission gives the last two; on a transfer queue, semaphores and queue family
/// ownership (Vulkan specification, "Queue Family Ownership Transfer"). Not thread-safe.
class CopySubmission {
 public:
  /// Errors: as CommandRecorder::create.
  [[nodiscard]] static Result<CopySubmission> create(std::shared_ptr<const Device> device,
                                                     QueueKind queue);
  CopySubmission() = default;

  [[nodiscard]] QueueKind queue() const { return queue_; }
  /// Records and submits; the ticket of the copies on queue(). Errors: as Queue::submit; nothing is
  /// then submitted, and no further call is allowed.
  [[nodiscard]] Result<Ticket> submit(std::span<const CopyRecord> records);
  /// A graphics ticket; work submitted there from now on sees all copies. Errors: as submit.
  [[nodiscard]] Result<Ticket> hand_over();
  /// Regions given to the driver so far.
  [[nodiscard]] std::uint64_t regions() const { return regions_; }

 private:
  [[nodiscard]] bool on_graphics() const { return queue_ == QueueKind::kGraphics; }
  [[nodiscard]] Result<std::vector<Ticket>> prepare_transfer(std::span<const CopyRecord> records);
  [[nodiscard]] Result<Ticket> release_to_transfer(std::span<const CopyRecord> records);
  [[nodiscard]] bool changes_owner(const CopyRecord& record) const {
    return families_differ_ && !record.concurrent;
  }
  void record_phases(VkCommandBuffer commands, std::span<const CopyRecord> records,
                     const CopyPlan& plan);
  void enter_layouts(VkCommandBuffer commands, std::span<const CopyRecord> records,
                     std::span<const CopyPlan::Step> steps, bool after_a_phase);
  void record_copies(VkCommandBuffer commands, std::span<const CopyRecord> records,
                     std::span<const CopyPlan::Step> steps);
  void flush_regions(VkCommandBuffer commands, const CopyRecord& last);
  void close(VkCommandBuffer commands, std::span<const CopyRecord> records);

  std::shared_ptr<const Device> device_;
  QueueKind queue_ = QueueKind::kGraphics;
  bool families_differ_ = false;
  CommandRecorder copies_;
  CommandRecorder graphics_;  // for the graphics side of ownership transfers
  LayoutTracker layouts_;
  std::vector<VkBufferCopy> buffer_regions_;
  std::vector<VkBufferImageCopy> image_regions_;
  // Released by the transfer queue, not yet acquired by the graphics queue.
  std::vector<VkBufferMemoryBarrier> released_buffers_;
  std::vector<VkImageMemoryBarrier> released_images_;
  Ticket last_copies_;    // on queue_
  Ticket last_graphics_;  // of hand_over()
  std::uint64_t regions_ = 0;
};

}  // namespace forge3d
