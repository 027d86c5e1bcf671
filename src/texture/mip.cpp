// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/mip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>

#include "forge3d/format.hpp"
#include "texture/image/image_check.hpp"
#include "texture/srgb.hpp"

namespace forge3d {
namespace {

/// Weights of the three source texels 2i, 2i + 1, 2i + 2 below output texel i of an odd extent
/// 2n + 1: the output is (2n + 1) / n texels wide and covers the outer two in part.
struct OddWeights {
  float first, middle, last;
  OddWeights(std::uint32_t i, std::uint32_t n)
      : first(share(n - i, n)), middle(share(n, n)), last(share(i + 1, n)) {}
  static float share(std::uint32_t part, std::uint32_t n) {
    return static_cast<float>(part / (2.0 * n + 1.0));
  }
};

void halve_even(const float* __restrict in, float* __restrict out, std::size_t out_width) {
  for (std::size_t i = 0; i < out_width; ++i)
    for (std::size_t c = 0; c < 4; ++c) out[i * 4 + c] = (in[i * 8 + c] + in[i * 8 + 4 + c]) * 0.5f;
}

void halve_odd(const float* __restrict in, float* __restrict out, std::uint32_t out_width) {
  for (std::uint32_t i = 0; i < out_width; ++i) {
    const OddWeights weight(i, out_width);
    const float* texel = in + std::size_t{i} * 8;
    for (std::size_t c = 0; c < 4; ++c)
      out[std::size_t{i} * 4 + c] =
          texel[c] * weight.first + texel[4 + c] * weight.middle + texel[8 + c] * weight.last;
  }
}

}  // namespace

RowDownsampler::RowDownsampler(std::uint32_t width, std::uint32_t height)
    : width_(width),
      height_(height),
      out_width_(mip_extent(width, 1)),
      out_height_(mip_extent(height, 1)),
      narrow_(std::size_t{out_width_} * 4),
      sum_(std::size_t{out_width_} * 4),
      finished_(std::size_t{out_width_} * 4) {}

void RowDownsampler::filter_horizontally(std::span<const float> row) {
  if (width_ == 1)
    std::copy_n(row.data(), 4, narrow_.data());
  else if (width_ % 2 == 0)
    halve_even(row.data(), narrow_.data(), out_width_);
  else
    halve_odd(row.data(), narrow_.data(), out_width_);
}

void RowDownsampler::add_row(float weight) {
  const float* __restrict in = narrow_.data();
  float* __restrict out = sum_.data();
  const std::size_t count = sum_.size();
  for (std::size_t i = 0; i < count; ++i) out[i] += in[i] * weight;
}

bool RowDownsampler::push(std::span<const float> row) {
  filter_horizontally(row);
  const std::uint32_t y = source_y_++;
  if (height_ == 1) {
    std::swap(finished_, narrow_);
    return true;
  }
  if (height_ % 2 == 0) {
    add_row(0.5f);
    if (y % 2 == 0) return false;
    std::swap(finished_, sum_);
    std::ranges::fill(sum_, 0.0f);
    return true;
  }
  // Odd: rows 2i, 2i + 1, 2i + 2 make output row i, and row 2i + 2 is also the first of the next.
  const bool completes = y % 2 == 0 && y > 0;
  const std::uint32_t out_y = completes ? y / 2 - 1 : y / 2;
  const OddWeights weight(out_y, out_height_);
  add_row(completes ? weight.last : y % 2 == 0 ? weight.first : weight.middle);
  if (!completes) return false;
  std::swap(finished_, sum_);
  std::ranges::fill(sum_, 0.0f);
  if (out_y + 1 < out_height_) add_row(OddWeights(out_y + 1, out_height_).first);
  return true;
}

namespace {

/// How samples of one type become linear floats and come back, correctly rounded.
struct Linear8 {
  using Sample = std::uint8_t;
  static float to_linear(Sample code) { return static_cast<float>(code) * (1.0f / 255.0f); }
  static Sample from_linear(float value) {
    return static_cast<Sample>(value > 0 ? std::min(value, 1.0f) * 255.0f + 0.5f : 0.0f);
  }
};
struct Srgb8 {
  using Sample = std::uint8_t;
  const texture::Srgb8Table& table = texture::Srgb8Table::get();
  float to_linear(Sample code) const { return table.to_linear(code); }
  Sample from_linear(float value) const { return table.from_linear(value); }
};
struct Linear16 {
  using Sample = std::uint16_t;
  static float to_linear(Sample code) { return static_cast<float>(code) / 65535.0f; }
  static Sample from_linear(float value) {
    return static_cast<Sample>(value > 0 ? std::min(value, 1.0f) * 65535.0f + 0.5f : 0.0f);
  }
};
struct Srgb16 {
  using Sample = std::uint16_t;
  const std::vector<float>& table = texture::srgb16_to_linear();
  float to_linear(Sample code) const { return table[code]; }
  static Sample from_linear(float value) {
    return Linear16::from_linear(value > 0 ? texture::linear_to_srgb(value) : 0.0f);
  }
};
struct LinearFloat {
  using Sample = float;
  static float to_linear(float value) { return value; }
  static float from_linear(float value) { return value; }
};
struct SrgbFloat {
  using Sample = float;
  static float to_linear(float value) { return texture::srgb_to_linear(value); }
  static float from_linear(float value) { return texture::linear_to_srgb(value); }
};

template <class Sample>
Sample load(const std::byte* row, std::size_t index) {
  Sample sample;
  std::memcpy(&sample, row + index * sizeof(Sample), sizeof(Sample));
  return sample;
}
template <class Sample>
void store(std::byte* row, std::size_t index, Sample sample) {
  std::memcpy(row + index * sizeof(Sample), &sample, sizeof(Sample));
}

template <std::uint32_t kChannels, class Colour, class Alpha>
void to_linear(std::size_t width, const std::byte* row, float* __restrict out, const Colour& colour,
               const Alpha& alpha) {
  using Sample = typename Colour::Sample;
  constexpr bool kGrey = kChannels < 3;
  constexpr bool kHasAlpha = kChannels % 2 == 0;
  for (std::size_t x = 0; x < width; ++x) {
    float a = 1.0f;
    if constexpr (kHasAlpha) a = alpha.to_linear(load<Sample>(row, x * kChannels + kChannels - 1));
    for (std::size_t c = 0; c < 3; ++c)
      out[x * 4 + c] = colour.to_linear(load<Sample>(row, x * kChannels + (kGrey ? 0 : c))) * a;
    out[x * 4 + 3] = a;
  }
}

template <std::uint32_t kChannels, class Colour, class Alpha>
void from_linear(std::size_t width, const float* row, std::byte* out, const Colour& colour,
                 const Alpha& alpha) {
  constexpr std::size_t kColours = kChannels < 3 ? 1 : 3;
  constexpr bool kHasAlpha = kChannels % 2 == 0;
  for (std::size_t x = 0; x < width; ++x) {
    const float a = row[x * 4 + 3];
    // Exactly 1 for opaque texels, so that their colours pass unchanged.
    const float scale = kHasAlpha ? (a > 0 ? 1.0f / a : 0.0f) : 1.0f;
    for (std::size_t c = 0; c < kColours; ++c)
      store(out, x * kChannels + c, colour.from_linear(row[x * 4 + c] * scale));
    if constexpr (kHasAlpha) store(out, x * kChannels + kColours, alpha.from_linear(a));
  }
}

/// Calls `body` with the channel count as a constant and the converters for the sample type.
template <class Body>
void with_converters(const ImageInfo& info, Body body) {
  const auto by_channels = [&](const auto& colour, const auto& alpha) {
    switch (info.channels) {
      case 1:
        body(std::integral_constant<std::uint32_t, 1>{}, colour, alpha);
        break;
      case 2:
        body(std::integral_constant<std::uint32_t, 2>{}, colour, alpha);
        break;
      case 3:
        body(std::integral_constant<std::uint32_t, 3>{}, colour, alpha);
        break;
      case 4:
        body(std::integral_constant<std::uint32_t, 4>{}, colour, alpha);
        break;
    }
  };
  switch (info.type) {
    case SampleType::kU8:
      return info.srgb ? by_channels(Srgb8{}, Linear8{}) : by_channels(Linear8{}, Linear8{});
    case SampleType::kU16:
      return info.srgb ? by_channels(Srgb16{}, Linear16{}) : by_channels(Linear16{}, Linear16{});
    case SampleType::kF32:
      return info.srgb ? by_channels(SrgbFloat{}, LinearFloat{})
                       : by_channels(LinearFloat{}, LinearFloat{});
  }
}

}  // namespace

void row_to_linear(const ImageInfo& info, std::span<const std::byte> row, std::span<float> out) {
  with_converters(info, [&](auto channels, const auto& colour, const auto& alpha) {
    to_linear<channels()>(info.width, row.data(), out.data(), colour, alpha);
  });
}

void row_from_linear(const ImageInfo& info, std::span<const float> row, std::span<std::byte> out) {
  with_converters(info, [&](auto channels, const auto& colour, const auto& alpha) {
    from_linear<channels()>(info.width, row.data(), out.data(), colour, alpha);
  });
}

namespace {

/// All levels below one image, built in one pass over its rows.
class MipChain {
 public:
  Result<> allocate(const ImageInfo& base, std::uint32_t levels);
  void push(std::span<const float> row) { push_into(0, row); }
  std::vector<Image> take() { return std::move(images_); }

