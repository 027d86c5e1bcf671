// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A library Buffer that arrays, transfers and a Python object share.

#include <memory>
#include <mutex>
#include <vector>

#include "forge3d/resources.hpp"
#include "forge3d/staging_ring.hpp"

namespace forge3d::python {

/// Ends only when the rings that copied to or from it are done with it. Thread-safe; needs no GIL.
class HeldBuffer {
 public:
  HeldBuffer(std::shared_ptr<Device> device, Buffer buffer, bool readable)
      : device_(std::move(device)), buffer_(std::move(buffer)), readable_(readable) {}
  HeldBuffer(const HeldBuffer&) = delete;
  HeldBuffer& operator=(const HeldBuffer&) = delete;
  ~HeldBuffer();

  [[nodiscard]] const Buffer& buffer() const { return buffer_; }
  [[nodiscard]] const std::shared_ptr<Device>& device() const { return device_; }
  /// The CPU reads its mapping at full speed.
  [[nodiscard]] bool readable() const { return readable_; }
  /// From now on the end of this buffer waits for the ring.
  void used_by(const std::shared_ptr<StagingRing>& ring);
  /// Submits what those rings have recorded: later work on the graphics queue comes after it.
  void flush_rings();
  /// The small ring that buffers of a device share for plain reads and writes (4 MiB up, 4 MiB
  /// back); lives as long as a buffer that used it. Errors: StagingRing::create's.
  [[nodiscard]] Result<std::shared_ptr<StagingRing>> transfer_ring();

 private:
  [[nodiscard]] std::vector<std::shared_ptr<StagingRing>> rings();
  std::shared_ptr<Device> device_;
  Buffer buffer_;
  bool readable_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<StagingRing>> rings_;
  std::shared_ptr<StagingRing> transfer_ring_;
};

}  // namespace forge3d::python
