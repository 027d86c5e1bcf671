# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Memory pools (O2): thousands of buffers in a few blocks, defragmented while they hold data.

usage: memory_pools_demo.py [OUT_FOLDER [FILE]]     FILE: whose bytes the buffers hold

The one idea: a block's id stays, its place does not. The pool moves what no transfer uses;
find_pool_block() says where it is now.
"""

from __future__ import annotations

import pathlib
import random
import sys
import time
from dataclasses import dataclass, field

import numpy as np
from demo import Arguments, Box, Pixels, ms_since, procedural_picture, run, save_svg

import forge3d
from forge3d import memory

POOL_MB = 48


@dataclass
class Mesh:
    """A block of the pool and the bytes that it holds."""

    block_id: int
    granted: int
    data: Pixels


@dataclass
class World:
    """What meshes hold parts of, and the meshes."""

    data: Pixels
    meshes: list[Mesh] = field(default_factory=list)
    used: int = 0
    random: random.Random = field(default_factory=lambda: random.Random(1))

    def add_mesh(self) -> None:
        """A block in the pool, filled through the staging ring."""
        # Most are small, a few are large, as meshes are.
        size = min(int(2 ** self.random.uniform(10, 18)), len(self.data))
        first = self.random.randrange(len(self.data) - size + 1)
        data = self.data[first : first + size]
        block = memory.allocate_from_pool(size)
        if block is None:  # pool or budget are exhausted; something else has to go
            self.remove_mesh()
            return self.add_mesh()
        memory.stage_upload(data, block)
        self.meshes.append(Mesh(block["id"], block["size"], data))
        self.used += block["size"]

    def remove_mesh(self) -> None:
        mesh = self.meshes.pop(self.random.randrange(len(self.meshes)))
        memory.deallocate_pool_block(mesh.block_id)
        self.used -= mesh.granted

    def churn(self) -> None:
        """Levels come and go: holes everywhere."""
        for _ in range(2000):
            while self.used > POOL_MB * 0.85 * (1 << 20):
                self.remove_mesh()
            self.add_mesh()
        while self.used > POOL_MB * 0.5 * (1 << 20):
            self.remove_mesh()

    def check(self) -> None:
        """Reads every block where it is now."""
        for mesh in self.meshes:
            if not np.array_equal(memory.readback(mesh.block_id, size=mesh.data.nbytes), mesh.data):
                raise forge3d.Error("a block has lost its bytes")

    def save_heap(self, path: pathlib.Path) -> None:
        """Each block of device memory is a band; dark is used."""
        pools = memory.pool_stats()["pools"]
        rows = {pool["pool_id"]: row for row, pool in enumerate(pools)}
        scale = 800 / max(pool["size"] for pool in pools)
        boxes = [Box(0, 30 * rows[p["pool_id"]], p["size"] * scale, 26, "#dde4ea") for p in pools]
        for mesh in self.meshes:
            at = memory.find_pool_block(mesh.block_id)
            if at is not None:
                x, width = at["offset"] * scale, at["size"] * scale
                boxes.append(Box(x, 30 * rows[at["pool_id"]], width, 26, "#246"))
        save_svg(path, 800, 30 * len(pools), boxes)


def print_pool(when: str) -> None:
    stats = memory.pool_stats()
    print(
        f"{when} {stats['active_blocks']:5} buffers, {stats['used_bytes'] / 1e6:4.1f} of "
        f"{stats['held_bytes'] / 1e6:4.1f} MB in {stats['pool_count']} blocks, largest hole "
        f"{stats['largest_free_block'] / 1e6:5.2f} MB, fragmentation {stats['fragmentation_ratio']:.3f}"
    )


def measure_request() -> float:
    """Microseconds of an allocation and its release, as Python sees them."""
    rounds = 20_000
    start = time.perf_counter()
    for _ in range(rounds):
        block = memory.allocate_from_pool(1000)
        if block is not None:
            memory.deallocate_pool_block(block["id"])
    return ms_since(start) * 1000 / rounds


def memory_pools(arguments: Arguments) -> None:
    if arguments.source is None:
        world = World(procedural_picture(512, 512).reshape(-1))
    else:
        world = World(np.fromfile(arguments.source, np.uint8, 1 << 20))
    if not len(world.data):
        raise forge3d.InvalidFile("the input is empty", code="invalid_file")
    memory.init_memory_system(staging_memory_mb=6, pool_memory_mb=POOL_MB)
    world.churn()
    print_pool("before:")
    world.save_heap(arguments.out / "pool_before.svg")

    moves = memory.pool_manager.defragment()
    print_pool("after: ")
    world.save_heap(arguments.out / "pool_after.svg")
    print(
        f"moved:  {moves['blocks_moved']} buffers, {moves['bytes_compacted'] / 1e6:.1f} MB in "
        f"{moves['time_ms']:.1f} ms; {moves['blocks_released']} blocks given back"
    )
    world.check()
    print(f"checked: all {len(world.meshes)} buffers hold their bytes")

    us = measure_request()
    stats = memory.pool_stats()
    print(f"driver:  {stats['device_allocations']} allocations for {stats['allocations']} buffers")
    print(
        f"request: {stats['allocation_p50_us']:.2f} us in the library (p50); {us:.2f} us from "
        "Python, with the release"
    )
    # Exhaustion is an answer, with figures where one asks for them.
    if memory.allocate_from_pool(2 * POOL_MB << 20) is not None:
        raise forge3d.Error("a pool that grants more than it has")
    try:
        memory.allocate_from_pool(2 * POOL_MB << 20, required=True)
    except forge3d.BudgetExceeded as refusal:
        print(f"refusal: {refusal}")
    print(f"report:  {memory.report().save(arguments.out / 'report.html')}")
    while world.meshes:
        world.remove_mesh()
    memory.shutdown()


if __name__ == "__main__":
    sys.exit(run(memory_pools))
