// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/picture_pages.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "forge3d/format.hpp"
#include "forge3d/mip.hpp"

namespace forge3d::tiles {
namespace {

class PicturePages final : public RawPages {
 public:
  PicturePages(std::vector<Image> levels, std::uint32_t page_texels, std::string name)
      : levels_(std::move(levels)), page_texels_(page_texels), name_(std::move(name)) {}

  [[nodiscard]] const ImageInfo& info() const override { return levels_[0].info; }
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::optional<RawLevel> level(std::uint32_t level) const override {
    if (level >= levels_.size()) return std::nullopt;
    return RawLevel{levels_[level].info.width, levels_[level].info.height, page_texels_,
                    page_texels_};
  }

  [[nodiscard]] Result<> read_block(std::uint32_t level, std::uint32_t x, std::uint32_t y,
                                    std::span<std::byte> out) const override {
    const Image& image = levels_[level];
    const std::size_t pixel = pixel_bytes(image.info);
    const std::uint32_t left = x * page_texels_, top = y * page_texels_;
    const std::uint32_t width = std::min(page_texels_, image.info.width - left);
    const std::uint32_t height = std::min(page_texels_, image.info.height - top);
    for (std::uint32_t row = 0; row < height; ++row)
      std::ranges::copy(
          image.row(top + row).subspan(left * pixel, width * pixel),
          out.begin() + static_cast<std::ptrdiff_t>(std::size_t{row} * page_texels_ * pixel));
    return {};
  }

 private:
  std::vector<Image> levels_;
  std::uint32_t page_texels_;
  std::string name_;
};

}  // namespace

Result<std::shared_ptr<const RawPages>> make_picture_pages(Image image, std::uint32_t page_texels,
                                                           std::string name) {
  if (page_texels == 0) return fail(ErrorCode::kInvalidArgument, name + ": page_texels is 0");
  if (image.info.channels == 1 && image.info.type == SampleType::kU16) image.info.srgb = false;
  MipDesc desc{.levels = 1};
  const std::uint32_t extent = std::max(image.info.width, image.info.height);
  while (mip_extent(extent, desc.levels - 1) > page_texels) ++desc.levels;
  FORGE3D_TRY_ASSIGN(std::vector<Image> mips, make_mips(image, desc));
  std::vector<Image> levels;
  levels.push_back(std::move(image));
  std::ranges::move(mips, std::back_inserter(levels));
  return std::make_shared<const PicturePages>(std::move(levels), page_texels, std::move(name));
}

std::uint64_t picture_bytes(const ImageInfo& info) {
  return std::uint64_t{info.row_bytes()} * info.height * 4 / 3;
}

}  // namespace forge3d::tiles
