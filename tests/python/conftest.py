# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests share: a software device, and a memory system that is gone after the test."""

import os

import pytest

import forge3d
import forge3d.memory

os.environ.setdefault("FORGE3D_DEVICE", "software")


@pytest.fixture
def device():
    with forge3d.Device(kind="software") as opened:
        yield opened


@pytest.fixture
def system(device):
    """The process-wide system on a device of its own, small."""
    result = forge3d.memory.init_memory_system(device, staging_memory_mb=8, pool_memory_mb=16)
    assert result["success"]
    yield forge3d.memory
    forge3d.memory.shutdown()
