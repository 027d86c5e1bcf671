# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Staging rings, memory pools and what is measured of them, in one system for the process.

``init_memory_system()`` makes the system; the other functions work on it and raise
``forge3d.Error`` with the code "not_initialized" before. All of them may be called from any thread.
"""

from __future__ import annotations

import html
import json
import os
import pathlib
import threading
from typing import Any

import numpy.typing as npt

from forge3d import _core
from forge3d._core import (
    MemorySystem,
    allocate_from_pool,
    cancel_upload,
    deallocate_pool_block,
    find_pool_block,
    is_upload_complete,
    retain_pool_block,
    stage_upload,
    start_readback,
    wait_upload,
)
from forge3d._errors import Closed, Error, InvalidArgument
from forge3d._types import Block, WritableBuffer

__all__ = [
    "MemoryPoolManager",
    "Report",
    "StagingRingManager",
    "allocate_from_pool",
    "cancel_upload",
    "deallocate_pool_block",
    "find_pool_block",
    "get_performance_metrics",
    "get_system_stats",
    "init_memory_system",
    "is_upload_complete",
    "memory_report",
    "pool_manager",
    "pool_stats",
    "readback",
    "report",
    "retain_pool_block",
    "shutdown",
    "stage_upload",
    "staging_manager",
    "staging_stats",
    "start_readback",
    "trace",
    "upkeep",
    "wait_upload",
]

_MEBIBYTE = 1 << 20
_LEAST_SEGMENT_BYTES = 64 << 10

_lock = threading.Lock()  # one init or shutdown at a time


def _system() -> MemorySystem:
    system = _core.process_system()
    if system is None:
        raise Error(
            "there is no memory system; call forge3d.memory.init_memory_system() first",
            code="not_initialized",
        )
    return system


def _positive(name: str, number: float) -> float:
    if not number > 0:
        raise InvalidArgument(f"{name} must be positive, not {number!r}", code="invalid_argument")
    return number


def _ring_bytes(staging_memory_mb: float, ring_count: int, buffer_size: int | None) -> tuple[int, int]:
    """Sizes of the upload ring and the readback ring: an eighth of the whole reads back."""
    _positive("ring_count", ring_count)
    if buffer_size is not None:
        upload = ring_count * int(_positive("buffer_size", buffer_size))
        return upload, max(upload // 8, ring_count * _LEAST_SEGMENT_BYTES)
    total = int(_positive("staging_memory_mb", staging_memory_mb) * _MEBIBYTE)
    readback = max(total // 8, min(total // 2, ring_count * _LEAST_SEGMENT_BYTES))
    return total - readback, readback


def init_memory_system(
    device: _core.Device | bool | None = None,
    memory_pools: bool = True,
    ring_count: int = 3,
    buffer_size: int | None = None,
    *,
    staging_rings: bool = True,
    staging_memory_mb: float = 64,
    pool_memory_mb: float = 128,
    compressed_textures: bool = True,
    virtual_textures: bool = True,
) -> dict[str, Any]:
    """Makes the process's memory system; one of before is shut down.

    device: the default device where it is None. staging_memory_mb is divided into an upload ring
    and a readback ring of ring_count segments; with buffer_size, in bytes, it is the size of one
    segment. pool_memory_mb: what the pool may hold; it takes memory as it is asked. The older form
    init_memory_system(staging_rings, memory_pools, ring_count, buffer_size) works, too.

    Answers ``success``, ``total_memory_mb`` (what the ledger holds now), ``staging_rings``,
    ``memory_pools``, ``compressed_textures``, ``virtual_textures``, ``staging_memory_mb``,
    ``pool_memory_mb`` (the limit), ``device``. When memory or device refuse, ``success`` is False,
    and ``error``, ``code`` and ``reasons`` say why. Raises InvalidArgument for broken rules.
    """
    if isinstance(device, bool):
        staging_rings, device = device, None
    upload_bytes, readback_bytes = _ring_bytes(staging_memory_mb, ring_count, buffer_size)
    pool_bytes = int(_positive("pool_memory_mb", pool_memory_mb) * _MEBIBYTE)
    with _lock:
        _close()
        try:
            system = MemorySystem(
                device,
                upload_bytes=upload_bytes,
                readback_bytes=readback_bytes,
                ring_count=ring_count,
                pool_bytes=pool_bytes,
                staging=staging_rings,
                pools=memory_pools,
                compressed_textures=compressed_textures,
                virtual_textures=virtual_textures,
            )
        except (Closed, InvalidArgument):
            raise
        except Error as error:
            return {
                "success": False,
                "total_memory_mb": 0.0,
                "staging_rings": False,
                "memory_pools": False,
                "error": str(error),
                "code": error.code,
                "reasons": error.detail["reasons"],
            }
        _core.set_process_system(system)
    held = system.device.memory()
    return {
        "success": True,
        "total_memory_mb": held["total_bytes"] / _MEBIBYTE,
        "staging_rings": staging_rings,
        "memory_pools": memory_pools,
        "compressed_textures": compressed_textures,
        "virtual_textures": virtual_textures,
        "staging_memory_mb": (held["by_category"]["staging"] + held["by_category"]["readback"])
        / _MEBIBYTE,
        "pool_memory_mb": pool_bytes / _MEBIBYTE if memory_pools else 0.0,
        "device": system.device.name,
    }


def _close() -> None:
    system = _core.process_system()
    if system is not None:
        _core.set_process_system(None)
        system.close()


def shutdown() -> None:
    """Waits for what is in flight and gives all memory of the system back; nothing if there is none.

    Memory that an array, a Buffer or a PoolAllocation still holds goes with that object.
    """
    with _lock:
        _close()


def readback(
    source: _core.Buffer | _core.PoolAllocation | Block | int,
    offset: int = 0,
    size: int | None = None,
    out: WritableBuffer | None = None,
    timeout_s: float = 5.0,
) -> npt.NDArray[Any]:
    """The bytes of a buffer or block after the uploads before: an array of uint8, or ``out``, filled.

    Waits; start_readback() does not.
    """
    reading = start_readback(source, offset, size, out)
    try:
        return reading.get(timeout_s)
    finally:
        reading.close()


def staging_stats() -> dict[str, Any]:
    """Counters of the staging ring, measured: ``bytes_in_flight``, ``active_transfers``, ...

    ``current_ring_index``, ``buffer_stalls``, ``ring_count``, ``buffer_size`` (of one segment, in
    bytes) and ``rings`` (the segments) are there, and uploads, submits, latencies.
    """
    return _system().staging_stats()


def pool_stats() -> dict[str, Any]:
    """Counters of the pool, measured: ``fragmentation_ratio`` (0..1), ``active_blocks``, ...

    ``total_allocated`` and ``total_freed`` are bytes since the start; ``pool_count`` counts the
    blocks of device memory, which ``pools`` lists; ``largest_free_block`` is in bytes.
    """
    return _system().pool_stats()


def get_system_stats() -> dict[str, Any]:
    """``budget``, ``staging``, ``pools``, ``compressed`` and ``virtual``, all measured.

    Each part has ``enabled``. ``virtual.cache_hit_rate`` is in percent.
    """
    return _system().stats()


def get_performance_metrics() -> dict[str, Any]:
    """Measured over the last ``window_s`` seconds; 0 where nothing happened in them.

    ``upload_bandwidth_mbps`` (10^6 bytes a second), and means: ``upload_latency_ms``,
    ``allocation_latency_us``, ``decode_time_ms``, ``streaming_update_ms``. ``figures`` has samples,
    mean, p50, p99 and max of each. An upload counts as under way until its end is noticed: by a
    wait, a later upload, or upkeep().
    """
    return _system().performance()


def upkeep() -> dict[str, Any]:
    """Once a frame: a sample of the ledger for report(), and a slice of work against fragmentation.

    Answers the keys of pool_manager.defragment(). Never waits for the GPU.
    """
    system = _system()
    system.sample()
    return system.upkeep()


def memory_report() -> dict[str, Any]:
    """``staging``, ``pools`` and ``system_initialized`` {``staging_rings``, ``memory_pools``}.

    Works without a system, too: the parts that are not there are empty.
    """
    system = _core.process_system()
    stats: dict[str, Any] = {} if system is None else system.stats()
    has_staging = bool(stats) and stats["staging"]["enabled"]
    has_pools = bool(stats) and stats["pools"]["enabled"]
    return {
        "staging": system.staging_stats() if system is not None and has_staging else {},
        "pools": system.pool_stats() if system is not None and has_pools else {},
        "system_initialized": {"staging_rings": has_staging, "memory_pools": has_pools},
    }


class Report:
    """A moment of the memory system: figures, plots and heap maps. Shows itself in a notebook."""

    def __init__(self, page: str, figures: str) -> None:
        """Takes the page and the figures, as HTML and JSON."""
        self.html = page
        self.figures: dict[str, Any] = json.loads(figures)

    def save(self, path: str | os.PathLike[str]) -> pathlib.Path:
        """Writes the page, which asks nothing of the network; its path."""
        target = pathlib.Path(path)
        target.write_text(self.html, encoding="utf-8")
        return target

    def _repr_html_(self) -> str:
        """The page in a frame of its own."""
        return (
            '<iframe style="width:100%;height:640px;border:0" '
            f'srcdoc="{html.escape(self.html, quote=True)}"></iframe>'
        )

    def __repr__(self) -> str:
        """Its size."""
        return f"<forge3d.memory.Report of {len(self.html)} characters>"


def report() -> Report:
    """What the system holds and did, as a page: ``report().save("memory.html")``."""
    system = _system()
    return Report(system.report_html(), system.report_json())


def trace() -> str:
    """Uploads, pool requests, texture loads and updates as Chrome's trace JSON, for Perfetto."""
    return _system().trace_json()


