// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// PageTable: which atlas slot shows which page, as words that a shader reads without a loop. Knows
// no GPU.

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "forge3d/result.hpp"
#include "forge3d/tile_source.hpp"
#include "streaming/page_key.hpp"
#include "streaming/page_table_layout.hpp"

namespace forge3d::streaming {

struct PageTableDesc {
  std::uint64_t capacity_bytes = 1u << 20;
  std::uint32_t max_textures = 16;
  std::uint32_t page_texels = 256;
  std::uint32_t border_texels = 4;
  std::uint32_t atlas_grid = 1;  ///< Tiles a side in one atlas layer.
};

/// Bytes of the table to copy.
struct DirtyRange {
  std::uint64_t offset_bytes = 0;
  std::uint64_t size_bytes = 0;
};

/// One word of the table and where it goes.
struct TableWord {
  std::uint32_t index = 0;
  std::uint32_t value = 0;
};

/// What brings a copy of the table up to date: runs of bytes, and single words.
struct TableDelta {
  std::vector<DirtyRange> ranges;  ///< In rising order, close neighbours merged.
  std::vector<TableWord> words;    ///< In rising order.
};

/// Keeps, for every page of every texture, the finest resident page at it or above it. Pages of a
/// flat level or in a block of the table have an entry of their own; pages without one share the
/// finest resident page that covers their whole block. Blocks are made for wanted pages and taken
/// back from the least recently wanted ones when the table is full. Not thread-safe.
class PageTable {
 public:
  /// The smallest capacity: the records, a directory's chunk and a block's.
  [[nodiscard]] static std::uint64_t smallest_bytes(std::uint32_t max_textures);
  /// Errors: kInvalidArgument (no textures, too many), kBudgetExceeded (a capacity below
  /// smallest_bytes(), which it names).
  [[nodiscard]] static Result<PageTable> create(const PageTableDesc& desc);

  /// Makes the texture's directories, all entries invalid. `generation` tells shaders one texture
  /// of this index from the next. REQUIRES: index < max_textures, absent. Errors: kNotSupported
  /// (more levels or pages than an entry can name), kBudgetExceeded names the bytes needed.
  [[nodiscard]] Result<> add_texture(std::uint32_t index, const TilePyramid& pyramid,
                                     std::uint32_t generation = 1);
  /// Forgets the texture and its resident pages.
  void remove_texture(std::uint32_t index);
  [[nodiscard]] bool has_texture(std::uint32_t index) const;

  /// Points the page, and those below that have nothing finer, at `slot`. REQUIRES: the page is
  /// absent, slot < layout::kMaxSlots.
  void set_resident(const PageKey& page, std::uint32_t slot, std::uint32_t fade = 0);
  /// Changes the fade of a resident page's entries, 0..layout::kFadeMask. REQUIRES: the page is
  /// resident, and has a resident ancestor when `fade` is not 0.
  void set_fade(const PageKey& page, std::uint32_t fade);
  /// Points whatever shows the page at the finest resident page above. REQUIRES: the page is
  /// resident.
  void set_absent(const PageKey& page);
  /// The slot of a resident page.
  [[nodiscard]] std::optional<std::uint32_t> find(const PageKey& page) const;
  /// The level of the finest resident page at or above `page`; nullopt when there is none.
  [[nodiscard]] std::optional<std::uint32_t> resident_level(const PageKey& page) const;

  /// The finest resident page at or above, as an entry (layout::kIsValid, level, slot); 0 when
  /// there is none.
  [[nodiscard]] std::uint32_t finest(const PageKey& page) const { return finest_entry(page); }

  /// Makes sure that the page has an entry of its own, so that it can be shown. False when every
  /// block is wanted in this frame already. REQUIRES: frames never fall.
  bool want(const PageKey& page, std::uint64_t frame);

