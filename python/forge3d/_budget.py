# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger of the process's device: figures and limits."""

from __future__ import annotations

from typing import Any

from forge3d import _core
from forge3d._errors import Error


def _device() -> _core.Device:
    """The device of the process-wide memory system, else the default device."""
    system = _core.process_system()
    return _core.get_device() if system is None else system.device


def memory_metrics() -> dict[str, Any]:
    """What the ledger of the process's device holds and allows, measured.

    ``host_visible_bytes``, ``total_bytes`` and their limits (``limit_bytes``,
    ``total_limit_bytes``) and peaks, ``within_budget``, ``utilization_ratio`` (the fuller of the
    two), ``buffer_bytes``, ``texture_bytes``, ``by_category``, ``allocations``, ``refusals``.
    """
    return _device().memory()


def budget_remaining(host_visible: bool = True) -> int:
    """Bytes that could still be taken right now, of host-visible or of any memory."""
    return _device().budget_remaining(host_visible)


def utilization_ratio() -> float:
    """Held bytes over the limit, 0 to 1: the fuller of host-visible and all memory."""
    return float(memory_metrics()["utilization_ratio"])


def override_memory_limit(limit: int | tuple[int, int] | None) -> None:
    """Replaces both limits of the process's device, in bytes; None: those it was opened with.

    What is held above a new limit is given back where nobody uses it. Raises BudgetExceeded with
    what is still held; the old limits then stay.
    """
    system = _core.process_system()
    if system is None:
        _core.get_device().set_limits(limit)
    else:
        system.set_limits(system.device.first_limits if limit is None else limit)


def device_probe() -> dict[str, Any]:
    """What the process's device is and can do; ``status`` is "ok", or "unavailable" with ``message``."""
    try:
        device = _device()
    except Error as error:
        return {"status": "unavailable", "message": str(error), "code": error.code}
    return {"status": "ok", **device.info}
