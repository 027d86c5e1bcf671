// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/uastc_etc1.hpp"

#include <algorithm>
#include <limits>

namespace forge3d::basis {
namespace {

using Color = std::array<int, 3>;

/// By table: the smaller and the larger modifier (Khronos Data Format Specification, "ETC1
/// Compressed Texture Image Formats").
constexpr std::array<std::array<int, 2>, 8> kModifiers{
    {{2, 8}, {5, 17}, {9, 29}, {13, 42}, {18, 60}, {24, 80}, {33, 106}, {47, 183}}};

/// In rising order, as hints count them: minus the larger one is selector 0.
constexpr int modifier(std::size_t table, std::size_t selector) {
  const int size = kModifiers[table][selector == 0 || selector == 3 ? 1 : 0];
  return selector < 2 ? -size : size;
}
constexpr int expand(int code, bool five_bits) {
  return five_bits ? code << 3 | code >> 2 : code * 17;
}

std::size_t half_of(std::size_t texel, bool flip) { return flip ? texel / 8 : texel % 4 / 2; }

int channel(std::uint32_t texel, std::size_t c) { return static_cast<int>(texel >> (8 * c) & 255); }

/// Sums over the halves.
std::array<Color, 2> sums_of_halves(const Etc1Texels& texels, bool flip) {
  std::array<Color, 2> sums{};
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t c = 0; c < 3; ++c) sums[half_of(i, flip)][c] += channel(texels[i], c);
  return sums;
}

/// The mean as a code, as the specification rounds it.
Color mean_code(const Color& sum, int limit) {
  Color out{};
  for (std::size_t c = 0; c < 3; ++c) out[c] = (sum[c] * limit + 1020) / (8 * 255);
  return out;
}

struct Bases {
  std::array<Color, 2> code{};
  bool differential = false;
};

/// A step of three bits, two's complement.
int step_of(int bits) { return (bits ^ 4) - 4; }

Bases read_bases(const std::uint8_t* block) {
  Bases out;
  out.differential = (block[3] & 2) != 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const int byte = block[c];
    out.code[0][c] = out.differential ? byte >> 3 : byte >> 4;
    out.code[1][c] = out.differential ? (byte >> 3) + step_of(byte & 7) : byte & 15;
  }
  return out;
}

/// What a bias adds to a mean color in the middle of the range; the specification's function.
int bias_step(int bias, std::size_t half, std::size_t c) {
  struct One {
    int bias;
    std::size_t half, channel;
    int step;
  };
  constexpr std::array<One, 12> kOnes{{{2, 0, 0, -1},
                                       {5, 0, 1, -1},
                                       {6, 0, 2, -1},
                                       {7, 0, 0, 1},
                                       {11, 0, 1, 1},
                                       {15, 0, 2, 1},
                                       {18, 1, 0, -1},
                                       {19, 1, 1, -1},
                                       {20, 1, 2, -1},
                                       {21, 1, 0, 1},
                                       {24, 1, 1, 1},
                                       {8, 1, 2, 1}}};
  for (const One& one : kOnes)
    if (one.bias == bias) return one.half == half && one.channel == c ? one.step : 0;
  switch (bias) {
    case 10:
      return -2;
    case 27:
      return half == 0 ? -1 : 0;
    case 28:
      return half == 0 ? 1 : -1;
    case 29:
      return half == 0 ? 0 : 1;
    case 30:
      return half == 0 ? 0 : -1;
    case 31:
      return half == 0 ? 1 : 0;
    default:
      break;
  }
  constexpr std::array<int, 3> kPlace{1, 3, 9};
  return bias / kPlace[c] % 3 - 1;
}

/// By the steps wanted, -1..1 a half and channel, as the digits of a number to the base 3: the bias
/// that comes nearest.
using BiasTable = std::array<std::uint8_t, 729>;
BiasTable make_bias_table() {
  BiasTable out{};
  for (std::size_t wanted = 0; wanted < out.size(); ++wanted) {
    int least = std::numeric_limits<int>::max();
    for (int bias = 0; bias < 32; ++bias) {
      int error = 0;
      std::size_t rest = wanted;
      for (std::size_t half = 0; half < 2; ++half)
        for (std::size_t c = 0; c < 3; ++c, rest /= 3) {
          const int difference = static_cast<int>(rest % 3) - 1 - bias_step(bias, half, c);
          error += difference * difference;
        }
      if (error >= least) continue;
      least = error;
      out[wanted] = static_cast<std::uint8_t>(bias);
    }
  }
  return out;
}

/// By precision, table and selector: the code that comes nearest to each value, and how near.
struct Nearest {
  std::uint8_t code = 0;
  std::uint16_t squared_error = 0;
};
using FlatTable = std::array<std::array<std::array<Nearest, 256>, 32>, 2>;
FlatTable make_flat_table() {
  FlatTable out{};
  for (std::size_t five = 0; five < 2; ++five)
    for (std::size_t k = 0; k < 32; ++k)
      for (int value = 0; value < 256; ++value) {
        int least = std::numeric_limits<int>::max();
        for (int code = 0; code < (five != 0 ? 32 : 16); ++code) {
          const int got = std::clamp(expand(code, five != 0) + modifier(k / 4, k % 4), 0, 255);
          const int error = (got - value) * (got - value);
          if (error >= least) continue;
          least = error;
          out[five][k][static_cast<std::size_t>(value)] = {static_cast<std::uint8_t>(code),
                                                           static_cast<std::uint16_t>(error)};
        }
      }
  return out;
}

}  // namespace

UastcHints etc1_hints(const std::uint8_t* block, const Etc1Texels& texels) {
  static const BiasTable table = make_bias_table();
  const Bases bases = read_bases(block);
  UastcHints out;
  out.flip = (block[3] & 1) != 0;
  out.differential = bases.differential;
  out.table = {static_cast<std::uint8_t>(block[3] >> 5),
               static_cast<std::uint8_t>(block[3] >> 2 & 7)};
  const std::array<Color, 2> sums = sums_of_halves(texels, out.flip);
  std::size_t wanted = 0;
  for (std::size_t half = 2; half-- > 0;) {
    const Color mean = mean_code(sums[half], out.differential ? 31 : 15);
    for (std::size_t c = 3; c-- > 0;)
      wanted = wanted * 3 +
               static_cast<std::size_t>(std::clamp(bases.code[half][c] - mean[c], -1, 1) + 1);
  }
  out.bias = table[wanted];
  return out;
}

UastcHints flat_etc1_hints(std::uint32_t color) {
  static const FlatTable table = make_flat_table();
  UastcHints out;
  int least = std::numeric_limits<int>::max();
  for (std::size_t five = 2; five-- > 0;)
    for (std::size_t k = 0; k < 32 && least > 0; ++k) {
      int error = 0;
      for (std::size_t c = 0; c < 3; ++c)
        error += table[five][k][static_cast<std::size_t>(channel(color, c))].squared_error;
      if (error >= least) continue;
      least = error;
      out.differential = five != 0;
      out.table.fill(static_cast<std::uint8_t>(k / 4));
      out.selector = static_cast<std::uint8_t>(k % 4);
      for (std::size_t c = 0; c < 3; ++c)
        out.color[c] = table[five][k][static_cast<std::size_t>(channel(color, c))].code;
    }
  return out;
}

}  // namespace forge3d::basis
