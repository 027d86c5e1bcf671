// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forge3d::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto span = std::as_bytes(std::span(text));
  return {span.begin(), span.end()};
}

TEST(HtmlText, EscapesAndEncodes) {
  EXPECT_EQ(escape_html("a<b>&\"'\n"), "a&lt;b&gt;&amp;&quot;&#39; ");
  EXPECT_EQ(base64({}), "");
  EXPECT_EQ(base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(SvgPlot, RoundsAxesUp) {
  EXPECT_DOUBLE_EQ(nice_ceiling(0.9), 1);
  EXPECT_DOUBLE_EQ(nice_ceiling(10), 10);
  EXPECT_DOUBLE_EQ(nice_ceiling(257), 300);
  EXPECT_DOUBLE_EQ(nice_ceiling(0.021), 0.025);
}

TEST(SvgPlot, ReducingKeepsTheExtremes) {
  EXPECT_THAT(reduce_values({1, 9, 2, 3}, 2, Reduce::kMax), ElementsAre(9, 3));
  EXPECT_THAT(reduce_values({1, 9, 2, 3}, 2, Reduce::kMin), ElementsAre(1, 2));
  EXPECT_THAT(reduce_values({1, 2}, 5, Reduce::kMax), ElementsAre(1, 2));
}

TEST(SvgPlot, DrawsTheLimitInsideAndNoOddNumbers) {
  const std::string svg = plot_figure({.title = "t",
                                       .series = {{"a", 1, {0, 1, 2}}, {"b", 2, {1, 1}}},
                                       .stacked = true,
                                       .limit = 100,
                                       .limit_name = "budget"});
  EXPECT_THAT(svg, HasSubstr("class='limit'"));
  EXPECT_THAT(svg, HasSubstr("budget"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(SvgPlot, TakesOneFrameAndNone) {
  EXPECT_THAT(plot_figure({.title = "one", .series = {{"a", 1, {5}}}}), Not(HasSubstr("nan")));
  EXPECT_THAT(plot_figure({.title = "none", .series = {{"a", 1, {}}}}), Not(HasSubstr("nan")));
  EXPECT_THAT(plot_figure({.title = "log", .series = {{"a", 1, {0, 0}}}, .log_scale = true}),
              Not(HasSubstr("nan")));
}

TEST(SvgPlot, ValuesHoldUntilTheNextTime) {
  const std::string svg = plot_figure({.title = "t",
                                       .series = {{"a", 1, {1, 2, 2}}},
                                       .top = 2,
                                       .limits = {2, 1.5, 1.5},
                                       .x_name = "seconds",
                                       .at = {0, 1, 10}});
  // The step to 2 stands at a tenth of the axis, straight up.
  EXPECT_THAT(svg, HasSubstr("points='64.0,120.0 152.2,120.0 152.2,14.0 946.0,14.0 946.0,14.0 '"));
  EXPECT_THAT(svg, HasSubstr("class='limit-line'"));
  EXPECT_THAT(svg, HasSubstr(">seconds<"));
  EXPECT_THAT(svg, HasSubstr(">2.5<"));
}

TEST(SvgPlot, TakesTimesThatStandStill) {
  EXPECT_THAT(plot_figure({.series = {{"a", 1, {1, 2}}}, .at = {3, 3}}), Not(HasSubstr("nan")));
}

TEST(HeapMap, ReadsADumpAndNothingElse) {
  const auto blocks = heap_blocks(
      R"({"CustomPools": {"device": [{"Blocks": {"0": {"TotalBytes": 1024, "Suballocations": [
         {"Offset": 0, "Type": "BUFFER", "Size": 256}, {"Offset": 256, "Type": "FREE", "Size": 768}
      ]}}}]}})");
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].size_bytes, 1024u);
  ASSERT_EQ(blocks[0].used.size(), 1u);
  EXPECT_EQ(blocks[0].used[0].size_bytes, 256u);
  for (const char* other :
       {"", "{", "[]", "{\"CustomPools\": 3}", "{\"CustomPools\": {\"a\": [1]}}"})
    EXPECT_TRUE(heap_blocks(other).empty()) << other;
}

TEST(HeapMap, DrawsWhatIsUsed) {
  const std::string figure = heap_map_figure("<b>c</b>", {{1024, {{0, 512}}}});
  EXPECT_THAT(figure, HasSubstr("heap-block"));
  EXPECT_THAT(figure, HasSubstr("fill-opacity=\"1\""));
  EXPECT_THAT(figure, Not(HasSubstr("http")));
  EXPECT_THAT(heap_map_svg("a<b", {{1024, {}}}), HasSubstr("a&lt;b"));
}

}  // namespace
}  // namespace forge3d::report
