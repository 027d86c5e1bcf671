// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d info: the shape of a KTX2 file, a tile archive, a TIFF, a picture or a computed world.

#include <fmt/format.h>

#include <array>
#include <memory>

#include "cli/files.hpp"
#include "cli/flight_source.hpp"
#include "cli/format_words.hpp"
#include "cli/session.hpp"
#include "forge3d/image.hpp"
#include "forge3d/ktx2.hpp"
#include "forge3d/pmtiles.hpp"
#include "forge3d/tile_sources.hpp"

namespace forge3d::cli {
namespace {

std::string supercompression_name(Supercompression scheme) {
  switch (scheme) {
    case Supercompression::kNone:
      return "none";
    case Supercompression::kBasisLz:
      return "basis_lz";
    case Supercompression::kZstd:
      return "zstd";
    case Supercompression::kZlib:
      return "zlib";
    case Supercompression::kUastcHdr6x6:
      return "uastc_hdr_6x6";
  }
  return "unknown";
}

Json ktx2_levels_json(const Ktx2Info& info) {
  Json levels = Json::array();
  for (std::uint32_t i = 0; i < info.level_index.size(); ++i)
    levels.push_back({{"width", mip_extent(info.width, i)},
                      {"height", mip_extent(info.height, i)},
                      {"offset", info.level_index[i].offset},
                      {"stored_bytes", info.level_index[i].stored_bytes},
                      {"bytes", info.level_index[i].bytes}});
  return levels;
}

Result<Json> ktx2_json(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const Ktx2Reader reader, Ktx2Reader::open(path));
  const Ktx2Info& info = reader.info();
  Json keys = Json::object();
  for (const auto& [key, value] : info.key_values) keys[key] = value.size();
  return Json{{"kind", "ktx2"},
              {"width", info.width},
              {"height", info.height},
              {"depth", info.depth},
              {"layers", info.layers},
              {"faces", info.faces},
              {"levels", info.levels},
              {"is_array", info.is_array},
              {"format", format_name(info.format)},
              {"vk_format", info.vk_format},
              {"basis_model", to_string(info.basis_model)},
              {"supercompression", supercompression_name(info.supercompression)},
              {"file_bytes", file_bytes(path)},
              {"level_index", ktx2_levels_json(info)},
              {"key_value_bytes", std::move(keys)}};
}

std::string compression_name(PmtilesCompression compression) {
  constexpr std::array<std::string_view, 5> kNames{"unknown", "none", "gzip", "brotli", "zstd"};
  const auto index = static_cast<std::size_t>(compression);
  return std::string(index < kNames.size() ? kNames[index] : kNames[0]);
}

Json pyramid_json(const TilePyramid& pyramid) {
  return {{"width", pyramid.width},           {"height", pyramid.height},
          {"levels", pyramid.levels},         {"format", format_name(pyramid.format)},
          {"tile_size", pyramid.page_texels}, {"border", pyramid.border_texels}};
}

/// What streams without a reader of its own here: its kind and pyramid, as `stream` would see it.
Json source_json(std::string_view kind, const TileSource& source) {
  Json object{{"kind", kind}};
  object.update(pyramid_json(source.pyramid()));
  object["pages"] = source.pyramid().page_count();
  return object;
}

Result<Json> tiff_json(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const auto source, open_tile_source(path));
  Json object = source_json("tiff", *source);
  object["file_bytes"] = file_bytes(path);
  return object;
}

Result<Json> pmtiles_json(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const auto reader, PmtilesReader::open(path));
  const PmtilesHeader& header = reader->header();
  Json object{{"kind", "pmtiles"}};
  if (const auto source = open_tile_source(path)) object.update(pyramid_json((*source)->pyramid()));
  object.update({{"min_zoom", header.min_zoom},
                 {"max_zoom", header.max_zoom},
                 {"addressed_tiles", header.addressed_tiles},
                 {"tile_entries", header.tile_entries},
                 {"tile_contents", header.tile_contents},
                 {"clustered", header.clustered},
                 {"internal_compression", compression_name(header.internal_compression)},
                 {"tile_compression", compression_name(header.tile_compression)},
                 {"data_bytes", header.data_bytes},
                 {"file_bytes", file_bytes(path)}});
  object["metadata"] = Json::parse(reader->metadata_json(), nullptr, false);
  if (object["metadata"].is_discarded()) object["metadata"] = nullptr;
  return object;
}

Result<Json> picture_json(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const auto reader, open_image(path));
  const ImageInfo& info = reader->info();
  return Json{{"kind", "picture"},
              {"width", info.width},
              {"height", info.height},
              {"channels", info.channels},
              {"bits", sample_bytes(info.type) * 8},
              {"srgb", info.srgb},
              {"file_bytes", file_bytes(path)}};
}

Result<Json> info_json(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const auto procedural, open_procedural(path));
  if (procedural) return source_json("procedural", **procedural);
  FORGE3D_TRY_ASSIGN(const FileKind kind, detect_file_kind(path));
  if (kind == FileKind::kKtx2) return ktx2_json(path);
  if (kind == FileKind::kPmtiles) return pmtiles_json(path);
  if (kind == FileKind::kTiff) return tiff_json(path);
  return picture_json(path);
}

std::string plain_text(const std::string& path, const Json& object) {
  std::string text = path + "\n";
  for (const auto& [key, value] : object.items())
    text += fmt::format("  {:<22}{}\n", key,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

ExitCode run_info(const std::string& path, const Output& output) {
  const auto object = info_json(path);
  if (!object) return output.fail(object.error(), {path});
  return output.print(*object, plain_text(path, *object));
}

}  // namespace

void add_info_command(Session& session) {
  auto path = std::make_shared<std::string>();
  CLI::App& command =
      session.add_command("info", "Show the shape of a KTX2 file, a tile archive or a picture",
                          [path](const Output& output) { return run_info(*path, output); });
  command.add_option("FILE", *path, "KTX2, PMTiles, TIFF, PNG or JPEG file, or procedural:SEED")
      ->required();
}

}  // namespace forge3d::cli
