// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ByteSource: where readers get their bytes, be it a file, memory or something of the caller.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d {

/// Where a reader gets its bytes. Implementations must be callable from any thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  /// Bytes from the start that can be read now: all of them, but for what still arrives.
  [[nodiscard]] virtual std::uint64_t available_bytes() const { return size_bytes(); }
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

/// Fills `out` from `offset`, all of it or an error.
using ReadFunction = std::function<Result<>(std::uint64_t offset, std::span<std::byte> out)>;

/// Bytes that a function of the caller fetches: an archive, a cache, a network. It is asked for
/// ranges inside `size_bytes` only. REQUIRES: `read` may be called from any thread.
[[nodiscard]] std::shared_ptr<ByteSource> make_function_source(std::uint64_t size_bytes,
                                                               ReadFunction read,
                                                               std::string name = "function");

/// Bytes that arrive from the first to the last, as a download brings them. What has not arrived
/// reads as an error (kIo, "has not arrived"). One thread appends, any number read.
class ArrivingSource final : public ByteSource {
 public:
  /// `size_bytes`: of the whole file. Memory grows with what arrives, not before.
  explicit ArrivingSource(std::uint64_t size_bytes, std::string name = "arriving");

  /// Adds the next bytes. Errors: kInvalidArgument (more than size_bytes in all), kOutOfHostMemory;
  /// then nothing is added.
  [[nodiscard]] Result<> append(std::span<const std::byte> bytes);

  [[nodiscard]] std::uint64_t size_bytes() const override { return size_bytes_; }
  [[nodiscard]] std::uint64_t available_bytes() const override;
  [[nodiscard]] Result<> read(std::uint64_t offset, std::span<std::byte> out) const override;
  [[nodiscard]] std::string name() const override { return name_; }

 private:
  std::uint64_t size_bytes_;
  std::string name_;
  mutable std::mutex mutex_;
  std::vector<std::byte> arrived_;
};

}  // namespace forge3d
