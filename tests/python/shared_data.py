# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Real pictures and KTX2 files, where they are at hand; tests that need them skip without."""

import os
import pathlib

import pytest

_FOLDER = pathlib.Path(
    os.environ.get("FORGE3D_SHARED", pathlib.Path(__file__).parents[2].parent / "shared")
)


def data(name: str) -> str:
    """The path of a file of the shared data; skips the test without it."""
    path = _FOLDER / "data" / name
    if not path.exists():
        pytest.skip(f"no {path}: set FORGE3D_SHARED to the shared data")
    return str(path)


def manifest(folder: str) -> list[dict[str, str]]:
    """The rows of a folder's MANIFEST.tsv; empty without the data, so that it can parametrise."""
    path = _FOLDER / "data" / folder / "MANIFEST.tsv"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"), strict=False)) for line in lines[1:]]
