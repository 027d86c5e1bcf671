// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d stream: flies over a streamed texture under a budget, measures, and writes a report.

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/device_options.hpp"
#include "cli/files.hpp"
#include "cli/flight.hpp"
#include "cli/flight_source.hpp"
#include "cli/progress.hpp"
#include "cli/report/html_page.hpp"
#include "cli/session.hpp"

namespace forge3d::cli {
namespace {

struct StreamOptions {
  DeviceOptions device;
  std::string source, out, cache_dir;
  std::string size = "1280x720", camera = "fly", render = "auto", format = "bc7", quality = "fast";
  std::uint64_t budget_mib = 512;
  std::uint32_t frames = 600, keep = 12, threads = 0;
  double fps = 60;
  float anisotropy = 8;
  bool verify = false, no_pace = false, deterministic = false;
  std::uint64_t tile_cache_mib = 0;
  std::string command_line;
};

Result<std::pair<std::uint32_t, std::uint32_t>> parse_size(const std::string& text) {
  unsigned width = 0, height = 0;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%5ux%5u%c", &width, &height, &rest);
  if (read == 2 && width > 0 && height > 0 && text.find_first_of("+- ") == std::string::npos)
    return std::pair{width, height};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--size {}: must be WIDTHxHEIGHT in pixels, such as 1280x720", text));
}

/// Archives of pictures live beside the report, so that the report's folder holds the report alone.
std::filesystem::path cache_folder(const StreamOptions& options) {
  if (!options.cache_dir.empty()) return options.cache_dir;
  if (options.out.empty()) return std::filesystem::temp_directory_path() / "forge3d-cache";
  std::filesystem::path out = std::filesystem::absolute(options.out).lexically_normal();
  if (!out.has_filename()) out = out.parent_path();
  return out.parent_path();
}

Result<FlightOptions> flight_options(const StreamOptions& options, const Output& output) {
  FORGE3D_TRY_ASSIGN(const auto size, parse_size(options.size));
  const std::uint64_t budget_bytes = options.budget_mib * kMebibyte;
  FlightOptions flight;
  flight.device = make_device_desc(options.device, {budget_bytes, budget_bytes}, output);
  flight.width = size.first;
  flight.height = size.second;
  flight.camera = options.camera;
  flight.frames = options.frames;
  flight.fps = options.no_pace ? 0 : options.fps;
  flight.render = options.render == "all"    ? RenderPolicy::kAll
                  : options.render == "kept" ? RenderPolicy::kKept
                                             : RenderPolicy::kAuto;
  flight.keep = options.keep;
  flight.keep_pictures = !options.out.empty();
  flight.max_anisotropy = options.anisotropy;
  flight.worker_threads = options.threads;
  flight.tile_cache_bytes = options.tile_cache_mib * kMebibyte;
  flight.deterministic = options.deterministic;
  if (!options.out.empty()) flight.pictures_folder = std::filesystem::path(options.out) / "frames";
  return flight;
}

Result<> write_report(const FlightRecord& record, const std::filesystem::path& folder) {
  return write_file(folder / "index.html", html_page(record));
}

Result<FlightRecord> stream(const StreamOptions& options, const Output& output) {
  FORGE3D_TRY_ASSIGN(FlightOptions flight_desc, flight_options(options, output));
  const FlightSourceOptions source_options{.path = options.source,
                                           .cache_folder = cache_folder(options),
                                           .format = options.format,
                                           .quality = options.quality,
                                           .threads = options.threads};
  FORGE3D_TRY_ASSIGN(const FlightSource source, open_flight_source(source_options, output));
  if (!options.out.empty()) FORGE3D_TRY(make_folder(flight_desc.pictures_folder));
  Progress progress("flying", output);
  flight_desc.progress = [&](std::uint32_t done, std::uint32_t total) {
    progress.update(done, total);
  };
  FORGE3D_TRY_ASSIGN(const auto flight, Flight::open(source.tiles, std::move(flight_desc)));
  FORGE3D_TRY(flight->fly());
  if (options.verify) FORGE3D_TRY(flight->verify());
  FlightRecord record = flight->take_record();
  record.command_line = options.command_line;
  record.source.name = std::filesystem::path(options.source).filename().string();
  record.source.archive_bytes = file_bytes(source.archive);
  if (!options.out.empty()) FORGE3D_TRY(write_report(record, options.out));
  return record;
}

Json categories_json(const FlightRecord& record) {
  Json categories = Json::object();
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i)
    categories[std::string(to_string(static_cast<MemoryCategory>(i)))] =
        record.peak_by_category_bytes[i];
  return categories;
}

Json verify_json(const FlightRecord& record, const FlightFigures& figures) {
  return {{"psnr_db", figures.worst_psnr_db},
          {"max_error", figures.worst_max_error},
          {"stops", record.verified.size()},
          {"method", record.verify_method}};
}

Json flight_json(const FlightRecord& record) {
  const FlightFigures figures = figures_of(record);
  Json object{
      {"frames", record.frames.size()},
      {"tiles_requested", record.tiles_requested},
      {"tiles_loaded", record.tiles_loaded},
      {"tiles_evicted", record.tiles_evicted},
      {"tiles_failed", record.tiles_failed},
      {"cache_hit_rate", figures.cache_hit_rate},
      {"exact_area", figures.exact_area},
      {"mip_deficit", figures.mip_deficit},
      {"update_ms", {{"p50", figures.update_p50_ms}, {"p99", figures.update_p99_ms}}},
      {"request_to_visible_frames",
       {{"p50", record.request_to_visible_p50},
        {"p95", record.request_to_visible_p95},
        {"p99", record.request_to_visible_p99}}},
      {"request_to_visible_ms",
       {{"p50", record.request_to_visible_ms_p50}, {"p99", record.request_to_visible_ms_p99}}},
      {"holes", record.holes},
      {"tiles_rescued", record.tiles_rescued},
      {"tiles_prefetched", record.tiles_prefetched},
      {"bytes_wasted", record.bytes_wasted},
      {"tile_cache", {{"hits", record.tile_cache_hits}, {"misses", record.tile_cache_misses}}},
      {"page_table_bytes", record.page_table_bytes},
      {"decisions", fmt::format("{:016x}", record.decisions_hash)},
      {"bytes",
       {{"peak_host_visible", record.peak_host_visible_bytes},
        {"peak_total", record.peak_total_bytes},
        {"by_category", categories_json(record)}}},
      {"budget_violations", figures.budget_violations},
      {"budget_bytes", record.limits.total_bytes},
      {"render_ms", {{"p50", figures.render_p50_ms}, {"p99", figures.render_p99_ms}}},
      {"frames_rendered", figures.rendered},
      {"wall_s", record.wall_s},
      {"device", record.device},
      {"size", fmt::format("{}x{}", record.width, record.height)},
      {"camera", record.camera},
      {"validation_messages", record.validation_messages},
      {"errors", record.errors}};
  object["verify"] = record.verified.empty() ? Json(nullptr) : verify_json(record, figures);
  return object;
}

std::string plain_text(const FlightRecord& record, const std::string& out) {
  const FlightFigures figures = figures_of(record);
  std::string text = fmt::format(
      "{} frames over {} x {} texels on {}\n"
      "  memory      peak {} of {}, host-visible {}, {} frames above a limit\n"
      "  sharpness   {:.2f} % exact, {:.3f} levels missing, {:.2f} % cache hits\n"
      "  tiles       {} requested, {} loaded, {} evicted, {} failed, {} holes\n"
      "  update      p50 {:.2f} ms, p99 {:.2f} ms; visible after p50 {:.0f}, p99 {:.0f} frames\n",
      record.frames.size(), record.source.width, record.source.height, record.device,
      human_bytes(record.peak_total_bytes), human_bytes(record.limits.total_bytes),
      human_bytes(record.peak_host_visible_bytes), figures.budget_violations,
      figures.exact_area * 100, figures.mip_deficit, figures.cache_hit_rate * 100,
      record.tiles_requested, record.tiles_loaded, record.tiles_evicted, record.tiles_failed,
      record.holes, figures.update_p50_ms, figures.update_p99_ms, record.request_to_visible_p50,
      record.request_to_visible_p99);
  if (!record.verified.empty())
    text +=
        fmt::format("  verified    {} stops, worst {:.2f} dB, largest error {:.0f} of 255 ({})\n",
                    record.verified.size(), figures.worst_psnr_db, figures.worst_max_error,
                    record.verify_method);
  if (!out.empty())
    text += fmt::format("  report      {}\n", (std::filesystem::path(out) / "index.html").string());
  return text;
}

ExitCode run_stream(const StreamOptions& options, const Output& output) {
  const auto record = stream(options, output);
  if (!record) return output.fail(record.error(), {options.source, options.out});
  const ExitCode printed = output.print(flight_json(*record), plain_text(*record, options.out));
  const bool over = figures_of(*record).budget_violations > 0;
  return printed == ExitCode::kOk && over ? ExitCode::kOverBudget : printed;
}

void add_flight_options(CLI::App& command, StreamOptions& options) {
  command
      .add_option("SOURCE", options.source,
                  "PMTiles, TIFF or KTX2 in place, a PNG or JPEG (tiled first), or procedural:SEED")
      ->required();
  command.add_option("--out", options.out, "Folder for index.html and the kept frames");
  command.add_option("--cache-dir", options.cache_dir,
                     "Folder for the archive of a picture (default: beside --out)");
  command.add_option("--budget-mb", options.budget_mib, "All device memory, in MiB")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 24));
  command.add_option("--size", options.size, "Pixels of a frame")->capture_default_str();
  command
      .add_option("--camera", options.camera, "pan, fly, look, zoom, teleport, map, or a JSON file")
      ->capture_default_str();
  command.add_option("--frames", options.frames, "Length of the flight")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command.add_option("--anisotropy", options.anisotropy, "Largest anisotropy")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 16.0));
  command.add_flag("--verify", options.verify,
                   "Hold every stop against the texture with all texels resident");
}

