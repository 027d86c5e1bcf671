// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "tiles.hpp"
#include "virtual_texture.hpp"

namespace forge3d::python {
namespace {

// Left in the ledger beside the atlas, for the target of render() and small things.
constexpr std::uint64_t kReserveBytes = 16 * kMebibyte;

std::uint16_t next_number() {
  static std::atomic<std::uint16_t> last{0};
  return ++last;
}

}  // namespace

StreamingRig::StreamingRig(const Wish& wish) : wish_(wish), number_(next_number()) {}

VirtualTextureSystemDesc StreamingRig::system_desc(Format format) const {
  VirtualTextureSystemDesc desc;
  desc.device = wish_.device;
  desc.ring = ring_;
  desc.format = format;
  desc.page_texels = wish_.tile_size;
  desc.page_table_bytes = std::min(kMebibyte, wish_.max_bytes / 8);
  desc.upload_bytes_per_frame = wish_.upload_bytes_per_update;
  desc.max_textures = wish_.max_textures;
  desc.worker_threads = wish_.worker_threads;
  desc.upload_ms_per_frame = wish_.upload_ms_per_frame;
  desc.tile_cache_bytes = wish_.tile_cache_bytes;
  desc.deterministic = wish_.deterministic;
  desc.layer_formats = wish_.layer_formats;
  return desc;
}

Result<> StreamingRig::make_system(Format format) {
  if (system != nullptr) return {};
  const std::uint64_t ring_bytes = std::min(4 * kMebibyte, wish_.max_bytes / 8);
  const auto owner = wish_.owner.lock();
  if (owner == nullptr && ring_ == nullptr) {
    FORGE3D_TRY_ASSIGN(ring_, StagingRing::create(wish_.device, {.upload_bytes = ring_bytes,
                                                                 .readback_bytes = ring_bytes,
                                                                 .debug_name = "streaming"}));
  }
  VirtualTextureSystemDesc desc = system_desc(format);
  const std::uint64_t held = desc.page_table_bytes + (ring_ != nullptr ? 2 * ring_bytes : 0);
  const std::uint64_t left = wish_.device->budget().remaining_bytes(false);
  const std::uint64_t reserve =
      std::min(kReserveBytes, left / 8) + desc.page_table_bytes + desc.tile_cache_bytes;
  desc.atlas_bytes = std::max<std::uint64_t>(
      std::min(wish_.max_bytes - std::min(held, wish_.max_bytes), left - std::min(reserve, left)),
      1);
  if (owner != nullptr) {
    FORGE3D_TRY_ASSIGN(system, owner->create_streaming(desc));
  } else {
    FORGE3D_TRY_ASSIGN(system, VirtualTextureSystem::create(desc));
  }
  return system->tune(tuning);
}

Result<> StreamingRig::tune(const VirtualTextureTuning& wish) {
  FORGE3D_TRY(check_tuning(wish));
  if (system != nullptr) FORGE3D_TRY(system->tune(wish));
  tuning = wish;
  return {};
}

Result<PyVirtualTexture> StreamingRig::add(std::span<const std::shared_ptr<TileSource>> sources) {
  const bool is_first = system == nullptr;
  const TileSource& source = *sources.front();
  FORGE3D_TRY(make_system(source.pyramid().format));
  auto id = system->add(sources);
  if (!id) {
    // A first texture that does not come must not decide the format of those after it.
    if (is_first) system = nullptr;
    return tl::unexpected(std::move(id).error());
  }
  textures.push_back({{number_, *id}, source.pyramid(), source.name()});
  return textures.back();
}

Result<> StreamingRig::remove(TextureRef ref) {
  FORGE3D_TRY(texture(ref));
  FORGE3D_TRY(system->remove(ref.id));
  std::erase_if(textures, [ref](const PyVirtualTexture& t) { return t.ref == ref; });
  std::erase_if(views, [ref](const VirtualView& view) { return view.texture == ref.id; });
  return {};
}

Result<const PyVirtualTexture*> StreamingRig::texture(std::optional<TextureRef> ref) const {
  if (!ref && !textures.empty()) return &textures.front();
  for (const PyVirtualTexture& one : textures) {
    if (ref && one.ref == *ref) return &one;
  }
  if (!ref)
    return fail(ErrorCode::kInvalidArgument, "the system has no texture yet: load_texture()");
  return fail(ErrorCode::kStaleHandle,
              "texture_handle: no such texture in this system (removed, or another system's)");
}

Result<VirtualView> StreamingRig::view_of(const CameraInput& camera,
                                          const PyVirtualTexture& texture) const {
  FORGE3D_TRY_ASSIGN(VirtualView view,
                     camera.view_of(texture.pyramid, lens.width, lens.height, lens.clip_space));
  view.texture = texture.ref.id;
  view.max_anisotropy = lens.max_anisotropy;
  view.lod_bias = lens.lod_bias;
  return view;
}

Result<> StreamingRig::look(const CameraInput& camera, std::optional<TextureRef> ref) {
  if (ref) FORGE3D_TRY(texture(ref));
  std::vector<VirtualView> looks;
  for (const PyVirtualTexture& one : textures) {
    if (ref && !(one.ref == *ref)) continue;
    FORGE3D_TRY_ASSIGN(const VirtualView view, view_of(camera, one));
    looks.push_back(view);
  }
  views = std::move(looks);
  return {};
}

Result<VirtualUpdateStats> StreamingRig::update() {
  if (system == nullptr) return VirtualUpdateStats{};
  auto now = system->update(views);
  if (now) count_loading(now->tiles_missing + now->tiles_prefetching > 0);
  return now;
}

void StreamingRig::count_loading(bool missing_now) {
  const auto now = std::chrono::steady_clock::now();
  if (missing_since_) loading_s_ += std::chrono::duration<double>(now - *missing_since_).count();
  missing_since_ = missing_now ? std::optional(now) : std::nullopt;
}

Result<> StreamingRig::settle(std::uint64_t timeout_ns) {
  if (system == nullptr) return {};
  if (!missing_since_) {
    FORGE3D_TRY_ASSIGN([[maybe_unused]] const VirtualUpdateStats first, update());
  }
  auto settled = system->settle(views, timeout_ns);
  count_loading(!settled);
  return settled;
}

Result<Image> StreamingRig::render(std::uint32_t width, std::uint32_t height) {
  FORGE3D_TRY_ASSIGN(const PyVirtualTexture* shown,
                     texture(TextureRef{number_, views.front().texture}));
  const bool fits = map_view_ != nullptr && map_view_->desc().width == width &&
                    map_view_->desc().height == height;
  if (!fits) {
    map_view_ = nullptr;  // gives its target back before the next is asked for
    FORGE3D_TRY_ASSIGN(map_view_, MapView::create({.device = wish_.device,
                                                   .ring = system->desc().ring,
                                                   .width = width,
                                                   .height = height}));
  }
  FORGE3D_TRY(map_view_->render(*system, views.front(), shown->pyramid));
  return map_view_->read_pixels();
}

std::shared_ptr<StreamingRig> PyStreaming::rig() const {
  require_open();
  if (inside_tile_function())
    throw_invalid(
        "a tile function must not call a streaming system: the system may be waiting "
        "for the tile");
  return rig_;
}

void PyStreaming::drop() {
  auto rig = std::move(rig_);
  rig_ = nullptr;
  if (rig == nullptr) return;
  if (is_foreign()) {
    new std::shared_ptr<StreamingRig>(std::move(rig));  // never destroyed
  } else if (inside_tile_function()) {
    // The last reference went while a worker of some system runs Python: it cannot wait for itself.
    std::thread([last = std::move(rig)]() mutable { last = nullptr; }).detach();
  } else {
    without_gil([&] { rig = nullptr; });
  }
}

}  // namespace forge3d::python
