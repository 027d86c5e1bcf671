// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "memory/staging_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/thread_clock.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kShutdownNs = 10'000'000'000;
constexpr std::uint64_t kTimerSlackNs = 60'000;     // sleeping takes up to this much longer
constexpr double kSurelyBusy = 0.95;                // of a copy's expected time
constexpr std::uint64_t kLongestNapNs = 5'000'000;  // a lost device must be noticed
constexpr std::uint64_t kNoticedNs = 5'000;         // a wait this long ended with the copy
constexpr std::uint64_t kCertainty = 4;  // of a known end one part in so many is in doubt
constexpr std::uint64_t kLongestSpinNs = 200'000;
constexpr std::size_t kMaxPending = 8192;   // bounds a submission
constexpr std::size_t kMaxFailures = 1024;  // older ones are forgotten

}  // namespace

std::uint64_t Patience::left_ns() {
  const std::uint64_t now = monotonic_ns();
  if (begin_ns_ == 0) begin_ns_ = now;
  const std::uint64_t spent = now - begin_ns_;
  return timeout_ns_ > spent ? timeout_ns_ - spent : 0;
}

Result<std::shared_ptr<StagingState>> StagingState::create(std::shared_ptr<Device> device,
                                                           const StagingRingDesc& desc) {
  auto state = std::make_shared<StagingState>();
  state->desc = desc;
  FORGE3D_TRY_ASSIGN(state->upload_ring,
                     MappedRing::create(device, {.size_bytes = desc.upload_bytes,
                                                 .segment_count = desc.ring_count,
                                                 .memory = MemoryUse::kUpload,
                                                 .debug_name = desc.debug_name + " upload"}));
  if (desc.readback_bytes > 0) {
    FORGE3D_TRY_ASSIGN(state->readback_ring,
                       MappedRing::create(device, {.size_bytes = desc.readback_bytes,
                                                   .segment_count = desc.ring_count,
                                                   .memory = MemoryUse::kReadback,
                                                   .debug_name = desc.debug_name + " readback"}));
  }
  FORGE3D_TRY_ASSIGN(state->submission, CopySubmission::create(device, desc.queue));
  state->device = std::move(device);
  state->pending.reserve(kMaxPending);
  const auto remembered = state->device->staging_tuning();
  state->tuned.store(desc.tuning || remembered);
  state->retune(desc.tuning  ? *desc.tuning
                : remembered ? *remembered
                             : default_tuning(*state->device));
  return state;
}

Result<StagingTuning> StagingState::calibrate() {
  tuned.store(true);
  StagingTuning best = default_tuning(*device);
  if (device->info().kind != DeviceKind::kSoftware) {
    FORGE3D_TRY_ASSIGN(best, measure_tuning(device, desc));
  }
  device->remember(best);
  retune(best);
  return best;
}

void StagingState::retune(const StagingTuning& value) {
  const std::uint32_t helpers =
      std::clamp(value.writer_threads, 1u, std::max(1u, std::thread::hardware_concurrency())) - 1;
  std::shared_ptr<WriterTeam> old;  // its threads end outside the lock
  std::lock_guard lock(mutex);
  tuning = value;
  direct_max_bytes.store(value.direct_max_bytes);
  streaming_stores.store(value.streaming_stores);
  if (team != nullptr && team->helpers() == helpers) return;
  if (team != nullptr) past_writer_cpu_ns += team->cpu_ns();
  old = std::exchange(team, std::make_shared<WriterTeam>(helpers));
}

Result<> StagingState::usable() const {
  if (device->is_lost())
    return fail(ErrorCode::kDeviceLost, desc.debug_name + ": the device was lost");
  if (!is_broken.load(std::memory_order_acquire)) return {};
  std::lock_guard lock(mutex);
  return tl::unexpected(*broken);
}

std::uint64_t StagingState::push(CopyRecord&& record) {
  return 1 + queue.push(std::move(record), [this] { drain_full_queue(); });
}

void StagingState::drain_full_queue() {
  Lock lock(mutex);
  drain(false);
  if (pending.size() >= kMaxPending) (void)submit_pending();  // a failure breaks the ring
}

