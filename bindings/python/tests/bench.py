"""What a get and a release cost from Python: one thread, one session that is always there. The least of several rounds,
because whatever else the machine does only adds to it. One line of JSON."""

import argparse
import json
import time

import orapool

ROUNDS = 15
PAIRS = 20_000


def plain(pool, pairs):
    for _ in range(pairs):
        pool.get().release()


def in_a_block(pool, pairs):
    for _ in range(pairs):
        with pool.acquire():
            pass


def least_ns(work, pool, rounds, pairs):
    work(pool, pairs)  # Warms up.
    least = None
    for _ in range(rounds):
        began = time.perf_counter_ns()
        work(pool, pairs)
        took = (time.perf_counter_ns() - began) / pairs
        least = took if least is None else min(least, took)
    return round(least)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    arguments = parser.parse_args()
    with orapool.Pool.create(connect_string="embedded:bench", user="scott", password="tiger") as pool:
        plain_ns = least_ns(plain, pool, arguments.rounds, arguments.pairs)
        block_ns = least_ns(in_a_block, pool, arguments.rounds, arguments.pairs)
    print(json.dumps({"language": "python", "ns_per_pair": plain_ns, "ns_per_with_block": block_ns}))


if __name__ == "__main__":
    main()
