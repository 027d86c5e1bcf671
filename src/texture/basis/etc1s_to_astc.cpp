// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ETC1S to ASTC 4x4 of one partition. Opaque colors have 16 weights between ends of 192 levels, or,
// where two selectors occur, exact ends; two planes of 4 weights hold alpha, or red and green,
// unless one of the slices is flat.

#include <bit>
#include <utility>

#include "texture/basis/etc1s_writer.hpp"
#include "texture/basis/selector_masks.hpp"
#include "texture/codec/astc_writer.hpp"

namespace forge3d::basis {
namespace {

using codec::AstcBits;
using codec::kAstcColorOfCode;
using codec::kAstcModes;
using codec::kAstcRanges;

constexpr std::uint8_t kEndsRgb = 8, kEndsRgba = 12;    ///< Modes of ends.
constexpr std::uint32_t kWeights4 = 2, kWeights16 = 8;  ///< Ranges of weights.

/// A way to fill a block: the head of its first word, the colors' range, and the lines that fit.
struct Layout {
  std::uint64_t head = 0;
  bool wide_weights;  ///< 4 bits a texel, of one plane or two; else 2.
  int values;
  int range = 0;
  unsigned color_at;
  std::array<std::uint8_t, 256> code_of_end{};
  std::unique_ptr<ChannelLines> lines;

  Layout(std::uint32_t weight_range, bool two_planes, std::uint64_t second_plane,
         std::uint8_t end_mode);

 private:
  std::uint32_t find_mode(std::uint32_t weight_range, bool two_planes) const;
};

/// A grid of 4 x 4 weights.
std::uint32_t Layout::find_mode(std::uint32_t weight_range, bool two_planes) const {
  std::uint32_t mode = 0;
  while (kAstcModes[mode].grid_width != 4 || kAstcModes[mode].grid_height != 4 ||
         kAstcModes[mode].range != weight_range || kAstcModes[mode].dual_plane != two_planes)
    ++mode;
  return mode;
}

Layout::Layout(std::uint32_t weight_range, bool two_planes, std::uint64_t second_plane,
               std::uint8_t end_mode)
    : wide_weights(two_planes || weight_range == kWeights16),
      values(end_mode == kEndsRgb ? 6 : 8),
      color_at(17) {
  const std::uint32_t mode = find_mode(weight_range, two_planes);
  head = mode | std::uint64_t{end_mode} << 13;
  // The channel of the second plane stands right below the weights, which fill the second word.
  if (two_planes) head |= second_plane << 62;
  range = codec::astc_color_range_of(kAstcModes[mode], 1, end_mode);
  const auto& colors = kAstcColorOfCode[static_cast<std::size_t>(range)];
  std::array<int, 256> code_of_value{};
  code_of_value.fill(-1);
  for (int code = kAstcRanges[static_cast<std::size_t>(range)].levels() - 1; code >= 0; --code)
    code_of_value[colors[static_cast<std::size_t>(code)]] = code;
  LineShape shape =
      weight_range == kWeights4
          ? LineShape{{}, {0, 21, 43, 64}, 257, 32, 64, 14, kMapsOf4}
          : LineShape{{},       {0, 4, 8, 12, 17, 21, 25, 29, 35, 39, 43, 47, 52, 56, 60, 64},
                      257,      32,
                      64,       14,
                      kMapsOf16};
  for (std::size_t value = 0; value < code_of_value.size(); ++value) {
    if (code_of_value[value] < 0) continue;
    code_of_end[shape.ends.size()] = static_cast<std::uint8_t>(code_of_value[value]);
    shape.ends.push_back(static_cast<std::uint8_t>(value));
  }
  lines = std::make_unique<ChannelLines>(std::move(shape));
}

Layout& opaque_layout() {
  static Layout layout(kWeights16, false, 0, kEndsRgb);
  return layout;
}
Layout& pair_layout() {
  static Layout layout(kWeights4, false, 0, kEndsRgb);
  return layout;
}
Layout& one_plane_layout() {
  static Layout layout(kWeights4, false, 0, kEndsRgba);
  return layout;
}
Layout& alpha_layout() {
  static Layout layout(kWeights4, true, 3, kEndsRgba);
  return layout;
}
Layout& red_green_layout() {
  static Layout layout(kWeights4, true, 1, kEndsRgb);
  return layout;
}

std::uint64_t reversed(std::uint64_t bits) {
  bits = (bits & 0x5555555555555555) << 1 | (bits >> 1 & 0x5555555555555555);
  bits = (bits & 0x3333333333333333) << 2 | (bits >> 2 & 0x3333333333333333);
  bits = (bits & 0x0F0F0F0F0F0F0F0F) << 4 | (bits >> 4 & 0x0F0F0F0F0F0F0F0F);
  bits = (bits & 0x00FF00FF00FF00FF) << 8 | (bits >> 8 & 0x00FF00FF00FF00FF);
  bits = (bits & 0x0000FFFF0000FFFF) << 16 | (bits >> 16 & 0x0000FFFF0000FFFF);
  return bits << 32 | bits >> 32;
}

/// Ends of up to four channels, as indices into the layout's ends, and the weights of all texels:
/// four bits each, of one plane or of two.
struct Block {
  std::array<std::uint8_t, 8> ends{};  ///< Low and high of each channel.
  std::uint64_t weights = 0;
};

/// Writes a block. Ends whose colors sum up to less than the first ones' would mean another mode:
/// they change places, which turns the weights of both planes over.
void write_block(const Layout& layout, Block block, std::uint8_t* out) {
  const auto& ends = layout.lines->shape().ends;
  const auto sum = [&](std::size_t first) {
    return ends[block.ends[first]] + ends[block.ends[first + 2]] + ends[block.ends[first + 4]];
  };
  if (sum(1) < sum(0)) {
    for (std::size_t i = 0; i < 8; i += 2) std::swap(block.ends[i], block.ends[i + 1]);
    block.weights = layout.wide_weights ? ~block.weights : block.weights ^ 0xFFFFFFFFu;
  }
  std::array<std::uint8_t, 8> codes{};
  for (std::size_t i = 0; i < 8; ++i) codes[i] = layout.code_of_end[block.ends[i]];
  AstcBits bits{layout.head, reversed(block.weights)};
  codec::write_astc_sequence(layout.range, codes.data(), layout.values, layout.color_at, bits);
  store_le(out, bits.low);
  store_le(out + 8, bits.high);
}

class AstcWriter final : public RowWriter {
 public:
  explicit AstcWriter(const Etc1sPicture& picture) : picture_(picture) {}

