// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a StagingRing, its Readbacks, StagingWrites and HostImports share.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/commit_queue.hpp"
#include "core/transfer_meter.hpp"
#include "core/writer_team.hpp"
#include "forge3d/staging_ring.hpp"
#include "memory/block_grid.hpp"
#include "memory/copy_submission.hpp"
#include "memory/mapped_ring.hpp"
#include "memory/read_target.hpp"

namespace forge3d {

/// A span of time that begins when somebody first has to wait: the quick path reads no clock.
class Patience {
 public:
  explicit Patience(std::uint64_t timeout_ns) : timeout_ns_(timeout_ns) {}
  [[nodiscard]] std::uint64_t left_ns();

 private:
  std::uint64_t timeout_ns_;
  std::uint64_t begin_ns_ = 0;
};

/// Uploads reserve ring bytes, write them, and push a CopyRecord, all without a lock. Whoever holds
/// `mutex` owns the rest: it takes records from the queue, submits them, and takes note of what has
/// finished. Copies are numbered from 1 in the order of the queue.
struct StagingState : std::enable_shared_from_this<StagingState> {
  using Lock = std::unique_lock<std::mutex>;
  struct Place {
    RingAllocator::Range range;
    BlockPiece piece;
  };

  [[nodiscard]] static Result<std::shared_ptr<StagingState>> create(std::shared_ptr<Device> device,
                                                                    const StagingRingDesc& desc);

  std::shared_ptr<Device> device;
  StagingRingDesc desc;
  std::optional<MappedRing> upload_ring, readback_ring;
  mutable std::mutex mutex;

  // staging_state.cpp: from the queue to the device and back

  /// The error that ended the ring, if any. No lock.
  [[nodiscard]] Result<> usable() const;
  /// Hands a record to the owner; its number.
  [[nodiscard]] std::uint64_t push(CopyRecord&& record);
  /// Makes room in the queue.
  void drain_full_queue();
  /// Submits what was recorded before the call.
  [[nodiscard]] Result<> submit(Lock& lock);
  /// submit(), and graphics work submitted later sees it.
  [[nodiscard]] Result<Ticket> flush(Lock& lock);
  /// Takes note of what has finished: delivers readbacks (unlocking meanwhile), frees ring space.
  [[nodiscard]] Result<> reap(Lock& lock);
  /// Submits if need be, then waits for a copy and all before it.
  [[nodiscard]] Result<> wait(Lock& lock, std::uint64_t number, Patience& patience);
  /// Locks by itself.
  [[nodiscard]] Result<> wait(Ticket ticket, std::uint64_t timeout_ns);
  void note_busy(Serial up_to, std::uint64_t now_ns);
  /// How the transfer that begins with a copy failed, if it did.
  [[nodiscard]] Result<> outcome(StagingTicket ticket) const;
  [[nodiscard]] bool is_finished(std::uint64_t number) const {
    return finished.load(std::memory_order_acquire) >= number;
  }
  /// The serial that a submitted copy's submission got.
  [[nodiscard]] Serial serial_of(std::uint64_t number) const;
  [[nodiscard]] Result<> check_known(StagingTicket ticket) const;
  [[nodiscard]] Result<bool> cancel(StagingTicket ticket);
  /// Calls the callbacks that are due, unlocking meanwhile.
  void call_back(Lock& lock);
  void shutdown();
  [[nodiscard]] StagingStats stats();
  void retune(const StagingTuning& value);
  [[nodiscard]] Result<StagingTuning> calibrate();
  /// Lets the state go once the last open write is gone, after the ring's end.
  void forget_if_closed();

  // staging_space.cpp: room in a ring

  /// The next piece that the cutter yields and a place for it, waiting for space if need be. Errors
  /// of the wait: kTimeout.
  [[nodiscard]] Result<Place> acquire(MappedRing& ring, const GridCutter& cutter,
                                      std::uint64_t alignment, std::uint64_t max_piece_bytes,
                                      Patience& patience);
  /// A range of one size.
  [[nodiscard]] Result<RingAllocator::Range> acquire_whole(MappedRing& ring,
                                                           std::uint64_t size_bytes,
                                                           std::uint64_t alignment,
                                                           Patience& patience);
  /// acquire() without waiting; nullopt: there is no room.
  [[nodiscard]] Result<std::optional<Place>> try_acquire(MappedRing& ring, const GridCutter& cutter,
                                                         std::uint64_t alignment,
                                                         std::uint64_t max_piece_bytes);
  /// A range of the upload ring for a write in place. Errors: kInvalidArgument (it never fits),
  /// kTimeout.
  [[nodiscard]] Result<RingAllocator::Range> acquire_in_place(std::uint64_t size_bytes,
                                                              std::uint64_t alignment,
                                                              std::uint64_t timeout_ns);

  // staging_upload.cpp

  template <class Region>
  [[nodiscard]] Result<StagingTicket> upload(const Region& target, const BlockGrid& grid,
                                             std::span<const std::byte> data,
                                             std::uint64_t timeout_ns);

  /// The quick way of small uploads to buffers: nullopt when something is not as usual, and
  /// upload() must find out what.
  [[nodiscard]] std::optional<StagingTicket> upload_small(const BufferRegion& target,
                                                          std::span<const std::byte> data);

