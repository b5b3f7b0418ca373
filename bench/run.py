"""The promised speeds, measured: `make bench`.

A row is a ratio of two times taken in one run, so that it holds on a slow machine as on a fast one;
but for a reader's patience, which is a time of its own.
The two take turns; the median of each decides, and the least of each is shown beside it. Exits 1
where a ratio lies above its limit. To add a figure, add a row to `ROWS`.

What follows the rows is training on a GPU, where there is one (gpu.py).

The last lines are no speeds: how far apart the frameworks are (docs/weights.md), and the share of
mistakes that are told where they are (docs/mutation.md).
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import compiling
import gpu
import page

from resdsl.elaborate.library import Library
from resdsl.elaborate.model import elaborate
from resdsl.zoo import locate

ROOT = Path(__file__).resolve().parents[1]
LONG = ROOT / "build" / "long.res"  # of as many statements as a file may have
ENOUGH = 0.05  # seconds that one sample in process lasts at least

Sample = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """`what` takes at most `limit` times as long as `than`."""

    name: str
    what: Sample
    than: Sample
    limit: float
    rounds: int = 7
    """Times that both are taken, after a first time that fills caches: but for 1 only once."""


def process(*command: str) -> Sample:
    """Seconds of a whole process, from its start to its end.

    What is installed has its byte code beside it; so has this checkout, after the first run.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def sample() -> float:
        start = perf_counter()
        subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        return perf_counter() - start

    return sample


def call(function: Callable[[], object]) -> Sample:
    """Seconds of one call in this process: the mean over as many as make a sample long enough."""

    def sample() -> float:
        gc.collect()
        calls, start = 0, perf_counter()
        while calls == 0 or perf_counter() - start < ENOUGH:
            function()
            calls += 1
        return (perf_counter() - start) / calls

    return sample


def python(statement: str) -> Sample:
    """Seconds of a process that runs one statement."""
    return process(sys.executable, "-c", statement)


def command(*words: str) -> Sample:
    """Seconds of a process that runs the command `resdsl`."""
    return process(str(Path(sys.executable).with_name("resdsl")), *words)


def elaboration(name: str, **settings: str) -> Sample:
    """Seconds from the parsed text of one net of the zoo to its checked graph."""
    located = locate(name)
    library = Library(located.folder)
    scope = library.open(located.source, located.folder)
    model = scope.models[name.rpartition("/")[2]]
    return call(lambda: elaborate(model, library, dict(settings)))


ROWS = [
    Row(
        "stats resnet152, cold / python -c pass",
        command("stats", "specs/resnet152.res"),
        python("pass"),
        limit=35,
    ),
    Row(
        "stats resnet152, cold / import torch",
        command("stats", "specs/resnet152.res"),
        python("import torch"),
        limit=1 / 4,
    ),
    Row(
        "elaborate CIFAR ResNet-12002 / ResNet-1202",
        elaboration("cifar/resnet1202", depth="12002"),
        elaboration("cifar/resnet1202"),
        limit=12,
    ),
    Row(
        "elaborate CIFAR ResNet-1202 / ResNet-20",
        elaboration("cifar/resnet1202"),
        elaboration("cifar/resnet20"),
        limit=8,
    ),
    Row(
        "check 10,000 statements / import torch",
        command("check", str(LONG)),
        python("import torch"),
        limit=2,
        rounds=3,
    ),
    Row(
        "make ResNet-50 in Flax, create / eager NNX",
        compiling.construction("resnet50", eager=False),
        compiling.construction("resnet50", eager=True),
        limit=1 / 5,
        rounds=1,
    ),
    Row(
        "compile step CIFAR-110, auto / unrolled",
        compiling.step("cifar/resnet110", "auto"),
        compiling.step("cifar/resnet110", "unroll"),
        limit=0.4,
        rounds=1,
    ),
    Row(
        "compile step ResNet-152, auto / unrolled",
        compiling.step("resnet152", "auto"),
        compiling.step("resnet152", "unroll"),
        limit=0.6,
        rounds=1,
    ),
    Row(
        "compile step CIFAR-1202 / 110, both auto",
        compiling.step("cifar/resnet1202", "auto"),
        compiling.step("cifar/resnet110", "auto"),
        limit=2,
        rounds=1,
    ),
    Row(
        "page of ResNet-152: a stage opens / 300 ms",
        page.opening("resnet152", "conv4_x"),
        lambda: 0.3,
        limit=1,
        rounds=1,
    ),
]


def measure(row: Row) -> bool:
    """Print the row's line and say whether it keeps its promise."""
    if row.rounds > 1:
        row.what(), row.than()
    pairs = [(row.what(), row.than()) for _ in range(row.rounds)]
    whats, thans = zip(*pairs, strict=True)
    ratio, least = median(whats) / median(thans), min(whats) / min(thans)
    kept = bool(ratio <= row.limit)
    print(
        f"{row.name:<46}{median(whats) * 1e3:9.1f}{median(thans) * 1e3:9.1f}"
        f"{ratio:9.2f}{least:9.2f}{row.limit:9.2f}  {'ok' if kept else 'MISSED'}",
        flush=True,
    )
    return kept


def mutations() -> bool:
    """Print which share of a sample of mistakes is told where it is, and say whether it is enough.

    `make mutations` takes ten times as many.
    """
    command = [sys.executable, "-m", "tests.mutation", "--each", "50", "--brief"]
    return subprocess.run(command, cwd=ROOT).returncode == 0


def agreement() -> bool:
    """Print how far apart the frameworks are on two nets, and say whether that is rounding.

    `make verify` takes every shipped net.
    """
    command = [sys.executable, "-m", "tests.verify", "cifar/resnet110", "resnet50"]
    return subprocess.run(command, cwd=ROOT).returncode == 0


LAST: dict[str, Callable[[], bool]] = {
    "gpu": lambda: gpu.table(gpu.Setup()),
    "verify": agreement,
    "mutations": mutations,
}


def main() -> int:
    """Measure the rows and the rest; where there are arguments, what has one in its name."""
    words = sys.argv[1:]
    LONG.parent.mkdir(exist_ok=True)
    LONG.write_text("model long\ninput image: 3x8x8\n" + "relu\n" * 10_000 + "output y\n")
    rows = [row for row in ROWS if not words or any(word in row.name for word in words)]
    print(f"{'':<46}{'ms':>9}{'than ms':>9}{'ratio':>9}{'of least':>9}{'limit':>9}")
    kept = [measure(row) for row in rows]
    kept += [
        last() for name, last in LAST.items() if not words or any(word in name for word in words)
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
