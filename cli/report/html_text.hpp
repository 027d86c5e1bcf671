// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Text inside HTML and SVG: escaping and embedding.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace forge3d::cli {

/// `text` with &, <, >, and quotes as entities, and control characters as spaces.
[[nodiscard]] std::string escape_html(std::string_view text);

/// RFC 4648 base 64 with padding.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

/// "data:image/png;base64,..."
[[nodiscard]] std::string png_uri(std::span<const std::byte> png);

/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t value);

}  // namespace forge3d::cli
