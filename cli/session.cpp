// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <utility>

namespace forge3d::cli {

CLI::App& Session::add_command(const std::string& name, const std::string& description,
                               std::function<ExitCode(const Output&)> run) {
  CLI::App* command = app_.add_subcommand(name, description);
  command->add_flag("--json", json_, "Print one JSON object on stdout");
  command->add_flag("--quiet", quiet_, "Print nothing but errors, and the object of --json");
  command->callback(
      [this, name, run = std::move(run)] { exit_code_ = run(Output(name, json_, quiet_)); });
  return *command;
}

}  // namespace forge3d::cli
