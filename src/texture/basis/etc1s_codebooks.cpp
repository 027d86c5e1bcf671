// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/basis/etc1s_codebooks.hpp"

#include <fmt/format.h>

#include <utility>

#include "texture/ktx2/bytes.hpp"

namespace forge3d::basis {
namespace {

using texture::load_le;

constexpr std::uint32_t kHistoryBits = 13;

/// One section of the global data, read as bits. Faults name the byte they were seen at.
class Section {
 public:
  Section(std::span<const std::byte> bytes, std::uint64_t at, std::string_view name)
      : bits(bytes), bytes_(bytes), at_(at), name_(name) {}

  [[nodiscard]] tl::unexpected<Error> invalid(std::string_view rule) const {
    return fail(ErrorCode::kInvalidFile,
                fmt::format("offset {}: {}: {}", at_ + bits.byte_position(bytes_), name_, rule));
  }
  [[nodiscard]] Result<> read_table(HuffmanTable& table) {
    auto read = read_huffman_table(bits);
    FORGE3D_TRY(check_end());
    if (!read) return invalid(read.error().message);
    table = std::move(*read);
    return {};
  }
  [[nodiscard]] Result<> check_end() const {
    if (!bits.overrun()) return {};
    return invalid(fmt::format("ends after {} bytes in the middle of its codes", bytes_.size()));
  }

  BitReader bits;

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t at_;
  std::string_view name_;
};

/// Colours and tables are coded as differences to the entry before; which code a colour's
/// difference has depends on how large the value before was.
class EndpointReader {
 public:
  explicit EndpointReader(Section section) : section_(std::move(section)) {}

  Result<> read(std::span<Etc1sEndpoint> endpoints) {
    for (HuffmanTable& table : color_deltas_) FORGE3D_TRY(section_.read_table(table));
    FORGE3D_TRY(section_.read_table(table_deltas_));
    grey_ = section_.bits.read(1) != 0;
    Etc1sEndpoint before{{16, 16, 16}, 0};
    for (Etc1sEndpoint& endpoint : endpoints) {
      if (!read_one(before, endpoint))
        return section_.invalid(fmt::format("endpoint {}: bits that are no code of a difference",
                                            &endpoint - endpoints.data()));
      FORGE3D_TRY(section_.check_end());
      before = endpoint;
    }
    return section_.check_end();
  }

 private:
  bool read_one(const Etc1sEndpoint& before, Etc1sEndpoint& out) {
    const std::uint32_t delta = table_deltas_.decode(section_.bits);
    if (delta == HuffmanTable::kNoSymbol) return false;
    out.table = static_cast<std::uint8_t>((before.table + delta) & 7);
    for (std::size_t channel = 0; channel < (grey_ ? 1 : 3); ++channel) {
      const std::uint32_t last = before.base[channel];
      const std::uint32_t color = color_deltas_[last < 10   ? 0
                                                : last < 22 ? 1
                                                            : 2]
                                      .decode(section_.bits);
      if (color == HuffmanTable::kNoSymbol) return false;
      out.base[channel] = static_cast<std::uint8_t>((last + color) & 31);
    }
    if (grey_) out.base[1] = out.base[2] = out.base[0];
    return true;
  }

  Section section_;
  std::array<HuffmanTable, 3> color_deltas_;
  HuffmanTable table_deltas_;
  bool grey_ = false;
};

/// The four rows of an entry differ from those of the entry before by an exclusive or.
Result<> read_selectors(Section section, std::span<Etc1sSelectors> selectors) {
  if (section.bits.read(2) != 0) return section.invalid("the first two bits must be 0");
  const bool plain = section.bits.read(1) != 0;
  HuffmanTable deltas;
  if (!plain) FORGE3D_TRY(section.read_table(deltas));
  Etc1sSelectors before = 0;
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    Etc1sSelectors entry = 0;
    for (std::uint32_t row = 0; row < 4; ++row) {
      const bool raw = plain || i == 0;
      const std::uint32_t bits = raw ? section.bits.read(8) : deltas.decode(section.bits);
      if (bits > 0xFF)
        return section.invalid(fmt::format("selector entry {}: bits that are no code of a row", i));
      entry |= bits << (8 * row);
    }
    before = plain ? entry : before ^ entry;
    selectors[i] = before;
    FORGE3D_TRY(section.check_end());
  }
  return section.check_end();
}

Result<> read_slice_tables(Section section, Etc1sCodebooks& books) {
  FORGE3D_TRY(section.read_table(books.endpoint_predictions));
  FORGE3D_TRY(section.read_table(books.endpoint_deltas));
  FORGE3D_TRY(section.read_table(books.selector_codes));
  FORGE3D_TRY(section.read_table(books.selector_runs));
  books.selector_history = section.bits.read(kHistoryBits);
  return section.check_end();
}

Etc1sImage parse_image(std::span<const std::byte> bytes) {
  return {load_le<std::uint32_t>(bytes, 0), load_le<std::uint32_t>(bytes, 4),
          load_le<std::uint32_t>(bytes, 8), load_le<std::uint32_t>(bytes, 12),
          load_le<std::uint32_t>(bytes, 16)};
}

}  // namespace

Result<Etc1sCodebooks> parse_etc1s_codebooks(std::span<const std::byte> bytes,
                                             std::uint64_t image_count, std::uint64_t at) {
  const auto invalid = [&](std::uint64_t offset, std::string rule) {
    return fail(ErrorCode::kInvalidFile, fmt::format("offset {}: {}", at + offset, rule));
  };
  if (bytes.size() < kEtc1sHeaderBytes)
    return invalid(0, fmt::format("global data of {} bytes; its header alone has {}", bytes.size(),
                                  kEtc1sHeaderBytes));
  if (image_count > (bytes.size() - kEtc1sHeaderBytes) / kEtc1sImageBytes)
    return invalid(0, fmt::format("global data of {} bytes cannot describe {} images", bytes.size(),
                                  image_count));
  const std::uint32_t endpoint_count = load_le<std::uint16_t>(bytes, 0);
  const std::uint32_t selector_count = load_le<std::uint16_t>(bytes, 2);
  if (endpoint_count == 0 || selector_count == 0)
    return invalid(0, "endpointCount and selectorCount must not be 0");
  std::size_t begin = kEtc1sHeaderBytes + image_count * kEtc1sImageBytes;
  Etc1sCodebooks books;
  books.images.reserve(image_count);
  for (std::uint64_t image = 0; image < image_count; ++image)
    books.images.push_back(
        parse_image(bytes.subspan(kEtc1sHeaderBytes + image * kEtc1sImageBytes)));

  std::array<std::span<const std::byte>, 3> sections;
  std::array<std::uint64_t, 3> offsets{};
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::uint32_t size_bytes = load_le<std::uint32_t>(bytes, 4 + 4 * i);
    if (size_bytes > bytes.size() - begin)
      return invalid(4 + 4 * i, fmt::format("a section of {} bytes passes the {} bytes left",
                                            size_bytes, bytes.size() - begin));
    sections[i] = bytes.subspan(begin, size_bytes);
    offsets[i] = at + begin;
    begin += size_bytes;
  }
  books.endpoints.resize(endpoint_count);
  books.selectors.resize(selector_count);
  FORGE3D_TRY(
      EndpointReader(Section(sections[0], offsets[0], "endpoint codebook")).read(books.endpoints));
  FORGE3D_TRY(
      read_selectors(Section(sections[1], offsets[1], "selector codebook"), books.selectors));
  FORGE3D_TRY(read_slice_tables(Section(sections[2], offsets[2], "slice tables"), books));
  return books;
}

}  // namespace forge3d::basis
