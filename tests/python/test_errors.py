# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Exceptions: their bases, code and detail."""

import pickle

import pytest

import forge3d

BASES = {
    forge3d.BudgetExceeded: MemoryError,
    forge3d.OutOfDeviceMemory: MemoryError,
    forge3d.OutOfHostMemory: MemoryError,
    forge3d.InvalidFile: ValueError,
    forge3d.InvalidArgument: ValueError,
    forge3d.StaleHandle: ValueError,
    forge3d.Closed: ValueError,
    forge3d.NotSupported: NotImplementedError,
    forge3d.Timeout: TimeoutError,
    forge3d.Io: OSError,
    forge3d.FileNotFound: FileNotFoundError,
    forge3d.DeviceLost: RuntimeError,
    forge3d.Cancelled: RuntimeError,
}


@pytest.mark.parametrize("kind", BASES)
def test_each_is_an_error_and_a_built_in_exception(kind):
    error = kind("told", code="some_code", detail={"message": "told", "reasons": ["why"]})
    assert isinstance(error, forge3d.Error)
    assert isinstance(error, RuntimeError)
    assert isinstance(error, BASES[kind])
    assert (str(error), error.code, error.detail["reasons"]) == ("told", "some_code", ["why"])


@pytest.mark.parametrize("kind", BASES)
def test_survives_pickling(kind):
    error = pickle.loads(pickle.dumps(kind("told", code="c", detail={"message": "told"})))
    assert (type(error), str(error), error.code) == (kind, "told", "c")


def test_a_refusal_says_what_was_asked_held_and_allowed(device):
    with pytest.raises(MemoryError) as caught:
        forge3d.Buffer(device, 1 << 30)
    error = caught.value
    assert error.code == "budget_exceeded"
    assert str(1 << 30) in str(error)
    assert set(error.detail) == {"message", "reasons", "vk_result"}
