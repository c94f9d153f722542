#!/bin/sh
# The scenarios in C, on include/orapool.h alone. Subcommands:
#
#     build               the programs, into build/
#     test                the tests of the runner itself, some of them under valgrind: `ok NAME`, `not ok NAME: why` or
#                         `skip NAME: why`, a line each
#     scenarios ARGS...   the runner; runner.c says what ARGS are
#     bench               ns of a get and a release, as one line of JSON
#
# ORAPOOL_LIBRARY is the liborapool.so to run with; without it the installed one is taken, by pkg-config. ORAPOOL_BUILD_DIR is
# another place to build in. CC and CFLAGS as usual. ORAPOOL_TEST_VALGRIND=1 runs the programs under valgrind. Needed: a C
# compiler, pkg-config, make and jansson (Debian: libjansson-dev).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
build=${ORAPOOL_BUILD_DIR:-$here/build}
mkdir -p "$build"
build=$(cd "$build" && pwd)

# What the build lacks goes to stderr, with exit status 77: not a failure, but nothing can be run here.
need() {
    if ! eval "$1" >/dev/null 2>&1; then
        echo "$2 is missing; on Debian: apt-get install $3" >&2
        exit 77
    fi
}

# The library under the name that programs ask for, in a folder of its own.
library_folder() {
    mkdir -p "$build/lib"
    ln -sf "$(realpath "$ORAPOOL_LIBRARY")" "$build/lib/liborapool.so.0"
}

build() {
    need "command -v ${CC:-cc}" 'a C compiler' gcc
    need 'command -v make' make make
    need 'command -v pkg-config' pkg-config pkg-config
    need 'pkg-config --exists jansson' 'jansson, which reads JSON,' libjansson-dev
    if [ -n "${ORAPOOL_LIBRARY:-}" ]; then
        library_folder
        make --no-print-directory -s -C "$here" BUILD="$build" ORAPOOL_CFLAGS="-I$root/include" \
            ORAPOOL_LIBS="$build/lib/liborapool.so.0"
    else
        if ! pkg-config --exists orapool; then
            echo 'orapool is not installed, and ORAPOOL_LIBRARY is not set: it is the path of a liborapool.so' >&2
            exit 77
        fi
        make --no-print-directory -s -C "$here" BUILD="$build" ORAPOOL_CFLAGS="$(pkg-config --cflags orapool)" \
            ORAPOOL_LIBS="$(pkg-config --libs orapool)"
    fi
}

run() {
    program=$1
    shift
    if [ ! -x "$build/$program" ]; then
        echo "$build/$program is not there: run-tests.sh build" >&2
        exit 2
    fi
    if [ -n "${ORAPOOL_LIBRARY:-}" ]; then
        library_folder
        LD_LIBRARY_PATH=$build/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
        export LD_LIBRARY_PATH
    fi
    if [ "${ORAPOOL_TEST_VALGRIND:-}" = 1 ]; then
        ORAPOOL_TEST_LIMIT_S=1200
        export ORAPOOL_TEST_LIMIT_S
        exec valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect,possible \
            --show-leak-kinds=definite,indirect,possible --fair-sched=yes --error-exitcode=99 \
            --suppressions="$root/tests/c/valgrind.supp" "$build/$program" "$@"
    fi
    exec "$build/$program" "$@"
}

# A test: the runner, at something of each kind, has no error of memory and loses none.
under_valgrind() {
    name=valgrind::$1
    shift
    if ! command -v valgrind >/dev/null; then
        echo "skip $name: valgrind is not installed"
    elif (ORAPOOL_TEST_VALGRIND=1 && run "$@") >"$build/valgrind.log" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name: $(grep -v '^ok ' "$build/valgrind.log" | head -n 40 | tr '\n' '/')"
        failed=1
    fi
}

tests() {
    failed=0
    (run self_tests "$here") || failed=1
    under_valgrind self_tests self_tests "$here"
    under_valgrind scenarios runner --driver embedded --scenarios "$root/tests/scenarios" callback::T tags::T1 pool::T
    return $failed
}

case "${1:-}" in
build) build ;;
test) tests ;;
scenarios)
    shift
    run runner "$@"
    ;;
bench) run bench ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
