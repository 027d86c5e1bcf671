// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// Whether the images of a BasisLZ file can be had from it: codebooks and slices are looked at by
// decoding them. KTX 2.0 section 4, Data Format Specification 1.3 section 21.1.

#include <memory>

#include "forge3d/basis.hpp"
#include "forge3d/format.hpp"
#include "texture/allocate.hpp"
#include "texture/basis/etc1s_file.hpp"
#include "texture/ktx2/validation.hpp"

namespace forge3d::texture {
namespace {

/// A source of the caller, for a reader that would own one. The caller's outlives it.
class BorrowedSource final : public ByteSource {
 public:
  explicit BorrowedSource(const ByteSource& source) : source_(source) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return source_.size_bytes(); }
  [[nodiscard]] std::uint64_t available_bytes() const override { return source_.available_bytes(); }
  [[nodiscard]] Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    return source_.read(offset, out);
  }
  [[nodiscard]] std::string name() const override { return "BasisLZ"; }

 private:
  const ByteSource& source_;
};

/// Broken images are a finding; what passes a limit is not judged.
Result<> judge(Validation& v, std::uint64_t offset, Error&& error) {
  if (error.code == ErrorCode::kNotSupported) return {};
  if (error.code != ErrorCode::kInvalidFile) return tl::unexpected<Error>(std::move(error));
  v.error(5007, offset, std::move(error.message));
  return {};
}

/// The layers of one face and slice, each frame of an animation with the one before it at hand.
Result<> decode_layers(const BasisTexture& texture, Ktx2Slice image, std::span<std::byte> pixels) {
  BasisFrame frame;
  for (image.layer = 0; image.layer < texture.info().layers; ++image.layer)
    FORGE3D_TRY(texture.transcode(image, Format::kRGBA8Unorm, pixels, &frame));
  return {};
}

Result<> decode_level(const BasisTexture& texture, std::uint32_t level) {
  const Ktx2Info& info = texture.info();
  FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes,
                     image_bytes(Format::kRGBA8Unorm, mip_extent(info.width, level),
                                 mip_extent(info.height, level)));
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> pixels, allocate_bytes(size_bytes));
  for (std::uint32_t face = 0; face < info.faces; ++face)
    for (std::uint32_t slice = 0; slice < mip_extent(info.depth, level); ++slice)
      FORGE3D_TRY(decode_layers(texture, {.level = level, .face = face, .slice = slice}, pixels));
  return {};
}

/// A slice of all colours leaves room for alpha beside it, not for another colour.
bool check_pair(Validation& v) {
  const std::vector<DescriptorSample>& samples = v.descriptor->samples;
  if (samples.size() != 2 || samples[0].channel_id() != 0) return true;
  const std::uint8_t second = samples[1].channel_id();
  if (second != 3 && second != 4) return true;
  v.error(5007, v.descriptor_offset + kBasicBlockBytes + kSampleBytes,
          "no decoder pairs this channel with an RGB slice");
  return false;
}

}  // namespace

Result<> validate_transcoding(Validation& v) {
  if (v.header.scheme != kSchemeBasisLz || !is_valid(v.findings)) return {};
  auto reader = Ktx2Reader::open(std::make_shared<BorrowedSource>(v.source),
                                 {.max_level_bytes = v.options.max_inflated_bytes});
  if (!reader) return judge(v, 0, std::move(reader).error());
  if (!check_pair(v) || !basis::etc1s_channels(reader->info().channel_ids)) return {};
  auto texture = BasisTexture::open(*reader);
  if (!texture) return judge(v, v.header.sgd_offset, std::move(texture).error());
  for (std::uint32_t level = v.header.levels(); level-- > 0;)
    if (auto decoded = decode_level(*texture, level); !decoded)
      return judge(v, v.levels[level].offset, std::move(decoded).error());
  return {};
}

}  // namespace forge3d::texture
