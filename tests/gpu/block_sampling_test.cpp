// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Compressed blocks as the device's sampler decodes them: a decoder that is not ours.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "forge3d/codec.hpp"
#include "forge3d/resources.hpp"
#include "gpu/compute_pipeline.hpp"
#include "support/test_device.hpp"
#include "texture/codec_samples.hpp"

namespace forge3d {
namespace {

constexpr std::uint32_t kCode[] =
#include "shaders/fetch_texels.comp.inc"
    ;
constexpr std::uint32_t kSide = 480;  // a multiple of every block's sides but ASTC's odd ones

using Texel = std::array<float, 4>;

float half_to_float(std::uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const float magnitude = exponent == 31 ? (mantissa == 0 ? INFINITY : NAN)
                          : exponent == 0
                              ? std::ldexp(static_cast<float>(mantissa), -24)
                              : std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  return half >> 15 != 0 ? -magnitude : magnitude;
}

bool is_snorm(Format format) {
  return format_info(format)->name.find("SNORM") != std::string_view::npos;
}

/// Blocks of a square image on the device, and every texel fetched from it.
class Fetcher {
 public:
  explicit Fetcher(std::shared_ptr<Device> device) : device_(std::move(device)) {}
  ~Fetcher() {
    if (sampler_ != VK_NULL_HANDLE)
      device_->vk().vkDestroySampler(device_->handle(), sampler_, nullptr);
  }
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  Result<std::vector<Texel>> fetch(Format format, std::uint32_t side,
                                   std::span<const std::byte> blocks);

