# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Virtual textures: far larger than memory, a tile at a time, under the budget.

>>> system = VirtualTextureSystem(device, max_memory_mb=256)
>>> texture = system.load_texture("world_65536x32768.pmtiles")
>>> result = system.update_streaming(camera_position, view_matrix, projection_matrix)
>>> frame = system.render(Camera(x=1000, y=2000, height=500, yaw=0.5))

The texture lies in the plane z = 0, x 0..width, y 0..height, one unit a texel, its first row at
y = height (north up).
"""

from __future__ import annotations

import hashlib
import html
import math
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from forge3d import _core
from forge3d._core import (
    CallbackTileSource,
    Camera,
    Device,
    RegionRequest,
    TileSource,
    VirtualTexture,
)
from forge3d._errors import InvalidArgument

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CallbackTileSource",
    "Camera",
    "RegionRequest",
    "StreamingReport",
    "StreamingStatistics",
    "TileSource",
    "VirtualTexture",
    "VirtualTextureSystem",
    "calculate_memory_requirements",
    "create_streaming_system",
    "estimate_streaming_performance",
    "open_tiles",
    "tile_picture",
]

Path = str | os.PathLike[str]
TextureLike = VirtualTexture | int | None

_MIB = 1 << 20
_BORDER = 4
#: What set_quality_settings() sets, as configuration() names it.
_TUNING = (
    "max_mip_bias",
    "lod_scale",
    "cache_priority_boost",
    "prefetch_seconds",
    "backlog_frames",
    "fade_frames",
    "frames_of_grace",
)
#: Pictures of more texels than this are tiled into an archive instead of being held in memory.
RESIDENT_PIXELS = 16 << 20


def _invalid(message: str) -> InvalidArgument:
    return InvalidArgument(message, code="invalid_argument")


def _check_tile_size(tile_size: int) -> None:
    if tile_size <= 0 or tile_size & (tile_size - 1) != 0:
        raise _invalid("tile_size must be a positive power of 2")


class StreamingStatistics(Mapping[str, Any]):
    """Counters of a streaming system at one moment, as attributes and as a read-only mapping.

    Since creation: cache_hits, cache_misses (tiles that views wanted and that were resident, or
    not, at the start of an update); the same of requested regions (region_hits, region_misses) and
    of what is fetched ahead (prefetch_hits, prefetch_misses); tiles_requested, tiles_loaded,
    tiles_evicted, tiles_failed, tiles_rescued (evicted and taken back before their slot was
    written), tiles_prefetched (loaded before a view wanted them), holes (wanted tiles that not even
    a coarser one showed), bytes_uploaded, bytes_wasted (prefetched tiles that left unseen),
    tile_cache_hits, tile_cache_misses, tile_cache_ghost_hits (misses on tiles that had left not
    long before), updates, loading_s (seconds in which wanted tiles were missing), decisions_hash
    (over all placements and evictions: equal runs have equal).

    Now: memory_used (atlas slots in use, bytes), memory_limit (all slots), active_tiles,
    atlas_utilization (0..1), atlas_slots_used, atlas_slots_total, atlas_slots_pinned,
    tiles_in_flight, textures; atlas_bytes, page_table_bytes and tile_cache_bytes (held from the
    ledger), tile_cache_limit_bytes.

    Measured over the latest: update_ms_p50, update_ms_p99; from first wanted to resident
    frames_to_visible_p50, _p95, _p99 and ms_to_visible_p50, _p95, _p99. errors: the latest failed
    tiles, at most 16. In percent: cache_hit_rate, memory_utilization.
    """

    def __init__(self, counters: dict[str, Any]) -> None:
        self._counters = counters
        asked = counters["cache_hits"] + counters["cache_misses"]
        counters["cache_hit_rate"] = 100.0 * counters["cache_hits"] / asked if asked else 0.0
        limit = counters["memory_limit"]
        counters["memory_utilization"] = 100.0 * counters["memory_used"] / limit if limit else 0.0

    @property
    def cache_hit_rate(self) -> float:
        """Percent of wanted tiles that were resident; 0 before the first update."""
        return float(self._counters["cache_hit_rate"])

    @property
    def memory_utilization(self) -> float:
        """Percent of the atlas slots in use."""
        return float(self._counters["memory_utilization"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._counters:
            raise AttributeError(f"StreamingStatistics has no attribute {name!r}")
        return self._counters[name]

    def __getitem__(self, key: str) -> Any:
        return self._counters[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counters)

    def __len__(self) -> int:
        return len(self._counters)

    def __repr__(self) -> str:
        return (
            f"<StreamingStatistics {self.cache_hit_rate:.1f} % hits, {self.active_tiles} tiles, "
            f"{self.memory_used / _MIB:.1f} of {self.memory_limit / _MIB:.1f} MiB>"
        )


class StreamingReport:
    """One system's figures as a page; a notebook shows it inline."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def _repr_html_(self) -> str:
        figures = self.data["statistics"]
        rows = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{html.escape(_shown(value))}</td></tr>"
            for key, value in figures.items()
            if key != "errors"
        )
        textures = "".join(
            f"<tr><th>{html.escape(texture['name'])}</th>"
            f"<td>{texture['width']} x {texture['height']} {texture['format']}</td></tr>"
            for texture in self.data["textures"]
        )
        errors = "".join(f"<li>{html.escape(line)}</li>" for line in figures["errors"])
        return (
            "<div class='forge3d-streaming'><style>.forge3d-streaming th{text-align:left;"
            "padding-right:1em;font-weight:normal}.forge3d-streaming td{text-align:right}</style>"
            f"<h3>Virtual textures on {html.escape(self.data['device'])}</h3>"
            f"<table>{textures}</table><h4>Atlas</h4>{_atlas_svg(self.data['atlas'])}"
            f"<h4>Counters</h4><table>{rows}</table>"
            + (f"<h4>Failed tiles</h4><ul>{errors}</ul>" if errors else "")
            + "</div>"
        )

    @property
    def html(self) -> str:
        """A whole page that asks nothing of the network."""
        return (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            "<title>forge3d streaming</title></head>"
            f"<body style='font-family:sans-serif'>{self._repr_html_()}</body></html>"
        )

    def save(self, path: Path) -> None:
        """Writes the page."""
        pathlib.Path(path).write_text(self.html, encoding="utf-8")


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


