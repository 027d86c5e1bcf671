// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// ktx2_metadata: each reserved key has a parser for its value.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <string_view>

#include "forge3d/ktx2_metadata.hpp"
#include "texture/ktx2/bytes.hpp"

namespace forge3d {
namespace {

using Value = std::span<const std::byte>;

/// The text of a value that ends with a NUL, as all of KTX2's do.
std::optional<std::string_view> text_of(Value value) {
  if (value.empty() || value.back() != std::byte{0}) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(value.data()), value.size() - 1);
}

std::optional<std::string> parse_text(Value value) {
  const auto text = text_of(value);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<Ktx2Orientation> parse_orientation(Value value) {
  const auto text = text_of(value);
  if (!text || text->empty() || text->size() > 3) return std::nullopt;
  constexpr std::array<std::string_view, 3> kLetters = {"rl", "du", "oi"};
  std::array<bool, 3> turned{};
  for (std::size_t axis = 0; axis < text->size(); ++axis) {
    const std::size_t letter = kLetters[axis].find((*text)[axis]);
    if (letter == std::string_view::npos) return std::nullopt;
    turned[axis] = letter == 1;
  }
  return Ktx2Orientation{turned[0], turned[1], turned[2]};
}

std::optional<std::array<char, 4>> parse_swizzle(Value value) {
  const auto text = text_of(value);
  if (!text || text->size() != 4 || text->find_first_not_of("rgba01") != std::string_view::npos)
    return std::nullopt;
  return std::array{(*text)[0], (*text)[1], (*text)[2], (*text)[3]};
}

std::optional<std::string> parse_astc_mode(Value value) {
  const auto text = text_of(value);
  if (text != "rgb9e5" && text != "unorm8") return std::nullopt;
  return std::string(*text);
}

std::optional<std::uint32_t> parse_number(Value value) {
  if (value.size() != 4) return std::nullopt;
  return texture::load_le<std::uint32_t>(value, 0);
}

std::optional<Ktx2Animation> parse_animation(Value value) {
  if (value.size() != 12) return std::nullopt;
  return Ktx2Animation{texture::load_le<std::uint32_t>(value, 0),
                       texture::load_le<std::uint32_t>(value, 4),
                       texture::load_le<std::uint32_t>(value, 8)};
}

std::optional<Ktx2GlFormat> parse_gl_format(Value value) {
  if (value.size() != 12) return std::nullopt;
  return Ktx2GlFormat{texture::load_le<std::uint32_t>(value, 0),
                      texture::load_le<std::uint32_t>(value, 4),
                      texture::load_le<std::uint32_t>(value, 8)};
}

std::optional<Ktx2MapRange> parse_map_range(Value value) {
  if (value.size() != 8) return std::nullopt;
  const Ktx2MapRange range{std::bit_cast<float>(texture::load_le<std::uint32_t>(value, 0)),
                           std::bit_cast<float>(texture::load_le<std::uint32_t>(value, 4))};
  return std::isfinite(range.scale) && std::isfinite(range.offset) ? std::optional(range)
                                                                   : std::nullopt;
}

std::optional<std::uint8_t> parse_cubemap_faces(Value value) {
  if (value.size() != 1) return std::nullopt;
  const auto faces = std::to_integer<std::uint8_t>(value[0]);
  return faces == 0 || faces > 0x3F ? std::nullopt : std::optional(faces);
}

/// Looks keys up and remembers the first whose value breaks its rule.
class KeyReader {
 public:
  explicit KeyReader(const Ktx2Info& info) : info_(info) {}

  template <class T>
  void read(std::string_view key, std::optional<T> (*parse)(Value), std::optional<T>& out) {
    using Entry = decltype(Ktx2Info::key_values)::value_type;
    const auto entry = std::ranges::find(info_.key_values, key, &Entry::first);
    if (entry == info_.key_values.end()) return;
    out = parse(entry->second);
    if (!out && broken_.empty()) broken_ = key;
  }

  [[nodiscard]] std::string_view broken() const { return broken_; }

 private:
  const Ktx2Info& info_;
  std::string_view broken_;
};

}  // namespace

Result<Ktx2Metadata> ktx2_metadata(const Ktx2Info& info) {
  Ktx2Metadata metadata;
  KeyReader keys(info);
  keys.read("KTXorientation", parse_orientation, metadata.orientation);
  keys.read("KTXswizzle", parse_swizzle, metadata.swizzle);
  keys.read("KTXwriter", parse_text, metadata.writer);
  keys.read("KTXwriterScParams", parse_text, metadata.writer_parameters);
  keys.read("KTXastcDecodeMode", parse_astc_mode, metadata.astc_decode_mode);
  keys.read("KTXanimData", parse_animation, metadata.animation);
  keys.read("KTXmapRange", parse_map_range, metadata.map_range);
  keys.read("KTXcubemapIncomplete", parse_cubemap_faces, metadata.cubemap_faces);
  keys.read("KTXglFormat", parse_gl_format, metadata.gl_format);
  keys.read("KTXdxgiFormat__", parse_number, metadata.dxgi_format);
  keys.read("KTXmetalPixelFormat", parse_number, metadata.metal_pixel_format);
  if (keys.broken().empty()) return metadata;
  return fail(ErrorCode::kInvalidFile,
              fmt::format("the value of {} breaks the rule of its key", keys.broken()));
}

}  // namespace forge3d
