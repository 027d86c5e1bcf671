// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/mip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>

#include "forge3d/format.hpp"
#include "texture/alpha_coverage.hpp"
#include "texture/image/image_check.hpp"
#include "texture/linear_rows.hpp"
#include "texture/polyphase.hpp"

namespace forge3d {
namespace {

constexpr std::array<std::pair<std::string_view, MipFilter>, 3> kFilterNames{
    {{"box", MipFilter::kBox}, {"kaiser", MipFilter::kKaiser}, {"lanczos", MipFilter::kLanczos}}};

void load_row(const Image& image, std::uint32_t y, bool normals, std::span<float> out) {
  if (normals) return texture::plain_row_to_linear(image.info, image.row(y), out);
  row_to_linear(image.info, image.row(y), out);
}

/// Makes the first three channels a unit vector again, +z where it has no finite length.
void normalise(std::span<float> row) {
  for (std::size_t i = 0; i < row.size(); i += 4) {
    float v[3];
    for (std::size_t c = 0; c < 3; ++c) v[c] = row[i + c] * 2 - 1;
    const float length = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    const bool known = length > 0 && std::isfinite(length);
    for (std::size_t c = 0; c < 3; ++c)
      row[i + c] = (known ? v[c] / length : c == 2 ? 1.0f : 0.0f) * 0.5f + 0.5f;
  }
}

/// All levels below one image: how rows of them are stored.
class MipChain {
 public:
  MipChain(const Image& base, const MipDesc& desc) : base_(base), desc_(desc) {}
  Result<> allocate(std::uint32_t levels);
  /// Box filters all levels in one pass over the rows of the image.
  void filter_rows();
  /// Filters level by level.
  void filter_levels();
  void keep_coverage();
  std::vector<Image> take() { return std::move(images_); }

 private:
  void push_into(std::vector<RowDownsampler>& filters, std::span<const float> row);
  void store(std::size_t level, std::span<const float> row);

  const Image& base_;
  const MipDesc& desc_;
  std::vector<Image> images_;
  std::vector<std::uint32_t> next_rows_;
  std::vector<float> scratch_;
};

Result<> MipChain::allocate(std::uint32_t levels) {
  ImageInfo info = base_.info;
  for (std::uint32_t level = 1; level < levels; ++level) {
    info.width = mip_extent(base_.info.width, level);
    info.height = mip_extent(base_.info.height, level);
    FORGE3D_TRY_ASSIGN(Image image, make_image(info));
    images_.push_back(std::move(image));
    next_rows_.push_back(0);
  }
  return {};
}

void MipChain::store(std::size_t level, std::span<const float> row) {
  Image& image = images_[level];
  const std::span<std::byte> out = image.row(next_rows_[level]++);
  if (!desc_.normals) return row_from_linear(image.info, row, out);
  scratch_.assign(row.begin(), row.end());
  normalise(scratch_);
  texture::plain_row_from_linear(image.info, scratch_, out);
}

void MipChain::push_into(std::vector<RowDownsampler>& filters, std::span<const float> row) {
  for (std::size_t level = 0; level < filters.size() && filters[level].push(row); ++level) {
    row = filters[level].row();
    store(level, row);
  }
}

void MipChain::filter_rows() {
  std::vector<RowDownsampler> filters;
  for (std::uint32_t level = 0; level < images_.size(); ++level)
    filters.emplace_back(mip_extent(base_.info.width, level), mip_extent(base_.info.height, level));
  std::vector<float> row(std::size_t{base_.info.width} * 4);
  for (std::uint32_t y = 0; y < base_.info.height; ++y) {
    load_row(base_, y, desc_.normals, row);
    push_into(filters, row);
  }
}

void MipChain::filter_levels() {
  texture::FloatImage level{base_.info.width, base_.info.height, {}};
  level.texels.resize(std::size_t{level.width} * level.height * 4);
  for (std::uint32_t y = 0; y < level.height; ++y)
    load_row(base_, y, desc_.normals, {level.row(y), std::size_t{level.width} * 4});
  for (std::size_t i = 0; i < images_.size(); ++i) {
    level = texture::halve(level, desc_.filter);
    for (std::uint32_t y = 0; y < level.height; ++y)
      store(i, {level.row(y), std::size_t{level.width} * 4});
  }
}

void MipChain::keep_coverage() {
  const double coverage = texture::alpha_coverage(base_, *desc_.alpha_cutoff);
  for (Image& image : images_) texture::keep_alpha_coverage(image, *desc_.alpha_cutoff, coverage);
}

Result<std::vector<Image>> build_chain(const Image& image, const MipDesc& desc,
                                       std::uint32_t levels) {
  MipChain chain(image, desc);
  FORGE3D_TRY(chain.allocate(levels));
  if (levels < 2) return chain.take();
  if (desc.filter == MipFilter::kBox)
    chain.filter_rows();
  else
    chain.filter_levels();
  if (desc.alpha_cutoff) chain.keep_coverage();
  return chain.take();
}

Result<> check_desc(const ImageInfo& info, const MipDesc& desc) {
  if (desc.normals && info.channels < 3)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a normal map has three or four channels, not {}", info.channels));
  if (!desc.alpha_cutoff) return {};
  if (!(*desc.alpha_cutoff > 0 && *desc.alpha_cutoff <= 1))
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("alpha_cutoff is {}, it must be above 0 and at most 1", *desc.alpha_cutoff));
  if (!info.has_alpha())
    return fail(ErrorCode::kInvalidArgument, "alpha_cutoff: the image has no alpha");
  return {};
}

}  // namespace

std::string_view to_string(MipFilter filter) {
  for (const auto& [name, value] : kFilterNames)
    if (value == filter) return name;
  return "unknown";
}

std::optional<MipFilter> mip_filter_from_name(std::string_view name) {
  for (const auto& [known, value] : kFilterNames)
    if (known == name) return value;
  return std::nullopt;
}

Result<std::vector<Image>> make_mips(const Image& image, const MipDesc& desc) {
  FORGE3D_TRY(texture::check_image(image));
  FORGE3D_TRY(check_desc(image.info, desc));
  const std::uint32_t full = full_mip_count(image.info.width, image.info.height);
  try {  // row buffers are vectors
    return build_chain(image, desc, desc.levels == 0 ? full : std::min(desc.levels, full));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfHostMemory, "cannot allocate the rows of a mip chain");
  }
}

}  // namespace forge3d
