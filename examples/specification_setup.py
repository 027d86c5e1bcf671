# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""What the snippets of specification.py take for granted: a device, data, files, a camera."""

from __future__ import annotations

import math
import os
import pathlib

import numpy as np
import numpy.typing as npt

import forge3d
from forge3d import compressed

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

WORLD = 8192


def look_at(eye: Vector, target: Vector, up: Vector) -> Matrix:
    """The view matrix everybody writes: column vectors, the camera looks along -z."""
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = right, np.cross(back, right), back
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def perspective(fov_y: float, aspect: float, near: float, far: float) -> Matrix:
    """The projection that goes with it: y up, z from -w to w."""
    f = 1 / math.tan(fov_y / 2)
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = f / aspect, f
    projection[2, 2:] = (far + near) / (near - far), 2 * far * near / (near - far)
    projection[3, 2] = -1
    return projection


def make_world(size: int) -> npt.NDArray[np.uint8]:
    """Waves of many lengths over a grid, RGB."""
    at = np.arange(size, dtype=np.float32)
    columns = sum(np.sin(at * np.float32(6.28 / wave)) * wave for wave in (3000, 700, 150, 31))
    rows = sum(np.cos(at * np.float32(6.28 / wave)) * wave for wave in (2000, 500, 110, 23))
    world = np.empty((size, size, 3), np.uint8)
    for y in range(size):  # row by row: the whole as floats would take gigabytes
        height = columns + rows[y]
        world[y, :, 0] = 120 + height * (100 / 8000)
        world[y, :, 1] = np.where(height > 0, 150, 90) + y * 60 // size
        world[y, :, 2] = np.where((at % 512 < 8) | (y % 512 < 8), 240, 60)
    return world


def make_files(folder: pathlib.Path) -> None:
    """The files that the page names, in the current folder; made once."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    # Large pictures are tiled once, into this folder instead of ~/.cache/forge3d.
    os.environ.setdefault("FORGE3D_CACHE_DIR", "cache")
    asset, world = pathlib.Path("asset.ktx2"), pathlib.Path(f"world_texture_{WORLD}x{WORLD}.ktx2")
    if not asset.exists():
        compressed.compress(make_world(1024), "fast", zstd_level=3).save(asset)
    if not world.exists():
        made = compressed.compress(make_world(WORLD), "fast", format="BC1")
        made.save(world)
        print(
            f"{world}: {made.bytes_out / 1e6:.1f} MB, {made.psnr_db:.1f} dB, encoded at "
            f"{made.mpixels_per_s:.0f} MPixel/s"
        )


device = forge3d.get_device()
data = np.random.default_rng(1).integers(0, 256, 16 << 20, dtype=np.uint8)
target_buffer = forge3d.Buffer(device, data.nbytes)

camera_pos = np.array([2000.0, 3000.0, 400.0])
view_matrix = look_at(camera_pos, np.array([3500.0, 4500.0, 0.0]), np.array([0.0, 0.0, 1.0]))
proj_matrix = perspective(math.radians(60), 1280 / 720, 1, 20_000)


def get_camera_velocity() -> Vector:
    """World units a second."""
    return np.array([300.0, 300.0, 0.0])
