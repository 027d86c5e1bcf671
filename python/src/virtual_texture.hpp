// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// forge3d.streaming: the streaming system and its textures.

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "camera_views.hpp"
#include "forge3d/map_view.hpp"
#include "life.hpp"
#include "system_access.hpp"

namespace forge3d::python {

/// Names a texture of one system of the process.
struct TextureRef {
  std::uint16_t system = 0;  ///< StreamingRig::number().
  VirtualTextureId id;
  /// As one number, as Python keeps it, and back. Indices have 16 bits, generations 32.
  [[nodiscard]] std::uint64_t handle() const {
    return (std::uint64_t{system} << 48) | (std::uint64_t{id.generation} << 16) | id.index;
  }
  [[nodiscard]] static TextureRef from(std::uint64_t handle) {
    return {
        static_cast<std::uint16_t>(handle >> 48),
        {static_cast<std::uint32_t>(handle & 0xffff), static_cast<std::uint32_t>(handle >> 16)}};
  }
  friend bool operator==(const TextureRef&, const TextureRef&) = default;
};

/// forge3d.streaming.VirtualTexture: the name and shape of one texture of a system; holds nothing.
struct PyVirtualTexture {
  TextureRef ref;
  TilePyramid pyramid;
  std::string name;
};

/// A streaming system and what its calls share. The library's system is made by the first texture,
/// which says the format, unless that was given. Its calls are serialised by `mutex`, which is
/// taken without the GIL.
class StreamingRig {
 public:
  struct Wish {
    std::shared_ptr<Device> device;
    /// Whose ring is used while it lives; without one the rig brings its own. Not kept alive, so
    /// that its shutdown gives everything back.
    std::weak_ptr<MemorySystem> owner;
    std::uint64_t max_bytes = 0;  ///< For atlas, page table and ring.
    std::uint32_t tile_size = 256;
    std::uint32_t max_textures = 16;
    std::uint32_t worker_threads = 0;
    std::uint64_t upload_bytes_per_update = 8 * kMebibyte;
    double upload_ms_per_frame = 0;
    std::uint64_t tile_cache_bytes = 0;  ///< Beside max_bytes.
    bool deterministic = false;
    std::vector<Format> layer_formats;  ///< Empty: one layer.
  };
  struct Lens {
    std::uint32_t width = 1280, height = 720;
    float max_anisotropy = 8;
    float lod_bias = 0;
    ClipSpace clip_space = ClipSpace::kOpenGl;
  };

  explicit StreamingRig(const Wish& wish);

  // Those below need no GIL and REQUIRE: mutex held.
  [[nodiscard]] Result<> make_system(Format format);
  /// A source for each layer.
  [[nodiscard]] Result<PyVirtualTexture> add(std::span<const std::shared_ptr<TileSource>> sources);
  [[nodiscard]] Result<> remove(TextureRef ref);
  /// Changes the tuning of the system that is there or to come.
  [[nodiscard]] Result<> tune(const VirtualTextureTuning& wish);
  /// What the camera sees of a texture of this system.
  [[nodiscard]] Result<VirtualView> view_of(const CameraInput& camera,
                                            const PyVirtualTexture& texture) const;
  /// The views of one texture, or of all, into `views`.
  [[nodiscard]] Result<> look(const CameraInput& camera, std::optional<TextureRef> texture);
  [[nodiscard]] Result<VirtualUpdateStats> update();
  /// The last views and all prefetched regions.
  [[nodiscard]] Result<> settle(std::uint64_t timeout_ns);
  /// The first one for nullopt.
  [[nodiscard]] Result<const PyVirtualTexture*> texture(std::optional<TextureRef> ref) const;
  /// Renders the texture of the first view into `size` pixels.
  [[nodiscard]] Result<Image> render(std::uint32_t width, std::uint32_t height);

  /// Seconds in which tiles were wanted and missing, between updates.
  [[nodiscard]] double loading_s() const { return loading_s_; }

  [[nodiscard]] const Wish& wish() const { return wish_; }
  [[nodiscard]] std::uint16_t number() const { return number_; }
  [[nodiscard]] bool has_own_ring() const { return ring_ != nullptr; }

  std::mutex mutex;  // guards all that follows
  std::shared_ptr<VirtualTextureSystem> system;
  std::vector<PyVirtualTexture> textures;
  std::vector<VirtualView> views;
  Lens lens;
  VirtualTextureTuning tuning;

 private:
  [[nodiscard]] VirtualTextureSystemDesc system_desc(Format format) const;
  /// Counts the time since the last update when tiles were missing then.
  void count_loading(bool missing_now);
  const Wish wish_;
  const std::uint16_t number_;
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
