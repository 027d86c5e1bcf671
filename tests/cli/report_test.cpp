// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "cli/report/flight_record.hpp"
#include "cli/report/html_page.hpp"

namespace forge3d::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A 1 x 1 PNG: enough for a browser to draw.
std::vector<std::byte> tiny_png() {
  constexpr unsigned char kPng[] = {
      0x89, 'P', 'N',  'G',  0x0d, 0x0a, 0x1a, 0x0a, 0,    0,    0,    0x0d, 'I',
      'H',  'D', 'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    2,
      0,    0,   0,    0x90, 0x77, 0x53, 0xde, 0,    0,    0,    0x0c, 'I',  'D',
      'A',  'T', 0x08, 0xd7, 0x63, 0x60, 0xa8, 0xaf, 0x07, 0,    0x01, 0xb3, 0x01,
      0x30, 0,   0,    0,    0,    'I',  'E',  'N',  'D',  0xae, 0x42, 0x60, 0x82};
  const auto span = std::as_bytes(std::span(kPng));
  return {span.begin(), span.end()};
}

FrameRecord made_frame(std::uint32_t i) {
  FrameRecord frame;
  const double t = i / 240.0;
  frame.by_category_bytes = {
      16 * kMebibyte, 4 * kMebibyte, 0, 0, 220 * kMebibyte, kMebibyte, 0, 4 * kMebibyte, 0};
  for (const std::uint64_t bytes : frame.by_category_bytes) frame.total_bytes += bytes;
  frame.wanted = static_cast<std::uint32_t>(300 + 200 * std::sin(t * 9));
  frame.requested = i % 30 < 6 ? 40 - i % 30 : 1;
  frame.loaded = i % 30 < 9 ? 20 : 1;
  frame.evicted = i > 100 ? frame.loaded : 0;
  frame.missing = i % 30 < 9 ? 60 - 6 * (i % 30) : 0;
  frame.update_ms = 0.2 + 0.05 * (i % 7) + (i % 50 == 0 ? 5 : 0);
  frame.render_ms = 8;
  frame.exact_area = 1 - 0.004 * frame.missing;
  frame.mip_deficit = 0.006 * frame.missing;
  return frame;
}

FlightRecord made_flight() {
  FlightRecord record;
  record.source = {"earth <8192>.pmtiles", 8192,    4096,    6, 256, 4, 683,
                   "BC7_SRGB_BLOCK",       9 << 20, 48 << 20};
  record.device = "A device & co";
  record.device_kind = "software";
  record.driver = "driver 1.2";
  record.command_line = "forge3d stream earth.pmtiles --camera fly";
  record.width = 1280;
  record.height = 720;
  record.camera = "fly";
  record.fps = 60;
  record.limits = {256 * kMebibyte, 256 * kMebibyte};
  record.peak_total_bytes = 245 * kMebibyte;
  record.peak_host_visible_bytes = 20 * kMebibyte;
  for (std::uint32_t i = 0; i < 240; ++i) record.frames.push_back(made_frame(i));
  for (std::uint32_t i = 0; i < 240; i += 60) record.kept.push_back({i, i == 120, tiny_png()});
  record.verified.push_back({120, 58.3, 2, 0, 1, 0, tiny_png(), tiny_png()});
  record.verified.push_back({239, 99, 0, 0, 1, 0, tiny_png(), tiny_png()});
  record.verify_method = "cpu";
  for (std::uint32_t i = 0; i < 700; ++i)
    record.atlas.push_back({i < 650, i < 3, i < 650 ? 5 - std::min(5u, i / 40) : 0});
  record.atlas_bytes = 220 * kMebibyte;
  record.cache_hits = 990;
  record.cache_misses = 10;
  return record;
}

TEST(FlightFigures, AreTakenFromTheFrames) {
  FlightRecord record = made_flight();
  record.frames[7].over_budget = true;
  record.frames[8].render_ms = -1;
  const FlightFigures figures = figures_of(record);
  EXPECT_DOUBLE_EQ(figures.cache_hit_rate, 0.99);
  EXPECT_EQ(figures.budget_violations, 1u);
  EXPECT_EQ(figures.rendered, 239u);
  EXPECT_DOUBLE_EQ(figures.worst_psnr_db, 58.3);
  EXPECT_DOUBLE_EQ(figures.worst_max_error, 2);
  EXPECT_GT(figures.update_p99_ms, figures.update_p50_ms);
}

TEST(FlightFigures, PercentilesAreNearestRank) {
  EXPECT_DOUBLE_EQ(percentile({}, 0.5), 0);
  EXPECT_DOUBLE_EQ(percentile({3}, 0.99), 3);
  EXPECT_DOUBLE_EQ(percentile({4, 1, 3, 2}, 0.5), 2);
  EXPECT_DOUBLE_EQ(percentile({4, 1, 3, 2}, 1), 4);
}

TEST(HtmlPage, IsSelfContainedAndEscaped) {
  const std::string page = html_page(made_flight());
  for (const char* outside : {"http://", "https://", "src='/", "<link", "@import", "url("})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page, HasSubstr("earth &lt;8192&gt;.pmtiles"));
  EXPECT_THAT(page, HasSubstr("A device &amp; co"));
  EXPECT_THAT(page, HasSubstr("data:image/png;base64,"));
  EXPECT_THAT(page, HasSubstr("budget 256 MiB"));
  EXPECT_THAT(page, HasSubstr("58.30 dB"));
  EXPECT_THAT(page, HasSubstr("identical"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  if (const char* keep = std::getenv("FORGE3D_KEEP_REPORT")) std::ofstream(keep) << page;
}

TEST(HtmlPage, CallsOnlyEqualPicturesIdentical) {
  FlightRecord record = made_flight();
  record.verified = {{239, 99, 1, 0, 1, 0, {}, {}}};
  EXPECT_THAT(html_page(record), Not(HasSubstr("identical")));
  EXPECT_THAT(html_page(record), HasSubstr("over 99 dB"));
}

TEST(HtmlPage, OfAnEmptyFlightStillStands) {
  const std::string page = html_page({});
  EXPECT_THAT(page, HasSubstr("</html>"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace forge3d::cli
