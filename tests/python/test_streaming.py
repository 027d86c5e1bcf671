# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d.streaming: sources, cameras, updates, prefetches, failures, frames."""

import gc
import logging
import math
import os
import statistics
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from shared_data import data
from streaming_pictures import level_colour, picture

import forge3d
from forge3d import _core, streaming
from forge3d.streaming import CallbackTileSource, Camera, TileSource, VirtualTextureSystem


@pytest.fixture(scope="module")
def device():
    with forge3d.Device(kind="software") as opened:
        yield opened


@pytest.fixture
def system(device):
    with VirtualTextureSystem(device, max_memory_mb=16, tile_size=64, viewport=(320, 180)) as made:
        yield made


def look_at(eye, target, up=(0, 0, 1)):
    """The view matrix everybody writes: column vectors, the camera looks along -z."""
    eye, target, up = (np.asarray(v, float) for v in (eye, target, up))
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = right, np.cross(back, right), back
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def perspective(fov_y, aspect, near, far, space="opengl"):
    f = 1 / math.tan(fov_y / 2)
    if space == "opengl":
        depth = [(far + near) / (near - far), 2 * far * near / (near - far)]
    else:
        depth = [far / (near - far), far * near / (near - far)]
    y = -f if space == "vulkan" else f
    return np.array([[f / aspect, 0, 0, 0], [0, y, 0, 0], [0, 0, *depth], [0, 0, -1, 0]])


# ---- making a system


@pytest.mark.parametrize("size", [0, -1, float("nan")])
def test_sizes_that_cannot_be(device, size):
    with pytest.raises(ValueError, match="max_memory_mb must be positive"):
        VirtualTextureSystem(device, max_memory_mb=size)


@pytest.mark.parametrize("size", [0, -256, 100])
def test_tile_sizes_are_powers_of_two(device, size):
    with pytest.raises(ValueError, match="tile_size must be a positive power of 2"):
        VirtualTextureSystem(device, tile_size=size)
    with pytest.raises(ValueError, match="tile_size must be a positive power of 2"):
        streaming.calculate_memory_requirements(10, 10, size)


def test_tile_sizes_outside_what_an_atlas_takes(device):
    with pytest.raises(forge3d.InvalidArgument, match="64"):
        streaming.create_streaming_system(device, tile_size=32)


def test_memory_that_holds_no_atlas_is_refused_with_the_budget_that_would(device):
    with VirtualTextureSystem(device, max_memory_mb=1) as small:
        with pytest.raises(MemoryError) as caught:
            small.load_texture(picture(), "rgba8")
        assert caught.value.code == "budget_exceeded"
        assert small.format is None, "a texture that did not come decides nothing"


def test_an_empty_system_has_real_zeros(system):
    assert system.update_streaming((0, 0, 10))["tiles_requested"] == 0
    stats = system.get_statistics()
    assert stats.active_tiles == 0 and stats.cache_hit_rate == 0.0
    info = system.get_memory_info()
    assert info["total_budget"] == info["available_memory"] == 16 << 20
    assert system.flush()
    with pytest.raises(ValueError, match="no texture yet"):
        system.render((0, 0, 10), (64, 64))


# ---- textures


def test_a_texture_says_its_shape(system):
    texture = system.load_texture(picture(1000, 1536))
    assert texture.size == (1536, 1000) and texture.tile_size == 64
    assert texture.tile_count == (24, 16) and texture.max_mip_level == 5
    assert texture.get_tile_bounds(23, 15) == (1472, 960, 64, 40)
    assert texture.is_tile_valid(0, 0) and texture.is_tile_valid(0, 0, 5)
    for bad in ((24, 0, 0), (-1, 0, 0), (0, 0, 6), (0, 0, -1), (12, 0, 1)):
        assert not texture.is_tile_valid(*bad)
    with pytest.raises(ValueError):
        texture.get_tile_bounds(24, 0)
    assert system.textures() == [texture] and isinstance(texture.handle, int)
    assert texture.format == "BC7" and texture.total_tile_count > 24 * 16


def test_textures_of_another_format_or_tile_size_are_refused(system):
    system.load_texture(picture(), "bc1")
    assert system.format == "BC1"
    with pytest.raises(ValueError, match="share a format"):
        system.load_texture(picture(), "bc7")
    other = CallbackTileSource(level_colour, 640, 640, "bc7", 64)
    with pytest.raises(ValueError, match="BC7_SRGB_BLOCK, and the system's is BC1"):
        system.load_texture(other)
    with pytest.raises(ValueError, match="pages of 256"):
        system.load_texture(CallbackTileSource(level_colour, 640, 640, "bc1", 256))
    assert system.load_texture(picture()).format == "BC1"


def test_a_format_given_first_holds_what_arrays_and_functions_are(device):
    with VirtualTextureSystem(device, max_memory_mb=8, tile_size=64, format="RGBA8") as system:
        assert system.load_texture(picture()).format == "RGBA8"
        assert system.load_texture(CallbackTileSource(level_colour, 640, 640, "rgba8", 64))
        with pytest.raises(ValueError, match="SRGB"):
            system.load_texture(picture(), srgb=False)


