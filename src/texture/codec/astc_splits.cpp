// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_splits.hpp"

#include <array>

namespace forge3d::codec {
namespace {

// Of the partitions that differ by more than the names of their parts, each is the one that, added
// to those before it, takes most off the distance of the texels of photographs to a line a part.
constexpr std::array<std::uint16_t, 128> kSplits4x4{
    17,  28,  39,  20,  78,  16,  43,  72,  116, 107, 359, 246, 156, 324, 2,   210, 198,  204, 149,
    53,  8,   10,  389, 993, 24,  62,  207, 612, 479, 138, 593, 799, 906, 195, 694, 594,  281, 812,
    279, 73,  61,  248, 578, 601, 239, 696, 948, 529, 5,   695, 534, 119, 44,  355, 208,  90,  42,
    307, 137, 115, 455, 368, 304, 249, 770, 475, 161, 232, 930, 828, 999, 796, 68,  89,   226, 954,
    842, 546, 66,  821, 504, 69,  443, 14,  386, 447, 810, 264, 196, 731, 684, 171, 1016, 726, 625,
    83,  58,  184, 495, 643, 491, 807, 404, 142, 273, 36,  634, 191, 947, 299, 959, 124,  9,   143,
    30,  732, 29,  655, 110, 214, 988, 344, 818, 252, 352, 681, 963, 553};
constexpr std::array<std::uint16_t, 128> kSplits6x6{
    132,  67,  78,  19,  136, 28,  240, 107, 817, 116, 543, 60,  283, 797, 210, 51,  2,   596,  191,
    1016, 414, 62,  993, 68,  697, 726, 232, 415, 16,  43,  103, 4,   625, 534, 407, 83,  740,  293,
    88,   10,  821, 902, 148, 601, 272, 347, 363, 842, 684, 36,  56,  76,  266, 220, 129, 1006, 273,
    828,  99,  593, 870, 50,  980, 639, 156, 362, 77,  348, 198, 183, 504, 869, 703, 578, 521,  499,
    714,  463, 121, 713, 611, 112, 53,  167, 999, 799, 226, 314, 327, 24,  572, 964, 646, 8,    95,
    402,  854, 139, 17,  73,  47,  936, 909, 987, 911, 476, 890, 959, 46,  480, 452, 510, 422,  533,
    131,  487, 392, 475, 5,   658, 9,   958, 101, 447, 58,  731, 404, 374};
}  // namespace

std::vector<AstcSplit> make_astc_splits(int side) {
  const AstcFootprint& size = astc_footprint(side, side);
  std::vector<AstcSplit> out;
  for (const std::uint16_t seed : side == 4 ? kSplits4x4 : kSplits6x6) {
    const std::uint8_t* part = size.partition(2, seed);
    AstcSplit split{.seed = seed};
    for (int i = 0; i < size.texels(); ++i) split.texels |= std::uint64_t{part[i]} << i;
    out.push_back(split);
  }
  return out;
}

}  // namespace forge3d::codec
