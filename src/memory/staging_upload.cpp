// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The ways of an upload: piece by piece on the calling thread, in chunks by several threads,
// straight into mapped device memory, or by the device from the caller's pages.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>

#include "core/stream_copy.hpp"
#include "core/thread_clock.hpp"
#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kLargeBytes = 1 * kMebibyte;      // from here on several threads pay
constexpr std::uint64_t kCalibrateBytes = 8 * kMebibyte;  // from here on calibrating pays
constexpr std::uint64_t kSmallBytes = 64 * 1024;          // up to here the quick way pays
constexpr std::uint64_t kStreamingBytes = 1024;           // less stays in the caches anyway
constexpr std::uint64_t kMinSliceBytes = 64 * 1024;       // what a thread takes at a time
constexpr std::uint64_t kMaxSliceBytes = 256 * 1024;      // more leaves them uneven at the end
constexpr std::uint64_t kMinTailBytes = 1 * kMebibyte;    // less costs more to submit
constexpr std::uint64_t kMinChunkBytes = 64 * 1024;
constexpr std::uint64_t kImportWindowBytes = 32 * kMebibyte;
constexpr std::size_t kChunksAhead = 3;       // reserved and being written at once
constexpr std::size_t kSubmissionsAhead = 2;  // that the device has to work on
constexpr std::uint64_t kForeverNs = ~std::uint64_t{0} / 4;

template <class Region>
constexpr bool kIsImage = std::is_same_v<Region, ImageRegion>;

Result<> flush_range(const MappedRing& ring, const RingAllocator::Range& range) {
  return ring.memory().flush(range.ring_offset, range.size_bytes);
}

// A chunk of a large upload whose bytes are being written.
struct Chunk {
  StagingState::Place place;
  WriterTeam::Portion* portion;
};

// The chunk size next to the wanted one that divides a segment evenly.
std::uint64_t even_part(std::uint64_t segment_bytes, std::uint64_t wanted_bytes) {
  const std::uint64_t wanted = std::max(wanted_bytes, kMinChunkBytes);
  const std::uint64_t parts = std::max<std::uint64_t>(1, (segment_bytes + wanted / 2) / wanted);
  return std::max(kMinChunkBytes, segment_bytes / parts / 4096 * 4096);
}

// One large upload under way.
template <class Region>
class LargeUpload {
 public:
  LargeUpload(StagingState& state, const Region& target, const BlockGrid& grid,
              std::span<const std::byte> data, const StagingTuning& tuning, WriterTeam& team)
      : state_(state),
        ring_(*state.upload_ring),
        target_(target),
        grid_(grid),
        data_(data),
        streaming_(tuning.streaming_stores),
        writers_(team.helpers() + 1),
        chunk_bytes_(even_part(ring_.places().segment_bytes(), tuning.chunk_bytes)),
        next_bytes_(std::max(chunk_bytes_ / 4, kMinChunkBytes)),
        alignment_(ring_.alignment(grid.block_bytes, kIsImage<Region>)),
        cutter_(grid),
        session_(team) {}

  LargeUpload(const LargeUpload&) = delete;
  LargeUpload& operator=(const LargeUpload&) = delete;

  // After an error: helpers may still be writing.
  ~LargeUpload() {
    for (const Chunk& chunk : chunks_) {
      while (chunk.portion->help()) {
      }
      while (!chunk.portion->done()) cpu_pause();
      ring_.places().abandon(chunk.place.range);
    }
  }

  Result<StagingTicket> run(Patience& patience) {
    while (!cutter_.done() || !chunks_.empty()) {
      if (auto posted = post_chunk(patience); !posted) {
        while (!chunks_.empty())  // what was recorded so far stays recorded
          if (auto step = advance_front(); !step) return tl::unexpected(std::move(step).error());
        return tl::unexpected(std::move(posted).error());
      }
      if (!chunks_.empty()) FORGE3D_TRY(advance_front());
    }
    return ticket_;
  }

