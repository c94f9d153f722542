#!/usr/bin/env bash
# Runs the soak: benches/soak.sh [SECONDS [SEED]], 60 seconds unless told. See c/soak.c.
set -euo pipefail

benches=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$benches")
# shellcheck source-path=SCRIPTDIR source=build.sh
. "$benches/build.sh"
mkdir -p "$build"
build_library
compile soak "$benches/c/soak.c" "${library[@]}"
exec "$build/soak" "$@"
