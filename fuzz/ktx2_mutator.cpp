// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// libFuzzer's custom mutator for KTX2: it changes the meaning of a file (header, descriptor, keys,
// global data, levels) and repairs the offsets and lengths that follow from it, so that the parsers
// behind the header are reached. Some files are damaged after the repair, some changed as plain
// bytes. The hooks are those of libFuzzer's "structure-aware fuzzing" guide.

#include <algorithm>
#include <random>
#include <string_view>
#include <utility>

#include "ktx2_parts.hpp"
#include "texture/ktx2/bytes.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size_bytes,
                                        std::size_t max_bytes);

namespace {

using forge3d::fuzz::Bytes;
using forge3d::fuzz::Ktx2Parts;
using Random = std::minstd_rand;

constexpr std::size_t kMostGrowth = 64;
constexpr std::uint64_t kMaxLevelBytes = 1 << 13;
constexpr std::size_t kTotalBytes = 4;  // before the descriptor's first block

constexpr std::string_view kKeys[] = {"KTXorientation",
                                      "KTXswizzle",
                                      "KTXwriter",
                                      "KTXwriterScParams",
                                      "KTXanimData",
                                      "KTXglFormat",
                                      "KTXmapRange",
                                      "KTXmetalPixelFormat",
                                      "KTXdxgiFormat__",
                                      "KTXcubemapIncomplete",
                                      "KTXastcDecodeMode",
                                      "KTXunknown",
                                      "other"};
constexpr std::string_view kValues[] = {
    "rdi", "ru", "l", "rgba", "rg01", "bgra", "rgb9e5", "unorm8", "tool / library v1", "", "\x15"};
constexpr std::uint32_t kNumbers[] = {
    0,  1,  2,   3,   4,   5,   6,     7,     8,          15,         16,         31,
    32, 33, 127, 128, 255, 256, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};

std::size_t below(Random& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

bool one_in(Random& random, std::size_t count) { return below(random, count) == 0; }

std::uint32_t number_near(Random& random, std::uint32_t value) {
  switch (below(random, 4)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return value ^ (1u << below(random, 32));
    default:
      return kNumbers[below(random, std::size(kNumbers))];
  }
}

void mutate_bytes(Random& random, Bytes& bytes) {
  const std::size_t old_size = bytes.size();
  const std::size_t most = old_size + below(random, kMostGrowth) + 1;
  bytes.resize(most);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), old_size, most));
}

