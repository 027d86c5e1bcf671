// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// A streaming system during a call from Python.

#include <nanobind/nanobind.h>

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "arrays.hpp"
#include "virtual_texture.hpp"

namespace forge3d::python {

/// A rig for the time of a call. The last reference may be this one: it must go without the GIL,
/// as its workers may need that to end.
class Held {
 public:
  explicit Held(const PyStreaming& self) : rig_(self.rig()) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    if (rig_.use_count() == 1) drop_shared(std::move(rig_), fork_count());
  }
  /// Calls function(rig) without the GIL, alone.
  template <class Function>
  auto run(Function&& function) {
    return without_gil([&] { return alone(function); });
  }
  /// The same for a caller without the GIL.
  template <class Function>
  auto alone(Function&& function) {
    const std::lock_guard lock(rig_->mutex);
    return function(*rig_);
  }

 private:
  std::shared_ptr<StreamingRig> rig_;
};

/// The texture that a VirtualTexture or its handle names; nullopt for None. Throws TypeError.
[[nodiscard]] inline std::optional<TextureRef> texture_argument(nb::handle texture) {
  if (texture.is_none()) return std::nullopt;
  const PyVirtualTexture* given = nullptr;
  if (nb::try_cast(texture, given, false)) return given->ref;
  std::uint64_t number = 0;
  if (!nb::try_cast(texture, number))
    throw_type_error("the texture must be a VirtualTexture or its handle");
  return TextureRef::from(number);
}

}  // namespace forge3d::python
