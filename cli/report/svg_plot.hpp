// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plots as inline SVG: lines and stacked areas over frames. Colours are CSS classes of the page
// (s1..s9), so that light and dark need no second drawing.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace forge3d::cli {

/// How several frames that share one point of the plot become one value: the one that must not be
/// lost.
enum class Reduce { kMax, kMin };

struct PlotSeries {
  std::string name{};
  int colour = 1;  ///< 1..9: class s1..s9.
  std::vector<double> values{};
  Reduce reduce = Reduce::kMax;
};

struct PlotDesc {
  std::string title{};
  std::string unit{};  ///< Written above the vertical axis.
  std::vector<PlotSeries> series{};
  bool stacked = false;
  bool log_scale = false;  ///< Base 10; values below `log_floor` lie on the axis.
  double log_floor = 0.01;
  std::optional<double> top{};    ///< Upper end of the axis; else chosen.
  std::optional<double> limit{};  ///< A dashed line across, always inside the plot.
  std::string limit_name{};
  std::vector<std::size_t> markers{};  ///< Frames with a thin vertical line: stops.
};

/// A <figure> with title, legend and drawing. Series of unequal length are cut to the shortest.
[[nodiscard]] std::string plot_figure(const PlotDesc& desc);

/// Values of one series brought to at most `points` points.
[[nodiscard]] std::vector<double> reduce_values(const std::vector<double>& values,
                                                std::size_t points, Reduce how);

/// A round number of 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten, at least `value` (> 0).
[[nodiscard]] double nice_ceiling(double value);

}  // namespace forge3d::cli