def test_missing_and_bad_files(system, tmp_path):
    for kind in (RuntimeError, FileNotFoundError):
        with pytest.raises(kind):
            system.load_texture(tmp_path / "missing.ktx2")
    (tmp_path / "bad.pmtiles").write_bytes(b"PMTiles\x03" + bytes(200))
    with pytest.raises(RuntimeError, match="bad.pmtiles"):
        system.load_texture(tmp_path / "bad.pmtiles")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(RuntimeError, match="bad.png"):
        system.load_texture(tmp_path / "bad.png")


def test_archives_pictures_and_ktx2_files_are_streamed(system, tmp_path):
    image = picture(300, 500)
    _core.save_png(str(tmp_path / "a.png"), image)
    made = streaming.tile_picture(tmp_path / "a.png", tmp_path / "a.pmtiles", tile_size=64)
    assert made["tiles"] > 8 * 5 and made["format"] == "BC7"
    forge3d.compressed.compress(image).save(tmp_path / "a.ktx2")
    for name in ("a.png", "a.pmtiles", "a.ktx2"):
        texture = system.load_texture(tmp_path / name)
        assert texture.size == (500, 300)
        system.update_streaming((250, 150, 200), texture_handle=texture.handle)
        assert system.flush()
        assert system.get_statistics().tiles_failed == 0
        system.remove_texture(texture)
    with pytest.raises(ValueError, match="BC1 was asked for"):
        system.load_texture(tmp_path / "a.pmtiles", "bc1")


def test_a_picture_is_tiled_once_into_the_cache(system, tmp_path):
    _core.save_png(str(tmp_path / "a.png"), picture(300, 500))
    system._cache_dir = tmp_path / "cache"
    rows = []
    first = system.load_texture(
        tmp_path / "a.png", quality="normal", progress=lambda done, total: rows.append((done, total))
    )
    archives = list((tmp_path / "cache").iterdir())
    assert len(archives) == 1 and archives[0].suffix == ".pmtiles"
    made = archives[0].stat().st_mtime_ns
    again = system.load_texture(tmp_path / "a.png", quality="normal")
    assert archives[0].stat().st_mtime_ns == made and again.size == first.size
    os.utime(tmp_path / "a.png", ns=(1, 1))
    system.load_texture(tmp_path / "a.png", quality="normal")
    assert len(list((tmp_path / "cache").iterdir())) == 2, "a changed picture is tiled anew"


def test_tiling_can_be_cancelled_and_leaves_nothing(tmp_path):
    _core.save_png(str(tmp_path / "a.png"), picture(2000, 1000))
    with pytest.raises(forge3d.Cancelled):
        streaming.tile_picture(tmp_path / "a.png", tmp_path / "a.pmtiles", progress=lambda *_: False)

    def broken(done, rows):
        raise KeyError("progress")

    with pytest.raises(KeyError, match="progress"):
        streaming.tile_picture(tmp_path / "a.png", tmp_path / "a.pmtiles", progress=broken)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_removed_textures_are_stale(system):
    texture = system.load_texture(picture())
    system.update_streaming((500, 500, 300))
    system.remove_texture(texture)
    for call in (
        lambda: system.update_streaming((0, 0, 9), texture_handle=texture.handle),
        lambda: system.remove_texture(texture),
        lambda: system.prefetch_region(texture, 0, 0, 10, 10),
    ):
        with pytest.raises(forge3d.StaleHandle):
            call()
    assert system.textures() == []
    system.update_streaming((500, 500, 300))


def test_textures_of_another_system_are_strangers(device, system):
    system.load_texture(picture(200, 200))
    with VirtualTextureSystem(device, 16, 64) as other:
        stranger = other.load_texture(picture(200, 200))
        with pytest.raises(forge3d.StaleHandle, match="another system"):
            system.update_streaming((0, 0, 9), texture_handle=stranger)
        assert stranger != system.textures()[0]


# ---- cameras


def test_matrices_and_the_camera_of_the_library_want_the_same(system):
    texture = system.load_texture(picture())
    wanted = set()
    eye, size = (700.0, 300.0, 250.0), (320, 180)
    matrices = {
        space: perspective(Camera().fov_y, 16 / 9, 0.25, 1e6, space)
        for space in ("opengl", "wgpu", "vulkan")
    }
    for yaw in (0.3, 2.0):
        direction = np.array([math.cos(yaw) * math.cos(0.7), math.sin(yaw) * math.cos(0.7), -math.sin(0.7)])
        view = look_at(eye, eye + direction)
        camera = Camera(x=eye[0], y=eye[1], height=eye[2], yaw=yaw, pitch=0.7)
        frame = system.render(camera, size).astype(int)
        for space, projection in matrices.items():
            system.configure(clip_space=space)
            wanted.add(system.update_streaming(eye, view, projection)["tiles_wanted"])
            other = system.render(
                eye, size, view_matrix=view, projection_matrix=projection
            ).astype(int)
            assert np.abs(frame - other).max() <= 2, f"{space} shows another picture"
        wanted.add(system.update_streaming(camera)["tiles_wanted"])
        assert len(wanted) == 1
        wanted.clear()
    assert texture.handle == system.textures()[0].handle


