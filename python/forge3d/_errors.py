# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""The exceptions of forge3d. Each also is the built-in exception that its meaning suggests."""

from __future__ import annotations

from typing import Any


class Error(RuntimeError):
    """What forge3d raises; the message has code and reasons in one line.

    ``code`` is the name of the library's error code ("budget_exceeded"), ``detail`` a dict with
    ``message``, ``reasons`` (list, outermost first) and ``vk_result`` (0 where no driver call was
    involved).
    """

    code: str
    detail: dict[str, Any]

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "internal",
        detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.detail = {"message": message, "reasons": [], "vk_result": 0} if detail is None else detail

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), str(self), self.code, self.detail))


def _rebuild(kind: type[Error], message: str, code: str, detail: dict[str, Any]) -> Error:
    return kind(message, code=code, detail=detail)


class BudgetExceeded(Error, MemoryError):
    """The ledger refused: the bytes would pass a limit. The driver was not asked."""


class OutOfDeviceMemory(Error, MemoryError):
    """The driver refused device memory although the ledger agreed."""


class OutOfHostMemory(Error, MemoryError):
    """Host memory ran out."""


class DeviceLost(Error):
    """The GPU is gone; the device and all that was made from it is dead."""


class InvalidFile(Error, ValueError):
    """A file was read, and its bytes break a rule of its format."""


class InvalidArgument(Error, ValueError):
    """A rule of the call was broken; the message says which."""


class NotSupported(Error, NotImplementedError):
    """Valid, but this build or device cannot do it."""


class Timeout(Error, TimeoutError):
    """A deadline passed; the operation goes on."""


class StaleHandle(Error, ValueError):
    """An id or handle was released before, or belongs to another object."""


class Cancelled(Error):
    """The operation was cancelled."""


class Io(Error, OSError):
    """A file could not be opened, read or written."""


class FileNotFound(Io, FileNotFoundError):
    """A file is not there."""


class Closed(Error, ValueError):
    """The object was closed before, or belongs to the parent of this forked process."""


#: The exception of each code; the extension reads it.
BY_CODE: dict[str, type[Error]] = {
    "budget_exceeded": BudgetExceeded,
    "out_of_device_memory": OutOfDeviceMemory,
    "out_of_host_memory": OutOfHostMemory,
    "device_lost": DeviceLost,
    "invalid_file": InvalidFile,
    "invalid_argument": InvalidArgument,
    "not_supported": NotSupported,
    "timeout": Timeout,
    "stale_handle": StaleHandle,
    "cancelled": Cancelled,
    "io": Io,
    "closed": Closed,
    "internal": Error,
}
