// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_scalars.hpp"

#include <algorithm>
#include <utility>

#include "texture/codec/eac_tables.hpp"

namespace forge3d::basis {
namespace {

using codec::kEacTables;

/// The values that occur, by selector.
struct Values {
  std::array<int, 4> value{};
  std::uint32_t used = 0;
  int least = 255, most = 0;

  Values(std::uint32_t which, std::uint32_t table, std::uint32_t base) : used(which) {
    for (std::uint32_t s = 0; s < 4; ++s) {
      value[s] = etc1s_value(base, table, s);
      if (!has(s)) continue;
      least = std::min(least, value[s]);
      most = std::max(most, value[s]);
    }
  }
  [[nodiscard]] bool has(std::uint32_t s) const { return (used >> s & 1) != 0; }
};

/// The best fit so far.
struct Search {
  ScalarFit fit;
  int error = 1 << 30;

  /// Takes a palette of eight where it is better, and tells so.
  bool offer(const Values& values, const std::array<int, 8>& palette, int first, int second) {
    LineMap map{};
    int sum = 0;
    for (std::uint32_t s = 0; s < 4; ++s) {
      if (!values.has(s)) continue;
      int best = 1 << 30;
      for (std::uint32_t i = 0; i < 8; ++i) {
        const int difference = palette[i] - values.value[s];
        if (difference * difference >= best) continue;
        best = difference * difference;
        map[s] = static_cast<std::uint8_t>(i);
      }
      sum += best;
      if (sum >= error) return false;
    }
    error = sum;
    fit = {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second), map};
    return true;
  }
};

std::array<int, 8> bc4_palette(int first, int second) {
  std::array<int, 8> palette{first, second};
  const int steps = first > second ? 7 : 5;
  for (int i = 1; i < steps; ++i)
    palette[static_cast<std::size_t>(i) + 1] =
        (first * (steps - i) + second * i + steps / 2) / steps;
  if (steps == 5) palette[7] = 255;
  return palette;
}

/// Ends at and around low and high, in ever smaller steps around the best ones. `offer` takes two
/// ends and returns whether they are the best so far.
template <class Offer>
void search_ends(int low, int high, int reach, const Offer& offer) {
  int best_low = low, best_high = high;
  for (int step = (reach + 3) / 4; step > 0; step /= 2) {
    const int from = best_low, to = best_high;
    for (int a = -2; a <= 2; ++a)
      for (int b = -2; b <= 2; ++b) {
        const int ends[2] = {std::clamp(from + a * step, 0, 255),
                             std::clamp(to + b * step, 0, 255)};
        if (!offer(ends[0], ends[1])) continue;
        best_low = ends[0];
        best_high = ends[1];
      }
  }
}

/// Eight levels around all values, or six around those that are neither 0 nor 255.
ScalarFit fit_bc4(const Values& values) {
  Search search;
  int least = 255, most = 0;
  for (std::uint32_t s = 0; s < 4; ++s) {
    if (!values.has(s) || values.value[s] == 0 || values.value[s] == 255) continue;
    least = std::min(least, values.value[s]);
    most = std::max(most, values.value[s]);
  }
  if (least > most) least = most = values.least;
  const int reach = std::max((values.most - values.least) / 4, 1);
  search_ends(least, most, reach, [&](int low, int high) {
    return low <= high && search.offer(values, bc4_palette(low, high), low, high);
  });
  search_ends(values.least, values.most, reach, [&](int low, int high) {
    return low < high && search.offer(values, bc4_palette(high, low), high, low);
  });
  return search.fit;
}

/// What a modifier gives, in 8-bit codes.
int eac_value(ScalarKind kind, int base, int multiplier, int modifier) {
  if (kind == ScalarKind::kEacAlpha) return std::clamp(base + modifier * multiplier, 0, 255);
  const int eighths = modifier * (multiplier == 0 ? 1 : 8 * multiplier);
  return (std::clamp(8 * base + 4 + eighths, 0, 2047) * 255 + 1023) / 2047;
}

/// Each table and multiplier whose span is near that of the values, with the palette's ends, or
/// their neighbors, on the ends of the values.
ScalarFit fit_eac(ScalarKind kind, const Values& values) {
  Search search;
  const int range = values.most - values.least;
  const auto offer = [&](int base, int multiplier, int table) {
    if (base < 0 || base > 255) return;
    std::array<int, 8> palette{};
    for (std::size_t i = 0; i < 8; ++i)
      palette[i] = eac_value(kind, base, multiplier,
                             kEacTables.modifiers[static_cast<std::size_t>(table)][i]);
    search.offer(values, palette, base, multiplier << 4 | table);
  };
  for (int slack = -1; slack <= 1; ++slack) offer(values.least + slack, 0, 13);
  for (int table = 0; table < 16 && search.error != 0; ++table) {
    const auto& modifiers = kEacTables.modifiers[static_cast<std::size_t>(table)];
    const int span = modifiers[7] - modifiers[3];
    for (int multiplier = 1; multiplier < 16 && search.error != 0; ++multiplier) {
      if (multiplier * span * 5 < range * 4 || multiplier * span > 2 * range + 16) continue;
      const int top = values.most - multiplier * modifiers[7];
      const int bottom = values.least - multiplier * modifiers[3];
      offer(top, multiplier, table);
      offer(bottom, multiplier, table);
      offer((top + bottom) / 2, multiplier, table);
      offer(values.most - multiplier * modifiers[6], multiplier, table);
      offer(values.least - multiplier * modifiers[2], multiplier, table);
    }
  }
  const ScalarFit rough = search.fit;
  for (int slack = -3; slack <= 3 && search.error != 0; ++slack)
    offer(rough.first + slack, rough.second >> 4, rough.second & 15);
  return search.fit;
}

/// Fits by kind, selectors that occur, table and base, once found: 16 bits of the header, 12 of the
/// map and one that tells of them. Threads that find the same one write the same.
constexpr std::uint32_t kFound = 1u << 28;
std::array<std::atomic<std::uint32_t>, 3 * 16 * 8 * 32> found_fits;

std::uint32_t pack(const ScalarFit& fit) {
  return kFound | fit.first | std::uint32_t{fit.second} << 8 | std::uint32_t{fit.map[0]} << 16 |
         std::uint32_t{fit.map[1]} << 19 | std::uint32_t{fit.map[2]} << 22 |
         std::uint32_t{fit.map[3]} << 25;
}

ScalarFit unpack(std::uint32_t bits) {
  const auto index = [&](std::uint32_t at) { return static_cast<std::uint8_t>(bits >> at & 7); };
  return {static_cast<std::uint8_t>(bits),
          static_cast<std::uint8_t>(bits >> 8),
          {index(16), index(19), index(22), index(25)}};
}

ScalarFit found_fit(ScalarKind kind, std::uint32_t used, std::uint32_t table, std::uint32_t base) {
  auto& found =
      found_fits[((static_cast<std::uint32_t>(kind) * 16 + used) * 8 + table) * 32 + base];
  std::uint32_t bits = found.load(std::memory_order_relaxed);
  if (bits == 0) {
    bits = pack(fit_scalar(kind, used, table, base));
    found.store(bits, std::memory_order_relaxed);
  }
  return unpack(bits);
}

/// EAC stores its bytes from the highest on.
void store_be(std::uint8_t* out, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

}  // namespace

ScalarFit fit_scalar(ScalarKind kind, std::uint32_t used, std::uint32_t table, std::uint32_t base) {
  const Values values(used, table, base);
  return kind == ScalarKind::kBc4 ? fit_bc4(values) : fit_eac(kind, values);
}

ScalarBlocks::ScalarBlocks(const Etc1sCodebooks& books, ScalarKind kind)
    : books_(books), kind_(kind) {}

void ScalarBlocks::write(const Etc1sBlock& block, std::size_t channel, std::uint8_t* out) {
  const bool bc4 = kind_ == ScalarKind::kBc4;
  const Etc1sEndpoint& endpoint = books_.endpoints[block.endpoint];
  const Etc1sSelectors selectors = books_.selectors[block.selectors];
  const SelectorMasks masks = bc4 ? masks_of_3_bits(selectors) : masks_of_columns(selectors);
  const ScalarFit fit = found_fit(kind_, masks.used(), endpoint.table, endpoint.base[channel]);
  const std::uint64_t first = fit.first, second = fit.second;
  if (bc4)
    store_le(out, first | second << 8 | masks.indices(fit.map) << 16);
  else
    store_be(out, first << 56 | second << 48 | masks.indices(fit.map));
}

}  // namespace forge3d::basis
