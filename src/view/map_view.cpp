// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#include "forge3d/map_view.hpp"

#include <fmt/format.h>

#include "view/map_pass.hpp"

namespace forge3d {

struct MapView::State {
  MapViewDesc desc;
  std::unique_ptr<view::MapPass> pass;
};

MapView::MapView() : state_(std::make_unique<State>()) {}
MapView::~MapView() = default;

Result<std::unique_ptr<MapView>> MapView::create(const MapViewDesc& desc) {
  if (desc.ring == nullptr) return fail(ErrorCode::kInvalidArgument, "map view: no staging ring");
  std::unique_ptr<MapView> view(new MapView);
  view->state_->desc = desc;
  const auto picture = desc.feedback != nullptr ? view::MapPass::Picture::kVirtualWithFeedback
                                                : view::MapPass::Picture::kVirtual;
  FORGE3D_TRY_ASSIGN(view->state_->pass,
                     view::MapPass::create(desc.device, picture, desc.width, desc.height));
  return view;
}

Result<VirtualView> MapView::view(VirtualTextureId texture, const TilePyramid& pyramid,
                                  const Camera& camera) const {
  const MapViewDesc& desc = state_->desc;
  VirtualView view;
  view.texture = texture;
  FORGE3D_TRY_ASSIGN(view.clip_from_uv, clip_from_uv(camera, pyramid.width, pyramid.height,
                                                     double(desc.width) / desc.height));
  view.width = desc.width;
  view.height = desc.height;
  view.max_anisotropy = desc.max_anisotropy;
  return view;
}

Result<Ticket> MapView::render(VirtualTextureSystem& system, const VirtualView& virtual_view,
                               const TilePyramid& pyramid) {
  const MapViewDesc& desc = state_->desc;
  if (virtual_view.width != desc.width || virtual_view.height != desc.height)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("map view: a view of {} x {}, must be {} x {}", virtual_view.width,
                            virtual_view.height, desc.width, desc.height));
  FORGE3D_TRY_ASSIGN(view::MapConstants constants,
                     view::make_map_constants(virtual_view, pyramid.format, desc.background));
  FORGE3D_TRY_ASSIGN(constants.texture_index, system.shader_index(virtual_view.texture));
  const VirtualTextureBindings bindings = system.bindings();
  FORGE3D_TRY(desc.ring->flush());
  FORGE3D_TRY_ASSIGN(
      const Ticket ticket,
      state_->pass->render(
          {bindings.page_table, bindings.atlas, bindings.sampler, desc.feedback.get()}, constants));
  system.frame_submitted(ticket);
  if (desc.feedback != nullptr) FORGE3D_TRY(desc.feedback->end());
  return ticket;
}

Result<Image> MapView::read_pixels() { return state_->pass->read_pixels(*state_->desc.ring); }

const MapViewDesc& MapView::desc() const { return state_->desc; }

}  // namespace forge3d
