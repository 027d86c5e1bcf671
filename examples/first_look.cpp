// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// The README's sample as a program: one sharp frame of a tile archive under 64 MiB.
// usage: first_look ARCHIVE.pmtiles OUT.png

#include <cstdio>
#include <forge3d/map_view.hpp>
#include <forge3d/pmtiles.hpp>

using namespace forge3d;

static Result<Image> look(const char* archive, const Camera& camera) {
  FORGE3D_TRY_ASSIGN(auto device, Device::create({.limits = {.host_visible_bytes = 64 * kMebibyte,
                                                             .total_bytes = 64 * kMebibyte}}));
  FORGE3D_TRY_ASSIGN(auto ring, StagingRing::create(device, {.upload_bytes = 4 * kMebibyte,
                                                             .readback_bytes = 4 * kMebibyte}));
  FORGE3D_TRY_ASSIGN(auto earth, open_archive_tile_source(archive));
  FORGE3D_TRY_ASSIGN(auto view, MapView::create({.device = device, .ring = ring}));
  FORGE3D_TRY_ASSIGN(auto system,
                     VirtualTextureSystem::create(
                         {.device = device, .ring = ring, .format = earth->pyramid().format}));
  FORGE3D_TRY_ASSIGN(auto texture, system->add(earth));
  FORGE3D_TRY_ASSIGN(auto wanted, view->view(texture, earth->pyramid(), camera));
  FORGE3D_TRY(system->settle({&wanted, 1}, 10'000'000'000));
  FORGE3D_TRY(view->render(*system, wanted, earth->pyramid()));
  return view->read_pixels();
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: first_look ARCHIVE.pmtiles OUT.png\n");
    return 1;
  }
  const auto saved =
      look(argv[1], {.x = 1000, .y = 600, .height = 500}).and_then([&](const Image& frame) {
        return save_png(argv[2], frame);
      });
  if (!saved) std::fprintf(stderr, "first_look: %s\n", saved.error().to_string().c_str());
  return saved ? 0 : 4;
}
