// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// StagingRing (O1): transfers between CPU and GPU through persistently mapped rings, safe by
// timeline values.

#include <vulkan/vulkan_core.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "forge3d/device.hpp"
#include "forge3d/resources.hpp"
#include "forge3d/staging_tuning.hpp"

namespace forge3d {

struct StagingState;  // a ring's inside
struct ReadTarget;    // a readback's

/// When recorded copies are submitted.
enum class StagingMode : std::uint8_t {
  kFrame,      ///< When a segment is full, when something waits for them, and on flush().
  kImmediate,  ///< At the end of each call that records some.
};

/// The ways that bytes take, as the statistics name them.
enum class StagingPath : std::uint8_t {
  kRing,      ///< Copied into the ring, fetched by the device.
  kInPlace,   ///< Written into the ring by the caller: no copy on the CPU.
  kImported,  ///< Fetched by the device from the caller's own pages.
  kDirect,    ///< Written by the CPU into mapped device memory.
};
inline constexpr std::size_t kStagingPathCount = 4;
[[nodiscard]] std::string_view to_string(StagingPath path);

/// One submission that has finished. Times are of std::chrono::steady_clock.
struct StagingObservation {
  std::uint64_t begin_ns = 0, end_ns = 0;  ///< Submitted; seen to be done.
  std::uint64_t upload_bytes = 0;          ///< 0: it only read back.
  std::uint64_t transfers = 0;             ///< Uploads and readbacks that ended with it.
  /// The end is known to a quarter of the time: somebody waited for it, or looked often enough.
  /// Else it may have ended long before end_ns.
  bool timed = false;
};

struct StagingRingDesc {
  std::uint64_t upload_bytes =
      32 * kMebibyte;  ///< Size of the upload ring; any upload size goes through it.
  std::uint64_t readback_bytes = 8 * kMebibyte;  ///< Size of the readback ring; 0: no readback.
  std::uint32_t ring_count = 3;  ///< Segments a ring is divided into: the unit of reuse.
  std::uint64_t timeout_ns = 5'000'000'000;  ///< How long a call waits for ring space by default.
  StagingMode mode = StagingMode::kFrame;
  /// kTransfer: copies run on the dedicated transfer queue beside the graphics work, with transfers
  /// of ownership; the graphics queue where the device has none.
  QueueKind queue = QueueKind::kGraphics;
  /// By hand; else what the device remembers, else defaults for its kind until the first upload of
  /// 8 MiB or more calibrates them (some hundred milliseconds, once a device).
  std::optional<StagingTuning> tuning;
  /// Told of each submission that ends, by whichever thread notices, with the ring locked: it must
  /// be quick, must not throw and must not call the ring. Direct writes are none.
  std::function<void(const StagingObservation&)> observer;
  std::string debug_name = "staging";
};

/// A copy target or source inside a buffer. See region_of().
struct BufferRegion {
  VkBuffer buffer = VK_NULL_HANDLE;
  std::uint64_t offset_bytes = 0;
  std::uint64_t buffer_size_bytes = 0;  ///< Size of the whole buffer: copies beyond it are refused.
  /// A promise: nothing that was submitted or recorded anywhere uses the range. The copy then waits
  /// for no earlier GPU work, and may be a direct write.
  bool idle = false;
  bool concurrent = false;  ///< Created with VK_SHARING_MODE_CONCURRENT for both queue families.
  std::byte* mapped = nullptr;  ///< Coherent mapping of the whole buffer, for direct writes.
  ResourceId id;                ///< Known: use after destruction is refused.
};

/// All of a buffer from an offset on, with what is known of it.
[[nodiscard]] BufferRegion region_of(const Buffer& buffer, std::uint64_t offset_bytes = 0);

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
  bool volume = false;  ///< The image is 3D: `layer` and `layer_count` are of its slices, layouts
                        ///< and `discard` of all of them.
  std::uint32_t x = 0, y = 0;  ///< Multiples of the block extent.
  std::uint32_t width = 0,
                height = 0;  ///< Multiples of the block extent, or reaching the level's edge.
  std::size_t row_bytes =
      0;  ///< Distance between rows of blocks in host memory; 0: tightly packed.
  /// The layout the image is in before and after. VK_IMAGE_LAYOUT_GENERAL is copied in place; any
  /// other is changed for the copy and back.
  VkImageLayout layout = VK_IMAGE_LAYOUT_GENERAL;
  bool discard = false;  ///< Before the copy the layout is UNDEFINED: what the image held is lost.
  bool idle = false;     ///< As BufferRegion's.
  bool concurrent = false;  ///< As BufferRegion's.
  ResourceId id;            ///< As BufferRegion's.
};

