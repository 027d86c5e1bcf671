# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics and mip chains against the same in NumPy."""

import math

import numpy as np
import pytest

import forge3d
from forge3d import compressed


def noise(shape, dtype=np.uint8, seed=1):
    random = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return random.random(shape).astype(dtype)
    return random.integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def psnr(a, b, full):
    return 10 * math.log10(full**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


@pytest.mark.parametrize(("dtype", "full"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1)])
def test_psnr_is_that_of_the_codes(dtype, full):
    a, b = noise((9, 7, 4), dtype, 1), noise((9, 7, 4), dtype, 2)
    found = compressed.compare(a, b)
    assert found["psnr_db"] == pytest.approx(psnr(a[..., :3], b[..., :3], full))
    assert found["psnr_rgba_db"] == pytest.approx(psnr(a, b, full))
    for index, name in enumerate("rgba"):
        assert found[f"psnr_{name}_db"] == pytest.approx(psnr(a[..., index], b[..., index], full))
    largest = np.abs(a.astype(float) - b.astype(float)).max() / full
    assert found["max_error"] == pytest.approx(largest)
    assert math.isinf(compressed.compare(a, a)["psnr_rgba_db"])


def ssim_of(a, b):
    """Of two grey images, window by window."""
    offsets = np.arange(11) - 5
    gauss = np.exp(-(offsets**2) / (2 * 1.5**2))
    weights = np.outer(gauss, gauss) / np.outer(gauss, gauss).sum()
    windows = [np.lib.stride_tricks.sliding_window_view(i.astype(float), (11, 11)) for i in (a, b)]

    def mean(values):
        return (values * weights).sum((-1, -2))

    m, n = map(mean, windows)
    s, t = (mean(w**2) - mean(w) ** 2 for w in windows)
    cross = mean(windows[0] * windows[1]) - m * n
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return ((2 * m * n + c1) * (2 * cross + c2) / ((m * m + n * n + c1) * (s + t + c2))).mean()