def test_every_way_to_write_a_matrix_is_read_alike(system):
    system.load_texture(picture())
    view = look_at((700, 300, 250), (900, 500, 0))
    projection = perspective(1.0, 16 / 9, 0.25, 1e6)
    wanted = {
        system.update_streaming((0, 0, 0), v, p)["tiles_wanted"]
        for v, p in (
            (view, projection),
            (view.T.copy().T, projection.T.copy().T),  # other strides, the same matrix
            (view.tolist(), projection.flatten()),
            (tuple(view.flatten()), memoryview(projection)),
            (view.astype(object), projection.tolist()),
        )
    }
    assert len(wanted) == 1
    transposed = system.update_streaming((0, 0, 0), view.T, projection.T)["tiles_wanted"]
    assert transposed not in wanted, "the transposed matrix is another one"


def test_a_position_alone_looks_straight_down(system):
    system.load_texture(picture())
    down = system.update_streaming((700, 300, 250))
    same = system.update_streaming(Camera(700, 300, 250, yaw=math.pi / 2, pitch=math.pi / 2))
    assert down["tiles_wanted"] == same["tiles_wanted"] > 1
    position = np.array([700.0, 300.0, 250.0])
    projection = perspective(Camera().fov_y, 16 / 9, 0.25, 1e9)
    with_projection = system.update_streaming(position, projection_matrix=projection)
    view = np.eye(4)
    view[:3, 3] = -position
    with_view = system.update_streaming(position, view_matrix=view)
    assert with_projection["tiles_wanted"] == with_view["tiles_wanted"] == down["tiles_wanted"]


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (((0, 0),), ValueError, "three numbers"),
        ((3,), TypeError, "camera_position"),
        ((("a", 0, 0),), TypeError, "numbers"),
        (((0, 0, math.nan),), ValueError, "finite"),
        (((0, 0, 0),), ValueError, "z is 0"),
        (((0, 0, 9), np.eye(3)), ValueError, "4 x 4"),
        (((0, 0, 9), np.full((4, 4), math.inf)), ValueError, "finite"),
        (((0, 0, 9), None, "matrix"), ValueError, "4 x 4"),
        (((0, 0, 9), None, None, "x"), TypeError, "handle"),
        (((0, 0, 9), None, None, 12345), forge3d.StaleHandle, "no such texture"),
        ((Camera(), np.eye(4)), ValueError, "matrices of its own"),
    ],
)
def test_cameras_that_cannot_be_are_named(system, arguments, kind, words):
    system.load_texture(picture(200, 200))
    with pytest.raises(kind, match=words):
        system.update_streaming(*arguments)


def test_camera_ranges():
    with pytest.raises(ValueError, match="pitch"):
        Camera(pitch=3)
    assert "height=7" in repr(Camera(height=7))


# ---- updates and frames


def test_an_update_says_what_it_did(system):
    system.load_texture(picture())
    result = system.update_streaming((768, 512, 150))
    assert set(result) >= {"tiles_requested", "tiles_loaded", "tiles_evicted", "update_time_ms"}
    assert result["tiles_requested"] == result["tiles_missing"] > 3
    assert result["update_time_ms"] > 0
    assert system.flush()
    again = system.update_streaming((768, 512, 150))
    assert again["tiles_missing"] == 0 and again["tiles_requested"] == 0
    stats = system.get_statistics()
    assert stats.tiles_loaded == result["tiles_requested"] and stats["tiles_failed"] == 0
    assert 0 < stats.cache_hit_rate < 100
    assert stats.memory_used == stats.active_tiles * 72 * 72 and stats.loading_s > 0
    assert stats.memory_utilization == pytest.approx(100 * stats.memory_used / stats.memory_limit)
    assert dict(stats)["updates"] > 2 and "hits" in repr(stats)
    with pytest.raises(AttributeError):
        stats.no_such_counter
    assert system.measure_sharpness()["exact_area"] == 1.0


def test_a_frame_shows_the_picture(system):
    image = picture()
    system.load_texture(image, "rgba8")
    # One texel a pixel: the texture's middle 160 x 90 texels.
    height = 45 / math.tan(Camera().fov_y / 2)
    frame = system.render((768, 512, height), (160, 90))
    assert frame.shape == (90, 160, 4) and frame.dtype == np.uint8 and not frame.flags.owndata
    expected = image[512 - 45 : 512 + 45, 768 - 80 : 768 + 80].astype(int)
    error = np.abs(frame[..., :3].astype(int) - expected)
    assert np.quantile(error, 0.9) <= 2, "the frame is another picture"
    outside = system.render((-1e5, -1e5, 100), (32, 32))
    assert (outside[..., 3] == 255).all() and len(np.unique(outside.reshape(-1, 4), axis=0)) == 1


def test_rendering_gives_its_target_back(device):
    with VirtualTextureSystem(device, max_memory_mb=16, tile_size=64) as system:
        system.load_texture(picture(200, 300))
        first = system.render((150, 100, 80), (64, 48))
        copy = first.copy()
        second = system.render((150, 100, 80), (96, 64))
        assert (first == copy).all() and second.shape == (64, 96, 4)
    assert (first == copy).all(), "the array outlives its system"
    with pytest.raises(ValueError, match="size"):
        VirtualTextureSystem(device, tile_size=64).render((1, 1, 1), (0, 5))


