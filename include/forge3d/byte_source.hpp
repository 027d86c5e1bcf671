// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ByteSource: where readers get their bytes, be it a file, memory or something of the caller.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "forge3d/result.hpp"

namespace forge3d {

/// Where a reader gets its bytes. Implementations must be callable from any thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  /// Fills `out` from `offset`, all of it or an error (kIo).
  [[nodiscard]] virtual Result<> read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  /// What messages call it: a path, or "memory".
  [[nodiscard]] virtual std::string name() const = 0;
};

/// A regular file read with pread; its size is taken once, at opening. Errors: kIo.
[[nodiscard]] Result<std::shared_ptr<ByteSource>> open_file_source(
    const std::filesystem::path& path);

/// Borrowed bytes. REQUIRES: they outlive the source.
[[nodiscard]] std::shared_ptr<ByteSource> make_memory_source(std::span<const std::byte> bytes,
                                                             std::string name = "memory");

}  // namespace forge3d
