"""Makes RESULTS.md and results.svg of results.tsv, all in the directory given. Standard library only."""

import os
import platform
import re
import sys
from pathlib import Path

import plot

BENCHES = Path(__file__).resolve().parent

# In this order in every table and panel.
CONTENDERS = ["orapool", "pl_mutex_vec", "fifo", "r2d2", "deadpool", "apr_reslist"]


class Results:
    """The medians of one run."""

    def __init__(self, path):
        self.medians = {}
        for line in path.read_text().splitlines()[1:]:
            contender, cell, figure, median, *_ = line.split("\t")
            self.medians[contender, cell, figure] = float(median)

    def get(self, contender, cell, figure):
        """A median, or None if it was not measured."""
        return self.medians.get((contender, cell, figure))

    def ours(self, cell, figure):
        return self.get("orapool", cell, figure)

    def ratio(self, cell, figure, contender):
        """Ours to another contender's."""
        return divided(self.ours(cell, figure), self.get(contender, cell, figure))

    def contenders(self):
        found = {contender for contender, _, _ in self.medians}
        return [contender for contender in CONTENDERS if contender in found]

    def figures(self, figure):
        """All medians of a figure, whatever contender and cell."""
        return [value for (_, _, name), value in self.medians.items() if name == figure]


# ---- numbers as people read them ----


