// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Report: what self-contained HTML pages of measured figures are made of: text, plots, heap and
// atlas maps. Pages fetch nothing; colours follow the reader's light or dark scheme. All functions
// are pure and thread-safe; they throw std::bad_alloc.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forge3d::report {

/// `text` with &, <, >, and quotes as entities, and control characters as spaces.
[[nodiscard]] std::string escape_html(std::string_view text);
/// RFC 4648 base 64 with padding.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);
/// "data:image/png;base64,..."
[[nodiscard]] std::string png_uri(std::span<const std::byte> png);
/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t value);

/// A whole page: `body` and `script` are taken as they are, the title is escaped.
[[nodiscard]] std::string page(std::string_view title, std::string_view body,
                               std::string_view script = {});
/// A figure in a box; `value` and `label` are HTML. Cards stand in a <div class='cards'>.
[[nodiscard]] std::string card(std::string_view value, std::string_view label, bool bad = false);

/// How several frames that share one point of the plot become one value: the one that must not be
/// lost.
enum class Reduce : std::uint8_t { kMax, kMin };

struct PlotSeries {
  std::string name{};
  int colour = 1;  ///< 1..9: class s1..s9.
  std::vector<double> values{};
  Reduce reduce = Reduce::kMax;
};

struct PlotDesc {
  std::string title{};
  std::string unit{};  ///< Written beside the title.
  std::vector<PlotSeries> series{};
  bool stacked = false;
  bool log_scale = false;  ///< Base 10; values below `log_floor` lie on the axis.
  double log_floor = 0.01;
  std::optional<double> top{};    ///< Upper end of the axis; else chosen.
  std::optional<double> limit{};  ///< A dashed line across, always inside the plot.
  std::vector<double> limits{};   ///< Likewise, a value a frame: a limit that changes.
  std::string limit_name{};
  std::vector<std::size_t> markers{};  ///< Frames with a thin vertical line: stops.
  std::string x_name = "frame";
  /// Where each frame stands on the horizontal axis, rising; values then hold until the next one.
  /// Empty: 0, 1, 2.
  std::vector<double> at{};
};

/// A <figure> with title, legend and drawing. Series of unequal length are cut to the shortest.
[[nodiscard]] std::string plot_figure(const PlotDesc& desc);
/// Values of one series brought to at most `points` points.
[[nodiscard]] std::vector<double> reduce_values(const std::vector<double>& values,
                                                std::size_t points, Reduce how);
/// A round number of 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten, at least `value` (> 0).
[[nodiscard]] double nice_ceiling(double value);

struct HeapPart {
  std::uint64_t offset_bytes = 0, size_bytes = 0;
};
/// One device allocation and the used parts in it, by offset.
struct HeapBlock {
  std::uint64_t size_bytes = 0;
  std::vector<HeapPart> used;
};
/// The blocks that a MemoryPool::dump_json() lists; none when it is no such text.
[[nodiscard]] std::vector<HeapBlock> heap_blocks(std::string_view pool_dump);
/// A stand-alone SVG: each block is a band of a few rows, dark where it is used, light where it is
/// free; parts that are smaller than a cell are mixed.
[[nodiscard]] std::string heap_map_svg(const std::string& title,
                                       const std::vector<HeapBlock>& blocks);
/// The same drawing as a <figure> of a page; `caption` is HTML.
[[nodiscard]] std::string heap_map_figure(std::string_view caption,
                                          const std::vector<HeapBlock>& blocks);

struct AtlasCell {
  bool used = false, pinned = false;
  std::uint32_t level = 0;
};
/// A <figure> with legend and map: one square a slot, coloured by the mip level of its page.
/// `caption` is HTML.
[[nodiscard]] std::string atlas_figure(std::string_view caption,
                                       const std::vector<AtlasCell>& atlas);

}  // namespace forge3d::report
