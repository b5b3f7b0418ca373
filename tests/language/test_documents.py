"""The documents of docs/semantics are right: each example, and each fence that shows something.

`pytest tests/language/test_documents.py --rewrite-golden` writes the fences anew: then read the
diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.generated import DOCS
from tests.language.documents import Example, Shown, read
from tests.language.examples import problems, shown

FOLDER = DOCS / "semantics"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
EXAMPLES = [e for name, text in PAGES.items() for e in read(name, text) if isinstance(e, Example)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_an_example_is_as_its_comments_say(example: Example, tmp_path: Path) -> None:
    wrong = problems(example, tmp_path)
    assert not wrong, "\n".join([f"docs/semantics/{example.place}", *wrong])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_its_examples_come_to(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = made = PAGES[name]
    fences = [fence for fence in read(name, page) if isinstance(fence, Shown)]
    for i, fence in reversed(list(enumerate(fences))):
        text = shown(fence, tmp_path / str(i))
        made = made[: fence.start] + text + made[fence.end :]
    if request.config.getoption("--rewrite-golden"):
        (FOLDER / name).write_text(made, encoding="utf-8")
        return
    assert page == made


def test_every_chapter_is_in_the_index_once() -> None:
    index = PAGES["README.md"]
    assert [name for name in PAGES if index.count(f"]({name})") != (name != "README.md")] == []
