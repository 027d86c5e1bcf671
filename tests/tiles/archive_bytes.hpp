// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Archives put together by hand, valid or not, for the reader's tests.

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "forge3d/pmtiles.hpp"
#include "tiles/directory.hpp"
#include "tiles/pmtiles_header.hpp"

namespace forge3d::tiles {

using Bytes = std::vector<std::byte>;

inline Bytes to_bytes(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(data, data + text.size());
}

inline void append(Bytes& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

inline Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return to_bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// The sections of an archive whose directories are not compressed.
struct ArchiveParts {
  Bytes root, metadata = to_bytes("{}"), leaves, data = Bytes(64);
  std::uint8_t max_zoom = 3;
};

/// Header, root, metadata, leaves and data, one after the other; `change` may spoil the header.
template <class Change>
Bytes assemble(const ArchiveParts& parts, Change change) {
  PmtilesHeader header;
  header.max_zoom = parts.max_zoom;
  header.root_offset = kPmtilesHeaderBytes;
  header.root_bytes = parts.root.size();
  header.metadata_offset = header.root_offset + header.root_bytes;
  header.metadata_bytes = parts.metadata.size();
  header.leaves_offset = header.metadata_offset + header.metadata_bytes;
  header.leaves_bytes = parts.leaves.size();
  header.data_offset = header.leaves_offset + header.leaves_bytes;
  header.data_bytes = parts.data.size();
  change(header);
  Bytes bytes;
  append(bytes, store_pmtiles_header(header));
  for (const Bytes* part : {&parts.root, &parts.metadata, &parts.leaves, &parts.data})
    append(bytes, *part);
  return bytes;
}

inline Bytes assemble(const ArchiveParts& parts) {
  return assemble(parts, [](PmtilesHeader&) {});
}

inline Result<std::shared_ptr<PmtilesReader>> open_bytes(const Bytes& bytes) {
  return PmtilesReader::open(make_memory_source(bytes, "bytes"));
}

}  // namespace forge3d::tiles
