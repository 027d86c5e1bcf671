# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d.memory: every name of the specification, older and newer forms, measured figures."""

import gc
import html.parser

import numpy as np
import pytest

import forge3d
import forge3d.memory as memory

STAGING_KEYS = {
    "bytes_in_flight",
    "current_ring_index",
    "buffer_stalls",
    "ring_count",
    "buffer_size",
    "active_transfers",
    "rings",
}
POOL_KEYS = {
    "total_allocated",
    "total_freed",
    "fragmentation_ratio",
    "active_blocks",
    "pool_count",
    "largest_free_block",
    "pools",
}
MOVE_KEYS = {
    "blocks_moved",
    "bytes_compacted",
    "time_ms",
    "fragmentation_before",
    "fragmentation_after",
}


def test_without_a_system_every_operation_says_so():
    memory.shutdown()
    for call in (
        lambda: memory.stage_upload(b"1", 1),
        lambda: memory.is_upload_complete(1),
        lambda: memory.wait_upload(1),
        lambda: memory.cancel_upload(1),
        lambda: memory.readback(1),
        lambda: memory.allocate_from_pool(16),
        lambda: memory.deallocate_pool_block(1),
        memory.staging_stats,
        memory.pool_stats,
        memory.get_system_stats,
        memory.get_performance_metrics,
        memory.report,
        memory.pool_manager.defragment,
    ):
        with pytest.raises(forge3d.Error, match="init_memory_system") as caught:
            call()
        assert caught.value.code == "not_initialized"
    initialized = memory.memory_report()["system_initialized"]
    assert initialized == {"staging_rings": False, "memory_pools": False}


def test_the_newer_form(device):
    result = memory.init_memory_system(
        device,
        staging_memory_mb=4,
        pool_memory_mb=8,
        compressed_textures=True,
        virtual_textures=True,
    )
    assert result["success"] is True
    held = device.memory()
    assert result["total_memory_mb"] == held["total_bytes"] / (1 << 20)
    assert 3.9 < result["staging_memory_mb"] <= 4
    memory.shutdown()
    assert device.memory()["total_bytes"] == 0


@pytest.mark.parametrize("positional", [True, False])
def test_the_older_form(positional):
    if positional:
        result = memory.init_memory_system(True, True, 4, 1 << 20)
    else:
        result = memory.init_memory_system(
            staging_rings=True, memory_pools=True, ring_count=4, buffer_size=1 << 20
        )
    assert result["staging_rings"] is True
    assert result["memory_pools"] is True
    stats = memory.staging_stats()
    assert (stats["ring_count"], stats["buffer_size"]) == (4, 1 << 20)
    assert [ring["size"] for ring in stats["rings"]] == [1 << 20] * 4
    memory.shutdown()


def test_parts_that_were_not_asked_for_say_so(device):
    result = memory.init_memory_system(device, False)
    assert (result["staging_rings"], result["memory_pools"]) == (True, False)
    with pytest.raises(forge3d.Error, match="memory_pools=True") as caught:
        memory.allocate_from_pool(16)
    assert caught.value.code == "not_initialized"
    assert memory.memory_report()["system_initialized"] == {
        "staging_rings": True,
        "memory_pools": False,
    }
    memory.init_memory_system(device, staging_rings=False)
    with pytest.raises(forge3d.Error, match="staging_rings=True"):
        memory.stage_upload(b"1", 1)
    memory.shutdown()


def test_what_does_not_fit_is_no_success(device):
    device.set_limits(8 << 20)
    result = memory.init_memory_system(device, staging_memory_mb=64)
    assert result["success"] is False
    assert result["code"] == "budget_exceeded"
    assert str(8 << 20) in result["error"]
    assert device.memory()["total_bytes"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        {"staging_memory_mb": 0},
        {"staging_memory_mb": -1},
        {"staging_memory_mb": float("nan")},
        {"pool_memory_mb": 0},
        {"ring_count": 0},
        {"ring_count": 65},
        {"buffer_size": 0},
        {"buffer_size": 1},
    ],
)
def test_broken_rules_are_raised(device, arguments):
    with pytest.raises(ValueError):
        memory.init_memory_system(device, **arguments)
    assert device.memory()["total_bytes"] == 0


def test_an_upload_has_an_id_and_ends(device, system):
    data = np.random.default_rng(3).standard_normal(500_000).astype(np.float32)
    buffer = forge3d.Buffer(device, data.nbytes)
    upload_id = system.stage_upload(data, buffer)
    assert isinstance(upload_id, int)
    system.wait_upload(upload_id)
    assert system.is_upload_complete(upload_id) is True
    assert np.array_equal(system.readback(buffer).view(np.float32), data)
    assert system.cancel_upload(upload_id) is False
    small = system.stage_upload(b"abc", buffer, 8)
    while not system.is_upload_complete(small):  # asking is enough
        pass
    assert system.readback(buffer, 8, 3).tobytes() == b"abc"


