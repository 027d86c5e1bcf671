// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "texture/ktx2/vk_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "texture/ktx2/vk_format_names.hpp"

namespace forge3d::texture {
namespace {

constexpr std::uint32_t kMinusOneFloat = 0xBF800000u;
constexpr std::uint32_t kOneFloat = 0x3F800000u;
constexpr std::uint32_t kAllOnes = 0xFFFFFFFFu;

/// How the bits of a component become a number: the UNORM of a name.
enum class Numeric { kUnorm, kSnorm, kUint, kSint, kUfloat, kSfloat, kFixed5 };

struct NumericName {
  std::string_view text;
  Numeric numeric;
};
constexpr std::array kNumericNames = {
    NumericName{"_UNORM", Numeric::kUnorm},   NumericName{"_SRGB", Numeric::kUnorm},
    NumericName{"_SNORM", Numeric::kSnorm},   NumericName{"_UINT", Numeric::kUint},
    NumericName{"_SINT", Numeric::kSint},     NumericName{"_UFLOAT", Numeric::kUfloat},
    NumericName{"_SFLOAT", Numeric::kSfloat}, NumericName{"_S10_5", Numeric::kFixed5},
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Numeric numeric_of(std::string_view name) {
  for (const NumericName& entry : kNumericNames)
    if (contains(name, entry.text)) return entry.numeric;
  return Numeric::kUnorm;
}

/// A sample with the qualifiers and bounds that its numeric type implies.
DescriptorSample make_sample(Numeric numeric, std::uint8_t channel, std::uint32_t bit_offset,
                             std::uint32_t bits) {
  DescriptorSample sample;
  sample.bit_offset = static_cast<std::uint16_t>(bit_offset);
  sample.bit_length = static_cast<std::uint8_t>(bits - 1);
  sample.channel = channel;
  const std::uint32_t all = bits >= 32 ? kAllOnes : (1u << bits) - 1;
  switch (numeric) {
    case Numeric::kUnorm:
      sample.upper = all;
      break;
    case Numeric::kUint:
      sample.upper = 1;
      break;
    case Numeric::kUfloat:
      sample.channel |= kSampleFloat;
      sample.upper = kOneFloat;
      break;
    case Numeric::kSfloat:
      sample.channel |= kSampleFloat | kSampleSigned;
      sample.lower = kMinusOneFloat;
      sample.upper = kOneFloat;
      break;
    case Numeric::kSint:
      sample.channel |= kSampleSigned;
      sample.lower = kAllOnes;
      sample.upper = 1;
      break;
    case Numeric::kSnorm:
      sample.channel |= kSampleSigned;
      sample.upper = all >> 1;
      sample.lower = 0u - (all >> 1);
      break;
    case Numeric::kFixed5:
      sample.channel |= kSampleSigned;
      sample.upper = 32;
      sample.lower = 0u - 32u;
      break;
  }
  return sample;
}

// ---- Uncompressed formats: letters and bit counts ----------------------------------------------

struct Component {
  char letter;
  std::uint32_t bits;
};

/// "A2B10G10R10" as a list; "R10X6" keeps its padding as the letter X.
std::vector<Component> parse_components(std::string_view text) {
  std::vector<Component> components;
  while (!text.empty()) {
    Component component{text.front(), 0};
    const auto end =
        std::from_chars(text.data() + 1, text.data() + text.size(), component.bits).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    components.push_back(component);
  }
  return components;
}

/// Components from the lowest bit up. A PACKn name lists them from the highest bit down: the whole
/// of it, or each 16-bit word of an nPACK16.
void sort_from_lowest(std::vector<Component>& components, std::string_view name) {
  if (contains(name, "_2PACK16") || contains(name, "_4PACK16")) {
    for (std::size_t i = 0; i + 1 < components.size(); i += 2)
      std::swap(components[i], components[i + 1]);
  } else if (contains(name, "_PACK")) {
    std::ranges::reverse(components);
  }
}

std::uint8_t channel_of(char letter, ColorModel model) {
  if (model == ColorModel::kYuvsda) return letter == 'G' ? 0 : letter == 'B' ? 1 : 2;
  switch (letter) {
    case 'R':
      return 0;
    case 'G':
      return 1;
    case 'B':
      return 2;
    case 'S':
      return kChannelStencil;
    case 'D':
      return kChannelDepth;
    default:
      return kChannelAlpha;
  }
}

std::uint32_t type_size_of(std::string_view name, const std::vector<Component>& components) {
  if (contains(name, "PACK32")) return 4;
  if (contains(name, "PACK16")) return 2;
  if (contains(name, "PACK8")) return 1;
  return components.front().bits / 8;
}

/// Luma of the first and second texel sits at 1/4 and 3/4 of the pair, chroma with the first.
void place_subsampled(std::vector<DescriptorSample>& samples) {
  bool second = false;
  for (DescriptorSample& sample : samples) {
    const bool luma = sample.channel_id() == 0;
    sample.position = {static_cast<std::uint8_t>(luma && second ? 0xC0 : 0x40), 0x80, 0, 0};
    second = second || luma;
  }
}

void fill_plain(VkFormatLayout& layout) {
  std::string_view letters = layout.name.substr(0, layout.name.find('_'));
  Descriptor& descriptor = layout.descriptor;
  if (layout.subsampled) {
    descriptor.model = ColorModel::kYuvsda;
    descriptor.primaries = 0;
    descriptor.block_extent[0] = 2;
  }
  std::vector<Component> components = parse_components(letters);
  layout.type_size = type_size_of(layout.name, components);
  sort_from_lowest(components, layout.name);
  std::uint32_t bit = 0;
  for (const Component& component : components) {
    if (component.letter != 'X')
      descriptor.samples.push_back(make_sample(numeric_of(layout.name),
                                               channel_of(component.letter, descriptor.model), bit,
                                               component.bits));
    bit += component.bits;
  }
  descriptor.plane_bytes[0] = static_cast<std::uint8_t>(bit / 8);
  if (layout.subsampled) place_subsampled(descriptor.samples);
}

/// Nine bits of mantissa for each colour and one shared exponent: lists each colour with it.
void fill_shared_exponent(VkFormatLayout& layout) {
  layout.type_size = 4;
  layout.shared_exponent = true;
  layout.descriptor.plane_bytes[0] = 4;
  for (std::uint8_t channel = 0; channel < 3; ++channel) {
    DescriptorSample mantissa = make_sample(Numeric::kUnorm, channel, channel * 9u, 9);
    mantissa.upper = 8448;
    DescriptorSample exponent = make_sample(Numeric::kUnorm, channel | kSampleExponent, 27, 5);
    exponent.lower = 15;
    exponent.upper = 31;
    layout.descriptor.samples.push_back(mantissa);
    layout.descriptor.samples.push_back(exponent);
  }
}

struct DepthFormat {
  std::string_view name;
  std::uint8_t type_size, bytes;
  std::uint8_t depth_offset, depth_bits, stencil_offset, stencil_bits;
};
constexpr std::array kDepthFormats = {
    DepthFormat{"D16_UNORM", 2, 2, 0, 16, 0, 0},
    DepthFormat{"X8_D24_UNORM_PACK32", 4, 4, 0, 24, 0, 0},
    DepthFormat{"D32_SFLOAT", 4, 4, 0, 32, 0, 0},
    DepthFormat{"S8_UINT", 1, 1, 0, 0, 0, 8},
    DepthFormat{"D16_UNORM_S8_UINT", 2, 4, 0, 16, 16, 8},
    DepthFormat{"D24_UNORM_S8_UINT", 4, 4, 8, 24, 0, 8},
    DepthFormat{"D32_SFLOAT_S8_UINT", 4, 8, 0, 32, 32, 8},
};

bool fill_depth(VkFormatLayout& layout) {
  const auto* format = std::ranges::find(kDepthFormats, layout.name, &DepthFormat::name);
  if (format == kDepthFormats.end()) return false;
  layout.depth_stencil = true;
  layout.type_size = format->type_size;
  Descriptor& descriptor = layout.descriptor;
  descriptor.primaries = 0;
  descriptor.plane_bytes[0] = format->bytes;
  if (format->depth_bits != 0)
    descriptor.samples.push_back(
        make_sample(contains(layout.name, "SFLOAT") ? Numeric::kSfloat : Numeric::kUnorm,
                    kChannelDepth, format->depth_offset, format->depth_bits));
  if (format->stencil_bits != 0)
    descriptor.samples.push_back(
        make_sample(Numeric::kUint, kChannelStencil, format->stencil_offset, format->stencil_bits));
  std::ranges::sort(descriptor.samples, {}, &DescriptorSample::bit_offset);
  return true;
}

// ---- Block-compressed formats: families --------------------------------------------------------

struct BlockFamily {
  std::string_view prefix;
  ColorModel model;
  std::uint8_t width, height, bytes;
  std::array<std::int8_t, 2> channels;  // -1: none
  std::uint8_t second_offset;           // bits
};
// Longer prefixes first where one begins another.
constexpr std::array kBlockFamilies = {
    BlockFamily{"BC1_RGBA_", ColorModel::kBc1a, 4, 4, 8, {1, -1}, 0},
    BlockFamily{"BC1_RGB_", ColorModel::kBc1a, 4, 4, 8, {0, -1}, 0},
    BlockFamily{"BC2_", ColorModel::kBc2, 4, 4, 16, {15, 0}, 64},
    BlockFamily{"BC3_", ColorModel::kBc3, 4, 4, 16, {15, 0}, 64},
    BlockFamily{"BC4_", ColorModel::kBc4, 4, 4, 8, {0, -1}, 0},
    BlockFamily{"BC5_", ColorModel::kBc5, 4, 4, 16, {0, 1}, 64},
    BlockFamily{"BC6H_", ColorModel::kBc6h, 4, 4, 16, {0, -1}, 0},
    BlockFamily{"BC7_", ColorModel::kBc7, 4, 4, 16, {0, -1}, 0},
    BlockFamily{"ETC2_R8G8B8A8_", ColorModel::kEtc2, 4, 4, 16, {15, 2}, 64},
    BlockFamily{"ETC2_R8G8B8A1_", ColorModel::kEtc2, 4, 4, 8, {2, 15}, 0},
    BlockFamily{"ETC2_R8G8B8_", ColorModel::kEtc2, 4, 4, 8, {2, -1}, 0},
    BlockFamily{"EAC_R11G11_", ColorModel::kEtc2, 4, 4, 16, {0, 1}, 64},
    BlockFamily{"EAC_R11_", ColorModel::kEtc2, 4, 4, 8, {0, -1}, 0},
    BlockFamily{"PVRTC1_2BPP_", ColorModel::kPvrtc, 8, 4, 8, {0, -1}, 0},
    BlockFamily{"PVRTC1_4BPP_", ColorModel::kPvrtc, 4, 4, 8, {0, -1}, 0},
    BlockFamily{"PVRTC2_2BPP_", ColorModel::kPvrtc2, 8, 4, 8, {0, -1}, 0},
    BlockFamily{"PVRTC2_4BPP_", ColorModel::kPvrtc2, 4, 4, 8, {0, -1}, 0},
    BlockFamily{"ASTC_", ColorModel::kAstc, 0, 0, 16, {0, -1}, 0},  // extent is in the name
};

/// "ASTC_10x5_..." or "ASTC_4x4x3_...".
void read_astc_extent(std::string_view name, std::array<std::uint16_t, 4>& extent) {
  const char* at = name.data() + 5;
  const char* end = name.data() + name.size();
  for (std::size_t axis = 0; axis < 3; ++axis) {
    at = std::from_chars(at, end, extent[axis]).ptr;
    if (at == end || *at != 'x') return;
    ++at;
  }
}

/// The signed BC4, BC5 and EAC codes span 32 bits; others follow their numeric type.
DescriptorSample make_block_sample(const VkFormatLayout& layout, std::uint8_t channel,
                                   std::uint32_t bit_offset, std::uint32_t bits) {
  DescriptorSample sample = make_sample(numeric_of(layout.name), channel, bit_offset, bits);
  if (numeric_of(layout.name) == Numeric::kSnorm) sample.lower = 0x80000000u;
  return sample;
}

void fill_block(VkFormatLayout& layout) {
  const auto* family = std::ranges::find_if(
      kBlockFamilies, [&](const BlockFamily& f) { return layout.name.starts_with(f.prefix); });
  if (family == kBlockFamilies.end()) return;
  Descriptor& descriptor = layout.descriptor;
  descriptor.model = family->model;
  descriptor.block_extent = {family->width, family->height, 1, 1};
  if (family->width == 0) read_astc_extent(layout.name, descriptor.block_extent);
  descriptor.plane_bytes[0] = family->bytes;
  const bool halves = family->second_offset != 0;
  const std::uint32_t bits = halves ? 64 : family->bytes * 8u;
  for (std::size_t i = 0; i < 2 && family->channels[i] >= 0; ++i)
    descriptor.samples.push_back(make_block_sample(layout,
                                                   static_cast<std::uint8_t>(family->channels[i]),
                                                   i == 0 ? 0 : family->second_offset, bits));
}

/// The colours of an sRGB format are encoded, its alpha is not and says so.
void mark_srgb(Descriptor& descriptor) {
  descriptor.transfer = kTransferSrgb;
  for (DescriptorSample& sample : descriptor.samples)
    if (sample.channel_id() == kChannelAlpha) sample.channel |= kSampleLinear;
}

}  // namespace

bool is_prohibited(std::string_view name) {
  return contains(name, "SCALED") || contains(name, "PLANE");
}

std::optional<VkFormatLayout> vk_format_layout(std::uint32_t vk_format) {
  VkFormatLayout layout;
  layout.name = vk_format_name(vk_format);
  if (layout.name.empty() || is_prohibited(layout.name)) return std::nullopt;
  layout.srgb = contains(layout.name, "_SRGB");
  layout.block_compressed = contains(layout.name, "_BLOCK");
  layout.subsampled = contains(layout.name, "_422_");
  if (layout.block_compressed)
    fill_block(layout);
  else if (layout.name.starts_with("E5B9G9R9"))
    fill_shared_exponent(layout);
  else if (!fill_depth(layout))
    fill_plain(layout);
  if (layout.srgb) mark_srgb(layout.descriptor);
  return layout;
}

bool has_srgb_twin(const VkFormatLayout& layout) {
  if (layout.srgb) return true;
  // A twin has the same name but for the numeric type, and stands within six places.
  const std::string_view family = layout.name.substr(0, layout.name.find("_UNORM"));
  if (family.size() == layout.name.size()) return false;
  if (layout.block_compressed)
    return !family.starts_with("BC4") && !family.starts_with("BC5") && !family.starts_with("EAC");
  constexpr std::array<std::string_view, 6> kTwins = {"R8",     "R8G8",     "R8G8B8",
                                                      "B8G8R8", "R8G8B8A8", "B8G8R8A8"};
  return std::ranges::find(kTwins, family) != kTwins.end() ||
         layout.name == "A8B8G8R8_UNORM_PACK32";
}

}  // namespace forge3d::texture
