# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Each example as its readers run it: it succeeds, prints figures, leaves pictures with something on
them and a report; and says what is wrong."""

import html.parser
import os
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import forge3d

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Example:
    name: str
    pictures: tuple[str, ...]
    figures: tuple[str, ...]  # what it must print, with a number that is not 0


EXAMPLES = [
    Example(
        "staging_rings_demo",
        ("staged.png", "ring_in_flight.svg"),
        (r"(\d+) MB/s", r"at most (\d+) of", r"all (\d+) bytes are equal", r"(\d+) numbers"),
    ),
    Example(
        "memory_pools_demo",
        ("pool_before.svg", "pool_after.svg"),
        (r"before: .*fragmentation (\d\.\d+)", r"all (\d+) buffers hold", r"([\d.]+) us in the"),
    ),
    Example(
        "compressed_texture_demo",
        ("original.png", "sampled.png", "difference_x8.png"),
        (
            r"([\d.]+) dB as sampled",
            r"BC7 fast +([\d.]+):1",
            r"(\d+) % less",
            r"in +([\d.]+) ms",
            r"40 dB (?:not )?reached +([\d.]+) dB by",
            r"normal +BC5 +([\d.]+):1",
            r"([\d.]+) degrees in the mean",
            r"hdr +BC6H .*log_psnr_rgb ([\d.]+) dB",
        ),
    ),
    Example(
        "virtual_texture_demo",
        ("frame_44.png", "frame_89.png", "frame_134.png", "frame_179.png"),
        (r"(\d+) loaded", r"update: +p50 ([\d.]+) ms", r"([\d.]+) % of the wanted were there"),
    ),
    Example(
        "memory_integration_demo",
        ("integration.png",),
        (r"upload (\d+) MB/s", r"pool request ([\d.]+) us", r"p99 ([\d.]+)", r"atlas ([\d.]+)"),
    ),
]
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def run(example, folder, *arguments):
    """Exit code, and what it prints, together."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / f"{example.name}.py", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout


def colours(path):
    """How many colours a picture shows."""
    if path.suffix == ".svg":
        return len(set(re.findall(r'fill="([^"]+)"', path.read_text(encoding="utf-8"))))
    pixels = forge3d.load_image(path)
    return len(np.unique(pixels[..., :3].astype(int) @ [1, 1 << 8, 1 << 16]))


class Asked(html.parser.HTMLParser):
    """Addresses that a page would fetch, and whether it draws."""

    def __init__(self):
        super().__init__()
        self.addresses, self.drawings = [], 0

    def handle_starttag(self, tag, attrs):
        self.drawings += tag in ("svg", "canvas")
        self.addresses += [
            value
            for name, value in attrs
            if name in ("src", "href", "srcset", "data")
            and value
            and not value.startswith(("#", "data:"))
        ]


@each_example
def test_runs_without_arguments(example, tmp_path):
    code, text = run(example, tmp_path)
    assert code == 0, text
    assert "nan" not in text and "Traceback" not in text and "never released" not in text
    for pattern in example.figures:
        found = re.search(pattern, text)
        assert found and float(found[1]) > 0, f"{pattern}\n{text}"
    for name in example.pictures:
        assert colours(tmp_path / name) >= (3 if name.endswith(".svg") else 20), name
    page = Asked()
    page.feed((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert page.addresses == [] and page.drawings > 0


@each_example
def test_runs_on_a_picture_into_a_folder(example, tmp_path):
    y, x = np.mgrid[0:120, 0:200]
    picture = np.stack([x, y, (x * y) % 256], axis=-1).astype(np.uint8)
    forge3d.save_png(tmp_path / "in.png", picture)
    code, text = run(example, tmp_path, "made/here", "in.png")
    assert code == 0, text
    for name in example.pictures:
        least = 2 if name.endswith(".svg") else 20
        assert colours(tmp_path / "made" / "here" / name) >= least, name


@each_example
def test_says_what_is_wrong(example, tmp_path):
    code, text = run(example, tmp_path, ".", "no-such-file.png")
    assert code == 2 and "no-such-file.png" in text and "Traceback" not in text
    code, text = run(example, tmp_path, "--help")
    assert code == 1 and "usage" in text
    code, text = run(example, tmp_path, "/dev/null/here")
    assert code == 2 and "/dev/null" in text and "Traceback" not in text


def test_the_pool_loses_its_holes(tmp_path):
    code, text = run(EXAMPLES[1], tmp_path)
    assert code == 0, text
    before, after = map(float, re.findall(r"fragmentation (\d\.\d+)", text))
    assert after < 0.1 < 0.5 < before


def test_integration_stays_within_its_budget_and_gives_all_back(tmp_path):
    code, text = run(EXAMPLES[4], tmp_path)
    assert code == 0, text
    held = re.findall(r"together ([\d.]+) of ([\d.]+) MB", text)
    assert len(held) == 5 and all(float(used) <= float(limit) for used, limit in held)
    assert float(held[-1][0]) == 0
    assert "refused:" in text and "4 MiB:" in text and "below what is held" in text
    assert '"traceEvents"' in (tmp_path / "trace.json").read_text(encoding="utf-8")
