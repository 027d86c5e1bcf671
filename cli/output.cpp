// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace forge3d::cli {
namespace {

std::string dump(const Json& object) {
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool write_stdout(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

Json error_object(const Error& error) {
  return {
      {"error",
       {{"code", to_string(error.code)}, {"message", error.message}, {"reasons", error.reasons}}}};
}

std::string with_file(const std::string& text, const std::vector<std::string>& files) {
  const bool named = std::any_of(files.begin(), files.end(), [&](const std::string& file) {
    return text.find(file) != std::string::npos;
  });
  return named || files.empty() ? text : files.front() + ": " + text;
}

}  // namespace

ExitCode exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return ExitCode::kUsage;
    case ErrorCode::kIo:
      return ExitCode::kIo;
    case ErrorCode::kInvalidFile:
      return ExitCode::kInvalidFile;
    case ErrorCode::kNotSupported:
      return ExitCode::kNotSupported;
    case ErrorCode::kBudgetExceeded:
      return ExitCode::kOverBudget;
    default:
      return ExitCode::kRuntime;
  }
}

double capped_psnr(double psnr_db) { return std::min(psnr_db, kPsnrCapDb); }

std::string one_line(const Error& error) {
  std::string text;
  for (const std::string& reason : error.reasons) text += reason + ": ";
  text += error.message;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

void Output::note(std::string_view text) const {
  if (!quiet_) fmt::print(stderr, "forge3d {}: {}\n", command_, text);
}

ExitCode Output::print(const Json& object, std::string_view plain) const {
  if (json_) return write_stdout(dump(object)) ? ExitCode::kOk : ExitCode::kIo;
  if (quiet_ || write_stdout(plain)) return ExitCode::kOk;
  return ExitCode::kIo;
}

ExitCode Output::fail(const Error& error, const std::vector<std::string>& files) const {
  fmt::print(stderr, "forge3d {}: {}\n", command_, with_file(one_line(error), files));
  if (json_) (void)write_stdout(dump(error_object(error)));
  return exit_code_for(error.code);
}

}  // namespace forge3d::cli
