"""What the scenarios run against."""

import re
from typing import NamedTuple

_BEFORE_NAME = {"embedded": "embedded:", "oci": "//standin/"}


class User(NamedTuple):
    name: str
    password: str


class Target:
    """A driver. Each scenario has a database of its own, in which its knobs are set."""

    owner = User("scott", "tigerSecret9")
    second = User("blake", "lionSecret9")

    def __init__(self, driver, client_lib_dir=None):
        self.driver = driver
        self._client_lib_dir = client_lib_dir

    def database(self, scenario, knobs):
        """The attributes that say where."""
        name = re.sub("[^A-Za-z0-9]", "_", scenario)
        keys = "&".join(f"{knob}={value}" for knob, value in sorted(knobs.items()))
        where = {"connect_string": f"{_BEFORE_NAME[self.driver]}scenario_{name}{'?' if keys else ''}{keys}"}
        if self.driver == "oci":
            where.update(driver="oci", client_lib_dir=self._client_lib_dir)
        return where

    def user(self, name):
        return {"owner": self.owner, "second": self.second, "none": None}[name]

    def passwords(self):
        return [self.owner.password, self.second.password]

    def fill_in(self, text):
        """A text of a scenario with the target's names in it."""
        return text.replace("${owner}", self.owner.name).replace("${second}", self.second.name)
