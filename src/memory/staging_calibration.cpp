// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Which tuning is fastest on a device: asked of real uploads to scratch memory.

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "core/stream_copy.hpp"
#include "core/thread_clock.hpp"
#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kScratchBytes = 8 * kMebibyte;
constexpr std::uint64_t kSliceBytes = 256 * 1024;
constexpr int kTries = 3;
// A way must be this much faster to be worth more threads or a change of habit.
constexpr double kWorthwhile = 1.05;
constexpr double kChunkNs = 125'000;  // much longer than a submission costs, short to wait for

std::uint32_t cores() { return std::max(1u, std::thread::hardware_concurrency()); }

/// Times copies from ordinary memory into ring memory, and from there to the device.
class Calibration {
 public:
  static Result<Calibration> create(const std::shared_ptr<Device>& device,
                                    const StagingRingDesc& desc) {
    Calibration result;
    StagingRingDesc scratch = desc;
    scratch.upload_bytes = kScratchBytes;
    scratch.ring_count = 1;
    scratch.readback_bytes = 0;
    scratch.tuning = default_tuning(*device);
    scratch.tuning->spin_ns = 0;  // what waking up costs is taken off below
    scratch.debug_name = desc.debug_name + " calibration";
    FORGE3D_TRY_ASSIGN(result.target_,
                       Buffer::create(device, {.size_bytes = kScratchBytes,
                                               .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                               .category = MemoryCategory::kStaging,
                                               .debug_name = scratch.debug_name}));
    FORGE3D_TRY_ASSIGN(result.ring_, StagingRing::create(device, scratch));
    result.data_.assign(kScratchBytes, std::byte{1});
    return result;
  }

  /// Bytes per nanosecond with which the device fetches from the ring. The time of a small copy is
  /// taken off: it is what submitting and waking up cost.
  Result<double> device_rate() {
    const std::uint64_t small_bytes = kScratchBytes / 8;
    FORGE3D_TRY_ASSIGN(const double small_ns, device_ns(small_bytes));
    FORGE3D_TRY_ASSIGN(const double all_ns, device_ns(kScratchBytes));
    const double slope_ns = std::max(all_ns - small_ns, all_ns / 2);  // noise must not halve it
    return static_cast<double>(kScratchBytes - small_bytes) / slope_ns;
  }

  /// As few threads as keep the device busy. More than six have not filled a bus of 50 GB/s sooner,
  /// but each costs processor time to wake; who has more of both sets them.
  Result<> choose_writers(double device_rate, StagingTuning& tuning) {
    FORGE3D_TRY_ASSIGN(const double cached_rate, fill_rate(1, false));
    FORGE3D_TRY_ASSIGN(double best_rate, fill_rate(1, true));
    tuning.streaming_stores = best_rate * kWorthwhile >= cached_rate;
    if (!tuning.streaming_stores) best_rate = cached_rate;
    tuning.writer_threads = 1;
    for (const std::uint32_t threads : {2u, 3u, 4u, 6u}) {
      if (best_rate >= device_rate || threads > cores()) break;
      FORGE3D_TRY_ASSIGN(const double rate, fill_rate(threads, tuning.streaming_stores));
      if (rate < best_rate * kWorthwhile) continue;
      tuning.writer_threads = threads;
      best_rate = rate;
    }
    return {};
  }

 private:
  /// Bytes per nanosecond with which so many threads fill the ring from memory that no cache holds.
  Result<double> fill_rate(std::uint32_t threads, bool streaming) {
    WriterTeam team(threads - 1);
    FORGE3D_TRY_ASSIGN(StagingWrite write,
                       ring_->write_in_place(region_of(target_), kScratchBytes));
    std::byte* to = write.bytes().data();
    const std::byte* from = data_.data();
    std::uint64_t best_ns = ~std::uint64_t{0};
    for (int i = 0; i <= kTries; ++i) {  // the first one starts the threads
      evict_from_caches(from, kScratchBytes);
      const std::uint64_t begin_ns = monotonic_ns();
      team.run(kScratchBytes / kSliceBytes, [&](std::uint32_t slice) {
        const std::uint64_t offset = slice * kSliceBytes;
        if (streaming)
          stream_copy(to + offset, from + offset, kSliceBytes);
        else
          std::memcpy(to + offset, from + offset, kSliceBytes);
      });
      if (i > 0) best_ns = std::min(best_ns, monotonic_ns() - begin_ns);
    }
    return static_cast<double>(kScratchBytes) / static_cast<double>(best_ns);
  }

  Result<double> device_ns(std::uint64_t size_bytes) {
    double best_ns = 1e18;
    for (int i = 0; i <= kTries; ++i) {
      FORGE3D_TRY_ASSIGN(StagingWrite write, ring_->write_in_place(region_of(target_), size_bytes));
      const std::uint64_t begin_ns = monotonic_ns();
      FORGE3D_TRY_ASSIGN(const StagingTicket ticket, write.commit());
      FORGE3D_TRY(ring_->wait(ticket));
      if (i > 0) best_ns = std::min(best_ns, static_cast<double>(monotonic_ns() - begin_ns));
    }
    return best_ns;
  }

  Buffer target_;
  std::shared_ptr<StagingRing> ring_;
  std::vector<std::byte> data_;
};

}  // namespace

StagingTuning default_tuning(const Device& device) {
  const DeviceInfo& info = device.info();
  StagingTuning tuning;
  if (info.kind == DeviceKind::kSoftware) {
    tuning.writer_threads = 1;  // the others are the device
    tuning.chunk_bytes = 512 * 1024;
    tuning.streaming_stores = false;
    tuning.import_min_bytes = info.host_import_alignment > 0 ? 4 * kMebibyte : 0;
    tuning.direct_max_bytes = ~std::uint64_t{0};
    return tuning;
  }
  tuning.writer_threads = std::clamp(cores() / 2, 1u, 4u);
  tuning.chunk_bytes = 6 * kMebibyte;
  tuning.spin_ns = 30'000;
  tuning.direct_max_bytes = info.unified_memory ? ~std::uint64_t{0} : 256 * 1024;
  return tuning;
}

Result<StagingTuning> measure_tuning(const std::shared_ptr<Device>& device,
                                     const StagingRingDesc& desc) {
  StagingTuning tuning = default_tuning(*device);
  FORGE3D_TRY_ASSIGN(Calibration calibration, Calibration::create(device, desc));
  FORGE3D_TRY_ASSIGN(const double device_rate, calibration.device_rate());
  const auto chunk_bytes = static_cast<std::uint64_t>(device_rate * kChunkNs);
  tuning.chunk_bytes = std::max(chunk_bytes, kMebibyte / 2);
  FORGE3D_TRY(calibration.choose_writers(device_rate, tuning));
  return tuning;
}

}  // namespace forge3d