def test_prefetched_regions_are_loaded(system):
    texture = system.load_texture(picture())
    asked = system.prefetch_region(texture, 0, 0, 128, 64)
    assert asked == 2 and not system.is_resident(texture, 0, 0)
    assert system.flush()
    assert system.is_resident(texture, 0, 0) and system.is_resident(texture, 1, 0)
    assert not system.is_resident(texture, 2, 0) and not system.is_resident(texture, 0, 1)
    assert system.prefetch_region(texture, 0, 0, 128, 64) == 0
    # World units: y up, so that (1536, 0) is the lower right corner.
    assert system.prefetch_region(texture, region_center=(1536, 0), radius=60) == 1
    assert system.prefetch_region(texture, np.array([1536.0, 1024.0, 50.0]), 60, mip_level=2) == 1
    assert system.flush()
    assert system.is_resident(texture, 23, 15) and system.is_resident(texture, 5, 0, 2)
    assert system.get_statistics().tiles_loaded == 4
    assert system.prefetch_region(texture, region_center=(-500, -500), radius=10) == 0


@pytest.mark.parametrize(
    ("arguments", "named", "kind"),
    [
        ((0, 0, 0, 5), {}, ValueError),
        ((0, 0, 5, 5, 9), {}, ValueError),
        (((0, 0), -1), {}, ValueError),
        (((0, math.nan), 5), {}, ValueError),
        ((), {"region_center": (1, 1)}, TypeError),
        ((0, 0, 5, 5), {"radius": 3}, TypeError),
        ((0, 0, 5), {}, TypeError),
    ],
)
def test_regions_that_cannot_be(system, arguments, named, kind):
    texture = system.load_texture(picture())
    with pytest.raises(kind):
        system.prefetch_region(texture, *arguments, **named)


def test_evicting_leaves_what_is_seen(system):
    one, two = system.load_texture(picture()), system.load_texture(picture(500, 700))
    system.update_streaming((768, 512, 300), texture_handle=one.handle)
    assert system.flush()
    system.update_streaming((300, 200, 200), texture_handle=two)
    assert system.flush()
    evicted = system.evict_tiles(one)
    assert evicted > 3 and system.evict_tiles(one) == 0
    assert system.evict_tiles() == 0, "the rest is seen"
    assert system.evict_tiles(two, keep_visible=False) > 0
    assert system.get_statistics().active_tiles == 2, "the coarsest tiles are pinned"
    assert system.get_statistics().tiles_evicted > evicted


def test_less_memory_makes_views_blurrier_up_to_the_ceiling(device):
    with VirtualTextureSystem(device, 2, 64, max_textures=1, viewport=(2000, 1200)) as small:
        small.load_texture(picture(), "rgba8")
        assert small.update_streaming((768, 512, 600))["mip_bias"] > 0
        assert small.set_quality_settings(max_mip_bias=0)
        assert small.update_streaming((768, 512, 600))["mip_bias"] == 0
        small.set_quality_settings()
        assert small.update_streaming((768, 512, 600))["mip_bias"] > 0


def test_the_scale_of_detail(system):
    system.load_texture(picture())
    wanted = []
    for scale in (2, 1, 0.5):
        system.set_quality_settings(lod_scale=scale)
        wanted.append(system.update_streaming((768, 512, 900))["tiles_wanted"])
    assert wanted[0] > wanted[1] > wanted[2]
    for bad in ({"lod_scale": 0}, {"max_mip_bias": -1}, {"cache_priority_boost": -1}):
        with pytest.raises(ValueError):
            system.set_quality_settings(**bad)
    assert system.configuration()["lod_scale"] == 0.5


def test_presets_are_those_of_the_library(system):
    for name in ("performance", "quality", "balanced"):
        assert system.set_quality_settings(preset=name)
        found = system.configuration()
        assert (found["lod_scale"] < 1) == (name == "performance")
        assert (found["fade_frames"] > 0) == (name == "quality")
    assert system.set_quality_settings(
        1.5, 2, 4, prefetch_seconds=0.5, backlog_frames=3, fade_frames=5, frames_of_grace=7
    )
    found = system.configuration()
    assert (found["max_mip_bias"], found["lod_scale"], found["cache_priority_boost"]) == (1.5, 2, 4)
    assert (found["prefetch_seconds"], found["backlog_frames"]) == (0.5, 3)
    assert (found["fade_frames"], found["frames_of_grace"]) == (5, 7)
    with pytest.raises(ValueError, match="'performance', 'balanced' or 'quality', not 'ultra'"):
        system.set_quality_settings(preset="ultra")
    with pytest.raises(ValueError, match="prefetch_seconds is 2"):
        system.set_quality_settings(prefetch_seconds=2)
    assert system.configuration() == found, "what is refused changes nothing"


# ---- regions that are asked for


def test_a_requested_region_is_ready_when_it_is_sharp(system):
    texture = system.load_texture(picture())
    with system.request_region(texture, 100, 100, 200, 100) as region:
        assert region.pages == region.missing == 4 * 3 and not region.ready
        assert system.flush()
        assert region.ready and region.missing == 0 and "0 of 12" in repr(region)
        region.wait(0)
        assert all(system.is_resident(texture, x, y) for x in (1, 4) for y in (1, 3))
        for x in range(0, 1536, 64):
            system.update_streaming((x, 900, 40))
        assert region.ready, "it stays while the request lives"
    with pytest.raises(forge3d.Closed):
        region.ready
    assert system.get_statistics().region_misses > 0


