# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""The memory management page: each of its snippets runs, in order, and its figures are measured."""

import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples/specification.py"
PAGE = (
    pathlib.Path(os.environ.get("FORGE3D_SHARED", ROOT.parent / "shared"))
    / "spec/memory-management.rst"
)
needs_page = pytest.mark.skipif(
    not PAGE.exists(), reason=f"no {PAGE}: set FORGE3D_SHARED to the shared data"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the files of the page are made once."""
    return tmp_path_factory.mktemp("specification")


def snippets():
    """(line, code) of each block of the page below a bold title that ends in two colons."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = []
    for number, line in enumerate(lines):
        if not re.fullmatch(r"\*\*.+\*\*::", line):
            continue
        block = []
        for following in lines[number + 1 :]:
            if following and not following.startswith("    "):
                break
            block.append(following)
        found.append((number + 2, textwrap.dedent("\n".join(block)).rstrip() + "\n"))
    return found


def run(code, *arguments):
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT / "examples")}
    done = subprocess.run(
        [sys.executable, *code, *map(str, arguments)],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def figure(pattern, text):
    found = re.search(pattern, text)
    assert found, f"no {pattern} in\n{text}"
    return float(found[1])


def test_the_script_prints_measured_figures(folder):
    text = run([SCRIPT], folder)
    assert "Memory systems initialized successfully" in text
    assert 64 <= figure(r"Total memory allocated: ([\d.]+) MB", text) <= 512
    assert "Upload completed" in text
    assert figure(r"Allocated block \d+ of size (\d+)", text) >= 1024
    assert 3.9 < figure(r"Texture loaded with ([\d.]+):1 compression", text) < 8.1
    assert figure(r"Loaded ([\d.]+) tiles, 0 missing", text) > 10
    assert figure(r"Compressed textures: ([\d.]+) MB saved", text) > 0.5
    assert 0 < figure(r"Virtual textures: ([\d.]+)% cache hit rate", text) < 100
    assert figure(r"Upload bandwidth: ([\d.]+) MB/s", text) > 1
    assert figure(r"Allocation latency: ([\d.]+) \u03bcs", text) > 0
    assert figure(r"Texture decode time: ([\d.]+) ms", text) >= 0
    assert figure(r"Streaming update time: ([\d.]+) ms", text) >= 0
    assert figure(r"Decoding took ([\d.]+) us", text) > 0
    assert figure(r"an update ([\d.]+) us", text) > 0
    assert figure(r"Defragmentation completed: (\d+) blocks moved", text) > 100
    assert figure(r"Prefetched (\d+) tiles", text) > 10
    assert 100 < figure(r"Held at most ([\d.]+) of 512 MiB", text) <= 512
    assert figure(r"Held at the end: (\d+) bytes", text) == 0
    assert (folder / "specification.html").stat().st_size > 1000
    assert (folder / "specification.png").stat().st_size > 10_000


@needs_page
def test_the_script_holds_the_page():
    script = SCRIPT.read_text(encoding="ascii").replace(r"\N{GREEK SMALL LETTER MU}", "\u03bc")
    at = 0
    for line, code in snippets():
        found = script.find(code, at)
        assert found >= 0, f"{PAGE.name}:{line} does not stand in the script after those before"
        at = found + len(code)


RUN_PAGE = """
import json, sys
from specification_setup import *
make_files(pathlib.Path(sys.argv[1]))
for line, code in json.load(open(sys.argv[2], encoding="utf-8")):
    exec(compile("\\n" * (line - 1) + code, "memory-management.rst", "exec"))
"""


@needs_page
def test_the_page_itself_runs_from_top_to_bottom(folder, tmp_path):
    found = snippets()
    assert len(found) == 10
    (tmp_path / "page.json").write_text(json.dumps(found), encoding="utf-8")
    text = run(["-c", RUN_PAGE], folder, tmp_path / "page.json")
    assert "Memory systems initialized successfully" in text
    assert figure(r"Upload bandwidth: ([\d.]+) MB/s", text) > 0
    assert figure(r"Allocation latency: ([\d.]+) \u03bcs", text) > 0
    assert figure(r"Streaming update time: ([\d.]+) ms", text) >= 0
