# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d.compressed: loading, encoding, choosing, validating; real files where they are."""

import hashlib
import json
import math
import threading
import time

import numpy as np
import pytest
from shared_data import data, manifest

import forge3d
from forge3d import compressed


@pytest.fixture(autouse=True)
def default_settings():
    compressed.set_quality_settings("normal", None, "balanced")
    yield
    compressed.set_quality_settings("normal", None, "balanced")


@pytest.fixture
def memory_system():
    memory = pytest.importorskip("forge3d.memory")
    device = forge3d.Device(kind="software")
    memory.init_memory_system(device, staging_memory_mb=8, pool_memory_mb=8)
    yield memory
    memory.shutdown()
    device.close()


def gradient(height=64, width=96, channels=4):
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 2, y * 3, (x + y) % 256, np.full_like(x, 255)][:channels]
    return np.stack(planes, axis=-1).astype(np.uint8)


def noise(height=64, width=64):
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def scene(height=96, width=128, channels=3):
    """Soft waves, and noise in the right half: blocks of all kinds."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(0.05 * x + c) * np.cos(0.07 * y) * 80 + 120 for c in range(channels)]
    rough = np.random.default_rng(3).integers(0, 16, (height, width, channels))
    return (np.stack(waves, -1) + rough * (x > width // 2)[..., None]).astype(np.uint8)


def light(height=48, width=64):
    """Floats from 0.01 to 3000, as light is."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [np.exp2(5 * np.sin(0.11 * x + c) + 5 * np.cos(0.09 * y) + 1) for c in range(3)]
    return np.stack(planes, -1).astype(np.float32)


def bumps(height=64, width=64):
    """A normal map: unit vectors as codes."""
    y, x = np.mgrid[0:height, 0:width]
    a, b = 0.5 * np.sin(0.2 * x), 0.5 * np.cos(0.15 * y)
    vectors = np.stack([a, b, np.sqrt(1 - a * a - b * b)], -1)
    return np.rint((vectors + 1) * 127.5).astype(np.uint8)


def decoded(packed, tmp_path, level=0):
    """A level of a packed texture, read back from its file."""
    packed.save(tmp_path / "packed.ktx2")
    with compressed.load_texture(tmp_path / "packed.ktx2", on_device=False) as texture:
        return texture.level(level)


def psnr(a, b):
    error = np.mean((a[..., :3].astype(float) - b[..., :3].astype(float)) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def test_what_is_compressed_loads_again_and_measures_as_it_says(tmp_path):
    image = gradient()
    packed = compressed.compress(image, "high")
    assert (packed.width, packed.height, packed.mip_levels) == (96, 64, 7)
    assert packed.format == "BC7" and packed["vulkan_format"] == "BC7_SRGB_BLOCK"
    packed.save(tmp_path / "a.ktx2")
    with compressed.load_texture(tmp_path / "a.ktx2") as texture:
        level = texture.level(0)
        assert level.shape == (64, 96, 4) and level.dtype == np.uint8
        assert psnr(level, image) == pytest.approx(packed.psnr_db, abs=1e-6)
        assert packed.psnr_db > 35
        assert texture.level(6).shape == (1, 1, 4)
        assert texture.level_bytes(0).nbytes == 96 * 64
        assert 3.8 < texture.compression_ratio <= 4
        assert texture.psnr_db is None, "the file was taken as it is"
        assert not texture.on_device, "there is no memory system"
        with pytest.raises(forge3d.InvalidArgument, match="no level 7"):
            texture.level(7)
    with pytest.raises(forge3d.Closed):
        texture.level(0)
    assert level[0, 0, 3] == 255, "the array outlives its texture"


def test_arrays_lie_over_memory_of_the_library(tmp_path):
    packed = compressed.compress(gradient())
    assert not packed.data.flags.owndata and not packed.data.flags.writeable
    view = memoryview(packed.data)
    assert np.frombuffer(view, np.uint8).ctypes.data == packed.data.ctypes.data
    assert packed.data.ctypes.data == packed.data.ctypes.data
    packed.save(tmp_path / "a.ktx2")
    assert (tmp_path / "a.ktx2").read_bytes() == bytes(packed) == packed.data.tobytes()
    with compressed.load_texture(tmp_path / "a.ktx2") as texture:
        assert not texture.level(0).flags.owndata
        assert not texture.level_bytes(0).flags.writeable


def test_saving_leaves_nothing_when_it_fails(tmp_path):
    packed = compressed.compress(gradient())
    with pytest.raises(OSError, match="cannot write"):
        packed.save(tmp_path / "missing" / "a.ktx2")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["BC1", "BC7"])
def test_targets_are_landed_on_in_every_level(name):
    image = scene(192, 256)
    low, high = (compressed.compress(image, q, format=name).psnr_db for q in ("fast", "high"))
    assert low < high
    for target in (low - 2, (low + high) / 2):
        packed = compressed.compress(image, "high", format=name, target_psnr=target)
        assert packed.target_reached and packed.target_psnr == target
        assert target <= packed.metric_db <= target + 0.05
        assert (packed.trials[0]["quality"] == "fast") == (target < low)
        for level in packed.level_figures:
            assert level["target_reached"] == (level["metric_db"] >= target)


