// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs the built tool as its users do, and makes small files to run it on.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace forge3d::test {

/// What one run of the tool left.
struct ToolRun {
  int exit_code = -1;  ///< -1: killed by a signal.
  std::string out, err;

  /// stdout as JSON; discarded (is_discarded()) when it is none.
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

[[nodiscard]] ToolRun run_tool(const std::vector<std::string>& arguments);

/// An RGB picture: a gradient with noise on it.
void write_picture(const std::filesystem::path& path, std::uint32_t width, std::uint32_t height);

[[nodiscard]] std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace forge3d::test
