// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// StagingRing (O1): transfers between CPU and GPU through persistently mapped rings, safe by
// timeline values.

#include <vulkan/vulkan_core.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "forge3d/device.hpp"

namespace forge3d {

struct StagingRingDesc {
  std::uint64_t upload_bytes =
      16 * kMebibyte;  ///< Size of the upload ring; any upload size goes through it.
  std::uint64_t readback_bytes = 8 * kMebibyte;  ///< Size of the readback ring; 0: no readback.
  std::uint32_t ring_count = 3;  ///< Segments a ring is divided into: the unit of submission.
  std::uint64_t timeout_ns = 5'000'000'000;  ///< How long a call waits for ring space by default.
  std::string debug_name = "staging";
};

/// A copy target or source inside a buffer.
struct BufferRegion {
  VkBuffer buffer = VK_NULL_HANDLE;
  std::uint64_t offset_bytes = 0;
  std::uint64_t buffer_size_bytes = 0;  ///< Size of the whole buffer: copies beyond it are refused.
};

/// A copy target or source inside one mip level of one array layer (or several layers, data one
/// after the other).
struct ImageRegion {
  VkImage image = VK_NULL_HANDLE;
  Format format = Format::kUndefined;
  std::uint32_t image_width = 0;  ///< Extent of the level, for the block rules.
  std::uint32_t image_height = 0;
  std::uint32_t level = 0;
  std::uint32_t layer = 0;
  std::uint32_t layer_count = 1;
  std::uint32_t x = 0, y = 0;  ///< Multiples of the block extent.
  std::uint32_t width = 0,
                height = 0;  ///< Multiples of the block extent, or reaching the level's edge.
  std::size_t row_bytes =
      0;  ///< Distance between rows of blocks in host memory; 0: tightly packed.
  /// The layout the image is in before and after. VK_IMAGE_LAYOUT_GENERAL is copied in place; any
  /// other is changed for the copy and back.
  VkImageLayout layout = VK_IMAGE_LAYOUT_GENERAL;
  bool discard = false;  ///< Before the copy the layout is UNDEFINED: what the image held is lost.
};

struct StagingStats {
  std::uint64_t bytes_in_flight = 0;  ///< Upload bytes reserved and not yet retired.
  std::uint64_t peak_bytes_in_flight = 0;
  std::uint32_t current_ring_index = 0;  ///< The upload segment being filled.
  std::uint32_t ring_count = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t active_transfers = 0;  ///< Uploads and readbacks whose ticket is not reached.
  std::uint64_t buffer_stalls = 0;     ///< Times a call had to wait for ring space.
  std::uint64_t stall_ns = 0;          ///< Time spent in those waits.
  std::uint64_t bytes_uploaded = 0, bytes_read_back = 0;
  std::uint64_t uploads = 0, readbacks = 0, copies = 0, submits = 0;
};

/// An asynchronous readback; move-only; the bytes stay valid until it is destroyed.
class Readback {
 public:
  Readback(Readback&&) noexcept;
  Readback& operator=(Readback&&) noexcept;
  ~Readback();
  /// True when the bytes are there. Errors: kDeviceLost.
  [[nodiscard]] Result<bool> is_ready();
  /// Waits for the bytes (submitting what is open first). Errors: kTimeout, kDeviceLost.
  [[nodiscard]] Result<std::span<const std::byte>> get(std::uint64_t timeout_ns = 5'000'000'000);

 private:
  friend class StagingRing;
  struct State;
  explicit Readback(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// One upload ring and one readback ring on the graphics queue. Thread-safe: many threads may
/// upload at once; uploads of one thread to one resource keep their order. Work is recorded into
/// the open segment and submitted when it is full or on flush().
class StagingRing {
 public:
  /// Errors: kInvalidArgument (ring_count 0, a size that gives segments under 4 KiB), and
  /// Device::allocate's.
  [[nodiscard]] static Result<std::shared_ptr<StagingRing>> create(
      std::shared_ptr<Device> device, const StagingRingDesc& desc = {});
  ~StagingRing();  ///< Submits nothing more; waits for what is in flight.

  /// Copies `data` into the ring (in chunks when it is larger than a segment) and records the
  /// copies. The data may be reused when the call returns. Copies wait for all earlier GPU work on
  /// the queue, and all later work waits for them. The ticket is reached when the last byte has
  /// landed; it is submitted by flush() or when its segment fills up. Errors: kInvalidArgument
  /// (empty, outside the target, offset or size not a multiple of 4 is fine), kTimeout (no space in
  /// time; what was recorded so far stays recorded), kDeviceLost.
  [[nodiscard]] Result<Ticket> upload(const BufferRegion& target, std::span<const std::byte> data);
  /// As above for images; data is rows of blocks. Errors: kInvalidArgument for broken block rules
  /// too.
  [[nodiscard]] Result<Ticket> upload(const ImageRegion& target, std::span<const std::byte> data);

  /// Starts reading back. Errors: as upload, kNotSupported without a readback ring. Regions larger
  /// than the ring are read in chunks and gathered in host memory.
  [[nodiscard]] Result<Readback> readback(const BufferRegion& source, std::uint64_t size_bytes);
  [[nodiscard]] Result<Readback> readback(const ImageRegion& source);

  /// Submits what is recorded; the last ticket. Errors: as Queue::submit.
  [[nodiscard]] Result<Ticket> flush();
  /// True when a ticket is reached. Errors: kDeviceLost.
  [[nodiscard]] Result<bool> is_complete(Ticket ticket) const;
  /// Flushes if need be, then waits. Errors: kTimeout, kDeviceLost.
  [[nodiscard]] Result<> wait(Ticket ticket, std::uint64_t timeout_ns = 5'000'000'000);

  [[nodiscard]] StagingStats stats() const;

 private:
  StagingRing();
  friend class Readback;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace forge3d
