// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The Data Format Descriptor of a KTX2 file: KTX 2.0 section 3.9, Data Format Specification 1.3.

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "texture/ktx2/bytes.hpp"
#include "texture/ktx2/validation.hpp"

namespace forge3d::texture {
namespace {

constexpr std::uint32_t kMaxBlocks = 10;
constexpr std::size_t kMaxSamples = 16;
// Khronos blocks beside the basic one, in the file's 32 bits of vendor and type.
constexpr std::uint32_t kAdditionalPlanes = 0x6001u << 17;
constexpr std::uint32_t kAdditionalDimensions = 0x6000u << 17;
constexpr std::uint32_t kMaxDescriptorBytes = 1u << 20;
constexpr std::size_t kBlockHeaderBytes = 8;
constexpr std::uint8_t kMaxTransfer = 19;
constexpr std::uint8_t kMaxPrimaries = 11;

/// Walks the blocks of the descriptor; keeps the first if it is a basic one.
class BlockWalker {
 public:
  BlockWalker(Validation& v, std::span<const std::byte> bytes) : v_(v), bytes_(bytes) {}

  void walk() {
    std::size_t at = 4;
    for (std::uint32_t index = 0; at < bytes_.size(); ++index) {
      if (index == kMaxBlocks) {
        v_.warn(6002, offset(at), fmt::format("more than {} descriptor blocks", kMaxBlocks));
        break;
      }
      const std::size_t block_bytes = check_block(at, index);
      if (block_bytes == 0) break;
      at += block_bytes;
    }
    if (!first_is_basic_) v_.error(6008, offset(4), "the first block must be a basic descriptor");
  }

 private:
  [[nodiscard]] std::uint64_t offset(std::size_t at) const { return v_.header.dfd_offset + at; }

  /// The size of the block at `at`, 0 when the walk cannot go on.
  std::size_t check_block(std::size_t at, std::uint32_t index) {
    const auto left = bytes_.subspan(at);
    if (left.size() < kBlockHeaderBytes) {
      v_.error(6004, offset(at), fmt::format("{} bytes are no descriptor block", left.size()));
      first_is_basic_ = first_is_basic_ || index == 0;  // one finding is enough
      return 0;
    }
    const std::uint32_t kind = load_le<std::uint32_t>(left, 0);
    const std::size_t block_bytes = load_le<std::uint16_t>(left, 6);
    if (index == 0) first_is_basic_ = kind == 0;
    if (block_bytes < kBlockHeaderBytes) {
      v_.error(6006, offset(at), fmt::format("descriptorBlockSize is {}", block_bytes));
      return 0;
    }
    if (block_bytes > left.size()) {
      v_.error(
          6007, offset(at),
          fmt::format("descriptorBlockSize is {}; {} bytes are left", block_bytes, left.size()));
      return 0;
    }
    if (kind == kAdditionalPlanes || kind == kAdditionalDimensions) return block_bytes;
    if (kind != 0)
      v_.warn(6003, offset(at), fmt::format("descriptor block {} is of an unknown kind", index));
    else if (seen_basic_)
      v_.warn(6005, offset(at), "a second basic descriptor block is ignored");
    else
      take_basic(at, left.first(block_bytes));
    seen_basic_ = seen_basic_ || kind == 0;
    return block_bytes;
  }

  void take_basic(std::size_t at, std::span<const std::byte> block) {
    if (block.size() < kBasicBlockBytes) {
      v_.error(6010, offset(at), fmt::format("a basic descriptor of {} bytes", block.size()));
      return;
    }
    if ((block.size() - kBasicBlockBytes) % kSampleBytes != 0)
      v_.error(6009, offset(at), fmt::format("a basic descriptor of {} bytes", block.size()));
    if (!first_is_basic_) return;
    v_.descriptor = parse_basic_block(block);
    if (const std::size_t count = v_.descriptor->samples.size(); count > kMaxSamples) {
      v_.warn(6029, offset(at), fmt::format("{} samples; {} are looked at", count, kMaxSamples));
      v_.descriptor->samples.resize(kMaxSamples);
    }
    v_.descriptor_offset = offset(at);
  }

