// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Progress: a bar on stderr for people; nothing for pipes, files and --quiet.

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/output.hpp"

namespace forge3d::cli {

/// One bar, redrawn in place at most ten times a second and wiped when the object goes. Not
/// thread-safe.
class Progress {
 public:
  Progress(std::string label, const Output& output);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t done, std::uint64_t total);

 private:
  std::string label_;
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace forge3d::cli
