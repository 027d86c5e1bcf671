// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tiles/bytes.hpp"

namespace forge3d::tiles {
namespace {

/// Reads the four columns of a directory, one function each.
class DirectoryDecoder {
 public:
  DirectoryDecoder(std::span<const std::byte> bytes, const DirectoryBounds& bounds,
                   const std::string& where)
      : cursor_(bytes), bounds_(bounds), where_(where) {}

  Result<std::vector<DirectoryEntry>> decode() {
    FORGE3D_TRY(read_count());
    FORGE3D_TRY(read_ids());
    FORGE3D_TRY(read_runs());
    FORGE3D_TRY(read_sizes());
    FORGE3D_TRY(read_offsets());
    if (cursor_.remaining() != 0) return bad("{} bytes follow the last entry", cursor_.remaining());
    return std::move(entries_);
  }

 private:
  template <class... Args>
  [[nodiscard]] tl::unexpected<Error> bad(fmt::format_string<Args...> rule, Args&&... args) const {
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}, inflated byte {}: {}", where_, cursor_.position(),
                            fmt::format(rule, std::forward<Args>(args)...)));
  }

  Result<std::uint64_t> read(const char* column, std::size_t index) {
    std::uint64_t value = 0;
    if (!cursor_.read(value))
      return bad("the {} of entry {} is cut off or too long", column, index);
    return value;
  }

  Result<std::uint32_t> read_u32(const char* column, std::size_t index) {
    FORGE3D_TRY_ASSIGN(const std::uint64_t value, read(column, index));
    if (value > std::numeric_limits<std::uint32_t>::max())
      return bad("the {} of entry {} is {}, over 32 bits", column, index, value);
    return static_cast<std::uint32_t>(value);
  }

  Result<> read_count() {
    std::uint64_t count = 0;
    if (!cursor_.read(count)) return bad("the entry count is cut off or too long");
    if (count == 0) return bad("a directory must have entries");
    // An entry takes at least one byte in each of the four columns.
    if (count > cursor_.remaining() / 4)
      return bad("{} entries cannot fit the remaining {} bytes", count, cursor_.remaining());
    entries_.resize(static_cast<std::size_t>(count));
    return {};
  }

  Result<> read_ids() {
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      FORGE3D_TRY_ASSIGN(const std::uint64_t delta, read("tile id", i));
      if (i > 0 && delta == 0) return bad("tile ids must ascend, entry {} repeats {}", i, id);
      if (delta >= bounds_.end_id - id || id + delta < bounds_.first_id)
        return bad("the tile id of entry {} lies outside [{}, {})", i, bounds_.first_id,
                   bounds_.end_id);
      id += delta;
      entries_[i].tile_id = id;
    }
    return {};
  }

  Result<> read_runs() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      FORGE3D_TRY_ASSIGN(entries_[i].run_length, read_u32("run length", i));
      const bool last = i + 1 == entries_.size();
      const std::uint64_t end = last ? bounds_.end_id : entries_[i + 1].tile_id;
      if (entries_[i].run_length > end - entries_[i].tile_id)
        return bad("the run of {} tiles of entry {} passes tile {}", entries_[i].run_length, i,
                   end);
    }
    return {};
  }

  Result<> read_sizes() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      FORGE3D_TRY_ASSIGN(entries_[i].size_bytes, read_u32("length", i));
      if (entries_[i].size_bytes == 0) return bad("the length of entry {} is zero", i);
    }
    return {};
  }

  Result<> read_offsets() {
    std::uint64_t contiguous = 0;  // where a stored 0 points: the end of the entry before
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      FORGE3D_TRY_ASSIGN(const std::uint64_t stored, read("offset", i));
      if (stored == 0 && i == 0) return bad("the first entry has no entry to be contiguous with");
      DirectoryEntry& entry = entries_[i];
      entry.offset = stored == 0 ? contiguous : stored - 1;
      const std::uint64_t section = entry.is_leaf() ? bounds_.leaves_bytes : bounds_.data_bytes;
      if (entry.size_bytes > section || entry.offset > section - entry.size_bytes)
        return bad("entry {}, {} bytes at {}, passes its section of {} bytes", i, entry.size_bytes,
                   entry.offset, section);
      contiguous = entry.offset + entry.size_bytes;
    }
    return {};
  }

  VarintCursor cursor_;
  const DirectoryBounds& bounds_;
  const std::string& where_;
  std::vector<DirectoryEntry> entries_;
};

}  // namespace

Result<std::vector<DirectoryEntry>> decode_directory(std::span<const std::byte> bytes,
                                                     const DirectoryBounds& bounds,
                                                     const std::string& where) {
  return DirectoryDecoder(bytes, bounds, where).decode();
}

std::vector<std::byte> encode_directory(std::span<const DirectoryEntry> entries) {
  std::vector<std::byte> out;
  out.reserve(entries.size() * 6 + 10);
  append_varint(out, entries.size());
  std::uint64_t last_id = 0;
  for (const DirectoryEntry& entry : entries) {
    append_varint(out, entry.tile_id - last_id);
    last_id = entry.tile_id;
  }
  for (const DirectoryEntry& entry : entries) append_varint(out, entry.run_length);
  for (const DirectoryEntry& entry : entries) append_varint(out, entry.size_bytes);
  std::uint64_t contiguous = 0;
  for (const DirectoryEntry& entry : entries) {
    const bool follows = &entry != entries.data() && entry.offset == contiguous;
    append_varint(out, follows ? 0 : entry.offset + 1);
    contiguous = entry.offset + entry.size_bytes;
  }
  return out;
}

const DirectoryEntry* find_entry(std::span<const DirectoryEntry> entries, std::uint64_t tile_id) {
  auto after = std::upper_bound(
      entries.begin(), entries.end(), tile_id,
      [](std::uint64_t id, const DirectoryEntry& entry) { return id < entry.tile_id; });
  if (after == entries.begin()) return nullptr;
  const DirectoryEntry& entry = *(after - 1);
  if (!entry.is_leaf() && tile_id - entry.tile_id >= entry.run_length) return nullptr;
  return &entry;
}

}  // namespace forge3d::tiles
