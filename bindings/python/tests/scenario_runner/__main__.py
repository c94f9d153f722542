"""python -m scenario_runner --driver embedded|oci --scenarios DIR [--client-lib-dir DIR] [--list] [FILE::ID | PREFIX ...]

One line of JSON on stdout for each scenario. Exit status: 0 if none failed, 1 if one failed, 2 if the runner could not
run.
"""

import argparse
import json
import sys
import time

from .findings import Failure, RunnerError


def main():
    arguments = _arguments()
    try:
        # Here, because a library that is not found is a runner that can not run.
        from . import audit, files
        from .target import Target

        audit.install()
        if arguments.driver == "oci" and not arguments.client_lib_dir:
            raise RunnerError("--driver oci needs --client-lib-dir, the folder of libclntsh.so")
        setup, found = files.read_folder(arguments.scenarios)
        chosen = _choose(found, arguments.names)
    except (RunnerError, ImportError) as why:
        print(f"scenario_runner: {why}", file=sys.stderr)
        return 2
    if arguments.list:
        print("\n".join(one.name for one in chosen))
        return 0
    target = Target(arguments.driver, arguments.client_lib_dir)
    statuses = [_report(target, setup, one) for one in chosen]
    return 1 if "failed" in statuses else 0


def _arguments():
    parser = argparse.ArgumentParser(prog="scenario_runner")
    parser.add_argument("--driver", choices=("embedded", "oci"), required=True)
    parser.add_argument("--scenarios", metavar="DIR", required=True)
    parser.add_argument("--client-lib-dir", metavar="DIR")
    parser.add_argument("--list", action="store_true", help="only print the names")
    parser.add_argument("names", nargs="*", metavar="FILE::ID | PREFIX")
    return parser.parse_args()


def _choose(found, names):
    known = {one.name for one in found}

    def is_meant(one):
        # A whole name means that scenario alone, although others may begin with it.
        return any(one.name == name or name not in known and one.name.startswith(name) for name in names)

    chosen = [one for one in found if not names or is_meant(one)]
    if not chosen:
        raise RunnerError(f"no scenario is called {' or '.join(names)}")
    return chosen


def _report(target, setup, one):
    from .running import run_scenario

    began = time.monotonic()
    status, detail = "passed", ""
    try:
        run_scenario(target, setup, one.name, one.contents)
    except Failure as why:
        status, detail = "failed", f"{one.contents['title']}\n{why}"
    milliseconds = round((time.monotonic() - began) * 1000)
    print(json.dumps({"scenario": one.name, "status": status, "ms": milliseconds, "detail": detail}), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
