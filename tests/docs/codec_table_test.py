# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""scripts/codec_table.py: what it makes of cases, and that docs/codecs.md has a place for every table."""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
import codec_table  # noqa: E402

CASES = {"bc1_fast_mpixps": 343.2, "bc1_fast_psnr_db": 36.1161, "bc1_high_mpixps": 18.24, "bc1_high_psnr_db": 36.562,
         "peer_squish_bc1_cluster_mpixps": 1.376, "peer_squish_bc1_cluster_psnr_db": 36.499, "decode_bc7_mpixps": 909.4,
         "target_psnr_40_images_bc7": 12, "target_psnr_40_overshoot_db_bc7": 0.0443,
         "target_psnr_40_cost_ratio_bc7": 1.101, "target_psnr_40_images_bc1": 0}


def row(table, name):
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


class CodecTable(unittest.TestCase):
    def test_encoders_are_points_of_speed_and_quality(self):
        cells = row(codec_table.encode_table(CASES), "BC1")
        self.assertEqual(cells[1:4], ["343@36.12", "-", "18.2@36.56"])
        self.assertEqual(cells[6], "squish cluster 1.38@36.50")

    def test_what_was_not_measured_is_a_dash(self):
        self.assertEqual(row(codec_table.encode_table(CASES), "BC7")[1:4], ["-", "-", "-"])
        self.assertEqual(row(codec_table.decode_table(CASES), "BC1")[1], "-")
        self.assertEqual(row(codec_table.decode_table(CASES), "BC7")[1], "909")

    def test_targets(self):
        table = codec_table.target_table(CASES)
        self.assertEqual(row(table, "BC7"), ["BC7", "12", "0.044 dB", "1.10"])
        self.assertEqual(row(table, "BC1"), ["BC1", "0", "-", "-"])

    def test_only_what_is_between_markers_changes(self):
        page = "".join(f"before {name}\n<!-- codec_table: {name} -->\nold\n<!-- end of codec_table -->\nafter\n"
                       for name in codec_table.TABLES)
        text = codec_table.fill(page, CASES)
        self.assertNotIn("old", text)
        self.assertEqual(text.count("before "), len(codec_table.TABLES))
        self.assertEqual(codec_table.fill(text, CASES), text)

    def test_a_document_without_a_place_is_refused(self):
        with self.assertRaises(SystemExit):
            codec_table.fill("# Nothing\n", CASES)

    def test_the_document_has_every_place(self):
        codec_table.fill((ROOT / "docs/codecs.md").read_text(encoding="utf-8"), CASES)


if __name__ == "__main__":
    unittest.main()