void put_le(Bytes& bytes, std::size_t at, std::size_t count, std::uint64_t value) {
  for (std::size_t i = 0; i < count && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::byte>((value >> (8 * i)) & 0xFF);
}

/// VkFormats of core Vulkan, or of extensions: PVRTC, ASTC HDR, 4:2:2 and 10 or 12 bits, ASTC 3D,
/// 4-bit channels, A8 and A1B5G5R5. The first of each and how many.
std::uint32_t vk_format(Random& random) {
  constexpr std::pair<std::uint32_t, std::size_t> kRanges[] = {
      {0, 185},         {0, 185},         {1000054000, 8}, {1000066000, 14},
      {1000156000, 34}, {1000288000, 30}, {1000340000, 2}, {1000470000, 2}};
  const auto [first, count] = kRanges[below(random, std::size(kRanges))];
  return first + static_cast<std::uint32_t>(below(random, count));
}

void mutate_header(Random& random, Ktx2Parts& parts) {
  auto& header = parts.header;
  std::uint32_t* fields[] = {&header.type_size,   &header.width,       &header.height,
                             &header.depth,       &header.layer_count, &header.face_count,
                             &header.level_count, &header.scheme};
  if (one_in(random, 4)) {
    header.vk_format =
        one_in(random, 4) ? number_near(random, header.vk_format) : vk_format(random);
    return;
  }
  std::uint32_t& field = *fields[below(random, std::size(fields))];
  field =
      one_in(random, 2) ? static_cast<std::uint32_t>(below(random, 9)) : number_near(random, field);
}

/// A byte of the first block, or any bytes; mostly with sizes that fit again.
void mutate_descriptor(Random& random, Ktx2Parts& parts) {
  Bytes& bytes = parts.descriptor;
  if (bytes.empty() || one_in(random, 3)) {
    mutate_bytes(random, bytes);
  } else {
    const std::size_t at = below(random, bytes.size());
    bytes[at] =
        static_cast<std::byte>(number_near(random, std::to_integer<std::uint8_t>(bytes[at])));
  }
  if (one_in(random, 4) || bytes.size() < kTotalBytes + 8) return;
  if (one_in(random, 2)) {  // whole samples
    constexpr std::size_t kHead = kTotalBytes + forge3d::texture::kBasicBlockBytes;
    const std::size_t samples = (std::max(bytes.size(), kHead) - kHead + 8) / 16;
    bytes.resize(kHead + 16 * samples);
  }
  put_le(bytes, 0, 4, bytes.size());
  put_le(bytes, kTotalBytes + 6, 2, bytes.size() - kTotalBytes);
}

std::vector<Bytes> entries_of(const Bytes& key_values) {
  std::vector<Bytes> entries;
  for (std::size_t at = 0; at + 4 <= key_values.size();) {
    const auto claimed = forge3d::texture::load_le<std::uint32_t>(key_values, at);
    const std::size_t size = std::min<std::size_t>(claimed, key_values.size() - at - 4);
    const auto begin = key_values.begin() + static_cast<std::ptrdiff_t>(at + 4);
    entries.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
    at += 4 + (size + 3) / 4 * 4;
  }
  return entries;
}

Bytes join_entries(const std::vector<Bytes>& entries) {
  Bytes bytes;
  for (const Bytes& entry : entries) {
    forge3d::texture::append_le(bytes, static_cast<std::uint32_t>(entry.size()));
    bytes.insert(bytes.end(), entry.begin(), entry.end());
    bytes.resize((bytes.size() + 3) / 4 * 4);
  }
  return bytes;
}

/// A key that the specification names, with a text or with words.
Bytes known_entry(Random& random) {
  Bytes entry;
  const auto add = [&entry](std::string_view text) {
    for (const char c : text) entry.push_back(static_cast<std::byte>(c));
  };
  add(kKeys[below(random, std::size(kKeys))]);
  entry.push_back(std::byte{0});
  if (one_in(random, 3)) {
    for (std::size_t words = below(random, 4); words > 0; --words)
      forge3d::texture::append_le(entry, number_near(random, 0));
  } else {
    add(kValues[below(random, std::size(kValues))]);
    if (!one_in(random, 4)) entry.push_back(std::byte{0});
  }
  return entry;
}

void mutate_key_values(Random& random, Ktx2Parts& parts) {
  if (one_in(random, 4)) return mutate_bytes(random, parts.key_values);
  std::vector<Bytes> entries = entries_of(parts.key_values);
  const std::size_t at = below(random, entries.size() + 1);
  if (at == entries.size() || one_in(random, 3))
    entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(at), known_entry(random));
  else if (one_in(random, 3))
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
  else
    mutate_bytes(random, entries[at]);
  if (one_in(random, 2))  // as the specification asks for
    std::sort(entries.begin(), entries.end());
  parts.key_values = join_entries(entries);
}

/// The counts and image descriptions of BasisLZ, or any bytes. KTX 2.0 specification, "BasisLZ
/// Global Data".
void mutate_global_data(Random& random, Ktx2Parts& parts) {
  constexpr std::size_t kHead = 20;
  constexpr std::size_t kImageWords = 5;
  Bytes& bytes = parts.global_data;
  if (bytes.size() < kHead || one_in(random, 2)) return mutate_bytes(random, bytes);
  if (one_in(random, 2)) {
    put_le(bytes, 2 * below(random, 2), 2, number_near(random, 1));
    return;
  }
  const std::size_t images = std::min<std::size_t>(
      parts.levels.size() * std::max(parts.header.layer_count, 1u) * parts.header.face_count, 64);
  const std::size_t at = 4 + 4 * below(random, 4 + kImageWords * std::max<std::size_t>(images, 1));
  if (at + 4 > bytes.size()) return;
  put_le(bytes, at, 4, number_near(random, forge3d::texture::load_le<std::uint32_t>(bytes, at)));
}

