"""The tour of mistakes is real: each message is what `check` prints, and each repair is clean.

`pytest tests/docs/test_errors_tour.py --rewrite-golden` writes the messages anew: then read the
diff.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.generated import DOCS
from tests.language.documents import Example, Shown, read
from tests.language.examples import found, printed, problems, shown, write

PAGE = DOCS / "errors-tour.md"
TEXT = PAGE.read_text(encoding="utf-8")
READ = list(read(PAGE.name, TEXT))
MISTAKES = [example for example in READ if isinstance(example, Example)]
MESSAGES = [fence for fence in READ if isinstance(fence, Shown) and fence.kind == "text"]
REPAIRS = re.findall(r"^```diff\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
EXCHANGES = [
    pytest.param(*exchange, id=exchange[0].id)
    for exchange in zip(MISTAKES, REPAIRS, strict=True)
]  # fmt: skip


def repaired(text: str, diff: str) -> str:
    """A text with the lines of a diff changed: where they stand, they stand once."""
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in ("- ", "+ "))
    assert text.count(old) == 1
    return text.replace(old, new)


def test_there_are_twenty_exchanges_of_three_parts() -> None:
    assert len(MISTAKES) == len(MESSAGES) == len(REPAIRS) == 20
    assert re.findall(r"^### (\d+)\. ", TEXT, re.MULTILINE) == [str(i) for i in range(1, 21)]
    assert TEXT.count("```") == 2 * 3 * 20


def test_the_messages_are_as_they_look(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made = TEXT
    for i, message in reversed(list(enumerate(MESSAGES))):
        made = made[: message.start] + shown(message, tmp_path / str(i)) + made[message.end :]
    if request.config.getoption("--rewrite-golden"):
        PAGE.write_text(made, encoding="utf-8")
        return
    assert made == TEXT


@pytest.mark.parametrize(("mistake", "repair"), EXCHANGES)
def test_a_message_tells_what_to_write_or_which_places_clash(
    mistake: Example, repair: str, tmp_path: Path
) -> None:
    here = found(mistake, write(mistake, tmp_path))
    assert here
    assert all(d.help or d.labels for d in here)


@pytest.mark.parametrize(("mistake", "repair"), EXCHANGES)
def test_the_repair_is_clean(mistake: Example, repair: str, tmp_path: Path) -> None:
    if mistake.settings:  # the mistake is in the command
        settings = "".join(f" --set {name}={value}" for name, value in mistake.settings.items())
        _, *arguments = shlex.split(repaired(f"resdsl check net.res{settings}\n", repair))
        write(mistake, tmp_path)
        assert printed(arguments, tmp_path) == "net.res: fine\n"
        return
    text = replace(mistake.text, spec=repaired(mistake.text.spec, repair))
    assert problems(replace(mistake, text=text), tmp_path) == []
