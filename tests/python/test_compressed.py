# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d.compressed: loading, encoding, choosing, validating; real files where they are."""

import hashlib
import math
import threading

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


def test_the_cheapest_effort_that_reaches_the_target_is_taken():
    image = gradient()
    fast = compressed.compress(image, "fast")
    packed = compressed.compress(image, "high", target_psnr=fast.psnr_db - 1)
    assert packed.quality == "fast" and packed.target_reached and len(packed.trials) == 1
    missed = compressed.compress(noise(), "normal", target_psnr=90.0)
    assert not missed.target_reached
    assert [trial["quality"] for trial in missed.trials] == ["fast", "normal"]
    assert "of 90 dB" in missed.choice_reason and missed.psnr_db < 90


def test_memory_first_takes_bc1_for_opaque_images_and_quality_first_goes_plain():
    opaque = gradient(channels=3)
    compressed.set_quality_settings("normal", 30.0, "memory")
    small = compressed.compress(opaque)
    assert small.format == "BC1" and small.target_reached
    translucent = gradient()
    translucent[..., 3] = 128
    assert compressed.compress(translucent).format == "BC7"
    compressed.set_quality_settings("fast", 80.0, "quality")
    plain = compressed.compress(noise())
    assert plain.format == "RGBA8" and math.isinf(plain.psnr_db) and plain.target_reached


def test_use_cases_say_why_their_format_is_what_it_is():
    image = gradient()
    assert compressed.compress(image, use_case="ui").format == "RGBA8"
    normal = compressed.compress(image, use_case="normal")
    preferred = "BC5" if "BC5" in compressed.encoders() else "BC7"
    assert normal.format == preferred
    assert "BC5" in normal.choice_reason
    assert "SRGB" not in normal.vulkan_format, "directions are no colours"
    height = compressed.compress(image[..., 0].copy(), use_case="height")
    assert height.format == ("BC4" if "BC4" in compressed.encoders() else "BC7")
    assert "BC4" in height.choice_reason
    if "BC6H" not in compressed.encoders():
        with pytest.raises(NotImplementedError, match="BC6H"):
            compressed.compress(image.astype(np.float32), use_case="hdr")


def test_formats_without_an_encoder_are_named():
    for name in ("EAC RG11", "ETC2 RGB", "astc"):
        with pytest.raises(forge3d.NotSupported, match=name) as caught:
            compressed.compress(gradient(), format=name)
        assert "BC7" in str(caught.value), "the message says what there is"
    with pytest.raises(forge3d.InvalidArgument, match="unknown format 'webp'"):
        compressed.compress(gradient(), format="webp")


@pytest.mark.parametrize(
    ("array", "kind", "words"),
    [
        (np.zeros((8, 8, 4), np.float64), TypeError, "float32"),
        (np.zeros((8, 8, 4), object), TypeError, "array"),
        (np.zeros((8, 8, 5), np.uint8), ValueError, "shape"),
        (np.zeros((0, 8, 4), np.uint8), ValueError, "shape"),
        (np.zeros((8,), np.uint8), ValueError, "dimensions"),
        (np.zeros((8, 16, 4), np.uint8)[:, ::2], ValueError, "ascontiguousarray"),
        (np.zeros((8, 8, 4), np.uint8).transpose(1, 0, 2), ValueError, "ascontiguousarray"),
        ([[1, 2], [3, 4]], ValueError, "dimensions"),
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
