// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to ETC1, which holds it as it is: half a block of each endpoint and of each selector entry.

#include "texture/basis/etc1s_to_etc1.hpp"

#include "texture/basis/selector_masks.hpp"

namespace forge3d::basis {
namespace {

/// Bits 0, 2, 4, ... side by side.
std::uint32_t even_bits(std::uint32_t bits) {
  bits &= 0x55555555;
  bits = (bits | bits >> 1) & 0x33333333;
  bits = (bits | bits >> 2) & 0x0F0F0F0F;
  bits = (bits | bits >> 4) & 0x00FF00FF;
  return (bits | bits >> 8) & 0xFFFF;
}

/// The first four bytes of a block: the base in differential mode, both halves the same.
std::uint32_t color_half(const Etc1sEndpoint& endpoint) {
  const auto channel = [](std::uint32_t base) { return base << 3; };
  constexpr std::uint32_t kDifferential = 2;
  const std::uint32_t tables = std::uint32_t{endpoint.table} << 5 | std::uint32_t{endpoint.table}
                                                                        << 2;
  return channel(endpoint.base[0]) | channel(endpoint.base[1]) << 8 |
         channel(endpoint.base[2]) << 16 | (tables | kDifferential) << 24;
}

/// The last four: a plane of high and one of low bits, texels counted down columns, the last one
/// first. Selectors 0 to 3 are the indices 3, 2, 0, 1 of ETC1.
std::uint32_t selector_half(Etc1sSelectors selectors) {
  const auto& rows = kSpreadRows<0, 8>;
  const std::uint64_t bits = rows[selectors & 0xFF] | rows[selectors >> 8 & 0xFF] << 2 |
                             rows[selectors >> 16 & 0xFF] << 4 | rows[selectors >> 24] << 6;
  // Texel t's selector is at bit 2 * t now.
  const auto columns = static_cast<std::uint32_t>(bits);
  const std::uint32_t high = ~even_bits(columns >> 1) & 0xFFFF;
  const std::uint32_t low = ~even_bits(columns ^ columns >> 1) & 0xFFFF;
  return high >> 8 | (high & 0xFF) << 8 | (low >> 8) << 16 | (low & 0xFF) << 24;
}

class Etc1Writer final : public RowWriter {
 public:
  explicit Etc1Writer(const Etc1sPicture& picture) : picture_(picture), blocks_(picture.books) {}

  void write(const Etc1sRow& row) override {
    std::uint8_t* out = picture_.out + row.index * row.first.size() * 8;
    for (std::size_t i = 0; i < row.first.size(); ++i, out += 8) blocks_.write(row.first[i], out);
  }

 private:
  Etc1sPicture picture_;
  Etc1Blocks blocks_;
};

}  // namespace

void Etc1Blocks::write(const Etc1sBlock& block, std::uint8_t* out) const {
  store_le(out, color_half(books_.endpoints[block.endpoint]));
  store_le(out + 4, selector_half(books_.selectors[block.selectors]));
}

std::unique_ptr<RowWriter> make_etc1_writer(const Etc1sPicture& picture) {
  return std::make_unique<Etc1Writer>(picture);
}

}  // namespace forge3d::basis
