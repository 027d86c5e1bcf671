// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Little-endian integers and varints in byte spans, independent of the machine's byte order.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace forge3d::tiles {

/// The `bytes`-wide little-endian integer at `data`. REQUIRES: data.size() >= bytes <= 8.
inline std::uint64_t load_le(std::span<const std::byte> data, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= std::to_integer<std::uint64_t>(data[i]) << (8 * i);
  return value;
}

/// Stores `value` as `bytes` little-endian bytes. REQUIRES: data.size() >= bytes <= 8.
inline void store_le(std::span<std::byte> data, std::size_t bytes, std::uint64_t value) {
  for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::byte>(value >> (8 * i));
}

/// Appends `value` as a varint: seven bits a byte, low bits first, top bit set on all but the last.
inline void append_varint(std::vector<std::byte>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

/// Reads varints from a span and remembers where it stands. Not thread-safe.
class VarintCursor {
 public:
  explicit VarintCursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// False, without moving on, when the bytes end or the number passes 64 bits.
  [[nodiscard]] bool read(std::uint64_t& value) {
    std::uint64_t result = 0;
    for (std::size_t i = 0; i < 10 && at_ + i < bytes_.size(); ++i) {
      const auto byte = std::to_integer<std::uint64_t>(bytes_[at_ + i]);
      if (i == 9 && byte > 1) return false;
      result |= (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) != 0) continue;
      at_ += i + 1;
      value = result;
      return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace forge3d::tiles
