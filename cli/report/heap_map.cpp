// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "cli/report/heap_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "cli/report/html_text.hpp"

namespace forge3d::cli {
namespace {

constexpr std::size_t kColumns = 512, kRows = 4, kShades = 8;
constexpr double kCellWidth = 1.75, kRowHeight = 9, kGap = 7, kMargin = 10, kTitle = 26;

/// Share of each cell of a block that is used.
std::vector<double> cell_shares(const HeapBlock& block) {
  std::vector<double> cells(kColumns * kRows);
  const double cell_bytes =
      static_cast<double>(block.size_bytes) / static_cast<double>(cells.size());
  for (const HeapPart& part : block.used) {
    const double begin = static_cast<double>(part.offset_bytes) / cell_bytes;
    const double end = begin + static_cast<double>(part.size_bytes) / cell_bytes;
    for (auto cell = static_cast<std::size_t>(begin);
         cell < cells.size() && static_cast<double>(cell) < end; ++cell) {
      const auto left = static_cast<double>(cell);
      cells[cell] += std::min(end, left + 1) - std::max(begin, left);
    }
  }
  return cells;
}

int shade_of(double share) {
  return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kShades));
}

/// Neighbours of one shade are one rectangle.
void draw_row(std::string& svg, const double* cells, double top) {
  for (std::size_t begin = 0; begin < kColumns;) {
    const int shade = shade_of(cells[begin]);
    std::size_t end = begin + 1;
    while (end < kColumns && shade_of(cells[end]) == shade) ++end;
    if (shade > 0)
      fmt::format_to(std::back_inserter(svg),
                     "<rect x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" height=\"{:.0f}\" "
                     "fill-opacity=\"{:.3g}\"/>\n",
                     kMargin + kCellWidth * static_cast<double>(begin), top,
                     kCellWidth * static_cast<double>(end - begin), kRowHeight,
                     static_cast<double>(shade) / kShades);
    begin = end;
  }
}

}  // namespace

std::string heap_map_svg(const std::string& title, const std::vector<HeapBlock>& blocks) {
  const double width = kCellWidth * kColumns;
  const double band = kRowHeight * kRows;
  const double height = kTitle + static_cast<double>(blocks.size()) * (band + kGap) + kMargin;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{2:.0f}\" y=\"18\" font-family=\"sans-serif\" font-size=\"13\" "
      "fill=\"#222\">{3}</text>\n<g fill=\"#1f5fa8\" shape-rendering=\"crispEdges\">\n",
      width + 2 * kMargin, height, kMargin, escape_html(title));
  double top = kTitle;
  for (const HeapBlock& block : blocks) {
    fmt::format_to(std::back_inserter(svg),
                   "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" "
                   "fill=\"#e4e8ee\"/>\n",
                   kMargin, top, width, band);
    const std::vector<double> cells = cell_shares(block);
    for (std::size_t row = 0; row < kRows; ++row)
      draw_row(svg, cells.data() + row * kColumns, top + kRowHeight * static_cast<double>(row));
    top += band + kGap;
  }
  return svg + "</g>\n</svg>\n";
}

}  // namespace forge3d::cli
