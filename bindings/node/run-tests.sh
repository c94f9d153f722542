#!/bin/sh
# What automatic tests call: build, test, scenarios ARGS..., bench. ORAPOOL_LIBRARY names the library.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

case "${1-}" in
build)
    # The dependencies, as package-lock.json has them.
    cd "$here" && exec npm ci --no-audit --no-fund --loglevel=error
    ;;
test)
    shift
    exec node --expose-gc "$here/tests/run.js" "$@"
    ;;
scenarios)
    shift
    exec node "$here/tests/scenarios.js" "$@"
    ;;
bench)
    exec node "$here/tests/bench.js"
    ;;
*)
    echo "usage: run-tests.sh build | test [PREFIX ...] | scenarios ARGS... | bench" >&2
    exit 2
    ;;
esac
