// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "streaming/page_table.hpp"

#include <fmt/format.h>

#include <bit>
#include <cassert>
#include <utility>

namespace forge3d::streaming {
namespace {

using namespace layout;

constexpr std::uint32_t kDirtyWords = 64;           // 256 bytes: the smallest copy
constexpr std::uint32_t kMergedGap = 4;             // clean units worth uploading to save a copy
constexpr std::uint64_t kMaxTableWords = kIsBlock;  // a block's offset has 31 bits

std::uint32_t blocks_across(std::uint32_t pages) {
  return (pages + kBlockPages - 1) >> kBlockShift;
}

std::uint64_t pages_in(const TilePyramid& pyramid, std::uint32_t level) {
  return std::uint64_t{pyramid.pages_x(level)} * pyramid.pages_y(level);
}

/// A block is worth its indirection only where a level has more pages than one block.
bool is_flat(const TilePyramid& pyramid, std::uint32_t level) {
  return pages_in(pyramid, level) <= kBlockWords;
}

std::uint64_t level_words(const TilePyramid& pyramid, std::uint32_t level) {
  if (is_flat(pyramid, level)) return pages_in(pyramid, level);
  return std::uint64_t{blocks_across(pyramid.pages_x(level))} *
         blocks_across(pyramid.pages_y(level));
}

std::uint64_t directory_words(const TilePyramid& pyramid) {
  std::uint64_t words = 0;
  for (std::uint32_t level = 0; level < pyramid.levels; ++level)
    words += level_words(pyramid, level);
  return words;
}

std::uint64_t heap_start(std::uint32_t max_textures) {
  const std::uint64_t words = kHeaderWords + std::uint64_t{max_textures} * kRecordWords;
  return (words + kDirtyWords - 1) / kDirtyWords * kDirtyWords;
}

/// The pages of one block along one axis.
PageRange block_pages(std::uint32_t block, std::uint32_t pages) {
  return {block << kBlockShift, std::min(((block + 1) << kBlockShift), pages) - 1};
}

}  // namespace

std::uint64_t PageTable::smallest_bytes(std::uint32_t max_textures) {
  return (heap_start(max_textures) + 2 * kBlockWords) * 4;
}

Result<PageTable> PageTable::create(const PageTableDesc& desc) {
  if (desc.max_textures == 0 || desc.max_textures > kMaxTextures)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("max_textures is {}: 1..{}", desc.max_textures, kMaxTextures));
  const std::uint64_t smallest = smallest_bytes(desc.max_textures);
  if (desc.capacity_bytes < smallest)
    return fail(ErrorCode::kBudgetExceeded,
                fmt::format("a page table of {} bytes: {} textures need at least {}",
                            desc.capacity_bytes, desc.max_textures, smallest));
  if (desc.capacity_bytes / 4 >= kMaxTableWords)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a page table of {} bytes: below 8 GiB", desc.capacity_bytes));
  return PageTable(desc);
}

PageTable::PageTable(const PageTableDesc& desc)
    : desc_(desc),
      words_(desc.capacity_bytes / 4),
      textures_(desc.max_textures),
      heap_(static_cast<std::uint32_t>(heap_start(desc.max_textures))) {
  chunk_count_ = (static_cast<std::uint32_t>(words_.size()) - heap_) / kBlockWords;
  chunks_.resize(chunk_count_);
  dirty_words_.resize((words_.size() + kDirtyWords - 1) / kDirtyWords);
  dirty_units_.resize((dirty_words_.size() + 63) / 64);
  put(kMagicWord, kMagic);
  put(kMaxTexturesWord, desc.max_textures);
  put(kPageShiftWord, static_cast<std::uint32_t>(std::countr_zero(desc.page_texels)));
  put(kBorderWord, desc.border_texels);
  put(kTileWord, desc.page_texels + 2 * desc.border_texels);
  put(kGridWord, desc.atlas_grid);
  mark_all_dirty();
}

// The GPU's copy holds rubbish until its first upload, zeros included: all of it differs.
void PageTable::mark_all_dirty() {
  for (std::size_t index = 0; index < words_.size(); ++index)
    dirty_words_[index / kDirtyWords] |= std::uint64_t{1} << (index % kDirtyWords);
  for (std::size_t unit = 0; unit < dirty_words_.size(); ++unit)
    dirty_units_[unit / 64] |= std::uint64_t{1} << (unit % 64);
}

