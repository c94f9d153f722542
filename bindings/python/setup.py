"""What pyproject.toml can not say: a wheel that carries liborapool.so.

ORAPOOL_CARRY=/path/of/liborapool.so pip wheel . puts that library into the package. Without it the package is pure Python
and finds the library when it is imported.
"""

import os
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1 leaves wheels to the package wheel
    try:
        from wheel.bdist_wheel import bdist_wheel
    except ImportError:
        bdist_wheel = None

CARRIED = os.environ.get("ORAPOOL_CARRY")
commands = {}


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        if CARRIED:
            if not os.path.isfile(CARRIED):
                raise SystemExit(f"ORAPOOL_CARRY: there is no file {CARRIED}")
            shutil.copyfile(CARRIED, os.path.join(self.build_lib, "orapool", "liborapool.so"))


commands["build_py"] = BuildWithLibrary

if CARRIED and bdist_wheel is not None:

    class WheelOfPlatform(bdist_wheel):
        """For this kind of machine, and for any version of Python: nothing is compiled against it."""

        def finalize_options(self):
            super().finalize_options()
            self.root_is_pure = False

        def get_tag(self):
            return "py3", "none", super().get_tag()[2]

    commands["bdist_wheel"] = WheelOfPlatform

setup(cmdclass=commands)
