# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Fails on a function above 100 lines or a file above 1000; prints the distribution of function lengths."""

import json
import subprocess
import sys

FOLDERS = ("src", "include", "cli", "bench", "examples", "viewer", "python", "fuzz")


def main():
    files = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp"], check=True, capture_output=True, text=True).stdout.split()
    files = [f for f in files if f.split("/")[0] in FOLDERS]
    errors = []
    for file in files:
        with open(file, encoding="utf-8") as opened:
            count = sum(1 for _ in opened)
        if count > 1000:
            errors.append(f"{file}: {count} lines")
    tags = subprocess.run(
        ["ctags", "--output-format=json", "--c++-kinds=f", "--fields=+ne", "-f", "-", "-L", "-"],
        input="\n".join(files), check=True, capture_output=True, text=True).stdout
    lengths = []
    for line in tags.splitlines():
        tag = json.loads(line)
        if "end" not in tag:
            continue
        length = tag["end"] - tag["line"] + 1
        lengths.append(length)
        if length > 100:
            errors.append(f"{tag['path']}:{tag['line']}: {tag['name']} has {length} lines")
    lengths.sort()
    if lengths:
        at = lambda share: lengths[min(len(lengths) - 1, int(share * len(lengths)))]
        print(f"{len(lengths)} functions: median {at(0.5)}, p90 {at(0.9)}, p99 {at(0.99)}, longest {lengths[-1]} lines")
    print("\n".join(errors), end="\n" if errors else "", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
