#!/bin/sh
# Builds and tests the Python binding.
#
#   run-tests.sh build               a virtual environment with the package, as `pip install .` makes it
#   run-tests.sh test [PART ...]     the tests, one line each: ok NAME | not ok NAME: why | skip NAME: why
#   run-tests.sh scenarios ARGS...   the scenarios: --driver embedded|oci --scenarios DIR [--client-lib-dir DIR] [NAME ...]
#   run-tests.sh bench               one line of JSON: what a get and a release cost
#
# ORAPOOL_LIBRARY: the full path of liborapool.so; without it the package looks where a user's would.
# ORAPOOL_BUILD_DIR: where the environment is put, default `build` beside this file. PYTHON: default python3.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=${ORAPOOL_BUILD_DIR:-$here/build}
mkdir -p "$build"
build=$(cd "$build" && pwd)
venv=$build/venv
python=${PYTHON:-python3}

build_environment() {
    rm -rf "$venv"
    "$python" -m venv "$venv" || { rm -rf "$venv"; fall_back "no virtual environment could be made"; return; }
    # From a copy: setuptools leaves its folders beside what it builds, and the sources may not be ours to write.
    rm -rf "$build/source"
    mkdir "$build/source"
    cp -R "$here/orapool" "$here/pyproject.toml" "$here/setup.py" "$here/README.md" "$build/source/"
    if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$build/source" >"$build/pip.log" 2>&1; then
        echo "installed with pip into $venv" >&2
        # For the test of the types, which is skipped without it.
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check mypy >>"$build/pip.log" 2>&1 ||
            echo "mypy could not be installed (see $build/pip.log)" >&2
    else
        fall_back "pip could not install the package (see $build/pip.log)"
    fi
}

# Without a network pip has no setuptools to build with. The sources are run from where they are.
fall_back() {
    echo "$1; PYTHONPATH=$here is used instead" >&2
    if [ -x "$venv/bin/python" ]; then
        echo "$here" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')/orapool-sources.pth"
    fi
}

# The interpreter that has the package.
run() {
    [ -x "$venv/bin/python" ] || build_environment
    if [ -x "$venv/bin/python" ]; then
        "$venv/bin/python" "$@"
    else
        PYTHONPATH=$here${PYTHONPATH:+:$PYTHONPATH} "$python" "$@"
    fi
}

command=${1:-}
[ $# -eq 0 ] || shift
export PYTHONDONTWRITEBYTECODE=1
case $command in
build) build_environment ;;
test) run "$here/tests/run.py" "$@" ;;
scenarios) PYTHONPATH=$here/tests${PYTHONPATH:+:$PYTHONPATH} run -m scenario_runner "$@" ;;
bench) run "$here/tests/bench.py" "$@" ;;
*)
    echo "usage: run-tests.sh build | test [PART ...] | scenarios ARGS... | bench" >&2
    exit 2
    ;;
esac