  Validation& v_;
  std::span<const std::byte> bytes_;
  bool first_is_basic_ = false;
  bool seen_basic_ = false;
};

/// The channels of a colour model, as bits: Data Format Specification 1.3, sections 5.6 to 5.16.
/// None for models that it does not define.
std::uint32_t known_channels(ColorModel model) {
  const auto bits = [](auto... channels) { return ((1u << channels) | ...); };
  switch (model) {
    case ColorModel::kUnspecified:
      return 0xFFFF;
    case ColorModel::kRgbsda:
    case ColorModel::kYuvsda:
    case ColorModel::kYiqsda:
    case ColorModel::kLabsda:
    case ColorModel::kYccbccrc:
    case ColorModel::kIctcp:
      return bits(0, 1, 2, 13, 14, 15);
    case ColorModel::kCmyka:
      return bits(0, 1, 2, 3, 15);
    case ColorModel::kHsvaAngle:
    case ColorModel::kHslaAngle:
    case ColorModel::kHsvaHexagon:
    case ColorModel::kHslaHexagon:
    case ColorModel::kYcgcoa:
      return bits(0, 1, 2, 15);
    case ColorModel::kXyzw:
      return bits(0, 1, 2, 3);
    case ColorModel::kCiexyz:
    case ColorModel::kCiexyy:
      return bits(0, 1, 2);
    case ColorModel::kBc1a:
    case ColorModel::kBc5:
      return bits(0, 1);
    case ColorModel::kBc2:
    case ColorModel::kBc3:
      return bits(0, 15);
    case ColorModel::kEtc2:
      return bits(0, 1, 2, 15);
    case ColorModel::kEtc1s:
      return bits(0, 3, 4, 15);
    case ColorModel::kUastc:
      return bits(0, 3, 4, 5, 6);
    case ColorModel::kBc4:
    case ColorModel::kBc6h:
    case ColorModel::kBc7:
    case ColorModel::kEtc1:
    case ColorModel::kAstc:
    case ColorModel::kPvrtc:
    case ColorModel::kPvrtc2:
    case ColorModel::kUastcHdr4x4:
    case ColorModel::kUastcHdr6x6:
      return bits(0);
  }
  return 0;
}

/// The rules of one basic block against the format, scheme and model.
class BasicBlockRules {
 public:
  explicit BasicBlockRules(Validation& v) : v_(v), stored_(*v.descriptor) {}

  void check() {
    if (stored_.version != 2)
      error(6011, 4, fmt::format("versionNumber is {}; it must be 2", stored_.version));
    if (stored_.transfer > kMaxTransfer)
      error(6012, 10, fmt::format("transferFunction is {}", stored_.transfer));
    if (stored_.primaries > kMaxPrimaries)
      error(6019, 9, fmt::format("colorPrimaries is {}", stored_.primaries));
    if (stored_.model == ColorModel::kUastcHdr4x4 && v_.header.vk_format != kAstc4x4Float)
      error(6031, 8, "the UASTC HDR 4x4 model needs VK_FORMAT_ASTC_4x4_SFLOAT_BLOCK");
    check_channels();
    if (v_.layout) {
      check_transfer(*v_.layout);
      check_model(*v_.layout);
    }
    check_contents();
    if (v_.options.gltf_basisu) check_gltf();
  }

 private:
  static constexpr std::uint32_t kAstc4x4Float = 1000066000;

  /// Blocks, planes and samples follow from the scheme, the format, or the model alone.
  void check_contents() {
    if (v_.header.scheme == kSchemeBasisLz)
      check_etc1s();
    else if (v_.header.scheme > kSchemeZlib)
      return;
    else if (v_.layout)
      check_against_format(*v_.layout);
    else if (v_.is_uastc())
      check_uastc();
    else
      check_unknown();
  }

