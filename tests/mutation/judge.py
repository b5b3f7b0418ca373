"""What `resdsl check` says of a mutant, and whether that is right."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

from resdsl import check, zoo
from resdsl.diagnostics import Diagnostic
from resdsl.paths import specs_root, std_root
from resdsl.source import Source
from resdsl.syntax import parse
from tests.mutation.mutants import Mutant
from tests.mutation.std_calls import net_of
from tests.mutation.words import unknown

SECONDS = 10.0
"""Of this process: a hang, while the longest file takes less than one on an idle machine."""

VERDICTS = {
    "near": "told within one line of the change",
    "same": "accepted: the same tree",
    "legal": "accepted: another net, which the text says",
    "expect": "accepted: another net, and only an `expect` elsewhere says so",
    "far": "told elsewhere",
    "wrong": "accepted, with a word that nothing defines",
    "crash": "crashed, or too slow",
}
RIGHT = frozenset(["near", "same", "legal", "expect"])


@dataclass(frozen=True, slots=True)
class Spec:
    """A shipped text: its name, the folder that its `use` lines start from, what is put after it
    so that it is looked into.
    """

    name: str
    text: str
    folder: Path | None
    tail: str = ""

    @property
    def family(self) -> str:
        """The folder that it stands in."""
        return self.name.rpartition("/")[0] or "specs"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`found` is a key of VERDICTS; `first`: the first diagnostic is near; `alone`: there is no
    other (but promises that fail too); `said`: all of them.
    """

    spec: str
    mutant: Mutant
    found: str
    first: bool = False
    alone: bool = False
    said: tuple[str, ...] = ()


def shipped() -> list[Spec]:
    """Every shipped net, and every file of the standard library with a net that uses it."""
    root, std = specs_root(), std_root()
    nets = [
        Spec(p.relative_to(root).with_suffix("").as_posix(), p.read_text("utf-8"), p.parent)
        for p in sorted(root.rglob("*.res"))
    ]
    blocks = [
        Spec(f"std/{p.stem}", p.read_text("utf-8"), None, net_of(p.stem))
        for p in sorted(std.glob("*.res"))
    ]
    return nets + blocks


def judge(spec: Spec, mutant: Mutant) -> Verdict:
    """Check a mutant, every model of it."""
    standing, start = _standing(spec), time.process_time()
    try:
        found = [d for d in diagnose(spec, mutant.text) if (d.code, d.message) not in standing]
    except Exception as error:
        return Verdict(spec.name, mutant, "crash", said=(f"{type(error).__name__}: {error}",))
    said = tuple(f"{d.span}: {d.code} {d.message}" for d in found)
    if time.process_time() - start > SECONDS:
        return Verdict(spec.name, mutant, "crash", said=("too slow", *said))
    near = [_near(d, spec, mutant) for d in found]
    errors = [d.code for d in found if d.severity == "error"]
    others = [code for code in errors if code != "E402"]
    if any(near):
        return Verdict(spec.name, mutant, "near", near[0], len(others) < 2, said)
    if others:
        return Verdict(spec.name, mutant, "far", False, len(others) < 2, said)
    if words := unknown(mutant.text + spec.tail, spec.folder):
        return Verdict(spec.name, mutant, "wrong", said=(f"unknown: {sorted(words)}", *said))
    accepted = "expect" if errors else "same" if _same(spec.text, mutant.text) else "legal"
    return Verdict(spec.name, mutant, accepted, said=said)


def diagnose(spec: Spec, text: str) -> tuple[Diagnostic, ...]:
    """All that `resdsl check` says of this text in the place of the spec's."""
    source = Source(spec.name, text + spec.tail)
    located = zoo.Located(source, spec.folder, None, spec.name)
    with patch.object(zoo, "locate", lambda name: located):
        return check.check(spec.name).diagnostics


@cache
def _standing(spec: Spec) -> frozenset[tuple[str, str]]:
    """What is said of the text as it is shipped, such as that a block stands in std already."""
    return frozenset((d.code, d.message) for d in diagnose(spec, spec.text))


def _near(diagnostic: Diagnostic, spec: Spec, mutant: Mutant) -> bool:
    span = diagnostic.span
    if span is None or span.source.name != spec.name:
        return False
    return mutant.near(span.source.position(span.start)[0])


def _same(before: str, after: str) -> bool:
    trees = [parse.parse(Source("", text)) for text in (before, after)]
    first, second = [(t.uses, t.blocks, t.models) for t in trees]
    return first == second
