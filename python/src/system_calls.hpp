// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the methods of forge3d.MemorySystem and the functions of forge3d.memory share.

#include <nanobind/nanobind.h>

#include "system.hpp"

namespace forge3d::python {

/// The parts; throw Error ("not_initialized") where the system was made without.
[[nodiscard]] const std::shared_ptr<StagingRing>& ring_of(const HeldSystem& system);
[[nodiscard]] const std::shared_ptr<HeldPool>& pool_of(const HeldSystem& system);

[[nodiscard]] std::uint64_t stage_upload(HeldSystem& system, nb::handle data, nb::handle target,
                                         nb::handle offset);
[[nodiscard]] bool is_upload_complete(HeldSystem& system, nb::handle upload);
void wait_upload(HeldSystem& system, nb::handle upload, double timeout_s);
[[nodiscard]] bool cancel_upload(HeldSystem& system, nb::handle upload);
[[nodiscard]] nb::object start_readback(const HeldSystem& system, nb::handle source,
                                        nb::handle offset, nb::handle size, nb::handle out);

/// A dict, or None when exhausted and not `required`.
[[nodiscard]] nb::object allocate_from_pool(const HeldSystem& system, nb::handle size,
                                            bool required);
/// False: there is no such block.
[[nodiscard]] bool deallocate_pool_block(const HeldSystem& system, nb::handle block);
/// Where it is now, or None.
[[nodiscard]] nb::object find_pool_block(const HeldSystem& system, nb::handle block);
void retain_pool_block(const HeldSystem& system, nb::handle block);

[[nodiscard]] nb::dict system_dict(const HeldSystem& system);
[[nodiscard]] nb::dict performance_dict(const HeldSystem& system);

}  // namespace forge3d::python
