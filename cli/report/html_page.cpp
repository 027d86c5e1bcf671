// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/report/html_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "cli/report/flight_plots.hpp"
#include "cli/report/page_script.hpp"
#include "forge3d/report.hpp"

namespace forge3d::cli {
namespace {

using report::card;
using report::escape_html;
using report::grouped;
using report::png_uri;

double mebibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(kMebibyte);
}

std::string percent(double share) { return fmt::format("{:.2f} %", share * 100); }

/// The figure is capped: only the largest error tells equal pictures from nearly equal ones.
std::string decibels(double psnr_db, double max_error) {
  if (max_error == 0) return "identical";
  return psnr_db >= 99 ? "over 99 dB" : fmt::format("{:.2f} dB", psnr_db);
}

std::string budget_cards(const FlightRecord& record, const FlightFigures& figures) {
  return card(fmt::format("{:.1f} MiB", mebibytes(record.peak_total_bytes)),
              fmt::format("peak of all device memory, limit {:.0f} MiB",
                          mebibytes(record.limits.total_bytes))) +
         card(fmt::format("{:.1f} MiB", mebibytes(record.peak_host_visible_bytes)),
              fmt::format("peak host-visible, limit {:.0f} MiB",
                          mebibytes(record.limits.host_visible_bytes))) +
         card(std::to_string(figures.budget_violations), "frames above a limit",
              figures.budget_violations > 0);
}

std::string sharpness_cards(const FlightRecord& record, const FlightFigures& figures) {
  std::string html =
      card(percent(figures.exact_area), "of the picture as sharp as wanted, mean over the flight") +
      card(fmt::format("{:.3f}", figures.mip_deficit), "mip levels missing, mean") +
      card(percent(figures.cache_hit_rate), "of wanted pages were resident");
  if (!record.verified.empty())
    html += card(decibels(figures.worst_psnr_db, figures.worst_max_error),
                 fmt::format("worst stop against all texels resident; largest error {:.0f} of 255",
                             figures.worst_max_error));
  return html;
}

std::string time_cards(const FlightRecord& record, const FlightFigures& figures) {
  std::string html =
      card(fmt::format("{:.2f} / {:.2f} ms", figures.update_p50_ms, figures.update_p99_ms),
           "streaming update, p50 / p99") +
      card(fmt::format("{:.0f} / {:.0f} frames", record.request_to_visible_p50,
                       record.request_to_visible_p99),
           "from first wanted to visible, p50 / p99") +
      card(fmt::format("{} / {}", grouped(record.tiles_loaded), grouped(record.tiles_evicted)),
           "tiles loaded / evicted");
  if (figures.rendered > 0)
    html += card(fmt::format("{:.1f} / {:.1f} ms", figures.render_p50_ms, figures.render_p99_ms),
                 "render, p50 / p99");
  if (record.tiles_failed > 0)
    html += card(grouped(record.tiles_failed), "tiles failed to load", true);
  if (record.validation)
    html += card(grouped(record.validation_messages), "validation messages",
                 record.validation_messages > 0);
  return html;
}

std::string lead(const FlightRecord& record) {
  const FlightRecord::Source& s = record.source;
  return fmt::format(
      "<h1>{} streamed in {:.0f} MiB</h1>\n<p class='lead'>A {} &times; {} texel picture, {} "
      "levels, "
      "{} tiles of {} &times; {} texels ({}): {:.0f} MiB with everything resident. "
      "Camera path &ldquo;{}&rdquo;, {} frames of {} &times; {} on {}.</p>\n",
      escape_html(s.name), mebibytes(record.limits.total_bytes), grouped(s.width),
      grouped(s.height), s.levels, grouped(s.pages), s.page_texels, s.page_texels,
      escape_html(s.format), mebibytes(s.plain_bytes), escape_html(record.camera),
      record.frames.size(), record.width, record.height, escape_html(record.device));
}

std::string frame_caption(const FlightRecord& record, const KeptFrame& kept) {
  std::string text = fmt::format("frame {}{}", kept.frame, kept.stop ? " (stop)" : "");
  if (kept.frame >= record.frames.size()) return text;
  const FrameRecord& frame = record.frames[kept.frame];
  return text +
         fmt::format(": {} sharp, {} of {} wanted pages missing, bias {:.2f}, {:.1f} MiB held",
                     percent(frame.exact_area), frame.missing, frame.wanted, frame.mip_bias,
                     mebibytes(frame.total_bytes));
}

std::string frames_section(const FlightRecord& record) {
  if (record.kept.empty()) return {};
  std::string strip;
  for (const KeptFrame& kept : record.kept)
    strip += fmt::format(
        "<button data-caption='{0}' aria-label='{0}'><img src='{1}' alt=''>{2}{3}</button>",
        escape_html(frame_caption(record, kept)), png_uri(kept.png), kept.frame,
        kept.stop ? " &middot; stop" : "");
  return fmt::format(
      "<h2>Frames</h2>\n<figure><img id='frame' alt=''>"
      "<input id='slider' type='range' min='0' max='{0}' value='{0}' aria-label='frame'>"
      "<figcaption id='caption'></figcaption><div class='strip'>{1}</div></figure>\n",
      record.kept.size() - 1, strip);
}

std::string verify_row(const VerifiedStop& stop) {
  return fmt::format(
      "<tr><td class='n'>{}</td><td class='n'>{}</td><td class='n'>{:.0f}</td><td class='n'>{}</td>"
      "<td class='n'>{}</td><td class='n'>{:.2f}</td></tr>",
      stop.frame, decibels(stop.psnr_db, stop.max_error), stop.max_error, percent(stop.exact_area),
      stop.missing, stop.mip_bias);
}

std::string verify_pair(const VerifiedStop& stop) {
  if (stop.streamed_png.empty() || stop.reference_png.empty()) return {};
  const auto picture = [](std::string_view label, const std::vector<std::byte>& png) {
    return fmt::format("<figure><figcaption>{0}</figcaption><img src='{1}' alt='{0}'></figure>",
                       label, png_uri(png));
  };
  return fmt::format(
      "<div class='stopbox'><p class='soft'>Stop at frame {}: {}, largest error {:.0f} "
      "of 255</p><div class='pair'>{}{}</div></div>\n",
      stop.frame, decibels(stop.psnr_db, stop.max_error), stop.max_error,
      picture("streamed", stop.streamed_png), picture("all texels resident", stop.reference_png));
}

std::string verify_section(const FlightRecord& record) {
  if (record.verified.empty()) return {};
  std::string rows, pairs;
  for (const VerifiedStop& stop : record.verified) {
    rows += verify_row(stop);
    pairs += verify_pair(stop);
  }
  return fmt::format(
      "<h2>Held against the whole texture</h2>\n<p>After the flight the camera went back to each "
      "stop, "
      "waited until no wanted page was missing, and the picture was compared with the same view of "
      "the texture with every texel resident, rendered by the {}.</p>\n"
      "<div class='scroll'><table><tr><th class='n'>frame</th><th class='n'>PSNR (RGB)</th>"
      "<th class='n'>largest error</th><th class='n'>sharp area</th><th class='n'>missing</th>"
      "<th class='n'>mip bias</th></tr>{}</table></div><br>\n{}",
      record.verify_method == "device" ? "device" : "CPU", rows, pairs);
}

std::string atlas_section(const FlightRecord& record) {
  if (record.atlas.empty()) return {};
  const std::string caption = fmt::format(
      "<b>{} slots at the end of the flight</b> <small>{:.1f} MiB; each square is one "
      "page, coloured by mip level</small>",
      grouped(record.atlas.size()), mebibytes(record.atlas_bytes));
  return "<h2>The atlas</h2>\n" + report::atlas_figure(caption, record.atlas);
}

std::string errors_section(const FlightRecord& record) {
  if (record.errors.empty()) return {};
  std::string lines;
  for (const std::string& error : record.errors) lines += escape_html(error) + "\n";
  return "<h2>Tiles that failed</h2>\n<pre>" + lines + "</pre>\n";
}

std::string machine_section(const FlightRecord& record) {
  const auto row = [](std::string_view name, const std::string& value) {
    return fmt::format("<tr><th>{}</th><td>{}</td></tr>", name, escape_html(value));
  };
  const std::string pace = record.fps > 0 ? fmt::format("at most {:g} frames a second", record.fps)
                                          : "as fast as it goes";
  return "<h2>How it was run</h2>\n<div class='scroll'><table>" +
         row("Device", record.device + " (" + record.device_kind + ")") +
         row("Driver", record.driver) + row("Machine", record.machine) +
         row("Archive", fmt::format("{:.1f} MiB", mebibytes(record.source.archive_bytes))) +
         row("Atlas", fmt::format("{:.1f} MiB, {} slots", mebibytes(record.atlas_bytes),
                                  grouped(record.atlas.size()))) +
         row("Pace", fmt::format("{}; {:.1f} s in all", pace, record.wall_s)) +
         "</table></div><br>\n<pre>" + escape_html(record.command_line) + "</pre>\n";
}

}  // namespace

std::string html_page(const FlightRecord& record) {
  const FlightFigures figures = figures_of(record);
  std::string html = lead(record);
  html += "<div class='cards'>" + budget_cards(record, figures) + sharpness_cards(record, figures) +
          time_cards(record, figures) + "</div>\n";
  html += frames_section(record) + verify_section(record);
  html += "<h2>Over the flight</h2>\n" + flight_plots(record);
  html += atlas_section(record) + errors_section(record) + machine_section(record);
  return report::page("forge3d: " + record.source.name, html, kPageScript);
}

}  // namespace forge3d::cli
