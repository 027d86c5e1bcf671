// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Key/value data of a KTX2 file: KTX 2.0 section 3.11 and the keys of section 5.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>

#include "texture/allocate.hpp"
#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/validation.hpp"

namespace forge3d::texture {
namespace {

constexpr std::uint32_t kMaxEntries = 100;
constexpr std::uint32_t kMaxKeyValueBytes = 8u << 20;
constexpr std::uint64_t kAtHeight = 24, kAtDepth = 28;  // of the header

/// Index of the first byte that is not UTF-8 (RFC 3629), or nothing.
std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    const int more = lead < 0x80             ? 0
                     : (lead & 0xE0) == 0xC0 ? 1
                     : (lead & 0xF0) == 0xE0 ? 2
                     : (lead & 0xF8) == 0xF0 ? 3
                                             : -1;
    if (more < 0 || text.size() - at <= static_cast<std::size_t>(more)) return at;
    std::uint32_t code = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int i = 1; i <= more; ++i) {
      const auto next = static_cast<std::uint8_t>(text[at + static_cast<std::size_t>(i)]);
      if ((next & 0xC0) != 0x80) return at;
      code = code << 6 | (next & 0x3F);
    }
    constexpr std::array<std::uint32_t, 4> kSmallest = {0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (code < kSmallest[static_cast<std::size_t>(more)] || surrogate || code > 0x10FFFF) return at;
    at += static_cast<std::size_t>(more) + 1;
  }
  return std::nullopt;
}

/// Rules of the values of known keys.
class ValueRules {
 public:
  ValueRules(Validation& v, std::uint64_t offset, std::string_view value)
      : v_(v), offset_(offset), value_(value) {}

  void check(std::string_view key) {
    if (const auto* rule = std::ranges::find(kRules, key, &Rule::key); rule != kRules.end())
      (this->*rule->check)();
    else if (key.starts_with("KTX") || key.starts_with("ktx"))
      error(7009, fmt::format("the key {} is reserved", key));
    else
      v_.warn(7010, offset_, fmt::format("the key {} is custom", key));
  }

 private:
  struct Rule {
    std::string_view key;
    void (ValueRules::*check)();
  };
  static const std::array<Rule, 11> kRules;

  void error(std::uint32_t id, std::string text) { v_.error(id, offset_, std::move(text)); }

  /// The value without its NUL; `id` is the finding when that lacks.
  std::string_view text(std::uint32_t id) {
    if (!value_.empty() && value_.back() == '\0') return value_.substr(0, value_.size() - 1);
    error(id, "the value must end with a NUL");
    return value_;
  }

  void check_cubemap() {
    v_.has_cubemap_incomplete = true;
    if (value_.size() != 1) return error(7106, "KTXcubemapIncomplete must be one byte");
    const auto bits = static_cast<std::uint8_t>(value_[0]);
    const auto faces = static_cast<std::uint32_t>(std::popcount(bits & 0x3Fu));
    if ((bits & 0xC0) != 0) error(7101, "the two upper bits must be 0");
    if (faces == 6) v_.warn(7102, offset_, "every face is present");
    if (faces == 0) error(7103, "no face is present");
    if (faces != 0 && v_.header.layers() % faces != 0 && v_.header.layer_count != 0)
      error(7104, fmt::format("{} layers for {} faces", v_.header.layer_count, faces));
    if (v_.header.face_count != 1) error(7105, "faceCount must be 1");
    if (v_.header.width != v_.header.height)
      v_.error(3008, kAtHeight, "the faces of a cube map must be square");
    if (v_.header.depth != 0)
      v_.error(3013, kAtDepth, "the faces of a cube map must have no depth");
  }

  void check_orientation() {
    const std::string_view value = text(7107);
    const std::size_t axes = v_.header.depth != 0 ? 3 : v_.header.height != 0 ? 2 : 1;
    if (value.size() != axes)
      error(7108, fmt::format("KTXorientation has {} axes, the texture {}", value.size(), axes));
    constexpr std::array<std::string_view, 3> kAllowed = {"rl", "du", "oi"};
    for (std::size_t axis = 0; axis < std::min(axes, value.size()); ++axis)
      if (kAllowed[axis].find(value[axis]) == std::string_view::npos)
        error(7109, fmt::format("axis {} must be one of \"{}\"", axis, kAllowed[axis]));
    if (v_.options.gltf_basisu && value != "rd") error(7202, "glTF wants the orientation \"rd\"");
  }

  void check_gl_format() {
    if (value_.size() != 12) return error(7110, "KTXglFormat must be 12 bytes");
    if (v_.header.vk_format != 0) error(7111, "KTXglFormat belongs to files without a VkFormat");
    const auto bytes = std::as_bytes(std::span(value_));
    const bool zero =
        load_le<std::uint32_t>(bytes, 4) == 0 && load_le<std::uint32_t>(bytes, 8) == 0;
    if (v_.is_block_compressed() && !zero)
      error(7112, "glFormat and glType must be 0 for compressed formats");
  }

