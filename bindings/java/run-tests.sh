#!/bin/sh
# The one entry point for the automatic tests of the Java binding.
#
#     run-tests.sh build              builds the jar, the glue and the tests
#     run-tests.sh test [PREFIX ...]  all tests but the scenarios: a line `ok NAME`, `not ok NAME: why` or
#                                     `skip NAME: why` for each; fails if one does
#     run-tests.sh scenarios ARGS...  the scenarios: org.orapool.scenarios.Runner with these arguments
#     run-tests.sh bench              what a get and a release cost, as a line of JSON
#
# ORAPOOL_LIBRARY names liborapool.so; without it, it is target/release/liborapool.so. What is built goes to
# ORAPOOL_BUILD_DIR, or to build/ beside this file. JAVA_HOME names the JDK, 17 or later. ORAPOOL_VIRTUAL_THREADS_JAVA_HOME
# names one of 21 or later for the tests of virtual threads; without it, one is looked for in /usr/lib/jvm.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=${ORAPOOL_BUILD_DIR:-$here/build}
mkdir -p "$build"
build=$(cd "$build" && pwd)
export ORAPOOL_BUILD_DIR="$build"
root=$(cd "$here/../.." && pwd)
if [ -n "${ORAPOOL_LIBRARY:-}" ]; then
    if [ ! -f "$ORAPOOL_LIBRARY" ]; then
        echo "ORAPOOL_LIBRARY names $ORAPOOL_LIBRARY, and there is no such file" >&2
        exit 2
    fi
    ORAPOOL_LIBRARY=$(readlink -f "$ORAPOOL_LIBRARY")
else
    ORAPOOL_LIBRARY=${CARGO_TARGET_DIR:-$root/target}/release/liborapool.so
fi
export ORAPOOL_LIBRARY

if [ -z "${JAVA_HOME:-}" ]; then
    if ! javac=$(command -v javac); then
        echo "no javac: install a JDK, 17 or later (openjdk-17-jdk-headless), or set JAVA_HOME" >&2
        exit 2
    fi
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$javac")")")
fi
export JAVA_HOME
jar=$build/orapool.jar

build_all() {
    # One at a time: several tests may call this at once.
    flock "$build/lock" make -s -C "$here" tests other-version >&2
}

java_() {
    "$JAVA_HOME/bin/java" -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 "$@"
}

# Runs tests, and shows their lines, with a prefix; all else goes to a file, which is shown if something is wrong.
run_tests() {
    name=$1
    prefix=$2
    shift 2
    log=$build/$name.log
    status=0
    "$@" >"$log" 2>&1 || status=$?
    sed -nE "s/^(ok|not ok|skip) /&$prefix/p" "$log"
    if [ "$status" -ne 0 ]; then
        failed=1
        grep -q '^not ok ' "$log" || echo "not ok $name: ended with status $status before its tests did"
        grep -vE '^(ok|skip) ' "$log" | head -n 200 >&2 || true
    fi
}

# What -Xcheck:jni has to say stands between the lines of the tests.
check_jni() {
    name=$1
    log=$build/$name.log
    if grep -nE '^(WARNING( in native method)?:|FATAL ERROR in native|\*\*\*)|JNI call made|JNI local refs' "$log" >"$log.jni"
    then
        failed=1
        echo "not ok $name::xcheck_jni_has_nothing_to_say: $(head -n 1 "$log.jni")"
    else
        echo "ok $name::xcheck_jni_has_nothing_to_say"
    fi
}

