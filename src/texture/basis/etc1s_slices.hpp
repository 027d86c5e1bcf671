// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Slices: one image's blocks as indices into the codebooks. KTX 2.0, "ETC1S Slice Decoding".

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "forge3d/result.hpp"
#include "texture/basis/bit_reader.hpp"
#include "texture/basis/etc1s_codebooks.hpp"

namespace forge3d::basis {

/// One block: entries of the two codebooks.
struct Etc1sBlock {
  std::uint16_t endpoint = 0;
  std::uint16_t selectors = 0;
};

/// Decodes one slice, a row of blocks at a time. Not thread-safe; `books` and `bytes` outlive it.
class SliceDecoder {
 public:
  /// `at`: where the slice lies in the file, for messages.
  SliceDecoder(const Etc1sCodebooks& books, std::span<const std::byte> bytes, std::uint64_t at,
               std::uint32_t columns, bool is_p_frame);

  /// Decodes the next row. `row` holds the frame before on entry where this is a P frame, whose
  /// blocks it may keep; every index is valid afterwards. REQUIRES: row.size() == columns; in a P
  /// frame its indices are valid. Errors: kInvalidFile (offset and rule).
  [[nodiscard]] Result<> decode_row(std::span<Etc1sBlock> row);

 private:
  /// Selectors used of late, those used often towards the front.
  class History {
   public:
    explicit History(std::uint32_t size) : entries_(size), rover_(size / 2) {}
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
    void add(std::uint16_t selectors) {
      if (entries_.empty()) return;
      entries_[rover_++] = selectors;
      if (rover_ == entries_.size()) rover_ = size() / 2;
    }
    /// REQUIRES: at < size().
    std::uint16_t use(std::uint32_t at) {
      const std::uint16_t selectors = entries_[at];
      std::swap(entries_[at], entries_[at / 2]);
      return selectors;
    }

   private:
    std::vector<std::uint16_t> entries_;
    std::uint32_t rover_;
  };

  bool decode_blocks(BitReader& bits, std::span<Etc1sBlock> row);
  bool next_predictions(BitReader& bits, std::uint32_t& predictions);
  bool has_neighbor(std::uint32_t prediction, std::size_t column);
  bool next_endpoint(BitReader& bits, std::uint32_t& endpoint);
  bool next_selectors(BitReader& bits, std::uint16_t& selectors);
  bool read_selector_run(BitReader& bits);
  bool read_chunks(BitReader& bits, std::uint32_t chunk_bits, std::uint32_t& value);
  bool broken(const char* rule) {
    rule_ = rule;
    return false;
  }

  const Etc1sCodebooks& books_;
  std::span<const std::byte> bytes_;
  std::uint64_t at_;
  BitReader bits_;
  bool is_p_frame_;
  std::uint32_t row_ = 0;
  const char* rule_ = "";

  std::vector<std::uint16_t> above_;         ///< Endpoints of the row above, then of this one.
  std::vector<std::uint8_t> next_row_bits_;  ///< Predictions for the odd row of each 2 x 2 group.
  std::uint32_t last_endpoint_ = 0;
  std::uint32_t last_predictions_ = 0, prediction_run_ = 0;
  std::uint32_t selector_run_ = 0;
  History history_;
};

}  // namespace forge3d::basis