  void check_foreign_format(std::string_view key, std::uint32_t size_id, std::uint32_t format_id) {
    if (value_.size() != 4) error(size_id, fmt::format("{} must be 4 bytes", key));
    if (v_.header.vk_format != 0)
      error(format_id, fmt::format("{} belongs to files without a VkFormat", key));
  }
  void check_dxgi() { check_foreign_format("KTXdxgiFormat__", 7113, 7114); }
  void check_metal() { check_foreign_format("KTXmetalPixelFormat", 7115, 7116); }

  void check_swizzle() {
    const std::string_view value = text(7117);
    if (value.size() != 4) error(7118, "KTXswizzle must be 4 letters");
    if (value.substr(0, 4).find_first_not_of("rgba01") != std::string_view::npos)
      error(7119, "KTXswizzle must be made of \"rgba01\"");
    if (v_.layout && v_.layout->depth_stencil)
      v_.warn(7121, offset_, "KTXswizzle has no effect on depth and stencil formats");
    if (v_.options.gltf_basisu && value != "rgba") error(7201, "glTF wants the swizzle \"rgba\"");
  }

  void check_utf8(std::uint32_t nul_id, std::uint32_t utf8_id) {
    if (const auto bad = find_invalid_utf8(text(nul_id)))
      error(utf8_id, fmt::format("byte {} of the value is no UTF-8", *bad));
  }
  void check_writer() { check_utf8(7122, 7123); }
  void check_parameters() { check_utf8(7126, 7127); }

  void check_animation() {
    v_.has_anim_data = true;
    if (value_.size() != 12) error(7128, "KTXanimData must be 12 bytes");
    if (v_.header.layer_count == 0) error(7129, "only arrays are animations");
  }

  void check_astc_mode() {
    const std::string_view value = text(7131);
    if (value != "rgb9e5" && value != "unorm8")
      error(7132, "KTXastcDecodeMode must be rgb9e5 or unorm8");
    const bool astc = v_.layout && v_.layout->name.starts_with("ASTC_");
    const bool is_float = astc && v_.layout->name.find("_SFLOAT") != std::string_view::npos;
    if (value == "unorm8" && is_float) error(7133, "unorm8 belongs to LDR formats");
    if (!astc) v_.warn(7134, offset_, "KTXastcDecodeMode has no effect on other formats");
    if (v_.descriptor && v_.descriptor->transfer == kTransferSrgb)
      v_.warn(7135, offset_, "KTXastcDecodeMode has no effect on sRGB");
  }

  void check_map_range() {
    if (!can_map_range())
      return error(7137, "KTXmapRange belongs to floating-point and linear normalised formats");
    if (value_.size() != 8) return error(7136, "KTXmapRange must be 8 bytes");
    const auto bytes = std::as_bytes(std::span(value_));
    if (!std::isfinite(std::bit_cast<float>(load_le<std::uint32_t>(bytes, 0))))
      error(7138, "the scale of KTXmapRange must be finite");
    if (!std::isfinite(std::bit_cast<float>(load_le<std::uint32_t>(bytes, 4))))
      error(7139, "the offset of KTXmapRange must be finite");
  }

  [[nodiscard]] bool can_map_range() const {
    if (!v_.descriptor) return true;  // nothing to hold against it
    if (v_.layout && v_.layout->shared_exponent) return true;
    const auto is_float = [](const DescriptorSample& sample) {
      return (sample.channel & kSampleFloat) != 0;
    };
    if (std::ranges::all_of(v_.descriptor->samples, is_float)) return true;
    const bool normalised =
        v_.layout && (v_.layout->name.find("_UNORM") != std::string_view::npos ||
                      v_.layout->name.find("_SNORM") != std::string_view::npos);
    return normalised && v_.descriptor->transfer == kTransferLinear;
  }

  Validation& v_;
  std::uint64_t offset_;
  std::string_view value_;
};

const std::array<ValueRules::Rule, 11> ValueRules::kRules = {{
    {"KTXcubemapIncomplete", &ValueRules::check_cubemap},
    {"KTXorientation", &ValueRules::check_orientation},
    {"KTXglFormat", &ValueRules::check_gl_format},
    {"KTXdxgiFormat__", &ValueRules::check_dxgi},
    {"KTXmetalPixelFormat", &ValueRules::check_metal},
    {"KTXswizzle", &ValueRules::check_swizzle},
    {"KTXwriter", &ValueRules::check_writer},
    {"KTXwriterScParams", &ValueRules::check_parameters},
    {"KTXanimData", &ValueRules::check_animation},
    {"KTXastcDecodeMode", &ValueRules::check_astc_mode},
    {"KTXmapRange", &ValueRules::check_map_range},
}};

