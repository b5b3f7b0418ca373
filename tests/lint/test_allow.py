"""What switches a warning off, and what is wrong with that."""

from __future__ import annotations

import pytest

from resdsl.config import Config
from tests.lint.found import IMAGE, found, warnings

LINE = "conv(8, 4) -> bn"
BOTH = ["W302 conv(8, 4)", "W305 4"]


def test_without_a_comment() -> None:
    assert found(f"{IMAGE}{LINE}") == BOTH


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{LINE}  # allow: W302", BOTH[1:]),
        (f"{LINE}  # allow: W302, W305", []),
        (f"{LINE}  #allow:W305,W302", []),
        (f"{LINE}  # allow: W305 (the release has it)", BOTH[:1]),
        (f"# allow: W302, W305 as in the paper\n{LINE}", []),
        (f"  # allow: W302\n{LINE}  # allow: W305", []),
        (f"# allow: W302\n\n{LINE}", BOTH),
        (f"relu  # allow: W302\n{LINE}", BOTH),
        (f"{LINE}\n# allow: W302", BOTH),
        (f"{LINE}  # allows W302", [*BOTH, "W320 allows W302"]),
        (f'note x = "# allow: W302"\n{LINE}', BOTH),
        ("conv(8,  # allow: W302\n 4) -> bn", BOTH[1:]),
        ("conv(8,\n 4) -> bn  # allow: W305", ["W302 conv(8,\n 4)"]),
        ("conv(8,\n 4) -> bn  # allow: W302", BOTH[1:]),
        ("conv(8,  # allow: W305\n 4) -> bn", ["W302 conv(8,  # allow: W305\n 4)"]),
        ("# allow: W305, W302\nconv(8,\n 4) -> bn", []),
        (f"s: {{  # allow: W302\n{LINE}\n}}  # allow: W305", BOTH),
    ],
)
def test_a_comment_speaks_of_its_line(text: str, left: list[str]) -> None:
    assert found(IMAGE + text) == left


def test_windows_line_endings() -> None:
    text = f"{IMAGE}# allow: W302\n{LINE}  # allow: W305\n".replace("\n", "\r\n")
    assert found(text) == []


def test_codes_that_are_off() -> None:
    left = warnings(f"{IMAGE}{LINE}", config=Config(frozenset({"W305"})))
    assert [one.code for one in left] == ["W302"]


@pytest.mark.parametrize(
    ("comment", "at", "said"),
    [
        ("# allow: W399", "W399", "there is no warning `W399`"),
        ("# allow: W302, W999", "W999", "there is no warning `W999`"),
        ("# allow: stride", "stride", "there is no warning `stride`"),
        ("# allow: E310", "E310", "`E310` is an error, and cannot be allowed"),
    ],
)
def test_what_cannot_be_allowed(comment: str, at: str, said: str) -> None:
    (one,) = warnings(f"{IMAGE}conv(8)  {comment}")
    assert one.span is not None
    assert (one.code, one.span.text, one.message) == ("W320", at, said)


def test_what_is_off_may_be_the_warning_itself() -> None:
    assert found(f"{IMAGE}conv(8)  # allow: W320, W999") == []