/// All of one level of one layer, or slice, of an image.
[[nodiscard]] ImageRegion region_of(const DeviceImage& image, std::uint32_t level = 0,
                                    std::uint32_t layer = 0);

/// Where an upload goes.
using StagingTarget = std::variant<BufferRegion, ImageRegion>;

/// Where an upload stands in the order of its ring. The queue's serial is known only once it is
/// submitted (others submit to the same queue meanwhile), so this is no Ticket yet:
/// StagingRing::ticket() gives one. Default: always complete.
struct StagingTicket {
  std::uint64_t first = 0, last = 0;  ///< Numbers of its first and last copy, from 1 on.
  friend auto operator<=>(const StagingTicket&, const StagingTicket&) = default;
};

/// Counters of a ring, all measured, in constant time.
struct StagingStats {
  std::uint64_t bytes_in_flight =
      0;  ///< Upload ring bytes reserved (or skipped at a segment's end) and not finished.
  std::uint64_t peak_bytes_in_flight = 0;
  std::uint32_t current_ring_index = 0;  ///< The upload segment being filled.
  std::uint32_t ring_count = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t active_transfers = 0;  ///< Uploads and readbacks that have not finished.
  std::uint64_t buffer_stalls = 0;     ///< Times a call had to wait for ring space.
  std::uint64_t stall_ns = 0;          ///< Time spent in those waits.
  std::uint64_t bytes_uploaded = 0, bytes_read_back = 0;
  std::uint64_t uploads = 0, readbacks = 0;
  std::uint64_t copies = 0;   ///< Pieces recorded.
  std::uint64_t regions = 0;  ///< What was left of them after merging: regions given to the driver.
  std::uint64_t submits = 0;
  std::uint64_t dropped_copies = 0;  ///< Cancelled, or their resource was destroyed before.
  std::array<std::uint64_t, kStagingPathCount> bytes_by_path{};  ///< Uploads, by StagingPath.
  /// Uploaded bytes that arrived in the last second, by the time in which some were under way, in
  /// megabytes (10^6) per second.
  double upload_bandwidth_mbps = 0;
  /// From submission to when the ring noticed the end; at most 12.5 % too high.
  std::uint64_t latency_p50_ns = 0, latency_p90_ns = 0, latency_p99_ns = 0;
  std::uint64_t copy_ns = 0;        ///< Time in copying bytes of large uploads, all threads.
  std::uint64_t writer_cpu_ns = 0;  ///< Processor time of the ring's own writer threads.
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
  /// kCancelled (the ring was destroyed before it was submitted), kStaleHandle (the source was).
  [[nodiscard]] Result<bool> is_ready();
  /// Waits for the bytes (submitting what is open first): layers of rows, row_bytes apart. Errors:
  /// kTimeout, kDeviceLost, kCancelled, kStaleHandle.
  [[nodiscard]] Result<std::span<const std::byte>> get(std::uint64_t timeout_ns = 5'000'000'000);
  /// The bytes as values of a trivially copyable type; a rest that fills no value is left out.
  template <class T>
  [[nodiscard]] Result<std::span<const T>> get_as(std::uint64_t timeout_ns = 5'000'000'000) {
    return get(timeout_ns).map([](std::span<const std::byte> bytes) {
      return std::span<const T>(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
    });
  }

 private:
  friend class StagingRing;
  explicit Readback(std::shared_ptr<ReadTarget> target) : target_(std::move(target)) {}
  std::shared_ptr<ReadTarget> target_;
};

/// Ring memory that the caller fills for one upload; move-only. Not thread-safe. While it is open,
/// its segment cannot be used again: fill it and commit soon. It may outlive its ring.
class StagingWrite {
  friend class StagingRing;
  class Key {
    friend class StagingRing;
    Key() = default;
  };

 public:
  /// For StagingRing::write_in_place().
  StagingWrite(Key, StagingState* ring, const StagingTarget& target, std::span<std::byte> bytes,
               std::uint64_t ring_offset, std::uint32_t segment, std::uint32_t charged_bytes)
      : ring_(ring),
        target_(target),
        bytes_(bytes),
        ring_offset_(ring_offset),
        segment_(segment),
        charged_bytes_(charged_bytes) {}
  StagingWrite(StagingWrite&& other) noexcept
      : ring_(std::exchange(other.ring_, nullptr)),
        target_(other.target_),
        bytes_(std::exchange(other.bytes_, {})),
        ring_offset_(other.ring_offset_),
        segment_(other.segment_),
        charged_bytes_(other.charged_bytes_) {}
  StagingWrite& operator=(StagingWrite&& other) noexcept {
    StagingWrite(std::move(other)).swap(*this);
    return *this;
  }
  /// Gives the memory back when it was not committed.
  ~StagingWrite() {
    if (ring_ != nullptr) abandon();
  }
  void swap(StagingWrite& other) noexcept;

  /// Write-only: the memory may be slow to read. What it holds at first is arbitrary.
  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
  /// Records the copy; bytes() is empty afterwards. Order: that of the commit. Errors:
  /// kInvalidArgument (committed before), kCancelled (the ring is gone), and upload's.
  [[nodiscard]] Result<StagingTicket> commit();

 private:
  void abandon();
  StagingState* ring_ = nullptr;  // stays while a write is open
  StagingTarget target_;
  std::span<std::byte> bytes_;
  std::uint64_t ring_offset_ = 0;
  std::uint32_t segment_ = 0, charged_bytes_ = 0;
};

/// Pages of the caller that a ring's device may read; move-only. Uploads of data inside them are
/// not copied: the bytes must stay unchanged until the upload has finished.
class HostImport {
 public:
  HostImport(HostImport&& other) noexcept = default;
  HostImport& operator=(HostImport&& other) noexcept;
  ~HostImport();  ///< Waits until the ring's uploads so far have finished.

 private:
  friend class StagingRing;
  explicit HostImport(std::shared_ptr<StagingState> ring, std::shared_ptr<Buffer> pages)
      : ring_(std::move(ring)), pages_(std::move(pages)) {}
  std::shared_ptr<StagingState> ring_;
  std::shared_ptr<Buffer> pages_;
};

/// One upload ring and one readback ring. Thread-safe: many threads reserve and upload at once
/// without a lock. An upload that happens after another one is carried out after it, and a readback
/// sees the uploads before it. When submitting fails, what was recorded is lost and every later
/// call returns that error. docs/staging.md explains the ring and its paths.
class StagingRing {
 public:
  /// Errors: kInvalidArgument (ring_count 0 or above 64, a size that gives segments under 4 KiB or
  /// of 4 GiB and more), and Device::allocate's.
  [[nodiscard]] static Result<std::shared_ptr<StagingRing>> create(
      std::shared_ptr<Device> device, const StagingRingDesc& desc = {});
  ~StagingRing();  ///< Submits nothing more; waits for what is in flight.
  StagingRing(const StagingRing&) = delete;
  StagingRing& operator=(const StagingRing&) = delete;

  /// The description's timeout_ns.
  static constexpr std::uint64_t kDefaultTimeout = ~std::uint64_t{0};

  /// Copies `data` towards the target: through the ring (in chunks when it is larger than a
  /// segment), directly, or by the device from the caller's pages. The data may be reused when the
  /// call returns, unless it lies in a HostImport. Copies wait for all earlier work of the graphics
  /// queue (see `idle`), and graphics work submitted after flush() sees them. `timeout_ns` bounds
  /// the waits for ring space; 0 only tries. Errors: kInvalidArgument (empty, outside the target;
  /// odd offsets and sizes are fine), kStaleHandle (the target was destroyed), kTimeout (no space
  /// in time; of an upload larger than a segment, what was recorded stays recorded), kDeviceLost.
  [[nodiscard]] Result<StagingTicket> upload(const BufferRegion& target,
                                             std::span<const std::byte> data,
                                             std::uint64_t timeout_ns = kDefaultTimeout);
  /// As above for images; data is layers of rows of blocks, row_bytes apart; the last row may end
  /// with its last block. Errors: kInvalidArgument for broken block rules and sizes of data, too.
  [[nodiscard]] Result<StagingTicket> upload(const ImageRegion& target,
                                             std::span<const std::byte> data,
                                             std::uint64_t timeout_ns = kDefaultTimeout);

  /// Ring memory for the caller to write into: an upload without a copy on the CPU. Errors: as
  /// upload; kInvalidArgument for more than max_in_place_bytes(), which can never fit.
  [[nodiscard]] Result<StagingWrite> write_in_place(const BufferRegion& target,
                                                    std::uint64_t size_bytes,
                                                    std::uint64_t timeout_ns = kDefaultTimeout);
  [[nodiscard]] std::uint64_t max_in_place_bytes() const;
  /// The same for texels: rows of blocks of one layer, tightly packed. Errors: as upload;
  /// kInvalidArgument for row_bytes, for several layers, and for more than max_in_place_bytes(
  /// format).
  [[nodiscard]] Result<StagingWrite> write_in_place(const ImageRegion& target,
                                                    std::uint64_t timeout_ns = kDefaultTimeout);
  [[nodiscard]] std::uint64_t max_in_place_bytes(Format format) const;

  /// Lets the device read the caller's pages. Errors: Buffer::import_host's.
  [[nodiscard]] Result<HostImport> import_memory(std::span<const std::byte> bytes);

  /// Starts reading back into memory of the Readback. Regions larger than the ring are read in
  /// chunks and gathered; the call then waits for the first ones. Errors: as upload, kNotSupported
  /// without a readback ring, kOutOfHostMemory.
  [[nodiscard]] Result<Readback> readback(const BufferRegion& source, std::uint64_t size_bytes);
  [[nodiscard]] Result<Readback> readback(const ImageRegion& source);
  /// Into the caller's memory, which must stay until the Readback is ready or destroyed.
  [[nodiscard]] Result<Readback> readback(const BufferRegion& source,
                                          std::span<std::byte> destination);
  /// Without a copy on the CPU: get() shows the ring's own memory, which stays taken until the
  /// Readback is destroyed. Errors: kInvalidArgument, too, for more than a segment of the ring.
  [[nodiscard]] Result<Readback> read_in_place(const BufferRegion& source,
                                               std::uint64_t size_bytes);

  /// Starts what is recorded, without making graphics work wait: on a transfer queue it runs beside
  /// the frame. Errors: as Queue::submit.
  [[nodiscard]] Result<> submit();
  /// Starts what is recorded and hands it to the graphics queue: work submitted there later sees
  /// it. The graphics queue's ticket of that moment. Errors: as Queue::submit.
  [[nodiscard]] Result<Ticket> flush();
  /// A ticket of the graphics queue for GPU waits and Device::wait: when it is reached, the upload
  /// is there. Flushes if need be. Errors: as flush, and wait's.
  [[nodiscard]] Result<Ticket> ticket(StagingTicket upload);
  /// True when the last byte has landed; false also while it is not flushed. Errors: kDeviceLost,
  /// kCancelled, kStaleHandle (the target was destroyed before it was submitted).
  [[nodiscard]] Result<bool> is_complete(StagingTicket upload) const;
  /// Submits if need be, then waits. Errors: kTimeout, kInvalidArgument, and is_complete's.
  [[nodiscard]] Result<> wait(StagingTicket upload, std::uint64_t timeout_ns = 5'000'000'000);
  /// For the tickets of flush() and ticket(). Errors: Device::wait's.
  [[nodiscard]] Result<> wait(Ticket ticket, std::uint64_t timeout_ns = 5'000'000'000);
  /// Takes back an upload of which nothing was submitted. False: it was, and goes on. Errors:
  /// kInvalidArgument.
  [[nodiscard]] Result<bool> cancel(StagingTicket upload);

  /// Called once with how the upload ended. Callbacks run inside poll(), wait(), flush() and
  /// submit(), on the thread that calls those; they may use the ring.
  void on_complete(StagingTicket upload, std::function<void(Result<>)> callback);
  /// Called once, likewise, when an upload of so many bytes finds room. Errors: kInvalidArgument
  /// for more than max_in_place_bytes().
  [[nodiscard]] Result<> when_room(std::uint64_t size_bytes, std::function<void()> callback);
  /// Takes note of what has finished and calls callbacks. Errors: kDeviceLost.
  [[nodiscard]] Result<> poll();

  [[nodiscard]] StagingStats stats() const;
  /// What large uploads use now.
  [[nodiscard]] StagingTuning tuning() const;
  void set_tuning(const StagingTuning& tuning);
  /// Measures how fast the device fetches from a ring and how fast threads fill one, takes as few
  /// threads as keep the device busy, and has the device remember it. Takes some hundred
  /// milliseconds, and 16 MiB of the ledger meanwhile. A device that is software keeps the
  /// defaults: it copies with the threads that would be chosen. Errors: Device::allocate's; the
  /// tuning then stays.
  [[nodiscard]] Result<StagingTuning> calibrate();
  /// The queue that copies: kGraphics where kTransfer was asked for and the device has none.
  [[nodiscard]] QueueKind queue() const;

 private:
  friend struct StagingTestAccess;
  explicit StagingRing(std::shared_ptr<StagingState> state);
  std::shared_ptr<StagingState> state_;
};

}  // namespace forge3d