/// Walks the entries: their structure, order and padding.
class EntryWalker {
 public:
  EntryWalker(Validation& v, std::string_view bytes) : v_(v), bytes_(bytes) {}

  void walk() {
    for (std::uint32_t count = 0; at_ < bytes_.size(); ++count) {
      if (count == kMaxEntries)
        v_.warn(7001, offset(), fmt::format("more than {} entries", kMaxEntries));
      if (!check_entry()) break;
    }
    check_set();
  }

 private:
  [[nodiscard]] std::uint64_t offset() const { return v_.header.kvd_offset + at_; }

  /// False when the walk cannot go on.
  bool check_entry() {
    const std::string_view left = bytes_.substr(at_);
    if (left.size() < 6) {
      v_.error(7002, offset(), fmt::format("{} bytes are no entry", left.size()));
      return false;
    }
    const std::uint32_t size_bytes = load_le<std::uint32_t>(std::as_bytes(std::span(left)), 0);
    if (size_bytes > left.size() - 4)
      v_.error(7003, offset(),
               fmt::format("keyAndValueByteLength is {}; {} bytes are left", size_bytes,
                           left.size() - 4));
    if (size_bytes < 2)
      v_.error(7004, offset(), fmt::format("keyAndValueByteLength is {}", size_bytes));
    else
      check_pair(left.substr(4, size_bytes));  // of a pair cut short the key may still be whole
    at_ += 4 + std::min<std::size_t>(size_bytes, left.size() - 4);
    skip_padding();
    return true;
  }

  void skip_padding() {
    const std::size_t end = static_cast<std::size_t>(align_up(at_, 4));
    if (end > bytes_.size())
      v_.error(7008, offset(), "kvdByteLength must hold the padding of the last entry");
    const std::string_view padding = bytes_.substr(at_, end - at_);
    if (padding.find_first_not_of('\0') != std::string_view::npos)
      v_.error(7011, offset(), "padding must be 0");
    at_ = end;
  }

  void check_pair(std::string_view pair) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    const std::size_t nul = pair.find('\0');
    std::string_view key = pair.substr(0, nul);
    if (key.empty()) return v_.error(7013, offset(), "a key must not be empty");
    if (nul == std::string_view::npos) v_.error(7005, offset(), "the key must end with a NUL");
    if (key.starts_with(kByteOrderMark)) {
      v_.error(7006, offset(), "a key must not have a BOM");
      key.remove_prefix(kByteOrderMark.size());
    }
    if (const auto bad = find_invalid_utf8(key))
      v_.error(7007, offset(), fmt::format("byte {} of the key is no UTF-8", *bad));
    keys_.push_back(key);
    ValueRules(v_, offset(), nul == std::string_view::npos ? "" : pair.substr(nul + 1)).check(key);
  }

  [[nodiscard]] bool has(std::string_view key) const {
    return std::ranges::find(keys_, key) != keys_.end();
  }

  void check_set() {
    const std::uint64_t begin = v_.header.kvd_offset;
    if (!std::ranges::is_sorted(keys_)) v_.error(7012, begin, "entries must be sorted by key");
    std::vector<std::string_view> sorted = keys_;
    std::ranges::sort(sorted);
    if (const auto same = std::ranges::adjacent_find(sorted); same != sorted.end())
      v_.error(7013, begin, fmt::format("the key {} comes twice", *same));
    if (has("KTXwriterScParams") && !has("KTXwriter"))
      v_.error(7124, begin, "KTXwriterScParams needs KTXwriter");
    else if (!has("KTXwriter"))
      v_.warn(7125, begin, "writers should name themselves as KTXwriter");
    if (v_.has_anim_data && v_.has_cubemap_incomplete)
      v_.error(7130, begin, "KTXanimData and KTXcubemapIncomplete exclude each other");
  }

  Validation& v_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::vector<std::string_view> keys_;
};

}  // namespace

Result<> validate_key_values(Validation& v) {
  const Ktx2Header& h = v.header;
  if (h.kvd_bytes == 0) return {};
  if (!v.fits(h.kvd_offset, h.kvd_bytes)) {
    v.fatal(1003, h.kvd_offset, "the key/value data passes the end of the file");
    return {};
  }
  if (h.kvd_bytes > kMaxKeyValueBytes) {
    v.warn(7001, h.kvd_offset, fmt::format("{} bytes of entries are not looked at", h.kvd_bytes));
    return {};
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v.read(h.kvd_offset, h.kvd_bytes));
  EntryWalker(v, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).walk();
  return {};
}

}  // namespace forge3d::texture
