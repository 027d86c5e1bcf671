// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.Readback: bytes on their way from the device.

#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "arrays.hpp"
#include "life.hpp"
#include "target.hpp"

namespace forge3d::python {

/// A library Readback that a Python object and arrays over its bytes share. Thread-safe.
class HeldReadback {
 public:
  HeldReadback(std::shared_ptr<StagingRing> ring, Readback reading, bool in_place)
      : ring_(std::move(ring)), reading_(std::move(reading)), in_place_(in_place) {}

  [[nodiscard]] Result<bool> is_ready();
  /// With the GIL, which it gives up. Throws Timeout and get()'s errors.
  void wait(double timeout_s);
  /// REQUIRES: wait() has come back.
  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }
  /// The bytes are the ring's own.
  [[nodiscard]] bool in_place() const { return in_place_; }

 private:
  std::shared_ptr<StagingRing> ring_;  // null once the bytes are here, unless in place
  // Taken without the GIL. Recursive, as a wait runs callbacks, which may ask is_ready().
  std::recursive_mutex mutex_;
  Readback reading_;
  bool in_place_;
  std::span<std::byte> bytes_;
};

/// Starts a readback into `destination`, else into memory of its own, or, in place, shows the
/// ring's. Needs the GIL and gives it up. Throws the library's errors.
[[nodiscard]] std::shared_ptr<HeldReadback> start_reading(
    const std::shared_ptr<StagingRing>& ring, const Target& source, std::uint64_t offset_bytes,
    std::uint64_t size_bytes, const std::span<std::byte>* destination, bool in_place);

/// forge3d.Readback.
class PyReadback : public Live {
 public:
  /// `out` and `array` are empty when the bytes lie in the library.
  PyReadback(std::shared_ptr<HeldReadback> reading, std::shared_ptr<WriteBytes> out,
             nb::object array)
      : Live("Readback"),
        out_(std::move(out)),
        reading_(std::move(reading)),
        array_(std::move(array)) {}
  ~PyReadback() override { finish(); }
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] nb::object get(double timeout_s);

 protected:
  void drop() override;

 private:
  std::shared_ptr<WriteBytes> out_;  // ends after the readback that writes there
  std::shared_ptr<HeldReadback> reading_;
  nb::object array_;
};

/// Reads all or a part of a target: readback() of rings and of the memory system. `size` and
/// `out` may be None.
[[nodiscard]] nb::object read_target(const std::shared_ptr<StagingRing>& ring, const Target& source,
                                     std::uint64_t offset, nb::handle size, nb::handle out,
                                     bool in_place);

void bind_readback(nb::module_& module);

}  // namespace forge3d::python
