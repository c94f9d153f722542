"""What goes wrong in a scenario, and how reports show it."""


class Failure(Exception):
    """A check that failed, or a scenario that is wrong itself."""


class RunnerError(Exception):
    """The runner itself can not run."""


class Findings:
    """Several checks of one result: all that they find shows, not only the first."""

    def __init__(self):
        self._found = []

    def note(self, finding):
        self._found.append(finding)

    def equal(self, what, actual, expected):
        if actual != expected or type(actual) is not type(expected):
            self.note(f"{what}: expected {expected!r}, came {actual!r}")

    def finish(self, behind=""):
        if self._found:
            raise Failure("\n".join(self._found) + behind)


def show(tag):
    """NULL, or the bytes with what is strange escaped and, if they are many, cut."""
    longest = 120
    if tag is None:
        return "NULL"
    rest = f"... ({len(tag)} bytes)" if len(tag) > longest else ""
    return f"{tag[:longest]!r}{rest}"
