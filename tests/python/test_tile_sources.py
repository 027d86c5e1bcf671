# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d.streaming: files in place, functions, and made-up worlds as sources of tiles."""

import struct

import numpy as np
import pytest
from shared_data import data
from streaming_pictures import picture

import forge3d
from forge3d import _core, streaming
from forge3d.streaming import TileSource, VirtualTextureSystem


@pytest.fixture(scope="module")
def device():
    with forge3d.Device(kind="software") as opened:
        yield opened


@pytest.fixture
def system(device):
    with VirtualTextureSystem(device, max_memory_mb=16, tile_size=64, viewport=(320, 180)) as made:
        yield made


def test_a_procedural_world_is_the_same_everywhere(system):
    with TileSource.procedural(7, tile_size=64) as world:
        assert (world.width, world.height, world.format) == (1 << 20, 1 << 20, "RGBA8")
        assert world.tile_bytes == 72 * 72 * 4
        tile = world.read_tile(0, 5000, 7000)
        with TileSource.procedural(7, tile_size=64) as same:
            assert (same.read_tile(0, 5000, 7000) == tile).all()
        with TileSource.procedural(8, tile_size=64) as other:
            assert (other.read_tile(0, 5000, 7000) != tile).any()
    heights = TileSource.procedural(7, 4096, "heights", tile_size=64)
    assert heights.format == "R16" and heights.read_tile(2, 1, 1).dtype == np.uint16
    with pytest.raises(ValueError, match="'terrain' or 'heights'"):
        TileSource.procedural(7, kind="sea")
    system.load_texture(TileSource.procedural(7, 1 << 16, tile_size=64))
    frame = system.render((30000, 30000, 2000), (64, 48))
    assert len(np.unique(frame.reshape(-1, 4), axis=0)) > 10


def test_raw_pages_get_their_borders_from_their_neighbours(system):
    image = picture(200, 300)

    def page(level, x, y):
        assert level == 0
        return image[y * 64 : y * 64 + 64, x * 64 : x * 64 + 64].copy()

    with TileSource.from_pages(
        page, 300, 200, levels=1, format="rgba8", tile_size=64, name="pages"
    ) as source:
        tile = source.read_tile(0, 1, 1)
        assert (tile[..., :3] == image[60:132, 60:132]).all(), "no seam: borders are the neighbours'"
        assert source.read_tile(1, 0, 0).shape == (72, 72, 4), "filtered from level 0"
        with pytest.raises(OSError, match="pages raised"):
            TileSource.from_pages(
                lambda *_: 1 / 0, 300, 200, format="rgba8", tile_size=64, name="pages"
            ).read_tile(0, 0, 0)
    system.load_texture(
        TileSource.from_pages(page, 300, 200, levels=1, format="rgba8", tile_size=64)
    )


def test_raw_pages_of_heights():
    def page(level, x, y):
        return np.full((64, 64), 100.0 + x, np.float32)

    source = TileSource.from_pages(page, 256, 128, 1, "float32", tile_size=64)
    assert source.format == "R32F"
    tile = source.read_tile(0, 1, 0)
    assert tile.dtype == np.float32 and (tile[4:-4, 4:-4] == 101).all() and (tile[8, :4] == 100).all()
    scaled = TileSource.from_pages(
        page, 256, 128, 1, "float32", tile_size=64, height_range=(100, 104)
    )
    assert scaled.format == "R16" and scaled.read_tile(0, 1, 0)[30, 30] == round(65535 / 4)


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (np.zeros((3, 3, 3), np.uint8), "3 x 3 x 3 of uint8: this page has 64 x 64 x 3 of uint8"),
        (np.zeros((64, 64), np.uint8), "64 x 64 x 1"),
        (np.zeros((64, 64, 3), np.uint16), "of uint16"),
        ("page", "must be an array"),
    ],
)
def test_pages_of_another_shape_are_named(returned, words):
    source = TileSource.from_pages(lambda *_: returned, 256, 256, format="rgba8", tile_size=64)
    with pytest.raises(ValueError, match=words):
        source.read_tile(0, 0, 0)


