// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The world's coastlines as vectors, drawn into any page of a Mercator map of any size.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <forge3d/byte_source.hpp>
#include <forge3d/image.hpp>
#include <forge3d/mip.hpp>
#include <forge3d/tile_source.hpp>
#include <fstream>
#include <iterator>
#include <numbers>
#include <vector>

namespace demo {

using namespace forge3d;

/// A place on the map: 0..1 from west to east and from north to south.
struct MapPoint {
  double x = 0, y = 0;
};

/// Mercator, cut at the latitudes that make the map a square.
inline MapPoint mercator(double longitude, double latitude) {
  constexpr double kPi = std::numbers::pi;
  const double sine = std::sin(std::clamp(latitude, -85.06, 85.06) * kPi / 180);
  return {longitude / 360 + 0.5, 0.5 - std::log((1 + sine) / (1 - sine)) / (4 * kPi)};
}

inline double latitude_of(double y) {
  constexpr double kPi = std::numbers::pi;
  return std::atan(std::sinh(kPi * (1 - 2 * y))) * 180 / kPi;
}

/// One page's opacity of lines, and where it lies on the map.
struct LineCanvas {
  double extent = 0;         ///< Texels of the whole map at the page's level.
  double left = 0, top = 0;  ///< Of the page, in those texels.
  std::uint32_t width = 0, height = 0;
  std::vector<float> opacity;  ///< 0..1, row by row.
};

/// Polylines in pieces of some points each, so that a page looks at few that are not on it.
class Coastlines {
 public:
  /// Reads a file of 8 bytes "F3DPL1", u32 count, and for each line u32 points, i32 longitude and
  /// latitude in millionths of a degree, and zigzag LEB128 differences. Errors: kIo, kInvalidFile
  /// with the offset.
  static Result<Coastlines> read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(ErrorCode::kIo, path.string() + ": cannot be opened");
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    Reader reader(bytes);
    Coastlines lines;
    if (!reader.starts_with("F3DPL1"))
      return fail(ErrorCode::kInvalidFile, path.string() + ": offset 0: not a file of polylines");
    for (std::uint32_t left = reader.u32(); left > 0 && reader.ok(); --left)
      lines.read_line(reader);
    if (!reader.ok())
      return fail(
          ErrorCode::kInvalidFile,
          path.string() + ": offset " + std::to_string(bytes.size()) + ": it ends in a line");
    return lines;
  }

  /// Draws every line on the canvas, `radius` texels to each side, with soft edges.
  void draw(LineCanvas& canvas, double radius) const {
    const double reach = radius + 1;
    const double left = (canvas.left - reach) / canvas.extent,
                 top = (canvas.top - reach) / canvas.extent;
    const double right = (canvas.left + canvas.width + reach) / canvas.extent;
    const double bottom = (canvas.top + canvas.height + reach) / canvas.extent;
    for (const Piece& piece : pieces_)
      if (piece.right >= left && piece.left <= right && piece.bottom >= top && piece.top <= bottom)
        draw_piece(piece, canvas, radius);
  }

  [[nodiscard]] std::size_t points() const { return points_.size(); }

 private:
  static constexpr std::uint32_t kPiecePoints = 64;

  struct Piece {
    std::uint32_t first = 0, count = 0;
    double left = 2, top = 2, right = -1, bottom = -1;
  };

  /// Little-endian numbers until the bytes end.
  class Reader {
   public:
    explicit Reader(const std::vector<char>& bytes) : bytes_(bytes) {}
    [[nodiscard]] bool ok() const { return ok_; }
    bool starts_with(std::string_view magic) {
      for (std::size_t i = 0; i < 8; ++i)
        if (next() != (i < magic.size() ? std::uint8_t(magic[i]) : 0)) return false;
      return ok_;
    }
    std::uint32_t u32() {
      std::uint32_t value = 0;
      for (std::uint32_t i = 0; i < 4; ++i) value |= std::uint32_t(next()) << (8 * i);
      return value;
    }
    std::int64_t difference() {
      std::uint64_t value = 0;
      for (std::uint32_t shift = 0; shift < 64; shift += 7) {
        const std::uint8_t byte = next();
        value |= std::uint64_t(byte & 127) << shift;
        if ((byte & 128) == 0) break;
      }
      return std::int64_t(value >> 1) ^ -std::int64_t(value & 1);
    }

   private:
    std::uint8_t next() {
      ok_ = ok_ && at_ < bytes_.size();
      return ok_ ? std::uint8_t(bytes_[at_++]) : 0;
    }
    const std::vector<char>& bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
  };

