// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.StagingRing, StagingTicket and StagingWrite.

#include <memory>
#include <utility>

#include "forge3d/staging_ring.hpp"
#include "life.hpp"
#include "target.hpp"

namespace forge3d::python {

/// A ring with the device it copies on.
struct HeldRing {
  std::shared_ptr<Device> device;
  std::shared_ptr<StagingRing> ring;
};

/// forge3d.StagingRing.
class PyRing : public Owned<HeldRing> {
 public:
  explicit PyRing(std::shared_ptr<HeldRing> ring) : Owned("StagingRing", std::move(ring)) {}
};

/// forge3d.StagingWrite: ring memory that the caller fills.
class PyWrite : public Live {
 public:
  PyWrite(std::shared_ptr<StagingRing> ring, std::shared_ptr<HeldBuffer> target, StagingWrite write)
      : Live("StagingWrite"),
        ring_(std::move(ring)),
        target_(std::move(target)),
        write_(std::make_unique<StagingWrite>(std::move(write))) {}
  ~PyWrite() override { finish(); }
  [[nodiscard]] nb::object array();
  [[nodiscard]] StagingTicket commit();

 protected:
  void drop() override;

 private:
  void seal();
  std::shared_ptr<StagingRing> ring_;
  std::shared_ptr<HeldBuffer> target_;
  std::unique_ptr<StagingWrite> write_;
  nb::object array_;
};

void bind_staging(nb::module_& module);

}  // namespace forge3d::python
