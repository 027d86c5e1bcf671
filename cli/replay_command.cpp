// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d replay: plays a log of requests and releases against the pool.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "cli/device_options.hpp"
#include "cli/files.hpp"
#include "cli/progress.hpp"
#include "cli/replay/pool_player.hpp"
#include "cli/session.hpp"
#include "forge3d/byte_source.hpp"
#include "forge3d/report.hpp"

namespace forge3d::cli {
namespace {

constexpr std::uint64_t kMaxLogBytes = std::uint64_t{1} << 30;

struct ReplayOptions {
  DeviceOptions device;
  std::string log, picture, dump, events;
  std::uint64_t budget_mib = 512, block_mib = 0, upkeep_every = 0, capacity_bytes = 0;
  bool pinned = false, verify = false, defragment = false;
};

/// All that one replay found.
struct Replay {
  std::string device;
  PoolTrace trace;
  PoolPlayResult played;
  PoolStats stats;
  std::optional<PoolMoves> defragmented;
};

Result<std::string> read_log(const std::string& path) {
  FORGE3D_TRY_ASSIGN(const std::shared_ptr<ByteSource> source, open_file_source(path));
  if (source->size_bytes() > kMaxLogBytes)
    return fail(ErrorCode::kInvalidFile, fmt::format("{}: {} bytes, at most {} are read", path,
                                                     source->size_bytes(), kMaxLogBytes));
  std::string text(static_cast<std::size_t>(source->size_bytes()), '\0');
  FORGE3D_TRY(source->read(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
  return text;
}

Result<> write_picture(const ReplayOptions& options, const MemoryPool& pool, const char* moment) {
  if (options.picture.empty()) return {};
  FORGE3D_TRY_ASSIGN(const std::string dump, pool.dump_json());
  const PoolStats stats = pool.stats();
  const std::string title = fmt::format(
      "{} defragmentation: {} blocks, {} in {} allocations, {} free, largest hole {}", moment,
      stats.block_count, human_bytes(stats.used_bytes), stats.active_allocations,
      human_bytes(stats.free_bytes), human_bytes(stats.largest_free_block_bytes));
  return write_file(fmt::format("{}-{}.svg", options.picture, moment),
                    report::heap_map_svg(title, report::heap_blocks(dump)));
}

Result<> write_reports(const ReplayOptions& options, const MemoryPool& pool) {
  if (!options.dump.empty()) {
    FORGE3D_TRY_ASSIGN(const std::string dump, pool.dump_json());
    FORGE3D_TRY(write_file(options.dump, dump));
  }
  if (options.events.empty()) return {};
  FORGE3D_TRY_ASSIGN(const std::string events, pool.events_csv());
  return write_file(options.events, events);
}

MemoryPoolDesc pool_desc(const ReplayOptions& options, std::size_t steps) {
  MemoryPoolDesc desc;
  desc.memory = options.verify ? MemoryUse::kUpload : MemoryUse::kDevice;
  desc.block_bytes = options.block_mib * kMebibyte;
  desc.max_bytes = options.capacity_bytes;
  if (options.capacity_bytes > 0 && options.block_mib == 0)
    desc.block_bytes = options.capacity_bytes;
  desc.event_limit = options.events.empty() ? 0 : 16 * (steps + 1);
  desc.debug_name = "replay";
  return desc;
}

Result<Replay> replay(const ReplayOptions& options, const Output& output) {
  FORGE3D_TRY_ASSIGN(const std::string text, read_log(options.log));
  Replay result;
  FORGE3D_TRY_ASSIGN(result.trace, parse_pool_trace(text));
  const std::uint64_t budget_bytes = options.budget_mib * kMebibyte;
  FORGE3D_TRY_ASSIGN(const auto device, Device::create(make_device_desc(
                                            options.device, {budget_bytes, budget_bytes}, output)));
  result.device = device->info().name;
  const std::size_t steps = result.trace.steps.size();
  FORGE3D_TRY_ASSIGN(const auto pool, MemoryPool::create(device, pool_desc(options, steps)));
  const std::uint64_t capacity_bytes =
      options.capacity_bytes > 0 ? std::min(options.capacity_bytes, budget_bytes) : budget_bytes;
  PoolPlayer player(pool, {!options.pinned, options.verify, options.upkeep_every, capacity_bytes});
  Progress progress("replay", output);
  FORGE3D_TRY_ASSIGN(result.played, player.play(result.trace, [&](std::size_t done) {
    progress.update(done, steps);
  }));
  result.stats = pool->stats(true);
  FORGE3D_TRY(write_picture(options, *pool, "before"));
  if (options.defragment) {
    FORGE3D_TRY_ASSIGN(result.defragmented, pool->defragment());
    FORGE3D_TRY(write_picture(options, *pool, "after"));
  }
  if (options.verify) FORGE3D_TRY(player.check_all(result.played));
  FORGE3D_TRY(write_reports(options, *pool));
  if (result.played.damaged_blocks == 0) return result;
  return fail(ErrorCode::kInternal,
              fmt::format("{} of {} blocks lost their bytes", result.played.damaged_blocks,
                          result.played.checked_blocks));
}

Json replay_json(const ReplayOptions& options, const Replay& replay) {
  const PoolPlayResult& played = replay.played;
  const bool is_log = replay.trace.form == PoolTrace::Form::kEventLog;
  const auto operations = static_cast<double>(played.requests + played.frees);
  Json object{
      {"file", options.log},
      {"form", is_log ? "events" : "minimalloc"},
      {"device", replay.device},
      {"requests", played.requests},
      {"frees", played.frees},
      {"refusals", played.refusals},
      {"fill_peak", played.fill_peak},
      {"fill_first_refusal", played.refusals > 0 ? Json(played.fill_first_refusal) : Json(nullptr)},
      {"peak_asked_bytes", replay.trace.peak_live_bytes},
      {"moves", replay.stats.moves},
      {"moved_bytes", replay.stats.moved_bytes},
      {"requests_moved_for", replay.stats.requests_moved_for},
      {"device_allocations", replay.stats.device_allocations},
      {"block_bytes", replay.stats.block_bytes},
      {"fragmentation", replay.stats.fragmentation_ratio},
      {"time_ms", played.seconds * 1e3},
      {"ns_per_operation", operations > 0 ? played.seconds * 1e9 / operations : 0},
      {"upkeep_ms", played.upkeep_seconds * 1e3}};
  if (options.verify)
    object["verify"] = {{"checked", played.checked_blocks}, {"damaged", played.damaged_blocks}};
  if (const auto& moves = replay.defragmented)
    object["defragment"] = {{"blocks_moved", moves->blocks_moved},
                            {"bytes_compacted", moves->bytes_compacted},
                            {"time_ms", moves->time_ms},
                            {"fragmentation_before", moves->fragmentation_before},
                            {"fragmentation_after", moves->fragmentation_after},
                            {"blocks_released", moves->blocks_released}};
  return object;
}

std::string replay_text(const ReplayOptions& options, const Replay& replay) {
  const PoolPlayResult& played = replay.played;
  std::string text =
      fmt::format("{}: {} requests, {} frees, {} refused\n  fill: {:.1f} % at most", options.log,
                  played.requests, played.frees, played.refusals, 100 * played.fill_peak);
  if (played.refusals > 0)
    text += fmt::format(", {:.1f} % at the first refusal", 100 * played.fill_first_refusal);
  text += fmt::format("\n  moved: {} blocks, {}, for {} requests\n  time: {:.2f} ms\n",
                      replay.stats.moves, human_bytes(replay.stats.moved_bytes),
                      replay.stats.requests_moved_for, played.seconds * 1e3);
  if (options.verify)
    text += fmt::format("  {} blocks checked, all intact\n", played.checked_blocks);
  if (const auto& moves = replay.defragmented)
    text += fmt::format(
        "  defragmentation: {} blocks, {}, {:.1f} ms, fragmentation {:.3f} to {:.3f}, "
        "{} blocks given back\n",
        moves->blocks_moved, human_bytes(moves->bytes_compacted), moves->time_ms,
        moves->fragmentation_before, moves->fragmentation_after, moves->blocks_released);
  return text;
}

ExitCode run_replay(const ReplayOptions& options, const Output& output) {
  const auto result = replay(options, output);
  if (!result) return output.fail(result.error(), {options.log});
  return output.print(replay_json(options, *result), replay_text(options, *result));
}

}  // namespace

void add_replay_command(Session& session) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App& command =
      session.add_command("replay", "Play a log of requests and releases against the memory pool",
                          [options](const Output& output) { return run_replay(*options, output); });
  command
      .add_option("LOG", options->log,
                  "CSV: a pool's event log, or id,lower,upper,size as minimalloc reads it")
      ->required();
  command.add_option("--budget-mb", options->budget_mib, "All device memory, in MiB")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 24));
  command
      .add_option("--block-mb", options->block_mib, "Size of the pool's blocks, in MiB (chosen)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 14));
  command
      .add_option("--capacity", options->capacity_bytes,
                  "Bytes that the pool may hold, in one block unless --block-mb is given")
      ->check(CLI::Range(std::uint64_t{16}, std::uint64_t{1} << 34));
  command.add_option("--upkeep", options->upkeep_every, "A slice of upkeep after so many steps");
  command.add_flag("--pinned", options->pinned, "Nothing may move");
  command.add_flag("--verify", options->verify,
                   "Fill the blocks (of mapped memory) and look at their bytes");
  command.add_flag("--defragment", options->defragment, "Compact to completion at the end");
  command.add_option("--picture", options->picture,
                     "Draw the heap at the end: PREFIX-before.svg, and PREFIX-after.svg with "
                     "--defragment");
  command.add_option("--dump", options->dump, "Write the heap as JSON for VMA's GpuMemDumpVis");
  command.add_option("--events", options->events, "Write the pool's own event log");
  add_device_options(command, options->device);
}

}  // namespace forge3d::cli
