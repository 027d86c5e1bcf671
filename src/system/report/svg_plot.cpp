// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "forge3d/report.hpp"

namespace forge3d::report {
namespace {

constexpr double kWidth = 960, kHeight = 260;
constexpr double kLeft = 64, kRight = 14, kTop = 14, kBottom = 34;
constexpr std::size_t kMaxPoints = 600;

/// Maps frames and values to the drawing's coordinates.
class Axes {
 public:
  Axes(const PlotDesc& desc, std::size_t frames, double top)
      : at_(desc.at.size() >= frames ? &desc.at : nullptr),
        frames_(frames),
        top_(top),
        floor_(desc.log_floor),
        log_(desc.log_scale) {}

  /// The value on the horizontal axis at a share of it.
  [[nodiscard]] double axis_value(double share) const {
    return first() + (last() - first()) * share;
  }
  [[nodiscard]] double x_of_share(double share) const {
    return kLeft + (kWidth - kLeft - kRight) * share;
  }
  /// Where a frame stands; between two frames for a point that speaks for several.
  [[nodiscard]] double x(double frame) const {
    double value = frame;
    if (at_ != nullptr && frames_ > 0)
      value = (*at_)[std::min(static_cast<std::size_t>(std::lround(frame)), frames_ - 1)];
    const double range = last() - first();
    return x_of_share(range > 0 ? (value - first()) / range : 0);
  }
  [[nodiscard]] bool steps() const { return at_ != nullptr; }
  /// With as many decimals as tell the ticks apart.
  [[nodiscard]] std::string time_text(double value) const {
    const double range = last() - first();
    return fmt::format("{:.{}f}", value, range < 1 ? 3 : range < 10 ? 2 : range < 100 ? 1 : 0);
  }
  [[nodiscard]] double y(double value) const {
    double share = value / top_;
    if (log_) share = std::log10(std::max(value, floor_) / floor_) / std::log10(top_ / floor_);
    return kHeight - kBottom - (kHeight - kTop - kBottom) * std::clamp(share, 0.0, 1.0);
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> values;
    if (log_)
      for (double value = floor_; value <= top_ * 1.001; value *= 10) values.push_back(value);
    else
      for (int i = 0; i <= 4; ++i) values.push_back(top_ * i / 4);
    return values;
  }