// Takes what was pushed. With `wait_for_writers`, also what others are pushing at this moment: that
// is a matter of nanoseconds, unless their threads were set aside.
void StagingState::drain(bool wait_for_writers) {
  const std::uint64_t target = queue.pushed();
  for (std::uint32_t tries = 0;; ++tries) {
    while (queue.pop([this](CopyRecord& record) { admit(record); })) {
    }
    if (!wait_for_writers || queue.popped() >= target) return;
    if (tries > 64) std::this_thread::yield();
  }
}

void StagingState::admit(CopyRecord& record) {
  ++counters.copies;
  const bool read = record.is_read();
  (read ? counters.bytes_read_back : counters.bytes_uploaded) += record.size_bytes;
  if (!read) counters.bytes_by_path[static_cast<std::size_t>(record.path)] += record.size_bytes;
  if (record.ends_transfer) {
    ++(read ? counters.readbacks : counters.uploads);
    ++counters.active_transfers;
  }
  if (record.first == CopyRecord::kItself) record.first = submitted + pending.size() + 1;
  pending.push_back(std::move(record));
}

void StagingState::drop(CopyRecord& record, std::uint64_t first, ErrorCode code,
                        std::string_view reason) {
  Error error{code, 0, fmt::format("{}: {}", desc.debug_name, reason), {}};
  if (record.is_read()) record.detail->read->error = error;
  if (failures.empty() || failures.back().first != first)
    failures.push_back({first, std::move(error)});
  if (failures.size() > kMaxFailures) failures.pop_front();
  if (record.range.charged_bytes > 0) ring_of(record).places().abandon(record.range);
  record.range = {};
  record.kind = CopyKind::kNothing;
  record.detail.reset();
  ++counters.dropped_copies;
}

void StagingState::drop_dead_targets() {
  for (CopyRecord& record : pending)
    if (record.kind != CopyKind::kNothing && !device->is_alive(record.id))
      drop(record, record.first, ErrorCode::kStaleHandle,
           "the resource was destroyed before its copy was submitted");
}

Result<> StagingState::submit(Lock&) {
  drain(true);
  return submit_pending();
}

Result<> StagingState::submit_pending() {
  if (broken) return tl::unexpected(*broken);
  if (pending.empty()) return {};
  drop_dead_targets();
  const bool anything = std::ranges::any_of(
      pending, [](const CopyRecord& record) { return record.kind != CopyKind::kNothing; });
  Serial serial = sent.empty() ? Serial{0} : sent.back().serial;
  if (anything) {
    const auto ticket = submission.submit(pending);
    if (!ticket) {
      break_with(ticket.error());
      return tl::unexpected(ticket.error());
    }
    serial = ticket->serial;
    ++counters.submits;
  }
  note_submitted(serial);
  return {};
}

// The ring bytes of an upload have no more user on the CPU; those of a readback get theirs when the
// device is done.
void StagingState::note_submitted(Serial serial) {
  Sent batch{.serial = serial, .begin_ns = monotonic_ns()};
  const auto timeline = static_cast<std::size_t>(submission.queue());
  RingAllocator& uploads = upload_ring->places();
  std::uint32_t segment = 0;
  std::uint64_t unreleased_bytes = 0;  // of that segment: neighbours are released together
  for (CopyRecord& record : pending) {
    ++submitted;
    batch.transfers += record.ends_transfer ? 1 : 0;
    if (record.kind == CopyKind::kNothing) continue;
    if (record.is_read()) {
      readback_ring->places().use(record.range, timeline, serial);
      reads.push_back({submitted, std::move(record)});
      continue;
    }
    batch.upload_bytes += record.size_bytes;
    if (record.range.charged_bytes == 0) continue;
    batch.charged_bytes += record.range.charged_bytes;
    uploads.use(record.range, timeline, serial);
    if (record.range.segment != segment) {
      uploads.release(segment, std::exchange(unreleased_bytes, 0));
      segment = record.range.segment;
    }
    unreleased_bytes += record.range.charged_bytes;
  }
  uploads.release(segment, unreleased_bytes);
  pending.clear();
  batch.last = submitted;
  sent.push_back(batch);
}