class StagingRingManager:
    """A staging ring of one's own, beside the system's.

    Nothing is taken before initialize().
    """

    def __init__(self, ring_count: int = 3, buffer_size: int = 1 << 20) -> None:
        """ring_count segments of buffer_size bytes each."""
        self.ring_count = int(_positive("ring_count", ring_count))
        self.buffer_size = int(_positive("buffer_size", buffer_size))
        self._ring: _core.StagingRing | None = None

    def initialize(self, device: _core.Device | None = None) -> bool:
        """Takes the memory on the device (the default device). Raises BudgetExceeded."""
        self.close()
        upload_bytes, readback_bytes = _ring_bytes(0, self.ring_count, self.buffer_size)
        self._ring = _core.StagingRing(
            device,
            upload_bytes=upload_bytes,
            readback_bytes=readback_bytes,
            ring_count=self.ring_count,
        )
        return True

    def is_initialized(self) -> bool:
        """True between initialize() and close()."""
        return self._ring is not None and not self._ring.closed

    @property
    def ring(self) -> _core.StagingRing:
        """The ring itself: upload(), readback() and so on."""
        if self._ring is None:
            raise Error("call initialize() first", code="not_initialized")
        return self._ring

    def stats(self) -> dict[str, Any]:
        """The keys of staging_stats()."""
        return self.ring.stats()

    def close(self) -> None:
        """Waits for what is in flight and gives the memory back."""
        if self._ring is not None:
            self._ring.close()
            self._ring = None


