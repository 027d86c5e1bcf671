# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Log lines of the library reach logging.getLogger('forge3d')."""

import logging
import threading

import forge3d


def test_a_leak_report_becomes_a_record(caplog):
    with caplog.at_level(logging.DEBUG, "forge3d"), forge3d.Device(kind="software") as device:
        system = forge3d.MemorySystem(device, upload_bytes=1 << 20)
        forge3d._core.set_process_system(system)
        forge3d.memory.allocate_from_pool(16)
        forge3d.memory.shutdown()
    lines = [record.getMessage() for record in caplog.records if record.name == "forge3d"]
    assert any("pool" in line for line in lines), lines


def test_handlers_may_use_the_library_from_many_threads():
    """A handler that calls the library while others log: no lock is held over it."""
    device = forge3d.Device(kind="software")
    seen = []

    class Handler(logging.Handler):
        """Calls back into what logs."""

        def emit(self, record):
            seen.append(device.memory()["total_bytes"])

    logger = logging.getLogger("forge3d")
    handler = Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:

        def work():
            for _ in range(10):
                pool = forge3d.MemoryPool(device)
                block = pool.allocate(16)
                pool.close()
                block.close()
                system = forge3d.MemorySystem(device, upload_bytes=1 << 18, readback_bytes=1 << 18)
                system.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        device.close()
