# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Buffer: bytes in and out, mappings as arrays, what is refused."""

import array
import gc

import numpy as np
import pytest

import forge3d


@pytest.mark.parametrize("mapped", [False, True, "upload", "readback", "device"])
def test_bytes_come_back(device, mapped):
    data = np.random.default_rng(7).integers(0, 256, 100_003, dtype=np.uint8)
    with forge3d.Buffer(device, data.size, mapped=mapped) as buffer:
        buffer.write(data)
        assert np.array_equal(buffer.read(), data)
        buffer.write(b"abc", offset=17)
        assert buffer.read(16, 5).tobytes() == data[16:17].tobytes() + b"abc" + data[20:21].tobytes()


@pytest.mark.parametrize(
    "data",
    [b"12345678", bytearray(8), memoryview(b"12345678"), array.array("d", [1.5]), np.float64(2.5)],
)
def test_takes_every_buffer(device, data):
    buffer = forge3d.Buffer(device, 8)
    buffer.write(data)
    assert buffer.read().tobytes() == memoryview(data).tobytes()


def test_takes_dlpack(device):
    class Foreign:
        """Only DLPack, no buffer."""

        def __init__(self, inner):
            self.inner = inner

        def __dlpack__(self, **options):
            return self.inner.__dlpack__(**options)

        def __dlpack_device__(self):
            return self.inner.__dlpack_device__()

    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    buffer = forge3d.Buffer(device, 24)
    buffer.write(Foreign(numbers))
    assert np.array_equal(buffer.read().view(np.float32), numbers.ravel())
    with pytest.raises(forge3d.InvalidArgument, match="ascontiguousarray"):
        buffer.write(Foreign(numbers[:, ::2]))


def test_read_fills_the_given_array(device):
    buffer = forge3d.Buffer(device, 64)
    buffer.write(np.arange(16, dtype=np.int32))
    out = np.zeros((2, 8), dtype=np.int32)
    assert buffer.read(out=out) is out
    assert out.ravel().tolist() == list(range(16))


def test_a_mapping_is_the_memory_itself_and_outlives_the_object(device):
    buffer = forge3d.Buffer(device, 4096, mapped=True)
    first, second = buffer.array, buffer.array
    address = first.__array_interface__["data"][0]
    assert second.__array_interface__["data"][0] == address
    first[:] = 9
    assert (buffer.read() == 9).all()
    held = device.memory()["total_bytes"]
    buffer.close()
    with pytest.raises(forge3d.Closed):
        buffer.array
    first[:] = 5  # valid while an array lives
    assert (second == 5).all()
    assert device.memory()["total_bytes"] == held
    del first, second
    gc.collect()
    assert device.memory()["total_bytes"] == held - 4096


def test_device_memory_has_no_array(device):
    with pytest.raises(forge3d.NotSupported, match="mapped=True"):
        forge3d.Buffer(device, 16).array


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (np.zeros((4, 4))[:, ::2], ValueError, "ascontiguousarray"),
        (np.asfortranarray(np.zeros((4, 4))), ValueError, "ascontiguousarray"),
        (np.array([object()]), TypeError, "Python objects"),
        (np.zeros(2, dtype=[("a", "O")]), TypeError, "Python objects"),
        ([1, 2], TypeError, "list"),
        ("text", TypeError, "str"),
        (None, TypeError, "NoneType"),
        (3, TypeError, "int"),
        (memoryview(bytes(16))[::2], ValueError, "ascontiguousarray"),
        (np.zeros(1025, np.uint8), ValueError, "1024"),
    ],
)
def test_what_cannot_be_a_source_is_refused(device, data, kind, message):
    buffer = forge3d.Buffer(device, 1024)
    with pytest.raises(kind, match=message):
        buffer.write(data)
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20)
    with pytest.raises(kind):
        ring.upload(data, buffer)


@pytest.mark.parametrize("out", [b"1234", np.broadcast_to(np.uint8(1), 4), memoryview(b"1234")])
def test_what_is_read_only_is_no_destination(device, out):
    buffer = forge3d.Buffer(device, 4)
    with pytest.raises(ValueError, match=r"read-only|contiguous"):
        buffer.read(out=out)


@pytest.mark.parametrize("size", [0, -1, 1 << 63, 1 << 200])
def test_impossible_sizes_are_values_that_are_wrong(device, size):
    with pytest.raises((ValueError, MemoryError)):
        forge3d.Buffer(device, size)


@pytest.mark.parametrize("size", [1.5, "8", np.zeros(2)])
def test_sizes_are_whole_numbers(device, size):
    with pytest.raises(TypeError, match="whole number"):
        forge3d.Buffer(device, size)


def test_ranges_outside_are_refused(device):
    buffer = forge3d.Buffer(device, 16)
    for call in (
        lambda: buffer.read(17),
        lambda: buffer.read(8, 9),
        lambda: buffer.read(-1),
        lambda: buffer.write(b"123", offset=14),
        lambda: buffer.write(b"123", offset=(1 << 63) - 1),
    ):
        with pytest.raises(forge3d.InvalidArgument):
            call()


def test_a_bytearray_cannot_be_resized_under_a_readback(device):
    buffer = forge3d.Buffer(device, 1 << 16)
    ring = forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20)
    out = bytearray(1 << 16)
    reading = ring.readback(buffer, out=out)
    with pytest.raises(BufferError):
        out.extend(b"more")
    reading.get()
    reading.close()
    out.extend(b"more")
