"""One bracket lost, doubled or exchanged is one error, and nothing that follows from it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.check import check

MODEL = """model m {
  input image: 3x32x32
  conv1: conv(16, 3) -> bn
  add {
    | conv(16, 3, pad=same)
    | branch2: {
        "0": conv(16, 1)
      }
  }
  if 1 > 0 { dropout(0.5) }
  head: gap -> fc(10)
}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "code", "message"),
    [
        ("fc(10)\n}", "fc(10)\n)", 12, "E122", "expected `}`, found `)`"),
        ("fc(10)\n}", "fc(10)\n(", 12, "E110", "expected `}`, found `(`"),
        ("fc(10)\n}", "fc(10)\n{", 12, "E110", "expected `}`, found `{`"),
        ("      }\n", "      ]\n", 8, "E122", "expected `}`, found `]`"),
        ("(0.5) }", "(0.5) ]", 10, "E122", "expected `}`, found `]`"),
        ("m {\n", "m {\nmodel m {\n", 1, "E120", "this `{` is never closed"),
        ("add {", "add (", 4, "E104", "expected `{`, found `(`"),
        ("    | branch2: {\n", "", 6, "E122", "a body begins here, and nothing opens it"),
        ("model m {\n", "", 1, "E122", "a body begins here, and nothing opens it"),
        ("fc(10)", "fc10)", 11, "E122", "nothing opens this `)`"),
        ("fc(10)", "fc]10)", 11, "E122", "nothing opens this `]`"),
        ("fc(10)", "fc{10)", 11, "E110", "expected `(`, found `{`"),
        ("add {", "add { | param x: A|B\n", 4, "E123", "`param` has no meaning inside a branch"),
    ],
)
def test_one_bracket_one_error(
    old: str, new: str, line: int, code: str, message: str, tmp_path: Path
) -> None:
    spec = tmp_path / "m.res"
    spec.write_text(MODEL.replace(old, new, 1), encoding="utf-8")
    found = check(str(spec)).diagnostics
    assert [(d.code, d.message) for d in found] == [(code, message)]
    assert found[0].span and found[0].span.source.position(found[0].span.start)[0] == line
