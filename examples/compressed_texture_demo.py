# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed textures (O3): a picture becomes a KTX2 file, and the device shows what is left of it.

usage: compressed_texture_demo.py [OUT_FOLDER [PICTURE]]

The one idea: quality is measured, not promised. The encoder's PSNR is that of its decoded blocks,
and the device's own sampler is asked whether it sees the same.
"""

from __future__ import annotations

import pathlib
import sys
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from demo import Arguments, Pixels, input_picture, run

import forge3d
from forge3d import compressed, memory

CHOICES: tuple[tuple[str, Literal["fast", "normal"]], ...] = (
    ("BC1", "fast"),
    ("BC1", "normal"),
    ("BC7", "fast"),
    ("BC7", "normal"),
)


def compare_choices(picture: Pixels) -> None:
    """What each choice costs and gives."""
    print(f"{'':12} {'ratio':>8} {'PSNR':>10} {'MPixel/s':>12}")
    for name, quality in CHOICES:
        made = compressed.compress(picture, quality, format=name, generate_mipmaps=False)
        print(
            f"{name + ' ' + quality:12} {made.compression_ratio:6.2f}:1 {made.psnr_db:7.2f} dB "
            f"{made.mpixels_per_s:12.1f}"
        )


def reach(picture: Pixels) -> None:
    """Qualities by name: the smallest format that gets there, no more effort than it takes."""
    for target in (35, 40, 45):
        made = compressed.compress(
            picture, "high", target_psnr=target, memory_priority="memory", zstd_level=9
        )
        verdict = "reached" if made.target_reached else "not reached"
        print(
            f"{target} dB {verdict:6} {made.metric_db:6.2f} dB by {made.format} {made.quality}, "
            f"{made.compression_ratio:.1f}:1, {made.encode_ms:.0f} ms"
        )


def normals_of(relief: npt.NDArray[np.floating[Any]]) -> Pixels:
    """A normal map of heights: unit vectors as codes 0..255."""
    down, right = np.gradient(8 * relief)
    vectors = np.stack([-right, -down, np.ones_like(relief)], axis=-1)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    codes: Pixels = np.rint((vectors + 1) * 127.5).astype(np.uint8)
    return codes


def use_cases(picture: Pixels) -> None:
    """What a texture is for decides its format, its mips and its measure."""
    relief = picture[..., 0] / np.float32(255)
    light = (picture[..., :3] / np.float32(255)) ** 2.2 * 50
    uses: tuple[tuple[compressed.UseCase, npt.NDArray[Any]], ...] = (
        ("albedo", picture),
        ("normal", normals_of(relief)),
        ("height", relief),
        ("hdr", light.astype(np.float16)),
        ("ui", picture),
    )
    for use_case, array in uses:
        made = compressed.compress(array, "normal", use_case)
        degrees = made.normal_degrees
        angles = f", {degrees['mean']:.2f} degrees in the mean" if degrees else ""
        print(
            f"{use_case:12} {made.format:6} {made.compression_ratio:4.1f}:1, {made.metric} "
            f"{min(made.metric_db, 99):.2f} dB{angles}"
        )
        print(f"{'':12} {made.choice_reason}")


def on_the_device(path: pathlib.Path) -> Pixels:
    """Onto the device, and back through its sampler."""
    with compressed.load_texture(path, on_device=True) as texture:
        saved = 100 - 100 * texture.level_bytes_total / texture.uncompressed_bytes
        print(
            f"{'device':12} {texture.level_bytes_total} bytes instead of "
            f"{texture.uncompressed_bytes} as RGBA8, {saved:.0f} % less"
        )
        return texture.sample()


def difference(a: Pixels, b: Pixels) -> Pixels:
    """Eight times the distance between two pictures, so that it can be seen."""
    distance = np.maximum(a, b) - np.minimum(a, b)
    out: Pixels = np.minimum(distance[..., :3], 31) * np.uint8(8)
    return out


def compressed_texture(arguments: Arguments) -> None:
    picture = input_picture(arguments, 512, 512)
    compare_choices(picture)
    reach(picture)
    use_cases(picture)

    # Kept as codes, not as light (srgb=False), to compare what is sampled with the picture's.
    made = compressed.compress(picture, "normal", format="BC1", srgb=False, zstd_level=9)
    path = arguments.out / "picture.ktx2"
    made.save(path)
    verdict = compressed.validate_ktx2_file(path)
    if not verdict:
        raise forge3d.Error(str(verdict))
    print(
        f"{path.name:12} {made.bytes_out} bytes, {made.mip_levels} levels, zstd: "
        f"{made.compression_ratio:.1f}:1, valid KTX2"
    )

    started = memory.init_memory_system(staging_memory_mb=8, memory_pools=False)
    print(f"{'on':12} {started['device']}: {', '.join(forge3d.get_compressed_texture_support())}")
    seen = on_the_device(path)
    measured = compressed.compare(picture, seen)["psnr_db"]
    print(f"{'quality':12} {measured:.2f} dB as sampled; the encoder has said {made.psnr_db:.2f} dB")
    forge3d.save_png(arguments.out / "original.png", picture)
    forge3d.save_png(arguments.out / "sampled.png", seen)
    forge3d.save_png(arguments.out / "difference_x8.png", difference(picture, seen))
    decode_ms = memory.get_performance_metrics()["decode_time_ms"]
    print(f"{'loaded in':12} {decode_ms:.2f} ms, without the upload")
    print(f"{'report':12} {memory.report().save(arguments.out / 'report.html')}")
    memory.shutdown()


if __name__ == "__main__":
    sys.exit(run(compressed_texture))
