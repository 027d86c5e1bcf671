// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.Buffer: bytes on the device in an allocation of their own.

#include <memory>

#include "held_buffer.hpp"
#include "life.hpp"

namespace forge3d::python {

/// forge3d.Buffer.
class PyBuffer : public Owned<HeldBuffer> {
 public:
  explicit PyBuffer(std::shared_ptr<HeldBuffer> buffer) : Owned("Buffer", std::move(buffer)) {}
};

void bind_buffer(nb::module_& module);

}  // namespace forge3d::python
