#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Executes every code block of README.md and docs/*.md; a block that nobody executes is an error.

    check_docs.py run BUILD [--python INTERPRETER]   sh blocks against BUILD/bin, python blocks
    check_docs.py python INTERPRETER                 the python blocks alone
    check_docs.py package PREFIX                     cmake and glsl blocks and those with pkg-config, against an
                                                     installed tree
    check_docs.py extract FOLDER                     cpp and glsl blocks as sources for docs_tests

The blocks of a document share a folder and, below one heading, their variables. What they assume beyond that is in
tests/docs: STEM.cpp for cpp blocks, STEM.py for python blocks (its after_all() is called at the end), FILES below for
the files that blocks name.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Blocks that are not executed: (document, how the first line begins) and why. One without a block is an error, too.
NOT_RUN = {
    ("README.md", "./run "): "installs packages and builds; the continuous integration calls ./test",
    ("README.md", "cmake --preset release"): "a build of its own; scripts/check.sh builds each preset",
    ("README.md", "pip install"): "scripts/test-python.sh does so",
    ("docs/codecs.md", "forge3d bench codecs --images photos"): "minutes; tests/cli and tests/docs/codec_table_test.py run the two",
    ("docs/design.md", "cli   examples"): "a drawing",
    ("docs/python.md", "python3 -m venv"): "scripts/test-python.sh does so",
    ("docs/pools.md", "forge3d replay LOG.csv ["): "a synopsis; README.md and the block above run the command",
}
# What makes a block short enough for a test, and changes nothing of what it shows.
SHORTER = [("--frames 300", "--frames 24 --size 320x180")]


@dataclass
class Block:
    document: str  # relative to the repository
    line: int  # of its first line of code
    language: str
    heading: str
    text: str

    def place(self):
        return f"{self.document}:{self.line}"

    def matches(self, key):
        return self.document == key[0] and self.text.lstrip().startswith(key[1])


def read_blocks(root=ROOT):
    """All fenced blocks, in order."""
    blocks = []
    for path in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        document = path.relative_to(root).as_posix()
        heading, language, start, text = "", None, 0, []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            fence = re.match(r"\s*```(.*)$", line)
            if fence and language is None:
                language, start, text = fence[1].strip(), number + 1, []
            elif fence:
                blocks.append(Block(document, start, language, heading, "\n".join(text) + "\n"))
                language = None
            elif language is not None:
                text.append(line)
            elif line.startswith("#"):
                heading = line.lstrip("#").strip()
        if language is not None:
            raise SystemExit(f"{document}:{start}: the block does not end")
    return blocks


def stem(document):
    return pathlib.PurePosixPath(document).stem.lower().replace("-", "_")


def identifier(heading):
    return re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_") or "top"


def runner(block, root=ROOT):
    """Who executes a block; None: nobody."""
    if block.language == "cpp":
        return "docs_tests" if (root / "tests/docs" / (stem(block.document) + ".cpp")).exists() else None
    if block.language == "sh":
        return "package" if "pkg-config" in block.text else "run"
    return {"cmake": "package", "glsl": "package", "python": "run"}.get(block.language)


def excused(block):
    return any(block.matches(key) for key in NOT_RUN)


def lint(blocks, not_run, root=ROOT):
    """Blocks that nobody executes, and exceptions that are none any more."""
    errors = []
    for key in not_run:
        if not any(block.matches(key) for block in blocks):
            errors.append(f"scripts/check_docs.py: NOT_RUN names a block of {key[0]} that is not there: {key[1]}")
    for block in blocks:
        if runner(block, root) is None and not any(block.matches(key) for key in not_run):
            hint = (f"add tests/docs/{stem(block.document)}.cpp" if block.language == "cpp" else
                    "cpp, glsl, sh, cmake and python are executed")
            errors.append(f"{block.place()}: nobody executes this block of \"{block.language}\": {hint}")
    return errors


# --- cpp and glsl ---------------------------------------------------------------------------------------------------

def is_declaration(code):
    """True for what stands outside of functions."""
    lines = [line for line in code.splitlines() if line.strip() and not re.match(r"\s*(//|#|using namespace)", line)]
    if not lines:
        return True
    if re.match(r"(class|struct|enum|template|namespace)\b", lines[0]):
        return True
    words = r"(?!for\b|if\b|while\b|switch\b|return\b)[\w:<>,&*\s\[\]]+"
    return re.match(words + r"\s[\w:]+\([^=;]*(\{.*)?$", lines[0]) is not None and "{" in code and \
        not lines[0].startswith("FORGE3D_")


