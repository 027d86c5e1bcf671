// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a StagingRing and its Readbacks share.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "forge3d/staging_ring.hpp"
#include "memory/block_grid.hpp"
#include "memory/copy_submission.hpp"
#include "memory/mapped_ring.hpp"

namespace forge3d {

/// All members are guarded by `mutex`, except the bytes of reserved ranges: uploads write theirs
/// without it, counted by `writers`, and a submission waits until that count is zero.
struct StagingRing::State {
  using Lock = std::unique_lock<std::mutex>;
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Sent {
    Serial serial;
    std::uint64_t transfers = 0;  // uploads and readbacks that end in it
  };
  struct PendingRead {
    std::uint64_t submission = 0;
    RingAllocator::Range range;
    BlockPiece piece;
    std::shared_ptr<Readback::State> target;
  };
  struct Place {
    RingAllocator::Range range;
    BlockPiece piece;
  };

  std::shared_ptr<Device> device;
  StagingRingDesc desc;
  mutable std::mutex mutex;
  std::condition_variable changed;  // writers fell to zero, or submitting ended
  std::optional<MappedRing> upload_ring, readback_ring;
  CopySubmission open;
  std::uint64_t open_submission = 1;      // number of the submission being recorded
  std::uint64_t finished_submission = 0;  // highest number whose copies are done
  std::uint64_t open_transfers = 0;
  std::uint32_t writers = 0;
  bool submitting = false;
  std::deque<Sent> sent;  // submissions finished_submission + 1 ... open_submission - 1
  std::deque<PendingRead> reads;
  Ticket last_ticket;
  std::optional<Error> broken;
  StagingStats counters;

  [[nodiscard]] static TimePoint deadline_after(std::uint64_t timeout_ns);
  [[nodiscard]] static std::uint64_t ns_until(TimePoint deadline);
  [[nodiscard]] Queue& queue() const { return device->queue(QueueKind::kGraphics); }

  /// Waits while another thread submits; the error that broke the ring, if any.
  [[nodiscard]] Result<> usable(Lock& lock);
  /// Submits what is recorded once its writers have finished; the last submission's ticket.
  [[nodiscard]] Result<Ticket> submit(Lock& lock);
  /// Takes note of what the GPU has finished: delivers readbacks, frees ring space.
  [[nodiscard]] Result<> reap();
  /// The next piece that the cutter yields and a place for it, waiting for space if need be.
  [[nodiscard]] Result<Place> acquire(Lock& lock, MappedRing& ring, const GridCutter& cutter,
                                      std::uint64_t alignment, TimePoint deadline);
  /// Waits until the oldest submission that holds space of the ring has finished.
  [[nodiscard]] Result<> make_room(Lock& lock, const MappedRing& ring, std::uint64_t size_bytes,
                                   TimePoint deadline);
  /// Submits if need be, then waits until a submission has finished.
  [[nodiscard]] Result<> wait(Lock& lock, std::uint64_t submission, TimePoint deadline);
  [[nodiscard]] Result<bool> is_complete(std::uint64_t submission);
  void shutdown();

  template <class Region>
  [[nodiscard]] Result<StagingTicket> upload(const Region& target, const BlockGrid& grid,
                                             std::span<const std::byte> data);
  template <class Region>
  [[nodiscard]] Result<> readback(const Region& source,
                                  const std::shared_ptr<Readback::State>& target);

 private:
  void deliver(const PendingRead& read);
};

/// Guarded by the ring's mutex until it is complete.
struct Readback::State {
  /// Errors: kNotSupported (no readback ring), kOutOfHostMemory.
  [[nodiscard]] static Result<std::shared_ptr<State>> create(
      std::shared_ptr<StagingRing::State> ring, const BlockGrid& grid);

  std::shared_ptr<StagingRing::State> ring;
  BlockGrid grid;
  std::vector<std::byte> bytes;
  std::uint64_t submission = 0;  // its last piece's
  std::uint64_t missing_bytes = 0;
  bool abandoned = false;
  std::optional<Error> error;
};

/// The seam through which tests look at a ring's inside.
struct StagingTestAccess {
  [[nodiscard]] static auto& state(StagingRing& ring) { return *ring.state_; }
};

}  // namespace forge3d
