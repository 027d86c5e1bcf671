// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "forge3d/pmtiles.hpp"
#include "tiles/archive_directories.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/inflate.hpp"
#include "tiles/pmtiles_header.hpp"

namespace forge3d {

struct PmtilesReader::Directories {
  std::unique_ptr<tiles::ArchiveDirectories> tree;
};

PmtilesReader::PmtilesReader() = default;
PmtilesReader::~PmtilesReader() = default;

namespace {

Result<std::string> read_metadata(const ByteSource& source, const PmtilesHeader& header) {
  if (header.metadata_bytes == 0) return std::string();
  const std::string where =
      fmt::format("{}: metadata at offset {}", source.name(), header.metadata_offset);
  if (header.metadata_bytes > tiles::kMaxInflatedBytes)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: {} bytes, over the limit of {}", where, header.metadata_bytes,
                            tiles::kMaxInflatedBytes));
  std::vector<std::byte> packed(static_cast<std::size_t>(header.metadata_bytes));
  FORGE3D_TRY(source.read(header.metadata_offset, packed));
  FORGE3D_TRY_ASSIGN(const auto bytes, tiles::inflate(header.internal_compression, packed, where));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

Result<std::shared_ptr<PmtilesReader>> PmtilesReader::open(std::shared_ptr<ByteSource> source) {
  return tiles::guard_memory("no memory to open an archive",
                             [&] { return open_unguarded(std::move(source)); });
}

Result<std::shared_ptr<PmtilesReader>> PmtilesReader::open_unguarded(
    std::shared_ptr<ByteSource> source) {
  // Header and root directory in one read: the format promises them within these bytes.
  std::vector<std::byte> head(static_cast<std::size_t>(
      std::min<std::uint64_t>(source->size_bytes(), tiles::kPmtilesHeadBytes)));
  FORGE3D_TRY(source->read(0, head));
  std::shared_ptr<PmtilesReader> reader(new PmtilesReader());
  FORGE3D_TRY_ASSIGN(reader->header_,
                     tiles::parse_pmtiles_header(head, source->size_bytes(), source->name()));
  const PmtilesHeader& header = reader->header_;
  const auto root = std::span<const std::byte>(head).subspan(
      static_cast<std::size_t>(header.root_offset), static_cast<std::size_t>(header.root_bytes));
  reader->directories_ = std::make_unique<Directories>();
  FORGE3D_TRY_ASSIGN(reader->directories_->tree,
                     tiles::ArchiveDirectories::open(source, header, root));
  FORGE3D_TRY_ASSIGN(reader->metadata_, read_metadata(*source, header));
  reader->source_ = std::move(source);
  return reader;
}

Result<std::shared_ptr<PmtilesReader>> PmtilesReader::open(const std::filesystem::path& path) {
  FORGE3D_TRY_ASSIGN(auto source, open_file_source(path));
  return open(std::move(source));
}

Result<std::optional<PmtilesReader::Extent>> PmtilesReader::find(std::uint64_t tile_id) const {
  FORGE3D_TRY_ASSIGN(const auto entry, tiles::guard_memory("no memory for a leaf directory", [&] {
                       return directories_->tree->find(tile_id);
                     }));
  if (!entry) return std::nullopt;
  return Extent{header_.data_offset + entry->offset, entry->size_bytes};
}

}  // namespace forge3d
