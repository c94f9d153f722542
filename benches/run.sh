#!/usr/bin/env bash
# Measures the library against other pools and writes results.tsv, RESULTS.md and results.svg. See README.md.
set -euo pipefail

usage() {
    cat <<'END'
usage: benches/run.sh [--quick] [--rounds N] [--only REGEX] [--out DIR]
  --quick       one short round: shows that all of it works; the figures are of no worth
  --rounds N    samples per figure (default 5)
  --only REGEX  only the samples whose "contender cell" matches, e.g. '^(orapool|fifo) w'
  --out DIR     where the results go (default: benches/; with --quick or --only: the build directory)
END
}

benches=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$benches")

rounds=5
quick=
only=.
out=
while (($#)); do
    case $1 in
    --quick) quick=quick rounds=1 ;;
    --rounds) rounds=${2:?--rounds needs a number} && shift ;;
    --only) only=${2:?--only needs a pattern} && shift ;;
    --out) out=${2:?--out needs a directory} && shift ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 64 ;;
    esac
    shift
done

# shellcheck source-path=SCRIPTDIR source=build.sh
. "$benches/build.sh"
if [[ ! $out ]]; then
    # A partial run must not replace the results of a whole one.
    [[ $quick || $only != . ]] && out=$build || out=$benches
fi
samples=$build/samples.tsv
failures=0

# A sample that others disturbed by more than this share of the machine is taken again, twice at most.
foreign_limit=0.08

cells_of() {
    case $1 in
    machine) echo floor ;;
    java | python | node) echo u1 ;;
    orapool_oci | odpic) echo u1 c2 c8 ;; # one beside the other, on the same client library
    tags) echo t10 t1000 t10000 ;; # the library alone: no peer has tags
    pl_mutex_vec) echo u1 big c2 c8 counts ;; # it cannot wait
    *) echo u1 big c2 c8 w16x4 w64x2 counts ;;
    esac
}

# The figures of a binding's own measurement, which is a line of JSON with numbers by name.
run_language() {
    ORAPOOL_BUILD_DIR=$build/$1 "$root/bindings/$1/run-tests.sh" bench |
        tr -d '{}" ' | tr ',' '\n' | awk -F : -v OFS='\t' -v language="$1" '/^ns_/ { print language, "u1", $1, $2 }'
}

# Prints the figures of one process.
run_cell() {
    local contender=$1 cell=$2
    if [[ $contender == @(java|python|node) ]]; then
        run_language "$contender"
    elif [[ $cell == counts ]]; then
        LD_PRELOAD=$build/count.so "$build/$contender" "$cell" $quick
    else
        "$build/$contender" "$cell" $quick
    fi
}

# The share of the machine that others had during the figures in file $1.
foreign_in() {
    awk -F '\t' '$3 == "foreign" { share = $4 } END { print share + 0 }' "$1"
}

less() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'
}

# Takes a sample, again if it was disturbed, and keeps the least disturbed.
sample() {
    local contender=$1 cell=$2 round=$3 try=$build/try.tsv best=$build/best.tsv status
    : >"$best"
    for _ in 1 2 3; do
        status=0
        run_cell "$contender" "$cell" >"$try" || status=$?
        if ((status == 77)); then # does not apply on this machine
            return 0
        elif ((status != 0)); then
            echo "$contender $cell: failed with $status" >&2
            failures=$((failures + 1))
            return 0
        fi
        if [[ ! -s $best ]] || less "$(foreign_in "$try")" "$(foreign_in "$best")"; then
            cp "$try" "$best"
        fi
        if [[ $quick ]] || ! less "$foreign_limit" "$(foreign_in "$best")"; then
            break
        fi
    done
    sed "s/^/$round\t/" "$best" >>"$samples"
}

all_samples() {
    local contender cell
    for contender in "${contenders[@]}"; do
        for cell in $(cells_of "$contender"); do
            echo "$contender $cell"
        done
    done
}

# Every round takes all samples in another order: no contender always runs after the same other one.
measure() {
    local round contender cell
    : >"$samples"
    for ((round = 1; round <= rounds; round++)); do
        echo "round $round of $rounds" >&2
        while read -r contender cell; do
            sample "$contender" "$cell" "$round" </dev/null
        done < <(all_samples | { grep -E -- "$only" || true; } | shuf)
    done
}

# Sorted by figure and value, so that the middle of a group is its median.
medians() {
    local tab=$'\t'
    printf 'contender\tcell\tfigure\tmedian\tmin\tmax\tsamples\n'
    sort -t "$tab" -k2,2 -k3,3 -k4,4 -k5,5g "$samples" | awk -F '\t' -v OFS='\t' '
        function flush() {
            if (n)
                print key, n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2, v[1], v[n], n
            n = 0
        }
        { k = $2 OFS $3 OFS $4 }
        k != key { flush(); key = k }
        { v[++n] = $5 }
        END { flush() }'
}

report() {
    mkdir -p "$out"
    medians >"$out/results.tsv"
    if command -v python3 >/dev/null; then
        PYTHONDONTWRITEBYTECODE=1 BENCH_QUICK=$quick BENCH_ROUNDS=$rounds BENCH_APR=$apr_version python3 "$benches/report.py" "$out"
        cat "$out/RESULTS.md"
    else
        echo "python3 is missing: no RESULTS.md and no results.svg; the medians:" >&2
        awk -F '\t' '{ printf "%-14s %-8s %-20s %14s\n", $1, $2, $3, $4 }' "$out/results.tsv"
    fi
}

build_all
measure
report
if ((failures)); then
    echo "$failures samples failed" >&2
    exit 1
fi