  void write(const Etc1sRow& row) override {
    std::uint8_t* out = picture_.out + row.index * row.first.size() * 16;
    for (std::size_t i = 0; i < row.first.size(); ++i, out += 16) {
      if (is_flat(row.first[i]) && (row.second.empty() || is_flat(row.second[i])))
        write_flat(row, i, out);
      else if (row.second.empty())
        write_opaque(row.first[i], out);
      else if (picture_.channels == BasisChannels::kRgba)
        write_rgba(row.first[i], row.second[i], out);
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
  /// True where one selector alone occurs.
  [[nodiscard]] bool is_flat(const Etc1sBlock& block) const {
    const Etc1sSelectors bits = selectors(block);
    return bits == (bits & 3) * 0x55555555u;
  }
  [[nodiscard]] std::uint8_t first_value(const Etc1sBlock& block, std::size_t channel) const {
    const Etc1sEndpoint& e = endpoint(block);
    return etc1s_value(e.base[channel], e.table, selectors(block) & 3);
  }

  /// One color, exactly.
  void write_flat(const Etc1sRow& row, std::size_t at, std::uint8_t* out) const {
    const bool colored =
        picture_.channels == BasisChannels::kRgb || picture_.channels == BasisChannels::kRgba;
    std::array<std::uint8_t, 4> rgba{first_value(row.first[at], 0), 0, 0, 255};
    for (std::size_t c = 1; c < 3 && colored; ++c) rgba[c] = first_value(row.first[at], c);
    if (!row.second.empty()) rgba[colored ? 3 : 1] = first_value(row.second[at], 1);
    codec::write_astc_constant(rgba.data(), out);
  }

  /// True where every alpha that occurs is 255.
  [[nodiscard]] bool is_opaque(const Etc1sBlock& alpha) const {
    const Etc1sEndpoint& e = endpoint(alpha);
    const std::uint32_t used = masks_of_2_bits(selectors(alpha)).used();
    bool opaque = true;
    for (std::uint32_t s = 0; s < 4; ++s)
      opaque &= (used >> s & 1) == 0 || etc1s_value(e.base[1], e.table, s) == 255;
    return opaque;
  }

  /// Puts `count` channels from `first` on into a plane: their ends and, at `shift` of each texel's
  /// four bits, their weights. `only`: the one channel of the endpoint that counts, else 3.
  void add_plane(const Layout& layout, const Etc1sBlock& source, std::size_t first,
                 std::size_t count, std::size_t from, std::uint32_t shift, Block& block) const {
    const Etc1sEndpoint& e = endpoint(source);
    const SelectorMasks selector_masks = layout.wide_weights ? masks_of_4_bits(selectors(source))
                                                             : masks_of_2_bits(selectors(source));
    const std::uint32_t used = selector_masks.used();
    std::array<const LineRow*, 3> rows{&kZeroLine, &kZeroLine, &kZeroLine};
    for (std::size_t c = 0; c < count; ++c)
      rows[c] = &layout.lines->row(used, e.table, e.base[from + c]);
    const std::uint32_t best = best_line(*rows[0], *rows[1], *rows[2]);
    for (std::size_t c = 0; c < count; ++c) {
      block.ends[2 * (first + c)] = rows[c]->low[best];
      block.ends[2 * (first + c) + 1] = rows[c]->high[best];
    }
    block.weights |= selector_masks.indices(layout.lines->shape().maps[best]) << shift;
  }

  /// Channels of a block that follow one slice: `count` from `first` on, those of the endpoint's
  /// base from `from` on.
  struct Plane {
    const Etc1sBlock& source;
    std::size_t first, count, from;
  };

  [[nodiscard]] bool one_varies(const Etc1sBlock& a, const Etc1sBlock& b) const {
    return is_flat(a) != is_flat(b);
  }

  /// In a layout of one plane the flat slice has no weights.
  void write_planes(const Layout& layout, const Plane& first, const Plane& second,
                    std::uint8_t* out) const {
    Block block;
    for (const Plane* plane : {&first, &second}) {
      if (!layout.wide_weights && is_flat(plane->source))
        for (std::size_t c = 0; c < plane->count; ++c) {
          const std::uint8_t value = first_value(plane->source, plane->from + c);
          block.ends[2 * (plane->first + c)] = block.ends[2 * (plane->first + c) + 1] = value;
        }
      else
        add_plane(layout, plane->source, plane->first, plane->count, plane->from,
                  layout.wide_weights && plane == &second ? 2 : 0, block);
    }
    write_block(layout, block, out);
  }

  void write_opaque(const Etc1sBlock& color, std::uint8_t* out) const {
    Block block;
    const std::size_t channels = picture_.channels == BasisChannels::kRed ? 1 : 3;
    const std::uint32_t used = masks_of_2_bits(selectors(color)).used();
    const Layout& layout = std::popcount(used) == 2 ? pairs_ : opaque_;
    add_plane(layout, color, 0, channels, 0, 0, block);
    write_block(layout, block, out);
  }
  void write_rgba(const Etc1sBlock& color, const Etc1sBlock& alpha, std::uint8_t* out) const {
    if (is_opaque(alpha)) return write_opaque(color, out);
    const Layout& layout = one_varies(color, alpha) ? one_plane_ : alpha_;
    write_planes(layout, {color, 0, 3, 0}, {alpha, 3, 1, 1}, out);
  }
  void write_red_green(const Etc1sBlock& red, const Etc1sBlock& green, std::uint8_t* out) const {
    const Layout& layout = one_varies(red, green) ? pairs_ : red_green_;
    write_planes(layout, {red, 0, 1, 0}, {green, 1, 1, 1}, out);
  }

  Etc1sPicture picture_;
  Layout& opaque_ = opaque_layout();
  Layout& pairs_ = pair_layout();
  Layout& one_plane_ = one_plane_layout();
  Layout& alpha_ = alpha_layout();
  Layout& red_green_ = red_green_layout();
};

}  // namespace

std::unique_ptr<RowWriter> make_astc_writer(const Etc1sPicture& picture) {
  return std::make_unique<AstcWriter>(picture);
}

}  // namespace forge3d::basis
