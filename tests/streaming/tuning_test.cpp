// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "forge3d/virtual_texture.hpp"

namespace forge3d {
namespace {

TEST(TuningPreset, NamesGoBothWays) {
  for (const char* name : {"performance", "balanced", "quality"}) {
    const auto preset = tuning_preset_from_name(name);
    ASSERT_TRUE(preset) << name;
    EXPECT_EQ(to_string(*preset), name);
  }
  EXPECT_FALSE(tuning_preset_from_name("Quality"));
  EXPECT_FALSE(tuning_preset_from_name(""));
}

TEST(TuningPreset, BalancedIsTheDefault) {
  const VirtualTextureTuning balanced = VirtualTextureTuning::preset(TuningPreset::kBalanced);
  const VirtualTextureTuning none;
  EXPECT_EQ(balanced.max_mip_bias, none.max_mip_bias);
  EXPECT_EQ(balanced.frames_of_grace, none.frames_of_grace);
  EXPECT_EQ(balanced.lod_scale, none.lod_scale);
  EXPECT_EQ(balanced.cache_priority_boost, none.cache_priority_boost);
  EXPECT_EQ(balanced.prefetch_seconds, none.prefetch_seconds);
  EXPECT_EQ(balanced.backlog_frames, none.backlog_frames);
  EXPECT_EQ(balanced.fade_frames, none.fade_frames);
}

TEST(TuningPreset, EachAsksForMoreThanTheOneBefore) {
  const auto fast = VirtualTextureTuning::preset(TuningPreset::kPerformance);
  const auto balanced = VirtualTextureTuning::preset(TuningPreset::kBalanced);
  const auto sharp = VirtualTextureTuning::preset(TuningPreset::kQuality);
  EXPECT_LT(fast.lod_scale, balanced.lod_scale);
  EXPECT_LE(balanced.lod_scale, sharp.lod_scale);
  EXPECT_LT(fast.prefetch_seconds, balanced.prefetch_seconds);
  EXPECT_LT(balanced.prefetch_seconds, sharp.prefetch_seconds);
  EXPECT_EQ(sharp.backlog_frames, 0u);  // 0 waits for all pages
}

TEST(TuningPreset, PresetsAreInRange) {
  for (const auto preset :
       {TuningPreset::kPerformance, TuningPreset::kBalanced, TuningPreset::kQuality})
    EXPECT_TRUE(check_tuning(VirtualTextureTuning::preset(preset))) << to_string(preset);
}

TEST(CheckTuning, NamesTheValueThatIsOutside) {
  VirtualTextureTuning tuning;
  tuning.cache_priority_boost = 0.5f;
  const auto boost = check_tuning(tuning);
  ASSERT_FALSE(boost);
  EXPECT_EQ(boost.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(boost.error().message.find("cache_priority_boost is 0.5"), std::string::npos);
  tuning = {};
  tuning.lod_scale = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(check_tuning(tuning));
  tuning = {};
  tuning.backlog_frames = 1025;
  EXPECT_FALSE(check_tuning(tuning));
}

}  // namespace
}  // namespace forge3d