  void error(std::uint32_t id, std::uint64_t at, std::string text) {
    v_.error(id, v_.descriptor_offset + at, std::move(text));
  }
  void sample_error(std::uint32_t id, std::size_t sample, std::string_view what) {
    error(id, kBasicBlockBytes + sample * kSampleBytes, fmt::format("sample {}: {}", sample, what));
  }

  void check_channels() {
    const std::uint32_t known = known_channels(stored_.model);
    for (std::size_t i = 0; i < stored_.samples.size(); ++i)
      if ((known >> stored_.samples[i].channel_id() & 1) == 0)
        sample_error(
            6101, i,
            fmt::format("channel {} is none of colour model {}", stored_.samples[i].channel_id(),
                        static_cast<unsigned>(stored_.model)));
  }

  void check_planes() {
    const auto more = std::span(stored_.plane_bytes).subspan(1);
    if (std::ranges::any_of(more, [](std::uint8_t bytes) { return bytes != 0; }))
      error(6024, 17, "formats of several planes are not supported");
  }

  /// Zeros were right for supercompressed files before revision 2.0.4.
  void expect_planes(const std::array<std::uint8_t, 8>& expected) {
    if (stored_.plane_bytes == expected) return;
    if (v_.header.scheme != kSchemeNone && stored_.plane_bytes[0] == 0)
      v_.warn(6030, v_.descriptor_offset + 16, "bytesPlane0 should not be 0");
    else
      error(6021, 16,
            fmt::format("bytesPlane0 is {}; it must be {}", stored_.plane_bytes[0], expected[0]));
  }

  void expect_block_extent(const std::array<std::uint16_t, 4>& expected) {
    if (stored_.block_extent != expected)
      error(6020, 12,
            fmt::format("the texel block must be {} x {} x {}", expected[0], expected[1],
                        expected[2]));
  }

  void check_transfer(const VkFormatLayout& layout) {
    if (layout.srgb && stored_.transfer != kTransferSrgb)
      error(6013, 10, fmt::format("transferFunction must be sRGB for {}", layout.name));
    if (!layout.srgb && has_srgb_twin(layout) && stored_.transfer == kTransferSrgb)
      error(6014, 10, fmt::format("transferFunction must not be sRGB for {}", layout.name));
  }

  void check_against_format(const VkFormatLayout& layout) {
    const Descriptor& expected = layout.descriptor;
    expect_block_extent(expected.block_extent);
    expect_planes(expected.plane_bytes);
    if (!layout.block_compressed) check_planes();
    if (stored_.samples.size() != expected.samples.size())
      error(6025, 6,
            fmt::format("{} samples; {} has {}", stored_.samples.size(), layout.name,
                        expected.samples.size()));
    const std::size_t common = std::min(stored_.samples.size(), expected.samples.size());
    for (std::size_t i = 0; i < common; ++i) check_sample(layout, i);
    check_uniform_samples(layout);
    check_linear_qualifiers();
  }

  void check_model(const VkFormatLayout& layout) {
    const ColorModel expected = layout.descriptor.model;
    if (stored_.model == expected) return;
    const bool float_astc =
        expected == ColorModel::kAstc && layout.name.find("_SFLOAT") != std::string_view::npos;
    if (float_astc && stored_.model == ColorModel::kUastcHdr4x4) return;
    const std::uint32_t id = layout.block_compressed ? 6016 : layout.subsampled ? 6017 : 6015;
    error(id, 8,
          fmt::format("colorModel is {}; {} has {}", static_cast<unsigned>(stored_.model),
                      layout.name, static_cast<unsigned>(expected)));
  }

  void check_sample(const VkFormatLayout& layout, std::size_t index) {
    DescriptorSample stored = stored_.samples[index];
    DescriptorSample expected = layout.descriptor.samples[index];
    if (stored_.model == ColorModel::kUastcHdr4x4) {  // holds no negative numbers
      expected.lower = 0;
      expected.channel = static_cast<std::uint8_t>(expected.channel & ~kSampleSigned);
    }
    if (stored_.model == ColorModel::kRgbsda && stored.position != decltype(stored.position){})
      sample_error(6204, index, "several sample positions are not supported");
    if (stored_.model == ColorModel::kYuvsda && layout.subsampled &&
        is_chroma_or_luma_position(stored))
      stored.position = expected.position;
    if (layout.subsampled && stored_.model != ColorModel::kYuvsda)
      stored.position = expected.position;
    const auto without_linear = [](std::uint8_t channel) {
      return static_cast<std::uint8_t>(channel & ~kSampleLinear);  // has rules of its own
    };
    stored.channel = without_linear(stored.channel);
    expected.channel = without_linear(expected.channel);
    if (stored != expected)
      sample_error(6028, index, fmt::format("differs from that of {}", layout.name));
  }