Result<> PageTable::add_texture(std::uint32_t index, const TilePyramid& pyramid,
                                std::uint32_t generation) {
  assert(index < textures_.size() && !has_texture(index));
  if (pyramid.levels > kMaxLevels || pyramid.pages_x(0) > kMaxPagesAcross ||
      pyramid.pages_y(0) > kMaxPagesAcross)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{} x {} pages in {} levels: at most {} across in {} levels",
                            pyramid.pages_x(0), pyramid.pages_y(0), pyramid.levels, kMaxPagesAcross,
                            kMaxLevels));
  const std::uint64_t words = directory_words(pyramid);
  const std::uint64_t count = (words + kBlockWords - 1) / kBlockWords;
  std::optional<std::uint32_t> first;
  // One chunk must stay for blocks, or no page below the coarsest could ever be shown.
  if (count < chunk_count_ - directory_chunks_) {
    first = find_directory_chunks(static_cast<std::uint32_t>(count));
    if (!first) {  // blocks are in the way; they come back when their pages are wanted again
      for (std::uint32_t chunk = 0; chunk < chunk_count_; ++chunk)
        if (chunks_[chunk].use == Chunk::Use::kBlock) free_block(chunk);
      first = find_directory_chunks(static_cast<std::uint32_t>(count));
    }
  }
  if (!first)
    return fail(
        ErrorCode::kBudgetExceeded,
        fmt::format("the page table has {} of {} chunks of 4096 bytes left; a texture of {} x {} "
                    "needs {} and one for its pages",
                    chunk_count_ - directory_chunks_, chunk_count_, pyramid.width, pyramid.height,
                    count));

  Texture& texture = textures_[index];
  texture.pyramid = pyramid;
  texture.first_chunk = *first;
  texture.chunks = static_cast<std::uint32_t>(count);
  directory_chunks_ += texture.chunks;
  for (std::uint32_t i = 0; i < texture.chunks; ++i)
    chunks_[*first + i].use = Chunk::Use::kDirectory;

  std::uint32_t offset = chunk_offset(*first);
  for (std::uint32_t word = 0; word < words; ++word) put(offset + word, 0);
  put(record(index) + kWidthWord, pyramid.width);
  put(record(index) + kHeightWord, pyramid.height);
  put(record(index) + kLevelsWord, pyramid.levels);
  put(record(index) + kGenerationWord, generation);
  for (std::uint32_t i = 0; i < pyramid.levels; ++i) {
    const Level level{pyramid.pages_x(i),
                      pyramid.pages_y(i),
                      blocks_across(pyramid.pages_x(i)),
                      blocks_across(pyramid.pages_y(i)),
                      offset,
                      is_flat(pyramid, i)};
    texture.levels.push_back(level);
    put(record(index) + kDirectoriesWord + i, level.flat ? offset | kIsFlat : offset);
    offset += static_cast<std::uint32_t>(level_words(pyramid, i));
  }
  return {};
}

void PageTable::remove_texture(std::uint32_t index) {
  Texture& texture = textures_[index];
  for (std::uint32_t chunk = 0; chunk < chunk_count_; ++chunk)
    if (chunks_[chunk].use == Chunk::Use::kBlock && chunks_[chunk].texture == index) {
      chunks_[chunk] = {};
      --blocks_used_;
    }
  for (std::uint32_t i = 0; i < texture.chunks; ++i) chunks_[texture.first_chunk + i] = {};
  directory_chunks_ -= texture.chunks;
  put(record(index) + kLevelsWord, 0);
  texture = {};
}

bool PageTable::has_texture(std::uint32_t index) const {
  return index < textures_.size() && !textures_[index].levels.empty();
}

void PageTable::set_resident(const PageKey& page, std::uint32_t slot, std::uint32_t fade) {
  assert(has_texture(page.texture) && !find(page) && slot < kMaxSlots && fade <= kFadeMask);
  const std::uint32_t level = page.tile.level;
  const std::uint32_t entry = page_entry(level, slot, fade);
  textures_[page.texture].resident.emplace(page, entry);
  for_each_entry_below(page, [&](std::uint32_t word) {
    const std::uint32_t old = words_[word];
    if ((old & kIsValid) == 0 || level_of(old) > level) put(word, entry);
  });
}