def cpp_source(document, blocks, surroundings):
    """One header for tests/docs/STEM.cpp: the declarations, and a function for each heading."""
    includes, sections = [], {}
    for block in blocks:
        code = []
        for line in block.text.splitlines():
            if line.startswith("#include") or line.startswith("using namespace"):
                if line.startswith("#include"):
                    includes.append(line)
                line = ""
            code.append(line)
        sections.setdefault(identifier(block.heading), []).append((block, "\n".join(code)))
    for hook in re.findall(r"\bafter_(\w+)\(", surroundings):
        if hook not in sections:
            raise SystemExit(f"tests/docs/{stem(document)}.cpp: after_{hook}, but no heading of that name has cpp blocks")
    out = [f"// Made by scripts/check_docs.py from {document}.", "// clang-format off", *includes,
           *(f'#pragma GCC diagnostic ignored "-W{warning}"' for warning in
             ("shadow", "unused-variable", "unused-but-set-variable", "unused-function")),
           f"namespace forge3d::docs::{stem(document)} {{", "namespace {"]
    for name, parts in sections.items():
        for block, code in parts:
            if is_declaration(code):
                out += [f'#line {block.line} "{document}"', code]
        out += [f"struct Section_{name} : Surroundings {{", "Result<> run() {"]
        for block, code in parts:
            if not is_declaration(code):
                out += [f'#line {block.line} "{document}"', code]
        if re.search(rf"\bafter_{name}\(", surroundings):
            out.append(f"FORGE3D_TRY(this->after_{name}());")
        out += ["return {};", "}", "};",
                f'static const bool ran_{name} = add_section<Section_{name}>("{document}", "{name}");']
    return "\n".join([*out, "}", "}", ""])


def write_if_changed(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def extract(folder):
    folder.mkdir(parents=True, exist_ok=True)
    blocks = read_blocks()
    by_document = {}
    for block in blocks:
        if block.language == "cpp" and runner(block):
            by_document.setdefault(block.document, []).append(block)
        if block.language == "glsl":
            write_if_changed(folder / f"{stem(block.document)}_{identifier(block.heading)}.comp", block.text)
    for document, of_document in by_document.items():
        surroundings = (ROOT / "tests/docs" / (stem(document) + ".cpp")).read_text(encoding="utf-8")
        write_if_changed(folder / f"{stem(document)}_blocks.hpp", cpp_source(document, of_document, surroundings))


# --- sh, python -----------------------------------------------------------------------------------------------------

def picture(path, width, height):
    """A PNG, whatever the name: readers go by content. Waves and a little grain."""
    state, rows = 1, bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            state = (state * 1664525 + 1013904223) % (1 << 32)
            rows += bytes(((x * 5 ^ y * 3) & 255, (x + y) * 255 // (width + height), 96 + (state >> 29)))
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + chunk(b"IEND", b""))


def pool_log(path):
    with open(path, "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, ROOT / "scripts/make_pool_log.py", "--bytes", str(16 << 20), "--high",
                        str(1 << 20), "--requests", "800"], check=True, stdout=out)


# The files that blocks name, and how they are made.
def tiff_picture(path, width, height):
    """A TIFF of one uncompressed strip of RGB (TIFF 6.0, section 6)."""
    texels = bytes((x * 3 ^ y * 5) >> shift & 255 for y in range(height) for x in range(width) for shift in (0, 1, 2))
    short, long = 3, 4
    entries = [(256, long, 1, width), (257, long, 1, height), (258, short, 3, 8 + len(texels)), (259, short, 1, 1), (262, short, 1, 2),
               (273, long, 1, 8), (277, short, 1, 3), (278, long, 1, height), (279, long, 1, len(texels))]
    depths = struct.pack("<3H", 8, 8, 8)
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + len(texels) + len(depths)) + texels + depths + directory)


FILES = {
    "photo.png": lambda path: picture(path, 300, 200),
    "earth.jpg": lambda path: picture(path, 1024, 512),
    "photo.tif": lambda path: tiff_picture(path, 320, 200),
    "log.csv": pool_log,
}


def make_place(folder, blocks):
    """A folder in which the blocks of one document find what they name."""
    text = "".join(block.text for block in blocks)
    for name, make in FILES.items():
        if name in text:
            make(folder / name)
    (folder / "scripts").symlink_to(ROOT / "scripts")
    (folder / "docs").mkdir()


def run_sh(block, folder, environment):
    text = block.text
    for long, short in SHORTER:
        text = text.replace(long, short)
    ran = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "" if ran.returncode == 0 else f"{block.place()}: exit code {ran.returncode}\n{ran.stdout}"


# What the interpreter is given: all blocks of a document in one namespace, after the document's surroundings.
PYTHON_MAIN = """
import json, sys
names = {"__name__": "__main__"}
for place, line, text in json.load(sys.stdin):
    exec(compile("\\n" * (line - 1) + text, place, "exec"), names)
names.get("after_all", int)()
"""


