#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of docs/codecs.md from what `forge3d bench codecs --json` found.

    codec_table.py CODECS.json DOCUMENT      replaces what stands between the markers of the document

A table NAME stands between the lines <!-- codec_table: NAME --> and <!-- end of codec_table -->. Cases that the run did
not have are shown as "-", cases with names that begin with "peer_" are other people's codecs in the same run. Figures
that others published are in the tables below: they come from other machines.
"""
import argparse
import json
import pathlib
import re
import sys

QUALITIES = ("fast", "normal", "high")

# name, prefix of the cases, goal (fast / normal / high), what others published, (their name here, case) in the same run.
ENCODERS = (
    ("BC1", "bc1", "350@36.05 / 40@36.40 / 6@36.55",
     "etcpak 1069@33.77; ISPC 343@35.80; basisu spmd 87@36.05; icbc5 8.9@36.43; icbc8 3.0@36.52; "
     "squish cluster 0.51@36.52",
     (("squish range", "peer_squish_bc1_range"), ("squish cluster", "peer_squish_bc1_cluster"))),
    ("BC3", "bc3", "250@36.05 / 35@36.40 / 5@36.55",
     "etcpak 1267@33.77; ISPC 294@35.80; basisu 98@36.05; rgbcx18 0.51@36.50",
     (("squish range", "peer_squish_bc3_range"),)),
    ("BC4", "bc4", "450@44.0 / 100@44.3 / 20@44.68", "basisu 442@43.28, hq 149@44.03; rgbcx hq 1.6@44.68", ()),
    ("BC5", "bc5", "225@44.0 / 50@44.3 / 10@44.68",
     "etcpak 830@40.33; basisu 196@43.30, hq 86@44.04; rgbcx hq 0.77@44.68", ()),
    ("BC6H", "bc6h", "60@63.5 / 20@64.5 / 8@64.9", "ISPC veryfast 56@62.96, fast 6.8@64.55, basic 2.6@64.86", ()),
    ("BC7", "bc7", "80@43.7 / 10@45.1 / 1@45.7",
     "bc7f fast 35@42.93, default 21@43.74, partial 13.5@44.06; ISPC veryfast 2.9@45.01, fast 1.8@45.17, "
     "basic 0.68@45.40; CVTT 0.14@45.61; bc7e_scalar 0.08@45.90", ()),
    ("ETC2 RGB", "etc2_rgb", "150@35.84 / 20 (+0.8 dB) / 2 (+1.6 dB)",
     "etcpak 147@35.84; CVTT 0.32 (+1.6 dB); etc2comp 0.07 (+1.5 dB)", ()),
    ("ETC2 RGBA", "etc2_rgba", "150@35.84 / 20 (+0.8 dB) / 2 (+1.6 dB)", "etcpak 159@35.84", ()),
    ("EAC R11", "eac_r11", "-", "-", ()),
    ("EAC RG11", "eac_rg11", "100@43.9", "etcpak 93@43.43", ()),
    ("UASTC", "uastc_encode", "3@43.6", "basisu L0 3.1@42.07, L1 0.52@43.48, L2 0.15@43.64", ()),
    ("ASTC 4x4", "astc_4x4", "15@43.7", "astcenc 4.0@43.69, 0.54@44.75",
     tuple((f"astcenc {preset}", f"peer_astcenc_astc_4x4_{preset}") for preset in ("fast", "medium", "thorough"))),
    ("ASTC 6x6", "astc_6x6", "10@37.4", "astcenc 4.5@37.32",
     tuple((f"astcenc {preset}", f"peer_astcenc_astc_6x6_{preset}") for preset in ("fast", "medium", "thorough"))),
)

# name, case, goal, what others published, case of a peer in the same run.
DECODERS = (
    ("BC1", "decode_bc1", "1575", "bcdec 1050", "peer_squish_decode_bc1"),
    ("BC2", "decode_bc2", "-", "-", None),
    ("BC3", "decode_bc3", "840", "bcdec 560", "peer_squish_decode_bc3"),
    ("BC4", "decode_bc4", "-", "-", None),
    ("BC5", "decode_bc5", "510", "bcdec 340", None),
    ("BC6H", "decode_bc6h", "250", "bcdec 110", None),
    ("BC7", "decode_bc7", "300", "bcdec 85-110, basisu up to 190", None),
    ("ETC2 RGB", "decode_etc2_rgb", "525", "etcpak 350", None),
    ("ETC2 RGBA", "decode_etc2_rgba", "-", "-", None),
    ("EAC R11", "decode_eac_r11", "-", "-", None),
    ("EAC RG11", "decode_eac_rg11", "310", "etcpak 207", None),
    ("ASTC 4x4", "decode_astc_4x4", "-", "-", "peer_astcenc_decode_astc_4x4"),
    ("ASTC 6x6", "decode_astc_6x6", "-", "-", "peer_astcenc_decode_astc_6x6"),
    ("UASTC to BC7", "uastc_to_bc7", "200", "basisu 72-75", None),
    ("UASTC to BC1", "uastc_to_bc1", "-", "basisu 55", None),
    ("ETC1S to BC7", "etc1s_to_bc7", "150", "basisu 48", None),
    ("ETC1S to BC1", "etc1s_to_bc1", "-", "basisu 243", None),
    ("ETC1S to ETC1", "etc1s_to_etc1", "-", "basisu 406", None),
)

TARGETS = (("BC7", "_bc7"), ("BC1", "_bc1"), ("ETC2 RGB", "_etc2_rgb"))


def speed(value):
    """Three significant digits at most, no digits of noise."""
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def point(cases, name):
    """Speed and quality of an encoder: 104@44.66."""
    pixels, quality = cases.get(f"{name}_mpixps"), cases.get(f"{name}_psnr_db")
    return "-" if pixels is None or quality is None else f"{speed(pixels)}@{quality:.2f}"


def rows(header, lines):
    rule = "|" + "---|" * len(header)
    return "\n".join(["| " + " | ".join(header) + " |", rule, *("| " + " | ".join(line) + " |" for line in lines)])


def encode_table(cases):
    lines = []
    for name, prefix, goal, published, peers in ENCODERS:
        points = [point(cases, f"{prefix}_{quality}") for quality in QUALITIES]
        here = [f"{peer} {point(cases, case)}" for peer, case in peers if point(cases, case) != "-"]
        lines.append([name, *points, goal, published, "; ".join(here) or "-"])
    return rows(["format", *QUALITIES, "goal", "published by others", "others in the same run"], lines)


def decode_table(cases):
    def shown(name):
        value = cases.get(f"{name}_mpixps")
        return "-" if value is None else speed(value)

    lines = [[name, shown(case), goal, published, shown(peer)] for name, case, goal, published, peer in DECODERS]
    return rows(["format", "MPix/s", "goal", "published by others", "squish, astcenc in the same run"], lines)


def target_table(cases):
    lines = []
    for name, suffix in TARGETS:
        pictures = cases.get(f"target_psnr_40_images{suffix}")
        overshoot = cases.get(f"target_psnr_40_overshoot_db{suffix}")
        cost = cases.get(f"target_psnr_40_cost_ratio{suffix}")
        lines.append([name, "-" if pictures is None else f"{pictures:.0f}",
                      "-" if overshoot is None else f"{overshoot:.3f} dB", "-" if cost is None else f"{cost:.2f}"])
    return rows(["format", "pictures on which it reaches 40 dB", "worst overshoot", "worst cost ratio"], lines)


TABLES = {"encode": encode_table, "decode": decode_table, "target": target_table}


def fill(document, cases):
    """The document with its tables made anew. A marker of an unknown table, or a table without a marker, is an error."""
    found = []

    def replace(match):
        found.append(match[1])
        if match[1] not in TABLES:
            raise SystemExit(f"codec_table.py: no table of the name {match[1]}")
        return f"<!-- codec_table: {match[1]} -->\n{TABLES[match[1]](cases)}\n<!-- end of codec_table -->"

    text = re.sub(r"<!-- codec_table: (\w+) -->\n.*?<!-- end of codec_table -->", replace, document, flags=re.S)
    missing = [name for name in TABLES if name not in found]
    if missing:
        raise SystemExit(f"codec_table.py: the document has no place for {', '.join(missing)}")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=pathlib.Path)
    parser.add_argument("document", type=pathlib.Path)
    args = parser.parse_args()
    report = json.loads(args.cases.read_text(encoding="utf-8"))
    cases = {case["name"]: case["value"] for case in report["cases"]}
    text = fill(args.document.read_text(encoding="utf-8"), cases)
    args.document.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
