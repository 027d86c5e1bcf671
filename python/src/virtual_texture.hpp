// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.streaming: the streaming system and its textures.

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "camera_views.hpp"
#include "forge3d/map_view.hpp"
#include "life.hpp"
#include "system_access.hpp"

namespace forge3d::python {

/// forge3d.streaming.VirtualTexture: the name and shape of one texture of a system; holds nothing.
struct PyVirtualTexture {
  VirtualTextureId id;
  TilePyramid pyramid;
  std::string name;

  /// The id as one number, as Python keeps it.
  [[nodiscard]] std::uint64_t handle() const {
    return (std::uint64_t{id.generation} << 32) | id.index;
  }
};

/// A streaming system and what its calls share. The library's system is made by the first texture,
/// which says the format, unless that was given. Its calls are serialised by `mutex`, which is
/// taken without the GIL.
class StreamingRig {
 public:
  struct Wish {
    std::shared_ptr<Device> device;
    std::shared_ptr<MemorySystem> owner;  ///< Null: the rig brings a staging ring of its own.
    std::uint64_t max_bytes = 0;          ///< For atlas, page table and ring.
    std::uint32_t tile_size = 256;
    std::uint32_t max_textures = 16;
    std::uint32_t worker_threads = 0;
    std::uint64_t upload_bytes_per_update = 8 * kMebibyte;
  };
  struct Lens {
    std::uint32_t width = 1280, height = 720;
    float max_anisotropy = 8;
    float lod_bias = 0;
    ClipSpace clip_space = ClipSpace::kOpenGl;
  };

  explicit StreamingRig(const Wish& wish) : wish_(wish) {}

  // Those below need no GIL and REQUIRE: mutex held.
  [[nodiscard]] Result<> make_system(Format format);
  [[nodiscard]] Result<PyVirtualTexture> add(const std::shared_ptr<TileSource>& source);
  [[nodiscard]] Result<> remove(VirtualTextureId id);
  /// Changes the tuning of the system that is there or to come.
  [[nodiscard]] Result<> tune(const VirtualTextureTuning& wish);
  /// The views of one texture, or of all, into `views`.
  [[nodiscard]] Result<> look(const CameraInput& camera, std::optional<VirtualTextureId> texture);
  [[nodiscard]] Result<VirtualUpdateStats> update();
  /// The last views and all prefetched regions.
  [[nodiscard]] Result<> settle(std::uint64_t timeout_ns);
  [[nodiscard]] Result<const PyVirtualTexture*> texture(std::optional<VirtualTextureId> id) const;
  /// Renders the texture of the first view into `size` pixels.
  [[nodiscard]] Result<Image> render(std::uint32_t width, std::uint32_t height);

  /// Seconds in which tiles were wanted and missing, between updates.
  [[nodiscard]] double loading_s() const { return loading_s_; }

  [[nodiscard]] const Wish& wish() const { return wish_; }

  std::mutex mutex;  // guards all that follows
  std::shared_ptr<VirtualTextureSystem> system;
  std::vector<PyVirtualTexture> textures;
  std::vector<VirtualView> views;
  Lens lens;
  VirtualTextureTuning tuning;

 private:
  [[nodiscard]] Result<> make_ring(std::uint64_t bytes);
  [[nodiscard]] VirtualTextureSystemDesc system_desc(Format format) const;
  /// Counts the time since the last update when tiles were missing then.
  void count_loading(bool missing_now);
  const Wish wish_;
  double loading_s_ = 0;
  std::optional<std::chrono::steady_clock::time_point> missing_since_;
  std::shared_ptr<StagingRing> ring_;
  std::unique_ptr<MapView> map_view_;
};

/// forge3d._core.VirtualTextureSystem.
class PyStreaming : public Live {
 public:
  explicit PyStreaming(std::shared_ptr<StreamingRig> rig)
      : Live("VirtualTextureSystem"), rig_(std::move(rig)) {}
  ~PyStreaming() override { finish(); }

  /// Throws Closed, and InvalidArgument inside a tile function.
  [[nodiscard]] std::shared_ptr<StreamingRig> rig() const;

 protected:
  void drop() override;

 private:
  std::shared_ptr<StreamingRig> rig_;
};

void bind_virtual_texture(nb::module_& module);

}  // namespace forge3d::python
