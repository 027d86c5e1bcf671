// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// ScratchFile: a file that goes with its owner.

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::bench {

class ScratchFile {
 public:
  /// Names a file of this process in the folder for temporary ones; `ending` without a dot.
  explicit ScratchFile(std::string_view ending) {
    std::error_code failed;  // no such folder: the file cannot be written, which is the error
    path_ = std::filesystem::temp_directory_path(failed) /
            fmt::format("forge3d-bench-{}.{}", getpid(), ending);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  Result<> write(const std::vector<std::byte>& bytes) {
    std::ofstream out(path_, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (out.flush()) return {};
    return fail(ErrorCode::kIo, fmt::format("{}: cannot write", path_.string()));
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace forge3d::bench
