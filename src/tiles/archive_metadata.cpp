// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/archive_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

namespace forge3d::tiles {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMetadataVersion = 1;

tl::unexpected<Error> bad(const std::string& file, std::string_view key, std::string_view rule) {
  return fail(ErrorCode::kInvalidFile, fmt::format("{}: metadata: {} {}", file, key, rule));
}

Result<std::uint32_t> number(const Json& object, const char* key, const std::string& file) {
  const auto found = object.find(key);
  const std::string name = fmt::format("forge3d.{}", key);
  if (found == object.end()) return bad(file, name, "is missing");
  if (!found->is_number_unsigned()) return bad(file, name, "must be a whole number of 0 or more");
  const auto value = found->get<std::uint64_t>();
  if (value > ~std::uint32_t{0}) return bad(file, name, "is over 32 bits");
  return static_cast<std::uint32_t>(value);
}

Result<Format> format_of(const Json& object, const std::string& file) {
  const auto found = object.find("format");
  if (found == object.end() || !found->is_string())
    return bad(file, "forge3d.format", "must be the name of a format");
  const auto& name = found->get_ref<const std::string&>();
  const auto format = format_from_name(name);
  if (!format)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: metadata: forge3d.format '{}' is not known", file, name));
  return *format;
}

Result<Json> forge3d_object(const std::string& json, const std::string& file) {
  const Json document = Json::parse(json, nullptr, false);
  if (!document.is_object()) return bad(file, "the document", "must be a JSON object");
  const auto found = document.find("forge3d");
  if (found == document.end())
    return fail(
        ErrorCode::kNotSupported,
        file + ": the archive was not made by forge3d: no 'forge3d' object in its metadata");
  if (!found->is_object()) return bad(file, "forge3d", "must be an object");
  return *found;
}

}  // namespace

std::uint8_t archive_max_zoom(const TilePyramid& pyramid) {
  const std::uint32_t pages = std::max(pyramid.pages_x(0), pyramid.pages_y(0));
  return static_cast<std::uint8_t>(std::bit_width(pages - 1));
}

std::uint64_t archive_tile_id(const TilePyramid& pyramid, TileAddress address) {
  return pmtiles_tile_id(archive_max_zoom(pyramid) - address.level, address.x, address.y);
}

std::string make_archive_metadata(const TilePyramid& pyramid, const std::string& name,
                                  int zstd_level) {
  const Json document{{"name", name},
                      {"type", "baselayer"},
                      {"format", "ktx2"},
                      {"generator", "forge3d"},
                      {"forge3d",
                       {{"version", kMetadataVersion},
                        {"width", pyramid.width},
                        {"height", pyramid.height},
                        {"page_texels", pyramid.page_texels},
                        {"border_texels", pyramid.border_texels},
                        {"format", format_info(pyramid.format)->name},
                        {"levels", pyramid.levels},
                        {"zstd", zstd_level}}}};
  return document.dump(-1, ' ', true, Json::error_handler_t::replace);
}

bool is_forge3d_metadata(const std::string& json) {
  const Json document = Json::parse(json, nullptr, false);
  return document.is_object() && document.contains("forge3d");
}

Result<TilePyramid> parse_archive_metadata(const std::string& json, const std::string& file) {
  FORGE3D_TRY_ASSIGN(const Json object, forge3d_object(json, file));
  FORGE3D_TRY_ASSIGN(const std::uint32_t version, number(object, "version", file));
  if (version != kMetadataVersion)
    return fail(ErrorCode::kNotSupported,
                fmt::format("{}: metadata: forge3d.version {} is not 1", file, version));
  FORGE3D_TRY_ASSIGN(const std::uint32_t width, number(object, "width", file));
  FORGE3D_TRY_ASSIGN(const std::uint32_t height, number(object, "height", file));
  FORGE3D_TRY_ASSIGN(const std::uint32_t page_texels, number(object, "page_texels", file));
  FORGE3D_TRY_ASSIGN(const std::uint32_t border_texels, number(object, "border_texels", file));
  FORGE3D_TRY_ASSIGN(const std::uint32_t levels, number(object, "levels", file));
  FORGE3D_TRY_ASSIGN(const Format format, format_of(object, file));
  auto pyramid = make_tile_pyramid(width, height, format, page_texels, border_texels);
  if (!pyramid) return bad(file, "forge3d:", pyramid.error().message);
  if (pyramid->levels != levels)
    return bad(file, "forge3d.levels", fmt::format("is {}, must be {}", levels, pyramid->levels));
  return *pyramid;
}

std::uint64_t max_stored_tile_bytes(const TilePyramid& pyramid) {
  return pyramid.tile_bytes() * 2 + (std::uint64_t{64} << 10);
}

Ktx2Limits tile_limits(const TilePyramid& pyramid) {
  Ktx2Limits limits;
  limits.max_extent = pyramid.tile_texels();
  limits.max_layers = 1;
  limits.max_level_bytes = max_stored_tile_bytes(pyramid);  // zstd may grow a tile a little
  return limits;
}

Result<> check_tile_shape(const Ktx2Info& info, const TilePyramid& pyramid,
                          const std::string& tile) {
  const std::uint32_t side = pyramid.tile_texels();
  if (info.format != pyramid.format)
    return fail(ErrorCode::kInvalidFile,
                fmt::format("{}: its format is {}, the archive's {}", tile, info.vk_format,
                            static_cast<std::uint32_t>(pyramid.format)));
  if (info.width != side || info.height != side)
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: its extent is {} x {}, must be {} x {}",
                                                     tile, info.width, info.height, side, side));
  if (info.depth != 1 || info.layers != 1 || info.faces != 1 || info.levels != 1 ||
      info.level_index.size() != 1 || info.level_index[0].bytes != pyramid.tile_bytes())
    return fail(ErrorCode::kInvalidFile, tile + ": must be one 2D level without layers and faces");
  return {};
}

}  // namespace forge3d::tiles
