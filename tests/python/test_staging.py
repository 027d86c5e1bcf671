# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""StagingRing: uploads, writes in place, readbacks, order, callbacks."""

import sys
import threading

import numpy as np
import pytest

import forge3d


@pytest.fixture
def ring(device):
    with forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20) as made:
        yield made


@pytest.mark.parametrize("size", [1, 4096, 1 << 20, (5 << 20) + 3])
def test_any_size_goes_through_any_ring(device, ring, size):
    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8)
    buffer = forge3d.Buffer(device, size)
    ticket = ring.upload(data, buffer)
    data_then = data.copy()
    data[:] = 0  # it was copied
    ring.wait(ticket)
    assert ring.is_complete(ticket)
    assert np.array_equal(ring.readback(buffer).get(), data_then)


def test_a_readback_shows_the_librarys_memory(device, ring):
    buffer = forge3d.Buffer(device, 4096)
    buffer.write(np.full(4096, 3, np.uint8))
    reading = ring.readback(buffer)
    first, second = reading.get(), reading.get()
    assert first.__array_interface__["data"][0] == second.__array_interface__["data"][0]
    assert not first.flags.owndata
    reading.close()
    with pytest.raises(forge3d.Closed):
        reading.get()
    assert (first == 3).all()  # valid while an array lives


def test_a_readback_in_place_is_read_only(device, ring):
    buffer = forge3d.Buffer(device, 4096)
    buffer.write(np.full(4096, 4, np.uint8))
    array = ring.readback(buffer, in_place=True).get()
    assert (array == 4).all()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_a_readback_goes_into_the_callers_memory(device, ring):
    buffer = forge3d.Buffer(device, 4096)
    buffer.write(np.full(4096, 5, np.uint8))
    out = np.zeros(1024, np.float32)
    assert ring.readback(buffer, out=out).get() is out
    assert (out.view(np.uint8) == 5).all()


def test_a_write_in_place_has_no_copy_and_is_sealed(device, ring):
    buffer = forge3d.Buffer(device, 4096)
    write = ring.write_in_place(buffer, 4096)
    array = write.array
    assert not array.flags.owndata
    assert write.array is array
    array[:] = 7
    ticket = write.commit()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    with pytest.raises(forge3d.Closed):
        write.commit()
    ring.wait(ticket)
    assert (buffer.read() == 7).all()


def test_a_write_whose_block_raises_is_given_back(device, ring):
    buffer = forge3d.Buffer(device, 4096)
    buffer.write(np.full(4096, 1, np.uint8))
    with pytest.raises(KeyError), ring.write_in_place(buffer, 4096) as write:
        write.array[:] = 9
        raise KeyError
    assert write.closed
    assert (buffer.read() == 1).all()
    assert ring.stats()["bytes_in_flight"] == 0


def test_callbacks_tell_the_end_and_may_raise(device, ring, monkeypatch):
    raised = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: raised.append(told.exc_value))
    buffer = forge3d.Buffer(device, 4096)
    ends = []

    def callback(error):
        ends.append(error)
        ring.stats()  # it may use the ring
        raise RuntimeError("from the callback")

    ticket = ring.upload(bytes(4096), buffer)
    ring.on_complete(ticket, callback)
    ring.wait(ticket)
    ring.poll()
    assert ends == [None]
    assert [str(error) for error in raised] == ["from the callback"]
    with pytest.raises(TypeError, match="callable"):
        ring.on_complete(ticket, 3)


def test_cancel_takes_back_what_was_not_submitted(device, ring):
    buffer = forge3d.Buffer(device, 4096)
    buffer.write(bytes(4096))
    ends = []
    ticket = ring.upload(np.full(4096, 1, np.uint8), buffer)
    ring.on_complete(ticket, ends.append)
    assert ring.cancel(ticket)
    ring.flush()
    ring.poll()
    with pytest.raises(forge3d.Cancelled):
        ring.wait(ticket)
    assert (buffer.read() == 0).all()
    assert [type(error) for error in ends] == [forge3d.Cancelled]


def test_without_room_a_try_times_out(device, ring):
    buffer = forge3d.Buffer(device, 1 << 20)
    writes = [ring.write_in_place(buffer, ring.max_in_place_bytes) for _ in range(3)]
    with pytest.raises(TimeoutError) as caught:
        ring.upload(bytes(1 << 16), buffer, timeout_s=0)
    assert caught.value.code == "timeout"
    for write in writes:
        write.close()
    ring.upload(bytes(1 << 16), buffer, timeout_s=0)


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_timeouts_are_not_negative(device, ring, timeout):
    buffer = forge3d.Buffer(device, 16)
    with pytest.raises(forge3d.InvalidArgument, match="timeout_s"):
        ring.upload(bytes(16), buffer, timeout_s=timeout)


def test_another_devices_buffer_is_refused(ring):
    with forge3d.Device(kind="software") as other:
        buffer = forge3d.Buffer(other, 16)
        with pytest.raises(forge3d.InvalidArgument, match="another device"):
            ring.upload(bytes(16), buffer)
        buffer.close()


def test_a_closed_buffer_is_refused_and_its_copies_end_first(device, ring):
    buffer = forge3d.Buffer(device, 1 << 20)
    for _ in range(20):
        ring.upload(bytes(1 << 20), buffer)
    buffer.close()
    with pytest.raises(forge3d.Closed, match="Buffer is closed"):
        ring.upload(bytes(16), buffer)
    ring.flush()


def test_eight_threads_upload_and_read_back(device, ring):
    wrong = []

    def work(seed):
        random = np.random.default_rng(seed)
        buffer = forge3d.Buffer(device, 300_000)
        for _ in range(20):
            data = random.integers(0, 256, int(random.integers(1, 300_000)), dtype=np.uint8)
            ring.upload(data, buffer)
            if not np.array_equal(ring.readback(buffer, size=data.size).get(), data):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_closing_under_other_threads_raises_there(device):
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20)
    buffer = forge3d.Buffer(device, 1 << 18)
    ends = []
    running = threading.Barrier(5)

    def work():
        running.wait()
        try:
            while True:
                ring.wait(ring.upload(bytes(1 << 18), buffer))
        except forge3d.Error as error:
            ends.append(error.code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    running.wait()
    ring.close()
    for thread in threads:
        thread.join(30)
    assert ends == ["closed"] * 4
