// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "docs/surroundings.hpp"

namespace forge3d::docs::readme {
namespace {

struct Surroundings {
  Result<> set_up() { return {}; }
  Result<> after_in_c();
};

}  // namespace
}  // namespace forge3d::docs::readme

#include "readme_blocks.hpp"

namespace forge3d::docs::readme {
namespace {

Result<> Surroundings::after_in_c() {
  FORGE3D_TRY(save_png("earth.png", make_picture(640, 320)));
  FORGE3D_TRY_ASSIGN(const auto rows, open_image("earth.png"));
  FORGE3D_TRY(tile_image(*rows, "earth.pmtiles", {.format = Format::kBC1RgbUnorm}));
  FORGE3D_TRY_ASSIGN(const Image frame, look("earth.pmtiles", {.x = 320, .y = 160, .height = 90}));
  EXPECT_EQ(frame.info.width, 1280u);
  EXPECT_NE(std::count(frame.pixels.begin(), frame.pixels.end(), frame.pixels[0]),
            std::ptrdiff_t(frame.pixels.size()));
  return {};
}

}  // namespace
}  // namespace forge3d::docs::readme