# A JDK with virtual threads: the feature release is the first number of its version.
virtual_java_home() {
    for home in "${ORAPOOL_VIRTUAL_THREADS_JAVA_HOME:-}" "$JAVA_HOME" /usr/lib/jvm/*; do
        if [ -n "$home" ] && [ -x "$home/bin/java" ] && [ -f "$home/release" ]; then
            feature=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
            if [ "${feature:-0}" -ge 21 ]; then
                echo "$home"
                return
            fi
        fi
    done
}

test_virtual_threads() {
    home=$(virtual_java_home)
    if [ -z "$home" ]; then
        echo "skip jdk21::virtual: no JDK 21 or later; ORAPOOL_VIRTUAL_THREADS_JAVA_HOME names one"
        return
    fi
    feature=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    # One carrier: one that is held is a dead end, and not only a delay.
    run_tests "jdk$feature" "jdk$feature::" "$home/bin/java" -Xcheck:jni --enable-native-access=ALL-UNNAMED \
        -Djdk.virtualThreadScheduler.parallelism=1 -Djdk.virtualThreadScheduler.maxPoolSize=1 \
        -cp "$jar:$build/tests" org.orapool.tests.BindingTests virtual:: callback:: async:: forgotten::
    check_jni "jdk$feature"
}

# The programs of the page must print what the page says.
test_page() {
    rm -rf "$build/page"
    mkdir -p "$build/page"
    page=$root/docs/java.md
    count=0
    if [ ! -f "$page" ]; then
        failed=1
        echo "not ok page::programs: there is no docs/java.md"
        return
    fi
    # A program is a block ```java with a class that has a main; what it prints is the block ```text after it.
    awk -v dir="$build/page" '
        /^```java$/ { kind = "java"; text = ""; next }
        /^```text$/ { kind = "text"; text = ""; next }
        /^```$/ && kind == "java" {
            if (match(text, /public class [A-Za-z]+/) && text ~ /static void main/) {
                name = substr(text, RSTART + 13, RLENGTH - 13)
                printf "%s", text >(dir "/" name ".java")
            }
            kind = ""; next
        }
        /^```$/ && kind == "text" { if (name != "") { printf "%s", text >(dir "/" name ".expected"); name = "" } kind = ""; next }
        /^```/ { kind = (kind == "" ? "other" : ""); next }
        kind != "" { text = text $0 "\n" }
    ' "$page"
    for program in "$build"/page/*.java; do
        [ -f "$program" ] || continue
        count=$((count + 1))
        name=$(basename "$program" .java)
        if java_ -Xcheck:jni -cp "$jar" "$program" >"$build/page/$name.came" 2>&1 \
            && cmp -s "$build/page/$name.expected" "$build/page/$name.came"; then
            echo "ok page::$name"
        else
            failed=1
            echo "not ok page::$name: it does not print what docs/java.md says"
            diff "$build/page/$name.expected" "$build/page/$name.came" >&2 || true
        fi
    done
    if [ "$count" -eq 0 ]; then
        failed=1
        echo "not ok page::programs: docs/java.md has none"
    fi
}

test_example() {
    came=$(env -u ORAPOOL_LIBRARY "$JAVA_HOME/bin/java" -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "$jar" \
        "$here/examples/Hello.java" 2>&1) || true
    case $came in
    "Hello, SCOTT!"*) echo "ok example::Hello" ;;
    *)
        failed=1
        echo "not ok example::Hello: $came"
        ;;
    esac
}

command=${1:-}
[ $# -gt 0 ] && shift
failed=0
case $command in
build)
    build_all
    ;;
test)
    build_all
    run_tests tests "" java_ -Xcheck:jni -Dorapool.test.classes="$build/classes" \
        -Dorapool.test.other_version="$build/other-version.so" -cp "$jar:$build/tests" \
        org.orapool.tests.BindingTests "$@"
    check_jni tests
    if [ $# -eq 0 ]; then
        run_tests runner "" java_ -Xcheck:jni -cp "$jar:$build/tests" org.orapool.scenarios.SelfTests
        check_jni runner
        test_virtual_threads
        test_example
        test_page
    fi
    exit $failed
    ;;
scenarios)
    build_all
    exec "$JAVA_HOME/bin/java" -Dfile.encoding=UTF-8 -cp "$jar:$build/tests" org.orapool.scenarios.Runner "$@"
    ;;
bench)
    build_all
    java_ -cp "$jar:$build/tests" GetRelease
    ;;
*)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
