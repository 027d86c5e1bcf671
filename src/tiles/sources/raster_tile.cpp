// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/sources/raster_tile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/ktx2_image.hpp"
#include "tiles/rgba8_rows.hpp"
#ifdef FORGE3D_HAS_WEBP
#include <webp/decode.h>
#endif

namespace forge3d::tiles {
namespace {

ImageLimits image_limits() {
  return {.max_extent = kMaxRasterExtent,
          .max_pixels = std::uint64_t{kMaxRasterExtent} * kMaxRasterExtent};
}

Ktx2Limits ktx2_limits() {
  Ktx2Limits limits;
  limits.max_extent = kMaxRasterExtent;
  limits.max_layers = 1;
  limits.max_level_bytes = std::uint64_t{kMaxRasterExtent} * kMaxRasterExtent * 16;
  return limits;
}

bool starts_with(std::span<const std::byte> bytes, std::size_t at, std::string_view magic) {
  return bytes.size() >= at + magic.size() &&
         std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

#ifdef FORGE3D_HAS_WEBP
const std::uint8_t* webp_data(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

Result<RasterShape> webp_shape(std::span<const std::byte> bytes, const std::string& tile) {
  int width = 0, height = 0;
  if (WebPGetInfo(webp_data(bytes), bytes.size(), &width, &height) == 0)
    return fail(ErrorCode::kInvalidFile, tile + ": not a whole WebP header");
  return RasterShape{RasterKind::kWebp, static_cast<std::uint32_t>(width),
                     static_cast<std::uint32_t>(height)};
}

Result<> decode_webp(std::span<const std::byte> bytes, const RasterShape& shape,
                     const std::string& tile, std::span<std::byte> out) {
  auto* const texels = reinterpret_cast<std::uint8_t*>(out.data());
  if (WebPDecodeRGBAInto(webp_data(bytes), bytes.size(), texels, out.size(),
                         static_cast<int>(shape.width * 4)) == nullptr)
    return fail(ErrorCode::kInvalidFile, tile + ": WebP: the data is cut off or broken");
  return {};
}
#else
tl::unexpected<Error> no_webp(const std::string& tile) {
  return fail(ErrorCode::kNotSupported, tile + ": is WebP, and this build has no libwebp");
}
Result<RasterShape> webp_shape(std::span<const std::byte>, const std::string& tile) {
  return no_webp(tile);
}
Result<> decode_webp(std::span<const std::byte>, const RasterShape&, const std::string& tile,
                     std::span<std::byte>) {
  return no_webp(tile);
}
#endif

Result<> decode_rows(std::span<const std::byte> bytes, const std::string& tile,
                     std::span<std::byte> out) {
  FORGE3D_TRY_ASSIGN(const auto reader,
                     open_image(make_memory_source(bytes, tile), image_limits()));
  const ImageInfo& info = reader->info();
  Rgba8Rows rows(info);
  std::vector<std::byte> row(info.row_bytes());
  const std::size_t out_bytes = std::size_t{info.width} * 4;
  for (std::uint32_t y = 0; y < info.height; ++y) {
    FORGE3D_TRY(reader->read_row(row));
    FORGE3D_TRY_ASSIGN(const auto texels, rows.expand(row));
    std::memcpy(out.data() + y * out_bytes, texels.data(), out_bytes);
  }
  return {};
}

Result<> decode_ktx2(std::span<const std::byte> bytes, const std::string& tile,
                     std::span<std::byte> out) {
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader,
                     Ktx2Reader::open(make_memory_source(bytes, tile), ktx2_limits()));
  FORGE3D_TRY_ASSIGN(const Image image, decode_ktx2_slice(reader, {}));
  FORGE3D_TRY_ASSIGN(const Image rgba8, to_rgba8(image));
  std::memcpy(out.data(), rgba8.pixels.data(), out.size());
  return {};
}

Result<RasterShape> read_shape(RasterKind kind, std::span<const std::byte> bytes,
                               const std::string& tile) {
  switch (kind) {
    case RasterKind::kPng:
    case RasterKind::kJpeg: {
      FORGE3D_TRY_ASSIGN(const auto reader,
                         open_image(make_memory_source(bytes, tile), image_limits()));
      return RasterShape{kind, reader->info().width, reader->info().height};
    }
    case RasterKind::kWebp:
      return webp_shape(bytes, tile);
    case RasterKind::kKtx2: {
      FORGE3D_TRY_ASSIGN(const Ktx2Reader reader,
                         Ktx2Reader::open(make_memory_source(bytes, tile), ktx2_limits()));
      return RasterShape{kind, reader.info().width, reader.info().height};
    }
    case RasterKind::kUnknown:
      break;
  }
  return fail(ErrorCode::kNotSupported, tile + ": is neither PNG, JPEG, WebP nor KTX2");
}

}  // namespace

std::string_view to_string(RasterKind kind) {
  switch (kind) {
    case RasterKind::kPng:
      return "PNG";
    case RasterKind::kJpeg:
      return "JPEG";
    case RasterKind::kWebp:
      return "WebP";
    case RasterKind::kKtx2:
      return "KTX2";
    case RasterKind::kUnknown:
      break;
  }
  return "unknown";
}

RasterKind raster_kind(std::span<const std::byte> bytes) {
  if (starts_with(bytes, 0, "\x89PNG")) return RasterKind::kPng;
  if (starts_with(bytes, 0, "\xff\xd8")) return RasterKind::kJpeg;
  if (starts_with(bytes, 0, "RIFF") && starts_with(bytes, 8, "WEBP")) return RasterKind::kWebp;
  if (starts_with(bytes, 0, "\xabKTX 20\xbb")) return RasterKind::kKtx2;
  return RasterKind::kUnknown;
}

Result<RasterShape> raster_shape(std::span<const std::byte> bytes, const std::string& tile) {
  FORGE3D_TRY_ASSIGN(const RasterShape shape, read_shape(raster_kind(bytes), bytes, tile));
  if (shape.width == 0 || shape.height == 0 || shape.width > kMaxRasterExtent ||
      shape.height > kMaxRasterExtent)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: has {} x {} pixels, at most {} a side are read", tile, shape.width,
                            shape.height, kMaxRasterExtent));
  return shape;
}

Result<> decode_raster(std::span<const std::byte> bytes, const RasterShape& shape,
                       const std::string& tile, std::span<std::byte> out) {
  if (shape.kind == RasterKind::kWebp) return decode_webp(bytes, shape, tile, out);
  return shape.kind == RasterKind::kKtx2 ? decode_ktx2(bytes, tile, out)
                                         : decode_rows(bytes, tile, out);
}

}  // namespace forge3d::tiles
