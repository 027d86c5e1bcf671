# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""What a call costs from Python, beside the same in C++ as `forge3d bench` measures it.

usage: python_overhead.py [--tool build/release/bin/forge3d] [--rounds 3] [--json]
Both are measured in turns, since a busy machine changes its speed; medians over all rounds. An update of
virtual textures is timed as called and, in the same call, by the library.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time
from typing import Any, Callable

import numpy as np
import numpy.typing as npt

import forge3d
import forge3d.memory as memory
import forge3d.streaming as streaming

UPLOAD_BYTES = 64 << 20
CALLS = 20_000


def pair_us() -> float:
    """allocate_from_pool() and deallocate_pool_block(), microseconds for both."""
    allocate: Any = memory.allocate_from_pool  # a block, not None: there is room
    deallocate = memory.deallocate_pool_block
    deallocate(allocate(1024)["id"])
    begin = time.perf_counter()
    for _ in range(CALLS):
        deallocate(allocate(1024)["id"])
    return (time.perf_counter() - begin) / CALLS * 1e6


def small_upload_us(target: forge3d.Buffer) -> float:
    """stage_upload() of 4 KiB, microseconds, without waiting."""
    data = np.zeros(4096, np.uint8)
    begin = time.perf_counter()
    for _ in range(2000):
        upload_id = memory.stage_upload(data, target)
    spent = time.perf_counter() - begin
    memory.wait_upload(upload_id)
    return spent / 2000 * 1e6


def upload_ms(data: npt.NDArray[np.uint8], target: forge3d.Buffer) -> float:
    """stage_upload() of 64 MiB until the last byte has landed, milliseconds."""
    begin = time.perf_counter()
    memory.wait_upload(memory.stage_upload(data, target))
    return (time.perf_counter() - begin) * 1e3


def update_us(device: forge3d.Device) -> tuple[float, float]:
    """update_streaming() with matrices, all resident: microseconds as called, and inside the library."""
    picture = np.zeros((2048, 2048, 3), np.uint8)
    with streaming.VirtualTextureSystem(device, max_memory_mb=32, format="RGBA8") as system:
        system.load_texture(picture)
        position = np.array([1024.0, 1024.0, 600.0])
        view = np.eye(4)  # straight down
        view[:3, 3] = -position
        projection = np.diag([1.0, 16 / 9, -1.0, 0.0])
        projection[2, 3], projection[3, 2] = -2, -1
        system.update_streaming(position, view, projection)
        system.flush()
        called, inside = [], []
        for _ in range(500):
            begin = time.perf_counter()
            result = system.update_streaming(position, view, projection)
            called.append((time.perf_counter() - begin) * 1e6)
            inside.append(result["update_time_ms"] * 1e3)
    return statistics.median(called), statistics.median(inside)


def tool_case(tool: pathlib.Path, suite: str, names: list[str]) -> float:
    """The sum of some cases of `forge3d bench SUITE`."""
    told = subprocess.run(
        [tool, "bench", suite, "--runs", "5", "--json", "--quiet"], capture_output=True, check=True
    )
    cases: dict[str, float] = {case["name"]: case["value"] for case in json.loads(told.stdout)["cases"]}
    return sum(cases[name] for name in names)


def measure(rounds: int, tool: pathlib.Path | None) -> list[dict[str, object]]:
    """One object a figure: name, unit, python, cpp (None without the tool)."""
    device = forge3d.Device()
    result = memory.init_memory_system(device, staging_memory_mb=40)
    if not result["success"]:
        raise SystemExit(result["error"])
    target = forge3d.Buffer(device, UPLOAD_BYTES)
    data = np.random.default_rng(1).integers(0, 256, UPLOAD_BYTES, dtype=np.uint8)
    upload_ms(data, target)  # calibrates
    units = {"pool pair": "us", "upload 4 KiB": "us", "upload 64 MiB": "ms", "update": "us"}
    python: dict[str, list[float]] = {name: [] for name in units}
    cpp: dict[str, list[float]] = {name: [] for name in python}
    calls: dict[str, Callable[[], float]] = {
        "pool pair": pair_us,
        "upload 4 KiB": lambda: small_upload_us(target),
        "upload 64 MiB": lambda: upload_ms(data, target),
    }
    for _ in range(rounds):
        for name, call in calls.items():
            python[name] += [call() for _ in range(5)]
        called, inside = update_us(device)
        python["update"].append(called)
        cpp["update"].append(inside)
        if tool is not None:
            pool = ["create_buffer_ns", "release_buffer_ns"]
            cpp["pool pair"].append(tool_case(tool, "pools", pool) / 1e3)
            small = tool_case(tool, "staging", ["small_4kib_cpu_ns"]) / 1e3
            cpp["upload 4 KiB"].append(small)
            cpp["upload 64 MiB"].append(tool_case(tool, "staging", ["upload_64mib_ms"]))
    return [
        {
            "name": name,
            "unit": units[name],
            "python": statistics.median(samples),
            "cpp": statistics.median(cpp[name]) if cpp[name] else None,
        }
        for name, samples in python.items()
    ]


def main() -> None:
    """Prints a line, or a JSON object, a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", type=pathlib.Path, default="build/release/bin/forge3d")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tool = options.tool if options.tool.exists() else None
    figures = measure(options.rounds, tool)
    if options.json:
        json.dump(figures, sys.stdout, indent=2)
        print()
        return
    if tool is None:
        print(f"{options.tool} is not there: no C++ figures")
    for figure in figures:
        cpp = "-" if figure["cpp"] is None else f"{figure['cpp']:.3g}"
        print(f"{figure['name']:<16} Python {figure['python']:.3g} {figure['unit']}, C++ {cpp}")


if __name__ == "__main__":
    main()