void StagingState::break_with(const Error& error) {
  broken = error;
  is_broken.store(true, std::memory_order_release);
  for (CopyRecord& record : pending) {
    if (record.is_read()) record.detail->read->error = error;
    if (record.range.charged_bytes > 0) ring_of(record).places().abandon(record.range);
  }
  pending.clear();
}

Result<Ticket> StagingState::flush(Lock& lock) {
  FORGE3D_TRY(submit(lock));
  auto ticket = submission.hand_over();
  if (!ticket) break_with(ticket.error());
  return ticket;
}

Result<> StagingState::reap(Lock& lock) {
  if (sent.empty() && reads.empty()) return {};
  const Queue& copies = device->queue(submission.queue());
  FORGE3D_TRY_ASSIGN(const Serial done, copies.completed());
  Serial& reached = progress[static_cast<std::size_t>(submission.queue())];
  reached = std::max(reached, done);
  if (!sent.empty() && sent.front().serial <= reached) {
    note_peak();
    const std::uint64_t now_ns = monotonic_ns();
    for (; !sent.empty() && sent.front().serial <= reached; sent.pop_front())
      account(sent.front(), now_ns);
  }
  if (!sent.empty()) note_busy(sent.back().serial, monotonic_ns());
  return deliver(lock);
}

void StagingState::note_peak() {
  counters.peak_bytes_in_flight =
      std::max(counters.peak_bytes_in_flight, upload_ring->places().in_flight_bytes());
}

void StagingState::note_busy(Serial up_to, std::uint64_t now_ns) {
  busy_up_to = std::max(busy_up_to, up_to);
  busy_at_ns = now_ns;
}

void StagingState::account(const Sent& batch, std::uint64_t now_ns) {
  finished.store(batch.last, std::memory_order_release);
  upload_ring->places().finish(batch.charged_bytes);
  counters.active_transfers -= batch.transfers;
  latency.add(now_ns - batch.begin_ns);
  if (batch.upload_bytes > 0) rate.add(batch.begin_ns, now_ns, batch.upload_bytes);
  if (!desc.observer) return;
  const bool was_seen = batch.serial <= busy_up_to && busy_at_ns > batch.begin_ns;
  const std::uint64_t doubt_ns = now_ns - (was_seen ? busy_at_ns : batch.begin_ns);
  desc.observer({batch.begin_ns, now_ns, batch.upload_bytes, batch.transfers,
                 doubt_ns * kCertainty <= now_ns - batch.begin_ns});
}

// Copies what has arrived to where it is wanted, without the lock: many may do so at once.
Result<> StagingState::deliver(Lock& lock) {
  while (!reads.empty() && is_finished(reads.front().number)) {
    const CopyRecord record = std::move(reads.front().record);
    reads.pop_front();
    MappedRing& ring = *readback_ring;
    const BlockPiece& piece = record.detail->piece;
    ReadTarget& target = *record.detail->read;
    if (!target.abandoned) {
      ++target.deliveries;
      ++deliveries;
      const auto helpers = team;
      lock.unlock();
      auto visible = ring.memory().invalidate(record.range.ring_offset, record.range.size_bytes);
      if (visible && !target.in_place)
        target.grid.unpack_on(*helpers, piece, ring.at(record.range), target.destination.data());
      lock.lock();
      if (!visible) target.error = visible.error();
      --target.deliveries;
      --deliveries;
      target.missing_bytes -= piece.size_bytes;
    }
    if (target.in_place && !target.abandoned) {
      target.held = record.range;
      target.destination = {ring.at(record.range), record.range.size_bytes};
    } else {
      ring.places().release(record.range);
      ring.places().finish(record.range.charged_bytes);
    }
    changed.notify_all();
  }
  return {};
}

