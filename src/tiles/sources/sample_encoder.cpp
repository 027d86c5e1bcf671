// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/sample_encoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "texture/half.hpp"
#include "tiles/rgba8_rows.hpp"
#include "tiles/sources/plain_samples.hpp"
#include "tiles/sources/raw_pages.hpp"

namespace forge3d::tiles {
namespace {

bool is_one_channel(Format format) {
  return format == Format::kR16Unorm || format == Format::kR16Sfloat ||
         format == Format::kR32Sfloat;
}

Format default_format(const ImageInfo& samples, bool has_range) {
  if (samples.channels != 1 || samples.type == SampleType::kU8) return Format::kBC7Unorm;
  return samples.type == SampleType::kU16 || has_range ? Format::kR16Unorm : Format::kR32Sfloat;
}

template <class T>
T load(std::span<const std::byte> bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void store(std::span<std::byte> bytes, std::size_t index, T value) {
  std::memcpy(bytes.data() + index * sizeof(T), &value, sizeof(T));
}

}  // namespace

SampleEncoder::SampleEncoder(const ImageInfo& samples, const TileSourceOptions& options)
    : samples_(samples),
      quality_(options.quality),
      range_(options.range.value_or(HeightRange{})),
      has_range_(options.range.has_value()),
      format_(with_srgb(options.format == Format::kUndefined
                            ? default_format(samples, options.range.has_value())
                            : options.format,
                        samples.srgb)) {}

Result<SampleEncoder> SampleEncoder::create(const ImageInfo& samples,
                                            const TileSourceOptions& options,
                                            const std::string& name) {
  const SampleEncoder encoder(samples, options);
  const Format format = encoder.format_;
  if (!(encoder.range_.high > encoder.range_.low) || !std::isfinite(encoder.range_.low) ||
      !std::isfinite(encoder.range_.high))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the range of heights is {} to {}, must be finite and ascend", name,
                            encoder.range_.low, encoder.range_.high));
  const bool encodes =
      is_one_channel(format) ? samples.channels == 1 : can_encode(format) && !is_hdr(format);
  if (!encodes)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: {} channels cannot be encoded as format {}", name,
                            samples.channels, static_cast<std::uint32_t>(format)));
  return encoder;
}

bool SampleEncoder::is_copy() const {
  const auto plain = plain_samples(format_);
  return plain && plain->channels == samples_.channels && plain->type == samples_.type;
}

Result<> SampleEncoder::encode(std::span<const std::byte> pixels, std::uint32_t side,
                               std::span<std::byte> out) const {
  if (is_copy()) {
    std::memcpy(out.data(), pixels.data(), out.size());
    return {};
  }
  if (!is_one_channel(format_)) return encode_texels(pixels, side, out);
  encode_heights(pixels, out);
  return {};
}

Result<> SampleEncoder::encode_texels(std::span<const std::byte> pixels, std::uint32_t side,
                                      std::span<std::byte> out) const {
  ImageInfo row_info = samples_;
  row_info.width = side;
  row_info.height = 1;
  const std::size_t row_bytes = row_info.row_bytes(), rgba8_bytes = std::size_t{side} * 4;
  std::vector<std::byte> texels(side * rgba8_bytes);
  Rgba8Rows rows(row_info);
  std::vector<float> scaled;  // floats with a range, moved to 0..1
  for (std::uint32_t y = 0; y < side; ++y) {
    auto row = pixels.subspan(y * row_bytes, row_bytes);
    if (has_range_ && samples_.type == SampleType::kF32) {
      scaled.resize(std::size_t{side} * samples_.channels);
      for (std::size_t i = 0; i < scaled.size(); ++i)
        scaled[i] = (load<float>(row, i) - range_.low) / (range_.high - range_.low);
      row = std::as_bytes(std::span(scaled));
    }
    FORGE3D_TRY_ASSIGN(const auto expanded, rows.expand(row));
    std::memcpy(texels.data() + y * rgba8_bytes, expanded.data(), rgba8_bytes);
  }
  const Rgba8View view{reinterpret_cast<const std::uint8_t*>(texels.data()), side, side,
                       rgba8_bytes};
  return encode_blocks({format_, quality_, 1}, view, out);
}

float SampleEncoder::height(std::span<const std::byte> pixels, std::size_t texel) const {
  switch (samples_.type) {
    case SampleType::kU8:
      return static_cast<float>(load<std::uint8_t>(pixels, texel)) / 255.0f;
    case SampleType::kU16:
      return static_cast<float>(load<std::uint16_t>(pixels, texel)) / 65535.0f;
    case SampleType::kF32:
      break;
  }
  return load<float>(pixels, texel);
}

void SampleEncoder::encode_heights(std::span<const std::byte> pixels,
                                   std::span<std::byte> out) const {
  const std::size_t texels = pixels.size() / pixel_bytes(samples_);
  const bool is_float = samples_.type == SampleType::kF32;
  for (std::size_t i = 0; i < texels; ++i) {
    float value = height(pixels, i);
    if (format_ == Format::kR32Sfloat) {
      store(out, i, value);
    } else if (format_ == Format::kR16Sfloat) {
      store(out, i, texture::float_to_finite_half(value));
    } else {
      if (is_float) value = (value - range_.low) / (range_.high - range_.low);
      // Written so that NaN, which many files use for "no height", becomes the low end.
      value = value > 0.0f ? std::min(value, 1.0f) : 0.0f;
      store(out, i, static_cast<std::uint16_t>(std::lround(value * 65535.0f)));
    }
  }
}

}  // namespace forge3d::tiles