def test_a_target_out_of_reach_is_said_and_the_best_is_given():
    missed = compressed.compress(noise(), "normal", target_psnr=90.0)
    assert not missed.target_reached and missed.quality == "normal"
    assert not missed.level_figures[0]["target_reached"]
    assert "of 90 dB" in missed.choice_reason and missed.psnr_db < 90
    best = compressed.compress(noise(), "normal")
    assert missed.psnr_db >= best.psnr_db - 0.01 and best.target_psnr is None


def test_settings_are_what_silence_means():
    image = scene()
    fast = compressed.compress(image, "fast")
    compressed.set_quality_settings("high", fast.psnr_db - 2)
    packed = compressed.compress(image)
    assert packed.target_psnr == fast.psnr_db - 2 and packed.metric_db <= fast.psnr_db - 1.95
    assert compressed.compress(image, "fast").target_psnr is None, "a quality is no target"
    compressed.set_quality_settings("fast", None, "memory")
    assert compressed.compress(image).format == "BC1"
    assert compressed.compress(image).quality == "fast"
    assert compressed.compress(image, memory_priority="balanced").format == "BC7"


def test_memory_first_takes_bc1_for_opaque_images_and_quality_first_goes_plain():
    opaque = gradient(channels=3)
    compressed.set_quality_settings("normal", 30.0, "memory")
    small = compressed.compress(opaque)
    assert small.format == "BC1" and small.target_reached
    translucent = gradient()
    translucent[..., 3] = 128
    assert compressed.compress(translucent).format != "BC1"
    missed = compressed.compress(noise(), target_psnr=35.0)
    assert [trial["format"] for trial in missed.trials] == ["BC1", "BC7"]
    assert "BC1" in missed.choice_reason and "of 35 dB" in missed.choice_reason
    compressed.set_quality_settings("fast", 80.0, "quality")
    plain = compressed.compress(noise())
    assert plain.format == "RGBA8" and math.isinf(plain.psnr_db) and plain.target_reached


def test_use_cases_say_why_their_format_is_what_it_is():
    image = gradient()
    ui = compressed.compress(image, use_case="ui")
    assert ui.format == "RGBA8" and math.isinf(ui.psnr_db) and ui.quality_score == 1
    normal = compressed.compress(image, use_case="normal")
    assert (normal.format, normal.metric) == ("BC5", "psnr_rg")
    assert "BC5" in normal.choice_reason and normal.use_case == "normal"
    assert "SRGB" not in normal.vulkan_format, "directions are no colours"
    height = compressed.compress(image[..., 0].copy(), use_case="height")
    assert (height.format, height.metric) == ("BC4", "psnr_r")
    assert "BC4" in height.choice_reason
    hdr = compressed.compress(light(), use_case="hdr")
    assert (hdr.format, hdr.metric, hdr.ssim) == ("BC6H", "log_psnr_rgb", None)
    assert "BC6H" in hdr.choice_reason and 35 < hdr.metric_db < 100
    plain = compressed.compress(light(), use_case="hdr", memory_priority="quality", target_psnr=95.0)
    assert plain.format == "RGBA16F" and "RGBA" not in hdr.choice_reason
    assert "R16G16B16A16" in plain.choice_reason and "of 95 dB" in plain.choice_reason


def test_formats_without_an_encoder_are_named():
    decoded_only = set(compressed.block_formats().decoded) - set(compressed.block_formats().encoded)
    for name in ("etc2", "astc", *sorted(decoded_only)[:5]):
        with pytest.raises(forge3d.NotSupported, match=name) as caught:
            compressed.compress(gradient(), format=name)
        assert "BC7" in str(caught.value), "the message says what there is"
    with pytest.raises(forge3d.InvalidArgument, match="unknown format 'webp'"):
        compressed.compress(gradient(), format="webp")


