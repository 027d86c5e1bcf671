// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "regions.hpp"

#include <nanobind/stl/string.h>

#include <cmath>
#include <memory>
#include <string>

#include "held_rig.hpp"
#include "waiting.hpp"

namespace forge3d::python {
namespace {

/// forge3d.streaming.RegionRequest.
class PyRegion : public Owned<RegionRequest> {
 public:
  explicit PyRegion(RegionRequest request)
      : Owned("RegionRequest", std::make_shared<RegionRequest>(std::move(request))) {}
};

PyRegion* request(const PyStreaming& self, nb::handle texture, std::uint32_t level, std::uint32_t x,
                  std::uint32_t y, std::uint32_t width, std::uint32_t height, double deadline) {
  const auto id = texture_argument(texture);
  Held held(self);
  return new PyRegion(value(held.run([&](StreamingRig& rig) -> Result<RegionRequest> {
    FORGE3D_TRY_ASSIGN(const PyVirtualTexture* found, rig.texture(id));
    return rig.system->request_region({found->ref.id, level, x, y, width, height}, deadline);
  })));
}

PyRegion* request_view(const PyStreaming& self, nb::handle position, nb::handle view_matrix,
                       nb::handle projection_matrix, nb::handle texture, double deadline) {
  const CameraInput camera(position, view_matrix, projection_matrix);
  const auto id = texture_argument(texture);
  Held held(self);
  return new PyRegion(value(held.run([&](StreamingRig& rig) -> Result<RegionRequest> {
    FORGE3D_TRY_ASSIGN(const PyVirtualTexture* found, rig.texture(id));
    FORGE3D_TRY_ASSIGN(const VirtualView view, rig.view_of(camera, *found));
    return rig.system->request_view(view, deadline);
  })));
}

void wait(const PyRegion& self, double timeout) {
  const auto region = self.get();
  wait_in_slices(timeout, [&](std::uint64_t slice_ns) { return region->wait(slice_ns); });
}

void bind_region_type(nb::module_& module) {
  nb::class_<PyRegion> type(module, "RegionRequest",
                            R"(Pages that were asked for as one. Thread-safe.

They stay resident as long as this object lives and is not closed; a context manager closes it. It
may outlive its system.)");
  bind_life(type);
  type.def_prop_ro(
      "ready", [](const PyRegion& self) { return self.get()->ready(); },
      "True when every page is resident: the region is sharp.");
  type.def_prop_ro(
      "pages", [](const PyRegion& self) { return self.get()->pages(); }, "How many it has.");
  type.def_prop_ro(
      "missing", [](const PyRegion& self) { return self.get()->missing(); },
      "How many are not resident.");
  type.def("wait", wait, nb::arg("timeout") = 30.0,
           "Waits until it is ready, for seconds, while another thread updates the system; where "
           "none does, flush() updates. Raises Timeout (a TimeoutError), Io (all that is missing "
           "failed to be read; it is tried again), StaleHandle (texture or system are gone).");
  type.def(
      "__repr__",
      [](const PyRegion& self) -> std::string {
        if (self.is_closed()) return "<forge3d.streaming.RegionRequest closed>";
        const auto region = self.get();
        return "<forge3d.streaming.RegionRequest " + std::to_string(region->missing()) + " of " +
               std::to_string(region->pages()) + " pages missing>";
      },
      "How much is missing.");
}

}  // namespace

void bind_regions(nb::module_& module, nb::class_<PyStreaming>& type) {
  bind_region_type(module);
  type.def("request", request, nb::arg("texture").none(), nb::arg("level"), nb::arg("x"),
           nb::arg("y"), nb::arg("width"), nb::arg("height"), nb::arg("deadline") = 0.0,
           nb::sig("def request(self, texture: VirtualTexture | int | None, level: int, x: int, "
                   "y: int, width: int, height: int, deadline: float = 0.0) -> RegionRequest"),
           "As request_region(), for a rectangle in texels of `level`.");
  type.def("request_view", request_view, nb::arg("camera_position"),
           nb::arg("view_matrix").none() = nb::none(),
           nb::arg("projection_matrix").none() = nb::none(), nb::arg("texture").none() = nb::none(),
           nb::kw_only(), nb::arg("deadline") = 0.0,
           nb::sig("def request_view(self, camera_position: typing.Any, "
                   "view_matrix: typing.Any = None, projection_matrix: typing.Any = None, "
                   "texture: VirtualTexture | int | None = None, *, deadline: float = 0.0) -> "
                   "RegionRequest"),
           "Asks for all that a camera would see of a texture (None: the first), before it jumps "
           "there, and keeps it while what is returned lives. The arguments are those of "
           "update_streaming(), deadline that of request_region(). Raises as that does.");
}

}  // namespace forge3d::python
