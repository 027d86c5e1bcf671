// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// StagingRing (O1): transfers between CPU and GPU through persistently mapped rings, safe by
// timeline values.

#include <vulkan/vulkan_core.h>

#include <compare>
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

/// The submission of a ring that an upload ends in. The queue's serial is known only once it is
/// submitted (others submit to the same queue meanwhile), so this is no Ticket yet:
/// StagingRing::ticket() and flush() give one. Default: always complete.
struct StagingTicket {
  std::uint64_t submission = 0;
  friend auto operator<=>(const StagingTicket&, const StagingTicket&) = default;
};

struct StagingStats {
  std::uint64_t bytes_in_flight =
      0;  ///< Upload ring bytes reserved (or skipped at a segment's end) and not retired.
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

/// An asynchronous readback; move-only; the bytes stay valid until it is destroyed. It may outlive
/// its ring, which finishes or cancels it. Not thread-safe; different ones may be used from
/// different threads.
class Readback {
 public:
  Readback(Readback&&) noexcept;
  Readback& operator=(Readback&&) noexcept;
  ~Readback();
  /// True when the bytes are there; false also while nothing was flushed. Errors: kDeviceLost,
  /// kCancelled (the ring was destroyed before it was submitted).
  [[nodiscard]] Result<bool> is_ready();
  /// Waits for the bytes (submitting what is open first): layers of rows, row_bytes apart. Errors:
  /// kTimeout, kDeviceLost, kCancelled.
  [[nodiscard]] Result<std::span<const std::byte>> get(std::uint64_t timeout_ns = 5'000'000'000);

 private:
  friend class StagingRing;
  struct State;
  explicit Readback(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// One upload ring and one readback ring on the graphics queue. Thread-safe: many threads may
/// upload at once; uploads of one thread to one resource keep their order, and a readback sees the
/// thread's uploads before it. Work is recorded into the open submission, which goes out when its
/// segment is full, when something waits for it, or on flush(). When submitting fails, what was
/// recorded is lost and every later call returns that error.
class StagingRing {
 public:
  /// Errors: kInvalidArgument (ring_count 0, a size that gives segments under 4 KiB), and
  /// Device::allocate's.
  [[nodiscard]] static Result<std::shared_ptr<StagingRing>> create(
      std::shared_ptr<Device> device, const StagingRingDesc& desc = {});
  ~StagingRing();  ///< Submits nothing more; waits for what is in flight.
  StagingRing(const StagingRing&) = delete;
  StagingRing& operator=(const StagingRing&) = delete;

  /// Copies `data` into the ring (in chunks when it is larger than a segment) and records the
  /// copies. The data may be reused when the call returns. Copies wait for all earlier GPU work on
  /// the queue, and all later work waits for them. Errors: kInvalidArgument (empty, outside the
  /// target; odd offsets and sizes are fine), kTimeout (no space in time; what was recorded so far
  /// stays recorded), kDeviceLost.
  [[nodiscard]] Result<StagingTicket> upload(const BufferRegion& target,
                                             std::span<const std::byte> data);
  /// As above for images; data is layers of rows of blocks, row_bytes apart; the last row may end
  /// with its last block. Errors: kInvalidArgument for broken block rules and sizes of data, too.
  [[nodiscard]] Result<StagingTicket> upload(const ImageRegion& target,
                                             std::span<const std::byte> data);

  /// Starts reading back. Errors: as upload, kNotSupported without a readback ring,
  /// kOutOfHostMemory. Regions larger than the ring are read in chunks and gathered in host memory;
  /// the call then waits for the first ones.
  [[nodiscard]] Result<Readback> readback(const BufferRegion& source, std::uint64_t size_bytes);
  [[nodiscard]] Result<Readback> readback(const ImageRegion& source);

  /// Submits what is recorded; the ticket of the ring's last submission. Errors: as Queue::submit.
  [[nodiscard]] Result<Ticket> flush();
  /// The queue's ticket of an upload, for GPU waits and Device::wait; flushes if need be. Errors:
  /// as flush.
  [[nodiscard]] Result<Ticket> ticket(StagingTicket upload);
  /// True when the last byte has landed; false also while it is not flushed. Errors: kDeviceLost.
  [[nodiscard]] Result<bool> is_complete(StagingTicket upload) const;
  /// Flushes if need be, then waits. Errors: kTimeout, kDeviceLost.
  [[nodiscard]] Result<> wait(StagingTicket upload, std::uint64_t timeout_ns = 5'000'000'000);
  /// As Device::wait, for the tickets of flush() and ticket().
  [[nodiscard]] Result<> wait(Ticket ticket, std::uint64_t timeout_ns = 5'000'000'000);

  [[nodiscard]] StagingStats stats() const;

 private:
  friend class Readback;
  friend struct StagingTestAccess;
  struct State;
  explicit StagingRing(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace forge3d
