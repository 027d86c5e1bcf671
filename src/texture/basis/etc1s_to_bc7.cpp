// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to BC7: opaque colors, and those with one alpha, to the 16 levels of mode 6; all else to
// mode 5, whose second plane is alpha, or by rotation red or green.

#include <utility>

#include "texture/basis/etc1s_writer.hpp"
#include "texture/basis/selector_masks.hpp"

namespace forge3d::basis {
namespace {

LineShape shape_of(std::uint32_t codes, const auto& value_of, bool of_16) {
  LineShape shape{.ends = {},
                  .weights = {0, 21, 43, 64},
                  .scale = 1,
                  .rounding = 32,
                  .steps = 64,
                  .shift = 6,
                  .maps = kMapsOf4};
  if (of_16) {
    shape.weights = {0, 4, 9, 13, 17, 21, 26, 30, 34, 38, 43, 47, 51, 55, 60, 64};
    shape.maps = kMapsOf16;
  }
  for (std::uint32_t code = 0; code < codes; ++code)
    shape.ends.push_back(static_cast<std::uint8_t>(value_of(code)));
  return shape;
}

/// The lines of mode 6 where both ends have this lowest bit.
ChannelLines& mode_6_lines(std::uint32_t lowest) {
  static ChannelLines even(shape_of(
      128, [](std::uint32_t c) { return 2 * c; }, true));
  static ChannelLines odd(shape_of(
      128, [](std::uint32_t c) { return 2 * c + 1; }, true));
  return lowest == 0 ? even : odd;
}
ChannelLines& mode_5_lines() {
  static ChannelLines lines(shape_of(
      128, [](std::uint32_t c) { return c << 1 | c >> 6; }, false));
  return lines;
}
ChannelLines& mode_5_scalars() {
  static ChannelLines lines(shape_of(
      256, [](std::uint32_t c) { return c; }, false));
  return lines;
}

/// Ends of a channel in the order that the block stores them.
struct Ends {
  std::uint64_t first = 0, second = 0;
};
Ends ends_of(const LineRow& row, std::uint32_t best, bool swapped) {
  return swapped ? Ends{row.high[best], row.low[best]} : Ends{row.low[best], row.high[best]};
}

/// Indices whose first has its highest bit clear, which is not stored.
template <std::uint32_t kBits>
struct Indices {
  std::uint64_t bits = 0;
  bool swapped = false;

  Indices() = default;
  Indices(const SelectorMasks& masks, Etc1sSelectors selectors, const LineMap& map) {
    constexpr std::uint64_t kAll = kBits == 4 ? ~std::uint64_t{0} : 0xFFFFFFFFu;
    constexpr std::uint64_t kFirst = (1u << (kBits - 1)) - 1;
    std::uint64_t indices = masks.indices(map);
    swapped = map[selectors & 3] > kFirst;
    if (swapped) indices ^= kAll;
    bits = (indices & kFirst) | (indices >> kBits) << (kBits - 1);
  }
};

class Bc7Writer final : public RowWriter {
 public:
  explicit Bc7Writer(const Etc1sPicture& picture) : picture_(picture) {}

  void write(const Etc1sRow& row) override {
    std::uint8_t* out = picture_.out + row.index * row.first.size() * 16;
    for (std::size_t i = 0; i < row.first.size(); ++i, out += 16) {
      if (picture_.channels == BasisChannels::kRgb)
        write_mode_6(row.first[i], 255, out);
      else if (picture_.channels == BasisChannels::kRgba)
        write_rgba(row.first[i], row.second[i], out);
      else if (picture_.channels == BasisChannels::kRed)
        write_red(row.first[i], out);
      else
        write_red_green(row.first[i], row.second[i], out);
    }
  }

 private:
  [[nodiscard]] const Etc1sEndpoint& endpoint(const Etc1sBlock& block) const {
    return picture_.books.endpoints[block.endpoint];
  }
  [[nodiscard]] Etc1sSelectors selectors(const Etc1sBlock& block) const {
    return picture_.books.selectors[block.selectors];
  }

