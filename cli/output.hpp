// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every sub-command prints, and how errors become exit codes.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::cli {

using Json = nlohmann::ordered_json;

/// The tool's exit codes: the same for every sub-command.
enum class ExitCode : int {
  kOk = 0,
  kUsage = 1,
  kIo = 2,
  kInvalidFile = 3,
  kRuntime = 4,
  kNotSupported = 5,
  kOverBudget = 8,
};

[[nodiscard]] ExitCode exit_code_for(ErrorCode code);

/// Decibels for JSON and tables: equal pictures have an infinite PSNR, which JSON cannot hold, so
/// every figure is capped here.
inline constexpr double kPsnrCapDb = 99.0;
[[nodiscard]] double capped_psnr(double psnr_db);

/// Reasons and message of an error on one line.
[[nodiscard]] std::string one_line(const Error& error);

/// Prints for one run of a sub-command: results on stdout, remarks and errors on stderr.
class Output {
 public:
  Output(std::string command, bool json, bool quiet)
      : command_(std::move(command)), json_(json), quiet_(quiet) {}

  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] bool quiet() const { return quiet_; }

  /// A remark on stderr; nothing with --quiet.
  void note(std::string_view text) const;

  /// The result: `object` with --json, else `plain` (nothing with --quiet). Answers kIo when stdout
  /// cannot take it.
  ExitCode print(const Json& object, std::string_view plain) const;

  /// One line on stderr, with --json also {"error": ...} on stdout. `files` are those of the
  /// command, the one at fault first: it is named unless the message names one of them already.
  ExitCode fail(const Error& error, const std::vector<std::string>& files = {}) const;

 private:
  std::string command_;
  bool json_;
  bool quiet_;
};

}  // namespace forge3d::cli
