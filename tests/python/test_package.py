# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""The package: docstrings, stubs, exported symbols, threads of use."""

import importlib
import inspect
import pathlib
import shutil
import subprocess
import sys

import pytest

import forge3d
from forge3d import _core

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = [
    "forge3d",
    "forge3d.memory",
    "forge3d._core",
    "forge3d._errors",
    "forge3d._budget",
    "forge3d._images",
    "forge3d.compressed",
    "forge3d.streaming",
]


def _public(module):
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    for name in names:
        member = getattr(module, name)
        if inspect.isclass(member) or callable(member):
            yield f"{module.__name__}.{name}", member
        if inspect.isclass(member) and (member.__module__ or "").startswith("forge3d"):
            for key, inner in vars(member).items():
                own = inspect.isroutine(inner) or isinstance(inner, property)
                if own and not key.startswith("_"):
                    yield f"{module.__name__}.{name}.{key}", inner


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name):
    module = importlib.import_module(name)
    assert module.__doc__
    missing = [path for path, member in _public(module) if not inspect.getdoc(member)]
    assert missing == []


def test_the_stub_agrees_with_the_module():
    pytest.importorskip("nanobind")
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        stub = importlib.import_module("make_stubs").stub()
    finally:
        sys.path.pop(0)
    checked_in = (ROOT / "python/forge3d/_core.pyi").read_text(encoding="ascii")
    assert stub == checked_in, "run scripts/build-python.sh stubs"


def test_the_extension_exports_nothing_but_its_entry():
    nm = shutil.which("nm")
    if nm is None:
        pytest.skip("nm is not there")
    listing = subprocess.run(
        [nm, "-D", "--defined-only", _core.__file__], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[-1] for line in listing.splitlines()] == ["PyInit__core"]


def test_all_names_are_there():
    for name in forge3d.__all__:
        assert getattr(forge3d, name) is not None
    assert (pathlib.Path(forge3d.__file__).parent / "py.typed").exists()
