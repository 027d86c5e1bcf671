# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger from Python: figures, limits, and eight threads at the limit."""

import os
import random
import threading
import time

import numpy as np
import pytest

import forge3d
import forge3d.memory as memory

SECONDS = 60 if os.environ.get("FORGE3D_LONG") else 2


def test_figures_are_the_ledgers(device):
    before = device.memory()
    assert before["total_bytes"] == 0
    assert before["limit_bytes"] == before["total_limit_bytes"] == 512 << 20
    buffer = forge3d.Buffer(device, 1 << 20, mapped=True)
    held = device.memory()
    assert held["host_visible_bytes"] == held["total_bytes"] == 1 << 20
    assert held["by_category"]["staging"] == 1 << 20
    assert device.budget_remaining() == (511 << 20)
    buffer.close()
    assert device.memory()["total_bytes"] == 0
    assert device.memory()["peak_total_bytes"] == 1 << 20


def test_top_level_names_follow_the_system(device):
    memory.init_memory_system(device, staging_memory_mb=4)
    assert forge3d.memory_metrics()["total_bytes"] == device.memory()["total_bytes"] > 0
    assert forge3d.budget_remaining() == device.budget_remaining()
    assert 0 < forge3d.utilization_ratio() < 0.01
    forge3d.override_memory_limit(64 << 20)
    assert forge3d.memory_metrics()["limit_bytes"] == 64 << 20
    forge3d.override_memory_limit(None)
    assert forge3d.memory_metrics()["limit_bytes"] == 512 << 20
    assert forge3d.device_probe()["status"] == "ok"
    memory.shutdown()
    assert device.memory()["total_bytes"] == 0


def test_a_limit_below_what_is_held_is_refused_with_the_reason(device, system):
    held = device.memory()["total_bytes"]
    with pytest.raises(forge3d.BudgetExceeded) as caught:
        forge3d.override_memory_limit(1 << 20)
    assert str(1 << 20) in str(caught.value)
    assert forge3d.memory_metrics()["limit_bytes"] == 512 << 20
    assert device.memory()["total_bytes"] == held


def test_a_limit_makes_the_pool_give_back_what_is_empty(device, system):
    block = system.allocate_from_pool(1 << 20)
    system.deallocate_pool_block(block)
    held = device.memory()
    assert held["by_category"]["pool"] > 0
    forge3d.override_memory_limit(held["total_bytes"] - held["by_category"]["pool"])
    assert device.memory()["by_category"]["pool"] == 0
    assert device.memory()["within_budget"]


@pytest.mark.parametrize("limits", [0, -1, (1,), (1, 2, 3), "512", 1.5])
def test_impossible_limits(device, limits):
    with pytest.raises((ValueError, TypeError)):
        device.set_limits(limits)
    assert device.memory()["limit_bytes"] == 512 << 20


class _Worker(threading.Thread):
    """Takes and gives memory of all kinds; keeps what went wrong and every refusal."""

    def __init__(self, device, seed, end):
        super().__init__()
        self.device, self.end = device, end
        self.random = random.Random(seed)
        self.refusals, self.failures, self.blocks, self.buffers = [], [], [], []

    def step(self):
        choice = self.random.random()
        if choice < 0.4:
            block = memory.allocate_from_pool(self.random.randrange(1, 2 << 20), required=True)
            self.blocks.append(block)
        elif choice < 0.6:
            mapped = self.random.choice([False, True])
            size = self.random.randrange(1, 4 << 20)
            self.buffers.append(forge3d.Buffer(self.device, size, mapped=mapped))
        elif choice < 0.8 and self.blocks:
            block = self.random.choice(self.blocks)
            size = min(block["size"], 4096)
            data = np.full(size, self.random.randrange(256), np.uint8)
            memory.stage_upload(data, block)
            if not np.array_equal(memory.readback(block, 0, size), data):
                self.failures.append("bytes differ")
        elif choice < 0.9 and self.blocks:
            block = self.blocks.pop(self.random.randrange(len(self.blocks)))
            if not memory.deallocate_pool_block(block):
                self.failures.append("a live block was unknown")
        elif self.buffers:
            self.buffers.pop(self.random.randrange(len(self.buffers))).close()

    def give_half_back(self):
        for _ in range(len(self.blocks) // 2):
            memory.deallocate_pool_block(self.blocks.pop())
        for _ in range(len(self.buffers) // 2):
            self.buffers.pop().close()

    def run(self):
        while time.monotonic() < self.end:
            try:
                self.step()
            except forge3d.BudgetExceeded as error:
                self.refusals.append(error)
                if self.random.random() < 0.3:
                    self.give_half_back()
            except BaseException as error:  # the test reports it
                self.failures.append(repr(error))
                return
            held = self.device.memory()
            if not held["within_budget"]:
                self.failures.append(f"over the limit: {held}")
                return


def test_eight_threads_at_the_limit_never_pass_it():
    limit = 32 << 20
    with forge3d.Device(kind="software", limits=limit) as device:
        assert memory.init_memory_system(device, staging_memory_mb=4, pool_memory_mb=64)["success"]
        end = time.monotonic() + SECONDS
        workers = [_Worker(device, seed, end) for seed in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(SECONDS + 60)
        assert not any(worker.is_alive() for worker in workers)
        assert [failure for worker in workers for failure in worker.failures] == []
        refusals = [error for worker in workers for error in worker.refusals]
        assert refusals
        assert all(error.code == "budget_exceeded" for error in refusals)
        assert all(any(c.isdigit() for c in str(error)) for error in refusals)
        held = device.memory()
        assert held["peak_total_bytes"] <= limit
        assert held["peak_host_visible_bytes"] <= limit
        assert held["peak_total_bytes"] > limit * 3 // 4
        for worker in workers:
            while worker.buffers:
                worker.buffers.pop().close()
        memory.shutdown()
        assert device.memory()["total_bytes"] == 0
        assert device.memory()["host_visible_bytes"] == 0