  // readback.cpp

  template <class Region>
  [[nodiscard]] Result<> readback(const Region& source, const std::shared_ptr<ReadTarget>& target);

  // Guarded by `mutex` unless atomic.
  std::condition_variable changed;  // a delivery ended
  CommitQueue<CopyRecord> queue{1024};
  CopySubmission submission;
  std::vector<CopyRecord> pending;         // popped, not submitted: numbers from submitted + 1 on
  std::uint64_t submitted = 0;             // highest number that was submitted
  std::atomic<std::uint64_t> finished{0};  // highest number whose copy is done
  RingAllocator::Progress progress{};
  struct Sent {
    std::uint64_t last = 0;  // number of its last copy
    Serial serial;
    std::uint64_t transfers = 0, upload_bytes = 0, charged_bytes = 0;
    std::uint64_t begin_ns = 0;
  };
  std::deque<Sent> sent;
  Serial busy_up_to;  // all sent up to it were under way at busy_at_ns, or ended since
  std::uint64_t busy_at_ns = 0;
  struct Read {
    std::uint64_t number;
    CopyRecord record;
  };
  std::deque<Read> reads;
  std::uint32_t deliveries = 0;  // going on without the lock
  struct Failure {
    std::uint64_t first;
    Error error;
  };
  std::deque<Failure> failures;
  struct Callback {
    StagingTicket ticket;
    std::function<void(Result<>)> call;
  };
  std::vector<Callback> callbacks;
  std::vector<std::pair<std::uint64_t, std::function<void()>>> room_callbacks;
  std::optional<Error> broken;
  std::atomic<bool> is_broken{false};
  std::atomic<bool> closed{false};
  std::shared_ptr<StagingState> keep_alive;  // while writes are open after the ring's end
  std::vector<std::weak_ptr<Buffer>> imports;
  std::atomic<bool> has_imports{false};
  StagingTuning tuning;
  std::shared_ptr<WriterTeam> team;
  std::atomic<bool> tuned{false};
  std::atomic<std::uint64_t> direct_max_bytes{0};
  std::atomic<bool> streaming_stores{false};
  StagingStats counters;
  LatencyHistogram latency;
  RateWindow rate;
  DurationGuess durations;
  std::uint64_t past_writer_cpu_ns = 0;  // of teams that a retuning ended
  std::atomic<std::uint64_t> direct_bytes{0}, direct_uploads{0}, copy_ns{0};

 private:
  // What a wait knows about the copies up to its own.
  struct Outlook {
    std::uint64_t bytes = 0, begin_ns = 0;
    std::optional<std::uint64_t> duration_ns;  // a guess, when polling is worth it
  };
  [[nodiscard]] Outlook outlook(std::uint64_t number) const;
  [[nodiscard]] Result<> watch(Serial serial, const Outlook& outlook, std::uint64_t spin_ns,
                               Patience& patience) const;
  void drain(bool wait_for_writers);
  void admit(CopyRecord& record);
  void drop_dead_targets();
  void drop(CopyRecord& record, std::uint64_t number, ErrorCode code, std::string_view reason);
  [[nodiscard]] Result<> submit_pending();
  void note_submitted(Serial serial);
  void break_with(const Error& error);
  void fail_reads(const Error& error);
  void account(const Sent& batch, std::uint64_t now_ns);
  void note_peak();
  [[nodiscard]] Result<> deliver(Lock& lock);
  [[nodiscard]] MappedRing& ring_of(const CopyRecord& record) {
    return record.is_read() ? *readback_ring : *upload_ring;
  }
  [[nodiscard]] Result<> enter_next_segment(MappedRing& ring, std::uint32_t seen,
                                            std::uint64_t size_bytes, std::uint64_t alignment,
                                            Patience& patience);
  [[nodiscard]] Result<> wait_for_room(Lock& lock, MappedRing& ring, std::uint64_t size_bytes,
                                       Patience& patience);
  template <class Region>
  [[nodiscard]] Result<StagingTicket> upload_here(const Region& target, const BlockGrid& grid,
                                                  std::span<const std::byte> data,
                                                  Patience& patience);
  template <class Region>
  [[nodiscard]] Result<StagingTicket> upload_large(const Region& target, const BlockGrid& grid,
                                                   std::span<const std::byte> data,
                                                   Patience& patience);
  [[nodiscard]] Result<StagingTicket> upload_pages(const BufferRegion& target,
                                                   std::span<const std::byte> data);
  [[nodiscard]] std::optional<StagingTicket> upload_directly(const BufferRegion& target,
                                                             std::span<const std::byte> data);
  [[nodiscard]] std::optional<StagingTicket> upload_imported(const BufferRegion& target,
                                                             std::span<const std::byte> data);
};

/// What a tuning should be before anything was measured.
[[nodiscard]] StagingTuning default_tuning(const Device& device);

/// Measures rings of this description on scratch memory, whatever the device. Errors:
/// Device::allocate's.
[[nodiscard]] Result<StagingTuning> measure_tuning(const std::shared_ptr<Device>& device,
                                                   const StagingRingDesc& desc);

/// The seam through which tests look at a ring's inside.
struct StagingTestAccess {
  [[nodiscard]] static StagingState& state(StagingRing& ring) { return *ring.state_; }
};

}  // namespace forge3d
