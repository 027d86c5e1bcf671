// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/raw_tile_source.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "tiles/guard_memory.hpp"
#include "tiles/sources/raw_levels.hpp"
#include "tiles/sources/sample_encoder.hpp"

namespace forge3d::tiles {
namespace {

/// Immutable but for the cache of its levels.
class RawTileSource final : public TileSource {
 public:
  RawTileSource(TilePyramid pyramid, SampleEncoder encoder, std::unique_ptr<RawLevels> levels)
      : pyramid_(pyramid), encoder_(encoder), levels_(std::move(levels)) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override { return levels_->pages().name(); }

  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    FORGE3D_TRY(check_tile_request(pyramid_, name(), address, out.size()));
    auto read = guard_memory("no memory to make a tile", [&] { return make(address, out); });
    if (read) return {};
    return fail_from(std::move(read).error(), tile_label(name(), address));
  }

 private:
  [[nodiscard]] Result<> make(TileAddress address, std::span<std::byte> out) const {
    const std::uint32_t side = pyramid_.tile_texels();
    const auto first = [&](std::uint32_t page) {
      return std::int64_t{page} * pyramid_.page_texels - pyramid_.border_texels;
    };
    const std::int64_t x = first(address.x), y = first(address.y);
    if (encoder_.is_copy()) return levels_->read(address.level, x, y, side, side, out);
    std::vector<std::byte> pixels(std::size_t{side} * side * pixel_bytes(levels_->pages().info()));
    FORGE3D_TRY(levels_->read(address.level, x, y, side, side, pixels));
    return encoder_.encode(pixels, side, out);
  }

  TilePyramid pyramid_;
  SampleEncoder encoder_;
  std::unique_ptr<RawLevels> levels_;
};

}  // namespace

Result<std::shared_ptr<TileSource>> make_raw_tile_source(std::shared_ptr<const RawPages> pages,
                                                         const TileSourceOptions& options) {
  const ImageInfo& info = pages->info();
  FORGE3D_TRY_ASSIGN(const SampleEncoder encoder,
                     SampleEncoder::create(info, options, pages->name()));
  FORGE3D_TRY_ASSIGN(const TilePyramid pyramid,
                     make_tile_pyramid(info.width, info.height, encoder.format(),
                                       options.page_texels, options.border_texels));
  FORGE3D_TRY_ASSIGN(auto levels, RawLevels::create(std::move(pages),
                                                    {pyramid.levels, pyramid.page_texels,
                                                     options.cache_bytes, options.max_made_pages}));
  return std::make_shared<RawTileSource>(pyramid, encoder, std::move(levels));
}

std::string tile_label(const std::string& name, TileAddress address) {
  return fmt::format("{}: tile level {} x {} y {}", name, address.level, address.x, address.y);
}

Result<> check_tile_request(const TilePyramid& pyramid, const std::string& name,
                            TileAddress address, std::size_t out_bytes) {
  if (!pyramid.contains(address))
    return fail(ErrorCode::kInvalidArgument,
                tile_label(name, address) + " lies outside the pyramid");
  if (out_bytes != pyramid.tile_bytes())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: a tile has {} bytes, the output {}", tile_label(name, address),
                            pyramid.tile_bytes(), out_bytes));
  return {};
}

}  // namespace forge3d::tiles
