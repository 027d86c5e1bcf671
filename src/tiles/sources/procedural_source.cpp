// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "forge3d/tile_sources.hpp"
#include "tiles/guard_memory.hpp"
#include "tiles/lease_pool.hpp"
#include "tiles/sources/raw_levels.hpp"
#include "tiles/sources/raw_tile_source.hpp"
#include "tiles/sources/sample_encoder.hpp"
#include "tiles/sources/terrain.hpp"

namespace forge3d {
namespace {

using tiles::Terrain;

constexpr std::size_t kMaxTileTexels = 1024;  // pages of 512 and borders of half a page
constexpr std::uint32_t kTopCells = 4;        // a side of the coarsest level: a few continents

/// Colours by height and light, so that a texel is one look-up.
class TerrainColours {
 public:
  TerrainColours() {
    for (std::int32_t height = 0; height < kHeights; ++height)
      for (std::int32_t light = 0; light < kLights; ++light)
        colours_[static_cast<std::size_t>(height * kLights + light)] = shade(height, light);
  }

  using Colour = std::array<std::uint8_t, 4>;
  /// Where a colour lies. `light`: 0 is level ground, less is turned away from the light.
  [[nodiscard]] static std::int32_t index(std::int32_t height, std::int32_t light) {
    const std::int32_t row = std::clamp((height >> kHeightShift) + kSea, 0, kHeights - 1);
    return row * kLights + std::clamp(light + kLights / 2, 0, kLights - 1);
  }
  [[nodiscard]] const Colour& at(std::int32_t index) const {
    return colours_[static_cast<std::size_t>(index)];
  }
  static constexpr std::int32_t kLights = 32;

 private:
  static constexpr std::int32_t kHeights = 256, kSea = 128, kHeightShift = 19;
  struct Stop {
    std::int32_t height;
    std::array<std::int32_t, 3> colour;
  };
  static constexpr std::array<Stop, 9> kStops = {
      Stop{0, {8, 20, 58}},   {90, {18, 60, 120}},    {127, {70, 150, 180}},
      {128, {214, 200, 150}}, {134, {96, 140, 64}},   {160, {52, 96, 44}},
      {190, {120, 104, 80}},  {220, {150, 142, 136}}, {255, {250, 250, 252}}};

  static Colour shade(std::int32_t height, std::int32_t light) {
    std::size_t i = 1;
    while (kStops[i].height < height) ++i;
    const Stop &low = kStops[i - 1], &high = kStops[i];
    const std::int32_t lit = 256 + (light - kLights / 2) * (height < kSea ? 3 : 10);
    Colour colour{0, 0, 0, 255};
    for (std::size_t c = 0; c < 3; ++c) {
      const std::int32_t mixed = low.colour[c] + (high.colour[c] - low.colour[c]) *
                                                     (height - low.height) /
                                                     (high.height - low.height);
      colour[c] = static_cast<std::uint8_t>(std::clamp(mixed * lit >> 8, 0, 255));
    }
    return colour;
  }

  std::array<Colour, static_cast<std::size_t>(kHeights* kLights)> colours_;
};

struct Scratch {
  Terrain::Heights heights;
  std::vector<std::byte> pixels;
};

class ProceduralSource final : public TileSource {
 public:
  ProceduralSource(ProceduralKind kind, const TilePyramid& pyramid, tiles::SampleEncoder encoder,
                   std::uint64_t seed)
      : kind_(kind),
        pyramid_(pyramid),
        encoder_(encoder),
        seed_(seed),
        terrain_(top_level(pyramid.width), seed) {}

  [[nodiscard]] const TilePyramid& pyramid() const override { return pyramid_; }
  [[nodiscard]] std::string name() const override {
    return fmt::format("procedural {} {}", to_string(kind_), seed_);
  }

  [[nodiscard]] Result<> read_tile(TileAddress address, std::span<std::byte> out) const override {
    FORGE3D_TRY(tiles::check_tile_request(pyramid_, name(), address, out.size()));
    return tiles::guard_memory("no memory to make a tile", [&]() -> Result<> {
      const tiles::LeasePool<Scratch>::Lease scratch(scratches_);
      if (encoder_.is_copy()) {
        paint(address, (*scratch).heights, out);
        return {};
      }
      const std::size_t side = pyramid_.tile_texels();
      (*scratch).pixels.resize(side * side * pixel_bytes());
      paint(address, (*scratch).heights, (*scratch).pixels);
      return encoder_.encode((*scratch).pixels, pyramid_.tile_texels(), out);
    });
  }

 private:
  static std::uint32_t top_level(std::uint32_t extent) {
    const auto levels = static_cast<std::uint32_t>(std::bit_width(extent - 1));
    return levels - std::min(levels, static_cast<std::uint32_t>(std::bit_width(kTopCells - 1)));
  }
  [[nodiscard]] std::size_t pixel_bytes() const {
    return kind_ == ProceduralKind::kTerrain ? 4 : 2;
  }

