// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/system_meters.hpp"

#include <algorithm>

namespace forge3d::system {
namespace {

constexpr std::uint64_t kSampleSpacingNs = 10'000'000;  // of samples that come with updates

double milliseconds(std::uint64_t begin_ns, std::uint64_t end_ns) {
  return static_cast<double>(end_ns - begin_ns) * 1e-6;
}

}  // namespace

SystemMeters::SystemMeters(std::shared_ptr<Device> device, const MemorySystemDesc& desc)
    : events(desc.event_limit),
      history(desc.history_samples),
      device_(std::move(device)),
      window_ns_(desc.window_ns),
      begin_ns_(monotonic_ns()) {}

void SystemMeters::note(const StagingObservation& submission) {
  if (submission.upload_bytes > 0) {
    // An end that nobody looked out for says how long nobody looked, not how fast the device is.
    uploads_.add(submission.begin_ns, submission.end_ns, submission.upload_bytes, submission.timed);
    if (submission.timed)
      upload_ms_.add(submission.end_ns, milliseconds(submission.begin_ns, submission.end_ns));
  }
  events.add(submission.upload_bytes > 0 ? "upload" : "readback",
             submission.upload_bytes > 0 ? "upload" : "readback", submission.begin_ns,
             submission.end_ns, submission.upload_bytes);
}

void SystemMeters::note(const PoolObservation& activity) {
  if (activity.activity == PoolActivity::kRequest)
    request_us_.add(activity.end_ns, milliseconds(activity.begin_ns, activity.end_ns) * 1e3);
  events.add("pool", to_string(activity.activity), activity.begin_ns, activity.end_ns,
             activity.bytes);
}

void SystemMeters::note(const VirtualUpdateStats& update, std::uint64_t begin_ns,
                        std::uint64_t end_ns) {
  update_ms_.add(end_ns, milliseconds(begin_ns, end_ns));
  events.add("streaming", "update", begin_ns, end_ns, update.bytes_uploaded);
  history.add_spaced(end_ns, device_->budget().stats(), kSampleSpacingNs);
}

void SystemMeters::note_load(std::string_view name, std::uint64_t begin_ns, std::uint64_t decode_ns,
                             std::uint64_t device_bytes) {
  const std::uint64_t end_ns = monotonic_ns();
  decode_ms_.add(end_ns, static_cast<double>(decode_ns) * 1e-6);
  events.add("texture", name, begin_ns, end_ns, device_bytes);
  history.add(end_ns, device_->budget().stats());
}

PerformanceMetrics SystemMeters::performance(std::uint64_t now_ns) const {
  PerformanceMetrics result;
  const std::uint64_t age_ns = now_ns > begin_ns_ ? now_ns - begin_ns_ : 0;
  result.window_s = static_cast<double>(std::min(window_ns_, age_ns)) * 1e-9;
  const TransferWindow::Figures uploads = uploads_.figures(now_ns, window_ns_);
  result.bytes_uploaded = uploads.bytes;
  if (uploads.busy_ns > 0)
    result.upload_bandwidth_mbps =
        static_cast<double>(uploads.timed_bytes) * 1e3 / static_cast<double>(uploads.busy_ns);
  result.upload_latency_ms = upload_ms_.figure(now_ns, window_ns_);
  result.allocation_latency_us = request_us_.figure(now_ns, window_ns_);
  result.decode_time_ms = decode_ms_.figure(now_ns, window_ns_);
  result.streaming_update_ms = update_ms_.figure(now_ns, window_ns_);
  return result;
}

}  // namespace forge3d::system