  void read_line(Reader& reader) {
    const std::uint32_t count = reader.u32();
    std::int64_t longitude = std::int32_t(reader.u32()), latitude = std::int32_t(reader.u32());
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
      if (i > 0) {
        longitude += reader.difference();
        latitude += reader.difference();
      }
      add_point(mercator(double(longitude) * 1e-6, double(latitude) * 1e-6), i);
    }
  }

  void add_point(MapPoint point, std::uint32_t index) {
    if (index % kPiecePoints == 0) {
      // A piece begins where the one before ended, so that the line has no gap.
      const bool goes_on = index > 0;
      pieces_.push_back({std::uint32_t(points_.size()) - goes_on, std::uint32_t(goes_on)});
      if (goes_on) widen(points_.back());
    }
    points_.push_back(point);
    ++pieces_.back().count;
    widen(point);
  }

  void widen(MapPoint point) {
    Piece& piece = pieces_.back();
    piece.left = std::min(piece.left, point.x);
    piece.right = std::max(piece.right, point.x);
    piece.top = std::min(piece.top, point.y);
    piece.bottom = std::max(piece.bottom, point.y);
  }

  void draw_piece(const Piece& piece, LineCanvas& canvas, double radius) const {
    const auto place = [&](std::uint32_t i) {
      const MapPoint& point = points_[piece.first + i];
      return MapPoint{point.x * canvas.extent - canvas.left, point.y * canvas.extent - canvas.top};
    };
    MapPoint from = place(0);
    for (std::uint32_t i = 1; i < piece.count; ++i) {
      const MapPoint to = place(i);
      // Steps below half a texel add nothing that could be seen.
      if (i + 1 < piece.count && std::hypot(to.x - from.x, to.y - from.y) < 0.5) continue;
      draw_segment(from, to, canvas, radius);
      from = to;
    }
  }

  static void draw_segment(MapPoint a, MapPoint b, LineCanvas& canvas, double radius) {
    const double reach = radius + 0.5;
    const auto first = [&](double low) {
      return std::uint32_t(std::max(std::floor(low - reach), 0.0));
    };
    const auto end = [&](double high, std::uint32_t limit) {
      return std::uint32_t(std::clamp(std::ceil(high + reach), 0.0, double(limit)));
    };
    const double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    const std::uint32_t x0 = first(std::min(a.x, b.x)), x1 = end(std::max(a.x, b.x), canvas.width);
    const std::uint32_t y0 = first(std::min(a.y, b.y)), y1 = end(std::max(a.y, b.y), canvas.height);
    for (std::uint32_t y = y0; y < y1; ++y)
      for (std::uint32_t x = x0; x < x1; ++x) {
        const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
        const double along = length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0;
        const double distance = std::hypot(px - along * dx, py - along * dy);
        float& opacity = canvas.opacity[std::size_t{y} * canvas.width + x];
        opacity = std::max(opacity, float(std::clamp(reach - distance, 0.0, 1.0)));
      }
  }

  std::vector<MapPoint> points_;
  std::vector<Piece> pieces_;
};

/// A picture of the Earth by longitude and latitude, read at the sharpness that a page needs.
class EarthPicture {
 public:
  /// Errors: load_image's and make_mips'.
  static Result<EarthPicture> read(const std::filesystem::path& path) {
    FORGE3D_TRY_ASSIGN(const Image picture, load_image(path));
    FORGE3D_TRY_ASSIGN(Image rgba, to_rgba8(picture));
    EarthPicture earth;
    FORGE3D_TRY_ASSIGN(earth.mips_, make_mips(rgba, {}));
    return earth;
  }

  /// The row of a map of `extent` texels that texel row `y` of it shows: its colours at `x`.
  [[nodiscard]] std::array<float, 3> at(MapPoint place, double extent) const {
    const Image& image = mips_[mip_for(extent)];
    const double u = place.x * image.info.width - 0.5;
    const double v = (0.5 - latitude_of(place.y) / 180) * image.info.height - 0.5;
    const double left = std::floor(u), top = std::floor(v);
    std::array<float, 3> colour{};
    for (int corner = 0; corner < 4; ++corner) {
      const double x = left + corner % 2, y = top + corner / 2;
      const double weight = (1 - std::abs(u - x)) * (1 - std::abs(v - y));
      const auto column = std::uint32_t(std::fmod(x + image.info.width, image.info.width));
      const auto line = std::uint32_t(std::clamp(y, 0.0, image.info.height - 1.0));
      const std::span<const std::byte> row = image.row(line);
      for (std::size_t c = 0; c < 3; ++c) colour[c] += float(weight * int(row[4 * column + c]));
    }
    return colour;
  }

 private:
  [[nodiscard]] std::size_t mip_for(double extent) const {
    std::size_t mip = 0;
    while (mip + 1 < mips_.size() && mips_[mip].info.width > extent * 1.5) ++mip;
    return mip;
  }
  std::vector<Image> mips_;
};

}  // namespace demo
