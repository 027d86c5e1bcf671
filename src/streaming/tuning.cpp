// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "forge3d/virtual_texture.hpp"

namespace forge3d {
namespace {

constexpr std::array kPresets{TuningPreset::kPerformance, TuningPreset::kBalanced,
                              TuningPreset::kQuality};

Result<> check_range(const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("tuning: {} is {}: {}..{}", name, value, low, high));
}

}  // namespace

std::string_view to_string(TuningPreset preset) {
  switch (preset) {
    case TuningPreset::kPerformance:
      return "performance";
    case TuningPreset::kBalanced:
      return "balanced";
    case TuningPreset::kQuality:
      break;
  }
  return "quality";
}

std::optional<TuningPreset> tuning_preset_from_name(std::string_view name) {
  for (const TuningPreset preset : kPresets)
    if (name == to_string(preset)) return preset;
  return std::nullopt;
}

VirtualTextureTuning VirtualTextureTuning::preset(TuningPreset preset) {
  VirtualTextureTuning tuning;
  if (preset == TuningPreset::kPerformance) {
    tuning.lod_scale = 0.5f;
    tuning.cache_priority_boost = 4;  // what needs no disk first
    tuning.prefetch_seconds = 0.1f;
    tuning.backlog_frames = 8;
  } else if (preset == TuningPreset::kQuality) {
    tuning.frames_of_grace = 8;
    tuning.prefetch_seconds = 0.25f;
    tuning.backlog_frames = 0;  // no blur for the sake of uploads
    tuning.fade_frames = 8;
  }
  return tuning;
}

Result<> check_tuning(const VirtualTextureTuning& tuning) {
  FORGE3D_TRY(check_range("max_mip_bias", tuning.max_mip_bias, 0, 32));
  FORGE3D_TRY(check_range("lod_scale", tuning.lod_scale, 1.0 / 64, 64));
  FORGE3D_TRY(check_range("cache_priority_boost", tuning.cache_priority_boost, 1, 64));
  FORGE3D_TRY(check_range("prefetch_seconds", tuning.prefetch_seconds, 0, 1));
  FORGE3D_TRY(check_range("fade_frames", tuning.fade_frames, 0, 1024));
  return check_range("backlog_frames", tuning.backlog_frames, 0, 1024);
}

}  // namespace forge3d
