"""Reading the scenario files."""

import pathlib

from . import shape
from .findings import Failure, RunnerError
from .validate import check_file

_SETUP_FILE = "setup.json"


class Found:
    """A scenario and its name, FILE::ID."""

    def __init__(self, group, contents):
        self.name = f"{group}::{contents['id']}"
        self.contents = contents


def read_folder(folder):
    """The lists of setup.json, and every scenario of the folder, checked."""
    folder = pathlib.Path(folder)
    if not (folder / _SETUP_FILE).is_file():
        raise RunnerError(f"{folder} has no {_SETUP_FILE}: --scenarios is the folder tests/scenarios")
    setup = _read_setup(folder / _SETUP_FILE)
    paths = sorted(path for path in folder.glob("*.json") if path.name != _SETUP_FILE)
    if not paths:
        raise RunnerError(f"{folder} has no scenarios")
    found = [one for path in paths for one in _read_file(path, setup)]
    _check_ids(found)
    return setup, found


def _read_setup(path):
    lists = _read(path)
    _refusing(path, lambda: shape.map_of(None, shape.each(_statement))(lists, "setup"))
    return {name: ["\n".join(one) if isinstance(one, list) else one for one in lines] for name, lines in lists.items()}


def _statement(value, where):
    """In one line or in several."""
    (shape.each(shape.text) if isinstance(value, list) else shape.text)(value, where)


def _read_file(path, setup):
    contents = _read(path)
    _refusing(path, lambda: check_file(contents, setup))
    return [Found(path.stem, scenario) for scenario in contents["scenarios"]]


def _read(path):
    return _refusing(path, lambda: shape.parse(path.read_text(encoding="utf-8")))


def _refusing(path, work):
    try:
        return work()
    except (Failure, ValueError, OSError) as why:
        raise RunnerError(f"{path}: {why}") from why


def _check_ids(found):
    """Names of tests, and of databases, must be told apart without case."""
    seen = set()
    for one in found:
        if one.name.lower() in seen:
            raise RunnerError(f"{one.name} is there twice")
        seen.add(one.name.lower())