def test_ssim_is_that_of_the_paper():
    a = noise((24, 31))
    b = np.clip(a.astype(int) + noise((24, 31), seed=2) // 8, 0, 255).astype(np.uint8)
    assert compressed.ssim(a, b) == pytest.approx(ssim_of(a, b), abs=1e-4)
    assert compressed.ssim(a, a) == 1 and compressed.ssim(a[:1, :1].copy(), a[:1, :1].copy()) == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_log_psnr_is_relative_in_the_light(dtype):
    a = np.exp2(10 * noise((8, 8, 3), np.float32)).astype(dtype)
    b = (a * dtype(1.03)).astype(dtype)
    p, q = (np.log2(1 + x.astype(float)) for x in (a, b))
    assert compressed.log_psnr(a, b) == pytest.approx(psnr(p, q, p.max()), abs=1e-3)
    assert math.isinf(compressed.log_psnr(a, a))
    with pytest.raises(forge3d.InvalidArgument, match="float"):
        compressed.log_psnr(noise((4, 4)), noise((4, 4)))


def test_alpha_weighs_errors():
    a, b = noise((8, 8, 4), seed=1), noise((8, 8, 4), seed=2)
    weights = a[..., 3].astype(float)
    squares = ((a[..., :3].astype(float) - b[..., :3].astype(float)) ** 2).sum(-1)
    wanted = 10 * math.log10(255**2 * 3 * weights.sum() / (weights * squares).sum())
    assert compressed.alpha_weighted_psnr(a, b) == pytest.approx(wanted)
    a[..., 3] = 0
    assert math.isinf(compressed.alpha_weighted_psnr(a, b)), "nothing is visible"


def test_angles_of_normals():
    x, y = np.meshgrid(np.linspace(-0.6, 0.6, 16), np.linspace(-0.6, 0.6, 16))
    z = np.sqrt(1 - x * x - y * y)
    turned = [x * math.cos(0.1) + z * math.sin(0.1), y, z * math.cos(0.1) - x * math.sin(0.1)]
    a, b = ((np.stack(v, -1) * 0.5 + 0.5).astype(np.float32) for v in ([x, y, z], turned))
    found = compressed.normal_degrees(a, b)
    cosines = (np.stack([x, y, z], -1) * np.stack(turned, -1)).sum(-1)
    angles = np.degrees(np.arccos(cosines))
    assert found["mean"] == pytest.approx(angles.mean(), abs=1e-3)
    assert found["max"] == pytest.approx(angles.max(), abs=1e-2)
    assert found["mean"] <= found["p99"] <= found["max"]
    assert compressed.normal_degrees(a, b, "xy")["mean"] == pytest.approx(angles.mean(), abs=1e-2)
    wrong_z = a.copy()
    wrong_z[..., 2] = 0.5
    assert compressed.normal_degrees(a, wrong_z, "xy")["max"] == 0, "z is not looked at"
    assert compressed.normal_degrees(a, wrong_z)["max"] > 10
    with pytest.raises(ValueError, match="'xyz' or 'xy', not 'zyx'"):
        compressed.normal_degrees(a, b, "zyx")


@pytest.mark.parametrize("measure", [compressed.ssim, compressed.alpha_weighted_psnr, compressed.compare,
                                     compressed.normal_degrees, compressed.log_psnr])
def test_images_that_cannot_be_compared_are_named(measure):
    a = noise((8, 8, 3), np.float32)
    with pytest.raises(ValueError, match="8 x 8 with 7 x 8"):
        measure(a, a[:, :7].copy())
    with pytest.raises(ValueError):
        measure(a, noise((8, 8, 3)))
    with pytest.raises(ValueError, match="ascontiguousarray"):
        measure(a, a[:, ::-1])
    with pytest.raises(TypeError, match=r"astype\('float32'\)"):
        measure(a, a.astype(np.float64))
    with pytest.raises(ValueError, match="none of it zero"):
        measure(a[:0], a[:0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(16, 12), (16, 12, 1), (16, 12, 2), (16, 12, 3), (16, 12, 4), (7, 5, 3)])
def test_mips_have_every_level_and_their_arrays_type(shape, dtype):
    array = noise(shape, dtype)
    mips = compressed.make_mips(array)
    height, width = shape[:2]
    assert len(mips) == max(height, width).bit_length() - 1
    for level, mip in enumerate(mips, 1):
        assert mip.shape[:2] == (max(1, height >> level), max(1, width >> level))
        assert mip.dtype == dtype and mip.size == mip.shape[0] * mip.shape[1] * math.prod(shape[2:])
    assert [m.shape for m in compressed.make_mips(array, 3)] == [m.shape for m in mips[:2]]
    assert compressed.make_mips(array, 1) == [] and len(compressed.make_mips(array, 99)) == len(mips)


def test_the_box_is_the_mean_and_odd_extents_lose_nothing():
    array = noise((8, 6, 3), np.float32)
    mean = array.reshape(4, 2, 3, 2, 3).mean((1, 3))
    assert np.allclose(compressed.make_mips(array)[0], mean, atol=1e-6)
    odd = noise((7, 5, 3), np.float32)
    for mip in compressed.make_mips(odd):
        assert np.allclose(mip.mean((0, 1)), odd.mean((0, 1)), atol=1e-5)


def test_colours_are_filtered_as_light():
    board = (np.indices((8, 8)).sum(0) % 2 * 255).astype(np.uint8)
    assert (compressed.make_mips(board)[0] == 188).all(), "integers are sRGB"
    assert (compressed.make_mips(board, srgb=False)[0] == 128).all()
    assert np.allclose(compressed.make_mips((board / 255).astype(np.float32))[0], 0.5)
    lit = compressed.make_mips((board / 255).astype(np.float32), srgb=True)[0]
    assert np.allclose(lit, 188 / 255, atol=2e-3)


def test_transparent_colours_do_not_bleed():
    array = np.zeros((4, 4, 4), np.uint8)
    array[::2] = [200, 100, 50, 255]  # every other row is black, and not there
    assert compressed.make_mips(array)[0][0, 0].tolist() == [200, 100, 50, 128]


def test_filters_ring_or_do_not():
    edge = np.zeros((16, 64), np.float32)
    edge[:, 32:] = 1
    box, kaiser, lanczos = (
        compressed.make_mips(edge, mip_filter=name)[0] for name in ("box", "kaiser", "lanczos")
    )
    assert set(np.unique(box)) == {0, 1}
    assert not np.array_equal(kaiser, box) and not np.array_equal(kaiser, lanczos)
    with pytest.raises(ValueError, match="'box', 'kaiser' or 'lanczos'"):
        compressed.make_mips(edge, mip_filter="cubic")


def test_normals_stay_unit_vectors():
    vectors = np.random.default_rng(4).normal(size=(16, 16, 3))
    vectors[..., 2] = np.abs(vectors[..., 2]) + 0.5
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    array = (vectors * 0.5 + 0.5).astype(np.float32)
    for mip in compressed.make_mips(array, normals=True):
        assert np.allclose(np.linalg.norm(mip * 2 - 1, axis=-1), 1, atol=1e-5)
    assert np.linalg.norm(compressed.make_mips(array)[1] * 2 - 1, axis=-1).min() < 0.99
    with pytest.raises(ValueError, match="three or four channels"):
        compressed.make_mips(array[..., 0].copy(), normals=True)


def test_what_passes_an_alpha_test_stays():
    array = noise((64, 64, 4))
    wanted = (array[..., 3] >= 0.7 * 255).mean()
    kept = compressed.make_mips(array, alpha_cutoff=0.7)[1]
    free = compressed.make_mips(array)[1]
    assert abs((kept[..., 3] >= 0.7 * 255).mean() - wanted) < 0.03
    assert (free[..., 3] >= 0.7 * 255).mean() < wanted / 2
    for bad in (0.0, 1.5, math.nan):
        with pytest.raises(ValueError, match="above 0 and at most 1"):
            compressed.make_mips(array, alpha_cutoff=bad)
    with pytest.raises(ValueError, match="no alpha"):
        compressed.make_mips(array[..., :3].copy(), alpha_cutoff=0.5)


def test_mips_of_what_cannot_be_are_refused():
    with pytest.raises(ValueError, match="levels must be"):
        compressed.make_mips(noise((4, 4)), -1)
    with pytest.raises(TypeError, match="levels must be a whole number"):
        compressed.make_mips(noise((4, 4)), "all")
    with pytest.raises(ValueError, match="none of it zero"):
        compressed.make_mips(np.zeros((0, 4), np.uint8))
    assert compressed.make_mips(noise((1, 1))) == []
    wild = np.array([[[np.nan, np.inf, -np.inf, 1.0]] * 2] * 2, np.float32)
    assert compressed.make_mips(wild)[0].shape == (1, 1, 4)