 private:
  // Reserves and posts the next chunk when there is room; waits for room only when nothing else is
  // to do. The first chunks are smaller, so that the device starts early.
  Result<> post_chunk(Patience& patience) {
    if (cutter_.done() || chunks_.size() >= kChunksAhead) return {};
    StagingState::Place place;
    if (chunks_.empty()) {
      FORGE3D_TRY_ASSIGN(place, state_.acquire(ring_, cutter_, alignment_, next_bytes_, patience));
    } else {
      FORGE3D_TRY_ASSIGN(const auto found,
                         state_.try_acquire(ring_, cutter_, alignment_, next_bytes_));
      if (!found) return {};
      place = *found;
    }
    cutter_.advance(place.piece);
    next_bytes_ = next_size();
    const PieceSlices slices(grid_, place.piece, slice_bytes(place.piece.size_bytes));
    auto& portion = session_.post(slices.count(), [this, slices, place](std::uint32_t i) {
      const std::uint64_t begin_ns = monotonic_ns();
      grid_.pack(slices.at(i), data_.data(), ring_.at(place.range) + slices.tight_offset(i),
                 streaming_);
      state_.copy_ns.fetch_add(monotonic_ns() - begin_ns, std::memory_order_relaxed);
    });
    chunks_.push_back({place, &portion});
    return {};
  }

  // Chunks grow at the begin and shrink at the end: the device starts early, and is soon done once
  // the last byte is written.
  [[nodiscard]] std::uint64_t next_size() const {
    const std::uint64_t grown = std::min(chunk_bytes_, next_bytes_ * 2);
    const std::uint64_t rest = cutter_.done() ? 0 : cutter_.remaining_bytes();
    return rest >= 2 * grown ? grown : std::max(grown / 2, kMinTailBytes);
  }

  // A few slices for each thread.
  [[nodiscard]] std::uint64_t slice_bytes(std::uint64_t piece_bytes) const {
    return std::clamp(piece_bytes / (4 * writers_), kMinSliceBytes, kMaxSliceBytes);
  }

  // Submits what was written when the device is about to run out of work. Until then it is kept
  // back: each submission costs both sides some ten microseconds, and what waits becomes one.
  Result<> feed_device(bool now) {
    if (!kept_back_) return {};
    StagingState::Lock lock(state_.mutex);
    FORGE3D_TRY(state_.reap(lock));
    if (!now && state_.sent.size() >= kSubmissionsAhead) return {};
    kept_back_ = false;
    return state_.submit(lock);
  }

  // A step towards the oldest chunk's submission.
  Result<> advance_front() {
    FORGE3D_TRY(feed_device(false));
    const Chunk chunk = chunks_.front();
    if (chunk.portion->help()) return {};
    if (!chunk.portion->done()) {
      cpu_pause();
      return {};
    }
    FORGE3D_TRY(flush_range(ring_, chunk.place.range));
    chunks_.pop_front();
    CopyRecord record = make_record(target_, chunk.place.piece, false);
    record.range = chunk.place.range;
    record.host = ring_.buffer();
    record.host_offset = chunk.place.range.ring_offset;
    record.ends_transfer = cutter_.done() && chunks_.empty();
    if (ticket_.first > 0) record.first = ticket_.first;
    ticket_.last = state_.push(std::move(record));
    if (ticket_.first == 0) ticket_.first = ticket_.last;
    kept_back_ = true;
    return feed_device(cutter_.done() && chunks_.empty());
  }

  StagingState& state_;
  MappedRing& ring_;
  const Region& target_;
  BlockGrid grid_;
  std::span<const std::byte> data_;
  bool streaming_;
  std::uint64_t writers_;
  bool kept_back_ = false;
  std::uint64_t chunk_bytes_, next_bytes_, alignment_;
  GridCutter cutter_;
  std::deque<Chunk> chunks_;
  StagingTicket ticket_;
  WriterTeam::Session session_;  // last: its end needs the rest
};

}  // namespace

template <class Region>
Result<StagingTicket> StagingState::upload_here(const Region& target, const BlockGrid& grid,
                                                std::span<const std::byte> data,
                                                Patience& patience) {
  MappedRing& ring = *upload_ring;
  const std::uint64_t alignment = ring.alignment(grid.block_bytes, kIsImage<Region>);
  const bool streaming = streaming_stores.load(std::memory_order_relaxed);
  StagingTicket ticket;
  for (GridCutter cutter(grid); !cutter.done();) {
    FORGE3D_TRY_ASSIGN(const Place place,
                       acquire(ring, cutter, alignment, ~std::uint64_t{0}, patience));
    cutter.advance(place.piece);
    grid.pack(place.piece, data.data(), ring.at(place.range),
              streaming && place.piece.size_bytes >= kStreamingBytes);
    if (auto flushed = flush_range(ring, place.range); !flushed) {
      ring.places().abandon(place.range);
      return tl::unexpected(std::move(flushed).error());
    }
    CopyRecord record = make_record(target, place.piece, false);
    record.range = place.range;
    record.host = ring.buffer();
    record.host_offset = place.range.ring_offset;
    record.ends_transfer = cutter.done();
    if (ticket.first > 0) record.first = ticket.first;
    ticket.last = push(std::move(record));
    if (ticket.first == 0) ticket.first = ticket.last;
  }
  return ticket;
}

