// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Little-endian integers in byte buffers, on any machine.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forge3d::texture {

/// REQUIRES: at + sizeof(Integer) <= bytes.size().
template <class Integer>
[[nodiscard]] Integer load_le(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value |= std::uint64_t{std::to_integer<std::uint8_t>(bytes[at + i])} << (8 * i);
  return static_cast<Integer>(value);
}

template <class Integer>
void append_le(std::vector<std::byte>& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    out.push_back(static_cast<std::byte>((std::uint64_t{value} >> (8 * i)) & 0xFF));
}

}  // namespace forge3d::texture