 private:
  Result<> create_pipeline();
  Result<> record_upload(VkCommandBuffer commands, const Buffer& blocks, const DeviceImage& image);
  std::shared_ptr<Device> device_;
  VkSampler sampler_ = VK_NULL_HANDLE;
  gpu::ComputePipeline pipeline_;
};

Result<> Fetcher::create_pipeline() {
  using Binding = gpu::ComputePipeline::Binding;
  constexpr std::array kBindings = {Binding{0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER},
                                    Binding{1, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER}};
  FORGE3D_TRY_ASSIGN(pipeline_, gpu::ComputePipeline::create(
                                    device_, {.code = kCode,
                                              .bindings = kBindings,
                                              .push_constant_bytes = 2 * sizeof(std::uint32_t),
                                              .debug_name = "fetch texels"}));
  const VkSamplerCreateInfo info{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
  FORGE3D_VK_TRY(*device_,
                 device_->vk().vkCreateSampler(device_->handle(), &info, nullptr, &sampler_));
  return {};
}

Result<> Fetcher::record_upload(VkCommandBuffer commands, const Buffer& blocks,
                                const DeviceImage& image) {
  record_layout_transition(*device_, commands, image.handle(), VK_IMAGE_LAYOUT_UNDEFINED,
                           VK_IMAGE_LAYOUT_GENERAL);
  VkBufferImageCopy region{};
  region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
  region.imageExtent = {image.desc().width, image.desc().height, 1};
  device_->vk().vkCmdCopyBufferToImage(commands, blocks.handle(), image.handle(),
                                       VK_IMAGE_LAYOUT_GENERAL, 1, &region);
  record_memory_barrier(*device_, commands, VK_PIPELINE_STAGE_TRANSFER_BIT,
                        VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_ACCESS_SHADER_READ_BIT);
  return {};
}

Result<std::vector<Texel>> Fetcher::fetch(Format format, std::uint32_t side,
                                          std::span<const std::byte> blocks) {
  if (sampler_ == VK_NULL_HANDLE) FORGE3D_TRY(create_pipeline());
  FORGE3D_TRY_ASSIGN(const Buffer source,
                     Buffer::create(device_, {.size_bytes = blocks.size(),
                                              .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT,
                                              .memory = MemoryUse::kUpload}));
  std::memcpy(source.mapped().data(), blocks.data(), blocks.size());
  FORGE3D_TRY(source.memory().flush(0, blocks.size()));
  FORGE3D_TRY_ASSIGN(
      const DeviceImage image,
      DeviceImage::create(device_, {.format = format, .width = side, .height = side}));
  std::vector<Texel> texels(std::size_t{side} * side);
  const std::uint64_t size_bytes = texels.size() * sizeof(Texel);
  FORGE3D_TRY_ASSIGN(const Buffer out,
                     Buffer::create(device_, {.size_bytes = size_bytes,
                                              .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
                                              .memory = MemoryUse::kReadback}));
  pipeline_.write_set(
      0, std::array{
             gpu::ComputePipeline::Write{.number = 0, .buffer = {out.handle(), 0, VK_WHOLE_SIZE}},
             gpu::ComputePipeline::Write{
                 .number = 1, .image = {sampler_, image.view(), VK_IMAGE_LAYOUT_GENERAL}}});
  FORGE3D_TRY_ASSIGN(CommandRecorder recorder,
                     CommandRecorder::create(device_, QueueKind::kGraphics));
  FORGE3D_TRY_ASSIGN(const VkCommandBuffer commands, recorder.begin());
  FORGE3D_TRY(record_upload(commands, source, image));
  const std::array extent = {side, side};
  pipeline_.record(commands, 0, std::as_bytes(std::span(extent)), (side + 7) / 8, (side + 7) / 8);
  record_memory_barrier(*device_, commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                        VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
                        VK_ACCESS_HOST_READ_BIT);
  FORGE3D_TRY_ASSIGN(const Ticket ticket, recorder.submit());
  FORGE3D_TRY(device_->wait(ticket, 60'000'000'000));
  FORGE3D_TRY(out.memory().invalidate(0, size_bytes));
  std::memcpy(texels.data(), out.mapped().data(), size_bytes);
  return texels;
}

/// What decode_blocks gives, in the sampler's numbers.
std::vector<Texel> decoded_texels(Format format, std::uint32_t side,
                                  std::span<const std::byte> blocks) {
  std::vector<Texel> out(std::size_t{side} * side);
  const auto each = [&](auto&& number) {
    for (std::size_t i = 0; i < out.size(); ++i)
      for (std::size_t c = 0; c < 4; ++c) out[i][c] = number(4 * i + c);
  };
  if (is_hdr(format)) {
    std::vector<std::uint16_t> halves(4 * out.size());
    EXPECT_TRUE(decode_blocks(
        format, blocks, Rgba16fMutableView{halves.data(), side, side, std::size_t{8} * side}));
    each([&](std::size_t i) { return half_to_float(halves[i]); });
    return out;
  }
  test::Picture picture(side, side);
  EXPECT_TRUE(decode_blocks(format, blocks, picture.mutable_view()));
  if (is_snorm(format))
    each([&](std::size_t i) {
      return static_cast<float>(std::bit_cast<std::int8_t>(picture.pixels[i])) / 127;
    });
  else
    each([&](std::size_t i) { return static_cast<float>(picture.pixels[i]) / 255; });
  return out;
}

/// The largest difference in codes (0 or infinite for half floats), and how many texels differ.
struct Difference {
  float codes = 0;
  std::size_t texels = 0;
};

Difference difference(Format format, const std::vector<Texel>& a, const std::vector<Texel>& b) {
  const unsigned channels = format_info(format)->channels;
  const float scale = is_snorm(format) ? 127 : 255;
  Difference found;
  for (std::size_t i = 0; i < a.size(); ++i) {
    float worst = 0;
    for (unsigned c = 0; c < channels; ++c) {
      const bool same = a[i][c] == b[i][c] || (std::isnan(a[i][c]) && std::isnan(b[i][c]));
      if (is_hdr(format))
        worst = std::max(worst, same ? 0.0f : INFINITY);
      else
        worst =
            std::max(worst, std::abs(std::round(a[i][c] * scale) - std::round(b[i][c] * scale)));
    }
    found.codes = std::max(found.codes, worst);
    if (worst > 0) ++found.texels;
  }
  return found;
}

struct SampledFormat {
  Format format;
  /// How far the device may round from us, in codes. The specification fixes BC6H and BC7 to the
  /// bit and gives BC1 to BC5 as real numbers: ours are the nearest codes. Mesa's llvmpipe weighs
  /// eight bits with eight bits: its colours are up to 1 off, its alpha, BC4 and BC5 up to 2.
  float tolerance;
};

class BlockSampling : public testing::TestWithParam<SampledFormat> {
 protected:
  void SetUp() override {
    device_ = test::open_device();
    ASSERT_NE(device_, nullptr);
    if (!can_decode(GetParam().format)) GTEST_SKIP() << "no decoder";
    if (!device_->can_sample(GetParam().format))
      GTEST_SKIP() << device_->info().name << " does not sample this format";
  }
  void expect_same(std::uint32_t side, std::span<const std::byte> blocks) {
    Fetcher fetcher(device_);
    const auto sampled = fetcher.fetch(GetParam().format, side, blocks);
    ASSERT_TRUE(sampled) << sampled.error().to_string();
    const Difference found =
        difference(GetParam().format, *sampled, decoded_texels(GetParam().format, side, blocks));
    EXPECT_LE(found.codes, GetParam().tolerance) << found.texels << " texels differ";
    RecordProperty("texels_that_differ", static_cast<int>(found.texels));
  }
  std::shared_ptr<Device> device_;
};

TEST_P(BlockSampling, RandomBitsAreTheTexelsThatTheDeviceFetches) {
  std::vector<std::byte> blocks(image_bytes(GetParam().format, kSide, kSide).value());
  std::minstd_rand random(20);
  for (std::byte& byte : blocks) byte = static_cast<std::byte>(random() >> 8);
  expect_same(kSide, blocks);
}

/// A picture as half floats over most of their range, half of it negative where that is kept.
std::vector<std::uint16_t> as_halves(const test::Picture& picture, Format format) {
  std::vector<std::uint16_t> halves(picture.pixels.size());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const bool negative = format == Format::kBC6HSfloat && i / 4 % picture.width < 64;
    halves[i] = static_cast<std::uint16_t>((picture.pixels[i] * 120 + 17 * i % 97) |
                                           (negative ? 0x8000 : 0));
  }
  return halves;
}

TEST_P(BlockSampling, EncodedPicturesAreTheTexelsThatTheDeviceFetches) {
  const Format format = GetParam().format;
  if (!can_encode(format)) GTEST_SKIP() << "no encoder";
  const bool sanitizer = std::getenv("FORGE3D_SANITIZER") != nullptr;
  for (const Quality quality : {Quality::kFast, Quality::kNormal, Quality::kHigh}) {
    const std::uint32_t side = sanitizer ? 32 : quality == Quality::kHigh ? 64 : 160;
    const test::Picture picture = test::waves(side, side, quality == Quality::kNormal);
    std::vector<std::byte> blocks(image_bytes(format, side, side).value());
    const EncodeBlocksDesc desc{.format = format, .quality = quality};
    const auto halves = as_halves(picture, format);
    ASSERT_TRUE(is_hdr(format)
                    ? encode_blocks(desc,
                                    Rgba16fView{halves.data(), side, side, std::size_t{8} * side},
                                    blocks)
                    : encode_blocks(desc, picture.view(), blocks));
    expect_same(side, blocks);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Formats, BlockSampling,
    testing::Values(
        SampledFormat{Format::kBC1RgbUnorm, 1}, SampledFormat{Format::kBC1RgbaUnorm, 1},
        SampledFormat{Format::kBC2Unorm, 1}, SampledFormat{Format::kBC3Unorm, 2},
        SampledFormat{Format::kBC4Unorm, 2}, SampledFormat{Format::kBC4Snorm, 2},
        SampledFormat{Format::kBC5Unorm, 2}, SampledFormat{Format::kBC5Snorm, 2},
        SampledFormat{Format::kBC6HUfloat, 0}, SampledFormat{Format::kBC6HSfloat, 0},
        SampledFormat{Format::kBC7Unorm, 0}, SampledFormat{Format::kETC2RgbUnorm, 0},
        SampledFormat{Format::kETC2RgbA1Unorm, 0}, SampledFormat{Format::kETC2RgbaUnorm, 0},
        SampledFormat{Format::kEACR11Unorm, 1}, SampledFormat{Format::kEACR11Snorm, 1},
        SampledFormat{Format::kEACRG11Unorm, 1}, SampledFormat{Format::kEACRG11Snorm, 1},
        SampledFormat{Format::kASTC4x4Unorm, 0}, SampledFormat{Format::kASTC6x6Unorm, 0}),
    [](const auto& instance) { return std::string(format_info(instance.param.format)->name); });

}  // namespace
}  // namespace forge3d
