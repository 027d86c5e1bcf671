// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of --format, --quality, --use-case and the like.

#include <string>

#include "forge3d/compress.hpp"
#include "forge3d/format.hpp"
#include "forge3d/result.hpp"

namespace forge3d::cli {

/// Errors: kInvalidArgument for a word nobody knows.
[[nodiscard]] Result<Quality> parse_quality(const std::string& word);
[[nodiscard]] Result<UseCase> parse_use_case(const std::string& word);
[[nodiscard]] Result<MemoryPriority> parse_memory_priority(const std::string& word);
[[nodiscard]] Result<MipFilter> parse_mip_filter(const std::string& word);

/// The format to encode: a word for it, or `automatic` for "auto". Errors: kInvalidArgument for a
/// word nobody knows, kNotSupported for a format that this build does not encode.
[[nodiscard]] Result<Format> parse_format(const std::string& word, Format automatic);
/// The same without "auto".
[[nodiscard]] Result<Format> parse_format(const std::string& word);

/// Its name for JSON; "undefined" for what the table does not hold.
[[nodiscard]] std::string format_name(Format format);

}  // namespace forge3d::cli
