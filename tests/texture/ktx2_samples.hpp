// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small KTX2 files, ways to break them, and the manifests of the shared corpora.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "forge3d/ktx2.hpp"

namespace forge3d::test {

struct Ktx2Sample {
  std::vector<std::vector<std::byte>> levels;
  std::vector<std::byte> file;
};
/// A valid file with pseudo-random texels and `levels` levels, 0 for all.
Ktx2Sample make_ktx2(Ktx2WriteDesc desc, std::uint32_t levels);

std::uint32_t load32(std::span<const std::byte> bytes, std::size_t at);
std::uint64_t load64(std::span<const std::byte> bytes, std::size_t at);
std::vector<std::byte> patch(std::vector<std::byte> bytes, std::size_t at, std::uint8_t value);
std::vector<std::byte> patch32(std::vector<std::byte> bytes, std::size_t at, std::uint32_t value);
std::vector<std::byte> patch64(std::vector<std::byte> bytes, std::size_t at, std::uint64_t value);

std::vector<std::byte> zstd_of(std::span<const std::byte> bytes);

/// FIPS 180-4, for comparing with manifests.
std::string sha256_hex(std::span<const std::byte> bytes);

/// One line of a MANIFEST.tsv by column name.
using ManifestLine = std::map<std::string, std::string>;
std::vector<ManifestLine> read_manifest(const std::filesystem::path& path);

}  // namespace forge3d::test
