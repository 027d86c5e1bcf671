# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Types of arguments and answers, for annotations."""

from __future__ import annotations

import array
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Union

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
