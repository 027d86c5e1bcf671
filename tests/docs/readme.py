# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""What the Python blocks of README.md take for granted: the archive that its shell blocks make."""

import pathlib

import numpy

import forge3d.streaming

if not pathlib.Path("earth.pmtiles").exists():
    y, x = numpy.mgrid[0:512, 0:1024]
    forge3d.save_png("earth.png", numpy.stack([x // 4, y // 2, x ^ y & 255], -1).astype("uint8"))
    forge3d.streaming.tile_picture("earth.png", "earth.pmtiles")


def after_all():
    """The view has something on it."""
    view = forge3d.load_image("view.png")
    assert view.shape[:2] == (720, 1280) and len(numpy.unique(view)) > 20