def test_a_wait_for_a_region_ends_when_another_thread_updates(system):
    texture = system.load_texture(picture())
    region = system.request_region(texture, 0, 0, 300, 300, mip_level=1, deadline=0.5)
    with pytest.raises(TimeoutError, match="missing"):
        region.wait(0.01)
    stop = threading.Event()

    def fly():
        while not stop.is_set():
            system.update_streaming((768, 512, 200))
            time.sleep(0.001)

    thread = threading.Thread(target=fly)
    thread.start()
    try:
        region.wait(20)
    finally:
        stop.set()
        thread.join()
    assert region.ready


def test_a_view_is_warm_before_the_camera_jumps(system):
    texture = system.load_texture(picture())
    camera = Camera(x=1200, y=300, height=80, pitch=1.2)
    wanted = system.request_view(camera, texture=texture)
    assert system.flush() and wanted.ready
    assert system.update_streaming(camera)["tiles_missing"] == 0
    assert system.measure_sharpness()["exact_area"] == 1.0


def test_requests_that_cannot_be(system):
    texture = system.load_texture(picture())
    for bad in ((0, 0, 0, 5), (0, 0, 5, 5, 9), (-9, -9, 5, 5), (0, 0, 5, math.inf)):
        with pytest.raises(ValueError):
            system.request_region(texture, *bad)
    with pytest.raises(ValueError):
        system.request_region(texture, 0, 0, 5, 5, deadline=math.nan)
    with pytest.raises(ValueError):
        system.request_view((0, 0, 0))
    with pytest.raises(ValueError):
        system.request_region(texture, 0, 0, 5, 5).wait(-1)


def test_a_request_outlives_its_texture_and_its_system(device):
    with VirtualTextureSystem(device, max_memory_mb=16, tile_size=64) as system:
        texture = system.load_texture(picture())
        one = system.request_region(texture, 0, 0, 64, 64)
        system.remove_texture(texture)
        with pytest.raises(forge3d.StaleHandle):
            one.wait(5)
        other = system.request_region(system.load_texture(picture()), 0, 0, 64, 64)
    with pytest.raises(forge3d.StaleHandle):
        other.wait(5)
    assert not other.ready


def test_a_region_whose_tiles_fail_says_so(system):
    def tile(level, x, y):
        if level == 0:
            raise LookupError("lost")
        return level_colour(level, x, y)

    texture = system.load_texture(CallbackTileSource(tile, 640, 640, "rgba8", 64))
    region = system.request_region(texture, 0, 0, 64, 64)
    system.flush(5)
    with pytest.raises(OSError, match="failed"):
        region.wait(5)


# ---- what a system may be told


def test_the_tile_cache_keeps_what_left_the_atlas(device):
    before = device.memory()["total_bytes"]
    with VirtualTextureSystem(device, 3, 64, tile_cache_mb=8, viewport=(320, 180)) as system:
        system.load_texture(picture(), "rgba8")
        for x in (200, 500, 800, 1100, 1400, 200, 500, 800):
            system.update_streaming((x, 300, 180))
            assert system.flush()
        stats = system.get_statistics()
        assert 7 << 20 < stats.tile_cache_limit_bytes <= 8 << 20
        assert 0 < stats.tile_cache_bytes <= stats.tile_cache_limit_bytes
        assert stats.tile_cache_hits > 0
        assert system.get_memory_info()["held_memory"] >= stats.atlas_bytes + stats.tile_cache_bytes
    assert device.memory()["total_bytes"] == before


def test_deterministic_systems_decide_alike(device):
    hashes = set()
    for threads in (1, 3):
        with VirtualTextureSystem(
            device, 2, 64, deterministic=True, worker_threads=threads, viewport=(320, 180)
        ) as system:
            system.load_texture(picture(), "rgba8")
            for step in range(40):
                system.update_streaming((200 + 25 * step, 500, 120))
                time.sleep(0.001 * threads)  # neither the clock nor the workers count
            hashes.add(system.get_statistics().decisions_hash)
    assert len(hashes) == 1 and hashes != {0}


def test_options_that_cannot_be(device):
    for bad in (
        {"tile_cache_mb": -1},
        {"upload_ms_per_frame": -1},
        {"upload_ms_per_frame": math.nan},
        {"layer_formats": ["no format"]},
    ):
        with pytest.raises(ValueError):
            VirtualTextureSystem(device, 16, 64, **bad)
    with VirtualTextureSystem(device, 16, 64, upload_ms_per_frame=0.5) as system:
        system.load_texture(picture())
        system.update_streaming((768, 512, 300))
        assert system.flush()


def test_layers_share_pages(device):
    colours = TileSource.procedural(3, 4096, format="RGBA8", tile_size=64)
    heights = TileSource.procedural(3, 4096, "heights", tile_size=64)
    formats = [source.vulkan_format for source in (colours, heights)]
    with VirtualTextureSystem(device, 16, 64, layer_formats=formats) as system:
        texture = system.add([colours, heights])
        assert texture.size == (4096, 4096)
        system.update_streaming((2000, 2000, 100))
        assert system.flush() and system.get_statistics().tiles_failed == 0
        with pytest.raises(ValueError, match="1 tile sources for 2 layers"):
            system.add([colours])
    with pytest.raises(TypeError, match="TileSource"):
        VirtualTextureSystem(device, 16, 64).add([3])
    with pytest.raises(ValueError, match="empty"):
        VirtualTextureSystem(device, 16, 64).add([])


