"""Elaboration goes on after an error: each mistake is told once, what follows from it never."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.diagnostics import Diagnostic
from resdsl.elaborate.library import Library, read
from resdsl.elaborate.probe import probe
from resdsl.paths import std_root
from resdsl.source import Source
from resdsl.zoo import files

HEAD = "input image: 3x224x224\n"


def errors(text: str, **params: object) -> tuple[Diagnostic, ...]:
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(text, **params)
    return caught.value.diagnostics


def told(text: str, **params: object) -> list[tuple[str, int]]:
    """Code and line of every error."""
    return [
        (d.code, d.span.source.position(d.span.start)[0] if d.span else 0)
        for d in errors(text, **params)
    ]


def test_independent_errors_are_all_told_in_the_order_of_the_text() -> None:
    text = """input image: 3x224x224
let n = 18 / 5
block mine(out) { conv(out, 3) -> bnn }
conv1: conv_bn_act(64, 7, strid=2)
pool1: maxpol(3, 2)
stage a: basic(64) x n
stage b: basic(128, shortcut=E) x2 stride 2
stage c: mine(64) x2
stage d: mine(128) x2
x: conv(64, gropus=3, kernel=2) -> bn -> rleu
y: @image -> conv(64, groups=2)
z: @imag -> conv(63)
add { | basic(64, act=rlu) | @b -> conv(13) }
w: @image -> bottleneck(64, groups=3)
q: @z.foo
gap -> fc(clases)
output logits
"""
    assert told(text) == [
        ("E201", 3), ("E203", 4), ("E201", 5), ("E221", 6), ("E223", 7), ("E203", 10),
        ("E203", 10), ("E201", 10), ("E311", 11), ("E204", 12), ("E200", 13), ("E311", 14),
        ("E200", 16),
    ]  # fmt: skip


def test_errors_of_syntax_and_of_names_are_told_together() -> None:
    text = """input image: 3x224x224
