"""`resdsl.toml`: the settings of the folder that it stands in, and of those below.

```toml
[lint]
off = ["W305"]      # codes of warnings that nobody wants to see here
```
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resdsl.diagnostics import CODES, Diagnostic, ResdslError, did_you_mean
from resdsl.limits import MAX_FILE_BYTES
from resdsl.paths import as_written
from resdsl.source import Source, Span

NAME = "resdsl.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """What a `resdsl.toml` says. `off`: the codes of warnings that are not shown."""

    off: frozenset[str] = frozenset()


def find(folder: Path | None) -> Config:
    """The settings of the nearest `resdsl.toml`, in `folder` or above it; of none, the defaults.

    Raises ResdslError for one that cannot be read, or says what it cannot mean.
    """
    if folder is None:
        return Config()
    here = folder.resolve()
    for place in (here, *here.parents):
        path = place / NAME
        if _is_file(path):
            return parse(_read(as_written(path)))
    return Config()


def parse(source: Source) -> Config:
    """The settings that this text states. Raises all that is wrong with it."""
    try:
        said = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ResdslError(_malformed(source, str(error))) from None
    except RecursionError:
        raise ResdslError(_malformed(source, "Nested too deeply")) from None
    wrong = [_unknown(source, key, ("lint",)) for key in said if key != "lint"]
    lint = said.get("lint", {})
    if not isinstance(lint, dict):
        wrong.append(_wrong(source, "lint", "`lint` is a table: write `[lint]`"))
        lint = {}
    wrong += [_unknown(source, key, ("off",)) for key in lint if key != "off"]
    off = lint.get("off", [])
    wrong += _refused(source, off)
    if wrong:
        raise ResdslError(*wrong)
    return Config(frozenset(off))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be looked into has no settings for us
        return False


def _read(path: Path) -> Source:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            message = f"{path} is longer than {MAX_FILE_BYTES:,} bytes"
            raise ResdslError(Diagnostic("E605", message))
        return Source(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ResdslError(Diagnostic("E605", f"cannot read {path}: {reason}")) from None


def _refused(source: Source, off: Any) -> list[Diagnostic]:
    """What is wrong with the value of `off`."""
    if not isinstance(off, list) or not all(isinstance(code, str) for code in off):
        return [_wrong(source, "off", '`off` is a list of codes: `off = ["W301"]`')]
    found = []
    for code in off:
        if code not in CODES:
            known = [known for known in CODES if known.startswith("W")]
            message, hint = f"there is no warning `{code}`", did_you_mean(code, known)
        elif not code.startswith("W"):
            message, hint = f"`{code}` is an error, and cannot be switched off", None
        else:
            continue
        found.append(_wrong(source, code, message, hint))
    return found


def _unknown(source: Source, key: str, known: tuple[str, ...]) -> Diagnostic:
    hint = did_you_mean(key, known) or f"known here: {', '.join(known)}"
    return _wrong(source, key, f"unknown setting `{key}`", hint)


def _wrong(source: Source, word: str, message: str, help_: str | None = None) -> Diagnostic:
    """The diagnostic at the first place of `word` that is no part of a comment or a longer word."""
    at = next(
        (m for m in re.finditer(r"#[^\n]*|[\w-]+", source.text) if m[0] == word),
        None,
    )
    span = Span(source, at.start(), at.end()) if at else Span(source, 0, 0)
    return Diagnostic("E605", message, span, help=help_)


def _malformed(source: Source, said: str) -> Diagnostic:
    """`said` is tomllib's own word, with the place at its end."""
    message, _, place = said.partition(" (at ")
    if at := re.fullmatch(r"line (\d+), column (\d+)\)", place):
        lines = source.text.splitlines(keepends=True)
        start = sum(map(len, lines[: int(at[1]) - 1])) + int(at[2]) - 1
    else:
        start = len(source.text.rstrip())
    return Diagnostic("E605", f"{message[:1].lower()}{message[1:]}", Span(source, start, start))
