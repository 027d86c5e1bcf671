// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Session: one run of the tool: the sub-commands it knows and the exit code of the one that ran.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>

#include "cli/output.hpp"

namespace forge3d::cli {

/// Registers sub-commands with what all of them share. Lives as long as the CLI::App it was made
/// for.
class Session {
 public:
  Session(CLI::App& app, std::string command_line)
      : app_(app), command_line_(std::move(command_line)) {}

  /// A sub-command with --json and --quiet; `run` is called when it was chosen and parsed.
  CLI::App& add_command(const std::string& name, const std::string& description,
                        std::function<ExitCode(const Output&)> run);

  /// The words the tool was called with, for reports.
  [[nodiscard]] const std::string& command_line() const { return command_line_; }
  [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

 private:
  CLI::App& app_;
  std::string command_line_;
  bool json_ = false;
  bool quiet_ = false;
  ExitCode exit_code_ = ExitCode::kOk;
};

/// The sub-commands, each in its own file.
void add_probe_command(Session& session);
void add_encode_command(Session& session);
void add_decode_command(Session& session);
void add_transcode_command(Session& session);
void add_info_command(Session& session);
void add_validate_command(Session& session);
void add_compare_command(Session& session);
void add_tile_command(Session& session);
void add_stream_command(Session& session);
void add_bench_command(Session& session);
void add_replay_command(Session& session);

}  // namespace forge3d::cli