template <class Region>
Result<StagingTicket> StagingState::upload_large(const Region& target, const BlockGrid& grid,
                                                 std::span<const std::byte> data,
                                                 Patience& patience) {
  if (data.size() >= kCalibrateBytes && !tuned.exchange(true))
    static_cast<void>(calibrate());  // without room for scratch memory the defaults stay
  Lock lock(mutex);
  const StagingTuning now = tuning;
  const std::shared_ptr<WriterTeam> helpers = team;
  lock.unlock();
  if constexpr (!kIsImage<Region>) {
    // Where the call would wait for the device anyway.
    if (now.import_min_bytes > 0 && data.size() >= now.import_min_bytes &&
        data.size() > upload_ring->places().capacity_bytes()) {
      auto ticket = upload_pages(target, data);
      const bool refused = !ticket && (ticket.error().code == ErrorCode::kNotSupported ||
                                       ticket.error().code == ErrorCode::kBudgetExceeded);
      if (!refused) return ticket;
    }
  }
  return LargeUpload<Region>(*this, target, grid, data, now, *helpers).run(patience);
}

// The device copies from the caller's pages, window by window, two of them at work; the pages may
// be touched again when the call returns. Errors before anything was submitted:
// kNotSupported and kBudgetExceeded, when the pages cannot be imported.
Result<StagingTicket> StagingState::upload_pages(const BufferRegion& target,
                                                 std::span<const std::byte> data) {
  struct Window {
    Buffer pages;
    std::uint64_t number = 0;
  };
  std::deque<Window> windows;
  StagingTicket ticket;
  Patience forever(kForeverNs);  // while the device may read them the pages must stay
  Result<> result;
  for (std::uint64_t offset = 0; offset < data.size() && result;) {
    const auto part = data.subspan(offset, std::min(kImportWindowBytes, data.size() - offset));
    auto pages =
        Buffer::import_host(device, part, VK_BUFFER_USAGE_TRANSFER_SRC_BIT, desc.debug_name);
    if (!pages && offset == 0) return tl::unexpected(std::move(pages).error());
    if (!pages) {  // the ring takes the rest, behind what was sent
      BufferRegion rest = target;
      rest.offset_bytes += offset;
      const auto left = data.subspan(offset);
      FORGE3D_TRY_ASSIGN(const BlockGrid grid, BlockGrid::of(rest, left.size()));
      auto sent_rest = upload_here(rest, grid, left, forever);
      if (sent_rest) ticket.last = sent_rest->last;
      result = sent_rest.map([](StagingTicket) {});
      break;
    }
    const BlockPiece piece{
        .rows = 1, .column = offset, .columns = part.size(), .size_bytes = part.size()};
    CopyRecord record = make_record(target, piece, false);
    record.path = StagingPath::kImported;
    record.host = pages->handle();
    record.host_offset = pages->imported_offset();
    offset += part.size();
    record.ends_transfer = offset == data.size();
    if (ticket.first > 0) record.first = ticket.first;
    ticket.last = push(std::move(record));
    if (ticket.first == 0) ticket.first = ticket.last;
    windows.push_back({std::move(*pages), ticket.last});
    Lock lock(mutex);
    result = submit(lock);
    if (result && windows.size() > 1) {
      result = wait(lock, windows.front().number, forever);
      lock.unlock();
      windows.pop_front();
    }
  }
  Lock lock(mutex);
  auto done = wait(lock, ticket.last, forever);
  lock.unlock();
  FORGE3D_TRY(std::move(result));
  FORGE3D_TRY(std::move(done));
  return ticket;
}

// A write now overtakes nothing only when this ring has nothing left to do.
std::optional<StagingTicket> StagingState::upload_directly(const BufferRegion& target,
                                                           std::span<const std::byte> data) {
  if (!is_finished(queue.pushed())) return std::nullopt;
  std::byte* to = target.mapped + target.offset_bytes;
  if (data.size() < kLargeBytes) {
    stream_copy(to, data.data(), data.size());
  } else {
    Lock lock(mutex);
    const std::shared_ptr<WriterTeam> helpers = team;
    lock.unlock();
    const auto slices =
        static_cast<std::uint32_t>((data.size() + kMaxSliceBytes - 1) / kMaxSliceBytes);
    helpers->run(slices, [&](std::uint32_t i) {
      const std::uint64_t begin = i * kMaxSliceBytes;
      stream_copy(to + begin, data.data() + begin, std::min(kMaxSliceBytes, data.size() - begin));
    });
  }
  direct_bytes.fetch_add(data.size(), std::memory_order_relaxed);
  direct_uploads.fetch_add(1, std::memory_order_relaxed);
  return StagingTicket{};
}