  /// Luma sits at a quarter or three, chroma with the first luma or between the two.
  static bool is_chroma_or_luma_position(const DescriptorSample& sample) {
    const bool luma = sample.channel_id() == 0;
    const std::uint8_t x = sample.position[0];
    return sample.position[1] == 0x80 && (x == 0x40 || x == (luma ? 0xC0 : 0x80));
  }

  void check_uniform_samples(const VkFormatLayout& layout) {
    if (layout.depth_stencil || stored_.samples.empty() || layout.shared_exponent) return;
    if (!layout.block_compressed && !layout.subsampled) check_repeated_channels();
    constexpr std::uint8_t kKind = kSampleSigned | kSampleFloat;
    for (std::size_t i = 1; i < stored_.samples.size(); ++i)
      if (((stored_.samples[i].channel ^ stored_.samples[0].channel) & kKind) != 0)
        return sample_error(6203, i, "signed and float qualifiers must be alike");
  }

  /// One channel in two places would be one of another byte order.
  void check_repeated_channels() {
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < stored_.samples.size(); ++i) {
      const DescriptorSample& sample = stored_.samples[i];
      if ((sample.channel & kSampleExponent) != 0) continue;
      if ((seen >> sample.channel_id() & 1) != 0) sample_error(6205, i, "its channel came before");
      seen |= 1u << sample.channel_id();
    }
  }

  /// Under a transfer function alpha stays linear and says so; without one nobody says it.
  void check_linear_qualifiers() {
    if (stored_.transfer > kMaxTransfer) return;
    const bool encoded = stored_.transfer > kTransferLinear;
    for (std::size_t i = 0; i < stored_.samples.size(); ++i) {
      const DescriptorSample& sample = stored_.samples[i];
      const bool marked = (sample.channel & kSampleLinear) != 0;
      if (!encoded && marked)
        sample_error(6108, i, "the linear qualifier belongs to transfer functions only");
      if (encoded && marked != (sample.channel_id() == kChannelAlpha))
        sample_error(6109, i, "alpha, and only it, must carry the linear qualifier");
    }
  }

  void check_etc1s() {
    if (stored_.model != ColorModel::kEtc1s)
      error(6018, 8, "colorModel must be ETC1S under BasisLZ");
    expect_block_extent({4, 4, 1, 1});
    const std::size_t count = stored_.samples.size();
    if (count != 1 && count != 2)
      error(6026, 6, fmt::format("{} samples; ETC1S has 1 or 2", count));
    const std::uint8_t second = count == 2 ? 8 : 0;
    if (count == 1 || count == 2) expect_planes({8, second});
    for (std::size_t i = 0; i < count && count <= 2; ++i)
      check_basis_sample(i, static_cast<std::uint16_t>(i * 64), 63, {6103, 6105});
  }

  void check_uastc() {
    expect_block_extent({4, 4, 1, 1});
    expect_planes({16});
    if (stored_.samples.size() != 1)
      error(6026, 6, fmt::format("{} samples; UASTC has 1", stored_.samples.size()));
    for (std::size_t i = 0; i < stored_.samples.size() && i < 1; ++i)
      check_basis_sample(i, 0, 127, {6102, 6104});
  }

