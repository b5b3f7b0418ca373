"""Differential fuzzing at length: `make fuzz N=10000 OUTPUTS=500`.

Prints how many nets were tried and what failed, each by its smallest text; exits 1 if anything did.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

from tests.fuzz import properties

SHARD = {"counts": 100, "laws": 100, "outputs": 10, "steps": 10, "loops": 10}
Task = tuple[str, int, int]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--counts", type=int, default=1_000, help="nets to count")
    parser.add_argument("--outputs", type=int, default=50, help="nets to run in every framework")
    parser.add_argument("--steps", type=int, default=20, help="nets to train for a step")
    parser.add_argument("--loops", type=int, default=20, help="nets whose repeats become loops")
    parser.add_argument("--laws", type=int, default=0, help="nets to format and dump")
    parser.add_argument("--seed", type=int, default=0, help="where to begin")
    parser.add_argument("--jobs", type=int, help="processes; as many as there are cores")
    options = parser.parse_args()
    failures, done, start = 0, dict.fromkeys(SHARD, 0), perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        for task, tried, failure in pool.map(run, list(_tasks(options))):
            done[task[0]] += tried
            print(f"{perf_counter() - start:7.0f} s  {done}", flush=True)
            if failure:
                failures += 1
                print(f"{task[0]}, seed {task[2]}:\n{failure}", flush=True)
    print(f"{failures} shards of nets failed" if failures else "all held")
    return 1 if failures else 0


def _tasks(options: argparse.Namespace) -> Iterator[Task]:
    for name, size in SHARD.items():
        wanted = getattr(options, name)
        for number, first in enumerate(range(0, wanted, size)):
            yield name, min(size, wanted - first), 1_000 + options.seed + number


def run(task: Task) -> tuple[Task, int, str]:
    """A shard: how many different nets held, and what did not."""
    name, count, seed = task
    try:
        return task, properties.explore(getattr(properties, name), count, seed), ""
    except Exception:
        return task, 0, traceback.format_exc(limit=-3)


if __name__ == "__main__":
    sys.exit(main())
