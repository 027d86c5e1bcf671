// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d validate: does a KTX2 file or a tile archive keep the rules of its format?

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/files.hpp"
#include "cli/session.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/pmtiles.hpp"

namespace forge3d::cli {
namespace {

using Findings = std::vector<ValidationFinding>;
using Severity = ValidationFinding::Severity;

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
    case Severity::kFatal:
      return "fatal";
  }
  return "error";
}

/// A file without a known head is still held to the format that its name promises, KTX2 by default.
bool is_archive(FileKind kind, const std::filesystem::path& path) {
  return kind == FileKind::kPmtiles || (kind == FileKind::kOther && path.extension() == ".pmtiles");
}

Result<Findings> validate(const std::string& path, const Ktx2ValidateOptions& options) {
  FORGE3D_TRY_ASSIGN(const FileKind kind, detect_file_kind(path));
  FORGE3D_TRY_ASSIGN(const std::shared_ptr<ByteSource> source, open_file_source(path));
  return is_archive(kind, path) ? validate_pmtiles(source) : validate_ktx2(*source, options);
}

bool is_valid(const Findings& findings) {
  return std::all_of(findings.begin(), findings.end(), [](const ValidationFinding& finding) {
    return finding.severity == Severity::kWarning;
  });
}

Json findings_json(const Findings& findings) {
  Json list = Json::array();
  for (const ValidationFinding& finding : findings)
    list.push_back({{"id", finding.id},
                    {"severity", severity_name(finding.severity)},
                    {"offset", finding.offset},
                    {"text", finding.text}});
  return list;
}

ExitCode run_validate(const std::string& path, const Ktx2ValidateOptions& options,
                      const Output& output) {
  const auto findings = validate(path, options);
  if (!findings) return output.fail(findings.error(), {path});
  const bool valid = is_valid(*findings);
  std::string plain = fmt::format("{}: {}\n", path, valid ? "valid" : "not valid");
  for (const ValidationFinding& finding : *findings)
    plain += fmt::format("  {} {} at offset {}: {}\n", severity_name(finding.severity), finding.id,
                         finding.offset, finding.text);
  const Json object{{"file", path}, {"valid", valid}, {"findings", findings_json(*findings)}};
  const ExitCode printed = output.print(object, plain);
  return printed != ExitCode::kOk || valid ? printed : ExitCode::kInvalidFile;
}

}  // namespace

void add_validate_command(Session& session) {
  auto path = std::make_shared<std::string>();
  auto options = std::make_shared<Ktx2ValidateOptions>();
  CLI::App& command = session.add_command(
      "validate", "Check a KTX2 file or a tile archive against its format",
      [path, options](const Output& output) { return run_validate(*path, *options, output); });
  command.add_option("FILE", *path, "KTX2 or PMTiles file")->required();
  command.add_flag("--gltf-basisu", options->gltf_basisu,
                   "Also the rules of glTF's KHR_texture_basisu (KTX2 only)");
}

}  // namespace forge3d::cli
