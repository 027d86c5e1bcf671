// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/ktx2_samples.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <sstream>

#include "texture/ktx2/container.hpp"
#include "texture/ktx2/vk_format.hpp"

namespace forge3d::test {
namespace {

template <class Integer>
Integer load(std::span<const std::byte> bytes, std::size_t at) {
  Integer value = 0;
  for (std::size_t i = sizeof(Integer); i-- > 0;)
    value = static_cast<Integer>((value << 8) | std::to_integer<Integer>(bytes[at + i]));
  return value;
}

template <class Integer>
std::vector<std::byte> store(std::vector<std::byte> bytes, std::size_t at, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    bytes.at(at + i) = static_cast<std::byte>((std::uint64_t{value} >> (8 * i)) & 0xFF);
  return bytes;
}

constexpr std::array<std::uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void add_chunk(std::array<std::uint32_t, 8>& hash, std::span<const std::uint8_t, 64> chunk) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i)
    w[i] = std::uint32_t{chunk[i * 4]} << 24 | std::uint32_t{chunk[i * 4 + 1]} << 16 |
           std::uint32_t{chunk[i * 4 + 2]} << 8 | chunk[i * 4 + 3];
  for (std::size_t i = 16; i < 64; ++i)
    w[i] = w[i - 16] + w[i - 7] +
           (std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3)) +
           (std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10));
  auto [a, b, c, d, e, f, g, h] = hash;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                             ((e & f) ^ (~e & g)) + kRound[i] + w[i];
    const std::uint32_t t2 =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const std::array<std::uint32_t, 8> add = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) hash[i] += add[i];
}

}  // namespace

Ktx2Sample make_ktx2(Ktx2WriteDesc desc, std::uint32_t levels) {
  Ktx2Sample sample;
  const std::uint32_t full = full_mip_count(std::max(desc.width, desc.height), desc.depth);
  texture::Ktx2Header header;
  header.width = desc.width, header.height = desc.height, header.depth = desc.depth;
  header.layer_count = desc.layers, header.face_count = desc.faces;
  const auto number = static_cast<std::uint32_t>(desc.format);
  const texture::Descriptor blocks = texture::vk_format_layout(number).value().descriptor;
  std::uint32_t state = 12345;
  for (std::uint32_t level = 0; level < (levels == 0 ? full : levels); ++level) {
    std::vector<std::byte> bytes(
        static_cast<std::size_t>(texture::level_bytes(header, blocks, level).value()));
    for (std::byte& byte : bytes) {
      state = state * 1664525u + 1013904223u;
      byte = static_cast<std::byte>(state >> 28);  // four bits: something to compress
    }
    sample.levels.push_back(std::move(bytes));
  }
  for (const auto& level : sample.levels) desc.levels.emplace_back(level);
  auto file = write_ktx2(desc);
  EXPECT_TRUE(file.has_value()) << file.error().to_string();
  sample.file = std::move(*file);
  return sample;
}

std::uint32_t load32(std::span<const std::byte> bytes, std::size_t at) {
  return load<std::uint32_t>(bytes, at);
}
std::uint64_t load64(std::span<const std::byte> bytes, std::size_t at) {
  return load<std::uint64_t>(bytes, at);
}
std::vector<std::byte> patch(std::vector<std::byte> bytes, std::size_t at, std::uint8_t value) {
  return store(std::move(bytes), at, value);
}
std::vector<std::byte> patch32(std::vector<std::byte> bytes, std::size_t at, std::uint32_t value) {
  return store(std::move(bytes), at, value);
}
std::vector<std::byte> patch64(std::vector<std::byte> bytes, std::size_t at, std::uint64_t value) {
  return store(std::move(bytes), at, value);
}

std::vector<std::byte> zstd_of(std::span<const std::byte> bytes) {
  std::vector<std::byte> out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<std::uint32_t, 8> hash = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::vector<std::uint8_t> padded;
  for (const std::byte byte : bytes) padded.push_back(std::to_integer<std::uint8_t>(byte));
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  for (int shift = 56; shift >= 0; shift -= 8)
    padded.push_back(static_cast<std::uint8_t>(std::uint64_t{bytes.size()} * 8 >> shift));
  for (std::size_t at = 0; at < padded.size(); at += 64)
    add_chunk(hash, std::span(padded).subspan(at).first<64>());
  std::string text;
  for (const std::uint32_t word : hash)
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15];
  return text;
}

std::vector<ManifestLine> read_manifest(const std::filesystem::path& path) {
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
    return cells;
  };
  std::vector<ManifestLine> lines;
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  const std::vector<std::string> columns = split(text);
  while (std::getline(file, text)) {
    const std::vector<std::string> cells = split(text);
    ManifestLine line;
    for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i)
      line[columns[i]] = cells[i];
    lines.push_back(line);
  }
  return lines;
}

}  // namespace forge3d::test
