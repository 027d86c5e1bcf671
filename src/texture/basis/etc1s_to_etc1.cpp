// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to ETC1, which holds it as it is: half a block of each endpoint and of each selector entry.

#include "texture/basis/etc1s_to_etc1.hpp"

namespace forge3d::basis {
namespace {

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
  std::uint32_t high = 0, low = 0;
  for (std::uint32_t y = 0; y < 4; ++y)
    for (std::uint32_t x = 0; x < 4; ++x) {
      const std::uint32_t selector = selectors >> (8 * y + 2 * x) & 3;
      const std::uint32_t texel = 4 * x + y;
      high |= (selector < 2 ? 1u : 0u) << texel;
      low |= (selector == 0 || selector == 3 ? 1u : 0u) << texel;
    }
  return (high >> 8) | (high & 0xFF) << 8 | (low >> 8) << 16 | (low & 0xFF) << 24;
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

Etc1Blocks::Etc1Blocks(const Etc1sCodebooks& books)
    : books_(books), colors_(books.endpoints.size()), selectors_(books.selectors.size()) {}

void Etc1Blocks::write(const Etc1sBlock& block, std::uint8_t* out) {
  store_le(out, colors_.get(block.endpoint,
                            [&](std::size_t at) { return color_half(books_.endpoints[at]); }));
  store_le(out + 4, selectors_.get(block.selectors, [&](std::size_t at) {
    return selector_half(books_.selectors[at]);
  }));
}

std::unique_ptr<RowWriter> make_etc1_writer(const Etc1sPicture& picture) {
  return std::make_unique<Etc1Writer>(picture);
}

}  // namespace forge3d::basis
