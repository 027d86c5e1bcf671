// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// From rows of codebook indices to a target format: what depends on an endpoint or a selector entry
// alone is made once an entry, what is left a block is a few operations.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "forge3d/basis.hpp"
#include "texture/basis/etc1s_codebooks.hpp"
#include "texture/basis/etc1s_slices.hpp"

namespace forge3d::basis {

/// A picture on its way to `out`, which holds image_bytes(target, width, height).
struct Etc1sPicture {
  const Etc1sCodebooks& books;
  BasisChannels channels;
  std::uint32_t width, height;
  std::uint8_t* out;

  [[nodiscard]] std::uint32_t columns() const { return width / 4 + (width % 4 != 0 ? 1 : 0); }
  [[nodiscard]] std::uint32_t rows() const { return height / 4 + (height % 4 != 0 ? 1 : 0); }
};

/// One row of blocks: of the first slice (color), and of the second (alpha, or green), if any.
struct Etc1sRow {
  std::span<const Etc1sBlock> first, second;
  std::uint32_t index;
};

/// Writes rows of blocks of one picture in one target format. Not thread-safe.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  /// REQUIRES: indices inside the codebooks, as SliceDecoder gives them.
  virtual void write(const Etc1sRow& row) = 0;
};

[[nodiscard]] bool can_write_etc1s(Format target);

/// The writer for a target, or nothing where there is none for these channels.
[[nodiscard]] std::unique_ptr<RowWriter> make_row_writer(const Etc1sPicture& picture,
                                                         Format target);

[[nodiscard]] std::unique_ptr<RowWriter> make_rgba8_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_astc_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_bc4_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_bc5_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_bc7_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_r11_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_rg11_writer(const Etc1sPicture& picture);
/// Of all channels but red and green, which no line holds.
[[nodiscard]] std::unique_ptr<RowWriter> make_bc1_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_bc3_writer(const Etc1sPicture& picture);
/// Of colors, with or without alpha.
[[nodiscard]] std::unique_ptr<RowWriter> make_etc1_writer(const Etc1sPicture& picture);
[[nodiscard]] std::unique_ptr<RowWriter> make_etc2_rgba_writer(const Etc1sPicture& picture);
/// For what has no writer of its own: targets that the library encodes. Nothing for others.
[[nodiscard]] std::unique_ptr<RowWriter> make_encoded_writer(const Etc1sPicture& picture,
                                                             Format target);

/// True where a texture of these channels has a second slice.
[[nodiscard]] constexpr bool has_second_slice(BasisChannels channels) {
  return channels == BasisChannels::kRgba || channels == BasisChannels::kRedGreen;
}

/// What a writer knows of each endpoint (or other small number), made when first asked for.
template <class Entry>
class LazyTable {
 public:
  explicit LazyTable(std::size_t size) : entries_(size), made_(size) {}
  template <class Make>
  const Entry& get(std::size_t at, const Make& make) {
    if (made_[at] == 0) {
      entries_[at] = make(at);
      made_[at] = 1;
    }
    return entries_[at];
  }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint8_t> made_;
};

/// Writes the lowest byte first; one store where the machine does so itself.
template <class Integer>
inline void store_le(std::uint8_t* out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace forge3d::basis