conv1 = conv(64)
stage a basic(64) x2
x: cnov(3)
@a -> conv(3)
add { | conv(3 | conv(4) }
y: conv(wid)
@conv1 -> conv(3)
foo(3) -> bnn
output logits
block foo(a {
  conv(3)
}
"""
    assert told(text) == [
        ("E115", 2), ("E113", 3), ("E201", 4), ("E121", 6), ("E200", 7), ("E201", 9),
        ("E121", 11),
    ]  # fmt: skip


ONE = {
    "a let that fails": "let n = 1 / 0\nconv(n) -> conv(n + 1)\nlet m = n\nconv(m)",
    "a function that fails": "let n = flor(3)\nstage a: basic(n) x n",
    "a label": "a: cnov(64)\n@a -> conv(3)\nb: @a.part -> fc(3)\nconv(@a.channels)",
    "a numbered label": 'for i in range(2) { "e{i}": cnov(3) }\n@e0 -> conv(3)\n@e1 -> fc(3)',
    "labels of a condition": "if flase { e: conv(3) } else { f: conv(3) }\n@e -> conv(3)\n@f",
    "labels of a guarded branch": "add { | when flase: e: conv(3) | conv(3) }\n@e -> conv(3)",
    "a block's body": "block b(n) { conv(n) -> bnn }\nb(3)\nb(4)\n@image -> b(5)",
    "a block in a block": "block a { bnn }\nblock b { a -> conv(3) }\nb\n@image -> a",
    "a repeated block": "block b(n) { conv(n) -> bnn }\nstage s: b(3) x4 stride 2",
    "a branch": "add { | conv(8) -> bnn | conv(9) }\nconv(3, groups=7)",
    "a share": "share s = cnov(3)\ns -> s\n@image -> s",
    "a share that is none": "share s = 3\ns -> s",
    "an output": "output a: cnov(3)\n@a -> conv(3)",
    "a parameter": "param n: int\nconv(n)",
    "a parameter's value": "param n: 1|2 = 3\nconv(n) -> conv(n * 2)\nif n == 1 { a: conv(3) }\n@a",
    "an input": "input other: 0x3x3\n@other -> conv(3)",
    "a default": "block b(n = @in.channels / 2) { conv(n) }\nconv(3) -> b -> b",
    "a file": 'use foo from "none.res"\nfoo(3) -> conv(3)',
    "a whole file": 'use "none.res"\nfoo(3) -> bar(4)',
    "a name twice": "block b { conv(3) }\nblock b { conv(4) }\nb",
    "a merge's guard": "add { | when flase: conv(3) | conv(5) }",
    "an index": "let l = [1, 2]\nlet n = l[7]\nconv(n) -> conv(n)",
    "a split": "conv(6) -> concat(split=4) { | conv(3) | conv(3) }\nfc(3)",
    "the widths of branches": "add { | conv(8) | conv(9) } -> conv(4)\nadd { | { } | conv(4) }",
    "a promise": "conv(3)\nrequire 1 > 2\nconv(3)",
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_one_mistake_is_told_once(name: str) -> None:
    found = errors(_with_head(ONE[name]))
    assert len(found) == 1, [str(d.message) for d in found]


def _with_head(text: str) -> str:
    lines = text.split("\n")
    top = [line for line in lines if line.startswith(("use ", "block "))]
    rest = [line for line in lines if line not in top]
    return "\n".join([*top, HEAD.strip(), *rest, ""])


def test_settings_from_outside_are_all_told() -> None:
    text = HEAD + "param n = 3\nconv(n) -> cnov(3)"
    found = errors(text, m="4", k="5")
    assert [d.code for d in found] == ["E211", "E211", "E201"]


def test_overrides_that_meet_nothing_are_all_told() -> None:
    text = "model a { input x: 3x8x8\n c: conv(3)\n}\nmodel b = a { d: conv(3)\n drop e, f\n}\n"
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(text, name="b.res")
    assert [d.code for d in caught.value.diagnostics] == ["E212", "E212", "E212"]


def test_a_limit_ends_the_run_and_what_was_found_before_is_told() -> None:
    text = HEAD + "cnov(3)\nx: @image -> conv(3) x 3\nlet n = [i for i in range(100000)]\nbnn\n"
    codes = [d.code for d in errors(text)]
    assert codes == ["E201", "E500"]


def test_an_error_inside_the_standard_library_is_shown_where_it_was_called() -> None:
    (found,) = errors(HEAD + "bottleneck(64, groups=3)\n")
    assert found.span and found.span.text == "3" and found.span.source.name == "<string>"
    assert [label.span.source.name for label in found.labels] == ["std/residual.res"]
    assert not found.trace


def test_an_error_inside_a_block_of_the_user_says_who_called() -> None:
    (found,) = errors("block a(n) { conv(n, groups=2) }\nblock b { a(4) }\n" + HEAD + "b\n")
    assert found.span and found.span.text == "2"
    assert [call.span.text for call in found.trace] == ["a(4)", "b"]


def test_a_block_is_looked_at_though_nothing_calls_it() -> None:
    text = """block a(out, act: op = rleu, kind: A|B = C, k = @in.channels) {
  @d
  if kind == A { c: cnov(3) } else { c: conv(3, strid=out) -> act }
  for i in range(out) { "e{i}": conv(out + wid, k) }
  add { | when k > 2: conv(latr) | @c.part }
}
"""
    scope = Library().open(Source("a.res", text), None)
    found = probe(scope.blocks["a"])
    assert [d.span.text for d in found if d.span] == [
        "rleu", "C", "@d", "cnov", "strid", "wid", "latr",
    ]  # fmt: skip


def test_no_shipped_block_is_wrong_whatever_it_is_called_with() -> None:
    looked = 0
    for path in (*files().values(), *std_root().glob("*.res")):
        scope = Library(path.parent).open(read(path, None), path.parent)
        for block in scope.blocks.values():
            assert not probe(block)
            looked += 1
    assert looked > 30


@pytest.mark.parametrize(
    ("default", "code"),
    [
        ("basic(shortcut=E)", "E223"),
        ("basic(shortcut)", "E210"),
        ("basic(shortcat=A)", "E203"),
        ("conv(pad=smae)", "E223"),
        ("bn(epss=1)", "E203"),
        ("conv_bn(act)", "E200"),
    ],
)
def test_a_default_is_read_where_it_stands(default: str, code: str) -> None:
    assert told(HEAD + f"default {default}\nconv(3)\n") == [(code, 2)]