def test_all_bytes_come_from_the_ledger_and_go_back():
    with forge3d.Device(kind="software", limits=24 << 20) as device:
        with VirtualTextureSystem(device, max_memory_mb=64, tile_size=64) as system:
            system.load_texture(picture(), "rgba8")
            info = system.get_memory_info()
            assert 0 < info["held_memory"] < 24 << 20, "never above the device's own limit"
            assert info["atlas_slots_total"] > info["atlas_slots_used"] > 0
            system.render((500, 500, 300), (320, 200))
        with VirtualTextureSystem(device, max_memory_mb=64, tile_size=64) as system:
            system.load_texture(picture(), "rgba8")
            assert system.get_memory_info()["held_memory"] == info["held_memory"]


def test_the_memory_systems_budget_holds_streaming_too():
    memory = pytest.importorskip("forge3d.memory")
    with forge3d.Device(kind="software", limits=64 << 20) as device:
        memory.init_memory_system(device, staging_memory_mb=8, pool_memory_mb=8)
        try:
            with VirtualTextureSystem(device, max_memory_mb=16, tile_size=64) as system:
                assert system.configuration()["shares_memory_system"]
                system.load_texture(picture())
                system.update_streaming((768, 512, 300))
                assert system.flush()
                system.update_streaming((768, 512, 300))
                virtual = memory.get_system_stats()["virtual"]
                assert virtual["cache_hit_rate"] > 0
                assert memory.get_performance_metrics()["streaming_update_ms"] > 0
                system.render((768, 512, 300), (64, 48))
                memory.shutdown()
                assert not system.configuration()["shares_memory_system"]
                system.update_streaming((300, 300, 300))
                assert system.flush(), "what streams goes on without the memory system"
        finally:
            memory.shutdown()


# ---- tile functions


def test_a_function_is_a_source(system):
    calls = set()
    lock = threading.Lock()

    def tile(level, x, y):
        with lock:
            calls.add((level, x, y, threading.get_ident()))
        return level_colour(level, x, y)

    texture = system.load_texture(CallbackTileSource(tile, 1 << 16, 1 << 16, "rgba8", 64))
    assert texture.max_mip_level == 10
    frame = system.render((30000, 30000, 20), (64, 64))
    x, y = 30000 // 64, ((1 << 16) - 30000) // 64
    assert any(call[:3] == (0, x, y) for call in calls)
    assert any(call[3] != threading.get_ident() for call in calls), "workers call it"
    assert tuple(frame[32, 32, 1:3]) == (x * 7 % 256, y * 11 % 256)


def test_tiles_at_the_edge_may_be_smaller_and_borders_be_given():
    def payload(level, x, y):
        width = min(64, max(1, 100 >> level) - x * 64)
        return np.full((min(64, max(1, 70 >> level) - y * 64), width), 9, np.uint8)

    with CallbackTileSource(payload, 100, 70, "rgba8", 64) as source:
        tile = source.read_tile(0, 1, 1)
        assert tile.shape == (72, 72, 4) and (tile[..., :3] == 9).all() and (tile[..., 3] == 255).all()
        with pytest.raises(ValueError):
            source.read_tile(0, 2, 0)
    with CallbackTileSource(lambda *_: np.full((72, 72, 4), 5, np.uint8), 100, 70, "rgba8", 64) as source:
        assert (source.read_tile(0, 0, 0) == 5).all()
    with CallbackTileSource(lambda *_: np.zeros((3, 3), np.uint8), 100, 70, "rgba8", 64) as source:
        with pytest.raises(ValueError, match="3 x 3"):
            source.read_tile(0, 0, 0)


def test_what_a_function_raises_fails_its_tile_and_is_named(system, caplog):
    def tile(level, x, y):
        if level == 0:
            raise LookupError(f"no tile at {x}, {y}")
        if level == 1:
            return "a picture"
        return level_colour(level, x, y)

    source = CallbackTileSource(tile, 4096, 4096, "rgba8", 64, name="moody")
    with caplog.at_level(logging.WARNING, logger="forge3d"):
        system.load_texture(source)
        system.update_streaming((2000, 2000, 60))
        system.flush()
        deadline = time.monotonic() + 20
        while system.get_statistics().tiles_failed < 2 and time.monotonic() < deadline:
            system.update_streaming((2000, 2000, 60))
            time.sleep(0.01)
        stats = system.get_statistics()
    assert stats.tiles_failed >= 2
    assert any("moody" in line and "LookupError: no tile at" in line for line in stats.errors)
    assert any("LookupError" in record.message for record in caplog.records)
    frame = system.render((2000, 2000, 60), (32, 32), timeout_s=2)
    assert frame.shape == (32, 32, 4), "coarser tiles are shown instead"
    with pytest.raises(OSError, match="LookupError"):
        source.read_tile(0, 0, 0)


