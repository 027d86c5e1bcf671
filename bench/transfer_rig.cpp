// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/transfer_rig.hpp"

#include <cstring>

#include "bench/stopwatch.hpp"

namespace forge3d::bench {

Result<std::unique_ptr<TransferRig>> TransferRig::create(const BenchOptions& options) {
  auto rig = std::make_unique<TransferRig>();
  FORGE3D_TRY_ASSIGN(rig->device_, Device::create(options.device));
  FORGE3D_TRY_ASSIGN(rig->recorder_, CommandRecorder::create(rig->device_, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(rig->target_, rig->make_buffer(MemoryUse::kDevice, "bench target"));
  FORGE3D_TRY_ASSIGN(rig->mapped_, rig->make_buffer(MemoryUse::kUpload, "bench mapped"));
  rig->data_.resize(kBytes);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < kBytes; i += 4) {
    state = state * 1664525u + 1013904223u;
    std::memcpy(rig->data_.data() + i, &state, 4);
  }
  return rig;
}

Result<Buffer> TransferRig::make_buffer(MemoryUse use, const char* name) const {
  BufferDesc desc;
  desc.size_bytes = kBytes;
  desc.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  desc.memory = use;
  desc.category = use == MemoryUse::kUpload ? MemoryCategory::kStaging : MemoryCategory::kOther;
  desc.debug_name = name;
  return Buffer::create(device_, desc);
}

Result<> TransferRig::write_mapped(const Buffer& buffer) const {
  std::memcpy(buffer.mapped().data(), data_.data(), kBytes);
  return buffer.memory().flush(0, kBytes);
}

Result<> TransferRig::copy_to_target(const Buffer& from, std::uint64_t spin_ns) {
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder_.begin());
  const VkBufferCopy copy{0, 0, kBytes};
  device_->vk().vkCmdCopyBuffer(commands, from.handle(), target_.handle(), 1, &copy);
  FORGE3D_TRY_ASSIGN(const Ticket ticket, recorder_.submit());
  return device_->queue(ticket.queue).wait(ticket.serial, kTimeoutNs, spin_ns);
}

Result<double> TransferRig::serial_upload_ms() {
  const Stopwatch watch;
  FORGE3D_TRY(write_mapped(mapped_));
  FORGE3D_TRY(copy_to_target(mapped_, 0));
  return watch.milliseconds();
}

Result<double> TransferRig::fresh_upload_ms() {
  const Stopwatch watch;
  FORGE3D_TRY_ASSIGN(Buffer fresh, make_buffer(MemoryUse::kUpload, "bench fresh"));
  FORGE3D_TRY(write_mapped(fresh));
  FORGE3D_TRY(copy_to_target(fresh, 0));
  fresh = Buffer();  // freeing it is part of doing it this way
  return watch.milliseconds();
}

Result<double> TransferRig::device_copy_ms() {
  const bool software = device_->info().kind == DeviceKind::kSoftware;
  const Stopwatch watch;
  FORGE3D_TRY(copy_to_target(mapped_, software ? 0 : kTimeoutNs));
  return watch.milliseconds();
}

Result<double> TransferRig::memcpy_ms() {
  const Stopwatch watch;
  FORGE3D_TRY(write_mapped(mapped_));
  return watch.milliseconds();
}

Result<> TransferRig::check_target(StagingRing& ring) const {
  FORGE3D_TRY_ASSIGN(Readback readback, ring.readback(region_of(target_), kBytes));
  FORGE3D_TRY_ASSIGN(const std::span<const std::byte> bytes, readback.get(kTimeoutNs));
  if (std::memcmp(bytes.data(), data_.data(), kBytes) == 0) return {};
  return fail(ErrorCode::kInternal, "staging: what was read back is not what was uploaded");
}

Result<> measure_ways(std::vector<Way>& ways, const BenchOptions& options) {
  for (std::uint32_t run = 0; run <= options.runs; ++run) {
    for (Way& way : ways) {
      FORGE3D_TRY_ASSIGN(const double sample, way.measure());
      if (run > 0) way.samples.push_back(sample);
    }
    if (options.progress) options.progress(run, options.runs);
  }
  return {};
}

std::vector<double> gigabytes_per_s(const std::vector<double>& samples_ms, std::uint64_t bytes) {
  std::vector<double> rates;
  for (const double ms : samples_ms) rates.push_back(static_cast<double>(bytes) / ms * 1e-6);
  return rates;
}

}  // namespace forge3d::bench
