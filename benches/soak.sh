#!/usr/bin/env bash
# Runs the soak: benches/soak.sh [SECONDS [SEED]], 60 seconds unless told. See c/soak.c.
set -euo pipefail

benches=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$benches")
# shellcheck source-path=SCRIPTDIR source=build.sh
. "$benches/build.sh"
mkdir -p "$build"
build_library

# What this version of the library has, by its header.
features=()
header=${ORAPOOL_INCLUDE:-$root/include}/orapool.h
! grep -q ORAPOOL_SESSRLS_RETAG "$header" || features+=(-DSOAK_TAGS)
! grep -q orapool_request_start "$header" || features+=(-DSOAK_REQUESTS)

compile soak "$benches/c/soak.c" "${features[@]}" "${library[@]}"
exec "$build/soak" "$@"
