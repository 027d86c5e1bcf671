// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/etc1s_samples.hpp"

#include <cstring>
#include <random>
#include <string_view>

namespace forge3d::test {
namespace {

using Bytes = std::vector<std::byte>;

void put(Bytes& out, std::uint64_t value, std::size_t size_bytes) {
  for (std::size_t i = 0; i < size_bytes; ++i)
    out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

void put(Bytes& out, const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void align(Bytes& out, std::size_t alignment) {
  while (out.size() % alignment != 0) out.push_back(std::byte{0});
}

Bytes descriptor(const std::vector<std::uint8_t>& channel_ids, bool srgb) {
  Bytes out;
  const std::size_t block_bytes = 24 + 16 * channel_ids.size();
  put(out, 4 + block_bytes, 4);
  put(out, 0, 4);  // vendor, type
  put(out, 2, 2);  // version
  put(out, block_bytes, 2);
  put(out, 163, 1);  // ETC1S
  put(out, 1, 1);    // BT709
  put(out, srgb ? 2 : 1, 1);
  put(out, 0, 1);           // flags
  put(out, 0x00000303, 4);  // 4 x 4 texels
  put(out, 0, 8);           // planes
  for (std::size_t i = 0; i < channel_ids.size(); ++i) {
    put(out, 64 * i, 2);
    put(out, 63, 1);
    put(out, channel_ids[i], 1);
    put(out, 0, 4);
    put(out, 0, 4);
    put(out, 0xFFFFFFFF, 4);
  }
  return out;
}

Bytes animation_data() {
  constexpr std::string_view kKey = "KTXanimData";
  Bytes out;
  put(out, kKey.size() + 1 + 12, 4);
  for (const char c : kKey) put(out, static_cast<std::uint8_t>(c), 1);
  put(out, 0, 1);
  put(out, 1, 4);   // duration
  put(out, 10, 4);  // time scale
  put(out, 0, 4);   // loops
  return out;
}

}  // namespace

void BitWriter::put_table(const std::vector<std::uint8_t>& lengths) {
  // The lengths' own code is flat, of the lengths 0 to 15; the order is that of the specification.
  constexpr std::array<std::uint8_t, 21> kOrder = {17, 18, 19, 20, 0,  8, 7,  9, 6,  10, 5,
                                                   11, 4,  12, 3,  13, 2, 14, 1, 15, 16};
  put(static_cast<std::uint32_t>(lengths.size()), 14);
  put(kOrder.size(), 5);
  for (const std::uint8_t symbol : kOrder) put(symbol < 16 ? 4 : 0, 3);
  for (const std::uint8_t length : lengths) put_code(length, 4);
}

void Etc1sSample::write_sections() {
  if (endpoint_bytes.empty()) {
    BitWriter bits;
    for (int table = 0; table < 3; ++table) bits.put_flat_table(5);
    bits.put_flat_table(3);
    bits.put(0, 1);
    std::array<std::uint8_t, 4> last = {16, 16, 16, 0};
    for (const auto& endpoint : endpoints) {
      bits.put_code((endpoint[3] - last[3]) & 7, 3);
      for (std::size_t c = 0; c < 3; ++c) bits.put_code((endpoint[c] - last[c]) & 31, 5);
      last = endpoint;
    }
    endpoint_bytes = bits.bytes();
  }
  if (selector_bytes.empty()) {
    BitWriter bits;
    bits.put(4, 3);  // stored as they are
    for (const std::uint32_t entry : selectors) bits.put(entry, 32);
    selector_bytes = bits.bytes();
  }
  if (table_bytes.empty()) {
    BitWriter bits;
    bits.put_flat_table(kPredictionBits);
    bits.put_flat_table(delta_bits);
    bits.put_flat_table(selector_bits);
    bits.put_flat_table(kRunBits);
    bits.put(kHistory, 13);
    table_bytes = bits.bytes();
  }
}

Bytes Etc1sSample::file() const {
  Bytes level, images_bytes;
  for (const Image& image : images) {
    put(images_bytes, image.flags, 4);
    for (const Bytes* slice : {&image.color, &image.alpha}) {
      put(images_bytes, slice->empty() ? 0 : level.size(), 4);
      put(images_bytes, slice->size(), 4);
      put(level, *slice);
    }
  }
  Bytes global;
  put(global, endpoints.size(), 2);
  put(global, selectors.size(), 2);
  for (const Bytes* section : {&endpoint_bytes, &selector_bytes, &table_bytes})
    put(global, section->size(), 4);
  put(global, 0, 4);
  put(global, images_bytes);
  for (const Bytes* section : {&endpoint_bytes, &selector_bytes, &table_bytes})
    put(global, *section);

  Bytes tail;  // behind header and index of one level
  constexpr std::size_t kIndexEnd = 80 + 24;
  const Bytes dfd = descriptor(channel_ids, srgb);
  const Bytes kvd = animated ? animation_data() : Bytes{};
  put(tail, dfd);
  put(tail, kvd);
  align(tail, 8);
  const std::size_t global_at = kIndexEnd + tail.size();
  put(tail, global);
  const std::size_t level_at = kIndexEnd + tail.size();
  put(tail, level);

  Bytes out;
  for (const int byte : {0xAB, 0x4B, 0x54, 0x58, 0x20, 0x32, 0x30, 0xBB, 0x0D, 0x0A, 0x1A, 0x0A})
    put(out, static_cast<std::uint64_t>(byte), 1);
  for (const std::size_t word :
       {std::size_t{0}, std::size_t{1}, std::size_t{width}, std::size_t{height}, std::size_t{0},
        std::size_t{layers}, std::size_t{1}, std::size_t{1}, std::size_t{1}, kIndexEnd, dfd.size(),
        kvd.empty() ? 0 : kIndexEnd + dfd.size(), kvd.size()})
    put(out, word, 4);
  put(out, global_at, 8);
  put(out, global.size(), 8);
  put(out, level_at, 8);
  put(out, level.size(), 8);
  put(out, 0, 8);
  put(out, tail);
  return out;
}

Etc1sSample four_blocks() {
  Etc1sSample sample;
  sample.endpoints = {{16, 16, 16, 0}, {4, 8, 31, 3}};
  sample.selectors = {0xE4E4E4E4, 0x00000000, 0xFFFFFFFF};
  BitWriter bits;
  bits.put_code(group(kByDifference, kLeft, kAbove, kAboveLeft), kPredictionBits);
  bits.put_code(1, kDeltaBits);                // endpoint 1
  bits.put_code(0, kSelectorBits);             // entry 0
  bits.put_code(3 + 2, kSelectorBits);         // the middle of the history: entry 0
  bits.put_code(2, kSelectorBits);             // entry 2
  bits.put_code(3 + kHistory, kSelectorBits);  // the front of the history, three times
  bits.put_code(0, kRunBits);
  sample.images.push_back({.flags = 0, .color = bits.bytes(), .alpha = {}});
  sample.write_sections();
  return sample;
}

std::vector<std::byte> p_frame() {
  BitWriter bits;
  bits.put_code(group(kAboveLeft, kAboveLeft, kAboveLeft, kByDifference), kPredictionBits);
  bits.put_code(1, kDeltaBits);  // from endpoint 1 around to 0
  bits.put_code(1, kSelectorBits);
  return bits.bytes();
}

std::vector<std::byte> random_slice(std::uint32_t columns, std::uint32_t rows, std::uint32_t seed,
                                    bool is_p_frame) {
  BitWriter bits;
  std::minstd_rand random(seed);
  for (std::uint32_t y = 0; y < rows; ++y)
    for (std::uint32_t x = 0; x < columns; ++x) {
      const bool kept = is_p_frame && (x / 2 + y / 2 + seed / 2) % 2 == 0;
      const std::uint32_t how = kept ? kAboveLeft : kByDifference;
      if (x % 2 == 0 && y % 2 == 0) bits.put_code(group(how, how, how, how), kPredictionBits);
      if (kept) continue;
      bits.put_code(static_cast<std::uint32_t>(random() >> 8) % 2, kDeltaBits);
      bits.put_code(static_cast<std::uint32_t>(random() >> 8) % 3, kSelectorBits);
    }
  return bits.bytes();
}

}  // namespace forge3d::test
