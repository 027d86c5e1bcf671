// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <forge3d/format.hpp>
#include <forge3d/image.hpp>

int main() {
  const auto picture = forge3d::load_image("no-such-file.png");
  if (picture) return 1;
  std::printf("%s\n", picture.error().to_string().c_str());
  return 0;
}
