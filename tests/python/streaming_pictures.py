# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures and tiles for the tests of forge3d.streaming."""

import numpy as np


def picture(height=1024, width=1536):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x % 256, y % 256, (x // 64 * 37 + y // 64 * 91) % 256], -1).astype(np.uint8)


def level_colour(level, x, y):
    return np.full((64, 64, 3), (level * 40, x * 7 % 256, y * 11 % 256), np.uint8)