def _atlas_svg(slots: Sequence[tuple[int, int, int, int, bool] | None]) -> str:
    """A square a slot, coloured by level, dark where it is free."""
    if not slots:
        return "<p>No texture yet.</p>"
    columns = max(1, math.ceil(math.sqrt(len(slots) * 2)))
    side = max(4, min(16, 640 // columns))
    rows = math.ceil(len(slots) / columns)
    squares = []
    for index, slot in enumerate(slots):
        x, y = index % columns * side, index // columns * side
        colour = "#2a2d34" if slot is None else f"hsl({(210 - slot[1] * 28) % 360} 60% 55%)"
        title = "free" if slot is None else f"texture {slot[0]}, level {slot[1]}, tile {slot[2]}, {slot[3]}"
        squares.append(
            f"<rect x='{x}' y='{y}' width='{side - 1}' height='{side - 1}' fill='{colour}'>"
            f"<title>{title}</title></rect>"
        )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{columns * side}' height='{rows * side}'>"
        f"{''.join(squares)}</svg>"
    )


class VirtualTextureSystem(_core.VirtualTextureSystem):
    """Streams textures of one format and tile size into one atlas.

    device: None is the process's default device. max_memory_mb bounds atlas, page table and, where
    it has one of its own, staging ring; where forge3d.memory.init_memory_system() made a memory
    system with virtual textures on that device, staging and ledger are that system's, so that one
    budget holds all. tile_size: texels a side, 64..512, and that of every archive loaded. format:
    None leaves it to the first texture; all share it, and one of another format is refused. A name
    means its sRGB form: for linear data leave the format to the first texture. layer_formats: of
    textures with several layers, one format each, as TileSource.vulkan_format has it; add() then
    takes a list of sources.

    upload_mb_per_update and upload_ms_per_frame (0: no limit) bound what an update uploads.
    tile_cache_mb: host memory, beside max_memory_mb, for tiles that left the atlas. deterministic:
    the same calls make the same decisions, whatever threads, disks and clocks do; updates wait for
    reads, and a sixtieth of a second passes between them.

    Raises ValueError for sizes that cannot be, BudgetExceeded.
    """

    def __init__(
        self,
        device: Device | None,
        max_memory_mb: float = 256,
        tile_size: int = 256,
        *,
        format: str | None = None,
        max_textures: int = 16,
        worker_threads: int = 0,
        upload_mb_per_update: float = 8,
        upload_ms_per_frame: float = 0,
        tile_cache_mb: float = 0,
        deterministic: bool = False,
        layer_formats: Sequence[str] | None = None,
        viewport: tuple[int, int] = (1280, 720),
        cache_dir: Path | None = None,
    ) -> None:
        if not max_memory_mb > 0:
            raise _invalid("max_memory_mb must be positive")
        _check_tile_size(tile_size)
        if not upload_mb_per_update > 0:
            raise _invalid("upload_mb_per_update must be positive")
        if not (math.isfinite(upload_ms_per_frame) and upload_ms_per_frame >= 0):
            raise _invalid("upload_ms_per_frame must not be negative")
        if not 0 <= tile_cache_mb <= 1 << 20:
            raise _invalid("tile_cache_mb must be in 0..1048576")
        self._device = device
        self._device_name = "the default device" if device is None else device.name
        self._max_bytes = int(max_memory_mb * _MIB)
        self._tile_size = tile_size
        self._upload_bytes = int(upload_mb_per_update * _MIB)
        self._cache_dir = cache_dir
        super().__init__(
            device,
            self._max_bytes,
            tile_size,
            format,
            max_textures,
            worker_threads,
            self._upload_bytes,
            upload_ms_per_frame,
            int(tile_cache_mb * _MIB),
            deterministic,
            layer_formats,
        )
        self.configure(viewport=viewport)

    @property
    def tile_size(self) -> int:
        """Texels of a tile's side, without its border."""
        return self._tile_size

    @property
    def format(self) -> str | None:
        """The format of all its textures; None before the first."""
        found = self.configuration()["format"]
        return None if found is None else str(found)

    def load_texture(
        self,
        source: Path | NDArray[Any] | TileSource,
        preferred_format: str | None = None,
        quality: str | None = None,
        *,
        srgb: bool = True,
        progress: Callable[[int, int], Any] | None = None,
    ) -> VirtualTexture:
        """Adds a texture: a file, told by its content, an array, or a TileSource.

        PMTiles archives (of other programs, too), TIFF and COG, and KTX2 files stream in place:
        only what is seen is read, and raw tiles are encoded as they are wanted. PNG and JPEG
        pictures of up to RESIDENT_PIXELS texels are held in memory; larger ones, and those for
        which a quality is asked, are tiled once into an archive in the cache folder (cache_dir,
        else $FORGE3D_CACHE_DIR, else $XDG_CACHE_HOME/forge3d, else ~/.cache/forge3d), with
        progress(rows_done, rows). Arrays are held in memory whatever their size.

        preferred_format: what raw pixels are encoded as; None is the system's, for the first
        texture BC7 (RGBA8 where the device has none; heights: see open_tiles()). Blocks of a KTX2
        file in another format are decoded and encoded anew; an archive is not. srgb is for arrays.

        Raises FileNotFound, InvalidFile, InvalidArgument (another format or tile size than the
        system's), NotSupported, BudgetExceeded.
        """
        return self.add(self._open(source, preferred_format, quality, srgb, progress))

    def _open(
        self,
        source: Path | NDArray[Any] | TileSource,
        preferred_format: str | None,
        quality: str | None,
        srgb: bool,
        progress: Callable[[int, int], Any] | None,
    ) -> TileSource:
        if isinstance(source, TileSource):
            return source
        wished = self._format_for_pictures(preferred_format)
        if not isinstance(source, str | os.PathLike):
            return _core.tile_array(source, wished, self._tile_size, srgb)
        path = os.fspath(source)
        kind = _core.file_kind(path)
        if kind == "picture" and self._is_for_archive(path, quality):
            return open_tiles(
                path,
                format=wished,
                quality=quality or "fast",
                tile_size=self._tile_size,
                cache_dir=self._cache_dir,
                progress=progress,
            )
        # Where nothing is said the samples decide: heights are no colours.
        is_open = kind != "picture" and preferred_format is None and self.format is None
        found = _core.open_source(path, None if is_open else wished, quality or "fast", self._tile_size)
        if found.format == wished or (is_open and found.format != "BC7"):
            return found
        stored = found.format
        found.close()
        if kind == "ktx2":
            return _core.tile_file(path, wished, self._tile_size)
        if is_open:  # BC7, which the device lacks
            return _core.open_source(path, wished, quality or "fast", self._tile_size)
        raise _invalid(
            f"{path} holds {stored} tiles, and {wished} was asked for; tile the picture "
            f"anew with tile_picture()"
        )

    @staticmethod
    def _is_for_archive(path: str, quality: str | None) -> bool:
        width, height, _ = _core.picture_shape(path)
        return quality is not None or width * height > RESIDENT_PIXELS

    def _format_for_pictures(self, preferred_format: str | None) -> str:
        held = self.format
        if preferred_format is None:
            if held is not None:
                return held
            return "BC7" if "BC7" in _core.texture_support(self._device) else "RGBA8"
        wished = _core.source_format_name(preferred_format)
        if held is not None and wished != held:
            raise _invalid(
                f"this system streams {held}, and {wished} was asked for: the textures of one "
                f"system share a format; make another system for {wished}"
            )
        return wished

    @overload
    def prefetch_region(
        self,
        texture: VirtualTexture,
        *,
        region_center: Sequence[float] | NDArray[Any],
        radius: float,
        mip_level: int = 0,
    ) -> int: ...

    @overload
    def prefetch_region(
        self, texture: VirtualTexture, x: int, y: int, width: int, height: int, mip_level: int = 0
    ) -> int: ...

    @overload
    def prefetch_region(
        self,
        texture: VirtualTexture,
        region_center: Sequence[float] | NDArray[Any],
        radius: float,
        mip_level: int = 0,
    ) -> int: ...

    def prefetch_region(self, texture: VirtualTexture, *args: Any, **named: Any) -> int:
        """Asks for the tiles of a region before it is seen; how many were not resident.

        prefetch_region(texture, region_center, radius, mip_level=0): around a position (x, y[, z])
        of the world, in its units. prefetch_region(texture, x, y, width, height, mip_level=0): in
        texels of level 0, from the top left. What lies outside the texture is left out; a region
        wholly outside asks for nothing. The next updates load the tiles behind what is seen, as
        far as there are slots; flush() waits for them.
        """
        box, level = _region("prefetch_region", texture, args, named)
        first_x, last_x = _span(box[0], box[2], texture.size[0], level)
        first_y, last_y = _span(box[1], box[3], texture.size[1], level)
        if first_x >= last_x or first_y >= last_y:
            return 0
        return self.prefetch(texture, level, first_x, first_y, last_x - first_x, last_y - first_y)

    def request_region(
        self,
        texture: VirtualTexture,
        x: float,
        y: float,
        width: float,
        height: float,
        mip_level: int = 0,
        deadline: float = 0.0,
    ) -> RegionRequest:
        """Asks for the tiles of a region and keeps them while what is returned lives.

        In texels of level 0, from the top left; what lies outside the texture is left out. deadline:
        seconds from now. The tiles come behind what is seen, and before it once the deadline leaves
        no more time than their uploads need: 0 is at once, math.inf never. The next updates load
        them, flush() too. Raises InvalidArgument (a region outside, no such level, the deadline),
        StaleHandle, BudgetExceeded (regions of more than half of the slots).
        """
        box, level = _region("request_region", texture, (x, y, width, height, mip_level), {})
        first_x, last_x = _span(box[0], box[2], texture.size[0], level)
        first_y, last_y = _span(box[1], box[3], texture.size[1], level)
        if first_x >= last_x or first_y >= last_y:
            raise _invalid(f"the region lies outside the texture of {texture.size[0]} x {texture.size[1]}")
        return self.request(
            texture, level, first_x, first_y, last_x - first_x, last_y - first_y, deadline
        )

    def set_quality_settings(
        self,
        max_mip_bias: float | None = None,
        lod_scale: float | None = None,
        cache_priority_boost: float | None = None,
        *,
        preset: str = "balanced",
        prefetch_seconds: float | None = None,
        backlog_frames: int | None = None,
        fade_frames: int | None = None,
        frames_of_grace: int | None = None,
    ) -> bool:
        """How sharp, and what comes first; True, as what cannot be raises.

        preset: 'performance', 'balanced' or 'quality': what is not given here is the preset's.
        max_mip_bias: how many levels blurrier a view may become to fit the memory, 0..32; beyond it
        the least important tiles stay missing. lod_scale: 2 is one level sharper than the pixels
        ask for, 0.5 one blurrier, 1/64..64. cache_priority_boost: how many times as important
        tiles count that are in host memory already, 1..64. prefetch_seconds: how far ahead of a
        moving view its tiles are fetched, 0..1. backlog_frames: frames' worth of uploads that a
        view may wait for before it becomes blurrier; 0: for all. fade_frames: updates over which
        a tile that came is blended in. frames_of_grace: updates that a tile is spared after it was
        last wanted, when others can go.
        """
        self.configure(
            preset=preset,
            max_mip_bias=max_mip_bias,
            lod_scale=lod_scale,
            cache_priority_boost=cache_priority_boost,
            prefetch_seconds=prefetch_seconds,
            backlog_frames=backlog_frames,
            fade_frames=fade_frames,
            frames_of_grace=frames_of_grace,
        )
        return True

    def get_statistics(self) -> StreamingStatistics:
        """Counters and measured figures of now."""
        return StreamingStatistics(self.statistics())

    def get_memory_info(self) -> dict[str, int]:
        """Bytes and slots of now.

        total_budget: max_memory_mb. used_memory: tiles in the atlas and the page table.
        available_memory: free slots, or all of the budget before the first texture.
        held_memory: what atlas, page table and tile cache take from the ledger.
        """
        s = self.statistics()
        table = s["page_table_bytes"]
        free = s["memory_limit"] - s["memory_used"] if s["atlas_slots_total"] else self._max_bytes
        return {
            "total_budget": self._max_bytes,
            "used_memory": s["memory_used"] + table,
            "available_memory": free,
            "held_memory": s["atlas_bytes"] + table + s["tile_cache_bytes"],
            "active_tiles": s["active_tiles"],
            "atlas_slots_used": s["atlas_slots_used"],
            "atlas_slots_total": s["atlas_slots_total"],
        }

    def estimate_streaming_performance(
        self, texture_size: tuple[int, int], target_fps: float = 60, **options: Any
    ) -> dict[str, Any]:
        """estimate_streaming_performance() with this system's slots, viewport and settings, and its
        measured rate where tiles were loaded. options: trace, frames, latency_frames."""
        found, settings = self.statistics(), self.configuration()
        slots, loading_s = found["atlas_slots_total"], found["loading_s"]
        stored = (self._tile_size + 2 * _BORDER) ** 2
        tile_bytes = found["memory_limit"] / slots if slots else 4 * stored
        rate = found["tiles_loaded"] / loading_s if loading_s > 0 else None
        estimate = estimate_streaming_performance(
            texture_size,
            self._tile_size,
            (slots * tile_bytes if slots else self._max_bytes) / _MIB,
            target_fps,
            bytes_per_pixel=tile_bytes / stored,
            tiles_per_second=rate,
            viewport=settings["viewport"],
            upload_mb_per_frame=self._upload_bytes / _MIB,
            tuning={name: settings[name] for name in _TUNING},
            **options,
        )
        estimate["is_measured"] = rate is not None
        return estimate

    def report(self) -> StreamingReport:
        """Its figures, textures and atlas as a page that a notebook shows inline."""
        return StreamingReport(
            {
                "device": self._device_name,
                "statistics": dict(self.get_statistics()),
                "memory": self.get_memory_info(),
                "atlas": self.atlas_slots(),
                "textures": [
                    {
                        "name": texture.name,
                        "handle": texture.handle,
                        "width": texture.size[0],
                        "height": texture.size[1],
                        "format": texture.format,
                    }
                    for texture in self.textures()
                ],
            }
        )


Box = tuple[float, float, float, float]


def _region(
    call: str, texture: VirtualTexture, args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Box, int]:
    """The rectangle that a call means, in texels of level 0 from the top left, and the level."""
    if "region_center" in named or (args and not isinstance(args[0], int | float)):
        names: tuple[str, ...] = ("region_center", "radius", "mip_level")
        given = _arguments(call, names, args, named, required=2)
        center, radius = given["region_center"], float(given["radius"])
        if not (math.isfinite(radius) and radius > 0):
            raise _invalid("radius must be positive")
        if len(center) not in (2, 3) or not all(math.isfinite(float(c)) for c in center):
            raise _invalid("region_center must be two or three finite numbers")
        x, y = float(center[0]), texture.size[1] - float(center[1])
        box = (x - radius, y - radius, x + radius, y + radius)
    else:
        names = ("x", "y", "width", "height", "mip_level")
        given = _arguments(call, names, args, named, required=4)
        x, y, width, height = (float(given[name]) for name in names[:4])
        if not (width > 0 and height > 0):
            raise _invalid("width and height must be positive")
        box = (x, y, x + width, y + height)
        if not all(math.isfinite(edge) for edge in box):
            raise _invalid("x, y, width and height must be finite")
    level = int(given.get("mip_level", 0))
    if not 0 <= level <= texture.max_mip_level:
        raise _invalid(f"mip_level must be in 0..{texture.max_mip_level}, not {level}")
    return box, level


def _arguments(
    call: str, names: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any], required: int
) -> dict[str, Any]:
    """Positional and named arguments by name, as a call would bind them."""
    if len(args) > len(names):
        raise TypeError(f"{call}() takes at most {len(names)} arguments after the texture")
    given = dict(zip(names, args, strict=False))
    for name, value in named.items():
        if name not in names or name in given:
            raise TypeError(f"{call}() got an unexpected argument {name!r}")
        given[name] = value
    for name in names[:required]:
        if name not in given:
            raise TypeError(f"{call}() misses the argument {name!r}")
    return given