def test_a_function_that_raises_for_the_coarsest_tile_refuses_the_texture(system):
    def tile(level, x, y):
        raise ZeroDivisionError("never")

    with pytest.raises(forge3d.Error, match="ZeroDivisionError: never"):
        system.load_texture(CallbackTileSource(tile, 640, 640, "rgba8", 64))
    assert system.format is None
    with pytest.raises(TypeError, match="callable"):
        CallbackTileSource(5, 640, 640)


def test_a_function_may_not_call_its_system(system):
    texts = []

    def tile(level, x, y):
        try:
            system.get_statistics()
        except forge3d.InvalidArgument as error:
            texts.append(str(error))
        return level_colour(level, x, y)

    system.load_texture(CallbackTileSource(tile, 640, 640, "rgba8", 64))
    system.update_streaming((300, 300, 100))
    assert system.flush()
    assert texts and "must not call" in texts[0]


def test_systems_close_while_functions_run(device):
    entered = threading.Event()

    def slow(level, x, y):
        if level == 0:
            entered.set()
            time.sleep(0.05)
        return level_colour(level, x, y)

    system = VirtualTextureSystem(device, 16, 64)
    system.load_texture(CallbackTileSource(slow, 4096, 4096, "rgba8", 64))
    system.update_streaming((2000, 2000, 100))
    assert entered.wait(10)
    system.close()
    with pytest.raises(forge3d.Closed):
        system.update_streaming((0, 0, 1))
    with pytest.raises(forge3d.Closed):
        system.get_statistics()


def test_a_system_in_a_cycle_with_its_function_may_be_collected(device):
    def make():
        system = VirtualTextureSystem(device, 16, 64)
        system.keep = [system]
        system.load_texture(
            CallbackTileSource(lambda *a: (gc.collect(), level_colour(*a))[1], 4096, 4096, "rgba8", 64)
        )
        system.update_streaming((2000, 2000, 100))

    for _ in range(3):
        make()
        gc.collect()


# ---- threads, processes


def test_threads_share_a_system(system):
    system.load_texture(picture())
    failures = []

    def fly(seed):
        random = np.random.default_rng(seed)
        try:
            for _ in range(60):
                system.update_streaming((*random.uniform(0, 1000, 2), random.uniform(50, 500)))
                system.get_statistics()
                system.atlas_slots()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=fly, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and system.get_statistics().updates >= 360


_ALIVE_AT_EXIT = """
import numpy as np, forge3d, time
from forge3d.streaming import *
device = forge3d.Device(kind="software")
def tile(level, x, y):
    time.sleep(0.002 if level else 0.02)
    return np.zeros((64, 64, 3), np.uint8)
system = VirtualTextureSystem(device, 16, 64)
texture = system.load_texture(CallbackTileSource(tile, 65536, 65536, "rgba8", 64))
system.update_streaming((30000, 30000, 500))
region = system.request_region(texture, 0, 0, 500, 500)
system.add(TileSource.from_pages(tile, 4096, 4096, format="rgba8", tile_size=64))
system.update_streaming((2000, 2000, 500))
frame = np.zeros(1)
print("alive", flush=True)
"""

_FORK = """
import os, numpy as np, forge3d
from forge3d.streaming import *
system = VirtualTextureSystem(forge3d.Device(kind="software"), 16, 64)
system.load_texture(np.zeros((500, 500, 3), np.uint8))
system.update_streaming((100, 100, 100))
child = os.fork()
if child == 0:
    try:
        system.update_streaming((100, 100, 100))
    except forge3d.Closed as error:
        os._exit(7 if "fork" in str(error) else 8)
    os._exit(9)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
system.update_streaming((100, 100, 100))
print("alive", flush=True)
"""


@pytest.mark.parametrize("script", [_ALIVE_AT_EXIT, _FORK], ids=["exit", "fork"])
def test_live_systems_survive_exit_and_fork(script):
    if script is _FORK and not hasattr(os, "fork"):
        pytest.skip("no fork on this platform")
    run = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "alive", "")


# ---- figures


def test_update_streaming_costs_little_more_than_the_library(system):
    system.load_texture(picture())
    view = look_at((700, 300, 250), (900, 500, 0))
    projection = perspective(1.0, 16 / 9, 0.25, 1e6)
    position = np.array([700.0, 300.0, 250.0])
    system.update_streaming(position, view, projection)
    assert system.flush()
    overheads = []
    for _ in range(400):
        begin = time.perf_counter_ns()
        result = system.update_streaming(position, view, projection)
        elapsed = time.perf_counter_ns() - begin
        overheads.append(elapsed / 1e3 - result["update_time_ms"] * 1e3)
    overhead_us = statistics.median(overheads)
    print(f"update_streaming: {overhead_us:.1f} us above the library's own time")
    assert overhead_us < 20


def test_requirements_are_what_an_atlas_takes(system):
    texture = system.load_texture(picture(), "rgba8")
    needs = streaming.calculate_memory_requirements(1536, 1024, 64, 4, frames=60)
    assert needs["full_texture_size"] == 1536 * 1024 * 4
    assert needs["tile_count"] == 24 * 16 and needs["total_tile_count"] == texture.total_tile_count
    stats = system.get_statistics()
    assert needs["tile_memory_size"] == stats.memory_limit // stats.atlas_slots_total
    assert 0 < needs["recommended_cache_size"] <= needs["total_tile_count"] * needs["tile_memory_size"]
    with pytest.raises(ValueError):
        streaming.calculate_memory_requirements(0, 5)