@pytest.mark.parametrize(
    ("array", "kind", "words"),
    [
        (np.zeros((8, 8, 4), np.float64), TypeError, "astype\\('float32'\\)"),
        (np.zeros((8, 8, 4), object), TypeError, "array"),
        (np.zeros((8, 8, 5), np.uint8), ValueError, "shape"),
        (np.zeros((0, 8, 4), np.uint8), ValueError, "shape"),
        (np.zeros((8, 0, 3), np.uint8), ValueError, "none of it zero"),
        (np.zeros((8, 8, 0), np.uint8), ValueError, "none of it zero"),
        (np.zeros((8,), np.uint8), ValueError, "shape"),
        (np.zeros((2, 8, 8, 4), np.uint8), ValueError, "shape"),
        (np.zeros((8, 8), bool), TypeError, "astype\\('uint8'\\)"),
        (np.zeros((8, 8), np.int8), TypeError, "uint8"),
        (np.zeros((8, 8), np.int32), TypeError, "uint8"),
        (np.zeros((8, 8), np.complex64), TypeError, "uint8"),
        (np.zeros((8, 16, 3), np.float16)[:, ::2], ValueError, "ascontiguousarray"),
        (np.zeros((8, 8, 3), np.float32)[::-1], ValueError, "ascontiguousarray"),
        (np.zeros((8, 16, 4), np.uint8)[:, ::2], ValueError, "ascontiguousarray"),
        (np.zeros((8, 8, 4), np.uint8).transpose(1, 0, 2), ValueError, "ascontiguousarray"),
        ([[1, 2], [3, 4]], TypeError, "not list"),
        (b"bytes", ValueError, "shape"),
        (None, TypeError, "array"),
    ],
)
def test_arrays_that_cannot_be_are_named(array, kind, words):
    with pytest.raises(kind, match=words):
        compressed.compress(array)


def test_all_sample_types_and_read_only_arrays_are_taken():
    image = gradient()
    image.flags.writeable = False
    first = compressed.compress(image)
    wide = compressed.compress(image.astype(np.uint16) * 257)
    real = compressed.compress((image / 255).astype(np.float32))
    assert bytes(wide) == bytes(first) == bytes(real) or min(wide.psnr_db, real.psnr_db) > 35
    assert compressed.compress(image[..., 0].copy()).width == 96

    class Elsewhere:  # an array of another library
        def __dlpack__(self, **keywords):
            return halves.__dlpack__(**keywords)

        def __dlpack_device__(self):
            return halves.__dlpack_device__()

    halves = (gradient() / 255).astype(np.float16)
    assert bytes(compressed.compress(Elsewhere())) == bytes(compressed.compress(halves))


@pytest.mark.parametrize("name", compressed.encoders())
def test_every_format_is_made_and_read_back(name, tmp_path):
    image = scene(38, 50)
    packed = compressed.compress(image, "fast", "height", format=name)
    assert packed.format == name and packed.metric_db > 20 and packed.mip_levels == 6
    assert forge3d.validate_ktx2_data(packed.data)
    level = decoded(packed, tmp_path)
    assert level.shape[:2] == (38, 50)
    kinds = {"FLOAT": np.float32, "SNORM": np.int8, "R16_": np.uint16, "": np.uint8}
    assert level.dtype == next(kinds[word] for word in kinds if word in packed.vulkan_format)
    same = compressed.compress(image, "fast", "height", format=packed.vulkan_format)
    assert bytes(same) == bytes(packed), "Vulkan's name means the same"
    loose = name.lower().replace(" ", "_")
    assert bytes(compressed.compress(image, "fast", "height", format=loose)) == bytes(packed)


@pytest.mark.parametrize("name", ["BC1", "BC7"])
def test_effort_is_worth_something(name):
    fast, normal, high = (
        compressed.compress(scene(), q, format=name, generate_mipmaps=False)
        for q in ("fast", "normal", "high")
    )
    assert fast.psnr_db < normal.psnr_db <= high.psnr_db
    assert [p.quality for p in (fast, normal, high)] == ["fast", "normal", "high"]