void PageTable::set_fade(const PageKey& page, std::uint32_t fade) {
  const auto found = textures_[page.texture].resident.find(page);
  assert(found != textures_[page.texture].resident.end() && fade <= kFadeMask);
  const std::uint32_t entry = page_entry(page.tile.level, slot_of(found->second), fade);
  const std::uint32_t old = std::exchange(found->second, entry);
  if (entry == old) return;
  for_each_entry_below(page, [&](std::uint32_t word) {
    if (words_[word] == old) put(word, entry);
  });
}

void PageTable::set_absent(const PageKey& page) {
  Texture& texture = textures_[page.texture];
  const auto found = texture.resident.find(page);
  assert(found != texture.resident.end());
  const std::uint32_t entry = found->second;
  texture.resident.erase(found);
  const std::uint32_t replacement = finest_entry(page);
  for_each_entry_below(page, [&](std::uint32_t word) {
    if (words_[word] == entry) put(word, replacement);
  });
}

std::optional<std::uint32_t> PageTable::find(const PageKey& page) const {
  if (!has_texture(page.texture)) return std::nullopt;
  const auto& resident = textures_[page.texture].resident;
  const auto found = resident.find(page);
  if (found == resident.end()) return std::nullopt;
  return slot_of(found->second);
}

std::optional<std::uint32_t> PageTable::resident_level(const PageKey& page) const {
  const std::uint32_t entry = finest_entry(page);
  if ((entry & kIsValid) == 0) return std::nullopt;
  return level_of(entry);
}

std::uint32_t PageTable::finest_entry(const PageKey& page) const {
  const Texture& texture = textures_[page.texture];
  for (std::uint32_t up = 0; page.tile.level + up < texture.levels.size(); ++up) {
    const PageKey above{page.texture, ancestor_of(texture.pyramid, page.tile, up)};
    const auto found = texture.resident.find(above);
    if (found != texture.resident.end()) return found->second;
  }
  return 0;
}

bool PageTable::want(const PageKey& page, std::uint64_t frame) {
  const Level& level = textures_[page.texture].levels[page.tile.level];
  if (level.flat) return true;
  const std::uint32_t word =
      directory_index(level, page.tile.x >> kBlockShift, page.tile.y >> kBlockShift);
  if ((words_[word] & kIsBlock) != 0) {
    chunks_[chunk_at(words_[word] & ~kIsBlock)].last_wanted = frame;
    return true;
  }
  const std::optional<std::uint32_t> chunk = take_block_chunk(frame);
  if (!chunk) return false;
  make_block(*chunk, page, frame);
  return true;
}

std::uint32_t PageTable::lookup(const PageKey& page) const {
  const Level& level = textures_[page.texture].levels[page.tile.level];
  if (level.flat) return words_[level.directory + page.tile.y * level.pages_x + page.tile.x];
  const std::uint32_t entry =
      words_[directory_index(level, page.tile.x >> kBlockShift, page.tile.y >> kBlockShift)];
  if ((entry & kIsBlock) == 0) return entry;
  return words_[(entry & ~kIsBlock) + (page.tile.y % kBlockPages) * kBlockPages +
                page.tile.x % kBlockPages];
}

void PageTable::find_changes(std::size_t most_words, TableDelta& out) const {
  out.ranges.clear();
  out.words.clear();
  for (std::size_t i = 0; i < dirty_units_.size(); ++i)
    for (std::uint64_t units = dirty_units_[i]; units != 0; units &= units - 1) {
      const std::size_t unit = i * 64 + static_cast<std::size_t>(std::countr_zero(units));
      const auto changed = static_cast<std::size_t>(std::popcount(dirty_words_[unit]));
      // A word that stands alone takes its index along.
      const bool sparse = changed * sizeof(TableWord) < kDirtyWords * 4;
      if (sparse && out.words.size() + changed <= most_words)
        append_words(unit, out.words);
      else
        append_range(unit, out.ranges);
    }
}

void PageTable::append_words(std::size_t unit, std::vector<TableWord>& words) const {
  for (std::uint64_t bits = dirty_words_[unit]; bits != 0; bits &= bits - 1) {
    const auto index = static_cast<std::uint32_t>(unit * kDirtyWords) +
                       static_cast<std::uint32_t>(std::countr_zero(bits));
    words.push_back({index, words_[index]});
  }
}

