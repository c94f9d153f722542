"""Runs the tests: python tests/run.py [PART OF A NAME ...]. One line for each: `ok NAME`, `not ok NAME: why`, `skip NAME:
why`; what there is to know besides comes on stderr. Exit status 1 if one failed."""

import pathlib
import sys
import traceback
import unittest

HERE = pathlib.Path(__file__).parent


class Lines(unittest.TestResult):
    """A line for each test, as it ends."""

    def __init__(self):
        super().__init__()
        self.count = {"ok": 0, "not ok": 0, "skip": 0}
        self._failed_part = None

    def addSuccess(self, test):
        if self._failed_part is None:
            self._say("ok", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._say("not ok", test, error[1])
        traceback.print_exception(*error)

    addError = addFailure

    def addSubTest(self, test, part, error):
        super().addSubTest(test, part, error)
        if error is not None:
            self._failed_part = part
            self._say("not ok", part, error[1])
            traceback.print_exception(*error)

    def startTest(self, test):
        super().startTest(test)
        self._failed_part = None

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say("skip", test, reason)

    def addExpectedFailure(self, test, error):
        self._say("ok", test)

    def _say(self, word, test, why=None):
        self.count[word] += 1
        reason = "" if why is None else f": {' '.join(str(why).split())[:400] or type(why).__name__}"
        print(f"{word} {test.id()}{reason}", flush=True)


def main(parts):
    sys.path.insert(0, str(HERE))
    suite = unittest.TestLoader().discover(str(HERE), top_level_dir=str(HERE))
    tests = [test for test in _flat(suite) if not parts or any(part in test.id() for part in parts)]
    result = Lines()
    # As a suite, so that what a class or module sets up is done once.
    unittest.TestSuite(tests).run(result)
    print(", ".join(f"{number} {word}" for word, number in result.count.items()), file=sys.stderr)
    if not sum(result.count.values()):
        print(f"no test is called {' or '.join(parts)}", file=sys.stderr)
        return 2
    return 1 if result.count["not ok"] else 0


def _flat(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _flat(item)
        else:
            yield item


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
