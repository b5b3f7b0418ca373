"""Commands about texts: `check`, `fmt`, and `explain`, of what they say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from resdsl.cli.common import (
    Format,
    InputOption,
    Json,
    Set,
    UsageError,
    app,
    overrides,
    show_errors,
)
from resdsl.cli.progress import tracked
from resdsl.diagnostics import ResdslError


@app.command()
def check(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Specs, folders of them, shipped nets, or -."),
    ],
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    format_: Annotated[
        Format, typer.Option("--format", help="For people, or for programs.")
    ] = "text",
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings, too.")] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as the number of files asks.")
    ] = 0,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes.")
    ] = False,
) -> None:
    """Check specs: names, shapes, lints, and what they expect of themselves."""
    from resdsl.check import changes, check_all, report
    from resdsl.report.style import paint_for
    from resdsl.zoo import spec_files

    form: Format = "json" if json else format_
    params, inputs = overrides(set_, input_)

    def once() -> int:
        files = spec_files(specs)
        checked = check_all(files, params, inputs, jobs)
        results = list(tracked(checked, len(files), "Checking"))
        sys.stdout.write(report(results, form, paint_for(sys.stdout)))
        sys.stdout.flush()
        failed = any(not r.ok or (strict and r.diagnostics) for r in results)
        return 2 if any(r.missing for r in results) else int(failed)

    if not watch:
        raise typer.Exit(once())
    _can_watch(specs, form)
    _again(once)
    for _ in changes(specs):
        _again(once)


@app.command()
def fmt(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders of them, or -.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file would change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what changes.")] = False,
) -> None:
    """Lay out specs in the one canonical way; comments and grouping stay."""
    from resdsl import fmt as formatter
    from resdsl.report.style import coloured, paint_for
    from resdsl.report.text import visible

    write = not check and not diff
    results = list(formatter.format_all(paths, write))
    for one in results:
        if diff:
            sys.stdout.write(formatter.diff(one, paint_for(sys.stdout) is coloured))
        elif check and one.changed:
            print(f"would change: {visible(one.path)}")
        elif write and one.path == formatter.STDIN and not one.diagnostics:
            sys.stdout.buffer.write(one.new.encode())
    sys.stdout.flush()
    if found := [d for one in results for d in one.diagnostics]:
        show_errors(ResdslError(*found))
    print(formatter.summary(results, write), file=sys.stderr)
    changed = check and any(one.changed for one in results)
    raise typer.Exit(max(int(changed), *(one.exit_code for one in results)))


@app.command()
def explain(
    codes: Annotated[
        list[str], typer.Argument(metavar="[CODE]...", help="Such as E310; all of them without.")
    ] = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Say what an error or a warning means: what, why, an example and its repair."""
    from dataclasses import asdict

    from resdsl.diagnostics import CODES
    from resdsl.explanations import page
    from resdsl.report.style import is_rich
    from resdsl.report.text import json_text

    pages = [page(_code(code)) for code in codes]
    if json:
        print(json_text([asdict(p) for p in pages or map(page, CODES)]))
    elif not pages:
        print("\n".join(f"{code}  {title}" for code, title in CODES.items()))
    elif is_rich(sys.stdout):
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown("\n".join(p.text for p in pages)))
    else:
        sys.stdout.write("\n".join(p.text for p in pages))


def _code(word: str) -> str:
    from resdsl.diagnostics import CODES, did_you_mean

    if word.upper() in CODES:
        return word.upper()
    near = (code for code in CODES if code.startswith(word.upper()) or code[1:] == word)
    code = next(near, None) if word else None
    hint = f"did you mean `{code}`?" if code else did_you_mean(word.upper(), CODES)
    hint = hint or "`resdsl explain` lists them"
    raise UsageError(f"there is no code `{word}`; {hint}")


def _can_watch(specs: list[str], form: Format) -> None:
    from importlib.util import find_spec

    if "-" in specs or form != "text":
        raise UsageError("--watch is for files, and shows text")
    if find_spec("watchfiles") is None:
        raise UsageError("--watch needs watchfiles: pip install 'resdsl[watch]'")


def _again(once: Callable[[], int]) -> None:
    """One round of `check --watch`."""
    from resdsl.report.style import is_rich

    if is_rich(sys.stdout):
        print("\x1b[2J\x1b[H", end="")
    try:
        once()
    except ResdslError as error:  # a folder that has no spec, for now
        show_errors(error)
    print("Watching for changes; Ctrl-C ends.", file=sys.stderr, flush=True)
