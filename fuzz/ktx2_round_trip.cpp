// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Any shape, format, scheme and texels through our writer: what it accepts has no finding, and
// reads back as it was.

#include <algorithm>

#include "forge3d/ktx2.hpp"

namespace {

using namespace forge3d;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

/// The input's bytes one after the other, zeros behind them.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t byte() { return at_ < bytes_.size() ? bytes_[at_++] : std::uint8_t{0}; }
  std::uint32_t below(std::uint32_t count) { return byte() % count; }
  bool flag() { return (byte() & 1) != 0; }
  std::string text(std::uint32_t most) {
    std::string text(below(most + 1), ' ');
    for (char& c : text) c = static_cast<char>(byte());
    return text;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

Ktx2WriteDesc choose(Choices& choices) {
  constexpr std::uint32_t kCoreFormats = 185;  // VK_FORMAT_* up to ASTC 12x12
  constexpr Supercompression kSchemes[] = {Supercompression::kNone, Supercompression::kZstd,
                                           Supercompression::kZlib};
  constexpr std::uint32_t kExtents = 20;
  Ktx2WriteDesc desc;
  desc.format = static_cast<Format>(choices.below(kCoreFormats));
  desc.width = choices.below(kExtents);
  desc.height = choices.below(kExtents);
  desc.depth = choices.flag() ? choices.below(5) : 0;
  desc.layers = choices.flag() ? choices.below(4) : 0;
  desc.faces = choices.flag() ? 6 : 1;
  desc.supercompression = kSchemes[choices.below(std::size(kSchemes))];
  desc.zlib_level = 1;
  desc.zstd_level = 1;
  desc.premultiplied_alpha = choices.flag();
  desc.wants_mips = choices.below(4) == 3;
  if (choices.below(8) == 7) {
    desc.format = choices.flag() ? Format::kASTC4x4Unorm : Format::kASTC4x4Srgb;
    desc.uastc = static_cast<UastcChannels>(choices.below(8));
  }
  constexpr const char* kKeys[] = {"KTXorientation", "KTXswizzle", "KTXwriterScParams", "own"};
  if (choices.flag()) desc.key_values.emplace_back(kKeys[choices.below(4)], choices.text(5));
  if (choices.flag()) desc.key_values.emplace_back(choices.text(5), choices.text(5));
  return desc;
}

std::vector<std::vector<std::byte>> fill(const Ktx2WriteDesc& desc, Choices& choices) {
  std::vector<std::vector<std::byte>> levels;
  const std::uint32_t count = 1 + choices.below(5);
  for (std::uint32_t level = 0; level < count; ++level) {
    const auto bytes = image_bytes(desc.format, mip_extent(desc.width, level),
                                   mip_extent(desc.height, level), mip_extent(desc.depth, level));
    const std::uint64_t images = std::max(desc.layers, 1u) * desc.faces;
    levels.emplace_back(bytes ? *bytes * images : choices.below(64));
    for (std::byte& byte :
         std::span(levels.back()).first(std::min<std::size_t>(levels.back().size(), 64)))
      byte = std::byte{choices.byte()};
  }
  return levels;
}

void check_shape(const Ktx2WriteDesc& desc, const Ktx2Info& info) {
  check(info.width == desc.width && info.height == std::max(desc.height, 1u));
  check(info.depth == std::max(desc.depth, 1u) && info.layers == std::max(desc.layers, 1u));
  check(info.is_array == (desc.layers != 0) && info.faces == desc.faces);
  check(info.levels == desc.levels.size() && info.wants_mips == desc.wants_mips);
  check(info.supercompression == desc.supercompression);
  check(desc.uastc ? info.basis_model == BasisModel::kUastc
                   : info.vk_format == static_cast<std::uint32_t>(desc.format));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  Choices choices(std::span(data, size_bytes));
  Ktx2WriteDesc desc = choose(choices);
  const auto levels = fill(desc, choices);
  desc.levels.assign(levels.begin(), levels.end());
  const auto file = write_ktx2(desc);
  if (!file) {
    check(file.error().code == ErrorCode::kInvalidArgument ||
          file.error().code == ErrorCode::kNotSupported);
    return 0;
  }
  check(write_ktx2(desc).value() == *file);
  auto source = make_memory_source(*file);
  const auto findings = validate_ktx2(*source);
  check(findings.has_value() && is_valid(*findings));
  const auto reader = Ktx2Reader::open(std::move(source));
  check(reader.has_value());
  check_shape(desc, reader->info());
  for (std::uint32_t level = 0; level < levels.size(); ++level)
    check(reader->read_level(level).value() == levels[level]);
  return 0;
}
