// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CopySubmission: the command buffer that the staging rings are filling, with its barriers and
// layout changes.

#include <cstdint>
#include <memory>
#include <vector>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"
#include "memory/block_grid.hpp"
#include "memory/hazard_tracker.hpp"

namespace forge3d {

/// Records copies between a ring and resources so that each sees the ones before it, all of them
/// wait for earlier work of the queue, and later work waits for all of them. Not thread-safe.
class CopySubmission {
 public:
  /// Errors: as CommandRecorder::create.
  [[nodiscard]] static Result<CopySubmission> create(std::shared_ptr<const Device> device);
  CopySubmission() = default;

  /// Begins a command buffer unless one is open. Errors: as CommandRecorder::begin.
  [[nodiscard]] Result<> open();
  /// Copies recorded since the last submit().
  [[nodiscard]] std::uint64_t copies() const { return copies_; }

  /// A piece of the grid from the ring to the region or back. REQUIRES: open() succeeded since the
  /// last submit().
  void upload(const BufferRegion& target, const BlockPiece& piece, VkBuffer ring,
              std::uint64_t ring_offset);
  void upload(const ImageRegion& target, const BlockPiece& piece, VkBuffer ring,
              std::uint64_t ring_offset);
  void readback(const BufferRegion& source, const BlockPiece& piece, VkBuffer ring,
                std::uint64_t ring_offset);
  void readback(const ImageRegion& source, const BlockPiece& piece, VkBuffer ring,
                std::uint64_t ring_offset);

  /// Restores layouts, ends and submits. Errors: as Queue::submit; what was recorded is then lost.
  [[nodiscard]] Result<Ticket> submit();

 private:
  // Layers of an image level that are in a transfer layout until the end of the submission.
  struct LayoutChange {
    VkImage image;
    std::uint32_t level, layer, layer_count;
    VkImageLayout outside, inside;
  };
  void order(const CopyAccess& access);
  void enter_layout(const ImageRegion& region, bool write, bool first_piece);
  void change_layout(const LayoutChange& change, VkImageLayout from);
  void restore_layouts(VkPipelineStageFlags stages, VkAccessFlags access);
  [[nodiscard]] VkImageLayout layout_inside(const ImageRegion& region, bool write) const;

  std::shared_ptr<const Device> device_;
  CommandRecorder recorder_;
  VkCommandBuffer commands_ = VK_NULL_HANDLE;
  HazardTracker hazards_;
  std::vector<LayoutChange> layouts_;
  std::uint64_t copies_ = 0;
};

}  // namespace forge3d
