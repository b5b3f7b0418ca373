"""The tour of mistakes is real: each message is what `check` prints, and each repair is clean.

`pytest --rewrite-golden` writes the messages anew: then read the diff.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.generated import DOCS
from tests.language.examples import printed

PAGE = DOCS / "errors-tour.md"
EXCHANGE = re.compile(
    r"## (?P<title>\d+\. [^\n]+)\n.*?```res(?: set=(?P<set>\S+))?\n(?P<wrong>.*?)```\n\n"
    r"```text\n(?P<said>.*?)```\n.*?```res\n(?P<right>.*?)```\n",
    re.DOTALL,
)
TEXT = PAGE.read_text(encoding="utf-8")
EXCHANGES = list(EXCHANGE.finditer(TEXT))


def checked(spec: str, folder: Path, setting: str | None = None) -> str:
    (folder / "net.res").write_text(spec, encoding="utf-8")
    more = ["--set", setting] if setting else []
    return printed(["check", "net.res", *more], folder)


def test_there_are_twenty_exchanges_and_no_other_section() -> None:
    assert len(EXCHANGES) == 20 == len(re.findall("^## ", TEXT, re.MULTILINE))


def test_the_messages_are_as_they_look(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made = TEXT
    for exchange in reversed(EXCHANGES):
        said = checked(exchange["wrong"], tmp_path, exchange["set"])
        made = made[: exchange.start("said")] + said + made[exchange.end("said") :]
    if request.config.getoption("--rewrite-golden"):
        PAGE.write_text(made, encoding="utf-8")
        return
    assert made == TEXT


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["title"])
def test_a_message_says_what_to_do_and_the_repair_is_clean(
    exchange: re.Match[str], tmp_path: Path
) -> None:
    said = exchange["said"]
    assert "= help: " in said or " ---" in said or "expected" in said
    assert checked(exchange["right"], tmp_path) == "net.res: fine\n"
