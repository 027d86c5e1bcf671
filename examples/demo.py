# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""What the examples share and none of them is about: arguments, a picture to work on, small SVGs."""

from __future__ import annotations

import pathlib
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import forge3d

Pixels = npt.NDArray[np.uint8]

#: The exit codes of the forge3d tool.
EXIT_CODES = {
    "invalid_argument": 1,
    "io": 2,
    "invalid_file": 3,
    "not_supported": 5,
    "budget_exceeded": 8,
}


@dataclass(frozen=True)
class Arguments:
    """out: a folder for pictures. source: None, and the example makes its own input."""

    out: pathlib.Path = pathlib.Path()
    source: pathlib.Path | None = None


def run(body: Callable[[Arguments], None]) -> int:
    """`NAME.py [OUT_FOLDER [INPUT]]`: runs the example, says what went wrong, gives the exit code."""
    name, *given = sys.argv
    if len(given) > 2 or (given and given[0].startswith("-")):
        print(f"usage: {name} [OUT_FOLDER [INPUT]]", file=sys.stderr)
        return 1
    arguments = Arguments(*map(pathlib.Path, given))
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        body(arguments)
    except forge3d.Error as error:
        print(f"{name}: {error}", file=sys.stderr)
        return EXIT_CODES.get(error.code, 4)
    except OSError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    return 0


def ms_since(start: float) -> float:
    """Milliseconds since a time.perf_counter()."""
    return 1000 * (time.perf_counter() - start)


def procedural_picture(width: int, height: int) -> Pixels:
    """Rings, a gradient and fine hatching: smooth and sharp parts for codecs and filters."""
    y, x = np.mgrid[0:height, 0:width]
    u, v = x / width - 0.5, y / height - 0.5
    hatched = (x > width // 2) & (y > height // 2) & ((x // 3 + y // 3) % 2 == 0)
    red = 128 + 100 * np.sin(60 * np.hypot(u, v))
    green = 40 + 180 * (v + 0.5)
    blue = np.where(hatched, 30, 60 + 160 * (u + 0.5))
    return np.stack([red, green, blue, np.full_like(red, 255)], axis=-1).astype(np.uint8)


def to_rgba8(image: npt.NDArray[Any]) -> Pixels:
    """Any picture of forge3d.load_image() as 8-bit RGBA."""
    if image.dtype == np.uint16:
        image = image >> 8
    if image.ndim == 2:
        image = image[..., np.newaxis]
    if image.shape[2] < 3:  # grey, or grey and alpha
        image = np.concatenate([image[..., :1]] * 3 + [image[..., 1:]], axis=-1)
    if image.shape[2] == 3:
        image = np.concatenate([image, np.full_like(image[..., :1], 255)], axis=-1)
    return image.astype(np.uint8)


def input_picture(arguments: Arguments, width: int, height: int) -> Pixels:
    """The input where one was given, else a procedural picture."""
    if arguments.source is None:
        return procedural_picture(width, height)
    return to_rgba8(forge3d.load_image(arguments.source))


class Box(NamedTuple):
    """A rectangle of an SVG."""

    x: float
    y: float
    width: float
    height: float
    colour: str


def save_svg(path: pathlib.Path, width: float, height: float, boxes: Iterable[Box]) -> None:
    """Boxes on white."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">',
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
        *(
            f'<rect x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" '
            f'height="{box.height:.2f}" fill="{box.colour}"/>'
            for box in boxes
        ),
        "</svg>",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
