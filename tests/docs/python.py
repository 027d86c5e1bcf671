# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""What the blocks of docs/python.md take for granted; they run after this, in the same namespace."""

import pathlib

import numpy

import forge3d.streaming

mesh = numpy.random.default_rng(1).random(1 << 18, dtype=numpy.float32)

# Straight down over the middle of huge.png.
view_matrix = numpy.array([[1, 0, 0, -500], [0, 1, 0, -300], [0, 0, 1, -200], [0, 0, 0, 1.0]])
projection_matrix = numpy.array(
    [[1, 0, 0, 0], [0, 16 / 9, 0, 0], [0, 0, -1.001, -2], [0, 0, -1, 0.0]]
)
released = []


def release_what_was_not_seen_for_long():
    released.append(1)


def _make_huge():
    y, x = numpy.mgrid[0:700, 0:1000]
    forge3d.save_png("huge.png", numpy.stack([x % 256, y % 256, x ^ y & 255], -1).astype("uint8"))


def after_all():
    """What must be there when all blocks have run."""
    assert released
    frame = forge3d.load_image("frame.png")
    assert frame.shape[:2] == (180, 320) and len(numpy.unique(frame)) > 20
    for page in ("report.html", "streaming.html"):
        assert "<svg" in pathlib.Path(page).read_text(encoding="utf-8")
    assert "traceEvents" in pathlib.Path("trace.json").read_text(encoding="utf-8")


_make_huge()
