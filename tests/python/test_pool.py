# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""MemoryPool and PoolAllocation."""

import numpy as np
import pytest

import forge3d


@pytest.fixture
def pool(device):
    with forge3d.MemoryPool(device, max_bytes=8 << 20, block_bytes=1 << 20) as made:
        yield made


def test_a_block_holds_bytes(device, pool):
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20)
    with pool.allocate(1000) as block:
        assert block.size >= 1000
        data = np.random.default_rng(1).integers(0, 256, block.size, dtype=np.uint8)
        ring.upload(data, block)
        assert np.array_equal(ring.readback(block).get(), data)
        with pytest.raises(forge3d.InvalidArgument):
            ring.upload(bytes(block.size + 1), block)
    with pytest.raises(forge3d.Closed):
        block.size
    assert pool.stats()["active_blocks"] == 0


def test_blocks_keep_their_bytes_when_they_move(device, pool):
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20)
    blocks = []
    for value in range(60):
        block = pool.allocate(64 << 10)
        ring.upload(np.full(64 << 10, value, np.uint8), block)
        blocks.append((value, block))
    kept = [pair for index, pair in enumerate(blocks) if index % 3 == 0]
    for index, (_, block) in enumerate(blocks):
        if index % 3:
            block.close()
    result = pool.defragment()
    assert result["blocks_moved"] > 0
    assert result["bytes_compacted"] == result["blocks_moved"] * (64 << 10)
    assert result["fragmentation_after"] <= result["fragmentation_before"]
    assert result["time_ms"] > 0
    for value, block in kept:
        assert (ring.readback(block).get() == value).all()


def test_a_refusal_carries_its_reasons(pool):
    blocks = [pool.allocate(1 << 19) for _ in range(16)]
    with pytest.raises(forge3d.BudgetExceeded) as caught:
        pool.allocate(1 << 19)
    assert str(1 << 19) in str(caught.value)
    assert pool.stats()["refusals"] == 1
    blocks.pop().close()
    pool.allocate(1 << 19)


@pytest.mark.parametrize("size", [0, -1, 1 << 63])
def test_impossible_sizes(pool, size):
    with pytest.raises(forge3d.InvalidArgument):
        pool.allocate(size)


def test_a_block_outlives_its_pool(device):
    pool = forge3d.MemoryPool(device)
    block = pool.allocate(16)
    pool.close()
    with pytest.raises(forge3d.Closed, match="MemoryPool is closed"):
        pool.allocate(16)
    assert block.size == 16
    assert device.memory()["by_category"]["pool"] > 0
    block.close()
    assert device.memory()["by_category"]["pool"] == 0


def test_the_dump_and_the_events_are_there(device):
    pool = forge3d.MemoryPool(device, event_limit=16)
    block = pool.allocate(16)
    block.close()
    assert pool.dump_json().startswith("{")
    assert pool.events_csv().splitlines()[0] == "time_ns,event,id,size,alignment,block,offset"
    assert len(pool.events_csv().splitlines()) == 3
