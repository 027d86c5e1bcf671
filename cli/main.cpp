// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The command line tool: parses, runs one sub-command, answers its exit code.

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

#include "cli/session.hpp"

namespace forge3d::cli {
namespace {

ExitCode usage_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(error);
    return ExitCode::kOk;
  }
  const bool json =
      std::any_of(argv + 1, argv + argc, [](std::string_view word) { return word == "--json"; });
  const auto chosen = app.get_subcommands();
  const std::string command = chosen.empty() ? "usage" : chosen.front()->get_name();
  return Output(command, json, false).fail({ErrorCode::kInvalidArgument, 0, error.what(), {}});
}

std::string command_line(int argc, char** argv) {
  std::string line = "forge3d";
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool plain = word.find_first_of(" '\"$") == std::string_view::npos;
    line += plain ? " " + std::string(word) : " '" + std::string(word) + "'";
  }
  return line;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Everything a renderer keeps on the GPU, moved, stored, compressed and streamed "
      "under one hard byte budget."};
  app.name("forge3d");
  app.set_version_flag("--version", "forge3d " FORGE3D_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 ok, 1 usage, 2 I/O, 3 invalid file, 4 runtime, 5 not supported, "
      "8 over budget.");
  Session session(app, command_line(argc, argv));
  for (const auto add :
       {add_probe_command, add_encode_command, add_decode_command, add_transcode_command,
        add_info_command, add_validate_command, add_compare_command, add_tile_command,
        add_stream_command, add_bench_command, add_replay_command})
    add(session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(usage_error(app, error, argc, argv));
  }
  return static_cast<int>(session.exit_code());
}

}  // namespace
}  // namespace forge3d::cli

int main(int argc, char** argv) {
  using forge3d::cli::ExitCode;
  try {
    return forge3d::cli::run(argc, argv);
  } catch (const std::exception& error) {  // std::bad_alloc, and what the parser or JSON may throw
    return static_cast<int>(forge3d::cli::Output("tool", false, false)
                                .fail({forge3d::ErrorCode::kInternal, 0, error.what(), {}}));
  }
}