def test_cancelled_uploads_do_not_arrive(device, system):
    buffer = forge3d.Buffer(device, 64)
    buffer.write(bytes(64))
    upload_id = system.stage_upload(b"x" * 64, buffer)
    assert system.cancel_upload(upload_id) is True
    with pytest.raises(forge3d.Cancelled):
        system.wait_upload(upload_id)
    assert system.readback(buffer).tobytes() == bytes(64)


def test_ids_of_nobody_are_stale(device, system):
    buffer = forge3d.Buffer(device, 64)
    upload_id = system.stage_upload(b"x", buffer)
    for wrong in (0, 1, upload_id + 1000, (1 << 63) - 1):
        with pytest.raises(forge3d.StaleHandle):
            system.is_upload_complete(wrong)
    for wrong in (-1, 1 << 80):
        with pytest.raises(ValueError):
            system.is_upload_complete(wrong)
    for wrong in ("1", None, 1.0):
        with pytest.raises(TypeError):
            system.is_upload_complete(wrong)
    memory.init_memory_system(device, staging_memory_mb=4)
    with pytest.raises(forge3d.StaleHandle):
        system.is_upload_complete(upload_id)


def test_a_block_is_a_dict_and_holds_bytes(system):
    block = system.allocate_from_pool(1024)
    assert set(block) == {"id", "size", "offset", "pool_id"}
    assert block["size"] >= 1024
    system.stage_upload(np.full(1024, 7, np.uint8), block)
    assert (system.readback(block["id"], 0, 1024) == 7).all()
    assert system.find_pool_block(block) == block
    system.retain_pool_block(block)
    assert system.deallocate_pool_block(block["id"]) is True
    assert system.find_pool_block(block) is not None
    assert system.deallocate_pool_block(block) is True
    assert system.deallocate_pool_block(block["id"]) is False
    assert system.find_pool_block(block) is None
    with pytest.raises(forge3d.StaleHandle):
        system.stage_upload(b"1", block)
    with pytest.raises(forge3d.StaleHandle):
        system.retain_pool_block(block)
    for wrong in ({}, "1", None, 1.5):
        with pytest.raises(TypeError):
            system.deallocate_pool_block(wrong)


def test_exhausted_is_none_or_raises_with_the_reason(system):
    blocks = []
    while (block := system.allocate_from_pool(1 << 20)) is not None:
        blocks.append(block)
    assert 8 <= len(blocks) <= 16
    with pytest.raises(forge3d.BudgetExceeded, match=str(1 << 20)):
        system.allocate_from_pool(1 << 20, required=True)
    for block in blocks:
        assert system.deallocate_pool_block(block["id"])
    assert system.allocate_from_pool(1 << 20) is not None


def test_blocks_in_use_by_uploads_move_later(system):
    blocks = [system.allocate_from_pool(1 << 16) for _ in range(128)]
    for index, block in enumerate(blocks):
        system.stage_upload(np.full(1 << 16, index, np.uint8), block)
    for block in blocks[::2]:
        system.deallocate_pool_block(block["id"])
    moved = system.pool_manager.defragment()
    assert set(moved) >= MOVE_KEYS
    assert moved["blocks_moved"] > 0
    for index in range(1, 128, 2):
        assert (system.readback(blocks[index]) == index).all()


def test_more_blocks_than_are_watched_can_be_uploaded_to(system):
    blocks = [system.allocate_from_pool(256) for _ in range(1000)]
    for index, block in enumerate(blocks):
        system.stage_upload(np.full(256, index % 251, np.uint8), block)
    for index, block in enumerate(blocks):
        if index % 50 == 0:
            assert (system.readback(block) == index % 251).all()
        assert system.deallocate_pool_block(block["id"])
    assert system.pool_stats()["active_blocks"] == 0


def test_statistics_have_the_keys_and_are_measured(device, system):
    assert set(system.staging_stats()) >= STAGING_KEYS
    assert set(system.pool_stats()) >= POOL_KEYS
    before = system.pool_stats()
    block = system.allocate_from_pool(4096)
    buffer = forge3d.Buffer(device, 4096)
    system.wait_upload(system.stage_upload(bytes(4096), buffer))
    after = system.pool_stats()
    assert after["total_allocated"] - before["total_allocated"] >= 4096
    assert after["active_blocks"] == before["active_blocks"] + 1
    assert after["pool_count"] == len(after["pools"]) >= 1
    assert system.staging_stats()["bytes_uploaded"] == 4096
    system.deallocate_pool_block(block)
    freed = system.pool_stats()
    assert freed["total_freed"] - before["total_freed"] >= 4096
    report = system.memory_report()
    assert set(report) == {"staging", "pools", "system_initialized"}
    assert report["system_initialized"] == {"staging_rings": True, "memory_pools": True}
    assert report["pools"]["active_blocks"] == freed["active_blocks"]