void PageTable::append_range(std::size_t unit, std::vector<DirtyRange>& ranges) const {
  const std::uint64_t begin = unit * kDirtyWords * 4;
  const std::uint64_t end = std::min<std::uint64_t>(begin + kDirtyWords * 4, words_.size() * 4);
  if (!ranges.empty() &&
      begin <= ranges.back().offset_bytes + ranges.back().size_bytes + kMergedGap * kDirtyWords * 4)
    ranges.back().size_bytes = end - ranges.back().offset_bytes;
  else
    ranges.push_back({begin, end - begin});
}

void PageTable::clear_dirty() {
  for (std::size_t i = 0; i < dirty_units_.size(); ++i)
    for (std::uint64_t units = std::exchange(dirty_units_[i], 0); units != 0; units &= units - 1)
      dirty_words_[i * 64 + static_cast<std::size_t>(std::countr_zero(units))] = 0;
}

std::uint64_t PageTable::directory_bytes(const TilePyramid& pyramid) {
  return directory_words(pyramid) * 4;
}

void PageTable::put(std::uint32_t index, std::uint32_t value) {
  if (words_[index] == value) return;
  words_[index] = value;
  const std::uint32_t unit = index / kDirtyWords;
  dirty_words_[unit] |= std::uint64_t{1} << (index % kDirtyWords);
  dirty_units_[unit / 64] |= std::uint64_t{1} << (unit % 64);
}

std::uint32_t PageTable::record(std::uint32_t texture) const {
  return kHeaderWords + texture * kRecordWords;
}
std::uint32_t PageTable::chunk_offset(std::uint32_t chunk) const {
  return heap_ + chunk * kBlockWords;
}
std::uint32_t PageTable::chunk_at(std::uint32_t offset) const {
  return (offset - heap_) / kBlockWords;
}
std::uint32_t PageTable::directory_index(const Level& level, std::uint32_t block_x,
                                         std::uint32_t block_y) const {
  return level.directory + block_y * level.blocks_x + block_x;
}