Result<> StagingState::check_known(StagingTicket ticket) const {
  if (ticket.last <= queue.pushed() && ticket.first <= ticket.last) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}: copies {} to {} are not of this ring",
                                                       desc.debug_name, ticket.first, ticket.last));
}

StagingState::Outlook StagingState::outlook(std::uint64_t number) const {
  Outlook result;
  result.begin_ns = std::max(sent.front().begin_ns, rate.busy_until_ns());
  for (const Sent& batch : sent) {
    result.bytes += batch.upload_bytes;
    if (batch.last >= number) break;
  }
  if (tuning.spin_ns > 0) result.duration_ns = durations.guess_ns(result.bytes);
  return result;
}

// Waking up takes longer than a short copy: the caller sleeps until shortly before the end, and
// watches the rest.
Result<> StagingState::watch(Serial serial, const Outlook& outlook, std::uint64_t spin_ns,
                             Patience& patience) const {
  const Queue& copies = device->queue(submission.queue());
  if (!outlook.duration_ns) return copies.wait(serial, patience.left_ns());
  const auto left_until = [&](double share) {
    const auto part_ns =
        static_cast<std::uint64_t>(static_cast<double>(*outlook.duration_ns) * share);
    const std::uint64_t now = monotonic_ns();
    return outlook.begin_ns + part_ns > now ? outlook.begin_ns + part_ns - now : 0;
  };
  const std::uint64_t nap_ns =
      std::min({left_until(kSurelyBusy), kLongestNapNs, patience.left_ns()});
  if (nap_ns > kTimerSlackNs)
    std::this_thread::sleep_for(std::chrono::nanoseconds(nap_ns - kTimerSlackNs));
  return copies.wait(serial, patience.left_ns(),
                     std::min(left_until(1.0) + spin_ns, kLongestSpinNs));
}

Result<> StagingState::wait(Lock& lock, std::uint64_t number, Patience& patience) {
  if (number > submitted) FORGE3D_TRY(submit(lock));
  while (!is_finished(number)) {
    const auto batch = std::ranges::lower_bound(sent, number, {}, &Sent::last);
    if (batch == sent.end())
      return broken ? Result<>(tl::unexpected(*broken))
                    : fail(ErrorCode::kInternal, desc.debug_name + ": a copy was lost");
    const Serial serial = batch->serial;
    const Outlook ahead = outlook(number);
    const std::uint64_t spin_ns = tuning.spin_ns;
    lock.unlock();
    const std::uint64_t begin_ns = monotonic_ns();
    auto waited = watch(serial, ahead, spin_ns, patience);
    const std::uint64_t end_ns = monotonic_ns();
    lock.lock();
    FORGE3D_TRY(std::move(waited));
    // An end that was there at once may be an old one.
    const bool was_busy = end_ns > begin_ns + kNoticedNs;
    if (was_busy) note_busy(serial, end_ns);
    if (ahead.bytes > 0 && was_busy && end_ns > ahead.begin_ns)
      durations.learn(ahead.bytes, end_ns - ahead.begin_ns);
    FORGE3D_TRY(reap(lock));
  }
  return {};
}

Result<> StagingState::wait(Ticket ticket, std::uint64_t timeout_ns) {
  const std::uint64_t begin_ns = monotonic_ns();
  FORGE3D_TRY(device->wait(ticket, timeout_ns));
  const std::uint64_t end_ns = monotonic_ns();
  Lock lock(mutex);
  if (end_ns > begin_ns + kNoticedNs && !sent.empty()) note_busy(sent.back().serial, end_ns);
  return reap(lock);
}

Serial StagingState::serial_of(std::uint64_t number) const {
  const auto batch = std::ranges::lower_bound(sent, number, {}, &Sent::last);
  return batch == sent.end() ? Serial{0} : batch->serial;
}

Result<> StagingState::outcome(StagingTicket ticket) const {
  for (const Failure& failure : failures)
    if (failure.first == ticket.first) return tl::unexpected(failure.error);
  return {};
}

