# SPDX-FileCopyrightText: 2026 The forge3d authors
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_docs.py on small documents: what it must find wrong, and what it makes of blocks."""
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
sys.dont_write_bytecode = True
import check_docs  # noqa: E402


class CheckDocs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        (self.root / "docs").mkdir()
        (self.root / "tests/docs").mkdir(parents=True)
        self.write("README.md", "# Nothing\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        (self.root / name).write_text(text, encoding="utf-8")

    def blocks(self, text):
        self.write("docs/page.md", text)
        return check_docs.read_blocks(self.root)

    def lint(self, text, not_run=()):
        return check_docs.lint(self.blocks(text), dict(not_run), self.root)

    def run_sh(self, script):
        block = check_docs.Block("docs/page.md", 7, "sh", "", script)
        return check_docs.run_sh(block, self.root, dict(os.environ))

    def test_blocks_know_where_they_are(self):
        blocks = self.blocks("# A\n\n```sh\ntrue\n```\n## B b\n\n```cpp\nint x;\n```\n")
        self.assertEqual([(b.line, b.language, b.heading, b.text) for b in blocks],
                         [(4, "sh", "A", "true\n"), (9, "cpp", "B b", "int x;\n")])

    def test_a_comment_in_a_block_is_no_heading(self):
        self.assertEqual(self.blocks("# A\n```sh\n# no heading\n```\n```sh\ntrue\n```\n")[1].heading, "A")

    def test_a_block_without_an_end(self):
        with self.assertRaises(SystemExit):
            self.blocks("```sh\ntrue\n")

    def test_a_block_that_nobody_runs_is_an_error(self):
        for language in ("", "text", "rust", "c++"):
            self.assertEqual(len(self.lint(f"```{language}\nx\n```\n")), 1, language)
        for language in ("sh", "cmake", "python"):
            self.assertEqual(self.lint(f"```{language}\nx\n```\n"), [], language)

    def test_cpp_needs_surroundings(self):
        self.assertIn("tests/docs/page.cpp", self.lint("```cpp\nint x;\n```\n")[0])
        self.write("tests/docs/page.cpp", "")
        self.assertEqual(self.lint("```cpp\nint x;\n```\n"), [])

    def test_an_exception_that_is_none_any_more_is_an_error(self):
        exception = {("docs/page.md", "rm "): "dangerous"}
        self.assertEqual(self.lint("```text\nrm -r /\n```\n", exception), [])
        self.assertEqual(len(self.lint("```sh\nls\n```\n", exception)), 1)

    def test_sh_fails_on_any_line_and_names_the_place(self):
        self.assertEqual(self.run_sh("true\ntrue\n"), "")
        self.assertIn("docs/page.md:7: exit code", self.run_sh("false\ntrue\n"))
        self.assertIn("docs/page.md:7: exit code", self.run_sh("false | true\n"))
        self.assertIn("docs/page.md:7: exit code", self.run_sh("no_such_command_here\n"))

    def test_python_blocks_share_names_and_errors_name_the_line(self):
        good = self.blocks("```python\nx = 1\n```\n\n```python\nassert x == 1\n```\n")
        self.assertEqual(check_docs.run_python(good, self.root, sys.executable), "")
        bad = self.blocks("```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n")
        self.assertIn('"docs/page.md", line 6', check_docs.run_python(bad, self.root, sys.executable))

    def test_python_blocks_run_between_surroundings_and_after_all(self):
        good = self.blocks("```python\nx += 1\n```\n")
        self.write("tests/docs/page.py", "x = 1\ndef after_all():\n    assert x == 2, x\n")
        self.assertEqual(check_docs.run_python(good, self.root, sys.executable, self.root), "")
        twice = self.blocks("```python\nx += 1\n```\n```python\nx += 1\n```\n")
        self.assertIn("AssertionError: 3", check_docs.run_python(twice, self.root, sys.executable, self.root))

    def test_declarations_are_told_from_statements(self):
        for code in ("class A : public B {\n};", "struct A {\n};", "int main() {\n}", "#include <x>\n",
                     "Result<Image> look(const char* archive, const Camera& camera) {\n}",
                     "// words\n\nvoid f(int a,\n       int b) {\n}"):
            self.assertTrue(check_docs.is_declaration(code), code)
        for code in ("f(x);", "int x = f(1);", "for (int i = 0; i < 3; ++i) {\n}", "if (a) {\n}", "std::vector<int> x;",
                     "FORGE3D_TRY_ASSIGN(auto x, f({\n}));", "const T view{.a = b};", "x->f(y);\nclass A {};",
                     "FORGE3D_TRY(f([] {\n}));"):
            self.assertFalse(check_docs.is_declaration(code), code)

    def test_cpp_blocks_below_a_heading_are_one_function(self):
        blocks = self.blocks("## One two\n```cpp\n#include <a>\nint x = 1;\n```\n```cpp\nf(x);\n```\n## Three\n```cpp\n"
                             "void g() {\n}\n```\n")
        source = check_docs.cpp_source("docs/page.md", blocks, "Result<> after_three();")
        self.assertLess(source.index("#include <a>"), source.index("namespace"))
        self.assertEqual(source.count("struct Section_one_two"), 1)
        self.assertIn('#line 7 "docs/page.md"\nf(x);', source)
        self.assertLess(source.index("void g()"), source.index("struct Section_three"))
        self.assertIn("this->after_three()", source)
        with self.assertRaises(SystemExit):
            check_docs.cpp_source("docs/page.md", blocks, "Result<> after_four();")


if __name__ == "__main__":
    unittest.main()