std::optional<std::uint32_t> PageTable::find_directory_chunks(std::uint32_t count) const {
  std::uint32_t run = 0;
  for (std::uint32_t chunk = 0; chunk < chunk_count_; ++chunk) {
    run = chunks_[chunk].use == Chunk::Use::kFree ? run + 1 : 0;
    if (run == count) return chunk + 1 - count;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> PageTable::take_block_chunk(std::uint64_t frame) {
  // Blocks grow down from the end and directories up from the start, so that the two seldom meet.
  std::optional<std::uint32_t> oldest;
  for (std::uint32_t i = chunk_count_; i-- > 0;) {
    const Chunk& chunk = chunks_[i];
    if (chunk.use == Chunk::Use::kFree) return i;
    if (chunk.use == Chunk::Use::kBlock && chunk.last_wanted < frame &&
        (!oldest || chunk.last_wanted < chunks_[*oldest].last_wanted))
      oldest = i;
  }
  if (oldest) free_block(*oldest);
  return oldest;
}

void PageTable::make_block(std::uint32_t index, const PageKey& page, std::uint64_t frame) {
  const std::uint32_t block_x = page.tile.x >> kBlockShift, block_y = page.tile.y >> kBlockShift;
  chunks_[index] = {Chunk::Use::kBlock, page.texture, page.tile.level, block_x, block_y, frame};
  ++blocks_used_;
  fill_block(index);
  const Level& level = textures_[page.texture].levels[page.tile.level];
  put(directory_index(level, block_x, block_y), kIsBlock | chunk_offset(index));
}

// Paints from coarse to fine, so that each page is probed once and not once for each page below it.
void PageTable::fill_block(std::uint32_t index) {
  const Chunk& chunk = chunks_[index];
  const Texture& texture = textures_[chunk.texture];
  const Level& level = texture.levels[chunk.level];
  const PageRange x = block_pages(chunk.block_x, level.pages_x);
  const PageRange y = block_pages(chunk.block_y, level.pages_y);
  const PageKey first{chunk.texture, {chunk.level, x.first, y.first}};
  const std::uint32_t last_level = static_cast<std::uint32_t>(texture.levels.size()) - 1;
  const std::uint32_t up = std::min(kBlockShift, last_level - chunk.level);
  // All pages of a block have one ancestor five levels up: it is the ground of the painting.
  std::uint32_t ground = 0;
  if (up == kBlockShift)
    ground = finest_entry({chunk.texture, ancestor_of(texture.pyramid, first.tile, up)});
  const std::uint32_t offset = chunk_offset(index);
  for (std::uint32_t i = 0; i < kBlockWords; ++i) put(offset + i, ground);

  for (std::uint32_t k = up + 1; k-- > 0;) {
    const Level& above = texture.levels[chunk.level + k];
    const TileAddress from = ancestor_of(texture.pyramid, first.tile, k);
    const TileAddress to = ancestor_of(texture.pyramid, {chunk.level, x.last, y.last}, k);
    for (std::uint32_t ay = from.y; ay <= to.y; ++ay)
      for (std::uint32_t ax = from.x; ax <= to.x; ++ax) {
        const auto found = texture.resident.find({chunk.texture, {from.level, ax, ay}});
        if (found == texture.resident.end()) continue;
        const PageRange px = descendants_of(ax, above.pages_x, level.pages_x, k);
        const PageRange py = descendants_of(ay, above.pages_y, level.pages_y, k);
        for (std::uint32_t iy = std::max(py.first, y.first); iy <= std::min(py.last, y.last); ++iy)
          for (std::uint32_t ix = std::max(px.first, x.first); ix <= std::min(px.last, x.last);
               ++ix)
            put(offset + (iy % kBlockPages) * kBlockPages + ix % kBlockPages, found->second);
      }
  }
}

void PageTable::free_block(std::uint32_t index) {
  const Chunk chunk = std::exchange(chunks_[index], {});
  --blocks_used_;
  const Level& level = textures_[chunk.texture].levels[chunk.level];
  const PageRange x = block_pages(chunk.block_x, level.pages_x);
  const PageRange y = block_pages(chunk.block_y, level.pages_y);
  put(directory_index(level, chunk.block_x, chunk.block_y),
      covering_entry({chunk.texture, {chunk.level, x.first, y.first}},
                     {chunk.texture, {chunk.level, x.last, y.last}}));
}

std::uint32_t PageTable::covering_entry(const PageKey& first, const PageKey& last) const {
  const Texture& texture = textures_[first.texture];
  for (std::uint32_t up = 0; first.tile.level + up < texture.levels.size(); ++up) {
    const TileAddress above = ancestor_of(texture.pyramid, first.tile, up);
    if (above == ancestor_of(texture.pyramid, last.tile, up))
      return finest_entry({first.texture, above});
  }
  return 0;
}

template <class Update>
void PageTable::for_each_entry_below(const PageKey& page, const Update& update) {
  const Texture& texture = textures_[page.texture];
  const Level& here = texture.levels[page.tile.level];
  for (std::uint32_t down = 0; down <= page.tile.level; ++down) {
    const std::uint32_t level = page.tile.level - down;
    const Level& below = texture.levels[level];
    for_each_entry_in_level(texture, level,
                            descendants_of(page.tile.x, here.pages_x, below.pages_x, down),
                            descendants_of(page.tile.y, here.pages_y, below.pages_y, down), update);
  }
}

template <class Update>
void PageTable::for_each_entry_in_level(const Texture& texture, std::uint32_t level_index,
                                        PageRange x, PageRange y, const Update& update) {
  const Level& level = texture.levels[level_index];
  if (level.flat) {
    for (std::uint32_t iy = y.first; iy <= y.last; ++iy)
      for (std::uint32_t ix = x.first; ix <= x.last; ++ix)
        update(level.directory + iy * level.pages_x + ix);
    return;
  }
  for (std::uint32_t by = y.first >> kBlockShift; by <= y.last >> kBlockShift; ++by)
    for (std::uint32_t bx = x.first >> kBlockShift; bx <= x.last >> kBlockShift; ++bx) {
      const PageRange in_x = block_pages(bx, level.pages_x), in_y = block_pages(by, level.pages_y);
      const std::uint32_t word = directory_index(level, bx, by);
      if ((words_[word] & kIsBlock) == 0) {
        const bool covered = x.first <= in_x.first && in_x.last <= x.last &&
                             y.first <= in_y.first && in_y.last <= y.last;
        if (covered) update(word);
        continue;
      }
      const std::uint32_t block = words_[word] & ~kIsBlock;
      for (std::uint32_t iy = std::max(y.first, in_y.first); iy <= std::min(y.last, in_y.last);
           ++iy)
        for (std::uint32_t ix = std::max(x.first, in_x.first); ix <= std::min(x.last, in_x.last);
             ++ix)
          update(block + (iy % kBlockPages) * kBlockPages + ix % kBlockPages);
    }
}

}  // namespace forge3d::streaming
