"""Sizes are bounded: no chain of ops makes numbers without end."""

from __future__ import annotations

import pytest

import resdsl


@pytest.mark.parametrize(
    "line",
    [
        "conv_transpose(4, 1000000, stride=1000000)",
        "resize(factor=1000)",
        "zero_pad(1000000)",
        "concat { | identity | identity }",
        "pad_channels(1000000) -> flatten",
    ],
)
def test_a_side_beyond_the_limit(line: str) -> None:
    lines = f"{line}\n" * 1500
    text = f"model m\ninput image: 6x320x320\n{lines}output y\n"
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E500"
    assert "no side may be over 2,147,483,647" in diagnostic.message
    assert diagnostic.span is not None