  void check_basis_sample(std::size_t index, std::uint16_t bit_offset, std::uint8_t bit_length,
                          std::pair<std::uint32_t, std::uint32_t> ids) {
    const DescriptorSample& sample = stored_.samples[index];
    if (sample.bit_offset != bit_offset)
      sample_error(ids.first, index, fmt::format("bitOffset must be {}", bit_offset));
    if (sample.bit_length != bit_length)
      sample_error(ids.second, index, fmt::format("bitLength must be {}", bit_length));
    if (sample.lower != 0) sample_error(6106, index, "sampleLower must be 0");
    if (sample.upper != 0xFFFFFFFFu) sample_error(6107, index, "sampleUpper must be 2^32 - 1");
  }

  void check_unknown() {
    if (v_.header.vk_format != 0) return;
    if (v_.header.scheme == kSchemeNone) check_planes();
    if (v_.header.scheme == kSchemeNone && stored_.plane_bytes[0] == 0)
      error(6023, 16, "bytesPlane0 must not be 0 without a VkFormat");
    if (stored_.samples.empty()) error(6027, 6, "there must be samples without a VkFormat");
  }

  /// KHR_texture_basisu: ETC1S or UASTC in sRGB colours or plain numbers.
  void check_gltf() {
    const bool uastc = stored_.model == ColorModel::kUastc;
    if (!uastc && stored_.model != ColorModel::kEtc1s)
      error(6301, 8, "glTF wants the colour models ETC1S and UASTC");
    if (uastc && v_.header.scheme != kSchemeNone && v_.header.scheme != kSchemeZstd)
      error(6302, 8, "glTF wants UASTC plain or under zstd");
    if (!stored_.samples.empty()) uastc ? check_gltf_uastc() : check_gltf_etc1s();
    const bool colour = stored_.primaries == kPrimariesBt709 && stored_.transfer == kTransferSrgb;
    const bool numbers =
        stored_.primaries == kPrimariesUnspecified && stored_.transfer == kTransferLinear;
    if (!colour && !numbers)
      error(6304, 9, "glTF wants BT.709 primaries with sRGB, or unspecified ones with linear");
  }

  void check_gltf_uastc() {
    const std::uint8_t channel = stored_.samples[0].channel_id();
    if (channel != 0 && channel != 3 && channel != 4 && channel != 6)
      sample_error(6303, 0, "glTF wants RGB, RGBA, RRR or RG");
  }

  /// Colours may have alpha beside them, red may have green.
  void check_gltf_etc1s() {
    if (stored_.model != ColorModel::kEtc1s) return;
    const std::uint8_t first = stored_.samples[0].channel_id();
    if (first != 0 && first != 3) return sample_error(6303, 0, "glTF wants RGB or RRR first");
    const std::uint8_t partner = first == 0 ? kChannelAlpha : 4;
    if (stored_.samples.size() > 1 && stored_.samples[1].channel_id() != partner)
      sample_error(6303, 1, first == 0 ? "glTF wants AAA beside RGB" : "glTF wants GGG beside RRR");
  }

  Validation& v_;
  const Descriptor& stored_;
};

}  // namespace

Result<> validate_descriptor(Validation& v) {
  const Ktx2Header& h = v.header;
  if (h.dfd_offset == 0 || h.dfd_bytes == 0) return {};  // named by the index already
  if (h.dfd_bytes < 4) {
    v.error(6001, h.dfd_offset,
            fmt::format("dfdByteLength is {}; dfdTotalSize alone has 4 bytes", h.dfd_bytes));
    return {};
  }
  if (!v.fits(h.dfd_offset, h.dfd_bytes) || h.dfd_bytes > kMaxDescriptorBytes) {
    v.fatal(1003, h.dfd_offset, "the descriptor passes the end of the file");
    return {};
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> bytes, v.read(h.dfd_offset, h.dfd_bytes));
  const std::uint32_t total = load_le<std::uint32_t>(bytes, 0);
  if (total != h.dfd_bytes)
    v.error(6001, h.dfd_offset,
            fmt::format("dfdTotalSize is {}, dfdByteLength {}", total, h.dfd_bytes));
  BlockWalker(v, bytes).walk();
  if (v.descriptor) BasicBlockRules(v).check();
  return {};
}

}  // namespace forge3d::texture