def _span(first: float, last: float, extent: int, level: int) -> tuple[int, int]:
    """[first, last) of level 0 in texels of `level`, inside the texture, rounded outwards."""
    level_extent = max(1, extent >> level)
    if last <= 0 or first >= extent:
        return 0, 0
    low = math.floor(max(first, 0) / (1 << level))
    high = math.ceil(min(last, extent) / (1 << level))
    return min(low, level_extent - 1), min(max(high, low + 1), level_extent)


def create_streaming_system(device: Device | None, **kwargs: Any) -> VirtualTextureSystem:
    """VirtualTextureSystem(device, **kwargs)."""
    return VirtualTextureSystem(device, **kwargs)


def _cache_folder(cache_dir: Path | None) -> pathlib.Path:
    if cache_dir is not None:
        return pathlib.Path(cache_dir)
    if named := os.environ.get("FORGE3D_CACHE_DIR"):
        return pathlib.Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (pathlib.Path(base) if base else pathlib.Path.home() / ".cache") / "forge3d"


def tile_picture(
    path: Path,
    out: Path,
    *,
    format: str = "BC7",
    quality: str = "fast",
    tile_size: int = 256,
    threads: int = 0,
    progress: Callable[[int, int], Any] | None = None,
) -> dict[str, Any]:
    """Tiles a PNG, JPEG or KTX2 picture of any size into a PMTiles archive, with bounded memory.

    The archive appears when it is whole. progress(rows_done, rows) may return False to cancel.
    Returns width, height, levels, format, tiles, unique_tiles, bytes_out, wall_ms, mpixels_per_s,
    threads. Raises FileNotFound, InvalidFile, NotSupported, Io, Cancelled.
    """
    return _core.tile_picture(
        os.fspath(path), os.fspath(out), format, quality, tile_size, threads, progress
    )


