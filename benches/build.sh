# Builds what run.sh and soak.sh run. Sourced by both, which set $benches and $root; all lands in $build.
#
# ORAPOOL_LIB and ORAPOOL_INCLUDE name a shared object and a directory with its header, to measure a library that is
# built already instead of this checkout.
# shellcheck shell=bash disable=SC2154,SC2034

target=${CARGO_TARGET_DIR:-$root/target}
[[ $target == /* ]] || target=$PWD/$target
build=$target/benches
contenders=()
apr_version=

flags=(-std=c99 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wpedantic)
system_libs=(-lpthread -ldl -lm)

compile() {
    local output=$1
    shift
    "${CC:-cc}" "${flags[@]}" -o "$build/$output" "$@" "${system_libs[@]}"
}

# Cargo makes no file named after the SONAME, which is what the dynamic linker looks for.
build_library() {
    local so=${ORAPOOL_LIB:-}
    if [[ ! $so ]]; then
        cargo build --release -p orapool --manifest-path "$root/Cargo.toml" --target-dir "$target"
        so=$target/release/liborapool.so
    fi
    ln -sf "$(realpath "$so")" "$build/liborapool.so"
    ln -sf liborapool.so "$build/liborapool.so.0"
    library=(-I "${ORAPOOL_INCLUDE:-$root/include}" -L "$build" -lorapool "-Wl,-rpath,$build")
}

build_orapool() {
    build_library
    compile orapool "$benches/c/orapool_bench.c" "${library[@]}"
    compile tags "$benches/c/tags_bench.c" "${library[@]}"
    contenders+=(orapool tags)
}

build_peers() {
    local peer options archive=$build/peers/release/libpeers.a
    cargo build --release --locked --manifest-path "$benches/peers/Cargo.toml" --target-dir "$build/peers"
    for peer in pl_mutex_vec fifo r2d2 deadpool; do
        options=("-DPEER=$peer")
        [[ $peer != pl_mutex_vec ]] || options+=(-DPEER_CANNOT_WAIT)
        compile "$peer" "${options[@]}" "$benches/c/peers_bench.c" "$archive"
        contenders+=("$peer")
    done
}

# The library's OCI driver and ODPI-C's own pool, both on the stand-in for Oracle's client library.
build_oci() {
    cargo build --release -p orapool-oci-standin --manifest-path "$root/Cargo.toml" --target-dir "$target"
    export ORAPOOL_BENCH_CLIENT=$build/oci-client
    mkdir -p "$ORAPOOL_BENCH_CLIENT"
    ln -sf "$target/release/liborapool_oci_standin.so" "$ORAPOOL_BENCH_CLIENT/libclntsh.so"
    compile orapool_oci -DBENCH_OCI "$benches/c/orapool_bench.c" "${library[@]}"
    compile odpic -DPEER=odpic -DPEER_CANNOT_WAIT "$benches/c/peers_bench.c" "$build/peers/release/libpeers.a"
    contenders+=(orapool_oci odpic)
}

build_apr() {
    if ! command -v apr-1-config >/dev/null || ! command -v apu-1-config >/dev/null; then
        echo "apr_reslist is left out: no apr-1-config and apu-1-config (Debian: libaprutil1-dev)" >&2
        return 0
    fi
    local options
    # Word splitting is what these tools' output is made for.
    # shellcheck disable=SC2207
    options=($(apr-1-config --cppflags --includes) $(apu-1-config --includes))
    # shellcheck disable=SC2207
    options+=($(apu-1-config --link-ld) $(apr-1-config --link-ld))
    compile apr_reslist "$benches/c/apr_bench.c" "${options[@]}"
    apr_version=$(apu-1-config --version)
    contenders+=(apr_reslist)
}

# The bindings for other languages, each as far as there is what it needs.
build_languages() {
    local language
    export ORAPOOL_LIBRARY
    ORAPOOL_LIBRARY=$(realpath "$build/liborapool.so")
    for language in java python node; do
        if ORAPOOL_BUILD_DIR=$build/$language "$root/bindings/$language/run-tests.sh" build >"$build/$language.log" 2>&1; then
            contenders+=("$language")
        else
            echo "$language is left out: its binding could not be built, see $build/$language.log" >&2
        fi
    done
}

build_all() {
    mkdir -p "$build"
    compile count.so -fPIC -shared "$benches/c/count.c"
    compile machine "$benches/c/floor_bench.c"
    contenders+=(machine)
    build_orapool
    build_peers
    build_oci
    build_apr
    # A quick run is for what this directory has: the bindings have tests of their own.
    [[ ${quick:-} ]] || build_languages
}
