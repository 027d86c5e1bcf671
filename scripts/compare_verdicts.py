# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Compares `forge3d validate` with the verdicts that a manifest records of another validator.

usage: compare_verdicts.py TOOL FOLDER... where each FOLDER holds MANIFEST.tsv with the columns file, ktx_validate_exit,
ktx_validate_ids and ktx_validate_gltf_ids. Prints each file that differs; fails when a verdict does.
"""

import csv
import json
import pathlib
import subprocess
import sys

# What another library still loads or does not support yet is no rule of the format.
IGNORED = {"W5003", "W5004"}


def own_ids(tool, file, options):
    run = subprocess.run([tool, "validate", str(file), "--json", *options], capture_output=True, text=True)
    findings = json.loads(run.stdout)["findings"]
    return {finding["severity"][0].upper() + str(finding["id"]) for finding in findings}


def is_valid(ids):
    return all(i.startswith("W") for i in ids)


def main(tool, *folders):
    files = wrong_verdicts = wrong_ids = 0
    for folder in map(pathlib.Path, folders):
        with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as manifest:
            lines = list(csv.DictReader(manifest, delimiter="\t"))
        for line in lines:
            checks = [((), line["ktx_validate_ids"])]
            if line["ktx_validate_gltf_ids"] != "-":
                checks.append((("--gltf-basisu",), line["ktx_validate_gltf_ids"]))
            for options, recorded in checks:
                theirs = set(recorded.split(",")) - IGNORED - {"-"}
                own = own_ids(tool, folder / line["file"], options)
                files += 1
                wrong_verdicts += is_valid(own) != is_valid(theirs)
                wrong_ids += own != theirs
                if own != theirs:
                    print(line["file"], *options, "own:", *sorted(own), "recorded:", *sorted(theirs))
    print(f"{files} verdicts, {wrong_verdicts} differ; the ids of {wrong_ids} differ")
    return 1 if wrong_verdicts else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