std::optional<StagingTicket> StagingState::upload_imported(const BufferRegion& target,
                                                           std::span<const std::byte> data) {
  Lock lock(mutex);
  for (const std::weak_ptr<Buffer>& import : imports) {
    const auto pages = import.lock();
    if (pages == nullptr) continue;
    const std::span<std::byte> held = pages->mapped();
    const std::byte* begin = held.data() + pages->imported_offset();
    if (data.data() < begin || data.data() + data.size() > held.data() + held.size()) continue;
    lock.unlock();
    const BlockPiece piece{.rows = 1, .columns = data.size(), .size_bytes = data.size()};
    CopyRecord record = make_record(target, piece, false);
    record.path = StagingPath::kImported;
    record.host = pages->handle();
    record.host_offset = static_cast<std::uint64_t>(data.data() - held.data());
    const std::uint64_t number = push(std::move(record));
    return StagingTicket{number, number};
  }
  return std::nullopt;
}

std::optional<StagingTicket> StagingState::upload_small(const BufferRegion& target,
                                                        std::span<const std::byte> data) {
  const bool unusual =
      data.size() > kSmallBytes || !is_inside(target, data.size()) ||
      (target.mapped != nullptr && target.idle) || desc.mode != StagingMode::kFrame ||
      has_imports.load(std::memory_order_acquire) || is_broken.load(std::memory_order_acquire) ||
      device->is_lost() || !device->is_alive(target.id);
  MappedRing& ring = *upload_ring;
  if (unusual || !ring.memory().coherent()) return std::nullopt;
  const auto range = ring.places().reserve(data.size(), ring.buffer_alignment());
  if (!range) return std::nullopt;
  if (data.size() >= kStreamingBytes && streaming_stores.load(std::memory_order_relaxed))
    stream_copy(ring.at(*range), data.data(), data.size());
  else
    std::memcpy(ring.at(*range), data.data(), data.size());
  const auto fill = [&](CopyRecord& record) {
    record.kind = CopyKind::kUploadBuffer;
    record.path = StagingPath::kRing;
    record.ends_transfer = true;
    record.discard = false;
    record.idle = target.idle;
    record.concurrent = target.concurrent;
    record.first = CopyRecord::kItself;
    record.range = *range;
    record.host = ring.buffer();
    record.host_offset = range->ring_offset;
    record.size_bytes = data.size();
    record.resource = reinterpret_cast<std::uint64_t>(target.buffer);
    record.id = target.id;
    record.offset_bytes = target.offset_bytes;
  };
  const std::uint64_t number = 1 + queue.push_in_place(fill, [this] { drain_full_queue(); });
  return StagingTicket{number, number};
}

template <class Region>
Result<StagingTicket> StagingState::upload(const Region& target, const BlockGrid& grid,
                                           std::span<const std::byte> data,
                                           std::uint64_t timeout_ns) {
  FORGE3D_TRY(usable());
  if (!device->is_alive(target.id))
    return fail(ErrorCode::kStaleHandle, desc.debug_name + ": the target was destroyed");
  std::optional<StagingTicket> ticket;
  if constexpr (!kIsImage<Region>) {
    if (target.mapped != nullptr && target.idle && data.size() <= direct_max_bytes.load())
      ticket = upload_directly(target, data);
    if (!ticket && has_imports.load(std::memory_order_acquire))
      ticket = upload_imported(target, data);
  }
  if (!ticket) {
    Patience patience(timeout_ns == StagingRing::kDefaultTimeout ? desc.timeout_ns : timeout_ns);
    const bool large = grid.size_bytes() >= kLargeBytes;
    FORGE3D_TRY_ASSIGN(ticket, large ? upload_large(target, grid, data, patience)
                                     : upload_here(target, grid, data, patience));
  }
  if (desc.mode == StagingMode::kImmediate) {
    Lock lock(mutex);
    FORGE3D_TRY(flush(lock));
  }
  return *ticket;
}

template Result<StagingTicket> StagingState::upload(const BufferRegion&, const BlockGrid&,
                                                    std::span<const std::byte>, std::uint64_t);
template Result<StagingTicket> StagingState::upload(const ImageRegion&, const BlockGrid&,
                                                    std::span<const std::byte>, std::uint64_t);

}  // namespace forge3d
