// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files of the tool: what kind one is by its content, and writing one so that it appears only
// whole.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "forge3d/result.hpp"

namespace forge3d::cli {

enum class FileKind : std::uint8_t { kKtx2, kPmtiles, kTiff, kOther };

/// What the first bytes say. Errors: kIo.
[[nodiscard]] Result<FileKind> detect_file_kind(const std::filesystem::path& path);

/// Writes beside `path`, syncs, renames. Errors: kIo; nothing is left behind then.
[[nodiscard]] Result<> write_file(const std::filesystem::path& path,
                                  std::span<const std::byte> bytes);
[[nodiscard]] Result<> write_file(const std::filesystem::path& path, std::string_view text);

/// Makes a folder and its parents. Errors: kIo.
[[nodiscard]] Result<> make_folder(const std::filesystem::path& path);

/// Size of a file, 0 when it cannot be asked.
[[nodiscard]] std::uint64_t file_bytes(const std::filesystem::path& path);

/// "12.3 MiB" for people.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

}  // namespace forge3d::cli
