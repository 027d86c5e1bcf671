# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Types of arguments and answers, for annotations."""

from __future__ import annotations

import array
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, Union

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from typing_extensions import TypeAlias


class DLPackArray(Protocol):
    """An array of another library, on the CPU."""

    def __dlpack__(self, *, stream: Any = None) -> Any: ...

    def __dlpack_device__(self) -> tuple[Any, Any]: ...


#: What transfers read from: C-contiguous, any type of number.
ReadableBuffer: TypeAlias = Union[
    "npt.NDArray[Any]", bytes, bytearray, memoryview, "array.array[Any]", DLPackArray
]

#: What transfers write to: C-contiguous and writable.
WritableBuffer: TypeAlias = Union["npt.NDArray[Any]", bytearray, memoryview, "array.array[Any]"]

#: Bytes from the device.
ByteArray: TypeAlias = "npt.NDArray[np.uint8]"


class Block(TypedDict):
    """A block of the pool, as allocate_from_pool() answers."""

    id: int
    size: int
    offset: int
    pool_id: int


class LevelFigures(TypedDict):
    """What was measured of one level of a texture; bytes are those before supercompression."""

    width: int
    height: int
    bytes: int
    compression_ratio: float
    metric_db: float
    psnr_db: float
    quality_score: float
    encode_ms: float
    quality: Literal["fast", "normal", "high"]
    target_reached: bool
    repeated_blocks: int


class Trial(TypedDict):
    """A format that was tried for level 0."""

    format: str
    quality: Literal["fast", "normal", "high"]
    metric_db: float
    encode_ms: float
    bytes: int


class NormalDegrees(TypedDict):
    """Angles between the directions of two normal maps."""

    mean: float
    p99: float
    max: float
