// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "tiles/rgba8_rows.hpp"

#include <gtest/gtest.h>

#include "tiles/pictures.hpp"

namespace forge3d::tiles {
namespace {

TEST(Rgba8Rows, EqualsToRgba8ForEveryShape) {
  for (const SampleType type : {SampleType::kU8, SampleType::kU16})
    for (std::uint32_t channels = 1; channels <= 4; ++channels) {
      const Image image = noise_picture({37, 5, channels, type, true});
      const Image whole = *to_rgba8(image);
      Rgba8Rows rows(image.info);
      for (std::uint32_t y = 0; y < 5; ++y) {
        const auto row = rows.expand(image.row(y));
        ASSERT_TRUE(row);
        EXPECT_TRUE(std::ranges::equal(*row, whole.row(y))) << channels << " channels, row " << y;
      }
    }
}

}  // namespace
}  // namespace forge3d::tiles