void add_pace_options(CLI::App& command, StreamOptions& options) {
  command.add_option("--fps", options.fps, "Frames start at least 1/fps seconds apart")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 10'000.0));
  command.add_flag("--no-pace", options.no_pace, "Fly as fast as it goes");
  command.add_flag("--deterministic", options.deterministic,
                   "Wait for every read and frame: equal flights make equal decisions");
  command
      .add_option("--tile-cache-mb", options.tile_cache_mib,
                  "Part of the budget for tiles in host memory, in MiB")
      ->capture_default_str()
      ->check(CLI::Range(0, 1 << 20));
  command.add_option("--keep", options.keep, "Evenly spaced frames to keep, besides all stops")
      ->capture_default_str();
  command
      .add_option(
          "--render", options.render,
          "all frames, only the kept ones, or auto: all on a GPU, kept on a software device")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "all", "kept"}));
  command.add_option("--format", options.format, "Tile format of a picture")->capture_default_str();
  command.add_option("--quality", options.quality, "Encoder quality of a picture")
      ->capture_default_str();
  command
      .add_option("--threads", options.threads,
                  "Threads that read or encode tiles, 0 for one a core")
      ->check(CLI::Range(0, 1024));
}

}  // namespace

void add_stream_command(Session& session) {
  auto options = std::make_shared<StreamOptions>();
  options->command_line = session.command_line();
  CLI::App& command = session.add_command(
      "stream", "Fly over a texture larger than memory, measure it, and write a report",
      [options](const Output& output) { return run_stream(*options, output); });
  add_flight_options(command, *options);
  add_pace_options(command, *options);
  add_device_options(command, options->device);
}

}  // namespace forge3d::cli