  /// The entry a shader would find (layout::kIsValid, level, slot), read from the words.
  [[nodiscard]] std::uint32_t lookup(const PageKey& page) const;
  [[nodiscard]] std::span<const std::uint32_t> words() const { return words_; }
  /// What changed since clear_dirty(): runs of words, and up to `most_words` that stand alone. Each
  /// changed word is in one of the two, whichever moves fewer bytes.
  void find_changes(std::size_t most_words, TableDelta& out) const;
  void clear_dirty();

  /// Chunks that blocks may have at most, and have now.
  [[nodiscard]] std::uint32_t block_capacity() const { return chunk_count_ - directory_chunks_; }
  [[nodiscard]] std::uint32_t blocks_used() const { return blocks_used_; }
  /// Bytes of table that a texture's directories take.
  [[nodiscard]] static std::uint64_t directory_bytes(const TilePyramid& pyramid);

 private:
  struct Level {
    std::uint32_t pages_x = 0, pages_y = 0;
    std::uint32_t blocks_x = 0, blocks_y = 0;
    std::uint32_t directory = 0;  // word offset
    bool flat = false;            // an entry for each page, no blocks
  };
  struct Texture {
    TilePyramid pyramid;
    std::vector<Level> levels;  // empty: absent
    std::uint32_t first_chunk = 0, chunks = 0;
    std::unordered_map<PageKey, std::uint32_t, PageKeyHash> resident;  // and its entry
  };
  struct Chunk {
    enum class Use : std::uint8_t { kFree, kDirectory, kBlock } use = Use::kFree;
    std::uint32_t texture = 0, level = 0, block_x = 0, block_y = 0;
    std::uint64_t last_wanted = 0;
  };

  explicit PageTable(const PageTableDesc& desc);
  void put(std::uint32_t index, std::uint32_t value);
  void mark_all_dirty();
  void append_words(std::size_t unit, std::vector<TableWord>& words) const;
  void append_range(std::size_t unit, std::vector<DirtyRange>& ranges) const;
  [[nodiscard]] std::uint32_t record(std::uint32_t texture) const;
  [[nodiscard]] std::uint32_t chunk_offset(std::uint32_t chunk) const;
  [[nodiscard]] std::uint32_t chunk_at(std::uint32_t offset) const;
  [[nodiscard]] std::uint32_t directory_index(const Level& level, std::uint32_t block_x,
                                              std::uint32_t block_y) const;

  [[nodiscard]] std::optional<std::uint32_t> find_directory_chunks(std::uint32_t count) const;
  [[nodiscard]] std::optional<std::uint32_t> take_block_chunk(std::uint64_t frame);
  void make_block(std::uint32_t chunk, const PageKey& page, std::uint64_t frame);
  void fill_block(std::uint32_t chunk);
  void free_block(std::uint32_t chunk);
  /// The finest resident page that covers all pages of a block, as an entry.
  [[nodiscard]] std::uint32_t covering_entry(const PageKey& first, const PageKey& last) const;
  /// The finest resident page at or above, as an entry; 0 when there is none.
  [[nodiscard]] std::uint32_t finest_entry(const PageKey& page) const;
  /// Calls update(word index) for each entry that holds for `page` or pages below it alone.
  template <class Update>
  void for_each_entry_below(const PageKey& page, const Update& update);
  template <class Update>
  void for_each_entry_in_level(const Texture& texture, std::uint32_t level, PageRange x,
                               PageRange y, const Update& update);

  PageTableDesc desc_;
  std::vector<std::uint32_t> words_;
  std::vector<std::uint64_t> dirty_words_;  // one bit a word, 64 words a unit
  std::vector<std::uint64_t> dirty_units_;  // one bit for each of dirty_words_ that is not 0
  std::vector<Texture> textures_;
  std::vector<Chunk> chunks_;
  std::uint32_t heap_ = 0;  // word offset of the first chunk
  std::uint32_t chunk_count_ = 0;
  std::uint32_t directory_chunks_ = 0;
  std::uint32_t blocks_used_ = 0;
};

}  // namespace forge3d::streaming
