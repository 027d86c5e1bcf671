// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of --format, --quality and --use-case.

#include <cstdint>
#include <string>

#include "forge3d/codec.hpp"
#include "forge3d/format.hpp"
#include "forge3d/result.hpp"

namespace forge3d::cli {

enum class UseCase : std::uint8_t { kAlbedo, kNormal, kHeight, kHdr, kUi };

/// Errors: kInvalidArgument for a word nobody knows.
[[nodiscard]] Result<Quality> parse_quality(const std::string& word);
[[nodiscard]] Result<UseCase> parse_use_case(const std::string& word);

/// The format to encode: a word for it, or "auto" for what suits the use case. Errors:
/// kInvalidArgument for a word nobody knows, kNotSupported for a format or use case that this build
/// does not encode.
[[nodiscard]] Result<Format> parse_format(const std::string& word, UseCase use_case);

/// Its name for JSON; "undefined" for what the table does not hold.
[[nodiscard]] std::string format_name(Format format);

}  // namespace forge3d::cli
