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
from forge3d._core import CallbackTileSource, Camera, Device, TileSource, VirtualTexture
from forge3d._errors import InvalidArgument

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CallbackTileSource",
    "Camera",
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
#: Pictures of more texels than this are tiled into an archive instead of being held in memory.
RESIDENT_PIXELS = 16 << 20


def _invalid(message: str) -> InvalidArgument:
    return InvalidArgument(message, code="invalid_argument")


def _check_tile_size(tile_size: int) -> None:
    if tile_size <= 0 or tile_size & (tile_size - 1) != 0:
        raise _invalid("tile_size must be a positive power of 2")


class StreamingStatistics(Mapping[str, Any]):
    """Counters of a streaming system at one moment, as attributes and as a read-only mapping.

    Since creation: cache_hits, cache_misses (wanted tiles that were resident, or not, at the start
    of an update), tiles_requested, tiles_loaded, tiles_evicted, tiles_failed, bytes_uploaded,
    updates. Now: memory_used (atlas slots in use, bytes), memory_limit (all slots), active_tiles,
    atlas_utilization (0..1), atlas_slots_used, atlas_slots_total, atlas_slots_pinned,
    tiles_in_flight, textures, loading_s
    (seconds in which wanted tiles were missing), atlas_bytes and page_table_bytes (held from the ledger). Measured:
    update_ms_p50, update_ms_p99, frames_to_visible_p50, frames_to_visible_p99. errors: the latest
    failed tiles, at most 16. In percent: cache_hit_rate, memory_utilization.
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
    means its sRGB form: for linear data leave the format to the first texture. Raises
    ValueError for sizes that cannot be, BudgetExceeded.
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
        viewport: tuple[int, int] = (1280, 720),
        cache_dir: Path | None = None,
    ) -> None:
        if not max_memory_mb > 0:
            raise _invalid("max_memory_mb must be positive")
        _check_tile_size(tile_size)
        if not upload_mb_per_update > 0:
            raise _invalid("upload_mb_per_update must be positive")
        self._device = device
        self._device_name = "the default device" if device is None else device.name
        self._max_bytes = int(max_memory_mb * _MIB)
        self._tile_size = tile_size
        self._cache_dir = cache_dir
        super().__init__(
            device,
            self._max_bytes,
            tile_size,
            format,
            max_textures,
            worker_threads,
            int(upload_mb_per_update * _MIB),
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

        A PMTiles archive of forge3d is read in place, as it is. A PNG, JPEG or KTX2 picture
        (level 0) is held in memory and its tiles are encoded as they are wanted, up to
        RESIDENT_PIXELS texels; larger ones, and those for which a quality is asked, are tiled once
        into an archive in the cache folder (cache_dir, else $FORGE3D_CACHE_DIR, else
        $XDG_CACHE_HOME/forge3d, else ~/.cache/forge3d), with progress(rows_done, rows).
        Arrays are held in memory whatever their size. preferred_format: what pictures and arrays
        are encoded as; None is the system's, for the first BC7 (RGBA8 where the device has none).
        srgb is for arrays.

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
        if _core.file_kind(path) == "pmtiles":
            self._refuse_other_format(preferred_format, path)
            return _core.open_archive(path)
        width, height, _ = _core.picture_shape(path)
        if quality is None and width * height <= RESIDENT_PIXELS:
            return _core.tile_file(path, wished, self._tile_size)
        return open_tiles(
            path,
            format=wished,
            quality=quality or "fast",
            tile_size=self._tile_size,
            cache_dir=self._cache_dir,
            progress=progress,
        )

    def _refuse_other_format(self, preferred_format: str | None, path: str) -> None:
        """An archive has the format it has: a wish for another is not passed over in silence."""
        if preferred_format is None:
            return
        with _core.open_archive(path) as archive:
            if _core.format_name(preferred_format) != archive.format:
                raise _invalid(
                    f"{path} holds {archive.format} tiles, and {preferred_format} was asked for; "
                    f"tile the picture anew with tile_picture()"
                )

    def _format_for_pictures(self, preferred_format: str | None) -> str:
        held = self.format
        if preferred_format is None:
            if held is not None:
                return held
            return "BC7" if "BC7" in _core.texture_support(self._device) else "RGBA8"
        wished = _core.format_name(preferred_format)
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
        texture_width, texture_height = texture.size
        if "region_center" in named or (args and not isinstance(args[0], int | float)):
            names: tuple[str, ...] = ("region_center", "radius", "mip_level")
            given = _arguments(names, args, named, required=2)
            center, radius = given["region_center"], float(given["radius"])
            if not (math.isfinite(radius) and radius > 0):
                raise _invalid("radius must be positive")
            if len(center) not in (2, 3) or not all(math.isfinite(float(c)) for c in center):
                raise _invalid("region_center must be two or three finite numbers")
            x, y = float(center[0]), texture_height - float(center[1])
            box = (x - radius, y - radius, x + radius, y + radius)
        else:
            names = ("x", "y", "width", "height", "mip_level")
            given = _arguments(names, args, named, required=4)
            if given["width"] <= 0 or given["height"] <= 0:
                raise _invalid("width and height must be positive")
            box = (
                given["x"],
                given["y"],
                given["x"] + given["width"],
                given["y"] + given["height"],
            )
        level = int(given.get("mip_level", 0))
        if not 0 <= level <= texture.max_mip_level:
            raise _invalid(f"mip_level must be in 0..{texture.max_mip_level}, not {level}")
        first_x, last_x = _span(box[0], box[2], texture_width, level)
        first_y, last_y = _span(box[1], box[3], texture_height, level)
        if first_x >= last_x or first_y >= last_y:
            return 0
        return self.prefetch(texture, level, first_x, first_y, last_x - first_x, last_y - first_y)

    def set_quality_settings(
        self,
        max_mip_bias: float | None = None,
        lod_scale: float = 1.0,
        cache_priority_boost: float = 1.0,
    ) -> bool:
        """How sharp, and how long tiles stay; True, as what cannot be raises.

        max_mip_bias: how many levels blurrier a view may become to fit the memory; None: as many
        as it takes. Beyond it the least important tiles stay missing. lod_scale: 2 is one level
        sharper than the pixels ask for, 0.5 one blurrier. cache_priority_boost: how long a tile
        that is no longer seen is spared when others can go, in units of two updates.
        """
        if not (math.isfinite(lod_scale) and lod_scale > 0):
            raise _invalid("lod_scale must be positive")
        if not (math.isfinite(cache_priority_boost) and 0 <= cache_priority_boost <= 1e6):
            raise _invalid("cache_priority_boost must be in 0..1e6")
        self.configure(
            max_mip_bias=32.0 if max_mip_bias is None else max_mip_bias,
            lod_bias=-math.log2(lod_scale),
            frames_of_grace=round(2 * cache_priority_boost),
        )
        return True

    def get_statistics(self) -> StreamingStatistics:
        """Counters and measured figures of now."""
        return StreamingStatistics(self.statistics())

    def get_memory_info(self) -> dict[str, int]:
        """Bytes and slots of now.

        total_budget: max_memory_mb. used_memory: tiles in the atlas and the page table.
        available_memory: free slots, or all of the budget before the first texture.
        held_memory: what atlas and page table take from the ledger.
        """
        s = self.statistics()
        table = s["page_table_bytes"]
        free = s["memory_limit"] - s["memory_used"] if s["atlas_slots_total"] else self._max_bytes
        return {
            "total_budget": self._max_bytes,
            "used_memory": s["memory_used"] + table,
            "available_memory": free,
            "held_memory": s["atlas_bytes"] + table,
            "active_tiles": s["active_tiles"],
            "atlas_slots_used": s["atlas_slots_used"],
            "atlas_slots_total": s["atlas_slots_total"],
        }

    def estimate_streaming_performance(
        self, texture_size: tuple[int, int], target_fps: float = 60
    ) -> dict[str, Any]:
        """estimate_streaming_performance() with this system's slots, and its measured rate where
        tiles were loaded."""
        return _estimate(texture_size, self._tile_size, self._max_bytes, target_fps, self.statistics())

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


def _arguments(
    names: tuple[str, ...], args: tuple[Any, ...], named: dict[str, Any], required: int
) -> dict[str, Any]:
    """Positional and named arguments by name, as a call would bind them."""
    if len(args) > len(names):
        raise TypeError(f"prefetch_region() takes at most {len(names)} arguments after the texture")
    given = dict(zip(names, args, strict=False))
    for name, value in named.items():
        if name not in names or name in given:
            raise TypeError(f"prefetch_region() got an unexpected argument {name!r}")
        given[name] = value
    for name in names[:required]:
        if name not in given:
            raise TypeError(f"prefetch_region() misses the argument {name!r}")
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
    format: str = "BC7",
    quality: str = "fast",
    tile_size: int = 256,
    cache_dir: Path | None = None,
    progress: Callable[[int, int], Any] | None = None,
) -> TileSource:
    """The tiles of a file: an archive as it is, a picture by an archive in the cache folder.

    The archive's name holds the picture's path, size and time, and how it was tiled, so that a
    changed picture is tiled anew. Raises as tile_picture().
    """
    name = os.fspath(path)
    if _core.file_kind(name) == "pmtiles":
        return _core.open_archive(name)
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
    return _core.open_archive(str(archive))


def _level_tiles(width: int, height: int, tile_size: int) -> list[int]:
    """Tiles of each level down to the first that fits one tile."""
    tiles = []
    while True:
        tiles.append(-(-width // tile_size) * -(-height // tile_size))
        if width <= tile_size and height <= tile_size:
            return tiles
        width, height = max(1, width >> 1), max(1, height >> 1)


def calculate_memory_requirements(
    texture_width: int, texture_height: int, tile_size: int = 256, bytes_per_pixel: float = 4
) -> dict[str, int]:
    """What a texture would take, in bytes.

    full_texture_size: level 0 alone, all of it. tile_count: tiles of level 0; total_tile_count: of
    all levels. tile_memory_size: one tile in the atlas, with its border of 4 texels.
    recommended_cache_size: slots for a screen of 1920 x 1080 with one tile of margin each way and
    its coarser levels (4/3), twice, for what is about to be seen; never more than all tiles.
    bytes_per_pixel: 4 for RGBA8, 1 for BC7, 0.5 for BC1.
    """
    _check_tile_size(tile_size)
    if texture_width <= 0 or texture_height <= 0 or not bytes_per_pixel > 0:
        raise _invalid("texture_width, texture_height and bytes_per_pixel must be positive")
    levels = _level_tiles(texture_width, texture_height, tile_size)
    stored = tile_size + 2 * _BORDER
    tile_bytes = math.ceil(stored * stored * bytes_per_pixel)
    screen = (math.ceil(1920 / tile_size) + 2) * (math.ceil(1080 / tile_size) + 2)
    return {
        "full_texture_size": math.ceil(texture_width * texture_height * bytes_per_pixel),
        "tile_count": levels[0],
        "total_tile_count": sum(levels),
        "tile_memory_size": tile_bytes,
        "recommended_cache_size": min(sum(levels), math.ceil(screen * 4 / 3 * 2)) * tile_bytes,
    }


def estimate_streaming_performance(
    texture_size: tuple[int, int],
    tile_size: int = 256,
    cache_size_mb: float = 256,
    target_fps: float = 60,
    *,
    bytes_per_pixel: float = 4,
    tiles_per_second: float | None = None,
) -> dict[str, Any]:
    """What a cache can do for a texture: an estimate by the formulas below, nothing measured.

    cache_capacity_tiles: cache over a tile with its border. tiles_per_frame_budget:
    tiles_per_second / target_fps, at least 1; without a rate of one's own, what the upload limit
    of 8 MiB an update lets through. memory_pressure_factor: all tiles of all levels over the
    capacity, at most 1. recommended_prefetch_distance: tiles ahead, so that a ring of that width
    around a 1920 x 1080 view fits what the view leaves of the cache; at least 1. is_measured says
    whether the rate was measured: VirtualTextureSystem.estimate_streaming_performance() uses its
    own.
    """
    _check_tile_size(tile_size)
    if not cache_size_mb > 0 or not target_fps > 0 or min(texture_size) <= 0:
        raise _invalid("texture_size, cache_size_mb and target_fps must be positive")
    stored = tile_size + 2 * _BORDER
    tile_bytes = stored * stored * bytes_per_pixel
    capacity = int(cache_size_mb * _MIB // tile_bytes)
    rate = tiles_per_second or max(1, 8 * _MIB // tile_bytes) * target_fps
    total = sum(_level_tiles(*texture_size, tile_size))
    return {
        "cache_capacity_tiles": capacity,
        "tiles_per_frame_budget": max(1, int(rate / target_fps)),
        "memory_pressure_factor": min(1.0, total / max(1, capacity)),
        "recommended_prefetch_distance": _prefetch_distance(capacity, tile_size),
        "tiles_per_second": float(rate),
        "is_measured": False,
    }


def _prefetch_distance(capacity: int, tile_size: int) -> int:
    """The widest ring of tiles around a view that its cache still holds, coarser levels included."""
    columns, rows = math.ceil(1920 / tile_size) + 1, math.ceil(1080 / tile_size) + 1
    distance = 1
    while (columns + 2 * distance + 2) * (rows + 2 * distance + 2) * 4 / 3 <= capacity:
        distance += 1
    return distance


def _estimate(
    texture_size: tuple[int, int],
    tile_size: int,
    cache_bytes: int,
    target_fps: float,
    statistics: dict[str, Any],
) -> dict[str, Any]:
    """With the slots that a system has, and the rate at which its tiles came."""
    slots = statistics["atlas_slots_total"]
    stored = (tile_size + 2 * _BORDER) ** 2
    tile_bytes = statistics["memory_limit"] / slots if slots else stored
    loading_s = statistics["loading_s"]
    rate = statistics["tiles_loaded"] / loading_s if loading_s > 0 else None
    estimate = estimate_streaming_performance(
        texture_size,
        tile_size,
        (slots * tile_bytes if slots else cache_bytes) / _MIB,
        target_fps,
        bytes_per_pixel=tile_bytes / stored,
        tiles_per_second=rate,
    )
    estimate["is_measured"] = rate is not None
    return estimate
