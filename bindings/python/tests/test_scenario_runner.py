"""The runner of the scenarios: what it must refuse, and what it must notice."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from scenario_runner import audit, shape
from scenario_runner.findings import Failure
from scenario_runner.validate import check_file
from scenario_runner.world import Work
from support import LIMIT_S, TestCase

from orapool import native

FOLDER = pathlib.Path(__file__).parents[3] / "tests" / "scenarios"

# A scenario that is right; each test below breaks it in one place.
RIGHT = """{
    "format": 1, "title": "t",
    "scenarios": [{
        "id": "self-ID", "title": "t", "source": {"kind": "decision", "where": "w"},
        "needs": ["threads", "callback"],
        "setup": [{"sql": "create table t (n number)"}],
        "pool": {"min": 1, "max": 2},
        "steps": [
            {"get": {"as": "a", "expect": {"is_new": true, "tag": null, "found": false}}},
            {"execute": {"session": "a", "sql": "insert into t values (1)", "expect": {"rows": 1}}},
            {"query": {"session": "a", "sql": "select n from t", "rows": [["1"]]}},
            {"start": {"thread": "t1", "steps": [{"get": {"as": "b", "expect": {"not_same_as": ["a"]}}}]}},
            {"await": {"thread": "t1"}},
            {"release": {"session": "a"}},
            {"get": {"as": "c", "expect": {"same_as": "a"}}},
            {"release": {"session": "a", "expect": {"status": "ORAPOOL_INVALID_HANDLE", "code": 0}}},
            {"create": {"pool": "q", "settings": {"min": 0, "max": 1, "callback": {"runs": [
                {"steps": [{"check_tag": {"session": "callback", "tag": null}}]}, {"returns": 0}]}}}},
            {"get": {"as": "d", "pool": "q", "tag": "A=1"}},
            {"check_tag": {"session": "d", "tag": null}},
            {"calls": {"pool": "q", "native": [["A=1", null]]}},
            {"release": {"session": "d", "mode": ["DROPSESS"]}},
            {"get": {"as": "e", "pool": "q", "expect": {"status": "ORAPOOL_CALLBACK_FAILED", "code": 0,
                "session_dead": false, "transient": false}}},
            {"stats": {"expect": {"open": 2, "gets": {"at_least": 3}}}}
        ]
    }]
}"""

# Typos and the like: what is replaced, by what, and what the refusal must speak of.
REFUSED = {
    "a step with a typo": ('{"query"', '{"qeury"', "qeury"),
    "a step with two names": ('{"await": {"thread": "t1"}}', '{"await": {"thread": "t1"}, "x": 1}', "one key"),
    "a field with a typo": ('"expect": {"rows": 1}', '"expct": {"rows": 1}', "expct"),
    "an expectation with a typo": ('"is_new": true', '"is_knew": true', "is_knew"),
    "an expectation twice": ('"is_new": true', '"is_new": true, "is_new": false', "duplicate"),
    "an expectation in a thread": ('"not_same_as"', '"not_sama_as"', "not_sama_as"),
    "a step in a callback": ('{"check_tag": {"session": "callback"', '{"chek_tag": {"session": "callback"', "chek_tag"),
    "a setting with a typo": ('"max": 2', '"maxx": 2', "maxx"),
    "a pool without sizes": ('"max": 2', '"increment": 2', "min and max"),
    "a statistic with a typo": ('"open": 2', '"opne": 2', "opne"),
    "a bound with a typo": ("at_least", "at_lest", "at_lest"),
    "a number that is a text": ('"open": 2', '"open": "2"', "number"),
    "a number that is true": ('"max": 2', '"max": true', "number"),
    "a number with a fraction": ('"max": 2', '"max": 2.5', "whole"),
    "no statistic": ('"open": 2, "gets": {"at_least": 3}', "", "names no number"),
    "a status with a typo": ("ORAPOOL_INVALID_HANDLE", "ORAPOOL_INVALID_HANDEL", "HANDEL"),
    "a failure without a code": (', "code": 0', "", "names its code"),
    "found of a release": ('"code": 0', '"code": 0, "found": true', "only a get"),
    "rows of a get": ('"is_new": true', '"rows": 1', "only an execute"),
    "a session from nowhere": ('"same_as": "a"', '"same_as": "z"', "`z`"),
    "a reserved name": ('"as": "c"', '"as": "owner"', "taken"),
    "a need too many": ('["threads", ', '["threads", "kill", ', "needs"),
    "a need too few": ('["threads", ', "[", "needs"),
    "an unknown need": ('["threads", ', '["thread", ', "thread"),
    "a need for other values": ('{"returns": 0}', '{"returns": 7}', "needs"),
    "a setup from nowhere": ('{"sql": "create table t (n number)"}', '{"include": "x"}', "`x`"),
    "no source": ('"where": "w"', '"where": ""', "source"),
    "an unknown kind of source": ('"decision"', '"guess"', "guess"),
    "another format": ('"format": 1', '"format": 2', "format"),
    "an id of strange letters": ("self-ID", "self ID", "an id"),
    "a mode with a typo": ("DROPSESS", "DROPSES", "DROPSES"),
    "a tag that is a number": ('"tag": "A=1"', '"tag": 1', "object"),
    "a step that checks nothing": ('"native": [["A=1", null]]', '"native": null', "checks nothing"),
}

# Wrong expectations, which must fail when they are run.
NOTICED = {
    "is-new": ('"is_new": true', '"is_new": false', "is_new"),
    "tag": ('"tag": null, "found"', '"tag": "A=1", "found"', "tag"),
    "found": ('"found": false', '"found": true', "found"),
    "status": ('"is_new": true, "tag": null, "found": false', '"status": "ORAPOOL_TIMEOUT", "code": 24496', "status"),
    "code": ('"code": 0', '"code": 24461', "code"),
    "cause": ('"code": 0', '"code": 0, "cause_code": 7', "cause_code"),
    "message": ('"code": 0', '"code": 0, "message_contains": ["no such words"]', "no such words"),
    "session-dead": ('"session_dead": false', '"session_dead": true', "session_dead"),
    "transient": ('"transient": false', '"transient": true', "transient"),
    "rows-of-execute": ('{"rows": 1}', '{"rows": 2}', "rows"),
    "rows-of-query": ('[["1"]]', '[["2"]]', "rows"),
    "not-same-as": ('{"same_as": "a"}', '{"not_same_as": ["a"]}', "not_same_as"),
    "same-as": ('{"same_as": "a"}', '{"same_as": "b"}', "same_as"),
    "in-a-thread": ('{"not_same_as": ["a"]}', '{"is_new": false}', "is_new"),
    "in-a-callback": (
        '"session": "callback", "tag": null',
        '"session": "callback", "tag": "x"',
        "callback of q, run 1",
    ),
    "check-tag": ('{"session": "d", "tag": null}', '{"session": "d", "tag": "x"}', "tag"),
    "calls": ('[["A=1", null]]', '[["A=1", "A=1"]]', "native callback"),
    "calls-that-were-not": ('[["A=1", null]]', "[]", "native callback"),
    "statistics": ('"open": 2', '"open": 3', "open"),
    "bound": ('"at_least": 3', '"at_least": 4', "at least"),
    "a-thread-not-awaited": ('{"await": {"thread": "t1"}},', "", "await"),
    "setup": ("create table t (n number)", "create table", "setup"),
    "a-loan-renamed": ('"as": "c"', '"as": "b"', "still on loan"),
    "a-pool-twice": ('{"pool": "q", "settings"', '{"settings"', "already"),
}


def broken(before, after):
    text = RIGHT.replace(before, after, 1)
    assert text != RIGHT, f"{before} is not in the scenario"
    return text


class Refuses(TestCase):
    def test_what_is_right_is_accepted(self):
        check_file(shape.parse(RIGHT), {})

    def test_what_is_wrong_is_refused(self):
        for name, (before, after, part) in REFUSED.items():
            with self.subTest(name):
                with self.assertRaises(Failure) as caught:
                    check_file(shape.parse(broken(before, after)), {})
                self.assertIn(part, str(caught.exception))

    def test_the_programs_exit_status(self):
        for text, part in ((broken('{"query"', '{"qeury"'), "qeury"), ("{", "JSON")):
            done = run({"wrong.json": text})
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(part if part != "JSON" else "wrong.json", done.stderr)
        self.assertEqual(run({"right.json": RIGHT}, "nonesuch::x").returncode, 2)
        self.assertEqual(run({}, "").returncode, 2)
        self.assertEqual(run({"right.json": RIGHT}, driver="oci").returncode, 2)
        self.assertEqual(run({"right.json": RIGHT}, library="/nonesuch.so").returncode, 2)


class Notices(TestCase):
    def test_what_is_right_passes(self):
        done = run({"right.json": RIGHT})
        (line,) = done.stdout.splitlines()
        report = json.loads(line)
        self.assertEqual((report["scenario"], report["status"], report["detail"]), ("right::self-ID", "passed", ""))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_wrong_fails(self):
        files = {f"of-{name}.json": broken(before, after) for name, (before, after, _) in NOTICED.items()}
        done = run(files)
        self.assertEqual(done.returncode, 1, done.stderr)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(reports), len(NOTICED))
        for report in reports:
            name = report["scenario"].split("::")[0][len("of-") :]
            with self.subTest(name):
                self.assertEqual(report["status"], "failed")
                self.assertIn(NOTICED[name][2], report["detail"])

    def test_a_hang_names_its_step(self):
        # Long enough for a loaded machine to come to the step that hangs.
        text = broken('{"await": {"thread": "t1"}},', '{"await": {"thread": "t1"}},{"get": {"as": "x"}},')
        program = (
            "import scenario_runner.steps as steps, scenario_runner.running as running, sys\n"
            "running.run_scenario.__defaults__ = (8,)\n"
            "from scenario_runner.__main__ import main\n"
            "sys.exit(main())"
        )
        done = run({"hang.json": text}, program=program)
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["status"]), (1, "failed"), done.stderr)
        self.assertIn("hangs for 8 s", report["detail"])
        self.assertIn('{"get": {"as": "x"}}', report["detail"])

    def test_names_and_list(self):
        two = RIGHT.replace("self-ID", "self-ID2")
        names = run({"one.json": RIGHT, "two.json": two}, "--list").stdout.split()
        self.assertEqual(names, ["one::self-ID", "two::self-ID2"])
        self.assertEqual(run({"one.json": RIGHT, "two.json": two}, "--list", "two::").stdout.split(), ["two::self-ID2"])


class Audits(TestCase):
    """The rules of every call, each broken by a function that stands in for the library's."""

    def note(self, name, function, *arguments):
        audit.take_flaws()
        audit._watched(name, function)(*arguments)
        return " ".join(audit.take_flaws())

    def test_error_rules(self):
        import ctypes

        ref = lambda: ctypes.byref(ctypes.c_void_p())  # noqa: E731

        def does(status, error):
            def function(*arguments):
                arguments[-1]._obj.value = error
                return status

            return function

        real = ctypes.c_void_p()
        native.lib.open(b"nonesuch", 8, ctypes.byref(ctypes.c_void_p()), ctypes.byref(real))
        self.addCleanup(native.lib.error_free, real)
        self.assertIn("*error was not written", self.note("session_ping", lambda *_: 0, 1, ref()))
        self.assertIn("a success has an error", self.note("session_ping", does(0, real.value), 1, ref()))
        self.assertIn("status -1 has no error", self.note("session_ping", does(-1, None), 1, ref()))
        self.assertIn("that of its error is -1", self.note("session_ping", does(-2, real.value), 1, ref()))
        self.assertEqual("", self.note("session_ping", does(0, None), 1, ref()))
        self.assertEqual("", self.note("session_ping", does(-1, real.value), 1, ref()))

    def test_out_parameters(self):
        import ctypes

        def does(status, handle):
            def function(pool, out, error):
                error._obj.value = None
                if handle is not False:
                    out._obj.value = handle
                return status

            return function

        refs = lambda: (1, ctypes.byref(ctypes.c_void_p()), ctypes.byref(ctypes.c_void_p()))  # noqa: E731
        audit._HANDLES["probe"] = [1]
        self.addCleanup(audit._HANDLES.pop, "probe")
        self.assertIn("was not written", self.note("probe", does(0, False), *refs()))
        self.assertIn("the OUT handle is NULL", self.note("probe", does(0, None), *refs()))
        self.assertIn("but an OUT parameter is 7", self.note("probe", does(-1, 7), *refs()))
        self.assertEqual("", self.note("probe", does(0, 7), *refs()))

    def test_texts(self):
        import ctypes

        audit.take_flaws()
        buffer = ctypes.create_string_buffer(b"abc")
        address = ctypes.addressof(buffer)
        audit._check_text("probe", address, 3)
        self.assertEqual(audit.take_flaws(), [])
        audit._check_text("probe", address, 2)
        audit._check_text("probe", None, 2)
        self.assertEqual(len(audit.take_flaws()), 2)


class Threads(TestCase):
    def test_the_failure_is_the_waiters(self):
        def fail():
            raise Failure("in there")

        with self.assertRaises(Failure):
            Work(fail).join(LIMIT_S)
        hold = threading.Event()
        self.addCleanup(hold.set)
        self.assertFalse(Work(hold.wait).join(0.001))


def run(files, *arguments, driver="embedded", library=None, program=None):
    """The runner as a program, on scenarios of our own."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "setup.json").write_text("{}")
        for name, text in files.items():
            (pathlib.Path(folder) / name).write_text(text)
        start = ["-m", "scenario_runner"] if program is None else ["-c", program]
        variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        if library is not None:
            variables["ORAPOOL_LIBRARY"] = library
        return subprocess.run(
            [sys.executable, *start, "--driver", driver, "--scenarios", folder, *arguments],
            env=variables,
            capture_output=True,
            text=True,
            timeout=LIMIT_S * 2,
        )