 private:
  [[nodiscard]] double first() const { return at_ != nullptr && frames_ > 0 ? at_->front() : 0; }
  [[nodiscard]] double last() const {
    if (frames_ < 2) return first();
    return at_ != nullptr ? (*at_)[frames_ - 1] : static_cast<double>(frames_ - 1);
  }
  const std::vector<double>* at_;  // null: frames stand at their numbers
  std::size_t frames_;
  double top_, floor_;
  bool log_;
};

std::size_t frame_count(const PlotDesc& desc) {
  std::size_t frames = desc.series.empty() ? 0 : desc.series.front().values.size();
  for (const PlotSeries& series : desc.series) frames = std::min(frames, series.values.size());
  return frames;
}

/// Where each point of a reduced series stands: the middle of the frames it speaks for.
double point_frame(std::size_t point, std::size_t points, std::size_t frames) {
  if (points <= 1 || frames <= 1) return 0;
  return static_cast<double>(point) * static_cast<double>(frames - 1) /
         static_cast<double>(points - 1);
}

double largest_value(const PlotDesc& desc, const std::vector<std::vector<double>>& lines) {
  double largest = desc.limit.value_or(0) * 1.04;
  for (const double limit : desc.limits) largest = std::max(largest, limit * 1.04);
  for (const auto& line : lines)
    for (const double value : line) largest = std::max(largest, value);
  return largest > 0 ? largest : 1;
}

double axis_top(const PlotDesc& desc, const std::vector<std::vector<double>>& lines) {
  if (desc.top) return *desc.top;
  const double largest = largest_value(desc, lines);
  if (!desc.log_scale) return nice_ceiling(largest);
  return std::max(desc.log_floor * 10, std::pow(10, std::ceil(std::log10(largest))));
}

/// The drawn lines: the series themselves, or their running sums when stacked.
std::vector<std::vector<double>> drawn_lines(const PlotDesc& desc) {
  std::vector<std::vector<double>> lines;
  for (const PlotSeries& series : desc.series) {
    std::vector<double> values(
        series.values.begin(),
        series.values.begin() + static_cast<std::ptrdiff_t>(frame_count(desc)));
    if (desc.stacked && !lines.empty())
      for (std::size_t i = 0; i < values.size(); ++i) values[i] += lines.back()[i];
    lines.push_back(std::move(values));
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    lines[i] = reduce_values(lines[i], kMaxPoints, desc.series[i].reduce);
  return lines;
}

struct Point {
  double x, y;
};

/// A line's points in the drawing. Where frames stand at times, a value holds until the next.
std::vector<Point> line_points(const Axes& axes, const std::vector<double>& line,
                               std::size_t frames) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const Point point{axes.x(point_frame(i, line.size(), frames)), axes.y(line[i])};
    if (axes.steps() && !points.empty()) points.push_back({point.x, points.back().y});
    points.push_back(point);
  }
  return points;
}

std::string path_points(const std::vector<Point>& points) {
  std::string text;
  for (const Point& point : points) text += fmt::format("{:.1f},{:.1f} ", point.x, point.y);
  return text;
}

std::string area_points(const Axes& axes, const std::vector<double>& upper,
                        const std::vector<double>& lower, std::size_t frames) {
  std::vector<Point> points = line_points(axes, upper, frames);
  std::vector<Point> back =
      line_points(axes, lower.empty() ? std::vector<double>(upper.size()) : lower, frames);
  points.insert(points.end(), back.rbegin(), back.rend());
  return path_points(points);
}

std::string grid(const PlotDesc& desc, const Axes& axes, std::size_t frames) {
  std::string svg;
  for (const double tick : axes.ticks()) {
    svg += fmt::format("<line class='grid' x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/>", kLeft,
                       kWidth - kRight, axes.y(tick));
    svg += fmt::format("<text class='tick' x='{}' y='{:.1f}' text-anchor='end'>{:.4g}</text>",
                       kLeft - 8, axes.y(tick) + 4, tick);
  }
  for (int i = 0; i <= 4 && frames > 1; ++i) {
    const double value = axes.axis_value(i / 4.0);
    svg += fmt::format("<text class='tick' x='{:.1f}' y='{}' text-anchor='{}'>{}</text>",
                       axes.x_of_share(i / 4.0), kHeight - kBottom + 18,
                       i == 0   ? "start"
                       : i == 4 ? "end"
                                : "middle",
                       axes.steps() ? axes.time_text(value) : fmt::format("{:.0f}", value));
  }
  for (const std::size_t frame : desc.markers)
    svg += fmt::format("<line class='stop' x1='{0:.1f}' x2='{0:.1f}' y1='{1}' y2='{2}'/>",
                       axes.x(static_cast<double>(frame)), kTop, kHeight - kBottom);
  return svg;
}

std::string limit_name(const PlotDesc& desc, double y) {
  return fmt::format("<text class='limit-name' x='{}' y='{:.1f}' text-anchor='end'>{}</text>",
                     kWidth - kRight - 6, y - 6, escape_html(desc.limit_name));
}

std::string limit_line(const PlotDesc& desc, const Axes& axes, std::size_t frames) {
  if (!desc.limits.empty() && desc.limits.size() >= frames && frames > 0) {
    std::vector<double> limits(desc.limits.begin(),
                               desc.limits.begin() + static_cast<std::ptrdiff_t>(frames));
    limits = reduce_values(limits, kMaxPoints, Reduce::kMin);
    return fmt::format("<polyline class='limit-line' points='{}'/>",
                       path_points(line_points(axes, limits, frames))) +
           limit_name(desc, axes.y(limits.back()));
  }
  if (!desc.limit) return {};
  const double y = axes.y(*desc.limit);
  return fmt::format("<line class='limit' x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/>", kLeft,
                     kWidth - kRight, y) +
         limit_name(desc, y);
}

std::string marks(const PlotDesc& desc, const Axes& axes,
                  const std::vector<std::vector<double>>& lines, std::size_t frames) {
  std::string svg;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int colour = desc.series[i].colour;
    if (desc.stacked)
      svg += fmt::format(
          "<polygon class='area s{}' points='{}'/>", colour,
          area_points(axes, lines[i], i == 0 ? std::vector<double>{} : lines[i - 1], frames));
    else
      svg += fmt::format("<polyline class='line s{}' points='{}'/>", colour,
                         path_points(line_points(axes, lines[i], frames)));
  }
  return svg;
}

std::string legend(const PlotDesc& desc) {
  std::string html = "<div class='legend'>";
  for (const PlotSeries& series : desc.series)
    html += fmt::format("<span><i class='key s{}'></i>{}</span>", series.colour,
                        escape_html(series.name));
  return html + "</div>";
}

}  // namespace

std::vector<double> reduce_values(const std::vector<double>& values, std::size_t points,
                                  Reduce how) {
  if (values.size() <= points || points == 0) return values;
  std::vector<double> reduced;
  reduced.reserve(points);
  for (std::size_t i = 0; i < points; ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * values.size() / points);
    const auto last =
        values.begin() + static_cast<std::ptrdiff_t>((i + 1) * values.size() / points);
    reduced.push_back(how == Reduce::kMax ? *std::max_element(first, last)
                                          : *std::min_element(first, last));
  }
  return reduced;
}

double nice_ceiling(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0})
    if (step * power >= value * 0.999999) return step * power;
  return 10 * power;
}

std::string plot_figure(const PlotDesc& desc) {
  const std::size_t frames = frame_count(desc);
  const auto lines = drawn_lines(desc);
  const Axes axes(desc, frames, axis_top(desc, lines));
  const std::string name = escape_html(desc.title);
  return fmt::format(
      "<figure class='plot'><figcaption><b>{0}</b> <small>{1}</small></figcaption>{2}"
      "<svg viewBox='0 0 {3} {4}' role='img' aria-label='{0}'>{5}{6}{7}"
      "<text class='tick' x='{8}' y='{9}' text-anchor='middle'>{10}</text></svg></figure>\n",
      name, escape_html(desc.unit), legend(desc), kWidth, kHeight, grid(desc, axes, frames),
      marks(desc, axes, lines, frames), limit_line(desc, axes, frames),
      (kLeft + kWidth - kRight) / 2, kHeight - 2, escape_html(desc.x_name));
}

}  // namespace forge3d::report
