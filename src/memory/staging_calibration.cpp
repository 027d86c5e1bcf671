// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Which tuning is fastest on a device: asked of real uploads to scratch memory.

#include <algorithm>
#include <thread>
#include <vector>

#include "core/stream_copy.hpp"
#include "core/thread_clock.hpp"
#include "memory/staging_state.hpp"

namespace forge3d {
namespace {

constexpr std::uint64_t kScratchBytes = 16 * kMebibyte;
constexpr std::uint64_t kSoftwareScratchBytes = 4 * kMebibyte;  // copies there take longest
constexpr int kTries = 3;
// A way must be this much faster to be worth more threads or a change of habit.
constexpr double kWorthwhile = 0.95;

std::uint32_t cores() { return std::max(1u, std::thread::hardware_concurrency()); }

/// Times uploads with one tuning after the other.
class Calibration {
 public:
  static Result<Calibration> create(const std::shared_ptr<Device>& device,
                                    const StagingRingDesc& desc) {
    Calibration result;
    StagingRingDesc scratch = desc;
    scratch.readback_bytes = 0;
    scratch.tuning = default_tuning(*device);
    scratch.debug_name = desc.debug_name + " calibration";
    const bool software = device->info().kind == DeviceKind::kSoftware;
    const std::uint64_t size_bytes = software ? kSoftwareScratchBytes : kScratchBytes;
    FORGE3D_TRY_ASSIGN(result.target_,
                       Buffer::create(device, {.size_bytes = size_bytes,
                                               .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT,
                                               .category = MemoryCategory::kStaging,
                                               .debug_name = scratch.debug_name}));
    FORGE3D_TRY_ASSIGN(result.ring_, StagingRing::create(device, scratch));
    result.data_.assign(size_bytes, std::byte{1});
    result.best_ = *scratch.tuning;
    FORGE3D_TRY_ASSIGN(result.best_ns_, result.time(result.best_));
    return result;
  }

  /// Takes the candidate when it is worthwhile.
  Result<> consider(const StagingTuning& candidate) {
    if (candidate == best_) return {};
    FORGE3D_TRY_ASSIGN(const double ns, time(candidate));
    if (ns >= best_ns_ * kWorthwhile) return {};
    best_ = candidate;
    best_ns_ = ns;
    return {};
  }
  [[nodiscard]] const StagingTuning& best() const { return best_; }

 private:
  // The shortest of some tries, the first of which wakes what sleeps.
  Result<double> time(const StagingTuning& tuning) {
    ring_->set_tuning(tuning);
    double best = 1e18;
    for (int i = 0; i <= kTries; ++i) {
      evict_from_caches(data_.data(), data_.size());
      const std::uint64_t begin = monotonic_ns();
      FORGE3D_TRY_ASSIGN(const StagingTicket ticket, ring_->upload(region_of(target_), data_));
      FORGE3D_TRY(ring_->wait(ticket));
      if (i > 0) best = std::min(best, static_cast<double>(monotonic_ns() - begin));
    }
    return best;
  }

  Buffer target_;
  std::shared_ptr<StagingRing> ring_;
  std::vector<std::byte> data_;
  StagingTuning best_;
  double best_ns_ = 0;
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
  tuning.chunk_bytes = 4 * kMebibyte;
  tuning.spin_ns = 30'000;
  tuning.direct_max_bytes = info.unified_memory ? ~std::uint64_t{0} : 256 * 1024;
  return tuning;
}

// One property after the other, the most telling one first.
Result<StagingTuning> measure_tuning(const std::shared_ptr<Device>& device,
                                     const StagingRingDesc& desc) {
  FORGE3D_TRY_ASSIGN(Calibration calibration, Calibration::create(device, desc));
  const auto vary = [&](auto change) -> Result<> {
    StagingTuning candidate = calibration.best();
    change(candidate);
    return calibration.consider(candidate);
  };
  for (const std::uint32_t threads : {1u, 2u, 3u, 4u, 6u, 8u, 12u, 16u})
    if (threads <= cores())
      FORGE3D_TRY(vary([=](StagingTuning& tuning) { tuning.writer_threads = threads; }));
  for (const std::uint64_t chunk : {512u, 1024u, 2048u, 4096u, 6144u, 8192u})
    if (chunk * 1024 * 2 <= desc.upload_bytes)
      FORGE3D_TRY(vary([=](StagingTuning& tuning) { tuning.chunk_bytes = chunk * 1024; }));
  FORGE3D_TRY(
      vary([](StagingTuning& tuning) { tuning.streaming_stores = !tuning.streaming_stores; }));
  device->remember(calibration.best());
  return calibration.best();
}

}  // namespace forge3d
