"""The programs of the documentation run as they are printed, and print what stands behind them."""

import pathlib
import re
import subprocess
import sys

from support import TestCase, run_python

HERE = pathlib.Path(__file__).parents[1]
# Since 3.12 Python warns of each fork of a process with threads, which one with a pool is: the page tells of it.
EXPECTED = "ignore:This process:DeprecationWarning"
PAGE = HERE.parents[1] / "docs" / "python.md"
README = HERE / "README.md"


class Programs(TestCase):
    def setUp(self):
        if not PAGE.is_file():
            self.skipTest("docs is not beside the package")

    def test_docs_python(self):
        blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(), re.DOTALL)
        programs = [at for at, (language, _) in enumerate(blocks) if language == "python"]
        self.assertEqual(len(programs), 3)
        for at in programs:
            with self.subTest(program=at):
                done = self.run_program(blocks[at][1])
                follows = blocks[at + 1] if at + 1 < len(blocks) else ("", "")
                if follows[0] == "text":
                    self.assertEqual(done.stdout, follows[1])

    def test_the_program_of_the_fork(self):
        program = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[2]
        self.assertEqual(
            sorted(self.run_program(program).stdout.split("\n")), ["", "worker 0 served", "worker 1 served"]
        )

    def test_readme(self):
        (program,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        self.assertEqual(program, (HERE / "hello.py").read_text())
        self.assertEqual(self.run_program(program).stdout, "('Hello, SCOTT',)\n")

    def run_program(self, program):
        preface = "import sys; sys.argv = ['program']\n"
        import os

        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDEVMODE": "1"}
        variables.pop("PYTHONUNBUFFERED", None)
        done = subprocess.run(
            [sys.executable, "-W", EXPECTED, "-c", preface + program],
            env=variables,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done

    def test_the_page_names_every_error(self):
        import orapool

        page = PAGE.read_text()
        for name in orapool.__all__:
            kind = getattr(orapool, name)
            if isinstance(kind, type) and issubclass(kind, orapool.Error) and kind is not orapool.PoolWarning:
                self.assertIn(f"`{name}`", page)


class InHelp(TestCase):
    def test_the_program_in_the_packages_text(self):
        import textwrap

        import orapool

        program = textwrap.dedent(
            re.search(r"\n\n(    import orapool\n.*?)\n\nA Python", orapool.__doc__, re.DOTALL)[1]
        )
        done = run_python(program)
        self.assertEqual((done.returncode, done.stdout), (0, "('Hello, SCOTT',)\n"), done.stderr)
