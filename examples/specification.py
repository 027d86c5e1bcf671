# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
# mypy: allow-redefinition
"""Every snippet of the memory management page, in order, as it stands there.

usage: specification.py [OUT_FOLDER]     files are made there once; then a few seconds

What the page takes for granted is in specification_setup.py. What stands between the snippets begins
with "Between": it waits, or makes something to measure.
"""

import pathlib
import sys
import time

from specification_setup import (
    camera_pos,
    data,
    device,
    get_camera_velocity,
    make_files,
    proj_matrix,
    target_buffer,
    view_matrix,
)

import forge3d

make_files(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))

# --- Quick Start: Basic Memory System Setup ---------------------------------------------------------

import forge3d.memory as memory

# Initialize all memory systems
result = memory.init_memory_system(
    staging_memory_mb=64,      # O1: Staging buffer rings
    pool_memory_mb=128,        # O2: GPU memory pools
    compressed_textures=True,   # O3: Compressed texture pipeline
    virtual_textures=True      # O4: Virtual texture streaming
)

if result['success']:
    print("Memory systems initialized successfully")
    print(f"Total memory allocated: {result['total_memory_mb']} MB")

# --- Staging Buffer Operations ----------------------------------------------------------------------

# Upload data with automatic staging
upload_id = memory.stage_upload(data, target_buffer)
if memory.is_upload_complete(upload_id):
    print("Upload completed successfully")

# Between: it takes its time; now it is there.
memory.wait_upload(upload_id)
if memory.is_upload_complete(upload_id):
    print("Upload completed after a wait")
assert (memory.readback(target_buffer) == data).all()

# --- Memory Pool Allocation -------------------------------------------------------------------------

# Allocate from size-appropriate bucket
block = memory.allocate_from_pool(1024)  # 1KB allocation
if block:
    print(f"Allocated block {block['id']} of size {block['size']}")

# --- Compressed Texture Loading ---------------------------------------------------------------------

import forge3d.compressed as compressed

# Load compressed texture with automatic format detection
texture = compressed.load_texture("asset.ktx2", quality="high")
print(f"Texture loaded with {texture.compression_ratio:.1f}:1 compression")

# Between: the page uses the name again; a texture that nobody holds leaves the device.
# A frame passes, whose upkeep notices that the upload has ended: until then it counts as under way.
asset = texture
time.sleep(1 / 60)
memory.upkeep()

# --- Virtual Texture Streaming ----------------------------------------------------------------------

import forge3d.streaming as streaming

# Create virtual texture system
vt_system = streaming.VirtualTextureSystem(device, max_memory_mb=256)

# Load large texture for streaming
texture = vt_system.load_texture("world_texture_8192x8192.ktx2")

# Update based on camera position
result = vt_system.update_streaming(camera_pos, view_matrix, proj_matrix)
print(f"Loaded {result['tiles_loaded']} new tiles")

# Between: an update never waits. Once what is seen has been read, the next one finds it there.
vt_system.flush()
for _ in range(10):
    result = vt_system.update_streaming(camera_pos, view_matrix, proj_matrix)
print(f"Loaded {vt_system.get_statistics().tiles_loaded} tiles, {result['tiles_missing']} missing")

# --- Memory Monitoring: Real-time Statistics --------------------------------------------------------

# Get comprehensive memory statistics
stats = memory.get_system_stats()

print("Memory System Status:")
print(f"  Staging rings: {stats['staging']['active_transfers']} active transfers")
print(f"  Memory pools: {stats['pools']['fragmentation_ratio']:.1%} fragmentation")
print(f"  Compressed textures: {stats['compressed']['memory_saved_mb']} MB saved")
print(f"  Virtual textures: {stats['virtual']['cache_hit_rate']:.1f}% cache hit rate")

# --- Performance Monitoring -------------------------------------------------------------------------

# Monitor performance characteristics
perf = memory.get_performance_metrics()

print("Performance Metrics:")
print(f"  Upload bandwidth: {perf['upload_bandwidth_mbps']:.1f} MB/s")
print(f"  Allocation latency: {perf['allocation_latency_us']:.1f} \N{GREEK SMALL LETTER MU}s")
print(f"  Texture decode time: {perf['decode_time_ms']:.1f} ms")
print(f"  Streaming update time: {perf['streaming_update_ms']:.1f} ms")

# Between: what a fast machine rounds to nothing.
print(
    f"  Decoding took {1000 * perf['decode_time_ms']:.1f} us, "
    f"an update {1000 * perf['streaming_update_ms']:.1f} us"
)

# Between: a pool that is full but for every second block.
blocks = []
while filler := memory.allocate_from_pool(64 << 10):
    blocks.append(filler)
for filler in blocks[::2]:
    memory.deallocate_pool_block(filler)

# --- Advanced Features: Memory Pool Defragmentation -------------------------------------------------

# Monitor fragmentation and trigger defrag when needed
pool_stats = memory.pool_stats()
if pool_stats['fragmentation_ratio'] > 0.25:
    defrag_result = memory.pool_manager.defragment()
    print(f"Defragmentation completed: {defrag_result['blocks_moved']} blocks moved")

# --- Texture Quality Optimization -------------------------------------------------------------------

# Configure compression quality vs performance trade-offs
compressed.set_quality_settings(
    compression_speed="normal",  # fast, normal, high
    target_psnr=40.0,           # Quality target in dB
    memory_priority="balanced"   # memory, balanced, quality
)

# --- Virtual Texture Prefetching --------------------------------------------------------------------

# Prefetch tiles based on predicted camera movement
camera_velocity = get_camera_velocity()
predicted_pos = camera_pos + camera_velocity * 0.5  # 0.5 second prediction

vt_system.prefetch_region(
    texture,
    region_center=predicted_pos,
    radius=1000,  # World units
    mip_level=0
)

# Behind the page: what the budget says of all that, a picture, a report, and everything back.
loaded = vt_system.get_statistics().tiles_loaded
vt_system.flush()
print(f"Prefetched {vt_system.get_statistics().tiles_loaded - loaded} tiles")
forge3d.save_png(
    "specification.png",
    vt_system.render(camera_pos, view_matrix=view_matrix, projection_matrix=proj_matrix),
)
held = forge3d.memory_metrics()
print(
    f"Held at most {held['peak_total_bytes'] / 2**20:.1f} of "
    f"{held['total_limit_bytes'] / 2**20:.0f} MiB"
)
memory.report().save("specification.html")
vt_system.close()
asset.close()
target_buffer.close()
for left in blocks[1::2]:
    memory.deallocate_pool_block(left)
if block:
    memory.deallocate_pool_block(block)
memory.shutdown()
print(f"Held at the end: {device.memory()['total_bytes']} bytes")