def test_system_statistics_and_performance(device, system):
    stats = system.get_system_stats()
    assert stats["staging"]["active_transfers"] == 0
    assert 0 <= stats["pools"]["fragmentation_ratio"] <= 1
    assert stats["compressed"]["memory_saved_mb"] == 0
    assert stats["virtual"]["cache_hit_rate"] == 0
    assert stats["budget"]["total_bytes"] == device.memory()["total_bytes"]
    assert system.get_performance_metrics()["upload_bandwidth_mbps"] == 0
    buffer = forge3d.Buffer(device, 1 << 20)
    system.wait_upload(system.stage_upload(bytes(1 << 20), buffer))
    for _ in range(256):
        system.deallocate_pool_block(system.allocate_from_pool(64))
    performance = system.get_performance_metrics()
    assert performance["upload_bandwidth_mbps"] > 0
    assert performance["bytes_uploaded"] == 1 << 20
    assert performance["figures"]["allocation_latency_us"]["samples"] >= 1
    assert performance["allocation_latency_us"] > 0
    assert performance["decode_time_ms"] == 0
    assert performance["streaming_update_ms"] == 0


def test_managers_have_parts_of_their_own(device):
    rings = memory.StagingRingManager(ring_count=2, buffer_size=1 << 16)
    assert rings.is_initialized() is False
    with pytest.raises(forge3d.Error, match=r"initialize\(\)"):
        rings.stats()
    assert rings.initialize(device)
    assert rings.is_initialized() is True
    assert rings.stats()["ring_count"] == 2
    assert rings.stats()["buffer_size"] == 1 << 16
    pools = memory.MemoryPoolManager()
    assert pools.is_initialized() is False
    pools.initialize(device, max_memory_mb=4)
    assert pools.is_initialized() is True
    assert set(pools.stats()) >= POOL_KEYS
    assert set(pools.defragment()) >= MOVE_KEYS
    rings.close()
    pools.close()
    assert not rings.is_initialized() and not pools.is_initialized()
    assert device.memory()["total_bytes"] == 0


def test_the_pool_manager_is_the_systems(device):
    assert memory.pool_manager.is_initialized() is False
    assert memory.pool_manager.initialize(device, max_memory_mb=4)
    assert memory.pool_manager.is_initialized() is True
    assert memory.staging_manager.is_initialized() is True
    assert memory.pool_manager.stats().keys() == memory.pool_stats().keys()
    memory.shutdown()


class _Page(html.parser.HTMLParser):
    """Tags and what they ask for."""

    def __init__(self):
        super().__init__()
        self.tags, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]


def test_upkeep_moves_and_adds_to_the_curves(system):
    blocks = [memory.allocate_from_pool(64 << 10) for _ in range(64)]
    before = len(memory.report().figures["history"])
    for block in blocks[::2]:
        memory.deallocate_pool_block(block)
    moved = sum(memory.upkeep()["bytes_compacted"] for _ in range(200))
    assert moved > 0
    assert len(memory.report().figures["history"]) > before
    for block in blocks[1::2]:
        memory.deallocate_pool_block(block)


def test_an_array_that_was_read_keeps_no_ring(device, system):
    with forge3d.Buffer(device, 4096) as buffer:
        memory.wait_upload(memory.stage_upload(np.arange(4096, dtype=np.uint8), buffer))
        values = memory.readback(buffer, size=16)
        with memory.start_readback(buffer, 16, 16) as reading:
            more = reading.get()
    memory.shutdown()
    assert device.memory()["total_bytes"] == 0
    assert values.tolist() == list(range(16)) and more.tolist() == list(range(16, 32))


def test_the_report_is_a_page(system, tmp_path):
    report = system.report()
    path = report.save(tmp_path / "memory.html")
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert {"html", "svg"} <= set(page.tags)
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert report._repr_html_().startswith("<iframe")
    assert report.figures["budget"]
    assert system.trace().startswith(("{", "["))


def test_a_system_beside_the_processs(device):
    with forge3d.MemorySystem(device, upload_bytes=1 << 20, readback_bytes=1 << 20) as system:
        assert system.device is device
        assert set(system.pool_stats()) >= POOL_KEYS
        assert set(system.staging_stats()) >= STAGING_KEYS
    with pytest.raises(forge3d.Closed):
        system.stats()
    gc.collect()
    assert device.memory()["total_bytes"] == 0


def test_a_callback_may_use_the_pool_that_waits_for_its_ring(device):
    """Releasing a block submits its uploads, which runs callbacks: no lock is held over them."""
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20)
    pool = forge3d.MemoryPool(device)
    block, other = pool.allocate(64), pool.allocate(64)
    seen = []
    for _ in range(50):
        ticket = ring.upload(bytes(64), block)
        ring.on_complete(ticket, lambda error: seen.append((other.size, pool.defragment())))
        ring.upload(bytes(64), other)
    block.close()
    ring.wait(ring.upload(bytes(64), other))
    ring.poll()
    assert len(seen) == 50
