"""Finding liborapool.so."""

import ctypes
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import TestCase, run_python

import orapool
from orapool import native


class Finding(TestCase):
    def load(self, path, code="print(orapool.library_path())", **environment):
        return run_python(code, ORAPOOL_LIBRARY=path, **environment)

    def test_the_variable(self):
        library = native.lib.path
        if not os.path.isabs(library):
            self.skipTest("the library was found by its name")
        done = self.load(library)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, library))

    def test_a_variable_that_is_wrong(self):
        """Another library must not stand in for the one that somebody named."""
        done = self.load("/nonesuch/liborapool.so")
        self.assertIn("LibraryError", done.stderr)
        self.assertIn("/nonesuch/liborapool.so", done.stderr)

    def test_nowhere(self):
        with tempfile.TemporaryDirectory() as folder:
            package = pathlib.Path(orapool.__file__).parent
            shutil.copytree(package, f"{folder}/orapool", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
            variables = {name: value for name, value in os.environ.items() if name != "ORAPOOL_LIBRARY"}
            variables["PYTHONPATH"] = folder
            code = "import orapool; print(orapool.library_path())"
            done = subprocess.run(
                [sys.executable, "-c", code], env=variables, capture_output=True, text=True, cwd=folder
            )
        if done.returncode == 0:
            self.assertEqual(done.stdout.strip(), "liborapool.so.0")
            self.skipTest("the system has a liborapool.so.0")
        for part in ("ORAPOOL_LIBRARY", "the copy that this package carries", "liborapool.so.0", "make install"):
            self.assertIn(part, done.stderr)

    def test_a_carried_copy(self):
        library = native.lib.path
        if not os.path.isabs(library):
            self.skipTest("the library was found by its name")
        with tempfile.TemporaryDirectory() as folder:
            package = pathlib.Path(orapool.__file__).parent
            shutil.copytree(package, f"{folder}/orapool", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
            os.symlink(library, f"{folder}/orapool/liborapool.so")
            variables = {name: value for name, value in os.environ.items() if name != "ORAPOOL_LIBRARY"}
            variables["PYTHONPATH"] = folder
            code = "import orapool; print(orapool.library_path())"
            done = subprocess.run(
                [sys.executable, "-c", code], env=variables, capture_output=True, text=True, cwd=folder
            )
            self.assertEqual(done.stdout.strip(), f"{folder}/orapool/liborapool.so", done.stderr)

    def test_something_else(self):
        done = self.load("libc.so.6")
        self.assertIn("libc.so.6 is not liborapool", done.stderr)

    def test_another_version(self):
        compiler = shutil.which("cc")
        if compiler is None:
            self.skipTest("there is no C compiler")
        with tempfile.TemporaryDirectory() as folder:
            source, other = f"{folder}/other.c", f"{folder}/other.so"
            pathlib.Path(source).write_text("unsigned orapool_version(void) { return 0x000203; }\n")
            subprocess.run([compiler, "-shared", "-fPIC", "-o", other, source], check=True)
            done = self.load(other)
        self.assertIn("is orapool 0.2, but this package was written for 0.1", done.stderr)

    def test_it_is_an_import_error(self):
        self.assertTrue(issubclass(orapool.LibraryError, ImportError))


class Library(TestCase):
    def test_version_and_instance(self):
        self.assertEqual(orapool.library_version()[:2], (0, 1))
        self.assertEqual(orapool.__version__.split(".")[:2], ["0", "1"])
        self.assertNotEqual(orapool.instance_id(), 0)
        self.assertEqual(orapool.instance_id(), orapool.instance_id())

    def test_two_copies_do_not_share(self):
        library = native.lib.path
        if not os.path.isabs(library):
            self.skipTest("the library was found by its name")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(library, f"{folder}/copy.so")
            copy = ctypes.CDLL(f"{folder}/copy.so")
            copy.orapool_instance_id.restype = ctypes.c_uint64
            self.assertNotEqual(copy.orapool_instance_id(), orapool.instance_id())
            again = ctypes.CDLL(library)
            again.orapool_instance_id.restype = ctypes.c_uint64
            self.assertEqual(again.orapool_instance_id(), orapool.instance_id())

    def test_a_function_that_it_does_not_have(self):
        with self.fails(orapool.Unsupported) as caught:
            native._missing("liborapool.so", "nonesuch")()
        self.assertIn("orapool_nonesuch", str(caught.error))

    def test_all_that_the_header_declares_is_known(self):
        header = pathlib.Path(__file__).parents[3] / "include" / "orapool.h"
        if not header.is_file():
            self.skipTest("the header is not beside the tests")
        import re

        declared = set(re.findall(r"^[\w ]+?\*?\s*\*?orapool_(\w+)\(", header.read_text(), re.MULTILINE))
        known = {*native._STATUS_FUNCTIONS, *native._OTHER_FUNCTIONS}
        self.assertGreater(len(declared), 50)
        self.assertEqual(declared - known, set())
        attributes = dict(re.findall(r"^#define ORAPOOL_ATTR_(\w+) (\d+)$", header.read_text(), re.MULTILINE))
        from orapool import _attributes

        numbers = {name.upper(): str(number) for name, number in {**_attributes._TEXTS, **_attributes._NUMBERS}.items()}
        self.assertEqual(numbers, attributes)


class Errors(TestCase):
    def test_classes_and_facts(self):
        for name in orapool.__all__:
            kind = getattr(orapool, name)
            if isinstance(kind, type) and issubclass(kind, Exception):
                self.assertTrue(issubclass(kind, orapool.Error), name)
        error = orapool.PoolTimeout("m", code=7, transient=True)
        self.assertEqual((error.status, error.code, error.transient, error.session_dead), (-4, 7, True, False))

    def test_they_can_be_pickled(self):
        """multiprocessing and concurrent.futures hand exceptions from process to process."""
        import copy
        import pickle

        with self.fails(orapool.DatabaseError, 24416) as caught:
            orapool.Pool.open("nonesuch")
        for error in (caught.error, orapool.PoolTimeout("m", code=24457), orapool.Forked("m"), orapool.ClosedHandle()):
            for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                self.assertEqual((type(again), again.args, vars(again)), (type(error), error.args, vars(error)))

    def test_statuses_are_the_headers(self):
        from orapool import _errors

        for status, kind in _errors.CLASSES.items():
            self.assertEqual(kind("m").status, status)
            self.assertNotEqual(native.lib.status_name(status), b"ORAPOOL_?")
        self.assertEqual(len(set(_errors.CLASSES.values())), len(_errors.CLASSES))


class Documented(unittest.TestCase):
    def test_every_public_item_has_a_text(self):
        import inspect

        without = []
        for name in orapool.__all__:
            item = getattr(orapool, name)
            if not inspect.isclass(item) and not inspect.isfunction(item):
                continue
            if not inspect.getdoc(item):
                without.append(name)
            for member, value in vars(item).items() if inspect.isclass(item) else ():
                is_code = inspect.isfunction(value) or isinstance(value, (property, classmethod))
                if is_code and not member.startswith("_") and not inspect.getdoc(getattr(item, member)):
                    without.append(f"{name}.{member}")
        self.assertEqual(without, [])

    def test_types_are_strict(self):
        try:
            import mypy.api
        except ImportError:
            self.skipTest("mypy is not installed")
        with tempfile.TemporaryDirectory() as folder:
            # From a copy: beside other packages mypy would look at these as well.
            shutil.copytree(pathlib.Path(orapool.__file__).parent, f"{folder}/orapool")
            arguments = ["--strict", "--cache-dir", f"{folder}/cache", f"{folder}/orapool"]
            report, problems, status = mypy.api.run(arguments)
        self.assertEqual((status, problems), (0, ""), report)
