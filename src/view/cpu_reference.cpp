// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "view/cpu_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/worker_pool.hpp"

namespace forge3d::view {
namespace {

constexpr std::uint32_t kRowsAtATime = 8;

struct Vec2 {
  float x = 0, y = 0;
};
using Colour = std::array<float, 4>;

Colour mix(const Colour& a, const Colour& b, float weight) {
  Colour c;
  for (std::size_t i = 0; i < 4; ++i) c[i] = a[i] * (1 - weight) + b[i] * weight;
  return c;
}

/// Values of the 256 codes as a sampler returns them.
std::array<float, 256> code_values(bool srgb) {
  std::array<float, 256> values;
  for (std::size_t code = 0; code < 256; ++code) {
    const float value = float(code) / 255.0f;
    values[code] = srgb ? linear_from_srgb(value) : value;
  }
  return values;
}

/// One thread's hands on the tiles: the last used ones by address bits, without a lock.
class TexelReader {
 public:
  explicit TexelReader(DecodedTiles& tiles) : tiles_(tiles) {
    const TilePyramid& pyramid = tiles.pyramid();
    while ((1u << page_shift_) < pyramid.page_texels) ++page_shift_;
  }

  /// Four codes, or nullptr after an error. REQUIRES: a texel of the level.
  const std::uint8_t* texel(std::uint32_t level, std::uint32_t x, std::uint32_t y) {
    const TilePyramid& pyramid = tiles_.pyramid();
    const TileAddress address{level, x >> page_shift_, y >> page_shift_};
    Held& held = held_[(level & 1) * 16 + (address.y & 3) * 4 + (address.x & 3)];
    if (held.tile == nullptr || held.address != address) {
      auto tile = tiles_.get(address);
      if (!tile) {
        error_ = std::move(tile).error();
        return nullptr;
      }
      held = {address, std::move(*tile)};
    }
    const std::uint32_t mask = pyramid.page_texels - 1, border = pyramid.border_texels;
    const std::size_t column = (x & mask) + border, row = (y & mask) + border;
    return held.tile->texels.data() + 4 * (row * pyramid.tile_texels() + column);
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  struct Held {
    TileAddress address;
    std::shared_ptr<const DecodedTile> tile;
  };
  DecodedTiles& tiles_;
  std::uint32_t page_shift_ = 0;
  std::array<Held, 32> held_;
  std::optional<Error> error_;
};

/// The shader's functions under the same names.
class PixelShader {
 public:
  PixelShader(DecodedTiles& tiles, const MapConstants& constants,
              const std::array<float, 256>& values)
      : view_(constants), pyramid_(tiles.pyramid()), values_(values), reader_(tiles) {}

  std::array<std::uint8_t, 4> shade(std::int32_t px, std::int32_t py) {
    Colour colour = view_.background;
    const float x = float(px) + 0.5f - 0.5f * float(view_.width);
    const float y = float(py) + 0.5f - 0.5f * float(view_.height);
    const float s = plane(view_.plane_s, x, y);
    if (s > 0) colour = look(x, y, s);
    return encode(colour);
  }
  [[nodiscard]] const std::optional<Error>& error() const { return reader_.error(); }

 private:
  static float plane(const std::array<float, 4>& row, float x, float y) {
    return row[0] * x + row[1] * y + row[2];
  }

  Colour look(float x, float y, float s) {
    const Vec2 d{plane(view_.plane_u, x, y) / s, plane(view_.plane_v, x, y) / s};
    const Vec2 uv{view_.plane_u[3] + d.x, view_.plane_v[3] + d.y};
    if (!(uv.x >= 0 && uv.y >= 0 && uv.x <= 1 && uv.y <= 1)) return view_.background;
    const Vec2 dx{(view_.plane_u[0] - d.x * view_.plane_s[0]) / s,
                  (view_.plane_v[0] - d.y * view_.plane_s[0]) / s};
    const Vec2 dy{(view_.plane_u[1] - d.x * view_.plane_s[1]) / s,
                  (view_.plane_v[1] - d.y * view_.plane_s[1]) / s};
    const Colour texel = sample_grad(uv, dx, dy);
    Colour over = mix(view_.background, texel, texel[3]);
    over[3] = view_.background[3] * (1 - texel[3]) + texel[3];
    return over;
  }

