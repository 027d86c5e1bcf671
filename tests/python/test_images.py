# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures in and out."""

import numpy as np
import pytest

import forge3d


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
def test_a_png_gives_back_what_was_saved(tmp_path, shape, dtype):
    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)
    forge3d.save_png(tmp_path / "a.png", pixels)
    loaded = forge3d.load_image(tmp_path / "a.png")
    assert loaded.dtype == dtype
    assert np.array_equal(loaded.reshape(shape), pixels)


def test_what_is_no_picture_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing.png"):
        forge3d.load_image(tmp_path / "missing.png")
    (tmp_path / "words.png").write_text("words")
    with pytest.raises(forge3d.Error, match="words.png"):
        forge3d.load_image(tmp_path / "words.png")
    with pytest.raises(OSError, match="no-folder"):
        forge3d.save_png(tmp_path / "no-folder" / "a.png", np.zeros((4, 4), np.uint8))
    with pytest.raises((TypeError, ValueError)):
        forge3d.save_png(tmp_path / "a.png", np.zeros((4, 4), np.float64))
