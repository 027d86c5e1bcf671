// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// CsvReader: the lines of a plain CSV text (no quotes), by the names of its columns.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "forge3d/result.hpp"

namespace forge3d::cli {

/// Views into the text, which must outlive it.
class CsvReader {
 public:
  /// Reads the header line.
  explicit CsvReader(std::string_view text);

  /// Index of a column, or nothing.
  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
  /// The next line that is neither empty nor a remark (#); false at the end. Errors: kInvalidFile
  /// when it has not as many fields as the header.
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] std::string_view field(std::size_t column) const { return fields_[column]; }
  /// A decimal number. Errors: kInvalidFile.
  [[nodiscard]] Result<std::uint64_t> number(std::size_t column) const;
  /// An error that names the line.
  [[nodiscard]] tl::unexpected<Error> invalid(std::string_view rule) const;

 private:
  bool next_line(std::string_view& line);

  std::string_view rest_;
  std::size_t line_ = 0;
  std::vector<std::string_view> names_, fields_;
};

}  // namespace forge3d::cli
