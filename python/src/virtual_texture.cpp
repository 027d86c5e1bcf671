// SPDX-FileCopyrightText: 2026 The forge3d authors
// SPDX-License-Identifier: Apache-2.0

#include "virtual_texture.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "arguments.hpp"
#include "arrays.hpp"
#include "device.hpp"
#include "held_rig.hpp"
#include "images.hpp"
#include "regions.hpp"
#include "tiles.hpp"
#include "waiting.hpp"

namespace forge3d::python {
namespace {

using Size = std::pair<std::uint32_t, std::uint32_t>;

constexpr std::uint32_t kMaxViewport = 1u << 14;

/// Dictionary keys that are made once; they live as long as the process.
struct UpdateKeys {
  static PyObject* intern(const char* text) { return PyUnicode_InternFromString(text); }
  PyObject* requested = intern("tiles_requested");
  PyObject* loaded = intern("tiles_loaded");
  PyObject* evicted = intern("tiles_evicted");
  PyObject* time_ms = intern("update_time_ms");
  PyObject* wanted = intern("tiles_wanted");
  PyObject* missing = intern("tiles_missing");
  PyObject* prefetching = intern("tiles_prefetching");
  PyObject* bytes = intern("bytes_uploaded");
  PyObject* bias = intern("mip_bias");
  PyObject* holes = intern("holes");
  PyObject* frame = intern("frame");
};

nb::dict update_dict(const VirtualUpdateStats& now) {
  static const auto* keys = new UpdateKeys();
  nb::dict dict;
  const auto set = [&dict](PyObject* key, const nb::object& value) {
    if (PyDict_SetItem(dict.ptr(), key, value.ptr()) != 0) nb::raise_python_error();
  };
  set(keys->requested, nb::int_(now.tiles_requested));
  set(keys->loaded, nb::int_(now.tiles_loaded));
  set(keys->evicted, nb::int_(now.tiles_evicted));
  set(keys->time_ms, nb::float_(now.update_ms));
  set(keys->wanted, nb::int_(now.tiles_wanted));
  set(keys->missing, nb::int_(now.tiles_missing));
  set(keys->prefetching, nb::int_(now.tiles_prefetching));
  set(keys->bytes, nb::int_(now.bytes_uploaded));
  set(keys->bias, nb::float_(now.mip_bias));
  set(keys->holes, nb::int_(now.holes));
  set(keys->frame, nb::int_(now.frame));
  return dict;
}

nb::dict update_streaming(const PyStreaming& self, nb::handle position, nb::handle view_matrix,
                          nb::handle projection_matrix, nb::handle texture_handle) {
  const CameraInput camera(position, view_matrix, projection_matrix);
  const auto texture = texture_argument(texture_handle);
  Held held(self);
  return update_dict(value(held.run([&](StreamingRig& rig) -> Result<VirtualUpdateStats> {
    FORGE3D_TRY(rig.look(camera, texture));
    return rig.update();
  })));
}

std::vector<Format> layers_argument(const std::optional<std::vector<std::string>>& names) {
  std::vector<Format> formats;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const auto format = format_from_word(name);
    if (!format) throw_invalid("layer_formats: unknown format '" + name + "'");
    formats.push_back(*format);
  }
  return formats;
}

void init(PyStreaming* self, nb::handle device, StreamingRig::Wish wish,
          const std::optional<std::string>& format) {
  const auto owner = memory_system_or_null();
  const bool has_virtual = owner != nullptr && owner->stats().has_virtual;
  // Without a device of the caller's the memory system's is meant, where there is one.
  wish.device = device.is_none() && has_virtual ? owner->device() : device_argument(device);
  if (has_virtual && owner->device() == wish.device) wish.owner = owner;
  // The rules of a tile are those of a pyramid of one.
  (void)value(
      make_tile_pyramid(wish.tile_size, wish.tile_size, Format::kRGBA8Unorm, wish.tile_size));
  const auto rig = std::make_shared<StreamingRig>(wish);
  if (format) {
    // As the textures that are loaded without another word: colour.
    const Format chosen = with_srgb(encodable_format(*format), true);
    const std::lock_guard lock(rig->mutex);
    check(without_gil([&] { return rig->make_system(chosen); }));
  }
  new (self) PyStreaming(rig);
}

PyVirtualTexture add(const PyStreaming& self, nb::handle given) {
  std::vector<std::shared_ptr<TileSource>> sources;
  const auto take = [&sources](nb::handle one) {
    sources.push_back(
        typed_argument<const PyTileSource*>("source", one, "a TileSource, or a list of them")
            ->get());
  };
  if (nb::isinstance<nb::list>(given) || nb::isinstance<nb::tuple>(given)) {
    for (const nb::handle one : nb::iter(given)) take(one);
  } else {
    take(given);
  }
  if (sources.empty()) throw_invalid("source: an empty list; a source for each layer");
  Held held(self);
  return value(held.run([&](StreamingRig& rig) { return rig.add(sources); }));
}

std::uint32_t prefetch(const PyStreaming& self, nb::handle texture, std::uint32_t level,
                       std::uint32_t x, std::uint32_t y, std::uint32_t width,
                       std::uint32_t height) {
  const auto id = texture_argument(texture);
  Held held(self);
  return value(held.run([&](StreamingRig& rig) -> Result<std::uint32_t> {
    FORGE3D_TRY_ASSIGN(const PyVirtualTexture* found, rig.texture(id));
    return rig.system->prefetch({found->ref.id, level, x, y, width, height});
  }));
}

std::uint32_t evict(const PyStreaming& self, nb::handle texture, bool keep_visible) {
  const auto id = texture_argument(texture);
  Held held(self);
  return value(held.run([&](StreamingRig& rig) -> Result<std::uint32_t> {
    if (rig.system == nullptr) return 0u;
    if (id) FORGE3D_TRY(rig.texture(id));
    // What an update without views does not want, nobody wants.
    if (!keep_visible) FORGE3D_TRY(rig.system->update({}));
    if (id) return rig.system->evict_unwanted(id->id);
    return rig.system->evict_unwanted();
  }));
}

bool flush(const PyStreaming& self, double timeout_s) {
  Held held(self);
  try {
    wait_in_slices(timeout_s, [&](std::uint64_t slice_ns) {
      return held.alone([&](StreamingRig& rig) { return rig.settle(slice_ns); });
    });
  } catch (const ErrorException& error) {
    if (error.error().code != ErrorCode::kTimeout) throw;
    return false;
  }
  return true;
}

Size size_argument(const Size& size, const char* name) {
  if (size.first == 0 || size.second == 0 || size.first > kMaxViewport ||
      size.second > kMaxViewport)
    throw_invalid(std::string(name) + " must be (width, height) in 1..16384");
  return size;
}

/// Settles one texture's view for as long as it takes, or the time is over, and renders.
nb::object render(const PyStreaming& self, nb::handle camera, const Size& size, nb::handle texture,
                  nb::handle view_matrix, nb::handle projection_matrix, double timeout_s) {
  const auto [width, height] = size_argument(size, "size");
  const CameraInput input(camera, view_matrix, projection_matrix);
  const auto id = texture_argument(texture);
  Held held(self);
  const auto aim = [&, w = width, h = height](StreamingRig& rig) -> Result<> {
    FORGE3D_TRY_ASSIGN(const PyVirtualTexture* found, rig.texture(id));
    const StreamingRig::Lens lens = rig.lens;
    rig.lens.width = w;
    rig.lens.height = h;
    auto looked = rig.look(input, found->ref);
    rig.lens = lens;
    return looked;
  };
  try {
    wait_in_slices(timeout_s, [&](std::uint64_t slice_ns) {
      return held.alone([&](StreamingRig& rig) -> Result<> {
        FORGE3D_TRY(aim(rig));
        return rig.settle(slice_ns);
      });
    });
  } catch (const ErrorException& error) {
    if (error.error().code != ErrorCode::kTimeout) throw;  // renders what is there
  }
  return array_of(value(held.run([&, w = width, h = height](StreamingRig& rig) -> Result<Image> {
    FORGE3D_TRY(aim(rig));
    FORGE3D_TRY(rig.update());
    return rig.render(w, h);
  })));
}

nb::list error_list(const std::vector<std::string>& errors) {
  nb::list list;
  for (const std::string& line : errors)
    list.append(nb::steal(
        PyUnicode_DecodeUTF8(line.data(), static_cast<Py_ssize_t>(line.size()), "replace")));
  return list;
}

/// What became of the tiles that were wanted, of each class.
void add_tile_counts(nb::dict& dict, const VirtualTextureStats& s) {
  dict["cache_hits"] = s.cache_hits;
  dict["cache_misses"] = s.cache_misses;
  dict["region_hits"] = s.region_hits;
  dict["region_misses"] = s.region_misses;
  dict["prefetch_hits"] = s.prefetch_hits;
  dict["prefetch_misses"] = s.prefetch_misses;
  dict["tiles_requested"] = s.tiles_requested;
  dict["tiles_loaded"] = s.tiles_loaded;
  dict["tiles_evicted"] = s.tiles_evicted;
  dict["tiles_failed"] = s.tiles_failed;
  dict["tiles_rescued"] = s.tiles_rescued;
  dict["tiles_prefetched"] = s.tiles_prefetched;
  dict["tiles_in_flight"] = s.tiles_in_flight;
  dict["holes"] = s.holes;
  dict["decisions_hash"] = s.decisions_hash;
}

void add_bytes(nb::dict& dict, const VirtualTextureStats& s) {
  dict["memory_used"] = s.memory_used_bytes;
  dict["memory_limit"] = s.memory_limit_bytes;
  dict["bytes_uploaded"] = s.bytes_uploaded;
  dict["bytes_wasted"] = s.bytes_wasted;
  dict["atlas_bytes"] = s.atlas_bytes;
  dict["page_table_bytes"] = s.page_table_bytes;
  dict["tile_cache_bytes"] = s.tile_cache_bytes;
  dict["tile_cache_limit_bytes"] = s.tile_cache_limit_bytes;
  dict["tile_cache_hits"] = s.tile_cache_hits;
  dict["tile_cache_misses"] = s.tile_cache_misses;
  dict["tile_cache_ghost_hits"] = s.tile_cache_ghost_hits;
}

void add_slots_and_times(nb::dict& dict, const VirtualTextureStats& s) {
  dict["active_tiles"] = s.slots_used;
  dict["atlas_utilization"] =
      s.slots_total > 0 ? static_cast<double>(s.slots_used) / s.slots_total : 0.0;
  dict["atlas_slots_used"] = s.slots_used;
  dict["atlas_slots_total"] = s.slots_total;
  dict["atlas_slots_pinned"] = s.slots_pinned;
  dict["update_ms_p50"] = s.update_ms_p50;
  dict["update_ms_p99"] = s.update_ms_p99;
  dict["frames_to_visible_p50"] = s.request_to_visible_p50;
  dict["frames_to_visible_p95"] = s.request_to_visible_p95;
  dict["frames_to_visible_p99"] = s.request_to_visible_p99;
  dict["ms_to_visible_p50"] = s.request_to_visible_ms_p50;
  dict["ms_to_visible_p95"] = s.request_to_visible_ms_p95;
  dict["ms_to_visible_p99"] = s.request_to_visible_ms_p99;
}

nb::dict statistics(const PyStreaming& self) {
  struct Found {
    VirtualTextureStats stats;
    double loading_s = 0;
    std::size_t textures = 0;
  };
  Held held(self);
  const Found found = held.run([](StreamingRig& rig) {
    return Found{rig.system != nullptr ? rig.system->stats() : VirtualTextureStats{},
                 rig.loading_s(), rig.textures.size()};
  });
  nb::dict dict;
  add_tile_counts(dict, found.stats);
  add_bytes(dict, found.stats);
  add_slots_and_times(dict, found.stats);
  dict["updates"] = found.stats.frames;
  dict["textures"] = found.textures;
  dict["loading_s"] = found.loading_s;
  dict["errors"] = error_list(found.stats.errors);
  return dict;
}

nb::object sharpness(const PyStreaming& self, std::uint32_t step_px) {
  if (step_px == 0) throw_invalid("step_px must be positive");
  Held held(self);
  const auto found = value(held.run([&](StreamingRig& rig) -> Result<ScreenCoverage> {
    if (rig.views.empty())
      return fail(ErrorCode::kInvalidArgument, "no view yet: update_streaming() first");
    return rig.system->measure(rig.views.front(), step_px);
  }));
  nb::dict dict;
  dict["covered"] = found.covered;
  dict["exact_area"] = found.exact_area;
  dict["mip_deficit"] = found.mip_deficit;
  return dict;
}

nb::list atlas_slots(const PyStreaming& self) {
  Held held(self);
  const auto slots = held.run([](StreamingRig& rig) {
    return rig.system != nullptr ? rig.system->atlas_slots() : std::vector<AtlasSlot>{};
  });
  nb::list list;
  for (const AtlasSlot& slot : slots) {
    if (!slot.used) {
      list.append(nb::none());
      continue;
    }
    list.append(
        nb::make_tuple(slot.texture.index, slot.tile.level, slot.tile.x, slot.tile.y, slot.pinned));
  }
  return list;
}

/// Wishes for the tuning, each of them where it is given.
struct TuningWish {
  std::optional<std::string> preset;
  std::optional<float> max_mip_bias, lod_scale, cache_priority_boost, prefetch_seconds;
  std::optional<std::uint32_t> backlog_frames, fade_frames, frames_of_grace;

