// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "forge3d/report.hpp"

namespace forge3d::report {
namespace {

constexpr std::size_t kColumns = 512, kMostRows = 4, kShades = 8;
constexpr double kCellWidth = 1.75, kRowHeight = 9, kGap = 7, kMargin = 10, kTitle = 26;
constexpr double kMapWidth = kCellWidth * kColumns;

/// Share of each cell of a block that is used.
std::vector<double> cell_shares(const HeapBlock& block, std::size_t rows) {
  std::vector<double> cells(kColumns * rows);
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

/// Rows of a block's band: fewer where there are many blocks.
std::size_t rows_of(const std::vector<HeapBlock>& blocks) {
  return blocks.size() <= 12 ? kMostRows : blocks.size() <= 40 ? kMostRows / 2 : 1;
}

double band_height(std::size_t rows) { return kRowHeight * static_cast<double>(rows); }

/// All bands, the first one at `top`; `band_style` is an attribute of what lies under them.
std::string draw_blocks(const std::vector<HeapBlock>& blocks, double top, std::size_t rows,
                        std::string_view band_style) {
  std::string svg;
  for (const HeapBlock& block : blocks) {
    fmt::format_to(std::back_inserter(svg),
                   "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" {}/>\n",
                   kMargin, top, kMapWidth, band_height(rows), band_style);
    const std::vector<double> cells = cell_shares(block, rows);
    for (std::size_t row = 0; row < rows; ++row)
      draw_row(svg, cells.data() + row * kColumns, top + kRowHeight * static_cast<double>(row));
    top += band_height(rows) + kGap;
  }
  return svg;
}

double drawn_height(const std::vector<HeapBlock>& blocks, std::size_t rows) {
  return static_cast<double>(blocks.size()) * (band_height(rows) + kGap);
}

HeapBlock block_of(const nlohmann::json& listed) {
  HeapBlock block;
  block.size_bytes = listed.value("TotalBytes", std::uint64_t{0});
  for (const auto& part : listed.value("Suballocations", nlohmann::json::array()))
    if (part.value("Type", "FREE") != "FREE")
      block.used.push_back(
          {part.value("Offset", std::uint64_t{0}), part.value("Size", std::uint64_t{0})});
  return block;
}

}  // namespace

std::vector<HeapBlock> heap_blocks(std::string_view pool_dump) {
  std::vector<HeapBlock> blocks;
  try {
    const auto json = nlohmann::json::parse(pool_dump);
    for (const auto& [type, pools] : json.at("CustomPools").items())
      for (const auto& pool : pools)
        for (const auto& [index, listed] : pool.at("Blocks").items())
          blocks.push_back(block_of(listed));
  } catch (const nlohmann::json::exception&) {
    blocks.clear();
  }
  return blocks;
}

std::string heap_map_svg(const std::string& title, const std::vector<HeapBlock>& blocks) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{2:.0f}\" y=\"18\" font-family=\"sans-serif\" font-size=\"13\" "
      "fill=\"#222\">{3}</text>\n<g fill=\"#1f5fa8\" "
      "shape-rendering=\"crispEdges\">\n{4}</g>\n</svg>\n",
      kMapWidth + 2 * kMargin, kTitle + drawn_height(blocks, kMostRows) + kMargin, kMargin,
      escape_html(title), draw_blocks(blocks, kTitle, kMostRows, "fill=\"#e4e8ee\""));
}

std::string heap_map_figure(std::string_view caption, const std::vector<HeapBlock>& blocks) {
  const std::size_t rows = rows_of(blocks);
  return fmt::format(
      "<figure><figcaption>{}</figcaption><svg viewBox=\"{} 0 {} {:.0f}\" role=\"img\" "
      "aria-label=\"heap map\"><g class=\"heap-used\" shape-rendering=\"crispEdges\">\n{}</g></svg>"
      "</figure>\n",
      caption, kMargin, kMapWidth, drawn_height(blocks, rows),
      draw_blocks(blocks, 0, rows, "class=\"heap-block\""));
}

}  // namespace forge3d::report