def open_tiles(
    path: Path,
    *,
    format: str | None = None,
    quality: str = "fast",
    tile_size: int = 256,
    height_range: tuple[float, float] | None = None,
    cache_dir: Path | None = None,
    progress: Callable[[int, int], Any] | None = None,
) -> TileSource:
    """The tiles of a file, told by its content.

    PMTiles, TIFF and KTX2 files are read in place. format: what raw pixels become; None: BC7 for
    colours and 8-bit grey, R16 for 16-bit grey and for float heights with a height_range (low, high),
    R32F for those without. Files that hold stored tiles or blocks keep their own.

    A PNG or JPEG becomes an archive in the cache folder, whose name holds the picture's path, size
    and time, and how it was tiled, so that a changed picture is tiled anew. Raises as
    tile_picture(), InvalidArgument (options).
    """
    name = os.fspath(path)
    if _core.file_kind(name) != "picture":
        return _core.open_source(name, format, quality, tile_size, height_range)
    format = format or "BC7"
    found = os.stat(name)
    picture = pathlib.Path(name).resolve()
    key = repr((str(picture), found.st_size, found.st_mtime_ns, format.upper(), quality, tile_size))
    folder = _cache_folder(cache_dir)
    archive = folder / f"{picture.stem}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.pmtiles"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        tile_picture(
            name,
            archive,
            format=format,
            quality=quality,
            tile_size=tile_size,
            progress=progress,
        )
    return _core.open_source(str(archive), None, quality, tile_size)