def rounded(value):
    """Three digits that count."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if value >= 0.01 or value == 0 else f"{value:.1g}"


def duration(ns):
    for limit, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "µs")):
        if ns >= limit:
            return f"{rounded(ns / limit)} {unit}"
    return f"{rounded(ns)} ns"


def rate(per_second):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if per_second >= limit:
            return f"{rounded(per_second / limit)}{unit}"
    return rounded(per_second)


def fairness(value):
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


# ---- tables ----


def table(head, rows):
    ruler = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ruler, *rows]) + "\n"


def figures_table(results, head, columns):
    """A row for each contender that has any of the columns (cell, figure, format)."""
    rows = []
    for contender in results.contenders():
        values = [(results.get(contender, cell, figure), form) for cell, figure, form in columns]
        if any(value is not None for value, _ in values):
            rows.append([contender, *("–" if value is None else form(value) for value, form in values)])
    return table(["contender", *head], rows)


def uncontended_table(results):
    columns = [("u1", "ns_per_pair", rounded), ("big", "ns_per_pair", rounded)]
    columns += [("c2", "pairs_per_s", rate), ("c8", "pairs_per_s", rate)]
    head = ["1 thread, 10 sessions: ns/pair", "1 thread, 1,000 sessions: ns/pair"]
    return figures_table(results, head + ["2 threads pinned: pairs/s", "8 threads: pairs/s"], columns)


def contended_table(results, cell):
    figures = [("pairs_per_s", rate), ("fairness", fairness)]
    figures += [(f"wait_{name}_ns", duration) for name in ("p50", "p99", "p999", "max")]
    figures += [("cpu_us_per_pair", rounded), ("switches_per_pair", rounded)]
    head = ["pairs/s", "fairness", "wait p50", "p99", "p99.9", "longest", "CPU µs/pair", "switches/pair"]
    return figures_table(results, head, [(cell, figure, form) for figure, form in figures])


OCI = ["orapool_oci", "odpic"]


# What is measured, as contender and figure, and how a reader would call it.
LANGUAGES = [
    ("C", "orapool", "ns_per_pair"),
    ("Java: `acquire`, `close`", "java", "ns_per_pair"),
    ("Python: `get`, `release`", "python", "ns_per_pair"),
    ("Python: `with pool.acquire()`", "python", "ns_per_with_block"),
    ("Node: `tryAcquire`, `releaseSync`", "node", "ns_per_pair"),
    ("Node: `await acquire()`, `await release()`", "node", "ns_per_pair_async"),
]


def languages_table(results):
    base = results.get("orapool", "u1", "ns_per_pair")
    rows = []
    for name, contender, figure in LANGUAGES:
        value = results.get(contender, "u1", figure)
        if value is not None and base is not None:
            rows.append([name, duration(value), duration(value - base), f"{rounded(value / base)}×"])
    return table(["", "a pair", "on top of C", "/ C"], rows)


def oci_table(results):
    columns = [("u1", "ns_per_pair", rounded), ("c2", "pairs_per_s", rate), ("c8", "pairs_per_s", rate)]
    rows = []
    for contender in OCI:
        values = [(results.get(contender, cell, figure), form) for cell, figure, form in columns]
        if any(value is not None for value, _ in values):
            rows.append([contender, *("–" if value is None else form(value) for value, form in values)])
    return table(["contender", "1 thread: ns/pair", "2 threads pinned: pairs/s", "8 threads: pairs/s"], rows)


TAGS = [
    ("untagged_ns", "no tag"),
    ("same_tag_ns", "the tag that this thread had last"),
    ("next_tag_ns", "another tag each time"),
    ("partial_ns", "half of a tag that a tenth of them share"),
    ("unrelated_ns", "a tag of which none has anything"),
]


def tags_table(results):
    cells = ["t10", "t1000", "t10000"]
    rows = []
    for figure, text in TAGS:
        values = [results.get("tags", cell, figure) for cell in cells]
        if any(value is not None for value in values):
            rows.append([text, *("–" if value is None else duration(value) for value in values)])
    head = ["10 sessions, 10 tags", "1,000 sessions, 100 tags", "10,000 sessions, 10,000 tags"]
    return table(["asked for", *head], rows)


COUNTS = ["allocations", "frees", "clock_precise", "clock_coarse", "pthread_locks", "pthread_waits", "syscalls"]


def counts_table(results):
    head = ["allocations", "frees", "clock reads", "coarse reads", "pthread locks", "sleeps, signals", "system calls"]
    return figures_table(results, head, [("counts", figure, rounded) for figure in COUNTS])


MACHINE = [
    ("clock_read_ns", "a clock read"),
    ("locked_add_ns", "a locked addition"),
    ("line_crossing_ns", "a cache line from one processor to the other"),
    ("futex_crossing_ns", "a thread woken on the other processor by a futex, waking included"),
    ("sleep_50us_ns", "a sleep of 50 µs"),
]


def machine_table(results):
    values = [(text, results.get("machine", "floor", figure)) for figure, text in MACHINE]
    return table(["unit price", "measured"], [[text, duration(v)] for text, v in values if v is not None])


# ---- targets ----


class Target:
    """A ratio or figure, with the bound that must hold and the one aimed at."""

    def __init__(self, text, value, must, aim, most=True, form=rounded, unit="×"):
        self.text, self.value, self.must, self.aim = text, value, must, aim
        self.most, self.form, self.unit = most, form, unit

    def holds(self, bound):
        return self.value <= bound if self.most else self.value >= bound

    def verdict(self):
        if self.value is None:
            return "not measured"
        if self.holds(self.aim):
            return "aim met"
        return "must met" if self.holds(self.must) else "**missed**"

    def row(self):
        sign = "≤" if self.most else "≥"
        value = "–" if self.value is None else f"{self.form(self.value)}{self.unit}"
        bounds = [f"{sign} {self.form(bound)}{self.unit}" for bound in (self.must, self.aim)]
        return [self.text, value, *bounds, self.verdict()]


def divided(over, under):
    return None if over is None or not under else over / under


def speed_targets(results):
    ours, ratio = results.ours, results.ratio
    growth = divided(ours("big", "ns_per_pair"), ours("u1", "ns_per_pair"))
    return [
        Target("1 thread: pair / mutex pair", ratio("u1", "ns_per_pair", "pl_mutex_vec"), 1.5, 1.0),
        Target("1,000 idle sessions / 10", growth, 1.3, 1.15),
        Target("2 threads pinned: pairs/s / mutex", ratio("c2", "pairs_per_s", "pl_mutex_vec"), 1, 4, most=False),
        Target("16 threads, 4 sessions: fairness", ours("w16x4", "fairness"), 1.2, 1.1, form=fairness, unit=""),
        Target("… pairs/s / strict FIFO", ratio("w16x4", "pairs_per_s", "fifo"), 1, 1.15, most=False),
        Target("… p99.9 wait / r2d2's", ratio("w16x4", "wait_p999_ns", "r2d2"), 1 / 4, 1 / 15),
        Target("64 threads, 2 sessions: fairness", ours("w64x2", "fairness"), 1.1, 1.02, form=fairness, unit=""),
        Target("… longest wait / median", ours("w64x2", "wait_max_over_p50"), 2.5, 1.75),
    ]


def scaling(results, contender):
    """Pairs per second of two threads to those of one."""
    one = results.get(contender, "u1", "ns_per_pair")
    two = results.get(contender, "c2", "pairs_per_s")
    return None if one is None or two is None else two * one / 1e9


def further_targets(results):
    ours, ratio = results.ours, results.ratio
    rates = divided(ours("c8", "pairs_per_s"), ours("c2", "pairs_per_s"))
    longest = ours("w16x4", "wait_max_ns")
    tail = divided(ours("w64x2", "wait_p999_ns"), ours("w64x2", "wait_p50_ns"))
    def tagged(cell, figure):
        return results.get("tags", cell, figure)

    asked = [ours("counts", figure) for figure in COUNTS]
    total = None if None in asked else sum(asked)
    return [
        Target("8 threads: pairs/s / own with 2", rates, 0.8, 0.95, most=False),
        Target("16 threads, 4 sessions: longest wait", longest, 10e6, 4e6, form=duration, unit=""),
        Target("64 threads, 2 sessions: p99.9 / median wait", tail, 2, 1.6),
        Target("… pairs/s / strict FIFO", ratio("w64x2", "pairs_per_s", "fifo"), 0.93, 1, most=False),
        Target(
            "OCI, 1 thread: pair / ODPI-C's own pool",
            divided(results.get("orapool_oci", "u1", "ns_per_pair"), results.get("odpic", "u1", "ns_per_pair")),
            1,
            0.1,
        ),
        Target(
            "OCI, pairs/s of 2 threads / of 1",
            scaling(results, "orapool_oci"),
            1,
            1.8,
            most=False,
        ),
        Target(
            "the tag that a thread had last / no tag, 1,000 sessions",
            divided(tagged("t1000", "same_tag_ns"), tagged("t1000", "untagged_ns")),
            2,
            2,
        ),
        Target(
            "another tag each time: 1,000 sessions / 10",
            divided(tagged("t1000", "next_tag_ns"), tagged("t10", "next_tag_ns")),
            1.3,
            1.3,
        ),
        Target(
            "half a tag, 10,000 sessions", tagged("t10000", "partial_ns"), 50e3, 50e3, form=duration, unit=""
        ),
        Target("nothing of a tag, likewise", tagged("t10000", "unrelated_ns"), 50e3, 50e3, form=duration, unit=""),
        Target("allocations, clock reads, locks, system calls per pair", total, 0, 0, unit=""),
    ]


def targets_table(targets):
    return table(["target", "measured", "must", "aim", "verdict"], [target.row() for target in targets])


# ---- what was measured, on what ----


def processor():
    try:
        models = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    except OSError:
        models = []
    return models[0] if models else platform.machine()


def machine_line():
    return f"{processor()}, {os.cpu_count()} processors, Linux {platform.release()}"


def versions():
    lock = (BENCHES / "peers" / "Cargo.lock").read_text()
    found = dict(re.findall(r'name = "(r2d2|deadpool|parking_lot)"\nversion = "([^"]*)"', lock))
    # r2d2 has a parking_lot of its own: the last in the file is the newer one, ours.
    names = [f"{name} {found[name]}" for name in ("parking_lot", "r2d2", "deadpool") if name in found]
    apr = os.environ.get("BENCH_APR")
    return ", ".join(names + ([f"apr-util {apr}"] if apr else []))


def disturbance(results):
    shares = sorted(results.figures("foreign"))
    if not shares:
        return ""
    text = (
        f"While samples were taken, other processes had {shares[len(shares) // 2]:.1%} of the machine "
        f"(median of all cells; the worst had {shares[-1]:.1%})."
    )
    busy = shares[len(shares) // 2] > 0.08
    return f"**The machine was busy; measure again.** {text}" if busy else text


def preface(results):
    lines = [f"{machine_line()}. {os.environ.get('BENCH_ROUNDS', '?')} rounds, medians. Peers: {versions()}."]
    if os.environ.get("BENCH_QUICK"):
        lines.append("**One short round, to see that the suite works: the figures are of no worth.**")
    lines.append(disturbance(results))
    return "\n".join(line for line in lines if line)


def markdown(results):
    return f"""# Results

