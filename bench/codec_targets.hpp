// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// How compress() meets a target PSNR, against encoding at a fixed quality.

#include <string_view>
#include <vector>

#include "bench/bench_case.hpp"
#include "bench/codec_pictures.hpp"

namespace forge3d::bench {

/// The target, in dB of RGB PSNR.
inline constexpr double kTargetPsnrDb = 40;

/// A format whose targets are measured, by the end of its cases' names.
struct TargetFormat {
  const char* name;
  Format format;
};

/// What became of the target with the pictures that the format reaches it on, one value a picture.
struct TargetFigures {
  std::vector<double> overshoot_db;  ///< Measured PSNR - target.
  std::vector<double> cost_ratio;    ///< Encoding time over that of the cheapest quality to pass.
};

/// Encodes each picture at fast, normal and high until one passes the target, and to the target, on
/// one thread, up to `runs` times in turns; the shortest processor time of each counts. Errors:
/// compress()'s; kInternal where compress() misses a target that a quality passes.
[[nodiscard]] Result<TargetFigures> measure_targets(const std::vector<CodecPicture>& pictures,
                                                    Format format, std::uint32_t runs);

/// Cases "target_psnr_40_SUFFIX" of formats that reach the target on some picture: the worst
/// overshoot and cost ratio, and the number of those pictures.
[[nodiscard]] BenchCases target_cases(std::string_view suffix, const TargetFigures& figures);

}  // namespace forge3d::bench
