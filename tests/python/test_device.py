# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Device: opening, what it says of itself, its life."""

import pytest

import forge3d


def test_opens_the_software_device():
    with forge3d.Device(kind="software") as device:
        assert device.info["kind"] == "software"
        assert device.name in repr(device)
    with pytest.raises(forge3d.Closed, match="Device is closed"):
        device.name
    device.close()


def test_unknown_kinds_and_limits_are_named():
    with pytest.raises(ValueError, match="'quantum'"):
        forge3d.Device(kind="quantum")
    with pytest.raises(forge3d.InvalidArgument, match="-1"):
        forge3d.Device(limits=-1)


def test_a_device_that_is_not_there_is_not_supported(monkeypatch):
    monkeypatch.delenv("FORGE3D_DEVICE", raising=False)
    with pytest.raises(forge3d.NotSupported) as caught:
        forge3d.Device(name="no such device")
    assert caught.value.code == "not_supported"
    assert caught.value.detail["message"] in str(caught.value)


def test_the_default_device_is_one_and_opens_again():
    device = forge3d.get_device()
    assert forge3d.get_device() is device
    device.close()
    assert forge3d.get_device() is not device
