# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Blocks in the hands of decoders that are not ours: texture2ddecoder, and bcdec in imagecodecs.

Both come from PyPI; without them the tests skip with one line. Where a peer differs by more than a
rounding, its name and what it does stand here.
"""

from __future__ import annotations

import dataclasses
import importlib
import types
from collections.abc import Callable

import numpy as np
import pytest
from shared_data import data
from test_codecs import FORMATS, block_shape, compressed_only, is_hdr

from forge3d import _core, compressed


def optional(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


t2d = optional("texture2ddecoder")
imagecodecs = optional("imagecodecs")

WIDTH, HEIGHT = 240, 240  # of random blocks: a multiple of every block's sides


@dataclasses.dataclass(frozen=True)
class Peer:
    """A decoder: (blocks, width, height) to (height, width, channels)."""

    label: str
    module: types.ModuleType | None
    decode: Callable[[bytes, int, int], np.ndarray]
    channels: int
    tolerance: int = 0  # in codes; the specifications of BC1 to BC5 leave the rounding open
    any_bits: bool = True  # False: compared on what our encoders make, not on random bits


def t2d_peer(function: str, channels: int, tolerance: int = 0, any_bits: bool = True) -> Peer:
    def decode(blocks: bytes, width: int, height: int) -> np.ndarray:
        bgra = getattr(t2d, function)(blocks, width, height)
        return np.frombuffer(bgra, np.uint8).reshape(height, width, 4)[..., [2, 1, 0, 3]]

    return Peer(f"texture2ddecoder.{function}", t2d, decode, channels, tolerance, any_bits)


def bcdec_peer(name: str, channels: int, tolerance: int = 0) -> Peer:
    stored = {"BC4": 1, "BC5": 2, "BC6HU": 3, "BC6HS": 3}.get(name, 4)

    def decode(blocks: bytes, width: int, height: int) -> np.ndarray:
        code = getattr(imagecodecs.BCN.FORMAT, name)
        shape = (height, width, stored) if stored > 1 else (height, width)
        return imagecodecs.bcn_decode(blocks, code, shape=shape).reshape(height, width, stored)

    return Peer(f"bcdec {name}", imagecodecs, decode, channels, tolerance)


def black_where_clear(peer: Peer) -> Peer:
    """The peer, with texels of alpha 0 made black."""

    def decode(blocks: bytes, width: int, height: int) -> np.ndarray:
        rgba = peer.decode(blocks, width, height)
        return np.where(rgba[..., 3:] == 0, 0, rgba)

    return dataclasses.replace(peer, decode=decode)


# texture2ddecoder's BC1 gives transparent texels alpha 255; its BC3 reads blocks with rising ends
# as three colours, which the format never has, nor our encoder. Its ETC2 RGB+A1 leaves holes the
# colour that they would have; the specification says black. Of EAC's 11 bits it drops the lowest
# three, where ours rounds to the nearest code: 1 apart at the most. Its signed EAC is left out: it
# gives -1..1 as 0..255, ours as the codes of SNORM, -127..127.
PEERS = {
    "BC1_RGB_UNORM_BLOCK": [t2d_peer("decode_bc1", 3, 1), bcdec_peer("BC1", 3, 1)],
    "BC1_RGBA_UNORM_BLOCK": [bcdec_peer("BC1", 4, 1)],
    "BC2_UNORM_BLOCK": [bcdec_peer("BC2", 4, 1)],
    "BC3_UNORM_BLOCK": [t2d_peer("decode_bc3", 4, 1, any_bits=False), bcdec_peer("BC3", 4, 1)],
    "BC4_UNORM_BLOCK": [t2d_peer("decode_bc4", 1, 1), bcdec_peer("BC4", 1, 1)],
    "BC5_UNORM_BLOCK": [t2d_peer("decode_bc5", 2, 1), bcdec_peer("BC5", 2, 1)],
    "BC6H_UFLOAT_BLOCK": [bcdec_peer("BC6HU", 3)],
    "BC6H_SFLOAT_BLOCK": [bcdec_peer("BC6HS", 3)],
    "BC7_UNORM_BLOCK": [t2d_peer("decode_bc7", 4), bcdec_peer("BC7", 4)],
    "ETC2_R8G8B8_UNORM_BLOCK": [t2d_peer("decode_etc2", 3)],
    "ETC2_R8G8B8A1_UNORM_BLOCK": [black_where_clear(t2d_peer("decode_etc2a1", 4))],
    "ETC2_R8G8B8A8_UNORM_BLOCK": [t2d_peer("decode_etc2a8", 4)],
    "EAC_R11_UNORM_BLOCK": [t2d_peer("decode_eacr", 1, 1)],
    "EAC_R11G11_UNORM_BLOCK": [t2d_peer("decode_eacrg", 2, 1)],
}


def cases(names: tuple[str, ...], any_bits: bool = False) -> list[pytest.param]:
    """Every format with its peers; `any_bits`: those that read all there is."""
    return [
        pytest.param(name, peer, id=f"{name}-{peer.label}")
        for name in compressed_only(names)
        for peer in PEERS.get(name, [])
        if peer.any_bits or not any_bits
    ]


def compare(name: str, peer: Peer, blocks: bytes, width: int, height: int) -> None:
    if peer.module is None:
        pytest.skip(f"{peer.label}: its package is not installed")
    ours = compressed.decode_blocks(blocks, name, width, height)[..., : peer.channels]
    theirs = peer.decode(blocks, width, height)[..., : peer.channels]
    if is_hdr(name):
        assert np.array_equal(ours.view(np.uint16), theirs.astype(np.float16).view(np.uint16))
        return
    difference = np.abs(ours.astype(np.int16) - theirs.astype(np.int16))
    assert difference.max() <= peer.tolerance


def photo(name: str, side: int = 480) -> np.ndarray:
    """The middle of a photograph as the format's texels: alpha with an edge, HDR up to 8."""
    whole = _core.load_image(data("photos/kodim22.png"))[..., :3]
    top, left = (whole.shape[0] - side) // 2, (whole.shape[1] - side) // 2
    rgb = whole[top : top + side, left : left + side]
    alpha = np.where(rgb[..., :1] > 60, 255, rgb[..., 1:2]).astype(np.uint8)
    rgba = np.concatenate([rgb, alpha], axis=-1)
    if is_hdr(name):
        return ((rgba / 255.0) ** 2.2 * 8).astype(np.float16)
    if "SNORM" in name:
        return (rgba.astype(np.int16) - 128).clip(-127, 127).astype(np.int8)
    return rgba


@pytest.mark.parametrize("quality", ["fast", "normal", "high"])
@pytest.mark.parametrize(("name", "peer"), cases(FORMATS.encoded))
def test_what_our_encoder_makes_is_the_same_picture_to_others(name, peer, quality):
    side = 480 if quality == "fast" else 240 if quality == "normal" else 60
    blocks = compressed.encode_blocks(photo(name, side), name, quality, threads=0).tobytes()
    compare(name, peer, blocks, side, side)


@pytest.mark.parametrize(("name", "peer"), cases(FORMATS.decoded, any_bits=True))
def test_random_bits_are_the_same_picture_to_others(name, peer):
    width, height, size = block_shape(name)
    count = (WIDTH // width) * (HEIGHT // height) * size
    blocks = np.random.default_rng(11).integers(0, 256, count, dtype=np.uint8).tobytes()
    compare(name, peer, blocks, WIDTH, HEIGHT)
