// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// StagingTuning: how a StagingRing moves large data on one device.

#include <cstdint>
#include <string>
#include <string_view>

#include "forge3d/result.hpp"

namespace forge3d {

/// What StagingRing::calibrate() finds out and a user may set by hand. A plain value.
struct StagingTuning {
  /// Threads that write a large upload into the ring, the calling one included.
  std::uint32_t writer_threads = 1;
  /// Bytes after which a large upload is submitted; at most a segment is used.
  std::uint64_t chunk_bytes = 4u << 20;
  /// Write past the caches: right where a bus fetches the bytes, wrong where the same processor
  /// reads them.
  bool streaming_stores = true;
  /// Uploads of at least this size from ordinary memory are copied by the device straight from the
  /// caller's pages (VK_EXT_external_memory_host), and the call waits for it. 0: never.
  std::uint64_t import_min_bytes = 0;
  /// Uploads up to this size into mapped, idle device memory are written directly. 0: never.
  std::uint64_t direct_max_bytes = 0;
  /// How long a wait polls before it sleeps.
  std::uint64_t spin_ns = 0;

  friend bool operator==(const StagingTuning&, const StagingTuning&) = default;
};

/// One line, to be kept by the application: "writer_threads=4 chunk_bytes=4194304 ...".
[[nodiscard]] std::string to_string(const StagingTuning& tuning);
/// Reads that line; keys that are missing keep their default. Errors: kInvalidArgument names the
/// key or value.
[[nodiscard]] Result<StagingTuning> parse_staging_tuning(std::string_view text);

}  // namespace forge3d
