# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""forge3d.compressed.encode_blocks and decode_blocks: arrays, names and refusals."""

import numpy as np
import pytest

import forge3d
from forge3d import _core, compressed

FORMATS = compressed.block_formats()
HDR = ("BC6H", "SFLOAT", "UFLOAT")


def block_shape(name):
    """(width, height, bytes) of a block."""
    if name.startswith("ASTC"):
        width, height = name.split("_")[1].split("x")
        return int(width), int(height), 16
    small = name.startswith(("BC1_", "BC4_", "ETC2_R8G8B8_", "ETC2_R8G8B8A1_", "EAC_R11_"))
    return 4, 4, 8 if small else 16


def is_hdr(name):
    return any(word in name for word in HDR)


def picture(name, height=21, width=34):
    """Soft waves in the format's own type."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [np.sin(0.1 * (c + 1) * x + 0.07 * y) * 0.4 + 0.5 for c in range(4)]
    planes[3] = planes[3] / 2 + 0.45  # opaque for formats of one bit of alpha
    waves = np.stack(planes, axis=-1)
    if is_hdr(name):
        return (waves * 8).astype(np.float16)
    if "SNORM" in name:
        return (waves * 250 - 125).astype(np.int8)
    return (waves * 255).astype(np.uint8)


def compressed_only(names):
    return [name for name in names if name.endswith("BLOCK") or name.startswith("ASTC")]


@pytest.mark.parametrize("name", compressed_only(FORMATS.encoded))
def test_blocks_of_an_array_decode_to_something_near_it(name):
    array = picture(name)
    blocks = compressed.encode_blocks(array, name, "fast", threads=2)
    width, height, size = block_shape(name)
    assert blocks.nbytes == -(-34 // width) * -(-21 // height) * size
    decoded = compressed.decode_blocks(blocks, name, 34, 21)
    assert decoded.shape == (21, 34, 4) and decoded.dtype == array.dtype
    scale = 8 if is_hdr(name) else 255
    error = np.abs(decoded[..., 0].astype(float) - array[..., 0].astype(float)).mean()
    assert error < 0.05 * scale
    assert np.array_equal(decoded, compressed.decode_blocks(bytes(blocks), name, 34, 21, threads=2))
    assert blocks.tobytes() == compressed.encode_blocks(array, name.lower(), "fast").tobytes()


@pytest.mark.parametrize("name", compressed_only(FORMATS.decoded))
def test_any_bits_decode(name):
    width, height, size = block_shape(name)
    bits = np.random.default_rng(3).integers(0, 256, 12 * size, dtype=np.uint8)
    decoded = compressed.decode_blocks(bits, name, 4 * width, 3 * height)
    assert decoded.shape == (3 * height, 4 * width, 4)


def test_channels_that_an_array_lacks_are_black_and_opaque():
    grey = np.full((4, 4), 255, np.uint8)
    decoded = compressed.decode_blocks(compressed.encode_blocks(grey, "bc7"), "bc7", 4, 4)
    assert np.array_equal(decoded, np.broadcast_to(np.uint8([255, 0, 0, 255]), (4, 4, 4)))
    three = np.full((4, 4, 3), 255, np.uint8)
    decoded = compressed.decode_blocks(compressed.encode_blocks(three, "rgba8"), "rgba8", 4, 4)
    assert (decoded == 255).all()


def test_formats_have_names_however_they_are_written():
    array = picture("ETC2_R8G8B8_UNORM_BLOCK")
    blocks = compressed.encode_blocks(array, "ETC2_R8G8B8_UNORM_BLOCK").tobytes()
    for name in ("etc2-rgb", "ETC2 RGB", "etc2_rgb"):
        assert compressed.encode_blocks(array, name).tobytes() == blocks


def test_what_cannot_be_is_refused():
    array = np.zeros((4, 4, 4), np.uint8)
    for threads in (-1, 1025):
        with pytest.raises(forge3d.InvalidArgument, match="threads must be 1 to 1024"):
            compressed.encode_blocks(array, "bc7", threads=threads)
        with pytest.raises(forge3d.InvalidArgument, match="threads must be 1 to 1024"):
            compressed.decode_blocks(bytes(16), "bc7", 4, 4, threads=threads)
    with pytest.raises(forge3d.InvalidArgument, match="contiguous"):
        compressed.decode_blocks(np.zeros(64, np.uint8)[::4], "bc7", 4, 4)
    with pytest.raises(forge3d.InvalidArgument, match="unknown format 'bc9'"):
        compressed.encode_blocks(array, "bc9")
    with pytest.raises(TypeError, match="uint8 for BC7"):
        compressed.encode_blocks(array.astype(np.float32), "bc7")
    with pytest.raises(forge3d.InvalidArgument, match="quality"):
        compressed.encode_blocks(array, "bc7", "best")
    with pytest.raises(forge3d.InvalidArgument, match="shape"):
        compressed.encode_blocks(np.zeros((4, 0), np.uint8), "bc7")
    with pytest.raises(forge3d.InvalidArgument, match="contiguous"):
        compressed.encode_blocks(np.zeros((4, 8, 4), np.uint8)[:, ::2], "bc7")
    with pytest.raises(TypeError, match="array"):
        compressed.encode_blocks([[1, 2], [3, 4]], "bc7")
    with pytest.raises(forge3d.NotSupported, match="R16"):
        compressed.encode_blocks(array, "r16")
    with pytest.raises(forge3d.InvalidArgument, match="holds 15 bytes"):
        compressed.decode_blocks(bytes(15), "bc7", 4, 4)
    with pytest.raises(forge3d.InvalidArgument, match="holds 16 bytes"):
        compressed.decode_blocks(bytes(16), "bc7", 2**31, 2**31)
    with pytest.raises(forge3d.InvalidArgument, match="zero"):
        compressed.decode_blocks(b"", "bc7", 0, 4)


def test_the_instruction_sets_are_known():
    assert _core.simd_targets()[-1] in ("scalar", "neon")