void mutate_levels(Random& random, Ktx2Parts& parts) {
  auto& levels = parts.levels;
  auto& level = levels[below(random, levels.size())];
  if (!one_in(random, 4))
    mutate_bytes(random, level.data);
  else if (one_in(random, 2) && levels.size() < forge3d::texture::kMaxLevels)
    levels.push_back(level);
  else if (levels.size() > 1)
    levels.pop_back();
  else
    level.bytes = number_near(random, static_cast<std::uint32_t>(level.bytes));
}

/// Levels in another scheme, which join_ktx2 packs.
void mutate_scheme(Random& random, Ktx2Parts& parts) {
  constexpr std::uint32_t kSchemes[] = {
      forge3d::texture::kSchemeNone, forge3d::texture::kSchemeZstd, forge3d::texture::kSchemeZlib};
  parts.header.scheme = kSchemes[below(random, std::size(kSchemes))];
}

void mutate(Random& random, Ktx2Parts& parts) {
  switch (below(random, 10)) {
    case 0:
    case 1:
      return mutate_header(random, parts);
    case 2:
    case 3:
      return mutate_descriptor(random, parts);
    case 4:
      return mutate_key_values(random, parts);
    case 5:
    case 6:
      return mutate_global_data(random, parts);
    case 7:
      return mutate_scheme(random, parts);
    default:
      return mutate_levels(random, parts);
  }
}

/// A word of the header or of the level index becomes wrong.
void damage(Random& random, Bytes& file, std::size_t levels) {
  constexpr std::size_t kFirst = forge3d::texture::kIdentifierBytes;
  const std::size_t end =
      forge3d::texture::kHeaderBytes + forge3d::texture::kLevelEntryBytes * levels;
  const std::size_t at = kFirst + 4 * below(random, (end - kFirst) / 4);
  put_le(file, at, 4, number_near(random, forge3d::texture::load_le<std::uint32_t>(file, at)));
}

std::size_t store(const Bytes& file, std::uint8_t* out) {
  std::copy(file.begin(), file.end(), reinterpret_cast<std::byte*>(out));
  return file.size();
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size_bytes,
                                               std::size_t max_bytes, unsigned seed) {
  Random random(seed + 1);
  auto parts = forge3d::fuzz::split_ktx2(std::as_bytes(std::span(data, size_bytes)));
  if (!parts || one_in(random, 8)) return LLVMFuzzerMutate(data, size_bytes, max_bytes);
  do mutate(random, *parts);
  while (one_in(random, 3));
  if (!one_in(random, 4)) forge3d::fuzz::fit_levels(*parts, kMaxLevelBytes);
  Bytes file = forge3d::fuzz::join_ktx2(*parts);
  if (one_in(random, 6)) damage(random, file, parts->levels.size());
  if (file.size() > max_bytes) return LLVMFuzzerMutate(data, size_bytes, max_bytes);
  return store(file, data);
}

/// The first file with parts of the second.
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* first, std::size_t first_bytes,
                                                 const std::uint8_t* second,
                                                 std::size_t second_bytes, std::uint8_t* out,
                                                 std::size_t max_bytes, unsigned seed) {
  Random random(seed + 1);
  auto parts = forge3d::fuzz::split_ktx2(std::as_bytes(std::span(first, first_bytes)));
  auto other = forge3d::fuzz::split_ktx2(std::as_bytes(std::span(second, second_bytes)));
  if (!parts || !other) return 0;
  if (one_in(random, 2)) std::swap(parts->key_values, other->key_values);
  if (one_in(random, 2)) std::swap(parts->global_data, other->global_data);
  if (one_in(random, 2)) std::swap(parts->levels, other->levels);
  if (one_in(random, 4)) std::swap(parts->descriptor, other->descriptor);
  if (one_in(random, 4)) std::swap(parts->header, other->header);
  if (one_in(random, 2)) forge3d::fuzz::fit_levels(*parts, kMaxLevelBytes);
  const Bytes file = forge3d::fuzz::join_ktx2(*parts);
  return file.size() > max_bytes ? 0 : store(file, out);
}