class MemoryPoolManager:
    """A memory pool of one's own, beside the system's.

    Nothing is taken before initialize().
    """

    def __init__(self) -> None:
        """Without a pool yet."""
        self._pool: _core.MemoryPool | None = None

    def initialize(
        self, device: _core.Device | None = None, *, max_memory_mb: float = 128
    ) -> bool:
        """Makes the pool on the device (the default device); it takes memory as it is asked."""
        self.close()
        max_bytes = int(_positive("max_memory_mb", max_memory_mb) * _MEBIBYTE)
        self._pool = _core.MemoryPool(device, max_bytes=max_bytes)
        return True

    def is_initialized(self) -> bool:
        """True between initialize() and close()."""
        return self._pool is not None and not self._pool.closed

    @property
    def pool(self) -> _core.MemoryPool:
        """The pool itself: allocate() and so on."""
        if self._pool is None:
            raise Error("call initialize() first", code="not_initialized")
        return self._pool

    def stats(self) -> dict[str, Any]:
        """The keys of pool_stats()."""
        return self.pool.stats()

    def defragment(self) -> dict[str, Any]:
        """Moves blocks until nothing is gained: ``blocks_moved``, ``bytes_compacted``, ...

        Also ``time_ms``, ``fragmentation_before`` and ``fragmentation_after`` (the share of the free
        bytes that can be had neither as the largest hole nor as empty blocks).
        """
        return self.pool.defragment()

    def close(self) -> None:
        """Gives the pool back; blocks that are held as PoolAllocation keep their memory."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None


class _SystemStaging(StagingRingManager):
    """The same for the staging ring of the memory system."""

    def initialize(self, device: _core.Device | None = None) -> bool:
        return bool(init_memory_system(device)["success"])

    def is_initialized(self) -> bool:
        return bool(memory_report()["system_initialized"]["staging_rings"])

    def stats(self) -> dict[str, Any]:
        return staging_stats()

    def close(self) -> None:
        shutdown()


class _SystemPool(MemoryPoolManager):
    """The same for the pool of the memory system."""

    def initialize(
        self, device: _core.Device | None = None, *, max_memory_mb: float = 128
    ) -> bool:
        return bool(init_memory_system(device, pool_memory_mb=max_memory_mb)["success"])

    def is_initialized(self) -> bool:
        return bool(memory_report()["system_initialized"]["memory_pools"])

    def stats(self) -> dict[str, Any]:
        return pool_stats()

    def defragment(self) -> dict[str, Any]:
        return _system().defragment()

    def close(self) -> None:
        shutdown()


#: The staging ring of the memory system.
staging_manager: StagingRingManager = _SystemStaging()
#: The pool of the memory system.
pool_manager: MemoryPoolManager = _SystemPool()