def _level_tiles(width: int, height: int, tile_size: int) -> list[int]:
    """Tiles of each level down to the first that fits one tile."""
    tiles = []
    while True:
        tiles.append(-(-width // tile_size) * -(-height // tile_size))
        if width <= tile_size and height <= tile_size:
            return tiles
        width, height = max(1, width >> 1), max(1, height >> 1)


def calculate_memory_requirements(
    texture_width: int,
    texture_height: int,
    tile_size: int = 256,
    bytes_per_pixel: float = 4,
    *,
    viewport: tuple[int, int] = (1920, 1080),
    trace: str = "fly",
    frames: int = 240,
) -> dict[str, int]:
    """What a texture would take, in bytes.

    full_texture_size: level 0 alone, all of it. tile_count: tiles of level 0; total_tile_count: of
    all levels. tile_memory_size: one tile in the atlas, with its border of 4 texels. The rest comes
    from a simulated flight (see estimate_streaming_performance()): working_set_tiles, the most that a
    frame wants; recommended_cache_size, twice that and the coarsest tile, never more than all tiles;
    page_table_size, what its page table takes then. bytes_per_pixel: 4 for RGBA8, 1 for BC7, 0.5 for
    BC1. Raises InvalidArgument, BudgetExceeded (tiles too small for a page table of 1 MiB).
    """
    _check_tile_size(tile_size)
    if texture_width <= 0 or texture_height <= 0 or not bytes_per_pixel > 0:
        raise _invalid("texture_width, texture_height and bytes_per_pixel must be positive")
    levels = _level_tiles(texture_width, texture_height, tile_size)
    tile_bytes = _tile_bytes(tile_size, bytes_per_pixel)
    flown = _core.simulate_streaming(
        (texture_width, texture_height),
        tile_size,
        trace,
        frames,
        viewport,
        0,
        max(1, 8 * _MIB // tile_bytes),
        60,
        3,
        "balanced",
    )
    return {
        "full_texture_size": math.ceil(texture_width * texture_height * bytes_per_pixel),
        "tile_count": levels[0],
        "total_tile_count": sum(levels),
        "tile_memory_size": tile_bytes,
        "working_set_tiles": flown["working_set_max"],
        "recommended_cache_size": min(sum(levels), flown["slots"]) * tile_bytes,
        "page_table_size": flown["page_table_bytes"],
    }


def estimate_streaming_performance(
    texture_size: tuple[int, int],
    tile_size: int = 256,
    cache_size_mb: float = 256,
    target_fps: float = 60,
    *,
    bytes_per_pixel: float = 4,
    tiles_per_second: float | None = None,
    upload_mb_per_frame: float = 8,
    viewport: tuple[int, int] = (1920, 1080),
    trace: str = "fly",
    frames: int = 600,
    latency_frames: int = 3,
    tuning: str | Mapping[str, float] = "balanced",
) -> dict[str, Any]:
    """What a cache would do for a texture: the manager's own decisions over a simulated flight.

    No device, no file and no clock takes part: the result is the same on every machine. trace: pan,
    fly, look, zoom, teleport or map; frames at target_fps; tiles come latency_frames after they were
    asked for, as many a frame as tiles_per_second says, or else as upload_mb_per_frame holds.
    tuning: a preset's name or what set_quality_settings() takes.

    cache_capacity_tiles: slots in cache_size_mb. tiles_per_frame_budget: uploads a frame.
    memory_pressure_factor: the most tiles that a frame wants over the slots, at most 1.
    recommended_prefetch_distance: tiles of level 0 that the camera passes (texels_per_frame, the
    median) while 99 % of the tiles that were waited for come; at least 1. exact_area: the mean share
    of the screen at its full sharpness; mip_deficit: mean levels missing; mip_bias_mean, mip_bias_max;
    working_set_mean, working_set_max: tiles that a frame wants; frames_to_visible_p50, _p99;
    tiles_wanted, tiles_missing: summed over frames; tiles_loaded, tiles_evicted, tiles_prefetched,
    tiles_prefetch_wasted, holes, decisions_hash, page_table_bytes. is_measured: whether the rate was
    measured, as VirtualTextureSystem.estimate_streaming_performance() has it.
    """
    _check_tile_size(tile_size)
    if not cache_size_mb > 0 or not target_fps > 0 or min(texture_size) <= 0:
        raise _invalid("texture_size, cache_size_mb and target_fps must be positive")
    if not bytes_per_pixel > 0 or not (tiles_per_second is None or tiles_per_second > 0):
        raise _invalid("bytes_per_pixel and tiles_per_second must be positive")
    tile_bytes = _tile_bytes(tile_size, bytes_per_pixel)
    capacity = int(cache_size_mb * _MIB // tile_bytes)
    total = sum(_level_tiles(*texture_size, tile_size))
    budget = float(max(1, int(upload_mb_per_frame * _MIB) // tile_bytes))
    rate = budget * target_fps if tiles_per_second is None else float(tiles_per_second)
    flown = _core.simulate_streaming(
        texture_size,
        tile_size,
        trace,
        frames,
        viewport,
        max(1, min(capacity, total + 1)),  # more slots than tiles change nothing
        min(rate / target_fps, 1e6),
        target_fps,
        latency_frames,
        tuning if isinstance(tuning, str) else dict(tuning),
    )
    passed = flown["texels_per_frame"] * flown["frames_to_visible_p99"] / tile_size
    return flown | {
        "cache_capacity_tiles": capacity,
        "tiles_per_frame_budget": max(1, int(rate / target_fps)),
        "memory_pressure_factor": min(1.0, flown["working_set_max"] / capacity),
        "recommended_prefetch_distance": max(1, math.ceil(passed)),
        "tiles_per_second": rate,
        "is_measured": False,
    }


def _tile_bytes(tile_size: int, bytes_per_pixel: float) -> int:
    stored = tile_size + 2 * _BORDER
    return math.ceil(stored * stored * bytes_per_pixel)