  /// What is not given is the preset's or stays. Throws InvalidArgument.
  [[nodiscard]] VirtualTextureTuning over(VirtualTextureTuning tuning) const {
    if (preset)
      tuning = VirtualTextureTuning::preset(
          word_argument("preset", *preset, tuning_preset_from_name(*preset),
                        "'performance', 'balanced' or 'quality'"));
    tuning.max_mip_bias = max_mip_bias.value_or(tuning.max_mip_bias);
    tuning.lod_scale = lod_scale.value_or(tuning.lod_scale);
    tuning.cache_priority_boost = cache_priority_boost.value_or(tuning.cache_priority_boost);
    tuning.prefetch_seconds = prefetch_seconds.value_or(tuning.prefetch_seconds);
    tuning.backlog_frames = backlog_frames.value_or(tuning.backlog_frames);
    tuning.fade_frames = fade_frames.value_or(tuning.fade_frames);
    tuning.frames_of_grace = frames_of_grace.value_or(tuning.frames_of_grace);
    return tuning;
  }
};

void configure(const PyStreaming& self, const std::optional<Size>& viewport,
               std::optional<float> max_anisotropy, std::optional<float> lod_bias,
               const std::optional<std::string>& clip_space, const TuningWish& tuning) {
  if (viewport) (void)size_argument(*viewport, "viewport");
  if (max_anisotropy && !(*max_anisotropy >= 1 && *max_anisotropy <= 16))
    throw_invalid("max_anisotropy must be in 1..16");
  if (lod_bias && !(std::abs(*lod_bias) <= 32)) throw_invalid("lod_bias must be in -32..32");
  std::optional<ClipSpace> space;
  if (clip_space) space = clip_space_argument(*clip_space);
  (void)tuning.over({});  // a word that is none raises here, with the GIL
  Held held(self);
  check(held.run([&](StreamingRig& rig) -> Result<> {
    FORGE3D_TRY(rig.tune(tuning.over(rig.tuning)));
    if (viewport) std::tie(rig.lens.width, rig.lens.height) = *viewport;
    rig.lens.max_anisotropy = max_anisotropy.value_or(rig.lens.max_anisotropy);
    rig.lens.lod_bias = lod_bias.value_or(rig.lens.lod_bias);
    rig.lens.clip_space = space.value_or(rig.lens.clip_space);
    return {};
  }));
}

nb::dict configuration(const PyStreaming& self) {
  Held held(self);
  struct Found {
    StreamingRig::Lens lens;
    VirtualTextureTuning tuning;
    std::optional<Format> format;
    bool shares = false;
  };
  const Found found = held.run([](StreamingRig& rig) {
    return Found{rig.lens, rig.tuning,
                 rig.system != nullptr ? std::optional(rig.system->desc().format) : std::nullopt,
                 !rig.has_own_ring() && !rig.wish().owner.expired()};
  });
  nb::dict dict;
  dict["viewport"] = nb::make_tuple(found.lens.width, found.lens.height);
  dict["max_anisotropy"] = found.lens.max_anisotropy;
  dict["lod_bias"] = found.lens.lod_bias;
  dict["clip_space"] = to_string(found.lens.clip_space);
  dict["max_mip_bias"] = found.tuning.max_mip_bias;
  dict["lod_scale"] = found.tuning.lod_scale;
  dict["cache_priority_boost"] = found.tuning.cache_priority_boost;
  dict["prefetch_seconds"] = found.tuning.prefetch_seconds;
  dict["backlog_frames"] = found.tuning.backlog_frames;
  dict["fade_frames"] = found.tuning.fade_frames;
  dict["frames_of_grace"] = found.tuning.frames_of_grace;
  dict["format"] = found.format ? nb::object(nb::str(short_name(*found.format).c_str()))
                                : nb::object(nb::none());
  dict["shares_memory_system"] = found.shares;
  return dict;
}

bool is_resident(const PyStreaming& self, nb::handle texture, std::uint32_t x, std::uint32_t y,
                 std::uint32_t level) {
  const auto id = texture_argument(texture);
  Held held(self);
  return value(held.run([&](StreamingRig& rig) -> Result<bool> {
    FORGE3D_TRY_ASSIGN(const PyVirtualTexture* found, rig.texture(id));
    return rig.system->is_resident(found->ref.id, {level, x, y});
  }));
}

void remove(const PyStreaming& self, nb::handle texture) {
  const auto id = texture_argument(texture);
  if (!id) throw_type_error("the texture must be a VirtualTexture or its handle");
  Held held(self);
  check(held.run([&](StreamingRig& rig) { return rig.remove(*id); }));
}

nb::list textures(const PyStreaming& self) {
  Held held(self);
  const auto found = held.run([](StreamingRig& rig) { return rig.textures; });
  nb::list list;
  for (const PyVirtualTexture& texture : found) list.append(texture);
  return list;
}

void bind_texture_type(nb::module_& module) {
  using T = PyVirtualTexture;
  nb::class_<T>(module, "VirtualTexture",
                "The name and shape of a texture of one streaming system; immutable.")
      .def_prop_ro(
          "handle", [](const T& t) { return t.ref.handle(); },
          "The number that update_streaming() takes.")
      .def_prop_ro(
          "name", [](const T& t) { return t.name; }, "What messages call it.")
      .def_prop_ro(
          "size", [](const T& t) { return nb::make_tuple(t.pyramid.width, t.pyramid.height); },
          nb::sig("def size(self) -> tuple[int, int]"), "Texels of level 0: (width, height).")
      .def_prop_ro(
          "tile_size", [](const T& t) { return t.pyramid.page_texels; },
          "Texels of a tile's side, without its border.")
      .def_prop_ro(
          "tile_count",
          [](const T& t) { return nb::make_tuple(t.pyramid.pages_x(0), t.pyramid.pages_y(0)); },
          nb::sig("def tile_count(self) -> tuple[int, int]"), "Tiles of level 0: (columns, rows).")
      .def_prop_ro(
          "total_tile_count", [](const T& t) { return t.pyramid.page_count(); },
          "Tiles of all levels.")
      .def_prop_ro(
          "max_mip_level", [](const T& t) { return t.pyramid.levels - 1; },
          "The coarsest level: the first that fits one tile.")
      .def_prop_ro(
          "format", [](const T& t) { return short_name(t.pyramid.format); },
          "What tiles are stored as: 'BC7', 'RGBA8' and so on.")
      .def(
          "get_tile_bounds",
          [](const T& t, std::uint32_t tx, std::uint32_t ty) {
            if (!t.pyramid.contains({0, tx, ty}))
              throw_invalid("tile (" + std::to_string(tx) + ", " + std::to_string(ty) +
                            ") is outside the texture");
            const std::uint32_t side = t.pyramid.page_texels, x = tx * side, y = ty * side;
            return nb::make_tuple(x, y, std::min(side, t.pyramid.width - x),
                                  std::min(side, t.pyramid.height - y));
          },
          nb::arg("tx"), nb::arg("ty"),
          nb::sig("def get_tile_bounds(self, tx: int, ty: int) -> tuple[int, int, int, int]"),
          "Texels of a tile of level 0: (x, y, width, height) from the top left. Raises "
          "InvalidArgument outside the texture.")
      .def(
          "is_tile_valid",
          [](const T& t, std::int64_t tx, std::int64_t ty, std::int64_t mip) {
            const auto inside = [](std::int64_t value, std::uint32_t end) {
              return value >= 0 && value < std::int64_t{end};
            };
            if (!inside(mip, t.pyramid.levels)) return false;
            const auto level = static_cast<std::uint32_t>(mip);
            return inside(tx, t.pyramid.pages_x(level)) && inside(ty, t.pyramid.pages_y(level));
          },
          nb::arg("tx"), nb::arg("ty"), nb::arg("mip") = 0,
          "True when the level has such a tile; any numbers may be asked for.")
      .def(
          "__repr__",
          [](const T& t) {
            return "<forge3d.streaming.VirtualTexture '" + t.name + "' " +
                   std::to_string(t.pyramid.width) + " x " + std::to_string(t.pyramid.height) +
                   " " + short_name(t.pyramid.format) + ">";
          },
          "Its name and shape.")
      .def(
          "__eq__",
          [](const T& t, nb::handle other) {
            const T* that = nullptr;
            return nb::try_cast(other, that, false) && that->ref == t.ref;
          },
          nb::arg("other").none(), nb::sig("def __eq__(self, other: object, /) -> bool"),
          "The same texture.")
      .def(
          "__hash__", [](const T& t) { return t.ref.handle(); }, "By its handle.");
}

void bind_calls(nb::class_<PyStreaming>& type) {
  type.def("update_streaming", update_streaming, nb::arg("camera_position"),
           nb::arg("view_matrix").none() = nb::none(),
           nb::arg("projection_matrix").none() = nb::none(),
           nb::arg("texture_handle").none() = nb::none(),
           nb::sig("def update_streaming(self, camera_position: typing.Any, "
                   "view_matrix: typing.Any = None, projection_matrix: typing.Any = None, "
                   "texture_handle: int | VirtualTexture | None = None) -> dict[str, typing.Any]"),
           R"(Once a frame: takes in what was read, asks for what is seen, evicts what is not.

camera_position: (x, y, z) or a Camera; the matrices are 4 x 4 for column vectors (clip = projection
@ view @ world), in the clip space that configure() names. With both the position counts for
nothing; without them the camera looks straight down from it, north up; with one of them the other
is that camera's. The texture lies in the plane z = 0, x 0..width, y 0..height, one unit a texel, its
first row at y = height. texture_handle None: all textures. Returns tiles_requested, tiles_loaded, tiles_evicted, update_time_ms, tiles_wanted,
tiles_missing, tiles_prefetching, bytes_uploaded, mip_bias, holes, frame: of this update.)");
  type.def("add", add, nb::arg("source"),
           nb::sig("def add(self, source: TileSource | list[TileSource] | "
                   "tuple[TileSource, ...]) -> VirtualTexture"),
           "Adds a texture and loads its coarsest tile. A list has a source for each layer of the "
           "system. Raises InvalidArgument (another format, tile size or number of layers than "
           "the system's), BudgetExceeded.");
  type.def("remove_texture", remove, nb::arg("texture"),
           nb::sig("def remove_texture(self, texture: VirtualTexture | int) -> None"),
           "Its tiles leave the atlas. Raises StaleHandle.");
  type.def("prefetch", prefetch, nb::arg("texture").none(), nb::arg("level"), nb::arg("x"),
           nb::arg("y"), nb::arg("width"), nb::arg("height"),
           nb::sig("def prefetch(self, texture: VirtualTexture | int | None, level: int, x: int, "
                   "y: int, width: int, height: int) -> int"),
           "Asks for the tiles of a rectangle in texels of `level`; the next updates load them "
           "behind what is seen. Returns how many were not resident.");
  type.def("evict_tiles", evict, nb::arg("texture").none() = nb::none(), nb::kw_only(),
           nb::arg("keep_visible") = true,
           nb::sig("def evict_tiles(self, texture: VirtualTexture | int | None = None, *, "
                   "keep_visible: bool = True) -> int"),
           "Evicts tiles, of one texture or all, that the last update did not want; with "
           "keep_visible=False those that it wanted, too. The coarsest tile stays. Returns how "
           "many.");
  type.def("flush", flush, nb::arg("timeout_s") = 30.0,
           "Updates until everything that the last view and prefetches want is resident. False "
           "when the time was over before.");
  type.def("is_resident", is_resident, nb::arg("texture").none(), nb::arg("tx"), nb::arg("ty"),
           nb::arg("mip") = 0,
           nb::sig("def is_resident(self, texture: VirtualTexture | int | None, tx: int, ty: int, "
                   "mip: int = 0) -> bool"),
           "True when the tile lies in the atlas.");
  type.def("render", render, nb::arg("camera"), nb::arg("size") = Size{1280, 720},
           nb::arg("texture").none() = nb::none(), nb::kw_only(),
           nb::arg("view_matrix").none() = nb::none(),
           nb::arg("projection_matrix").none() = nb::none(), nb::arg("timeout_s") = 30.0,
           nb::sig("def render(self, camera: typing.Any, size: tuple[int, int] = (1280, 720), "
                   "texture: VirtualTexture | int | None = None, *, "
                   "view_matrix: typing.Any = None, projection_matrix: typing.Any = None, "
                   "timeout_s: float = 30.0) -> numpy.typing.NDArray[numpy.uint8]"),
           "A frame as an array (height, width, 4) of sRGB codes. Waits until all that it shows is "
           "resident, at most timeout_s; what is not is shown blurrier. camera as in "
           "update_streaming(); texture None: the first.");
}

void bind_figures(nb::class_<PyStreaming>& type) {
  type.def("statistics", statistics, nb::sig("def statistics(self) -> dict[str, typing.Any]"),
           "Counters since creation; get_statistics() has them as an object.");
  type.def("measure_sharpness", sharpness, nb::arg("step_px") = 8,
           nb::sig("def measure_sharpness(self, step_px: int = 8) -> dict[str, float]"),
           "Of the last view, on every step_px-th pixel each way: covered (share of the viewport "
           "that shows the texture), exact_area (share of that at its full sharpness), mip_deficit "
           "(mean levels missing).");
  type.def("atlas_slots", atlas_slots,
           nb::sig("def atlas_slots(self) -> "
                   "list[tuple[int, int, int, int, bool] | None]"),
           "A slot each: (texture number, level, x, y, pinned), or None where it is free.");
  using Number = std::optional<float>;
  using Frames = std::optional<std::uint32_t>;
  type.def(
      "configure",
      [](const PyStreaming& self, const std::optional<Size>& viewport, Number max_anisotropy,
         Number lod_bias, const std::optional<std::string>& clip_space,
         const std::optional<std::string>& preset, Number max_mip_bias, Number lod_scale,
         Number cache_priority_boost, Number prefetch_seconds, Frames backlog_frames,
         Frames fade_frames, Frames frames_of_grace) {
        configure(self, viewport, max_anisotropy, lod_bias, clip_space,
                  {preset, max_mip_bias, lod_scale, cache_priority_boost, prefetch_seconds,
                   backlog_frames, fade_frames, frames_of_grace});
      },
      nb::kw_only(), nb::arg("viewport") = nb::none(), nb::arg("max_anisotropy") = nb::none(),
      nb::arg("lod_bias") = nb::none(), nb::arg("clip_space") = nb::none(),
      nb::arg("preset") = nb::none(), nb::arg("max_mip_bias") = nb::none(),
      nb::arg("lod_scale") = nb::none(), nb::arg("cache_priority_boost") = nb::none(),
      nb::arg("prefetch_seconds") = nb::none(), nb::arg("backlog_frames") = nb::none(),
      nb::arg("fade_frames") = nb::none(), nb::arg("frames_of_grace") = nb::none(),
      "Changes what is given. viewport: pixels that update_streaming() assumes. lod_bias: levels "
      "blurrier. clip_space: 'opengl' (y up, z -w..w; the default, also right for what is visible "
      "in the others), 'wgpu' (y up, z 0..w), 'vulkan' (y down, z 0..w). The others as in "
      "set_quality_settings(); what is not given stays, or is the preset's where one is named.");
  type.def("configuration", configuration,
           nb::sig("def configuration(self) -> dict[str, typing.Any]"),
           "What configure() set, the format (None before the first texture), and whether memory "
           "comes from the process's memory system.");
  type.def("textures", textures, nb::sig("def textures(self) -> list[VirtualTexture]"),
           "Its textures, oldest first.");
}

}  // namespace