 private:
  void push_into(std::size_t level, std::span<const float> row);
  std::vector<RowDownsampler> filters_;
  std::vector<Image> images_;
  std::vector<std::uint32_t> next_rows_;
};

Result<> MipChain::allocate(const ImageInfo& base, std::uint32_t levels) {
  ImageInfo info = base;
  for (std::uint32_t level = 1; level < levels; ++level) {
    filters_.emplace_back(info.width, info.height);
    info.width = mip_extent(base.width, level);
    info.height = mip_extent(base.height, level);
    FORGE3D_TRY_ASSIGN(Image image, make_image(info));
    images_.push_back(std::move(image));
    next_rows_.push_back(0);
  }
  return {};
}

void MipChain::push_into(std::size_t level, std::span<const float> row) {
  for (; level < filters_.size() && filters_[level].push(row); ++level) {
    row = filters_[level].row();
    row_from_linear(images_[level].info, row, images_[level].row(next_rows_[level]++));
  }
}

Result<std::vector<Image>> build_chain(const Image& image, std::uint32_t levels) {
  MipChain chain;
  FORGE3D_TRY(chain.allocate(image.info, levels));
  if (levels < 2) return chain.take();
  std::vector<float> row(std::size_t{image.info.width} * 4);
  for (std::uint32_t y = 0; y < image.info.height; ++y) {
    row_to_linear(image.info, image.row(y), row);
    chain.push(row);
  }
  return chain.take();
}

}  // namespace

Result<std::vector<Image>> make_mips(const Image& image, std::uint32_t levels) {
  FORGE3D_TRY(texture::check_image(image));
  const std::uint32_t full = full_mip_count(image.info.width, image.info.height);
  try {  // row buffers are vectors
    return build_chain(image, levels == 0 ? full : std::min(levels, full));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate the rows of a mip chain");
  }
}

}  // namespace forge3d