Result<bool> StagingState::cancel(StagingTicket ticket) {
  Lock lock(mutex);
  FORGE3D_TRY(check_known(ticket));
  drain(true);
  if (ticket.first <= submitted) return false;
  for (CopyRecord& record : pending)
    if (record.first == ticket.first && record.kind != CopyKind::kNothing)
      drop(record, ticket.first, ErrorCode::kCancelled, "the upload was cancelled");
  return true;
}

void StagingState::call_back(Lock& lock) {
  std::vector<std::pair<Callback, Result<>>> due;
  for (auto callback = callbacks.begin(); callback != callbacks.end();) {
    const bool finished_now = is_finished(callback->ticket.last);
    if (!finished_now && !broken) {
      ++callback;
      continue;
    }
    Result<> result = outcome(callback->ticket);
    if (!finished_now && result) result = tl::unexpected(*broken);
    due.emplace_back(std::move(*callback), std::move(result));
    callback = callbacks.erase(callback);
  }
  std::vector<std::function<void()>> rooms;
  for (auto wish = room_callbacks.begin(); wish != room_callbacks.end();) {
    const RingAllocator& places = upload_ring->places();
    if (places.room_in_segment(16) < wish->first && !places.can_advance(progress)) {
      ++wish;
      continue;
    }
    rooms.push_back(std::move(wish->second));
    wish = room_callbacks.erase(wish);
  }
  if (due.empty() && rooms.empty()) return;
  lock.unlock();
  for (auto& [callback, result] : due) callback.call(std::move(result));
  for (auto& room : rooms) room();
  lock.lock();
}

void StagingState::fail_reads(const Error& error) {
  for (const Read& read : reads) read.record.detail->read->error = error;
  reads.clear();
}

void StagingState::shutdown() {
  Lock lock(mutex);
  drain(true);
  const Queue& copies = device->queue(submission.queue());
  auto done = sent.empty() ? Result<>() : copies.wait(sent.back().serial, kShutdownNs);
  if (done) done = reap(lock);
  Error reason{ErrorCode::kCancelled,
               0,
               desc.debug_name + ": the ring was destroyed before this was submitted",
               {}};
  if (!done) reason = done.error();
  fail_reads(reason);
  sent.clear();
  changed.wait(lock, [this] { return deliveries == 0; });
  break_with(reason);
  call_back(lock);
  submission = CopySubmission();
  closed.store(true);
  if (upload_ring->places().held_bytes() > 0)
    keep_alive = shared_from_this();
  else
    upload_ring.reset();
  if (readback_ring && readback_ring->places().held_bytes() == 0) readback_ring.reset();
}

void StagingState::forget_if_closed() {
  if (!closed.load()) return;
  std::shared_ptr<StagingState> self;  // outlives the lock
  std::lock_guard lock(mutex);
  if (!upload_ring || upload_ring->places().held_bytes() > 0) return;
  upload_ring.reset();
  self = std::move(keep_alive);
}

StagingStats StagingState::stats() {
  Lock lock(mutex);
  StagingStats result;
  if (!upload_ring) return counters;
  drain(false);
  (void)reap(lock);  // a lost device leaves the counters as they were
  note_peak();
  result = counters;
  RingAllocator& places = upload_ring->places();
  result.bytes_in_flight = places.in_flight_bytes();
  result.current_ring_index = places.current_segment();
  result.ring_count = places.segment_count();
  result.segment_bytes = places.segment_bytes();
  result.regions = submission.regions();
  const std::uint64_t direct = direct_bytes.load();
  result.bytes_uploaded += direct;
  result.uploads += direct_uploads.load();
  result.bytes_by_path[static_cast<std::size_t>(StagingPath::kDirect)] += direct;
  result.upload_bandwidth_mbps = rate.bytes_per_s(monotonic_ns()) * 1e-6;
  result.latency_p50_ns = latency.quantile_ns(0.5);
  result.latency_p90_ns = latency.quantile_ns(0.9);
  result.latency_p99_ns = latency.quantile_ns(0.99);
  result.copy_ns = copy_ns.load();
  result.writer_cpu_ns = past_writer_cpu_ns + team->cpu_ns();
  return result;
}

}  // namespace forge3d
