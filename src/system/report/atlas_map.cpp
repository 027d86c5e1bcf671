// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forge3d/report.hpp"

namespace forge3d::report {
namespace {

constexpr std::uint32_t kLastColour = 9;  // levels above share the last class

std::uint32_t colour_of(std::uint32_t level) { return std::min(level, kLastColour); }

std::string cell_class(const AtlasCell& cell) {
  if (!cell.used) return "cell free";
  return fmt::format("cell l{}{}", colour_of(cell.level), cell.pinned ? " pinned" : "");
}

std::string cells_svg(const std::vector<AtlasCell>& atlas) {
  constexpr double kWidth = 960;
  const auto columns = static_cast<std::size_t>(
      std::max(1.0, std::ceil(std::sqrt(static_cast<double>(atlas.size()) * 3))));
  const double side = std::min(32.0, kWidth / static_cast<double>(columns));
  const double height = side * static_cast<double>((atlas.size() + columns - 1) / columns);
  std::string svg = fmt::format("<svg viewBox='0 0 {} {:.1f}' role='img' aria-label='atlas slots'>",
                                kWidth, height);
  for (std::size_t i = 0; i < atlas.size(); ++i)
    svg += fmt::format("<rect class='{}' x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}'/>",
                       cell_class(atlas[i]), static_cast<double>(i % columns) * side,
                       static_cast<double>(i / columns) * side, side, side);
  return svg + "</svg>";
}

std::string legend(const std::vector<AtlasCell>& atlas) {
  std::vector<std::size_t> counts(kLastColour + 1);
  std::size_t unused = 0;
  for (const AtlasCell& cell : atlas) {
    if (cell.used) ++counts[colour_of(cell.level)];
    unused += cell.used ? 0 : 1;
  }
  std::string html = "<div class='legend'>";
  for (std::size_t level = 0; level < counts.size(); ++level)
    if (counts[level] > 0)
      html += fmt::format("<span><i class='key l{0}'></i>level {0}{1}: {2}</span>", level,
                          level == kLastColour ? " and coarser" : "", grouped(counts[level]));
  return html + fmt::format(
                    "<span><i class='key pinned'></i>pinned</span>"
                    "<span><i class='key free'></i>free: {}</span></div>",
                    grouped(unused));
}

}  // namespace

std::string atlas_figure(std::string_view caption, const std::vector<AtlasCell>& atlas) {
  return fmt::format("<figure><figcaption>{}</figcaption>{}<br>{}</figure>\n", caption,
                     legend(atlas), cells_svg(atlas));
}

}  // namespace forge3d::report
