// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/replay/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace forge3d::cli {
namespace {

constexpr std::size_t kShownChars = 40;

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (;;) {
    const std::size_t comma = line.find(',');
    std::string_view field = line.substr(0, comma);
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
    fields.push_back(field);
    if (comma == std::string_view::npos) return;
    line.remove_prefix(comma + 1);
  }
}

}  // namespace

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  std::string_view line;
  if (next_line(line)) split(line, names_);
}

bool CsvReader::next_line(std::string_view& line) {
  while (!rest_.empty()) {
    ++line_;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') return true;
  }
  return false;
}

std::optional<std::size_t> CsvReader::column(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names_.begin());
}

Result<bool> CsvReader::next() {
  std::string_view line;
  if (!next_line(line)) return false;
  split(line, fields_);
  if (fields_.size() == names_.size()) return true;
  return invalid(
      fmt::format("{} fields, the header has {} columns", fields_.size(), names_.size()));
}

Result<std::uint64_t> CsvReader::number(std::size_t column) const {
  const std::string_view text = fields_[column];
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return invalid(fmt::format("{} is \"{}\", no number below 2^64", names_[column],
                             text.substr(0, kShownChars)));
}

tl::unexpected<Error> CsvReader::invalid(std::string_view rule) const {
  return fail(ErrorCode::kInvalidFile, fmt::format("line {}: {}", line_, rule));
}

}  // namespace forge3d::cli