def test_requirements_come_from_the_simulated_manager():
    size = (1 << 16, 1 << 16)
    needs = streaming.calculate_memory_requirements(*size, frames=60)
    flown = _core.simulate_streaming(size, 256, "fly", 60, (1920, 1080), 0, 30, 60, 3, "balanced")
    assert needs["working_set_tiles"] == flown["working_set_max"] > 10
    assert needs["recommended_cache_size"] == flown["slots"] * needs["tile_memory_size"]
    assert needs["page_table_size"] == flown["page_table_bytes"] > 0
    small = streaming.calculate_memory_requirements(*size, viewport=(320, 180), frames=60)
    assert small["working_set_tiles"] < needs["working_set_tiles"]


def test_estimates_are_flights_of_the_manager(system):
    estimate = streaming.estimate_streaming_performance((1 << 20, 1 << 20), frames=120)
    assert estimate["cache_capacity_tiles"] == (256 << 20) // (264 * 264 * 4)
    assert estimate["tiles_per_frame_budget"] == (8 << 20) // (264 * 264 * 4)
    assert not estimate["is_measured"] and estimate["frames"] == 120 and estimate["holes"] == 0
    again = streaming.estimate_streaming_performance((1 << 20, 1 << 20), frames=120)
    assert again == estimate, "the same on every run"
    tight = streaming.estimate_streaming_performance((1 << 20, 1 << 20), 256, 16, frames=120)
    assert tight["memory_pressure_factor"] > estimate["memory_pressure_factor"] > 0
    slow = streaming.estimate_streaming_performance(
        (1 << 20, 1 << 20), frames=120, tiles_per_second=30
    )
    assert slow["exact_area"] < estimate["exact_area"] <= 1
    assert slow["frames_to_visible_p99"] >= estimate["frames_to_visible_p99"]
    sharp = streaming.estimate_streaming_performance(
        (1 << 20, 1 << 20), frames=120, tuning={"lod_scale": 2.0}
    )
    assert sharp["tiles_loaded"] > estimate["tiles_loaded"]
    assert estimate["recommended_prefetch_distance"] >= 1


def test_a_system_estimates_with_what_it_measured(system):
    assert not system.estimate_streaming_performance((4096, 4096), frames=30)["is_measured"]
    system.load_texture(picture())
    system.update_streaming((768, 512, 300))
    assert system.flush()
    own = system.estimate_streaming_performance((4096, 4096), frames=30)
    stats = system.get_statistics()
    assert own["is_measured"] and own["cache_capacity_tiles"] == stats.atlas_slots_total
    assert own["tiles_per_second"] == pytest.approx(stats.tiles_loaded / stats.loading_s)


@pytest.mark.parametrize(
    ("arguments", "named", "words"),
    [
        (((0, 5),), {}, "positive"),
        (((64, 64),), {"target_fps": 0}, "positive"),
        (((4096, 4096),), {"trace": "loop"}, "loop"),
        (((4096, 4096),), {"frames": 0}, "frames"),
        (((4096, 4096),), {"tuning": "best"}, "performance"),
        (((4096, 4096),), {"tuning": {"sharpness": 1}}, "sharpness"),
        (((4096, 4096),), {"tuning": {"lod_scale": 0}}, "lod_scale"),
        (((4096, 4096),), {"viewport": (0, 5)}, "viewport"),
        (((4096, 4096),), {"latency_frames": 0}, "latency_frames"),
    ],
)
def test_estimates_that_cannot_be_are_named(arguments, named, words):
    with pytest.raises(ValueError, match=words):
        streaming.estimate_streaming_performance(*arguments, **named)


def test_an_estimate_for_a_cache_of_nothing_is_refused():
    with pytest.raises(forge3d.BudgetExceeded):
        streaming.estimate_streaming_performance((4096, 4096), cache_size_mb=0.1)


def test_the_report_is_a_page_without_the_network(system, tmp_path):
    empty = system.report()._repr_html_()
    assert "No texture yet" in empty
    system.load_texture(CallbackTileSource(level_colour, 640, 640, "rgba8", 64, name="<b>odd</b>"))
    system.update_streaming((300, 300, 100))
    system.flush()
    report = system.report()
    assert "&lt;b&gt;odd" in report.html and "<b>odd" not in report.html
    assert report.html.count("<rect") == system.get_statistics().atlas_slots_total
    assert "src=" not in report.html and "@import" not in report.html
    report.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == report.html
    assert report.data["memory"] == system.get_memory_info()


# ---- real data


def test_a_map_of_the_earth_streams_in_16_mib(device, tmp_path):
    path = data("huge/earth_geomap_5400x2500.jpg")
    with VirtualTextureSystem(device, 16, 256, cache_dir=tmp_path, viewport=(640, 360)) as system:
        texture = system.load_texture(path)
        assert texture.size == (5400, 2500)
        for x in range(500, 5000, 500):
            system.update_streaming((x, 1200, 400))
        assert system.flush()
        sharpness = system.measure_sharpness()
        assert sharpness["exact_area"] > 0.99
        info = system.get_memory_info()
        assert info["held_memory"] <= 16 << 20 and info["used_memory"] <= info["total_budget"]
