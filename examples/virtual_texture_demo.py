# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Virtual textures (O4): a world of 65,536 x 65,536 texels that exists nowhere as a whole.

usage: virtual_texture_demo.py [OUT_FOLDER [PICTURE.png|.jpg|.ktx2]]

The one idea: what is seen is resident, in a budget that never grows. The world is a function that
computes a tile when it is asked for one; a picture is tiled into an archive first.
"""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import numpy as np
import numpy.typing as npt
from demo import Arguments, Pixels, run

import forge3d
from forge3d import streaming

WORLD, TILE = 65_536, 256
FRAMES, PICTURES = 180, 4


def world_tile(level: int, x: int, y: int) -> Pixels:
    """Land, sea and a grid of meridians, with the border of 4 texels that filters need.

    Called from several threads; what it raises makes the tile fail and is named in the statistics.
    """
    texel = 2.0**level  # in texels of level 0
    last = (WORLD >> level) - 1

    def places(page: int) -> npt.NDArray[np.floating[Any]]:
        # Centres, in texels of level 0. Texels outside a level repeat its edge, as stored tiles do.
        at = np.arange(page * TILE - 4, page * TILE + TILE + 4)
        return (np.clip(at, 0, last) + 0.5) * texel

    px, py = places(x), places(y)[:, np.newaxis]
    height = np.zeros((TILE + 8, TILE + 8))
    # Waves shorter than two texels are left out: the coarser levels are filtered, too.
    wave, weight = 40_000.0, 1.0
    while wave > max(2 * texel, 4):
        columns = weight * np.sin(px * 6.28 / wave + weight * 9)
        height += columns * np.sin(py * 6.28 / wave + weight * 5)
        wave, weight = wave / 2.3, weight * 0.62
    shade = np.clip(0.5 + height / 2, 0, 1)
    land = height > 0
    line = max(24.0, texel)
    grid = (px % 4096 < line) | (py % 4096 < line)
    red = np.where(land, 60 + 150 * shade, 20)
    green = np.where(land, 110 + 60 * shade, 50 + 90 * shade)
    blue = np.where(land, 50 + 60 * shade, 120 + 120 * shade)
    colour = np.stack([red, green, blue], axis=-1)
    colour[grid] = (230, 210, 150)
    return colour.astype(np.uint8)


def open_world(arguments: Arguments) -> streaming.TileSource:
    if arguments.source is None:
        return streaming.CallbackTileSource(world_tile, WORLD, WORLD, "RGBA8", TILE, name="world")
    archive = arguments.out / "picture.pmtiles"
    tiled = streaming.tile_picture(arguments.source, archive, format="BC1")
    print(
        f"tiled:    {tiled['width']} x {tiled['height']} texels to {tiled['tiles']} tiles, "
        f"{tiled['mpixels_per_s']:.1f} MPixel/s"
    )
    return streaming.open_tiles(archive)


def camera_at(t: float, world: streaming.TileSource) -> streaming.Camera:
    """From all of the world down to its texels, looking ever further ahead."""
    far = max(world.width, world.height)
    near = min(300, far / 4)
    return streaming.Camera(
        x=world.width * (0.5 - 0.09 * t),
        y=world.height * (0.5 + 0.02 * t),
        height=far * (near / far) ** t,
        yaw=math.pi / 2,
        pitch=1.5707 - 0.9 * t,
    )


def fly(system: streaming.VirtualTextureSystem, world: streaming.TileSource, out: Arguments) -> None:
    """Sixty frames a second; what cannot be there in time is shown blurrier."""
    size = (640, 360)
    next_frame = time.perf_counter()
    for frame in range(FRAMES):
        camera = camera_at(frame / (FRAMES - 1), world)
        system.update_streaming(camera)
        next_frame += 1 / 60
        time.sleep(max(0.0, next_frame - time.perf_counter()))
        if frame % (FRAMES // PICTURES) != FRAMES // PICTURES - 1:
            continue
        # What a moving camera gets; render() waits for what one gets that stands still.
        moving = system.measure_sharpness()
        name = f"frame_{frame}.png"
        forge3d.save_png(out.out / name, system.render(camera, size))
        next_frame = time.perf_counter()
        print(
            f"frame {frame:3}: height {camera.height:7.0f}, {100 * moving['exact_area']:5.1f} % "
            f"sharp while moving; {name}"
        )


def virtual_texture(arguments: Arguments) -> None:
    with (
        open_world(arguments) as world,
        forge3d.Device(limits=(24 << 20, 56 << 20)) as device,
        streaming.VirtualTextureSystem(device, max_memory_mb=40, viewport=(640, 360)) as system,
    ):
        system.load_texture(world)
        need = streaming.calculate_memory_requirements(world.width, world.height)
        slots = system.get_memory_info()["atlas_slots_total"]
        print(
            f"world:    {world.width} x {world.height} texels, {world.levels} levels, "
            f"{need['full_texture_size'] / 1e6:.1f} MB as one image; budget "
            f"{device.memory()['total_limit_bytes'] / 1e6:.1f} MB, {slots} slots"
        )
        print(f"needs:    {need['recommended_cache_size'] / 1e6:.1f} MB for 1920 x 1080, by simulation")
        # Where the flight will end is known: it is sharp on arrival.
        with system.request_view(camera_at(1, world), deadline=FRAMES / 60) as arrival:
            fly(system, world, arguments)
            print(f"arrival:  {arrival.pages} tiles asked for before, {arrival.missing} missing")
        stats = system.get_statistics()
        print(
            f"tiles:    {stats.tiles_loaded} loaded, {stats.tiles_evicted} evicted, "
            f"{stats.cache_hit_rate:.1f} % of the wanted were there, {stats.tiles_prefetched} before "
            f"they were seen; {stats.holes} holes"
        )
        print(f"update:   p50 {stats.update_ms_p50:.2f} ms, p99 {stats.update_ms_p99:.2f} ms")
        held = device.memory()
        print(
            f"memory:   at most {held['peak_total_bytes'] / 1e6:.2f} of "
            f"{held['total_limit_bytes'] / 1e6:.2f} MB"
        )
        for error in stats.errors:
            print(f"error:    {error}")
        system.report().save(arguments.out / "report.html")
        print(f"report:   {arguments.out / 'report.html'}")


if __name__ == "__main__":
    sys.exit(run(virtual_texture))
