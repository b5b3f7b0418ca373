"""`check`: whatever is wrong with a text, or likely not meant, in every model that it holds."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from resdsl import config, zoo
from resdsl.diagnostics import Diagnostic, ResdslError, in_order
from resdsl.elaborate.library import Library, Model, Scope
from resdsl.elaborate.model import Elaborated, elaborate
from resdsl.elaborate.probe import probe
from resdsl.network import InputShape, broken_promises, choose, settings_of, shapes_of
from resdsl.report.style import Paint, plain
from resdsl.report.text import json_text, visible
from resdsl.syntax import tree

Format = Literal["text", "json", "github", "sarif"]

MANY = 16
"""As many specs are worth more than one process."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is found in one spec: in its text, and in the `models` that were looked at.

    `missing`: nothing has that name.
    """

    spec: str
    models: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    missing: bool = False

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return all(d.severity != "error" for d in self.diagnostics)


def check(
    spec: str, params: Mapping[str, Any] | None = None, input: InputShape | None = None
) -> Checked:
    """All errors of a spec and its warnings, by position, nothing twice.

    Every model of the file is looked at, unless one is named, or something is set from outside:
    that is meant for one model, as in `resdsl.load`. A file of blocks alone is fine.
    """
    names: list[str] = []
    missing = False
    try:
        located = zoo.locate(spec)
        off = config.find(located.folder)
        found = _check(located, settings_of(params), shapes_of(input), names)
        found = _kept(found, off)
    except ResdslError as error:
        found = list(error.diagnostics)
        missing = isinstance(error, zoo.SpecNotFound)
    return Checked(spec, tuple(names), tuple(in_order(found)), missing)


def check_all(
    specs: Sequence[str],
    params: Mapping[str, Any] | None = None,
    input: InputShape | None = None,
    jobs: int = 0,
) -> Iterator[Checked]:
    """Each of the specs, in their order; `jobs` processes share the work, 0 means as it is best."""
    one = partial(check, params=params, input=input)
    jobs = min(jobs or _worth(len(specs)), len(specs))
    if jobs < 2 or "-" in specs:  # standard input is this process's own
        yield from map(one, specs)
        return
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(jobs, initializer=_start)
    try:
        yield from pool.map(one, specs, chunksize=max(1, len(specs) // (jobs * 8)))
    finally:
        pool.shutdown(cancel_futures=True)


def changes(specs: Sequence[str]) -> Iterator[None]:
    """Yields whenever a spec or a `resdsl.toml` changes where these paths are, or below.

    Raises ModuleNotFoundError where `watchfiles` is not installed, KeyboardInterrupt when told.
    """
    from watchfiles import watch

    folders = {_folder(spec) for spec in specs}
    for _ in watch(*folders, watch_filter=_matters):
        yield


def report(results: Sequence[Checked], form: Format, paint: Paint = plain) -> str:
    """What is printed of them, each finding once: with a newline at the end, if anything."""
    found = in_order(d for result in results for d in result.diagnostics)
    if form == "text":
        return _text(results, found, paint) + "\n"
    if form == "github":
        from resdsl.report.github import github

        return github(found)
    if form == "sarif":
        from resdsl.report.sarif import sarif

        return json_text(sarif(found)) + "\n"
    return json_text(_data(results, found)) + "\n"


def _text(results: Sequence[Checked], found: Sequence[Diagnostic], paint: Paint) -> str:
    all_of_them = f"{len(results)} files" if len(results) > 1 else results[0].spec
    if not found:
        return f"{visible(all_of_them)}: fine"
    from resdsl.report.findings import render_run

    wrong = sum(bool(result.diagnostics) for result in results)
    among = f"in {wrong} of {all_of_them}" if len(results) > 1 else ""
    return render_run(found, paint, among)


def _data(results: Sequence[Checked], found: Sequence[Diagnostic]) -> dict[str, Any]:
    from resdsl.report.diagnostics import to_data

    errors = sum(d.severity == "error" for d in found)
    specs = [
        {
            "spec": result.spec,
            "ok": result.ok,
            "models": result.models,
            "diagnostics": [to_data(d) for d in result.diagnostics],
        }
        for result in results
    ]
    return {"errors": errors, "warnings": len(found) - errors, "specs": specs}


def _check(
    located: zoo.Located, settings: dict[str, str], shapes: dict[str, list[int]], names: list[str]
) -> list[Diagnostic]:
    library = Library(located.folder)
    scope = library.open(located.source, located.folder)
    asked = bool(located.model or settings or shapes)
    found: list[Diagnostic] = []
    made: list[Elaborated] = []
    # a model that others derive from may leave a parameter to them
    bases = {m.base.text for m in scope.file.models if isinstance(m, tree.ModelAlias)}
    for model in _meant(scope, located, asked):
        names.append(model.name)
        try:
            made.append(elaborate(model, library, dict(settings), shapes))
        except ResdslError as error:
            left = () if asked or model.name not in bases else ("E214",)
            found += [d for d in error.diagnostics if d.code not in left]
    found += library.errors
    for block in scope.file.blocks:
        found += probe(scope.blocks[block.name.text])
    if not found:
        found += _lint(scope, library, made)
    for elaborated in made:
        found += [*elaborated.warnings, *broken_promises(elaborated)]
    return found


def _meant(scope: Scope, located: zoo.Located, asked: bool) -> list[Model]:
    """The models to look at; choosing one is an error in a file that holds nothing."""
    file = scope.file
    if asked or not (file.models or file.blocks or file.uses or file.broken):
        return [choose(scope, located)]
    names = dict.fromkeys(model.name.text for model in file.models)
    return [scope.models[name] for name in names if name in scope.models]


def _lint(scope: Scope, library: Library, made: list[Elaborated]) -> list[Diagnostic]:
    from resdsl.lint import lint

    return lint(scope.file, library, made)


def _kept(found: list[Diagnostic], off: config.Config) -> list[Diagnostic]:
    if all(d.severity == "error" for d in found):
        return found
    from resdsl.lint import kept

    return kept(found, off)


def _worth(specs: int) -> int:
    """Processes for so many specs: each has to be started, and wants some to look at."""
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return min(cores, specs // (MANY // 2)) if specs >= MANY else 1


def _start() -> None:
    """A process of the pool: Ctrl-C is for the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.enable()


def _folder(spec: str) -> Path:
    path = Path(spec)
    with suppress(ResdslError):
        if not path.is_dir():
            return (zoo.locate(spec).folder or path).resolve()
    return path.resolve()


def _matters(_: object, path: str) -> bool:
    return path.endswith((".res", config.NAME))
