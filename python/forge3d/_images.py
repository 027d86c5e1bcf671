# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures in and out, as arrays."""

from __future__ import annotations

import os
from typing import Any

import numpy.typing as npt

from forge3d import _core


def load_image(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """A PNG or JPEG, told by its content: an array (height, width[, channels]).

    uint8, or uint16 where the file has 16 bits. Raises FileNotFound, InvalidFile, NotSupported.
    """
    return _core.load_image(os.fspath(path))


def save_png(path: str | os.PathLike[str], array: npt.NDArray[Any]) -> None:
    """Writes an array (height, width[, 1..4]) of uint8 or uint16; the file appears when it is whole.

    Raises Io, InvalidArgument.
    """
    _core.save_png(os.fspath(path), array)
