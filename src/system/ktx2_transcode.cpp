// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/ktx2_transcode.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "forge3d/ktx2_image.hpp"

namespace forge3d::system {
namespace {

struct Extent {
  std::uint32_t width, height;
};

/// Images of one level of a file, by their number.
struct LevelShape : Extent {
  LevelShape(const Ktx2Info& info, std::uint32_t at)
      : Extent{mip_extent(info.width, at), mip_extent(info.height, at)},
        level(at),
        faces(info.faces),
        slices(mip_extent(info.depth, at)),
        images(std::uint64_t{info.layers} * info.faces * slices) {}
  [[nodiscard]] Ktx2Slice slice(std::uint64_t image) const {
    return {.level = level,
            .layer = static_cast<std::uint32_t>(image / slices / faces),
            .face = static_cast<std::uint32_t>(image / slices % faces),
            .slice = static_cast<std::uint32_t>(image % slices)};
  }
  std::uint32_t level, faces, slices;
  std::uint64_t images;
};

Rgba8MutableView rgba8_view(const Extent& extent, std::byte* texels) {
  return {reinterpret_cast<std::uint8_t*>(texels), extent.width, extent.height,
          std::size_t{extent.width} * 4};
}

Rgba16fMutableView rgba16f_view(const Extent& extent, std::byte* texels) {
  return {reinterpret_cast<std::uint16_t*>(texels), extent.width, extent.height,
          std::size_t{extent.width} * 8};
}

/// Blocks of one image; the texels in the type that the format decodes to.
Result<> decode(Format format, const Extent& extent, std::span<const std::byte> blocks,
                std::byte* texels) {
  if (is_hdr(format)) return decode_blocks(format, blocks, rgba16f_view(extent, texels), 0);
  return decode_blocks(format, blocks, rgba8_view(extent, texels), 0);
}

bool is_snorm(Format format) {
  return format == Format::kBC4Snorm || format == Format::kBC5Snorm ||
         format == Format::kEACR11Snorm || format == Format::kEACRG11Snorm;
}

/// A level of Basis Universal on its way to blocks.
class TranscodedLevel final : public LevelSource {
 public:
  explicit TranscodedLevel(BasisLevel level) : level_(std::move(level)) {}
  [[nodiscard]] std::span<const std::byte> bytes() const override { return {}; }
  [[nodiscard]] std::uint32_t row_step() const override { return kRows; }
  [[nodiscard]] Result<> write(const LevelPart& part, std::span<std::byte> out) override {
    return level_.write_rows(part.image, part.y / kRows, (part.height - 1) / kRows + 1, out);
  }

 private:
  static constexpr std::uint32_t kRows = 4;  // of a block
  BasisLevel level_;
};

/// A level of blocks on its way to RGBA8 or RGBA16F.
class DecodedLevel final : public LevelSource {
 public:
  DecodedLevel(const Ktx2Info& info, std::uint32_t level, std::unique_ptr<LevelSource> stored)
      : format_(info.format),
        width_(mip_extent(info.width, level)),
        height_(mip_extent(info.height, level)),
        stored_(std::move(stored)) {}
  [[nodiscard]] std::span<const std::byte> bytes() const override { return {}; }
  [[nodiscard]] std::uint32_t row_step() const override {
    return format_info(format_)->block_height;
  }
  [[nodiscard]] Result<> write(const LevelPart& part, std::span<std::byte> out) override {
    FORGE3D_TRY_ASSIGN(const std::uint64_t size_bytes, image_bytes(format_, width_, part.height));
    std::span<const std::byte> blocks = stored_->bytes();
    if (blocks.empty()) {
      scratch_.resize(size_bytes);
      FORGE3D_TRY(stored_->write(part, scratch_));
      blocks = scratch_;
    } else {
      FORGE3D_TRY_ASSIGN(const std::uint64_t image, image_bytes(format_, width_, height_));
      FORGE3D_TRY_ASSIGN(const std::uint64_t row, image_bytes(format_, width_, row_step()));
      blocks = blocks.subspan(part.image * image + part.y / row_step() * row, size_bytes);
    }
    return decode(format_, {width_, part.height}, blocks, out.data());
  }

