"""Break every shipped text and see what is said: `make mutations`, and a figure of `make bench`.

Prints a table by kind of mistake and by folder, writes what was told elsewhere or accepted wrongly
to build/mutations.json, and exits 1 below the promised share or where anything crashed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.mutation.judge import RIGHT, VERDICTS, Spec, Verdict, judge, shipped
from tests.mutation.mutants import KINDS, OF_THE_PROMISE, mutants

PROMISED = 90.0  # percent
FAILURES = Path("build/mutations.json")


def main() -> int:
    """Judge the mutants, print what became of them, and say by the exit code whether it is well."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--each", type=int, default=500, help="mutants of each file")
    parser.add_argument("--only", default="", help="files whose name contains this")
    parser.add_argument("--jobs", type=int, help="processes; as many as there are cores")
    parser.add_argument("--brief", action="store_true", help="print the figure alone")
    options = parser.parse_args()
    specs = [spec for spec in shipped() if options.only in spec.name]
    families = {spec.name: spec.family for spec in specs}
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for done in pool.map(all_of, specs, [options.each] * len(specs)):
            verdicts += done
            if not options.brief:
                print(f"{done[0].spec:<32}{len(done):6}{share(done):8.1f} %", flush=True)
    if not options.brief:
        _tables(verdicts, families)
        _keep(verdicts)
    crashes = sum(v.found == "crash" for v in verdicts)
    kept = share(verdicts) >= PROMISED and not crashes
    print(
        f"{'mutants told within one line, or rightly accepted':<54}{share(verdicts):8.1f} %"
        f"  of {len(verdicts):,} (limit {PROMISED:.0f}), {crashes} crashes"
        f"  {'ok' if kept else 'MISSED'}"
    )
    return 0 if kept else 1


def all_of(spec: Spec, count: int) -> list[Verdict]:
    """The verdicts on that many mutants of a spec."""
    return [judge(spec, mutant) for mutant in mutants(spec.name, spec.text, count)]


def share(verdicts: Sequence[Verdict]) -> float:
    """How many percent are told near or accepted rightly."""
    return 100 * sum(v.found in RIGHT for v in verdicts) / max(1, len(verdicts))


def _tables(verdicts: list[Verdict], families: dict[str, str]) -> None:
    heads = "".join(f"{found:>8}" for found in VERDICTS)
    print(f"\n{'percent':<28}{'right':>7}{'mutants':>9}{heads}{'first':>8}{'alone':>8}")
    _rows(verdicts, list(KINDS), lambda v: v.mutant.kind)
    print()
    _rows(verdicts, sorted(set(families.values())), lambda v: families[v.spec])
    print()
    _row("the six kinds promised", [v for v in verdicts if v.mutant.kind in OF_THE_PROMISE])
    _row("all", verdicts)
    print()
    for found, meaning in VERDICTS.items():
        print(f"  {found:<8}{meaning}")
    print(f"  {'first':<8}of those near: the first diagnostic is")
    print(f"  {'alone':<8}of those told: by one error, and no second one follows from it")
    codes = Counter(v.said[0].split(": ", 1)[1][:4] for v in verdicts if v.found == "far")
    print("\ntold elsewhere, by code:", ", ".join(f"{c} {n}" for c, n in codes.most_common()), "\n")


def _rows(verdicts: list[Verdict], names: list[str], name_of: Callable[[Verdict], str]) -> None:
    for name in names:
        _row(name, [v for v in verdicts if name_of(v) == name])


def _row(name: str, verdicts: list[Verdict]) -> None:
    if not verdicts:
        return
    counts = Counter(v.found for v in verdicts)
    parts = [100 * counts[found] / len(verdicts) for found in VERDICTS]
    first = 100 * sum(v.first for v in verdicts) / max(1, counts["near"])
    alone = 100 * sum(v.alone for v in verdicts) / max(1, counts["near"] + counts["far"])
    columns = "".join(f"{part:8.1f}" for part in [*parts, first, alone])
    print(f"{name:<28}{share(verdicts):7.1f}{len(verdicts):9,}{columns}")


def _keep(verdicts: list[Verdict]) -> None:
    failures = [asdict(v) for v in verdicts if v.found not in RIGHT]
    for failure in failures:
        lines = failure["mutant"].pop("text").split("\n")
        first, last = failure["mutant"]["first"], failure["mutant"]["last"]
        failure["lines"] = lines[max(0, first - 2) : last + 1]
    FAILURES.parent.mkdir(exist_ok=True)
    FAILURES.write_text(json.dumps(failures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
