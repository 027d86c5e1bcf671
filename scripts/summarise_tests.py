# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Adds up what the checks left in a folder and prints "N passed, N failed, N skipped"."""

import json
import pathlib
import sys
import xml.etree.ElementTree


def junit_cases(file):
    """Name and outcome of each case that pytest left."""
    for case in xml.etree.ElementTree.parse(file).iter("testcase"):
        outcome = "passed"
        if case.find("failure") is not None or case.find("error") is not None:
            outcome = "failed"
        elif case.find("skipped") is not None:
            outcome = "skipped"
        yield f"{case.get('classname')}.{case.get('name')}", outcome


def main(folder):
    passed = failed = skipped = 0
    skips = set()
    for file in sorted(pathlib.Path(folder).rglob("*.xml")):
        for name, outcome in junit_cases(file):
            passed += outcome == "passed"
            failed += outcome == "failed"
            skipped += outcome == "skipped"
            if outcome == "failed":
                print(f"FAILED: {name}")
            if outcome == "skipped":
                skips.add(name)
    for file in sorted(pathlib.Path(folder).rglob("*.json")):
        result = json.loads(file.read_text(encoding="utf-8"))
        if "step" in result:
            passed += result["outcome"] == "passed"
            failed += result["outcome"] != "passed"
            continue
        for suite in result["testsuites"]:
            for case in suite["testsuite"]:
                if case.get("failures"):
                    failed += 1
                    print(f"FAILED: {file.parent.name} {suite['name']}.{case['name']}")
                elif case.get("result") == "SKIPPED":
                    skipped += 1
                    skips.add(f"{suite['name']}.{case['name']}")
                else:
                    passed += 1
    for name in sorted(skips):
        print(f"skipped: {name}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