def test_figures_of_levels_are_those_of_the_file(tmp_path):
    image = scene(60, 90)
    packed = compressed.compress(image, "normal", format="BC7", srgb=False)
    levels = packed.level_figures
    assert len(levels) == packed.mip_levels == 7
    assert (levels[0]["width"], levels[0]["height"]) == (90, 60)
    assert (levels[6]["width"], levels[6]["height"]) == (1, 1)
    mips = [image, *compressed.make_mips(image, srgb=False)]
    for index, (level, mip) in enumerate(zip(levels, mips, strict=True)):
        measured = psnr(decoded(packed, tmp_path, index), mip)
        assert level["psnr_db"] == level["metric_db"] == pytest.approx(measured, abs=1e-6)
        assert level["quality_score"] == min(1, level["psnr_db"] / 50)
        height, width = mip.shape[:2]
        assert level["bytes"] == -(-width // 4) * -(-height // 4) * 16
        assert level["compression_ratio"] == width * height * 4 / level["bytes"]
    assert packed.bytes_in == sum(4 * m.shape[0] * m.shape[1] for m in mips)
    assert packed.bytes_out == len(bytes(packed))
    assert packed.compression_ratio == packed.bytes_in / packed.bytes_out
    assert packed.encode_ms == pytest.approx(sum(level["encode_ms"] for level in levels))
    assert packed.ssim == pytest.approx(compressed.ssim(image, decoded(packed, tmp_path)[..., :3].copy()))
    assert packed.trials == [
        {
            "format": "BC7",
            "quality": "normal",
            "metric_db": packed.metric_db,
            "encode_ms": levels[0]["encode_ms"],
            "bytes": levels[0]["bytes"],
        }
    ]
    assert dict(packed) == packed.statistics and json.loads(json.dumps(packed.statistics))
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = packed.colour


def test_without_mipmaps_there_is_one_level():
    packed = compressed.compress(scene(), generate_mipmaps=False)
    assert packed.mip_levels == len(packed.level_figures) == 1


def test_srgb_is_a_label_and_filters_in_linear_light(tmp_path):
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    colour = compressed.compress(board, format="RGBA8")
    plain = compressed.compress(board, format="RGBA8", srgb=False)
    assert colour.vulkan_format == "R8G8B8A8_SRGB" and plain.vulkan_format == "R8G8B8A8_UNORM"
    assert decoded(colour, tmp_path, 1)[3, 3, 0] == 188 and decoded(plain, tmp_path, 1)[3, 3, 0] == 128
    height = compressed.compress(board, use_case="height", format="RGBA8")
    assert decoded(height, tmp_path, 1)[3, 3, 0] == 128, "heights are no colours"


def test_mip_filters_differ():
    made = [
        bytes(compressed.compress(scene(), "fast", format="RGBA8", mip_filter=name))
        for name in ("box", "kaiser", "lanczos")
    ]
    assert len(set(made)) == 3
    assert made[0] == bytes(compressed.compress(scene(), "fast", format="RGBA8")), "box is usual"


def test_alpha_coverage_is_kept(tmp_path):
    image = scene(64, 64, 4)
    image[..., 3] = np.where(np.random.default_rng(5).random((64, 64)) < 0.3, 255, 0)
    kept = compressed.compress(image, format="RGBA8", alpha_cutoff=0.5)
    free = compressed.compress(image, format="RGBA8")
    wanted = (image[..., 3] >= 128).mean()

    def coverage(packed):
        return (decoded(packed, tmp_path, 2)[..., 3] >= 128).mean()

    assert abs(coverage(kept) - wanted) < 0.06 < abs(coverage(free) - wanted)


def test_rdo_and_zstd_make_files_smaller():
    image = scene(128, 128)
    plain = compressed.compress(image, format="BC7")
    packed = compressed.compress(image, format="BC7", zstd_level=9)
    rdo = compressed.compress(image, format="BC7", zstd_level=9, rdo_lambda=20)
    assert packed.bytes_out < plain.bytes_out and packed.psnr_db == plain.psnr_db
    assert rdo.level_figures[0]["bytes"] == plain.level_figures[0]["bytes"], "before zstd"
    assert rdo.bytes_out < packed.bytes_out and rdo.psnr_db < packed.psnr_db


def test_threads_change_nothing_but_the_time():
    one = compressed.compress(scene(), threads=1)
    four = compressed.compress(scene(), threads=4)
    assert (one.threads, four.threads) == (1, 4) and bytes(one) == bytes(four)


def test_ssim_can_be_left_out():
    assert 0.8 < compressed.compress(scene()).ssim <= 1
    assert compressed.compress(scene(), measure_ssim=False).ssim is None


def test_normals_are_measured_in_degrees(tmp_path):
    image = bumps()
    packed = compressed.compress(image, "fast", use_case="normal")
    level = decoded(packed, tmp_path)[..., :3].copy()
    assert packed.normal_degrees == compressed.normal_degrees(image, level, "xy")
    assert 0 < packed.normal_degrees["mean"] < 2
    bc7 = compressed.compress(image, "fast", use_case="normal", format="BC7")
    level = decoded(bc7, tmp_path)[..., :3].copy()
    assert bc7.normal_degrees == compressed.normal_degrees(image, level)
    assert compressed.compress(image, "fast").normal_degrees is None


def test_translucent_images_count_alpha(tmp_path):
    image = scene(64, 64, 4)
    packed = compressed.compress(image, "fast", format="BC7")
    assert packed.metric == "psnr_rgba" and packed.metric_db == packed.psnr_rgba_db
    level = decoded(packed, tmp_path)
    assert packed.alpha_weighted_psnr_db == compressed.alpha_weighted_psnr(image, level)
    assert packed.alpha_weighted_psnr_db != packed.psnr_db


def test_floats_that_no_half_holds_become_what_one_does(tmp_path):
    image = light(4, 4)
    image[0, 0] = [np.nan, np.inf, -np.inf]
    image[1, 1] = [1e9, -2, 0]
    packed = compressed.compress(image, use_case="hdr", format="RGBA16F")
    level = decoded(packed, tmp_path)
    assert level.dtype == np.float32
    assert level[0, 0].tolist() == [0, 65504, -65504, 1] and level[1, 1].tolist() == [65504, -2, 0, 1]
    blocks = compressed.compress(image, use_case="hdr")
    assert np.isfinite(decoded(blocks, tmp_path)).all()
    for use_case in ("albedo", "normal", "height", "ui"):
        assert compressed.compress(image, use_case=use_case).width == 4


def test_half_floats_are_the_floats_that_they_are(tmp_path):
    halves = np.arange(0x7C00, dtype=np.uint16).reshape(124, 256).view(np.float16)
    halves = np.stack([halves, -halves], -1)
    wide = halves.astype(np.float32)
    packed = compressed.compress(halves, use_case="hdr", format="RGBA16F", generate_mipmaps=False)
    assert bytes(packed) == bytes(
        compressed.compress(wide, use_case="hdr", format="RGBA16F", generate_mipmaps=False)
    )
    assert compressed.compare(halves, wide)["max_error"] == 0
    special = np.array([[np.nan, np.inf, -np.inf]], np.float16)
    assert compressed.compare(special[:, 1:].copy(), special[:, 1:].astype(np.float32))["max_error"] == 0
    assert math.isinf(compressed.compare(special, special.astype(np.float32))["max_error"])
    hdr = compressed.compress(light().astype(np.float16), use_case="hdr")
    level = decoded(hdr, tmp_path)[..., :3].copy()
    measured = compressed.log_psnr(light().astype(np.float16), level)
    assert hdr.metric_db == pytest.approx(measured, abs=1e-6)


def test_floats_are_light_in_hdr_formats_and_codes_elsewhere(tmp_path):
    grey = np.full((4, 4, 3), 0.5, np.float32)
    assert decoded(compressed.compress(grey, format="RGBA16F"), tmp_path)[0, 0, 0] == 0.5
    lit = decoded(compressed.compress(grey, format="RGBA16F", srgb=True), tmp_path)[0, 0, 0]
    assert lit == pytest.approx(0.214, abs=1e-3), "sRGB codes become light"
    assert decoded(compressed.compress(grey, format="RGBA8"), tmp_path)[0, 0, 0] == 128


@pytest.mark.parametrize("use_case", ["albedo", "normal", "height", "hdr", "ui"])
def test_one_texel_is_a_texture(use_case):
    packed = compressed.compress(np.full((1, 1, 4), 200, np.uint8), use_case=use_case, target_psnr=30.0)
    assert (packed.width, packed.height, packed.mip_levels) == (1, 1, 1)
    assert packed.target_reached and forge3d.validate_ktx2_data(packed.data)


def test_what_nobody_sees_is_no_trouble(tmp_path):
    image = scene(32, 32, 4)
    image[..., 3] = 0
    for priority in ("memory", "balanced", "quality"):
        packed = compressed.compress(image, memory_priority=priority, target_psnr=35.0)
        assert packed.target_reached and decoded(packed, tmp_path)[..., 3].max() < 16
    assert math.isinf(packed.alpha_weighted_psnr_db)


@pytest.mark.parametrize(
    ("option", "kind", "words"),
    [
        ({"quality": "best"}, ValueError, "'fast', 'normal' or 'high'"),
        ({"quality": ""}, ValueError, "quality must be"),
        ({"quality": 3}, TypeError, "quality must be a word, not 3"),
        ({"use_case": "sky"}, ValueError, "'albedo', 'normal', 'height', 'hdr' or 'ui'"),
        ({"memory_priority": "speed"}, ValueError, "'memory', 'balanced' or 'quality'"),
        ({"mip_filter": "cubic"}, ValueError, "'box', 'kaiser' or 'lanczos'"),
        ({"target_psnr": 0.0}, ValueError, "above 0"),
        ({"target_psnr": math.nan}, ValueError, "above 0"),
        ({"target_psnr": "40 dB"}, TypeError, "target_psnr must be a number"),
        ({"alpha_cutoff": 2.0}, ValueError, "alpha_cutoff is 2"),
        ({"alpha_cutoff": 2.0, "generate_mipmaps": False}, ValueError, "alpha_cutoff is 2"),
        ({"alpha_cutoff": 0.5}, ValueError, "no alpha"),
        ({"rdo_lambda": -1.0}, ValueError, "rdo_lambda is -1"),
        ({"rdo_lambda": math.inf}, ValueError, "rdo_lambda"),
        ({"zstd_level": 23}, ValueError, "zstd_level is 23, it must be 0 to 22"),
        ({"threads": -1}, ValueError, "threads must be 1 to 1024"),
        ({"threads": 100000}, ValueError, "threads must be 1 to 1024"),
        ({"threads": 1.5}, TypeError, "threads must be a whole number, not 1.5"),
        ({"srgb": "yes"}, TypeError, "srgb must be True, False or None"),
        ({"generate_mipmaps": None}, TypeError, "generate_mipmaps must be True or False"),
        ({"device": "gpu"}, ValueError, "device must be"),
        ({"device": 3}, TypeError, "device must be"),
        ({"format": 7}, TypeError, "format must be a word"),
    ],
)
def test_options_that_cannot_be_are_named(option, kind, words):
    with pytest.raises(kind, match=words):
        compressed.compress(gradient(channels=3), **option)


def test_formats_are_chosen_among_those_that_the_device_samples(memory_system):
    image = scene(32, 32, 4)
    supported = forge3d.get_compressed_texture_support()
    anything = compressed.compress(image, memory_priority="memory", device="any")
    assert anything.device is None
    if anything.format in supported:
        pytest.skip("this device samples every format")
    with forge3d.Device(kind="software") as device:
        chosen = compressed.compress(image, memory_priority="memory", device=device)
        assert chosen.device == device.name and chosen.format in supported
        assert "is not sampled by the device" in chosen.choice_reason
        asked = compressed.compress(image, format=anything.format, device=device)
        assert asked.format == anything.format, "who asks for a format gets it"
    with pytest.raises(forge3d.Closed):
        compressed.compress(image, device=device)
    by_itself = compressed.compress(image, memory_priority="memory")
    assert by_itself.device is not None, "that of the memory system"
    assert bytes(by_itself) == bytes(chosen)
    memory_system.shutdown()
    assert compressed.compress(image, memory_priority="memory").device is None


def test_others_run_while_a_texture_is_compressed():
    image = scene(320, 320)
    times = []

    def encode():
        begin = time.perf_counter()
        compressed.compress(image, "high", format="BC7", threads=1)
        times.append(time.perf_counter() - begin)

    worker = threading.Thread(target=encode)
    longest, last = 0.0, time.perf_counter()
    worker.start()
    while worker.is_alive():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    worker.join()
    assert longest < 0.5 * times[0]


def test_pictures_and_files_become_half_floats(tmp_path):
    forge3d.save_png(tmp_path / "a.png", gradient())
    with compressed.load_texture(tmp_path / "a.png", "fast", "BC6H", on_device=False) as texture:
        assert texture.format == "BC6H" and texture.level(0).dtype == np.float32
        assert texture.level(0).max() <= 1.01


def test_settings_are_checked_and_given_back():
    settings = compressed.set_quality_settings("high", 41.5, "quality")
    assert compressed.get_quality_settings() == settings
    for bad in (("slow", 40.0, "memory"), ("fast", -1.0, "memory"), ("fast", 40.0, "speed")):
        with pytest.raises(ValueError):
            compressed.set_quality_settings(*bad)
    assert compressed.get_quality_settings() == settings, "a refused call changes nothing"
    with pytest.raises(ValueError, match="use_case"):
        compressed.compress(gradient(), use_case="sky")


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        compressed.load_texture(tmp_path / "missing.ktx2")
    with pytest.raises(RuntimeError):
        compressed.load_texture(tmp_path / "missing.ktx2")
    packed = bytes(compressed.compress(gradient()))
    (tmp_path / "cut.ktx2").write_bytes(packed[:90])
    with pytest.raises(forge3d.InvalidFile, match="cut.ktx2"):
        compressed.load_texture(tmp_path / "cut.ktx2")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(forge3d.Error, match="text.png"):
        compressed.load_texture(tmp_path / "text.png")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(forge3d.InvalidFile):
        compressed.load_texture(tmp_path / "empty")


def test_validation_names_what_is_wrong(tmp_path):
    packed = bytes(compressed.compress(gradient()))
    assert forge3d.validate_ktx2_data(packed)
    assert not forge3d.validate_ktx2_data(packed, gltf_basisu=True)  # no Basis file
    assert forge3d.validate_ktx2_data(bytearray(packed)) and not forge3d.validate_ktx2_data(b"")
    broken = bytearray(packed)
    broken[40] = 77  # levelCount
    assert not forge3d.validate_ktx2_data(broken)
    (tmp_path / "bad.ktx2").write_bytes(broken)
    report = forge3d.validate_ktx2_file(tmp_path / "bad.ktx2")
    assert not report and report.findings and "not valid" in str(report)
    assert all(finding.id and finding.text for finding in report.findings)
    (tmp_path / "good.ktx2").write_bytes(packed)
    assert forge3d.validate_ktx2_file(tmp_path / "good.ktx2")
    with pytest.raises(FileNotFoundError):
        forge3d.validate_ktx2_file(tmp_path / "missing.ktx2")
    with pytest.raises(TypeError):
        forge3d.validate_ktx2_data("text")


def test_info_and_the_dict_of_a_file(tmp_path):
    compressed.compress(gradient(), zstd_level=3).save(tmp_path / "a.ktx2")
    info = compressed.info(tmp_path / "a.ktx2")
    assert info["supercompression"] == "zstd" and info["mip_levels"] == len(info["levels"]) == 7
    assert info["levels"][0]["bytes"] == 96 * 64 and "KTXwriter" in info["key_values"]
    found = forge3d.load_compressed_texture(tmp_path / "a.ktx2")
    assert (found["width"], found["height"], found["format"]) == (96, 64, "BC7")
    assert found["compression_ratio"] > 3.5


def test_the_device_samples_what_it_says():
    names = forge3d.get_compressed_texture_support()
    assert "BC7" in names and len(names) == len(set(names))


def test_a_picture_is_encoded_and_measured(tmp_path):
    forge3d._core.save_png(str(tmp_path / "a.png"), gradient())
    with compressed.load_texture(tmp_path / "a.png", "fast", on_device=False) as texture:
        assert texture.file_format is None and texture.format == "BC7"
        assert texture.mip_levels == 7
        assert psnr(texture.level(0), gradient()) == pytest.approx(texture.psnr_db, abs=1e-6)
    with compressed.load_texture(tmp_path / "a.png", "fast", "BC1", on_device=False) as texture:
        assert texture.format == "BC1" and 7.5 < texture.compression_ratio <= 8
    with pytest.raises(ValueError, match="init_memory_system"):
        compressed.load_texture(tmp_path / "a.png", on_device=True)


def test_the_memory_system_holds_textures_under_its_budget(tmp_path, memory_system):
    compressed.compress(gradient(256, 256)).save(tmp_path / "a.ktx2")
    before = memory_system.get_system_stats()["compressed"]["memory_saved_mb"]
    with compressed.load_texture(tmp_path / "a.ktx2") as texture:
        assert texture.on_device and texture.compression_ratio > 3
        assert psnr(texture.level(0), gradient(256, 256)) > 35
        stats = memory_system.get_system_stats()["compressed"]
        assert stats["memory_saved_mb"] > before
    forge3d._core.save_png(str(tmp_path / "a.png"), gradient())
    with compressed.load_texture(tmp_path / "a.png", "fast") as texture:
        assert texture.on_device and texture.psnr_db > 30
        assert psnr(texture.level(0), gradient()) == pytest.approx(texture.psnr_db, abs=1e-6)
    stats = memory_system.get_system_stats()["compressed"]
    assert stats["memory_saved_mb"] == before, "close() gives the memory back"


def test_textures_outlive_the_memory_system(tmp_path, memory_system):
    compressed.compress(gradient()).save(tmp_path / "a.ktx2")
    texture = compressed.load_texture(tmp_path / "a.ktx2")
    assert texture.on_device
    memory_system.shutdown()
    assert not texture.on_device, "its memory went with the system"
    assert texture.level(0).shape == (64, 96, 4)
    texture.close()


def test_threads_share_a_texture(tmp_path):
    compressed.compress(gradient(256, 256)).save(tmp_path / "a.ktx2")
    texture = compressed.load_texture(tmp_path / "a.ktx2")
    expected = texture.level(0).tobytes()
    wrong = []

    def read():
        for _ in range(20):
            try:
                if texture.level(0).tobytes() != expected:
                    wrong.append("other texels")
            except forge3d.Closed:
                return

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    threads[0].join()
    texture.close()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("name", ["kodim04.png", "kodim12.png", "kodim20.png"])
def test_photos_keep_the_promised_quality(name):
    image = forge3d._core.load_image(data(f"photos/{name}"))
    packed = compressed.compress(image, "normal", generate_mipmaps=False)
    assert packed.psnr_db > 35 and 2.9 < packed.compression_ratio <= 4
    assert packed.encode_ms > 0 and packed.mpixels_per_s > 0
    small = compressed.compress(image, "normal", generate_mipmaps=False, format="bc1")
    assert small.compression_ratio > 7.5 and 28 < small.psnr_db < packed.psnr_db


_DECODABLE = [row for row in manifest("ktx2") if row.get("decoded_kind", "").startswith("png-RGBA")]


@pytest.mark.parametrize("row", _DECODABLE[::9] or [None], ids=lambda row: row and row["file"])
def test_files_of_the_conformance_suite(row):
    if row is None:
        pytest.skip("no shared KTX2 files")
    path = data(f"ktx2/{row['file']}")
    info = compressed.info(path)
    if not info["can_decode"]:
        with compressed.load_texture(path, on_device=False) as texture:
            with pytest.raises(forge3d.NotSupported):
                texture.level(0)
        return
    with compressed.load_texture(path, on_device=False) as texture:
        assert texture.level(0).shape == (info["height"], info["width"], 4)
        if info["layers"] * info["faces"] == 1 and info["depth"] == 1:
            digest = hashlib.sha256(texture.level_bytes(0).tobytes()).hexdigest()
            assert digest == row["sha256_level0_raw"]


_BAD = manifest("ktx2-bad")


@pytest.mark.parametrize("row", _BAD[:: max(1, len(_BAD) // 40)] or [None], ids=lambda r: r and r["file"])
def test_bad_files_are_exceptions(row):
    if row is None:
        pytest.skip("no shared bad KTX2 files")
    path = data(f"ktx2-bad/{row['file']}")
    report = forge3d.validate_ktx2_file(path)
    assert bool(report) == (row["ktx_validate_exit"] == "0"), str(report)
    try:
        with compressed.load_texture(path, on_device=False) as texture:
            texture.level(0)
    except forge3d.Error as error:
        assert error.code in ("invalid_file", "not_supported", "invalid_argument")


def test_the_devices_sampler_sees_what_the_encoder_said(memory_system, tmp_path):
    image = gradient(128, 128)
    made = compressed.compress(image, "normal", format="BC1", srgb=False)
    made.save(tmp_path / "a.ktx2")
    with compressed.load_texture(tmp_path / "a.ktx2") as texture:
        seen = texture.sample()
        assert seen.shape == image.shape
        assert abs(psnr(image, seen) - made.psnr_db) < 0.3
        assert np.abs(seen.astype(int) - texture.level(0)).max() <= 4
        assert texture.sample(level=3).shape == (16, 16, 4)
        with pytest.raises(ValueError, match="level"):
            texture.sample(level=99)
    with compressed.load_texture(tmp_path / "a.ktx2", on_device=False) as texture:
        with pytest.raises(forge3d.InvalidArgument, match="init_memory_system"):
            texture.sample()


def test_sampling_without_staging_brings_a_ring_of_its_own(tmp_path):
    memory = pytest.importorskip("forge3d.memory")
    compressed.compress(gradient()).save(tmp_path / "a.ktx2")
    with forge3d.Device(kind="software") as device:
        memory.init_memory_system(device, staging_rings=False, memory_pools=False)
        try:
            with compressed.load_texture(tmp_path / "a.ktx2") as texture:
                assert texture.on_device and texture.sample().shape == (64, 96, 4)
        finally:
            memory.shutdown()


def test_uastc_is_written_for_every_device(memory_system, tmp_path):
    image = gradient()
    made = compressed.compress(image, "fast", format="UASTC", srgb=False, zstd_level=3)
    assert made.format == "UASTC" and made.mip_levels == 7 and made.psnr_db > 35
    made.save(tmp_path / "u.ktx2")
    assert compressed.validate_ktx2_file(tmp_path / "u.ktx2")
    with compressed.load_texture(tmp_path / "u.ktx2") as texture:
        assert texture.file_format == "UASTC" and "UASTC" in texture.reason
        assert texture.format in ("BC7", "ASTC 4x4") and texture.mip_levels == 7
        assert texture.decode_ms > 0 and texture.compression_ratio > 3
        assert psnr(image, texture.sample()) > made.psnr_db - 1
        assert psnr(image, texture.level(0)) == pytest.approx(made.psnr_db, abs=1e-6)
    with compressed.load_texture(tmp_path / "u.ktx2", on_device=False) as texture:
        assert texture.file_format == "UASTC" and texture.level(1).shape == (32, 48, 4)
        assert texture.format == "UASTC" and texture.vulkan_format == "UNDEFINED" and not texture.srgb
        assert "UASTC" in repr(texture) and texture.compression_ratio == pytest.approx(4, rel=0.1)
        assert len(texture.level_bytes(0)) == 24 * 16 * 16
        assert psnr(image, texture.level(0)) == pytest.approx(made.psnr_db, abs=1e-6)
    assert compressed.info(tmp_path / "u.ktx2")["basis_model"] == "UASTC"


def test_blocks_of_phones_are_encoded_for_the_device(memory_system, tmp_path):
    compressed.compress(gradient(), "fast", format="ETC2 RGB", srgb=False).save(tmp_path / "e.ktx2")
    with compressed.load_texture(tmp_path / "e.ktx2", "fast") as texture:
        assert texture.file_format == "ETC2 RGB" and texture.reason
        assert texture.format in ("BC7", "ETC2 RGB")
        assert psnr(gradient(), texture.sample()) > 28


def test_etc1s_files_are_transcoded(memory_system):
    with compressed.load_texture(data("ktx2/made/leaves_etc1s_mips.ktx2")) as texture:
        assert texture.file_format == "ETC1S" and texture.format != "UNDEFINED"
        assert texture.mip_levels > 1 and "ETC1S" in texture.reason


def test_basis_files_off_the_device_say_what_they_are():
    path = data("ktx2/made/leaves_etc1s_mips.ktx2")
    stored = [level["stored_bytes"] for level in compressed.info(path)["levels"]]
    with compressed.load_texture(path, on_device=False) as texture:
        assert texture.format == texture.file_format == "ETC1S" and not texture.on_device
        assert texture.level(0).shape == (256, 256, 4)
        assert [len(texture.level_bytes(i)) for i in range(texture.mip_levels)] == stored
        assert texture.level_bytes_total == sum(stored)


def test_basis_files_off_the_device_are_transcoded_with_all_levels(tmp_path):
    path = data("ktx2/made/leaves_etc1s_mips.ktx2")
    with compressed.load_texture(path, on_device=False) as stored:
        pixels = [stored.level(i) for i in range(stored.mip_levels)]
    for name, floor in (("BC7", 38), ("BC1", 30), ("RGBA8", 200)):
        with compressed.load_texture(path, preferred_format=name, on_device=False) as texture:
            assert texture.format == name and texture.file_format == "ETC1S"
            assert texture.reason == "transcoded here, on the CPU"
            assert texture.mip_levels == len(pixels)
            for level, expected in enumerate(pixels):
                found = texture.level(level)[..., :3]
                assert (found == expected[..., :3]).all() or psnr(expected[..., :3], found) > floor
