// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "system/system_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "forge3d/report.hpp"

namespace forge3d::system {
namespace {

using report::card;
using report::escape_html;
using report::grouped;

// Values hold between samples, so each is drawn with its step.
constexpr std::size_t kPlotSamples = 600;

double mebibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(kMebibyte);
}

/// Three digits or a few more.
std::string rounded(double value) {
  return fmt::format("{:.{}f}", value, value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

std::string mib(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  if (bytes < kMebibyte / 10) return rounded(static_cast<double>(bytes) / 1024) + " KiB";
  return rounded(mebibytes(bytes)) + " MiB";
}

std::string counted(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", grouped(count), one, count == 1 ? "" : "s");
}

std::string_view format_name(Format format) {
  const FormatInfo* info = format_info(format);
  return info != nullptr ? info->name : std::string_view("picture");
}

/// A table cell with a number, and one with text.
std::string number(std::string_view text) { return fmt::format("<td class='n'>{}</td>", text); }
std::string text(std::string_view value) { return fmt::format("<td>{}</td>", value); }

/// A table; `head` names its columns, those with a leading '#' hold numbers.
std::string table(std::initializer_list<std::string_view> head, const std::string& rows) {
  std::string html = "<div class='scroll'><table><tr>";
  for (const std::string_view name : head)
    html += name.starts_with('#') ? fmt::format("<th class='n'>{}</th>", name.substr(1))
                                  : fmt::format("<th>{}</th>", name);
  return html + "</tr>" + rows + "</table></div>\n";
}

std::string two_columns(std::initializer_list<std::pair<std::string_view, std::string>> rows) {
  std::string html = "<div class='scroll'><table>";
  for (const auto& [name, value] : rows)
    html += fmt::format("<tr><th>{}</th><td>{}</td></tr>", name, value);
  return html + "</table></div>\n";
}

std::string lead(const SystemSnapshot& snapshot) {
  const BudgetStats& ledger = snapshot.stats.budget;
  return fmt::format(
      "<h1>{} in {:.0f} MiB</h1>\n<p class='lead'>{} of {} held on {} ({}, {}), in {} of the "
      "pool, {} and {}.</p>\n",
      escape_html(snapshot.name), mebibytes(ledger.limits.total_bytes), mib(ledger.total_bytes),
      mib(ledger.limits.total_bytes), escape_html(snapshot.device.name),
      escape_html(snapshot.device.driver), to_string(snapshot.device.kind),
      counted(snapshot.stats.pools.active_allocations, "live allocation"),
      counted(snapshot.textures.size(), "texture"),
      counted(snapshot.streaming.size(), "streaming system"));
}

std::string figure_text(const MeasuredFigure& figure, std::string_view unit) {
  if (figure.samples == 0) return "none";
  return fmt::format("{} / {} {}", rounded(figure.p50), rounded(figure.p99), unit);
}

std::string cards(const SystemSnapshot& snapshot) {
  const SystemStats& stats = snapshot.stats;
  const PerformanceMetrics& measured = snapshot.performance;
  std::string html = card(mib(stats.budget.peak_total_bytes),
                          fmt::format("peak of all device memory, limit {:.0f} MiB",
                                      mebibytes(stats.budget.limits.total_bytes))) +
                     card(mib(stats.budget.peak_host_visible_bytes),
                          fmt::format("peak host-visible, limit {:.0f} MiB",
                                      mebibytes(stats.budget.limits.host_visible_bytes))) +
                     card(grouped(stats.budget.refusals), "requests refused by the ledger");
  if (measured.upload_latency_ms.samples > 0)
    html += card(fmt::format("{:.0f} MB/s", measured.upload_bandwidth_mbps),
                 fmt::format("uploaded while uploads were under way, {} in the window",
                             mib(measured.bytes_uploaded)));
  if (measured.allocation_latency_us.samples > 0)
    html +=
        card(figure_text(measured.allocation_latency_us, "&micro;s"), "a pool request, p50 / p99");
  if (measured.streaming_update_ms.samples > 0)
    html += card(figure_text(measured.streaming_update_ms, "ms"), "streaming update, p50 / p99");
  if (stats.compressed.saved_bytes > 0)
    html += card(
        mib(stats.compressed.saved_bytes),
        fmt::format("saved by compression: {} instead of {}", mib(stats.compressed.device_bytes),
                    mib(stats.compressed.uncompressed_bytes)));
  if (stats.virtual_textures.cache_hits + stats.virtual_textures.cache_misses > 0)
    html += card(fmt::format("{:.2f} %", stats.virtual_textures.cache_hit_rate * 100),
                 "of wanted pages were resident");
  return "<div class='cards'>" + html + "</div>\n";
}

/// At most kPlotSamples of the history, the largest total of each stretch, and the last one.
std::vector<const LedgerSample*> drawn_samples(const std::vector<LedgerSample>& history) {
  std::vector<const LedgerSample*> drawn;
  const std::size_t count = std::min(history.size(), kPlotSamples);
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = history.begin() + static_cast<std::ptrdiff_t>(i * history.size() / count);
    const auto last =
        history.begin() + static_cast<std::ptrdiff_t>((i + 1) * history.size() / count);
    const auto smaller = [](const LedgerSample& a, const LedgerSample& b) {
      return a.total_bytes < b.total_bytes;
    };
    drawn.push_back(i + 1 == count ? &history.back() : &*std::max_element(first, last, smaller));
  }
  return drawn;
}

report::PlotDesc plot_over_time(const SystemSnapshot& snapshot,
                                const std::vector<const LedgerSample*>& samples) {
  report::PlotDesc desc{.unit = "MiB", .x_name = "seconds since the system was made"};
  for (const LedgerSample* sample : samples)
    desc.at.push_back(
        (static_cast<double>(sample->time_ns) - static_cast<double>(snapshot.origin_ns)) * 1e-9);
  return desc;
}

std::string category_plot(const SystemSnapshot& snapshot,
                          const std::vector<const LedgerSample*>& samples) {
  report::PlotDesc desc = plot_over_time(snapshot, samples);
  desc.title = "Device memory by category";
  desc.stacked = true;
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i) {
    report::PlotSeries series{.name = std::string(to_string(static_cast<MemoryCategory>(i))),
                              .colour = static_cast<int>(i) + 1};
    for (const LedgerSample* sample : samples)
      series.values.push_back(mebibytes(sample->by_category_bytes[i]));
    if (std::any_of(series.values.begin(), series.values.end(), [](double v) { return v > 0; }))
      desc.series.push_back(std::move(series));
  }
  for (const LedgerSample* sample : samples)
    desc.limits.push_back(mebibytes(sample->limits.total_bytes));
  desc.limit_name =
      fmt::format("budget {:.0f} MiB", mebibytes(snapshot.stats.budget.limits.total_bytes));
  return plot_figure(desc);
}

std::string host_visible_plot(const SystemSnapshot& snapshot,
                              const std::vector<const LedgerSample*>& samples) {
  report::PlotDesc desc = plot_over_time(snapshot, samples);
  desc.title = "Host-visible memory";
  desc.series = {{.name = "host-visible", .colour = 2}};
  for (const LedgerSample* sample : samples) {
    desc.series[0].values.push_back(mebibytes(sample->host_visible_bytes));
    desc.limits.push_back(mebibytes(sample->limits.host_visible_bytes));
  }
  desc.limit_name =
      fmt::format("limit {:.0f} MiB", mebibytes(snapshot.stats.budget.limits.host_visible_bytes));
  return plot_figure(desc);
}

std::string category_table(const BudgetStats& ledger) {
  std::string rows;
  for (std::size_t i = 0; i < kMemoryCategoryCount; ++i) {
    if (ledger.peak_by_category_bytes[i] == 0) continue;
    const double share = ledger.limits.total_bytes == 0
                             ? 0
                             : 100 * static_cast<double>(ledger.by_category_bytes[i]) /
                                   static_cast<double>(ledger.limits.total_bytes);
    rows += "<tr>" +
            text(fmt::format("<i class='key s{}'></i>{}", i + 1,
                             to_string(static_cast<MemoryCategory>(i)))) +
            number(grouped(ledger.by_category_bytes[i])) +
            number(grouped(ledger.peak_by_category_bytes[i])) +
            number(fmt::format("{:.2f} %", share)) + "</tr>";
  }
  rows +=
      "<tr>" + text("<b>total</b>") + number(grouped(ledger.total_bytes)) +
      number(grouped(ledger.peak_total_bytes)) +
      number(fmt::format("{:.2f} %", ledger.limits.total_bytes == 0
                                         ? 0
                                         : 100 * static_cast<double>(ledger.total_bytes) /
                                               static_cast<double>(ledger.limits.total_bytes))) +
      "</tr>";
  return table({"category", "#bytes held", "#peak", "#of the budget"}, rows);
}

std::string measured_row(std::string_view name, const MeasuredFigure& figure,
                         std::string_view unit) {
  std::string row = "<tr>" + text(name) + number(grouped(figure.samples));
  for (const double value : {figure.mean, figure.p50, figure.p99, figure.max})
    row += number(figure.samples == 0 ? std::string("&ndash;") : fmt::format("{:.3f}", value));
  return row + text(unit) + "</tr>";
}

std::string measured_section(const PerformanceMetrics& measured) {
  return fmt::format(
             "<h2>What was measured</h2>\n<p>Over the last {:.1f} s. Of pool requests, "
             "one in 64 is timed.</p>\n",
             measured.window_s) +
         table({"", "#samples", "#mean", "#p50", "#p99", "#max", ""},
               measured_row("upload, submission to completion", measured.upload_latency_ms, "ms") +
                   measured_row("pool request", measured.allocation_latency_us, "&micro;s") +
                   measured_row("texture, read and decoded or encoded", measured.decode_time_ms,
                                "ms") +
                   measured_row("streaming update", measured.streaming_update_ms, "ms"));
}

std::string staging_section(const SystemSnapshot& snapshot) {
  if (!snapshot.stats.has_staging) return {};
  const StagingStats& staging = snapshot.stats.staging;
  std::string segments = "<div class='legend'>";
  for (std::uint32_t i = 0; i < staging.ring_count; ++i)
    segments += fmt::format("<span><i class='key s{}'></i>segment {}: {}{}</span>",
                            i == staging.current_ring_index ? 1 : 9, i, mib(staging.segment_bytes),
                            i == staging.current_ring_index ? ", being filled" : "");
  std::string paths;
  for (std::size_t i = 0; i < kStagingPathCount; ++i)
    if (staging.bytes_by_path[i] > 0)
      paths += fmt::format("{}{} {}", paths.empty() ? "" : ", ",
                           to_string(static_cast<StagingPath>(i)), mib(staging.bytes_by_path[i]));
  return "<h2>Staging</h2>\n<figure><figcaption><b>Upload ring</b></figcaption>" + segments +
         "</div></figure>\n" +
         two_columns(
             {{"Uploaded",
               fmt::format("{} in {} uploads and {} submissions", mib(staging.bytes_uploaded),
                           grouped(staging.uploads), grouped(staging.submits))},
              {"By path", paths.empty() ? std::string("nothing yet") : paths},
              {"Read back", fmt::format("{} in {} readbacks", mib(staging.bytes_read_back),
                                        grouped(staging.readbacks))},
              {"In flight", fmt::format("{}, at most {}", mib(staging.bytes_in_flight),
                                        mib(staging.peak_bytes_in_flight))},
              {"Waits for room", fmt::format("{}, {:.1f} ms in all", grouped(staging.buffer_stalls),
                                             static_cast<double>(staging.stall_ns) * 1e-6)}});
}

std::string pool_section(const SystemSnapshot& snapshot) {
  if (!snapshot.stats.has_pools) return {};
  const PoolStats& pool = snapshot.pool_detail;
  std::string html = "<h2>The pool</h2>\n";
  const auto blocks = report::heap_blocks(snapshot.pool_dump);
  if (!blocks.empty())
    html += report::heap_map_figure(
        fmt::format("<b>{}</b> <small>{}, {} used; each band is a block, by offset</small>",
                    counted(blocks.size(), "block"), mib(pool.block_bytes), mib(pool.used_bytes)),
        blocks);
  return html +
         two_columns(
             {{"Live", fmt::format("{}, {}", counted(pool.active_allocations, "allocation"),
                                   mib(pool.used_bytes))},
              {"Free", fmt::format("{}, largest hole {}", mib(pool.free_bytes),
                                   mib(pool.largest_free_block_bytes))},
              {"Fragmentation", fmt::format("{:.2f} %", pool.fragmentation_ratio * 100)},
              {"Since the beginning",
               fmt::format("{} allocated, {} freed, {} refused", grouped(pool.total_allocated),
                           grouped(pool.total_freed), grouped(pool.refusals))},
              {"Moved",
               fmt::format("{}, {}", counted(pool.moves, "allocation"), mib(pool.moved_bytes))}});
}

std::string texture_row(const SystemTextureInfo& texture) {
  return "<tr>" + text(escape_html(texture.name)) +
         text(fmt::format("{} &times; {}{}", texture.width, texture.height,
                          texture.layers > 1 ? fmt::format(" &times; {}", texture.layers) : "")) +
         number(std::to_string(texture.levels)) + text(format_name(texture.file_format)) +
         text(format_name(texture.format)) + number(mib(texture.device_bytes)) +
         number(fmt::format("{:.2f} : 1", texture.compression_ratio)) +
         number(fmt::format("{:.1f}", texture.decode_ms)) +
         number(texture.psnr_db ? fmt::format("{:.2f}", *texture.psnr_db) : "&ndash;") + "</tr>";
}

std::string texture_section(const SystemSnapshot& snapshot) {
  if (snapshot.textures.empty()) return {};
  std::string rows;
  for (const SystemTextureInfo& texture : snapshot.textures) rows += texture_row(texture);
  return "<h2>Textures</h2>\n" + table({"name", "extent", "#levels", "file", "on the device",
                                        "#held", "#ratio", "#decode ms", "#PSNR dB"},
                                       rows);
}

std::string streaming_section(const StreamingSnapshot& system) {
  std::vector<report::AtlasCell> cells;
  for (const AtlasSlot& slot : system.slots)
    cells.push_back({slot.used, slot.pinned, slot.tile.level});
  const VirtualTextureStats& stats = system.stats;
  std::string html = fmt::format("<h2>Streaming: {}</h2>\n", escape_html(system.name)) +
                     report::atlas_figure(
                         fmt::format("<b>{} slots</b> <small>{}, pages of {} texels, {}; coloured "
                                     "by mip level</small>",
                                     grouped(stats.slots_total), mib(stats.atlas_bytes),
                                     system.page_texels, escape_html(system.format)),
                         cells);
  const double looks = static_cast<double>(stats.cache_hits + stats.cache_misses);
  html += two_columns(
      {{"Frames", grouped(stats.frames)},
       {"Wanted pages resident",
        looks == 0 ? std::string("no update yet")
                   : fmt::format("{:.2f} %", 100 * static_cast<double>(stats.cache_hits) / looks)},
       {"Tiles", fmt::format("{} requested, {} loaded, {} evicted, {} failed",
                             grouped(stats.tiles_requested), grouped(stats.tiles_loaded),
                             grouped(stats.tiles_evicted), grouped(stats.tiles_failed))},
       {"Update",
        fmt::format("{:.3f} / {:.3f} ms, p50 / p99", stats.update_ms_p50, stats.update_ms_p99)},
       {"From wanted to visible",
        fmt::format("{:.0f} / {:.0f} frames, p50 / p99", stats.request_to_visible_p50,
                    stats.request_to_visible_p99)}});
  if (!stats.errors.empty()) {
    html += "<br>\n<pre>";
    for (const std::string& error : stats.errors) html += escape_html(error) + "\n";
    html += "</pre>\n";
  }
  return html;
}

}  // namespace

std::string system_page(const SystemSnapshot& snapshot) {
  const auto samples = drawn_samples(snapshot.history);
  std::string html = lead(snapshot) + cards(snapshot) + "<h2>Memory over time</h2>\n" +
                     category_plot(snapshot, samples) + host_visible_plot(snapshot, samples) +
                     category_table(snapshot.stats.budget) +
                     measured_section(snapshot.performance) + texture_section(snapshot) +
                     pool_section(snapshot);
  for (const StreamingSnapshot& system : snapshot.streaming) html += streaming_section(system);
  html += staging_section(snapshot);
  return report::page("forge3d: " + snapshot.name, html);
}

}  // namespace forge3d::system
