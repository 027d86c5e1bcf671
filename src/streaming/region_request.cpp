// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "forge3d/virtual_texture.hpp"
#include "streaming/region_list.hpp"

namespace forge3d {

RegionRequest::RegionRequest(std::shared_ptr<streaming::RegionProgress> progress)
    : progress_(std::move(progress)) {}

bool RegionRequest::ready() const {
  const auto values = progress_->get();
  return values.missing == 0 && !values.ended;
}

std::uint32_t RegionRequest::pages() const { return progress_->get().total; }

std::uint32_t RegionRequest::missing() const { return progress_->get().missing; }

Result<> RegionRequest::wait(std::uint64_t timeout_ns) const {
  // A wait of centuries would overflow the clock.
  const auto timeout = std::chrono::nanoseconds(std::min<std::uint64_t>(timeout_ns, 1ull << 60));
  const auto values = progress_->wait_until(std::chrono::steady_clock::now() + timeout);
  if (values.ended)
    return fail(ErrorCode::kStaleHandle, "region: its texture or the system is gone");
  if (values.missing == 0) return {};
  if (values.missing == values.failed)
    return fail(ErrorCode::kIo, fmt::format("region: {} of {} pages failed to be read",
                                            values.failed, values.total));
  return fail(ErrorCode::kTimeout,
              fmt::format("region: {} of {} pages are missing after {} ms", values.missing,
                          values.total, timeout_ns / 1'000'000));
}

}  // namespace forge3d
