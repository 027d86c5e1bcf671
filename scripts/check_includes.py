# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Fails on an include that points up or across the rooms of docs/design.md."""

import pathlib
import re
import sys

# Each room and the rooms whose headers it may include.
BELOW = {
    "core": set(),
    "texture": {"core"},
    "tiles": {"core", "texture"},
    "gpu": {"core"},
    "memory": {"core", "gpu"},
    "streaming": {"core", "texture", "tiles", "gpu", "memory"},
    "view": {"core", "texture", "tiles", "gpu", "memory", "streaming"},
    "system": {"core", "texture", "tiles", "gpu", "memory", "streaming", "view"},
}
# The room of each public header.
PUBLIC = {
    "result": "core", "log": "core", "budget": "core", "timeline": "core", "staging_tuning": "core", "format": "core",
    "byte_source": "core", "offset_allocator": "core", "placement": "core", "move_planner": "core",
    "image": "texture", "mip": "texture", "metrics": "texture", "codec": "texture", "ktx2": "texture", "ktx2_image": "texture",
    "basis": "texture", "uastc": "texture", "ktx2_metadata": "texture",
    "compress": "texture", "tile_source": "tiles", "tile_sources": "tiles", "pmtiles": "tiles", "tiler": "tiles",
    "device": "gpu", "resources": "gpu", "staging_ring": "memory", "memory_pool": "memory",
    "memory_system": "system", "report": "system",
    "streaming_simulation": "streaming", "virtual_texture": "streaming", "feedback": "streaming",
    "texture_loader": "streaming", "camera": "view", "map_view": "view",
}
OUTSIDE = ("cli", "bench", "examples", "viewer", "python", "fuzz")
# They take KTX2 files apart field by field.
INSIDERS = {"fuzz/ktx2_mutator.cpp", "fuzz/ktx2_parts.cpp", "fuzz/ktx2_parts.hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def room_of(path):
    """The room that an include path such as "core/lru.hpp" or "forge3d/image.hpp" belongs to."""
    first, _, rest = path.partition("/")
    if first == "forge3d":
        return PUBLIC.get(rest.removesuffix(".hpp"))
    return first if first in BELOW else None


def check(file, own, errors):
    text = file.read_text(encoding="utf-8")
    if own in ("core", "texture", "tiles") and re.search(r"#\s*include\s*[<\"](vulkan/|volk\.h)", text):
        errors.append(f"{file}: {own} must know no Vulkan")
    for include in INCLUDE.findall(text):
        target = room_of(include)
        if include.startswith("forge3d/") and target is None:
            errors.append(f"{file}: {include} is in no room: add it to scripts/check_includes.py")
        elif target is not None and target != own and target not in BELOW[own]:
            errors.append(f"{file}: {own} must not include {include} ({target})")


def main():
    errors = []
    for room in BELOW:
        for file in sorted(pathlib.Path("src", room).rglob("*.[ch]pp")):
            check(file, room, errors)
    for file in sorted(pathlib.Path("include/forge3d").glob("*.hpp")):
        own = PUBLIC.get(file.stem)
        if own is None:
            errors.append(f"{file}: in no room: add it to scripts/check_includes.py")
        else:
            check(file, own, errors)
    for folder in OUTSIDE:
        for file in sorted(pathlib.Path(folder).rglob("*.[ch]pp")):
            if file.as_posix() in INSIDERS:
                continue
            for include in INCLUDE.findall(file.read_text(encoding="utf-8")):
                if include.split("/")[0] in BELOW and pathlib.Path("src", include).exists():
                    errors.append(f"{file}: only public headers here, not {include}")
    print("\n".join(errors), end="\n" if errors else "", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
