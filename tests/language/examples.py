"""An example of docs/semantics is run: what is found in it, and what its net comes to."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from typer.main import get_command

import resdsl
from resdsl.check import check
from resdsl.cli import app
from resdsl.diagnostics import Diagnostic, Label
from resdsl.ir.op import Op
from resdsl.ir.shape import show
from resdsl.network import models
from resdsl.report.diagnostics import render
from tests.docs.generated import generate
from tests.language.documents import Example, Expected, Mark, Shown, Text
from tests.language.reading import uses

JARGON = ("Token", "RPAR", "_NL", "$END", "Unexpected token", "__", "pydantic", "Traceback")


def write(example: Example, folder: Path) -> Path:
    """The files of an example; the path of its text."""
    for text in (*example.files, example.text):
        path = folder / text.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.spec, encoding="utf-8")
    off = f"[lint]\noff = {list(example.off)}\n"
    (folder / "resdsl.toml").write_text(off, encoding="utf-8")
    return folder / example.text.name


def found(example: Example, path: Path) -> list[Diagnostic]:
    """What `resdsl check` finds in an example."""
    spec = f"{path}:{example.model}" if example.model else str(path)
    return list(check(spec, example.settings, example.input).diagnostics)


def network(example: Example, path: Path) -> resdsl.Network:
    """The net of an example, or its last one."""
    model = example.model or models(str(path))[0][-1]
    return resdsl.load(f"{path}:{model}", params=example.settings, input=example.input)


# ---------------------------------------------------------------- expectations


def problems(example: Example, folder: Path) -> list[str]:
    """Where the comments of an example are wrong, in words."""
    folder = folder.resolve()
    path = write(example, folder)
    here = found(example, path)
    wrong = [*_differences((*example.files, example.text), here, folder), *_jargon(here)]
    if wrong:
        return wrong
    return [] if here and _errors(here) else list(_shapes(example, path))


def _errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity == "error" for d in diagnostics)


def _differences(texts: tuple[Text, ...], here: list[Diagnostic], folder: Path) -> Iterator[str]:
    left = list(here)
    for text in texts:
        for expected in text.findings:
            of_line = [d for d in left if _line(d, folder) == (text.name, expected.line)]
            fitting = next((d for d in of_line if _fits(d, expected)), None)
            if fitting is None:
                yield f"not found in {text.name}: {expected}"
            else:
                left.remove(fitting)
        for mark in text.marks:
            if not any(_marks(label, mark, text, folder) for d in here for label in d.labels):
                yield f"no such label in {text.name}: {mark}"
    for diagnostic in left:
        yield f"not expected:\n{render(diagnostic)}"


def _jargon(here: Iterable[Diagnostic]) -> Iterator[str]:
    """Words of the parser and of libraries have no place in what a user reads."""
    for diagnostic in here:
        text = f"{diagnostic.message} {diagnostic.help}"
        yield from (f"`{word}` in: {text}" for word in JARGON if word in text)


def _line(diagnostic: Diagnostic, folder: Path) -> tuple[str, int]:
    """The file and the line of a finding; one that lies in no file has line 0 of the text."""
    span = diagnostic.span
    if span is None or not Path(span.source.name).is_absolute():
        return "net.res", 0
    line, _ = span.source.position(span.start)
    return Path(span.source.name).as_posix().removeprefix(f"{folder.as_posix()}/"), line


def _fits(diagnostic: Diagnostic, expected: Expected) -> bool:
    """Code, message, columns; and each thing that it should say, it says."""
    said: dict[str, list[str]] = {
        "help": [diagnostic.help or ""],
        "note": list(diagnostic.notes),
        "label": [f"{label.message} {label.span.text}" for label in diagnostic.labels],
        "in": [f"{call.message} {call.span.text}" for call in diagnostic.trace],
    }
    return (
        diagnostic.code == expected.code
        and expected.part in diagnostic.message
        and expected.columns in (None, _columns(diagnostic))
        and all(any(part in text for text in said[kind]) for kind, part in expected.says)
    )


def _columns(place: Diagnostic | Label) -> tuple[int, int] | None:
    """The columns of its first line, as marks below it show them."""
    if place.span is None:
        return None
    line, start = place.span.source.position(place.span.start)
    end = min(len(place.span.source.line(line)) + 1, start + place.span.end - place.span.start)
    return start, max(end, start + 1)


def _marks(label: Label, mark: Mark, text: Text, folder: Path) -> bool:
    line, _ = label.span.source.position(label.span.start)
    here = Path(label.span.source.name) == folder / text.name and line == mark.line
    return here and _columns(label) == mark.columns and mark.part in label.message


def _shapes(example: Example, path: Path) -> Iterator[str]:
    """Where the shape after a line is not the one told: an output is published after each."""
    if not example.text.shapes:
        return
    lines = example.text.spec.splitlines()
    for number, _ in reversed(example.text.shapes):
        lines.insert(number, f"output _after{number}")
    path.write_text("\n".join(lines), encoding="utf-8")
    outputs = network(example, path).stats().outputs
    for number, told in example.text.shapes:
        made = show(outputs[f"_after{number}"])
        if made != told:
            line = example.text.spec.splitlines()[number - 1].strip()
            yield f"`{line}` makes {made}, not {told}"


# ---------------------------------------------------------------- what is shown


def shown(fence: Shown, folder: Path) -> str:
    """The text of a fence that shows what the examples above it come to."""
    made = {_shown(fence.kind, e, folder / str(i)) for i, e in enumerate(fence.examples)}
    assert len(made) == 1, "\n".join([fence.examples[0].place, *made])
    return made.pop()


def _shown(kind: str, example: Example, folder: Path) -> str:
    path = write(example, folder)
    if kind == "text":
        spec = f"{path.name}:{example.model}" if example.model else path.name
        return printed(["check", spec, *_arguments(example)], folder)
    return SHOWN[kind](network(example, path)) + "\n"


def _arguments(example: Example) -> Iterator[str]:
    for name, value in example.settings.items():
        yield from ("--set", f"{name}={value}")
    if example.input:
        yield from ("--input", example.input)


def printed(arguments: list[str], folder: Path) -> str:
    """What the command line prints, in that folder."""
    command, out = get_command(app), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        command(arguments, standalone_mode=False)
    return out.getvalue()


def ops(net: resdsl.Network) -> str:
    """Every op in order: its instance, the op, and the shapes that go in and come out."""
    rows = [
        (use.path, _op(use.op), f"{', '.join(map(show, use.inputs))} -> {show(use.output)}")
        for use in uses(net)
    ]
    wide = [max(len(row[i]) for row in rows) for i in (0, 1)]
    return "\n".join(f"{a:{wide[0]}}  {b:{wide[1]}}  {c}" for a, b, c in rows)


SHOWN: dict[str, Callable[[resdsl.Network], str]] = {
    "names": generate.names,
    "inits": generate.inits,
    "dump": generate.OUTPUTS["dump"],
    "ops": ops,
}


def _op(op: Op) -> str:
    """As the language writes it, without what is so by default."""
    said = op.model_dump(exclude_defaults=True)
    return f"{op.kind}({', '.join(f'{k}={generate.written(v)}' for k, v in said.items())})"