  Colour sample_grad(Vec2 uv, Vec2 dx, Vec2 dy) {
    const auto width = float(pyramid_.width), height = float(pyramid_.height);
    const float px = std::hypot(dx.x * width, dx.y * height);
    const float py = std::hypot(dy.x * width, dy.y * height);
    const float longer = std::max({px, py, 1e-20f});
    const float shorter = std::max({std::min(px, py), longer / view_.max_anisotropy, 1e-20f});
    const float taps = longer <= 1 ? 1.0f
                                   : std::clamp(std::ceil(longer / shorter), 1.0f,
                                                std::floor(view_.max_anisotropy));
    const Vec2 along = px >= py ? dx : dy;
    Colour sum{};
    for (float i = 0; i < taps; ++i) {
      const float offset = (i + 0.5f - 0.5f * taps) / taps;
      const Colour tap = trilinear({std::clamp(uv.x + offset * along.x, 0.0f, 1.0f),
                                    std::clamp(uv.y + offset * along.y, 0.0f, 1.0f)},
                                   std::log2(shorter) + view_.lod_bias);
      for (std::size_t c = 0; c < 4; ++c) sum[c] += tap[c];
    }
    for (float& channel : sum) channel /= taps;
    return sum;
  }

  Colour trilinear(Vec2 uv, float lod) {
    const float clamped = std::clamp(lod, 0.0f, float(pyramid_.levels - 1));
    const auto level = std::uint32_t(clamped);
    const Colour fine = bilinear(uv, level);
    const float weight = clamped - float(level);
    return weight == 0 ? fine : mix(fine, bilinear(uv, level + 1), weight);
  }

  Colour bilinear(Vec2 uv, std::uint32_t level) {
    const std::uint32_t width = pyramid_.level_width(level), height = pyramid_.level_height(level);
    const float x = uv.x * float(width) - 0.5f, y = uv.y * float(height) - 0.5f;
    const float left = std::floor(x), top = std::floor(y);
    auto clamp_to = [](float at, std::uint32_t extent) {
      return std::uint32_t(std::clamp(at, 0.0f, float(extent - 1)));
    };
    const std::uint32_t x0 = clamp_to(left, width), x1 = clamp_to(left + 1, width);
    const std::uint32_t y0 = clamp_to(top, height), y1 = clamp_to(top + 1, height);
    return mix(mix(fetch(level, x0, y0), fetch(level, x1, y0), x - left),
               mix(fetch(level, x0, y1), fetch(level, x1, y1), x - left), y - top);
  }

  Colour fetch(std::uint32_t level, std::uint32_t x, std::uint32_t y) {
    const std::uint8_t* codes = reader_.texel(level, x, y);
    if (codes == nullptr) return {};
    return {values_[codes[0]], values_[codes[1]], values_[codes[2]], float(codes[3]) / 255.0f};
  }

  [[nodiscard]] std::array<std::uint8_t, 4> encode(const Colour& colour) const {
    std::array<std::uint8_t, 4> codes;
    for (std::size_t c = 0; c < 4; ++c) {
      float value = std::clamp(colour[c], 0.0f, 1.0f);
      if (view_.srgb != 0 && c < 3) value = srgb_from_linear(value);
      codes[c] = std::uint8_t(value * 255.0f + 0.5f);
    }
    return codes;
  }

  const MapConstants& view_;
  const TilePyramid& pyramid_;
  const std::array<float, 256>& values_;
  TexelReader reader_;
};

}  // namespace

Result<Image> render_on_cpu(DecodedTiles& tiles, const MapConstants& constants,
                            std::uint32_t threads) {
  const auto width = std::uint32_t(constants.width), height = std::uint32_t(constants.height);
  FORGE3D_TRY_ASSIGN(Image image, make_image({.width = width, .height = height, .channels = 4}));
  const std::array<float, 256> values = code_values(constants.srgb != 0);
  const std::uint64_t strips = (height + kRowsAtATime - 1) / kRowsAtATime;
  std::vector<std::optional<Error>> errors(strips);
  core::parallel_for(threads, strips, [&](std::uint64_t strip) {
    PixelShader shader(tiles, constants, values);
    const auto first = std::uint32_t(strip) * kRowsAtATime;
    for (std::uint32_t y = first; y < std::min(first + kRowsAtATime, height); ++y) {
      std::span<std::byte> row = image.row(y);
      for (std::uint32_t x = 0; x < width && !shader.error(); ++x) {
        const auto codes = shader.shade(std::int32_t(x), std::int32_t(y));
        std::copy_n(reinterpret_cast<const std::byte*>(codes.data()), 4, row.begin() + 4 * x);
      }
    }
    errors[strip] = shader.error();
  });
  for (std::optional<Error>& error : errors)
    if (error) return tl::unexpected(std::move(*error));
  return image;
}

}  // namespace forge3d::view