def run_python(blocks, folder, interpreter, root=ROOT):
    document = blocks[0].document
    parts = [(block.document, block.line, block.text) for block in blocks]
    surroundings = root / "tests/docs" / (stem(document) + ".py")
    if surroundings.exists():
        parts.insert(0, (str(surroundings), 1, surroundings.read_text(encoding="utf-8")))
    ran = subprocess.run([interpreter, "-c", PYTHON_MAIN], cwd=folder, text=True, input=json.dumps(parts),
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "" if ran.returncode == 0 else f"{document}: python blocks: exit code {ran.returncode}\n{ran.stdout}"


def run(build, interpreter):
    """sh and python blocks; without a build the latter alone."""
    blocks = [block for block in read_blocks() if not excused(block)]
    errors, counts = [], {}
    tools = f"{build.resolve() / 'bin'}{os.pathsep}" if build else ""
    environment = dict(os.environ, PATH=tools + os.environ["PATH"])
    for document in dict.fromkeys(block.document for block in blocks):
        of_document = [block for block in blocks if block.document == document and runner(block) == "run"]
        shell = [block for block in of_document if block.language == "sh" and build]
        python = [block for block in of_document if block.language == "python"]
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_place(folder, of_document)
            for block in shell:
                errors.append(run_sh(block, folder, environment))
            if python and interpreter:
                errors.append(run_python(python, folder, interpreter))
        counts["sh"] = counts.get("sh", 0) + len(shell)
        counts["python"] = counts.get("python", 0) + len(python)
    if counts.get("python") and not interpreter:
        print(f"docs: {counts['python']} python blocks skipped: no interpreter with forge3d was named")
        counts["python"] = 0
    print("docs: " + ", ".join(f"{count} {language} blocks ran" for language, count in counts.items() if count))
    return [error for error in errors if error]


# --- the installed tree ---------------------------------------------------------------------------------------------

def configure(block, folder, prefix):
    """A project that is the block; its target is `engine`."""
    shutil.copy(ROOT / "tests/package/transfers.cpp", folder / "engine.cpp")
    own = "" if "add_executable" in block.text else "add_executable(engine engine.cpp)\n"
    project = "" if "project(" in block.text else "cmake_minimum_required(VERSION 3.25)\nproject(block LANGUAGES CXX)\n"
    (folder / "CMakeLists.txt").write_text(project + own + block.text, encoding="utf-8")
    script = f"cmake -S . -B b -G Ninja -DCMAKE_PREFIX_PATH='{prefix}' && cmake --build b && ./b/engine"
    return run_sh(Block(block.document, block.line, "sh", block.heading, script), folder, dict(os.environ))


def package(prefix):
    prefix, errors, count = prefix.resolve(), [], 0
    found = sorted({path.parent for path in prefix.rglob("forge3d.pc")})
    for block in read_blocks():
        if excused(block) or runner(block) != "package":
            continue
        count += 1
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            if block.language == "glsl":
                (folder / "block.comp").write_text(block.text, encoding="utf-8")
                script = f"glslc --target-env=vulkan1.2 -Werror -I '{prefix}/include/forge3d' -o /dev/null block.comp"
                errors.append(run_sh(Block(block.document, block.line, "sh", "", script), folder, dict(os.environ)))
                continue
            if block.language == "cmake":
                errors.append(configure(block, folder, prefix))
                continue
            shutil.copy(ROOT / "tests/package/transfers.cpp", folder / "engine.cpp")
            # The prefix was chosen at installation.
            tool = folder / "pkg-config"
            tool.write_text(f'#!/bin/sh\nexec {shutil.which("pkg-config")} --define-variable=prefix="{prefix}" "$@"\n')
            tool.chmod(0o755)
            environment = dict(os.environ, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}",
                               PKG_CONFIG_PATH=os.pathsep.join(map(str, found)))
            errors.append(run_sh(block, folder, environment))
    print(f"docs: {count} blocks ran against the installed tree")
    return [error for error in errors if error]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run")
    command.add_argument("build", type=pathlib.Path)
    command.add_argument("--python", default="", help="an interpreter that has forge3d; empty: blocks are skipped")
    commands.add_parser("python").add_argument("interpreter")
    commands.add_parser("package").add_argument("prefix", type=pathlib.Path)
    command = commands.add_parser("extract")
    command.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    errors = lint(read_blocks(), NOT_RUN)
    if args.command == "extract":
        extract(args.folder)
        return 0
    if args.command == "run":
        errors += run(args.build, args.python)
    elif args.command == "python":
        errors += run(None, args.interpreter)
    else:
        errors += package(args.prefix)
    print("\n".join(errors), end="\n" if errors else "", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