 private:
  Format format_;
  std::uint32_t width_, height_;
  std::unique_ptr<LevelSource> stored_;
  std::vector<std::byte> scratch_;
};

Result<> encode_image(const EncodeBlocksDesc& desc, const LevelShape& shape, std::byte* texels,
                      std::span<std::byte> out) {
  if (is_hdr(desc.format)) {
    const Rgba16fMutableView view = rgba16f_view(shape, texels);
    return encode_blocks(desc, Rgba16fView{view.pixels, view.width, view.height, view.row_bytes},
                         out);
  }
  const Rgba8MutableView view = rgba8_view(shape, texels);
  return encode_blocks(desc, Rgba8View{view.pixels, view.width, view.height, view.row_bytes}, out);
}

}  // namespace

/// Squared differences of colors, over all images of a level.
struct LevelMaker::Meter {
  explicit Meter(Format format)
      : channels(std::min<std::size_t>(format_info(format)->channels, 3)),
        is_signed(is_snorm(format)) {}

  [[nodiscard]] double sample(std::byte code) const {
    const auto value = std::to_integer<std::uint8_t>(code);
    return is_signed ? static_cast<double>(static_cast<std::int8_t>(value)) : value;
  }
  Result<> add(Format format, const LevelShape& shape, std::span<const std::byte> original,
               std::span<const std::byte> blocks) {
    std::vector<std::byte> decoded(original.size());
    FORGE3D_TRY(decode(format, shape, blocks, decoded.data()));
    for (std::size_t texel = 0; texel < original.size(); texel += 4)
      for (std::size_t c = 0; c < channels; ++c) {
        const double difference = sample(original[texel + c]) - sample(decoded[texel + c]);
        squared_error += difference * difference;
      }
    samples += original.size() / 4 * channels;
    return {};
  }
  /// 99 for equal texels, as everywhere in the tool.
  [[nodiscard]] double psnr_db() const {
    if (squared_error == 0) return 99;
    const double peak = is_signed ? 254.0 : 255.0;
    return std::min(99.0,
                    10 * std::log10(peak * peak * static_cast<double>(samples) / squared_error));
  }

  std::size_t channels;
  bool is_signed;
  double squared_error = 0;
  std::uint64_t samples = 0;
};

LevelMaker::LevelMaker(Ktx2Reader reader, std::optional<BasisTexture> basis,
                       const DeviceFormat& choice, Quality quality, std::uint32_t measured_level)
    : reader_(std::move(reader)),
      stored_(levels_of(reader_)),
      basis_(std::move(basis)),
      choice_(choice),
      quality_(quality),
      measured_level_(measured_level) {
  if (choice.route == TextureRoute::kEncode && !is_hdr(choice.format))
    meter_ = std::make_unique<Meter>(choice.format);
}

LevelMaker::~LevelMaker() = default;

Result<std::unique_ptr<LevelSource>> LevelMaker::open(std::uint32_t level) {
  if (choice_.route == TextureRoute::kAsStored) return stored_.open(level);
  if (choice_.route == TextureRoute::kTranscode) {
    FORGE3D_TRY_ASSIGN(
        BasisLevel rows,
        basis_->open_level(level, {.target = choice_.format, .quality = quality_, .threads = 0}));
    return std::make_unique<TranscodedLevel>(std::move(rows));
  }
  if (choice_.route == TextureRoute::kConvert && is_decoded()) {
    FORGE3D_TRY_ASSIGN(std::unique_ptr<LevelSource> stored, stored_.open(level));
    return std::make_unique<DecodedLevel>(reader_.info(), level, std::move(stored));
  }
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> made,
                     choice_.route == TextureRoute::kConvert ? convert(level) : encode(level));
  return hold_level(std::move(made));
}

