# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Lives: close, garbage, threads, fork, and the end of the interpreter."""

import gc
import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

import forge3d
import forge3d.memory as memory

MAKERS = {
    "Device": lambda device: forge3d.Device(kind="software"),
    "Buffer": lambda device: forge3d.Buffer(device, 4096),
    "StagingRing": lambda device: forge3d.StagingRing(device, upload_bytes=1 << 18),
    "MemoryPool": lambda device: forge3d.MemoryPool(device),
    "PoolAllocation": lambda device: forge3d.MemoryPool(device).allocate(64),
    "MemorySystem": lambda device: forge3d.MemorySystem(device, upload_bytes=1 << 20),
}

# A call of each that needs it to be open.
USES = {
    "Device": lambda made: made.name,
    "Buffer": lambda made: made.read(),
    "StagingRing": lambda made: made.flush(),
    "MemoryPool": lambda made: made.allocate(1),
    "PoolAllocation": lambda made: made.offset,
    "MemorySystem": lambda made: made.stats(),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_close_is_final_and_may_be_repeated(device, kind):
    made = MAKERS[kind](device)
    with made as entered:
        assert entered is made
        assert not made.closed
        USES[kind](made)
    assert made.closed
    made.close()
    with pytest.raises(forge3d.Closed, match=f"{kind} is closed") as caught:
        USES[kind](made)
    assert caught.value.code == "closed"
    with pytest.raises(forge3d.Closed), made:
        pass


@pytest.mark.parametrize("order", range(6))
def test_garbage_in_any_order_gives_all_back(device, order):
    objects = [make(device) for make in MAKERS.values()]
    buffer, ring = objects[1], objects[2]
    ring.upload(bytes(4096), buffer)
    objects.append(ring.readback(buffer))
    objects.append(ring.write_in_place(buffer, 64))
    del buffer, ring
    rotated = objects[order:] + objects[:order]
    del objects
    while rotated:
        rotated.pop(0)
    gc.collect()
    assert device.memory()["total_bytes"] == 0


def test_closing_from_eight_threads_at_once(device):
    for kind, make in MAKERS.items():
        made = make(device)
        errors = []

        def close(made=made, kind=kind, errors=errors):
            try:
                made.close()
                USES[kind](made)
            except forge3d.Closed:
                return
            except BaseException as error:
                errors.append(error)
            errors.append(kind)

        threads = [threading.Thread(target=close) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []


def test_the_interpreter_is_not_held_by_a_wait(device):
    """Another thread counts on while this one waits for the device."""
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20)
    writes = [
        ring.write_in_place(forge3d.Buffer(device, 1 << 20), ring.max_in_place_bytes)
        for _ in range(3)
    ]
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    with pytest.raises(forge3d.Timeout):
        ring.upload(bytes(1 << 18), forge3d.Buffer(device, 1 << 18), timeout_s=0.3)
    stop.set()
    thread.join()
    assert counted[0] > 1000
    for write in writes:
        write.close()


def _run(program, **environment):
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(program)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_interpreter_ends_with_everything_alive():
    result = _run(
        """
        import threading, numpy, forge3d, forge3d.memory as memory
        device = forge3d.get_device()
        memory.init_memory_system(staging_memory_mb=4)
        buffer = forge3d.Buffer(device, 1 << 20)
        mapped = forge3d.Buffer(device, 4096, mapped=True)
        array = mapped.array
        block = memory.allocate_from_pool(100)
        memory.stage_upload(bytes(100), block)
        ring = forge3d.StagingRing(device)
        ticket = ring.upload(bytes(1 << 20), buffer)
        ring.on_complete(ticket, lambda error: print("called"))
        reading = ring.readback(buffer)
        write = ring.write_in_place(buffer, 4096)
        kept = write.array
        pool = forge3d.MemoryPool(device)
        allocation = pool.allocate(10)
        cycle = [buffer, ring, pool, allocation]
        cycle.append(cycle)
        def work():
            while True:
                ring.wait(ring.upload(bytes(4096), buffer))
        for _ in range(2):
            threading.Thread(target=work, daemon=True).start()
        print("end")
        """
    )
    assert (result.returncode, result.stderr.count("Fatal")) == (0, 0), result.stderr
    assert "end" in result.stdout
    assert "leaked" not in result.stderr


def test_modules_hold_objects_at_the_end():
    result = _run(
        """
        import sys, forge3d
        sys.kept = forge3d.Buffer(forge3d.get_device(), 4096, mapped=True)
        sys.array = sys.kept.array
        class Late:
            def __del__(self):
                try:
                    forge3d.Buffer(sys.kept, 1)
                except Exception:
                    pass
        sys.late = Late()
        """
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is not there")
def test_a_forked_child_gets_exceptions_and_ends():
    result = _run(
        """
        import os, sys, warnings, forge3d, forge3d.memory as memory
        warnings.simplefilter("ignore")
        device = forge3d.get_device()
        memory.init_memory_system(staging_memory_mb=4)
        buffer = forge3d.Buffer(device, 4096, mapped=True)
        array = buffer.array
        ring = forge3d.StagingRing(device)
        ring.upload(bytes(16), buffer)
        pool = forge3d.MemoryPool(device)
        block = pool.allocate(16)
        child = os.fork()
        if child == 0:
            for call in (lambda: device.name, lambda: buffer.read(), lambda: ring.flush(),
                         lambda: pool.allocate(1), lambda: block.size,
                         lambda: forge3d.Buffer(device, 1)):
                try:
                    call()
                except forge3d.Closed as error:
                    assert "forked" in str(error), error
                else:
                    os._exit(3)
            try:
                memory.allocate_from_pool(1)
            except forge3d.Error as error:
                assert error.code == "not_initialized"
            buffer.close(); ring.close()
            del pool, block, array
            sys.exit(5)  # the ordinary end, with hooks
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 5, status
        assert buffer.read(0, 4).tobytes() == bytes(4)  # the parent goes on
        print("parent")
        """
    )
    assert (result.returncode, result.stdout) == (0, "parent\n"), result.stderr


def test_ctrl_c_ends_a_wait():
    result = _run(
        """
        import os, signal, threading, time, forge3d
        device = forge3d.Device(kind="software")
        ring = forge3d.StagingRing(device, upload_bytes=1 << 20)
        target = forge3d.Buffer(device, 1 << 20)
        reading = ring.readback(target)
        write = ring.write_in_place(target, 64)
        later = None
        begin = time.monotonic()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            while time.monotonic() - begin < 20:
                reading.get(20)
        except KeyboardInterrupt:
            print("ended", time.monotonic() - begin < 10)
        """
    )
    assert result.stdout == "ended True\n", result.stderr


def test_arrays_keep_what_they_show(device):
    memory.init_memory_system(device, staging_memory_mb=4)
    buffer = forge3d.Buffer(device, 1 << 16)
    memory.stage_upload(np.full(1 << 16, 6, np.uint8), buffer)
    array = memory.readback(buffer)
    view = array[100:200].reshape(10, 10)
    memory.shutdown()
    buffer.close()
    del array
    gc.collect()
    assert (view == 6).all()
    del view
    gc.collect()
    assert device.memory()["total_bytes"] == 0


_DAEMONS = """
import threading, numpy, forge3d
from forge3d.streaming import CallbackTileSource, VirtualTextureSystem
device = forge3d.Device(kind="software")
buffer = forge3d.Buffer(device, 1 << 20)
ring = forge3d.StagingRing(device)
system = VirtualTextureSystem(device, 16, 64)
tile = lambda level, x, y: numpy.full((64, 64), level, "uint8")
system.load_texture(CallbackTileSource(tile, 65536, 65536, "rgba8", 64))
def upload():
    while True:
        ring.wait(ring.upload(bytes(4096), buffer))
def fly():
    x = 0
    while True:
        x += 100
        system.update_streaming((x, 30000, 500))
for work in (upload, upload, fly):
    threading.Thread(target=work, daemon=True).start()
print("end", flush=True)
"""


def test_daemon_threads_inside_calls_end_with_the_interpreter():
    # Eight at once, so that threads are caught where they seldom are.
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _DAEMONS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    for run in runs:
        out, errors = run.communicate(timeout=120)
        assert (run.returncode, out) == (0, "end\n"), errors
        assert "terminate" not in errors and "Fatal" not in errors
