"""The runner of docs/semantics itself: a wrong, a missing and a misplaced expectation fail."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.language.documents import Example, Shown, read
from tests.language.examples import problems, shown


def page(text: str, info: str = "") -> list[Example | Shown]:
    return list(read("page.md", f"# A title\n\n```res{info}\n{dedent(text).lstrip()}```\n"))


def wrong(text: str, folder: Path, info: str = "") -> list[str]:
    (example,) = page(text, info)
    assert isinstance(example, Example)
    return problems(example, folder)


RIGHT = """
    conv(8, strid=2)  # error: E203 "no argument `strid`"
    #       ^^^^^
    # help: did you mean `stride`?
"""
MERGE = """
    add {  # error: E310 "different shapes"
    #^^
      | conv(8)
      # ------- 8x32x32
      | conv(9)
      # ------- 9x32x32
    }
"""


def test_what_is_right_has_no_problems(tmp_path: Path) -> None:
    assert wrong(RIGHT, tmp_path / "a") == []
    assert wrong(MERGE, tmp_path / "b") == []
    assert wrong("conv(8)  # -> 8x32x32\n", tmp_path / "c") == []


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (RIGHT, "E203", "E204"),
        (RIGHT, "`strid`", "`stride`"),
        (RIGHT, "#       ^^^^^", "#      ^^^^^"),
        (RIGHT, "#       ^^^^^", "#       ^^^^^^"),
        (RIGHT, "# help: did you mean `stride`?", "# help: did you mean `strive`?"),
        (RIGHT, "# help:", "# note:"),
        (RIGHT, "strid=2", "stride=2"),
        (MERGE, "# ------- 8x32x32", "#  ------ 8x32x32"),
        (MERGE, "# ------- 8x32x32", "# ------- 16x32x32"),
        (MERGE, '# error: E310 "different shapes"\n    #^^', ""),
        (MERGE, "# error: E310", "# error: E310 # error: E311"),
        (MERGE, "#^^\n", "# ^^\n"),
    ],
)
def test_what_is_wrong_has_problems(text: str, old: str, new: str, tmp_path: Path) -> None:
    assert old in text
    if "# error: E310 # error: E311" in text.replace(old, new):
        text = text.replace("    #^^\n", "")
    assert wrong(text.replace(old, new), tmp_path)


def test_what_is_found_and_not_expected_is_shown_as_a_user_sees_it(tmp_path: Path) -> None:
    (problem,) = wrong("conv(8, strid=2)\n", tmp_path)
    assert "not expected" in problem
    assert "error[E203]" in problem
    assert "^^^^^" in problem
    (missing,) = wrong('conv(8)  # error: E203 "x"\n', tmp_path)
    assert "E203" in missing


def test_a_wrong_shape_has_problems(tmp_path: Path) -> None:
    assert wrong("conv(8)  # -> 8x32x31\n", tmp_path) == ["`conv(8)` makes 8x32x32, not 8x32x31"]


@pytest.mark.parametrize(
    "text",
    [
        "conv(8)  # error: W301\n",
        "conv(8)  # error: E31\n",
        "conv(8)  # error: E310 the branches\n",
        "conv(8)\n# help: nothing is wrong\n",
        "conv(8)\n#   ^^^\n",
        "conv(8)  # error: E310\n# ^^ ^^\n",
    ],
)
def test_an_expectation_that_cannot_be_met_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"page\.md:4"):
        page(text)


def test_a_word_after_res_that_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="eech"):
        page("relu\n", " eech")


def test_what_is_read_is_cut_from_the_text() -> None:
    (example,) = page(MERGE)
    assert isinstance(example, Example)
    assert example.text.spec == ("input image: 3x32x32\nadd {\n  | conv(8)\n  | conv(9)\n}\n")
    assert example.id == "page/a-title:1"


def test_blank_lines_part_the_texts_of_each() -> None:
    found = page("relu\n\nconv  # error: E206\n\n\ntanh\nrelu\n", " each")
    assert [(e.id, e.place, e.text.spec) for e in found if isinstance(e, Example)] == [
        ("page/a-title:1", "page.md:4", "input image: 3x32x32\nrelu\n"),
        ("page/a-title:2", "page.md:6", "input image: 3x32x32\nconv\n"),
        ("page/a-title:3", "page.md:9", "input image: 3x32x32\ntanh\nrelu\n"),
    ]


def test_settings_inputs_and_further_files(tmp_path: Path) -> None:
    text = (
        "## Title\n\n```res file=b.res\nblock b { relu }\n```\n\n"
        '```res set=n=4 input=2x8x8\nuse "b.res"\nparam n = 3\ninput image: 3x32x32\n'
        "b -> conv(n)  # -> 4x8x8\n```\n\n## Other\n\n```res\nb  # error: E201\n```\n"
    )
    for i, example in enumerate(read("page.md", text)):
        assert isinstance(example, Example)
        assert problems(example, tmp_path / str(i)) == []


def test_a_finding_of_a_setting_is_on_no_line(tmp_path: Path) -> None:
    assert wrong("# error: E211\nconv(8)\n", tmp_path, " set=classes=4") == []
    assert wrong("conv(8)  # error: E211\n", tmp_path, " set=classes=4")


def test_all_texts_of_each_come_to_what_is_shown(tmp_path: Path) -> None:
    text = "# T\n\n```res each\nrelu -> relu\n\nrelu\nrelu\n```\n\n```ops\n```\n"
    shows = next(s for s in read("page.md", text) if isinstance(s, Shown))
    assert shown(shows, tmp_path / "same").count("relu()") == 2
    tanh = text.replace("> relu", "> tanh")
    shows = next(s for s in read("page.md", tanh) if isinstance(s, Shown))
    with pytest.raises(AssertionError, match=r"page\.md:4"):
        shown(shows, tmp_path / "other")


def test_fences_show_what_an_example_comes_to(tmp_path: Path) -> None:
    text = "# T\n\n```res\nconv 64\n```\n\n```text\n?\n```\n\n```res\nconv(8)\n```\n\n```ops\n```\n"
    wrong, said, right, listed = read("page.md", text)
    assert isinstance(said, Shown)
    assert isinstance(listed, Shown)
    assert (said.examples, listed.examples) == ((wrong,), (right,))
    assert text[said.start : said.end] == "?\n"
    printed = shown(said, tmp_path)
    assert "net.res:1:6\n1 | conv 64\n" in printed
    assert shown(listed, tmp_path) == "conv1  conv(out=8)  3x32x32 -> 8x32x32\n"
