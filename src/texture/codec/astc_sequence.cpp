// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/codec/astc_sequence.hpp"

namespace forge3d::codec {
namespace {

constexpr int bit(int value, int index) { return value >> index & 1; }

/// The five trits of an 8-bit group, two bits each, the first lowest.
constexpr std::uint16_t trits_of(int t) {
  int c = 0, t4 = 0, t3 = 0, t2 = 0, t1 = 0, t0 = 0;
  if ((t >> 2 & 7) == 7) {
    c = (t >> 5 & 7) << 2 | (t & 3);
    t4 = t3 = 2;
  } else {
    c = t & 31;
    const bool high = (t >> 5 & 3) == 3;
    t4 = high ? 2 : bit(t, 7);
    t3 = high ? bit(t, 7) : t >> 5 & 3;
  }
  if ((c & 3) == 3) {
    t2 = 2;
    t1 = bit(c, 4);
    t0 = bit(c, 3) << 1 | (bit(c, 2) & ~bit(c, 3));
  } else if ((c >> 2 & 3) == 3) {
    t2 = 2;
    t1 = 2;
    t0 = c & 3;
  } else {
    t2 = bit(c, 4);
    t1 = c >> 2 & 3;
    t0 = bit(c, 1) << 1 | (bit(c, 0) & ~bit(c, 1));
  }
  return static_cast<std::uint16_t>(t0 | t1 << 2 | t2 << 4 | t3 << 6 | t4 << 8);
}

/// The three quints of a 7-bit group, three bits each, the first lowest.
constexpr std::uint16_t quints_of(int q) {
  int q2 = 0, q1 = 4, q0 = 4;
  if ((q >> 1 & 3) == 3 && (q >> 5 & 3) == 0) {
    const int not0 = ~bit(q, 0) & 1;
    q2 = bit(q, 0) << 2 | (bit(q, 4) & not0) << 1 | (bit(q, 3) & not0);
  } else {
    int c = q & 31;
    q2 = q >> 5 & 3;
    if ((q >> 1 & 3) == 3) {
      q2 = 4;
      c = (q >> 3 & 3) << 3 | (~(q >> 5) & 3) << 1 | bit(q, 0);
    }
    const bool high = (c & 7) == 5;
    q1 = high ? 4 : c >> 3 & 3;
    q0 = high ? c >> 3 & 3 : c & 7;
  }
  return static_cast<std::uint16_t>(q0 | q1 << 3 | q2 << 6);
}

struct GroupTables {
  std::array<std::uint16_t, 256> trits{};
  std::array<std::uint16_t, 128> quints{};
  std::array<std::uint8_t, 243> of_trits{};   ///< By t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4.
  std::array<std::uint8_t, 125> of_quints{};  ///< By q0 + 5 q1 + 25 q2.
};

constexpr GroupTables make_group_tables() {
  GroupTables out;
  // Several groups may mean the same digits; the lowest is written.
  for (int i = 255; i >= 0; --i) {
    const int t = out.trits[i] = trits_of(i);
    out.of_trits[(t & 3) + 3 * (t >> 2 & 3) + 9 * (t >> 4 & 3) + 27 * (t >> 6 & 3) +
                 81 * (t >> 8 & 3)] = static_cast<std::uint8_t>(i);
  }
  for (int i = 127; i >= 0; --i) {
    const int q = out.quints[i] = quints_of(i);
    out.of_quints[(q & 7) + 5 * (q >> 3 & 7) + 25 * (q >> 6 & 7)] = static_cast<std::uint8_t>(i);
  }
  return out;
}
constexpr GroupTables kGroups = make_group_tables();

/// The low `bits` bits of a code repeated to fill `width` bits.
constexpr int replicate(int code, int bits, int width) {
  int out = 0;
  for (int filled = 0; filled < width; filled += bits)
    out |= width - filled >= bits ? code << (width - filled - bits)
                                  : code >> (bits - (width - filled));
  return out;
}

/// The specification's B: bits above the lowest of a code, placed as `pattern` says from the top
/// bit down ('b' is bit 1, 'c' bit 2, ...).
constexpr int place(int code, const char* pattern) {
  int out = 0;
  for (; *pattern != '\0'; ++pattern)
    out = out << 1 | (*pattern == '0' ? 0 : bit(code, *pattern - 'a'));
  return out;
}

struct Scale {
  const char* b;
  int c;
};
constexpr std::array<Scale, 7> kColorTrit{{{"", 0},
                                           {"000000000", 204},
                                           {"b000b0bb0", 93},
                                           {"cb000cbcb", 44},
                                           {"dcb000dcb", 22},
                                           {"edcb000ed", 11},
                                           {"fedcb000f", 5}}};
constexpr std::array<Scale, 6> kColorQuint{{{"", 0},
                                            {"000000000", 113},
                                            {"b0000bb00", 54},
                                            {"cb0000cbc", 26},
                                            {"dcb0000dc", 13},
                                            {"edcb0000e", 6}}};
constexpr std::array<Scale, 4> kWeightTrit{
    {{"", 0}, {"0000000", 50}, {"b000b0b", 23}, {"cb000cb", 11}}};
constexpr std::array<Scale, 3> kWeightQuint{{{"", 0}, {"0000000", 28}, {"b0000b0", 13}}};

constexpr int color_of(const AstcRange& range, int code) {
  if (!range.trit && !range.quint) return replicate(code, range.bits, 8);
  if (range.bits == 0) return 0;  // no such colour range
  const Scale& scale = range.trit ? kColorTrit[range.bits] : kColorQuint[range.bits];
  const int a = bit(code, 0) != 0 ? 0x1ff : 0;
  const int t = ((code >> range.bits) * scale.c + place(code, scale.b)) ^ a;
  return (a & 0x80) | t >> 2;
}

constexpr int weight_of(const AstcRange& range, int code) {
  int w = 0;
  if (!range.trit && !range.quint) {
    w = replicate(code, range.bits, 6);
  } else if (range.bits == 0) {
    constexpr std::array<int, 3> kTrit{0, 32, 63};
    constexpr std::array<int, 5> kQuint{0, 16, 32, 47, 63};
    w = range.trit ? kTrit[code] : kQuint[code];
  } else {
    const Scale& scale = range.trit ? kWeightTrit[range.bits] : kWeightQuint[range.bits];
    const int a = bit(code, 0) != 0 ? 0x7f : 0;
    const int t = ((code >> range.bits) * scale.c + place(code, scale.b)) ^ a;
    w = (a & 0x20) | t >> 2;
  }
  return w > 32 ? w + 1 : w;
}

constexpr AstcWeightTable make_weight_table() {
  AstcWeightTable out{};
  for (int r = 0; r < kAstcWeightRanges; ++r)
    for (int code = 0; code < kAstcRanges[r].levels(); ++code)
      out[r][code] = static_cast<std::uint8_t>(weight_of(kAstcRanges[r], code));
  return out;
}

constexpr AstcColorTable make_color_table() {
  AstcColorTable out{};
  for (std::size_t r = 0; r < kAstcRanges.size(); ++r)
    for (int code = 0; code < kAstcRanges[r].levels(); ++code)
      out[r][code] = static_cast<std::uint8_t>(color_of(kAstcRanges[r], code));
  return out;
}

/// Where the bits of a group's digits go: value i has `kBits` bits, then `width[i]` of the group.
template <int kBits>
void read_bits(const AstcBits& bits, int count, const std::uint8_t* table, std::uint8_t* out) {
  for (int i = 0; i < count; i += 8) {
    const std::uint64_t word = bits.at(static_cast<unsigned>(i * kBits));
    for (int j = 0; j < 8; ++j) out[i + j] = table[word >> (j * kBits) & ((1u << kBits) - 1)];
  }
}

template <int n>
void read_trits(const AstcBits& bits, int count, const std::uint8_t* table, std::uint8_t* out) {
  constexpr unsigned kMask = (1u << n) - 1;
  unsigned position = 0;
  for (int i = 0; i < count; i += 5, position += 5 * n + 8) {
    const std::uint64_t w = bits.at(position);
    const auto group =
        static_cast<unsigned>((w >> n & 3) | (w >> (2 * n) & 12) | (w >> (3 * n) & 16) |
                              (w >> (4 * n) & 96) | (w >> (5 * n) & 128));
    const unsigned digits = kGroups.trits[group];
    out[i] = table[(digits & 3) << n | (w & kMask)];
    out[i + 1] = table[(digits >> 2 & 3) << n | (w >> (n + 2) & kMask)];
    out[i + 2] = table[(digits >> 4 & 3) << n | (w >> (2 * n + 4) & kMask)];
    out[i + 3] = table[(digits >> 6 & 3) << n | (w >> (3 * n + 5) & kMask)];
    out[i + 4] = table[(digits >> 8 & 3) << n | (w >> (4 * n + 7) & kMask)];
  }
}

template <int n>
void read_quints(const AstcBits& bits, int count, const std::uint8_t* table, std::uint8_t* out) {
  constexpr unsigned kMask = (1u << n) - 1;
  unsigned position = 0;
  for (int i = 0; i < count; i += 3, position += 3 * n + 7) {
    const std::uint64_t w = bits.at(position);
    const auto group =
        static_cast<unsigned>((w >> n & 7) | (w >> (2 * n) & 24) | (w >> (3 * n) & 96));
    const unsigned digits = kGroups.quints[group];
    out[i] = table[(digits & 7) << n | (w & kMask)];
    out[i + 1] = table[(digits >> 3 & 7) << n | (w >> (n + 3) & kMask)];
    out[i + 2] = table[(digits >> 6 & 7) << n | (w >> (2 * n + 5) & kMask)];
  }
}

using Reader = void (*)(const AstcBits&, int, const std::uint8_t*, std::uint8_t*);
constexpr std::array<Reader, kAstcRanges.size()> kReaders{
    read_bits<1>,   read_trits<0>, read_bits<2>, read_quints<0>, read_trits<1>, read_bits<3>,
    read_quints<1>, read_trits<2>, read_bits<4>, read_quints<2>, read_trits<3>, read_bits<5>,
    read_quints<3>, read_trits<4>, read_bits<6>, read_quints<4>, read_trits<5>, read_bits<7>,
    read_quints<5>, read_trits<6>, read_bits<8>};

std::uint64_t reverse(std::uint64_t v) {
  v = (v >> 1 & 0x5555555555555555u) | (v & 0x5555555555555555u) << 1;
  v = (v >> 2 & 0x3333333333333333u) | (v & 0x3333333333333333u) << 2;
  v = (v >> 4 & 0x0f0f0f0f0f0f0f0fu) | (v & 0x0f0f0f0f0f0f0f0fu) << 4;
  v = (v >> 8 & 0x00ff00ff00ff00ffu) | (v & 0x00ff00ff00ff00ffu) << 8;
  v = (v >> 16 & 0x0000ffff0000ffffu) | (v & 0x0000ffff0000ffffu) << 16;
  return v >> 32 | v << 32;
}

std::uint64_t low_mask(unsigned count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// Up to five trits; the digits of codes past the count are 0. Trailing bits that are zero anyway
/// lie past the sequence, and put() of zeros changes nothing.
void write_trits(int n, const std::uint8_t* codes, int count, unsigned position, AstcBits& bits) {
  constexpr std::array<unsigned, 5> kWidth{2, 2, 1, 2, 1};
  constexpr std::array<unsigned, 5> kPlace{1, 3, 9, 27, 81};
  unsigned sum = 0;
  for (int i = 0; i < count; ++i) sum += kPlace[static_cast<std::size_t>(i)] * (codes[i] >> n);
  unsigned group = kGroups.of_trits[sum];
  for (int i = 0; i < count; ++i) {
    const unsigned width = kWidth[static_cast<std::size_t>(i)];
    const unsigned low = codes[i] & ((1u << n) - 1);
    bits.put(position, n + width, low | (group & ((1u << width) - 1)) << n);
    group >>= width;
    position += n + width;
  }
}

void write_quints(int n, const std::uint8_t* codes, int count, unsigned position, AstcBits& bits) {
  constexpr std::array<unsigned, 3> kWidth{3, 2, 2};
  constexpr std::array<unsigned, 3> kPlace{1, 5, 25};
  unsigned sum = 0;
  for (int i = 0; i < count; ++i) sum += kPlace[static_cast<std::size_t>(i)] * (codes[i] >> n);
  unsigned group = kGroups.of_quints[sum];
  for (int i = 0; i < count; ++i) {
    const unsigned width = kWidth[static_cast<std::size_t>(i)];
    const unsigned low = codes[i] & ((1u << n) - 1);
    bits.put(position, n + width, low | (group & ((1u << width) - 1)) << n);
    group >>= width;
    position += n + width;
  }
}

}  // namespace

constexpr AstcWeightTable kWeights = make_weight_table();
constexpr AstcColorTable kColors = make_color_table();
const AstcWeightTable kAstcWeightOfCode = kWeights;
const AstcColorTable kAstcColorOfCode = kColors;

AstcBits AstcBits::slice(unsigned position, unsigned count) const {
  AstcBits out{at(position), position < 64 ? high >> position : 0};
  out.low &= low_mask(count);
  out.high &= count > 64 ? low_mask(count - 64) : 0;
  return out;
}

AstcBits AstcBits::reversed() const { return {reverse(high), reverse(low)}; }

void AstcBits::put(unsigned position, unsigned count, std::uint32_t value) {
  const std::uint64_t word = value & low_mask(count);
  if (position >= 64) {
    high |= word << (position - 64);
  } else {
    low |= word << position;
    high |= word >> 1 >> (63 - position);
  }
}

AstcBits load_astc_bits(const std::uint8_t* bytes) {
  AstcBits out;
  for (unsigned i = 0; i < 8; ++i) {
    out.low |= std::uint64_t{bytes[i]} << (8 * i);
    out.high |= std::uint64_t{bytes[8 + i]} << (8 * i);
  }
  return out;
}

void store_astc_bits(const AstcBits& bits, std::uint8_t* bytes) {
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(bits.low >> (8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(bits.high >> (8 * i));
  }
}

void read_astc_sequence(int range, const AstcBits& bits, int count, const std::uint8_t* table,
                        std::uint8_t* out) {
  kReaders[static_cast<std::size_t>(range)](bits, count, table, out);
}

void write_astc_sequence(int range, const std::uint8_t* codes, int count, unsigned position,
                         AstcBits& bits) {
  const AstcRange& r = kAstcRanges[static_cast<std::size_t>(range)];
  const int step = r.trit ? 5 : r.quint ? 3 : 1;
  for (int i = 0; i < count; i += step) {
    const int left = count - i < step ? count - i : step;
    if (r.trit)
      write_trits(r.bits, codes + i, left, position, bits);
    else if (r.quint)
      write_quints(r.bits, codes + i, left, position, bits);
    else
      bits.put(position, r.bits, codes[i]);
    position += static_cast<unsigned>(r.sequence_bits(step));
  }
}

}  // namespace forge3d::codec