void bind_virtual_texture(nb::module_& module) {
  bind_camera(module);
  bind_texture_type(module);
  nb::class_<PyStreaming> type(
      module, "VirtualTextureSystem", nb::is_weak_referenceable(),
      "The compiled part of forge3d.streaming.VirtualTextureSystem. Thread-safe: calls wait for "
      "each other.");
  bind_life(type);
  type.def(
      "__init__",
      [](PyStreaming* self, nb::handle device, std::uint64_t max_bytes, std::uint32_t tile_size,
         const std::optional<std::string>& format, std::uint32_t max_textures,
         std::uint32_t worker_threads, std::uint64_t upload_bytes_per_update,
         double upload_ms_per_frame, std::uint64_t tile_cache_bytes, bool deterministic,
         const std::optional<std::vector<std::string>>& layer_formats) {
        StreamingRig::Wish wish;
        wish.max_bytes = max_bytes;
        wish.tile_size = tile_size;
        wish.max_textures = max_textures;
        wish.worker_threads = worker_threads;
        wish.upload_bytes_per_update = upload_bytes_per_update;
        wish.upload_ms_per_frame = upload_ms_per_frame;
        wish.tile_cache_bytes = tile_cache_bytes;
        wish.deterministic = deterministic;
        wish.layer_formats = layers_argument(layer_formats);
        init(self, device, std::move(wish), format);
      },
      nb::arg("device").none(), nb::arg("max_bytes"), nb::arg("tile_size"),
      nb::arg("format") = nb::none(), nb::arg("max_textures") = 16, nb::arg("worker_threads") = 0,
      nb::arg("upload_bytes_per_update") = 8 * kMebibyte, nb::arg("upload_ms_per_frame") = 0.0,
      nb::arg("tile_cache_bytes") = 0, nb::arg("deterministic") = false,
      nb::arg("layer_formats") = nb::none(),
      nb::sig("def __init__(self, device: Device | None, max_bytes: int, tile_size: int, "
              "format: str | None = None, max_textures: int = 16, worker_threads: int = 0, "
              "upload_bytes_per_update: int = 8388608, upload_ms_per_frame: float = 0.0, "
              "tile_cache_bytes: int = 0, deterministic: bool = False, "
              "layer_formats: typing.Sequence[str] | None = None) -> None"),
      "Without a format the first texture decides it.");
  bind_calls(type);
  bind_figures(type);
  bind_regions(module, type);
}

}  // namespace forge3d::python
