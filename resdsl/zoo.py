"""Which text a SPEC means: a path, `path:model`, the name of a shipped net, or `-` for standard
input. A shipped net is named by its folder and its model, whichever file defines it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from resdsl import limits
from resdsl.diagnostics import Diagnostic, ResdslError, did_you_mean
from resdsl.elaborate.library import decode, read
from resdsl.paths import specs_root
from resdsl.source import Source


class SpecNotFound(ResdslError):
    """No file and no shipped net has that name."""


@dataclass(frozen=True, slots=True)
class Located:
    """A spec's text, the folder that its `use` lines start from, the model asked for, and how to
    name it again.
    """

    source: Source
    folder: Path | None
    model: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """A shipped file, and one of its models; None for that of the file's own name."""

    path: Path
    model: str | None = None


@cache
def files() -> dict[str, Path]:
    """The shipped files by name: the path under specs/ without `.res`."""
    root = specs_root()
    found = {p.relative_to(root).with_suffix("").as_posix(): p for p in root.rglob("*.res")}
    return {name: found[name] for name in sorted(found, key=_order)}


def _order(name: str) -> tuple[bool, list[tuple[bool, int, str]]]:
    """Those at the top first, and numbers by size: resnet50 before resnet101."""
    parts = re.findall(r"(\d+)|(\D+)", name)
    return "/" in name, [(not digits, int(digits or 0), text) for digits, text in parts]


@cache
def zoo() -> dict[str, Shipped]:
    """The shipped nets by name: the folder under specs/, and the model. What several files of a
    folder call alike, a part such as `trunk`, is none of them.
    """
    found: dict[str, list[Shipped]] = {}
    for name, path in files().items():
        folder = name[: name.rfind("/") + 1]
        text = path.read_text(encoding="utf-8")
        for model in re.findall(r"^model (\w+)", text, re.MULTILINE):  # where `resdsl fmt` has it
            own = folder + model == name
            found.setdefault(folder + model, []).append(Shipped(path, None if own else model))
    return {name: nets[0] for name, nets in found.items() if len(nets) == 1}


def find(name: str) -> Shipped | None:
    """The shipped net of that full name, or whose name's last part it is, where that is unique.

    A file that has no model of its own name is found by that, too: it says what models it has.
    """
    if name in files():  # the quick way: the other files stay unread
        return Shipped(files()[name])
    nets = {**{key: Shipped(path) for key, path in files().items()}, **zoo()}
    if name in nets:
        return nets[name]
    found = [net for key, net in nets.items() if key.rpartition("/")[2] == name]
    return found[0] if len(found) == 1 else None


def _name_of(path: Path, model: str | None) -> str:
    """How to name a model of that file again."""
    shipped = next((key for key, at in files().items() if at == path.resolve()), None)
    if shipped is None:
        return f"{path.name}:{model}" if model else path.name
    return shipped[: shipped.rfind("/") + 1] + model if model else shipped


def locate(spec: str) -> Located:
    """Raises `SpecNotFound` where nothing has that name, ResdslError for a text not to be read."""
    if spec == "-":
        data = sys.stdin.buffer.read(limits.MAX_FILE_BYTES + 1)
        return Located(decode(data, "<stdin>"), Path.cwd(), None, "-")
    for name, model in ((spec, None), spec.rpartition(":")[::2]):
        if not name:
            continue
        path = Path(name)
        is_file = _is_file(path)
        if not is_file and (
            shipped := find(name.removesuffix(".res") if "/" not in name else name)
        ):
            path, model, is_file = shipped.path, model or shipped.model, True
        if is_file:
            return Located(read(path, None), path.parent, model, _name_of(path, model))
    raise SpecNotFound(_missing(spec))


def spec_files(specs: Iterable[str]) -> list[str]:
    """The specs, each once, a folder as the *.res files below it, by name and without hidden ones.

    Raises `SpecNotFound` for a folder that holds none, OSError for one that cannot be read.
    """
    found: dict[str, None] = {}
    for spec in specs:
        named = sorted(_below(spec)) if _is_folder(spec) else [spec]
        if not named:
            raise SpecNotFound(Diagnostic("E600", f"there is no *.res file below `{spec}`"))
        found |= dict.fromkeys(Path(name).as_posix() for name in named)
    return list(found)


def _below(folder: str) -> Iterator[str]:
    for at, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = (name for name in files if name.endswith(".res") and not name.startswith("."))
        yield from (f"{at}/{name}" for name in names)


def _refuse(error: OSError) -> None:
    raise error


def _is_folder(spec: str) -> bool:
    try:
        return spec != "" and Path(spec).is_dir()
    except (OSError, ValueError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _missing(spec: str) -> Diagnostic:
    shown = spec if len(spec) < 200 else spec[:200] + "..."
    names = [*{**files(), **zoo()}]
    same = [key for key in names if key.rpartition("/")[2] == spec]
    if same:
        return Diagnostic(
            "E600",
            f"several shipped nets are called `{shown}`",
            help=f"say which: {', '.join(same)}",
        )
    hint = did_you_mean(spec, [*names, *(key.rpartition("/")[2] for key in names)])
    having = [name for name in zoo() if spec.casefold() in name.casefold()]
    if len(having) == 1:
        hint = f"did you mean `{having[0]}`?"
    elif len(having) > 1 and len(spec) > 2:
        more = f"`resdsl list {shown}` shows {len(having)} nets"
        hint = f"{hint} {more}" if hint else more
    return Diagnostic(
        "E600",
        f"there is no file and no shipped net `{shown}`",
        help=hint or "`resdsl list` names the nets",
    )
