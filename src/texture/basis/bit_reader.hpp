// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bits of BasisLZ streams: least significant bit of each byte first. KTX 2.0, "Compressed Huffman
// Tables".

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace forge3d::basis {

/// Reads bits forwards. Total: past the end every bit is 0, and overrun() tells of it afterwards.
/// Copies are cheap; decoders keep one in registers.
class BitReader {
 public:
  static constexpr std::uint32_t kMaxBits = 32;  ///< Of one peek or read.

  BitReader() = default;
  explicit BitReader(std::span<const std::byte> bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  /// The next `count` bits, not taken. REQUIRES: count <= kMaxBits.
  [[nodiscard]] std::uint32_t peek(std::uint32_t count) {
    if (held_ < kMaxBits) refill();
    return static_cast<std::uint32_t>(bits_ & ((std::uint64_t{1} << count) - 1));
  }
  /// Takes bits that were peeked. REQUIRES: count <= that of the last peek.
  void skip(std::uint32_t count) {
    bits_ >>= count;
    held_ -= count;
  }
  [[nodiscard]] std::uint32_t read(std::uint32_t count) {
    const std::uint32_t value = peek(count);
    skip(count);
    return value;
  }

  /// More bits were taken than there are.
  [[nodiscard]] bool overrun() const { return held_ < padding_; }
  /// The byte that the next bit lies in. REQUIRES: `bytes` as given to the constructor.
  [[nodiscard]] std::size_t byte_position(std::span<const std::byte> bytes) const {
    const auto loaded = static_cast<std::size_t>(next_ - bytes.data());
    const std::uint32_t real_bits = overrun() ? 0 : held_ - padding_;
    return loaded - (real_bits + 7) / 8;
  }

 private:
  /// At least 32 bits are held afterwards; those past the end are zeros that count as padding.
  void refill() {
    if constexpr (std::endian::native == std::endian::little) {
      if (end_ - next_ >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, next_, 8);
        bits_ |= word << held_;
        // Bits of a byte that fits in part are put there again, equal, by the next refill.
        const std::uint32_t taken = (63 - held_) / 8;
        next_ += taken;
        held_ += taken * 8;
        return;
      }
    }
    for (; held_ <= 56; held_ += 8) {
      if (next_ == end_)
        padding_ += 8;
      else
        bits_ |= std::uint64_t{std::to_integer<std::uint8_t>(*next_++)} << held_;
    }
  }

  const std::byte* next_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint64_t bits_ = 0;
  std::uint32_t held_ = 0;     ///< Bits in bits_, zeros past the end included.
  std::uint32_t padding_ = 0;  ///< Of all bits ever held: zeros past the end.
};

}  // namespace forge3d::basis
