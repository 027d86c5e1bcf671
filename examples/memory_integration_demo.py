# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""All four under one budget: a small game's level is loaded, played and left again.

usage: memory_integration_demo.py [OUT_FOLDER [PICTURE]]

The one idea: one description, one ledger. Whatever staging, pools, textures and streaming take is
counted together; what would pass the limit is refused with figures, and one page shows it all.
"""

from __future__ import annotations

import sys

import numpy as np
from demo import Arguments, Pixels, input_picture, run

import forge3d
from forge3d import compressed, memory, streaming


def print_ledger(when: str, device: forge3d.Device) -> None:
    held = device.memory()
    parts = "".join(
        f" {category} {size / 1e6:.1f}," for category, size in held["by_category"].items() if size
    )
    print(
        f"{when}{parts} together {held['total_bytes'] / 1e6:.1f} of "
        f"{held['total_limit_bytes'] / 1e6:.1f} MB"
    )


def load_meshes() -> list[int]:
    """Meshes in the pool, filled through the ring."""
    meshes = []
    upload = 0
    for i in range(1, 401):
        block = memory.allocate_from_pool(i * 96, required=True)
        if block is not None:  # it is: required=True raises BudgetExceeded with the reasons
            meshes.append(block["id"])
            upload = memory.stage_upload(np.full(i * 96, i % 256, np.uint8), block)
    memory.wait_upload(upload)
    return meshes


def play(device: forge3d.Device, ground: Pixels) -> Pixels:
    """A short walk over the streamed ground."""
    with streaming.VirtualTextureSystem(
        device, max_memory_mb=20, format="RGBA8", viewport=(480, 270)
    ) as system:
        width, height = system.load_texture(ground).size
        camera = streaming.Camera()
        for frame in range(60):
            camera = streaming.Camera(
                x=width * (0.3 + 0.006 * frame), y=height * 0.4, height=height * 0.2, yaw=1.2
            )
            system.update_streaming(camera)
            memory.upkeep()  # a slice of work against fragmentation, and a sample of the ledger
        picture = system.render(camera, (480, 270))
        print_ledger("playing:", device)
        return picture


def refusals() -> None:
    """More than the budget allows is an answer, and everything is as before."""
    try:
        memory.allocate_from_pool(64 << 20, required=True)
    except forge3d.BudgetExceeded as refusal:
        print(f"refused: {refusal.detail['message']}")
    # A smaller budget is kept, too: what is idle is given back, or the answer says what is held.
    try:
        forge3d.override_memory_limit((32 << 20, 4 << 20))
        print("4 MiB:   fits")
    except forge3d.BudgetExceeded as refusal:
        print(f"4 MiB:   {refusal.detail['message']}")


def print_speed() -> None:
    speed = memory.get_performance_metrics()
    requests = speed["figures"]["allocation_latency_us"]
    updates = speed["figures"]["streaming_update_ms"]
    print(
        f"speed:   upload {speed['upload_bandwidth_mbps']:.0f} MB/s, pool request "
        f"{requests['mean']:.2f} us (of {requests['samples']} timed), texture "
        f"{speed['decode_time_ms']:.1f} ms, streaming update {updates['mean']:.2f} ms "
        f"(p99 {updates['p99']:.2f})"
    )


def memory_integration(arguments: Arguments) -> None:
    device = forge3d.Device(limits=(32 << 20, 64 << 20))
    started = memory.init_memory_system(device, staging_memory_mb=9, pool_memory_mb=16)
    if not started["success"]:
        raise forge3d.Error(started["error"], code=started["code"])
    print_ledger("opened: ", device)
    meshes = load_meshes()
    compressed.compress(input_picture(arguments, 512, 512), "fast").save(arguments.out / "level.ktx2")
    texture = compressed.load_texture(arguments.out / "level.ktx2")
    print(
        f"texture: {texture.vulkan_format}, {texture.compression_ratio:.1f}:1, "
        f"{texture.decode_ms:.1f} ms to decode"
    )
    print_ledger("loaded: ", device)

    frame = play(device, input_picture(arguments, 2048, 1024))
    forge3d.save_png(arguments.out / "integration.png", frame)
    refusals()
    print_speed()
    memory.report().save(arguments.out / "report.html")
    (arguments.out / "trace.json").write_text(memory.trace(), encoding="utf-8")

    for mesh in meshes:
        memory.deallocate_pool_block(mesh)
    texture.close()
    memory.pool_manager.defragment()  # gives empty blocks back
    print_ledger("left:   ", device)
    memory.shutdown()
    print_ledger("closed: ", device)
    device.close()


if __name__ == "__main__":
    sys.exit(run(memory_integration))