{preface(results)}
Made by `benches/run.sh`; `README.md` beside this file tells how each figure comes about and what it does not say.

## Speed targets

Ratios within this one run. A target that is missed fails nothing: it is reported.

{targets_table(speed_targets(results))}
Further ones:

{targets_table(further_targets(results))}
## No thread waits

{uncontended_table(results)}
## 16 threads, 4 sessions, each held for 5 µs of work

{contended_table(results, "w16x4")}
## 64 threads, 2 sessions, each held for a sleep of 50 µs

{contended_table(results, "w64x2")}
## From other languages

The same pair through the bindings in `bindings`, one thread, 10 sessions or fewer.

{languages_table(results)}
## On OCI

The library's OCI driver and ODPI-C's own pool, both on the stand-in for Oracle's client library.

{oci_table(results)}
## Gets that ask for a tag

One thread, all sessions idle; per pair of get and release.

{tags_table(results)}
## What one pair asks of libc and the kernel

{counts_table(results)}
## What this machine charges

{machine_table(results)}
![The figures as a picture](results.svg)
"""


def main():
    out = Path(sys.argv[1])
    results = Results(out / "results.tsv")
    (out / "RESULTS.md").write_text(markdown(results))
    (out / "results.svg").write_text(plot.picture(results, machine_line()))


if __name__ == "__main__":
    main()