  void write_rgba(const Etc1sBlock& color, const Etc1sBlock& alpha, std::uint8_t* out) {
    const Etc1sEndpoint& ends = endpoint(alpha);
    const SelectorMasks masks = masks_of_2_bits(selectors(alpha));
    const std::uint32_t masks_used = masks.used();
    const std::uint32_t one = etc1s_value(ends.base[1], ends.table, selectors(alpha) & 3);
    bool flat = true;
    for (std::uint32_t s = 0; s < 4; ++s)
      flat &= (masks_used >> s & 1) == 0 || etc1s_value(ends.base[1], ends.table, s) == one;
    if (flat) return write_mode_6(color, one, out);
    const SelectorMasks color_masks = masks_of_2_bits(selectors(color));
    const std::uint32_t color_masks_used = color_masks.used();
    const Etc1sEndpoint& e = endpoint(color);
    const auto row = [&](std::size_t channel) -> const LineRow& {
      return lines_5_.row(color_masks_used, e.table, e.base[channel]);
    };
    const LineRow& red = row(0);
    const LineRow& green = row(1);
    const LineRow& blue = row(2);
    const std::uint32_t best = best_line(red, green, blue);
    const Indices<2> indices(color_masks, selectors(color), kMapsOf4[best]);
    write_mode_5({ends_of(red, best, indices.swapped), ends_of(green, best, indices.swapped),
                  ends_of(blue, best, indices.swapped)},
                 indices, alpha, 1, 0, out);
  }

  void write_red(const Etc1sBlock& red, std::uint8_t* out) {
    write_mode_5({Ends{127, 127}, Ends{}, Ends{}}, {}, red, 0, 1, out);
  }

  void write_red_green(const Etc1sBlock& red, const Etc1sBlock& green, std::uint8_t* out) {
    const SelectorMasks masks = masks_of_2_bits(selectors(red));
    const std::uint32_t masks_used = masks.used();
    const LineRow& row = lines_5_.row(masks_used, endpoint(red).table, endpoint(red).base[0]);
    const std::uint32_t best = best_line(row, kZeroLine, kZeroLine);
    const Indices<2> indices(masks, selectors(red), kMapsOf4[best]);
    write_mode_5({ends_of(row, best, indices.swapped), Ends{127, 127}, Ends{}}, indices, green, 1,
                 2, out);
  }

  /// `scalar`: the slice of the second plane, of which `channel` counts. `rotation`: where that
  /// plane goes: 0 alpha, 1 red, 2 green; alpha is in its place, then.
  void write_mode_5(const std::array<Ends, 3>& color, const Indices<2>& color_indices,
                    const Etc1sBlock& scalar, std::size_t channel, std::uint64_t rotation,
                    std::uint8_t* out) {
    const SelectorMasks masks = masks_of_2_bits(selectors(scalar));
    const std::uint32_t masks_used = masks.used();
    const Etc1sEndpoint& e = endpoint(scalar);
    const LineRow& row = scalars_.row(masks_used, e.table, e.base[channel]);
    const std::uint32_t best = best_line(row, kZeroLine, kZeroLine);
    const Indices<2> indices(masks, selectors(scalar), kMapsOf4[best]);
    const Ends ends = ends_of(row, best, indices.swapped);
    std::uint64_t low = 1u << 5 | rotation << 6 | ends.first << 50 | ends.second << 58;
    for (std::size_t c = 0; c < 3; ++c)
      low |= color[c].first << (8 + 14 * c) | color[c].second << (15 + 14 * c);
    store_le(out, low);
    store_le(out + 8, ends.second >> 6 | color_indices.bits << 2 | indices.bits << 33);
  }

  void write_mode_6(const Etc1sBlock& block, std::uint64_t alpha, std::uint8_t* out) {
    const std::uint64_t lowest = alpha & 1;
    const SelectorMasks masks = masks_of_4_bits(selectors(block));
    const std::uint32_t masks_used = masks.used();
    const Etc1sEndpoint& e = endpoint(block);
    ChannelLines& lines = lowest == 0 ? even_lines_6_ : odd_lines_6_;
    const std::array<const LineRow*, 3> rows = {&lines.row(masks_used, e.table, e.base[0]),
                                                &lines.row(masks_used, e.table, e.base[1]),
                                                &lines.row(masks_used, e.table, e.base[2])};
    const std::uint32_t best = best_line(*rows[0], *rows[1], *rows[2]);
    const Indices<4> indices(masks, selectors(block), kMapsOf16[best]);
    std::uint64_t low = 1u << 6 | alpha >> 1 << 49 | alpha >> 1 << 56 | lowest << 63;
    for (std::size_t c = 0; c < 3; ++c) {
      const Ends ends = ends_of(*rows[c], best, indices.swapped);
      low |= ends.first << (7 + 14 * c) | ends.second << (14 + 14 * c);
    }
    store_le(out, low);
    store_le(out + 8, lowest | indices.bits << 1);
  }

  Etc1sPicture picture_;
  ChannelLines& lines_5_ = mode_5_lines();
  ChannelLines& scalars_ = mode_5_scalars();
  ChannelLines& even_lines_6_ = mode_6_lines(0);
  ChannelLines& odd_lines_6_ = mode_6_lines(1);
};

}  // namespace

std::unique_ptr<RowWriter> make_bc7_writer(const Etc1sPicture& picture) {
  return std::make_unique<Bc7Writer>(picture);
}

}  // namespace forge3d::basis