def test_stored_tiles_come_as_bytes(system):
    tile = bytes(range(256)) * (72 * 72 * 4 // 256)
    source = TileSource.from_stored(lambda *_: tile, 300, 200, "rgba8", 64)
    assert source.read_tile(0, 1, 1).tobytes() == tile
    with pytest.raises(ValueError, match="3 bytes: a stored tile has 20736"):
        TileSource.from_stored(lambda *_: b"abc", 300, 200, "rgba8", 64).read_tile(0, 0, 0)
    with pytest.raises(TypeError, match="callable"):
        TileSource.from_stored(5, 300, 200)
    system.load_texture(source)


def write_tiff(path, image):
    """A plain TIFF of one strip, after the TIFF 6.0 specification."""
    height, width = image.shape[:2]
    channels = 1 if image.ndim == 2 else image.shape[2]
    bits = image.dtype.itemsize * 8
    entries = [
        (256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1),
        (262, 3, 2 if channels == 3 else 1), (273, 4, 8), (277, 3, channels), (278, 4, height),
        (279, 4, image.nbytes), (339, 3, 3 if image.dtype.kind == "f" else 1),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries))
    bits_at = 8 + image.nbytes + 2 + 12 * len(entries) + 4
    for tag, kind, number in entries:
        if tag == 258 and channels == 3:
            directory += struct.pack("<HHII", tag, 3, 3, bits_at)
        else:
            directory += struct.pack("<HHII", tag, kind, 1, number)
    path.write_bytes(
        struct.pack("<2sHI", b"II", 42, 8 + image.nbytes)
        + image.tobytes()
        + directory
        + struct.pack("<I3H", 0, bits, bits, bits)
    )


def test_tiff_files_stream_in_place(system, tmp_path):
    image = picture(200, 300)
    write_tiff(tmp_path / "a.tif", image)
    texture = system.load_texture(tmp_path / "a.tif", "rgba8")
    assert texture.size == (300, 200)
    with streaming.open_tiles(tmp_path / "a.tif", format="RGBA8", tile_size=64) as source:
        assert (source.read_tile(0, 1, 1)[..., :3] == image[60:132, 60:132]).all()


def test_heights_of_a_tiff(device, tmp_path):
    heights = np.linspace(0, 800, 128 * 128, dtype=np.float32).reshape(128, 128)
    write_tiff(tmp_path / "a.tif", heights)
    with VirtualTextureSystem(device, 8, 64) as system:
        assert system.load_texture(tmp_path / "a.tif").format == "R32F"
    source = streaming.open_tiles(tmp_path / "a.tif", tile_size=64, height_range=(0, 800))
    assert source.format == "R16"
    assert source.read_tile(0, 0, 0)[4, 4] == 0


def test_pictures_are_colours_whatever_their_samples(device, tmp_path):
    _core.save_png(str(tmp_path / "a.png"), np.full((100, 150), 0x8000, np.uint16))
    with VirtualTextureSystem(device, 8, 64) as system:
        assert system.load_texture(tmp_path / "a.png").format in ("BC7", "RGBA8")
        frame = system.render((75, 50, 40), (16, 16))
        assert np.abs(frame[8, 8, :3].astype(int) - 128).max() <= 2


def test_a_ktx2_file_of_other_blocks_is_encoded_anew(device, tmp_path):
    forge3d.compressed.compress(picture(300, 500), format="bc1").save(tmp_path / "a.ktx2")
    with VirtualTextureSystem(device, 8, 64) as system:
        assert system.load_texture(tmp_path / "a.ktx2", "rgba8").format == "RGBA8"
        assert system.load_texture(tmp_path / "a.ktx2").format == "RGBA8"


def test_a_satellite_picture_streams_from_its_tiff(device):
    path = data("textures/sat_landsat_rgb.tif")
    with VirtualTextureSystem(device, 16, 256, viewport=(320, 180)) as system:
        texture = system.load_texture(path)
        width, height = texture.size
        frame = system.render((width / 2, height / 2, 200), (160, 90))
        assert len(np.unique(frame.reshape(-1, 4), axis=0)) > 100
        assert system.get_statistics().tiles_failed == 0
