// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_to_bc1.hpp"

#include <utility>

namespace forge3d::basis {
namespace {

/// Codes of `bits` bits, their highest bits repeated below.
LineShape thirds(std::uint32_t bits) {
  // (sum + 1) / 3, exact for sums as small as these.
  LineShape shape{.ends = {},
                  .weights = {0, 1, 2, 3},
                  .scale = 21846,
                  .rounding = 21846,
                  .steps = 3,
                  .shift = 16,
                  .maps = kMapsOf4};
  for (std::uint32_t code = 0; code < 1u << bits; ++code)
    shape.ends.push_back(static_cast<std::uint8_t>(code << (8 - bits) | code >> (2 * bits - 8)));
  return shape;
}

ChannelLines& lines_of_5_bits() {
  static ChannelLines lines(thirds(5));
  return lines;
}
ChannelLines& lines_of_6_bits() {
  static ChannelLines lines(thirds(6));
  return lines;
}

// BC1's indices from one end to the other, where the first code is the high end, and the low one.
constexpr LineMap kFromHigh = {1, 3, 2, 0}, kFromLow = {0, 2, 3, 1};

class Bc1Writer final : public RowWriter {
 public:
  explicit Bc1Writer(const Etc1sPicture& picture)
      : out_(picture.out), blocks_(picture.books, picture.channels == BasisChannels::kRed) {}

  void write(const Etc1sRow& row) override {
    std::uint8_t* out = out_ + row.index * row.first.size() * 8;
    for (std::size_t i = 0; i < row.first.size(); ++i, out += 8) blocks_.write(row.first[i], out);
  }

 private:
  std::uint8_t* out_;
  Bc1Blocks blocks_;
};

}  // namespace

Bc1Blocks::Bc1Blocks(const Etc1sCodebooks& books, bool red_only)
    : books_(books),
      red_only_(red_only),
      five_bits_(lines_of_5_bits()),
      six_bits_(lines_of_6_bits()) {}

void Bc1Blocks::write(const Etc1sBlock& block, std::uint8_t* out) {
  const Etc1sEndpoint& endpoint = books_.endpoints[block.endpoint];
  const SelectorMasks masks = masks_of_2_bits(books_.selectors[block.selectors]);
  const std::uint32_t used = masks.used();
  const LineRow& red = five_bits_.row(used, endpoint.table, endpoint.base[0]);
  const LineRow& green =
      red_only_ ? kZeroLine : six_bits_.row(used, endpoint.table, endpoint.base[1]);
  const LineRow& blue =
      red_only_ ? kZeroLine : five_bits_.row(used, endpoint.table, endpoint.base[2]);
  const std::uint32_t best = best_line(red, green, blue);
  std::uint32_t low = std::uint32_t{red.low[best]} << 11 | green.low[best] << 5 | blue.low[best];
  std::uint32_t high =
      std::uint32_t{red.high[best]} << 11 | green.high[best] << 5 | blue.high[best];
  LineMap map{};  // ends that are equal leave one color, index 0
  if (low != high)
    for (std::size_t s = 0; s < 4; ++s)
      map[s] = (low < high ? kFromHigh : kFromLow)[kMapsOf4[best][s]];
  if (low < high) std::swap(low, high);
  store_le(out, low | high << 16);
  store_le(out + 4, static_cast<std::uint32_t>(masks.indices(map)));
}

std::unique_ptr<RowWriter> make_bc1_writer(const Etc1sPicture& picture) {
  return std::make_unique<Bc1Writer>(picture);
}

}  // namespace forge3d::basis
