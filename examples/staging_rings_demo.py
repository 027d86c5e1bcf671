# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Staging rings (O1): a picture far larger than the ring goes to the device and comes back.

usage: staging_rings_demo.py [OUT_FOLDER [PICTURE]]

The one idea: a ring of fixed size carries any amount of data. What is in flight is never more than
the ring, whoever needs room waits for the device, and nothing else is ever allocated.
"""

from __future__ import annotations

import pathlib
import sys
import time

import numpy as np
from demo import Arguments, Box, Pixels, input_picture, ms_since, run, save_svg

import forge3d
from forge3d import memory


def upload_in_bands(picture: Pixels, target: forge3d.Buffer, band_bytes: int) -> list[int]:
    """Band by band through the ring; how full the ring was after each of them, for the plot."""
    row_bytes = picture[0].nbytes
    rows = max(1, band_bytes // row_bytes)
    in_flight = []
    upload = 0
    for y in range(0, len(picture), rows):
        # Waits for room when the ring is full. The array may change as soon as this returns.
        upload = memory.stage_upload(picture[y : y + rows], target, y * row_bytes)
        in_flight.append(memory.staging_stats()["bytes_in_flight"])
    memory.wait_upload(upload)
    return in_flight


def upload_without_waiting(ring: forge3d.StagingRing, target: forge3d.Buffer) -> None:
    """With a timeout of 0 a full ring is an answer, not a wait: a renderer does something else
    meanwhile. Here it just counts, and then waits after all."""
    page = np.full(64 << 10, 7, np.uint8)
    refused = 0
    pages = range(0, target.size, page.nbytes)
    for offset in pages:
        try:
            ring.upload(page, target, offset, timeout_s=0)
        except forge3d.Timeout:
            refused += 1
            ring.submit()
            ring.upload(page, target, offset)
    print(f"not waiting:  {len(pages)} pages uploaded, {refused} times the ring was full at first")


def produce_in_place(ring: forge3d.StagingRing, target: forge3d.Buffer) -> None:
    """A producer writes straight into ring memory: no array of its own, no copy on the CPU."""
    count = ring.max_in_place_bytes // 4
    numbers = np.arange(count, dtype=np.uint32)
    with ring.write_in_place(target, count * 4) as write:  # commits at the end
        np.multiply(numbers, numbers, out=write.array.view(np.uint32))
    # A readback sees the uploads before it; get() submits what is open and waits.
    with ring.readback(target, size=count * 4) as reading:
        squares = reading.get().view(np.uint32)
    if not np.array_equal(squares, numbers * numbers):
        raise forge3d.Error("the device returned other bytes")
    print(f"in place:     {count} numbers written into the ring, and read back equal")


def save_plot(path: pathlib.Path, in_flight: list[int], ring_bytes: int) -> None:
    width = 600 / len(in_flight)
    boxes = [Box(0, 20, 600, 0.5, "#c33")]  # the ring's size
    for i, held in enumerate(in_flight):
        height = 100 * held / ring_bytes
        boxes.append(Box(i * width, 120 - height, width * 0.9, height, "#469"))
    save_svg(path, 600, 120, boxes)


def staging_rings(arguments: Arguments) -> None:
    picture = input_picture(arguments, 2048, 2048)
    started = memory.init_memory_system(staging_memory_mb=2, memory_pools=False)
    if not started["success"]:
        raise forge3d.Error(started["error"], code=started["code"])
    print(f"device:       {started['device']}")
    device = forge3d.get_device()
    target = forge3d.Buffer(device, picture.nbytes, name="picture")
    stats = memory.staging_stats()
    ring_bytes = stats["ring_count"] * stats["buffer_size"]
    in_flight = []
    # The first time the memory of ring and buffer is new to the machine, too.
    for when in ("first upload:", "next upload: "):
        start = time.perf_counter()
        in_flight += upload_in_bands(picture, target, ring_bytes // 8)
        ms = ms_since(start)
        print(
            f"{when} {picture.nbytes / 1e6:.1f} MB through a ring of {ring_bytes / 1e6:.1f} MB "
            f"in {ms:.1f} ms: {picture.nbytes / 1e3 / ms:.0f} MB/s"
        )
    stats = memory.staging_stats()
    print(
        f"in flight:    at most {stats['peak_bytes_in_flight']} of {ring_bytes} bytes; "
        f"{stats['buffer_stalls']} waits for room, {stats['stall_ms']:.2f} ms in all"
    )
    print(
        f"submissions:  {stats['submits']} for {stats['copies']} copies; "
        f"latency p50 {stats['latency_p50_ms']:.2f} ms, p99 {stats['latency_p99_ms']:.2f} ms"
    )

    returned = memory.readback(target)
    if not np.array_equal(returned, picture.reshape(-1)):
        raise forge3d.Error("the device returned another picture")
    print(f"readback:     all {returned.nbytes} bytes are equal")
    forge3d.save_png(arguments.out / "staged.png", returned.reshape(picture.shape))
    save_plot(arguments.out / "ring_in_flight.svg", in_flight, ring_bytes)

    # A ring of one's own, beside the system's.
    with (
        forge3d.StagingRing(device, upload_bytes=1 << 20, readback_bytes=1 << 20) as ring,
        forge3d.Buffer(device, 8 << 20) as buffer,
    ):
        upload_without_waiting(ring, buffer)
        produce_in_place(ring, buffer)
    print(f"report:       {memory.report().save(arguments.out / 'report.html')}")
    target.close()
    memory.shutdown()


if __name__ == "__main__":
    sys.exit(run(staging_rings))