bool LevelMaker::is_decoded() const {
  const Format from = reader_.info().format;
  if (!can_decode(from)) return false;
  if (is_hdr(from)) return choice_.format == Format::kRGBA16Sfloat;
  return !is_snorm(from) && with_srgb(choice_.format, false) == Format::kRGBA8Unorm;
}

std::optional<double> LevelMaker::psnr_db() const {
  if (meter_ == nullptr || meter_->samples == 0) return std::nullopt;
  return meter_->psnr_db();
}

Result<std::vector<std::byte>> LevelMaker::convert(std::uint32_t level) const {
  const LevelShape shape(reader_.info(), level);
  std::vector<std::byte> out;
  for (std::uint64_t image = 0; image < shape.images; ++image) {
    FORGE3D_TRY_ASSIGN(const std::vector<std::byte> texels,
                       convert_ktx2_slice(reader_, shape.slice(image), choice_.format));
    out.insert(out.end(), texels.begin(), texels.end());
  }
  return out;
}

Result<std::vector<std::byte>> LevelMaker::texels(std::uint32_t level, bool half) const {
  const Ktx2Info& info = reader_.info();
  const Format plain = half ? Format::kRGBA16Sfloat : Format::kRGBA8Unorm;
  if (basis_)
    return basis_->transcode_level(level, {.target = plain, .quality = quality_, .threads = 0});
  const LevelShape shape(info, level);
  std::vector<std::byte> out;
  if (!can_decode(info.format)) {
    for (std::uint64_t image = 0; image < shape.images; ++image) {
      FORGE3D_TRY_ASSIGN(const std::vector<std::byte> texels,
                         convert_ktx2_slice(reader_, shape.slice(image), plain));
      out.insert(out.end(), texels.begin(), texels.end());
    }
    return out;
  }
  FORGE3D_TRY_ASSIGN(const std::vector<std::byte> stored, reader_.read_level(level));
  const std::size_t stored_image = stored.size() / shape.images;
  const std::size_t image_size = std::size_t{half ? 8u : 4u} * shape.width * shape.height;
  out.resize(image_size * shape.images);
  for (std::uint64_t image = 0; image < shape.images; ++image)
    FORGE3D_TRY(decode(info.format, shape,
                       std::span(stored).subspan(image * stored_image, stored_image),
                       out.data() + image * image_size));
  return out;
}

Result<std::vector<std::byte>> LevelMaker::encode(std::uint32_t level) {
  const LevelShape shape(reader_.info(), level);
  FORGE3D_TRY_ASSIGN(std::vector<std::byte> from, texels(level, is_hdr(choice_.format)));
  FORGE3D_TRY_ASSIGN(const std::uint64_t image_size,
                     image_bytes(choice_.format, shape.width, shape.height));
  std::vector<std::byte> out(image_size * shape.images);
  const std::size_t from_image = from.size() / shape.images;
  const EncodeBlocksDesc how{.format = choice_.format, .quality = quality_, .threads = 0};
  for (std::uint64_t image = 0; image < shape.images; ++image) {
    const auto original = std::span(from).subspan(image * from_image, from_image);
    const auto blocks = std::span(out).subspan(image * image_size, image_size);
    FORGE3D_TRY(encode_image(how, shape, original.data(), blocks));
    if (meter_ != nullptr && level == measured_level_)
      FORGE3D_TRY(meter_->add(choice_.format, shape, original, blocks));
  }
  return out;
}

Result<bool> has_translucent_halves(const Ktx2Reader& reader, std::uint32_t level) {
  constexpr std::uint16_t kOne = 0x3C00;
  const LevelShape shape(reader.info(), level);
  for (std::uint64_t image = 0; image < shape.images; ++image) {
    FORGE3D_TRY_ASSIGN(const std::vector<std::byte> texels,
                       convert_ktx2_slice(reader, shape.slice(image), Format::kRGBA16Sfloat));
    for (std::size_t at = 6; at < texels.size(); at += 8) {
      std::uint16_t alpha = 0;
      std::memcpy(&alpha, texels.data() + at, sizeof(alpha));
      if (alpha != kOne) return true;
    }
  }
  return false;
}

}  // namespace forge3d::system
