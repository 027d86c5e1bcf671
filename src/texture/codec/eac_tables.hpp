// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace forge3d::codec {

/// The modifiers of EAC blocks at indices 4..7 of each table (KDFS 1.3, "Intensity modifier sets
/// for alpha component"), ascending; index i < 4 has -1 - that of index i + 4.
inline constexpr std::uint8_t kEacModifiers[16][4] = {
    {2, 5, 8, 14}, {2, 6, 9, 12}, {1, 4, 7, 12}, {1, 3, 5, 12}, {2, 5, 7, 11}, {2, 6, 8, 10},
    {3, 6, 7, 10}, {2, 4, 7, 10}, {1, 5, 7, 9},  {1, 4, 7, 9},  {1, 3, 7, 9},  {1, 4, 6, 9},
    {2, 3, 6, 9},  {0, 1, 2, 9},  {3, 5, 7, 8},  {2, 4, 6, 8}};

/// All eight of each table, by index.
struct EacTables {
  alignas(16) std::int16_t modifiers[16][8];
  constexpr EacTables() : modifiers() {
    for (int table = 0; table < 16; ++table)
      for (int i = 0; i < 4; ++i) {
        modifiers[table][i + 4] = kEacModifiers[table][i];
        modifiers[table][i] = static_cast<std::int16_t>(-1 - kEacModifiers[table][i]);
      }
  }
};
inline constexpr EacTables kEacTables;

}  // namespace forge3d::codec