  /// The tile's texels inside the level, and their edge repeated.
  void paint(TileAddress address, Terrain::Heights& heights, std::span<std::byte> out) const {
    const auto side = static_cast<std::int32_t>(pyramid_.tile_texels());
    const auto first = [&](std::uint32_t page) {
      return static_cast<std::int32_t>(page * pyramid_.page_texels) -
             static_cast<std::int32_t>(pyramid_.border_texels);
    };
    const auto width = static_cast<std::int32_t>(pyramid_.level_width(address.level));
    const auto height = static_cast<std::int32_t>(pyramid_.level_height(address.level));
    const std::int32_t x = first(address.x), y = first(address.y);
    const Terrain::Rectangle inside{std::max(x, 0), std::max(y, 0),
                                    std::min(x + side, width) - std::max(x, 0),
                                    std::min(y + side, height) - std::max(y, 0)};
    terrain_.read(address.level, {inside.x - 1, inside.y - 1, inside.width + 2, inside.height + 2},
                  heights);
    const float light =
        -TerrainColours::kLights / 8 / static_cast<float>(terrain_.detail(address.level));
    for (std::int32_t row = inside.y; row < inside.y + inside.height; ++row) {
      std::byte* to =
          out.data() + static_cast<std::size_t>((row - y) * side + inside.x - x) * pixel_bytes();
      if (kind_ == ProceduralKind::kTerrain)
        paint_colours(heights, inside, row, light, to);
      else
        paint_heights(heights, inside, row, to);
    }
    const auto at = [](std::int32_t texel) { return static_cast<std::uint32_t>(texel); };
    tiles::repeat_edges(out, pixel_bytes(), at(side), at(side), at(inside.x - x), at(inside.y - y),
                        at(inside.x - x + inside.width), at(inside.y - y + inside.height));
  }

  void paint_colours(const Terrain::Heights& heights, const Terrain::Rectangle& inside,
                     std::int32_t y, float light, std::byte* to) const {
    const std::int32_t* row = heights.at(inside.x, y);
    const std::int32_t* above = heights.at(inside.x, y - 1);
    const std::int32_t* below = heights.at(inside.x, y + 1);
    // Apart from the look-ups the compiler makes vector code of this.
    std::array<std::int32_t, kMaxTileTexels> indices;
    for (std::int32_t i = 0; i < inside.width; ++i) {
      const std::int32_t fall = (row[i - 1] - row[i + 1]) + (above[i] - below[i]);
      const auto lit = static_cast<std::int32_t>(static_cast<float>(fall) * light);
      indices[static_cast<std::size_t>(i)] = TerrainColours::index(row[i], lit);
    }
    for (std::int32_t i = 0; i < inside.width; ++i)
      std::memcpy(to + std::ptrdiff_t{i} * 4,
                  colours_.at(indices[static_cast<std::size_t>(i)]).data(), 4);
  }

  static void paint_heights(const Terrain::Heights& heights, const Terrain::Rectangle& inside,
                            std::int32_t y, std::byte* to) {
    constexpr std::int32_t kMiddle = 1 << 15, kLargest = (1 << 16) - 1;
    constexpr int kShift = std::bit_width(static_cast<std::uint32_t>(Terrain::kUsualHeight)) - 15;
    const std::int32_t* row = heights.at(inside.x, y);
    for (std::int32_t i = 0; i < inside.width; ++i) {
      const auto height =
          static_cast<std::uint16_t>(std::clamp((row[i] >> kShift) + kMiddle, 0, kLargest));
      std::memcpy(to + std::ptrdiff_t{i} * 2, &height, sizeof(height));
    }
  }

  ProceduralKind kind_;
  TilePyramid pyramid_;
  tiles::SampleEncoder encoder_;
  std::uint64_t seed_;
  Terrain terrain_;
  TerrainColours colours_;
  mutable tiles::LeasePool<Scratch> scratches_;
};

}  // namespace

std::string_view to_string(ProceduralKind kind) {
  return kind == ProceduralKind::kTerrain ? "terrain" : "heights";
}

Result<std::shared_ptr<TileSource>> make_procedural_source(ProceduralKind kind,
                                                           std::uint32_t extent, std::uint64_t seed,
                                                           const TileSourceOptions& options) {
  const bool coloured = kind == ProceduralKind::kTerrain;
  const ImageInfo info{extent, extent, coloured ? 4u : 1u,
                       coloured ? SampleType::kU8 : SampleType::kU16, coloured};
  TileSourceOptions encoding = options;
  if (encoding.format == Format::kUndefined)
    encoding.format = coloured ? Format::kRGBA8Unorm : Format::kR16Unorm;
  FORGE3D_TRY_ASSIGN(const tiles::SampleEncoder encoder,
                     tiles::SampleEncoder::create(info, encoding, "procedural world"));
  FORGE3D_TRY_ASSIGN(const TilePyramid pyramid,
                     make_tile_pyramid(extent, extent, encoder.format(), options.page_texels,
                                       options.border_texels));
  return std::make_shared<ProceduralSource>(kind, pyramid, encoder, seed);
}

}  // namespace forge3d
