// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PartFile: a file that appears under its name only when it is whole.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "forge3d/result.hpp"

namespace forge3d::tiles {

/// Writes PATH.part; publish() syncs it and renames it to PATH. Without publish() the destructor
/// removes the part file and an older PATH stays as it was. Not thread-safe.
class PartFile {
 public:
  /// Creates or empties PATH.part. Errors: kIo.
  [[nodiscard]] static Result<std::unique_ptr<PartFile>> create(const std::filesystem::path& path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  /// Writes all of `bytes` at `offset`. Errors: kIo.
  [[nodiscard]] Result<> write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  /// Waits until what was written is on the disk. Errors: kIo.
  [[nodiscard]] Result<> sync();
  /// Syncs, closes and renames. Errors: kIo; the part file is then removed.
  [[nodiscard]] Result<> publish();

  /// The final path, for messages.
  [[nodiscard]] std::string name() const { return path_.string(); }

 private:
  explicit PartFile(std::filesystem::path path);
  [[nodiscard]] tl::unexpected<Error> io_error(std::string_view action) const;
  [[nodiscard]] Result<> close_file();
  /// Makes the new name itself survive a power cut.
  void sync_folder() const;

  std::filesystem::path path_;
  std::filesystem::path part_path_;
  int file_ = -1;  // -1 once closed
};

}  // namespace forge3d::tiles
