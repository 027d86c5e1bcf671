// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

// forge3d._core: the library's objects in Python, one file a concept. forge3d/*.py give them names.

#include <nanobind/nanobind.h>

#include "blocks.hpp"
#include "buffer.hpp"
#include "compress.hpp"
#include "device.hpp"
#include "errors.hpp"
#include "images.hpp"
#include "life.hpp"
#include "metrics.hpp"
#include "pool.hpp"
#include "simulation.hpp"
#include "staging.hpp"
#include "system.hpp"
#include "textures.hpp"
#include "tiles.hpp"
#include "virtual_texture.hpp"

NB_MODULE(_core, module) {
  using namespace forge3d::python;
  nanobind::set_leak_warnings(false);  // the library never prints
  module.doc() = "The compiled part of forge3d; use forge3d, forge3d.memory and so on.";
  bind_errors(module);
  bind_life_hooks(module);
  bind_device(module);
  bind_buffer(module);
  bind_pool(module);
  bind_staging(module);
  bind_system(module);
  bind_process_system(module);
  bind_images(module);
  bind_blocks(module);
  bind_compress(module);
  bind_metrics(module);
  bind_textures(module);
  bind_tiles(module);
  bind_simulation(module);
  bind_virtual_texture(module);
}
