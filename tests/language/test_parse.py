"""What the parser makes of a text: every construct of the language, and the draft specs."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parse import block_names, parse, parse_expression

DATA = Path(__file__).parent / "data"
DRAFTS = sorted(DATA.glob("*.res"))


def file(text: str, name: str = "net.res") -> tree.File:
    return parse(Source(name, text))


def model(text: str) -> tree.ModelDef:
    found = file(text).models[0]
    assert isinstance(found, tree.ModelDef)
    return found


def body(text: str) -> tuple[tree.Statement, ...]:
    return model(text).body


def value(text: str) -> tree.Expr:
    return parse_expression(Source("--set", text))


def step(text: str) -> tree.Step:
    chain = body(text)[0]
    assert isinstance(chain, tree.Chain)
    return chain.steps[0]


def call(text: str) -> tree.CallStep:
    found = step(text)
    assert isinstance(found, tree.CallStep)
    return found


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_a_draft_spec_parses(path: Path) -> None:
    found = file(path.read_text(encoding="utf-8"), path.name)
    assert found.blocks or found.models


def test_there_are_drafts() -> None:
    assert len(DRAFTS) == 19


def test_parts_of_a_file() -> None:
    found = file(
        'use "a.res"\nuse b, c from "d.res"\nblock e { relu }\nmodel f { relu }\n'
        "model g = f with h=1, i=2 { drop j, k }\nmodel l = g\n"
    )
    assert [use.file.value for use in found.uses] == ["a.res", "d.res"]
    assert found.uses[0].names is None
    assert [name.text for name in found.uses[1].names or ()] == ["b", "c"]
    assert [block.name.text for block in found.blocks] == ["e"]
    assert [model.name.text for model in found.models] == ["f", "g", "l"]
    derived = found.models[1]
    assert isinstance(derived, tree.ModelAlias)
    assert derived.base.text == "f"
    assert [(s.name.text, s.value) for s in derived.settings] == [
        ("h", value("1")),
        ("i", value("2")),
    ]
    (drop,) = derived.overrides
    assert isinstance(drop, tree.Drop)
    assert [name.text for name in drop.names] == ["j", "k"]


def test_an_empty_file() -> None:
    for text in ("", "\n\n", "  # nothing\n", "\ufeff", "\t\r\n"):
        found = file(text)
        assert (found.uses, found.blocks, found.models) == ((), (), ())


def test_a_script_has_the_name_of_its_first_line() -> None:
    found = model("model lenet\nrelu\n\nblock a { relu }\n\noutput y")
    assert found.name.text == "lenet"
    assert len(found.body) == 2
    assert found.span.text.startswith("model lenet") and found.span.text.endswith("output y")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("specs/lenet5.res", "lenet5"),
        ("res-net.v2.res", "res_net_v2"),
        ("2net.res", "_2net"),
        ("<stdin>", "stdin"),
        ("<>", "model"),
        ("näh.res", "n_h"),
    ],
)
def test_a_script_without_a_name_has_that_of_the_file(name: str, expected: str) -> None:
    assert file("relu", name).models[0].name.text == expected


def test_a_script_beside_models_and_blocks() -> None:
    found = file("block a { relu }\nmodel b { relu }\nrelu\nmodel c { relu }", "s.res")
    assert [model.name.text for model in found.models] == ["b", "s", "c"]


def test_only_blocks_make_no_model() -> None:
    assert file("block a { relu }").models == ()


def test_a_block_has_the_doc_lines_above_it() -> None:
    text = (
        "# no\n\n## One.\n##  Two.\n##\n## Four.\nblock a { relu }\n"
        "# no\nblock b { relu }\n## c\n\nblock c { }"
    )
    docs = [block.doc for block in file(text).blocks]
    assert docs == ["One.\n Two.\n\nFour.", "", ""]
    assert file("## One.\r\nblock a { relu }\r\n").blocks[0].doc == "One."


def test_block_names_needs_no_parser() -> None:
    text = (
        "block a(b) { }\n  block no { }\n# block no { }\nblock: relu\n"
        "block b{}\nblockade x\nblock\tc ("
    )
    assert block_names(text) == ["a", "b", "c"]
    assert block_names("\ufeffblock a { }") == ["a"]
    prelude = (DATA / "prelude.res").read_text(encoding="utf-8")
    assert block_names(prelude) == [block.name.text for block in file(prelude).blocks]


# ---------------------------------------------------------------- the newline rule


@pytest.mark.parametrize(
    "text",
    [
        "conv(1,\n\n 2\n) -> relu",
        "conv(\n1, 2,\n)\n# why\n\n  -> relu",
        "conv(1, 2) ->\n\n  relu",
        "conv(1, 2) -> # why\n relu",
        "conv(\r\n1,\r\n2)\r\n->\r\nrelu\r\n",
        "\ufeffconv(1, 2) -> relu",
        "\tconv ( 1 ,\t2 )\t->\trelu\t",
    ],
)
def test_where_a_newline_ends_nothing(text: str) -> None:
    assert body(text) == body("conv(1, 2) -> relu")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("let a = 1 +\n 2", "let a = 1 + 2"),
        ("let a =\n 1", "let a = 1"),
        ("let a = b and\n not\n c", "let a = b and not c"),
        ("let a = [\n1\n,\n2\n]", "let a = [1, 2]"),
        ("let a = b if c\n  else d", "let a = b if c else d"),
        ("a:\n relu", "a: relu"),
        ("if a { relu }\n# why\nelse\n{ bn }", "if a { relu } else { bn }"),
        ("if a {\n\n relu\n\n}", "if a { relu }"),
        ("add {\n|\n relu\n| bn\n\n}", "add { | relu | bn }"),
        (
            "let a = match b {\n 1: 2\n 3 |\n 4: 5\n\n else: 6\n}",
            "let a = match b { 1: 2, 3 | 4: 5, else: 6 }",
        ),
        ("let a = f(match b {\n1: 2\n3: 4\n})", "let a = f(match b { 1: 2, 3: 4 })"),
    ],
)  # fmt: skip
def test_lines_that_are_one(text: str, same: str) -> None:
    assert body(text) == body(same)


def test_a_newline_ends_a_statement() -> None:
    assert len(body("relu\nbn\n\n\n# c\nrelu # d\n")) == 3
    assert len(body("if a {\nrelu\n}\nbn")) == 2


# ---------------------------------------------------------------- statements


def test_the_promised_line() -> None:
    (stage,) = body("stage conv3_x: bottleneck(128) x4 stride 2 shortcut=B")
    assert isinstance(stage, tree.Labelled) and stage.stage
    assert isinstance(stage.label, tree.Ident) and stage.label.text == "conv3_x"
    (found,) = stage.chain.steps
    assert isinstance(found, tree.CallStep) and found.name == "bottleneck"
    repeat, stride, shortcut = found.modifiers
    assert isinstance(repeat, tree.Repeat) and repeat.count == value("4")
    assert isinstance(stride, tree.FirstStride) and stride.value == value("2")
    assert isinstance(shortcut, tree.Setting) and shortcut.name.text == "shortcut"


def test_a_stage_may_be_a_group() -> None:
    (stage,) = body("stage s { relu\nbn } x3")
    assert isinstance(stage, tree.Labelled) and stage.stage
    (group,) = stage.chain.steps
    assert isinstance(group, tree.GroupStep)
    assert len(group.body) == 2 and len(group.modifiers) == 1


@pytest.mark.parametrize(
    "text", ["x n", "x depths[i]", "x (2*k)", "x count(w, c)", "x @a.channels"]
)
def test_counts_of_repeats(text: str) -> None:
    (repeat,) = call(f"f(1) {text}").modifiers
    assert isinstance(repeat, tree.Repeat)
    assert repeat.span.text == text


def test_labels_interpolate() -> None:
    first, second = body('"conv{i+1}": relu\nstage "0": bn')
    assert isinstance(first, tree.Labelled) and isinstance(second, tree.Labelled)
    assert first.label == tree.String(first.span, "conv{i+1}", ("conv", value("i + 1")))
    assert second.label == tree.String(first.span, "0", ("0",))


def test_merges_and_their_branches() -> None:
    merge = step("concat(split=2) { | relu -> bn\nrelu | when a > 1: bn | for i, j in b: f(i) | }")
    assert isinstance(merge, tree.MergeStep)
    assert merge.call.name == "concat" and merge.call.args is not None
    first, guarded, each, empty = merge.branches
    assert first.guard is None and len(first.body) == 2
    assert isinstance(guarded.guard, tree.WhenGuard) and guarded.guard.condition == value("a > 1")
    assert isinstance(each.guard, tree.ForGuard)
    assert [name.text for name in each.guard.names] == ["i", "j"]
    assert empty.guard is None and empty.body == ()


def test_a_branch_may_hold_statements() -> None:
    merge = step("add { | for i in a { relu }\nlet b = 1\n| if c { bn } else { relu } | d: relu }")
    assert isinstance(merge, tree.MergeStep)
    assert [[type(s).__name__ for s in branch.body] for branch in merge.branches] == [
        ["For", "Let"], ["If"], ["Labelled"],
    ]  # fmt: skip


def test_taps() -> None:
    (chain,) = body('@enc1 -> conv -> @body.conv4_x -> @"m{i}".o1 -> @s[0]')
    assert isinstance(chain, tree.Chain)
    taps = [s.tensor for s in chain.steps if isinstance(s, tree.TapStep)]
    assert taps == [value(text) for text in ("@enc1", "@body.conv4_x", '@"m{i}".o1', "@s[0]")]


def test_if_else_if() -> None:
    (found,) = body("if a { relu } else if b { } else { bn\nbn }")
    assert isinstance(found, tree.If)
    (inner,) = found.otherwise
    assert isinstance(inner, tree.If) and inner.then == () and len(inner.otherwise) == 2


def test_blocks_and_their_parameters() -> None:
    (block,) = file(
        "block b(out, ..., stride: int|shape = 1, xs: [tensor],"
        ' kind: A|"b c"|18 = A, act: op = relu,) { }'
    ).blocks
    out, rest, stride, xs, kind, act = block.params
    assert out.name and out.type is None and out.default is None
    assert rest.is_rest
    assert isinstance(stride.type, tree.UnionType) and stride.default == value("1")
    assert isinstance(xs.type, tree.ListType)
    assert isinstance(kind.type, tree.UnionType)
    members = [t.value for t in kind.type.alternatives if isinstance(t, tree.TypeName)]
    assert members == ["A", "b c", 18]
    assert isinstance(act.type, tree.TypeName) and act.type.value == "op"
    assert file("block b { }").blocks[0].params == ()


def test_the_other_statements() -> None:
    text = (
        'note paper = "x"\nparam depth: 18|34 = 34\ninput image(range=1): 3x8x8\nlet n = 1\n'
        "let f(a, b) = a\nshare s = conv(1)\ndefault bn(eps=1), conv\n"
        'require n > 0, "why {n}"\nrequire n\noutput a\noutput b(when=train, w=1): relu -> bn\n'
        "expect params ~= 4.09G\ninit conv = he_normal(fan_out)"
    )
    kinds = [type(statement).__name__ for statement in body(text)]
    assert kinds == [
        "Note", "Param", "InputStatement", "Let", "LetFunction", "Share", "Default", "Require",
        "Require", "OutputStatement", "OutputStatement", "Expect", "InitStatement",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "selector"),
    [
        ("conv", "conv"),
        ("conv2_x.bn3.gamma", "conv2_x.bn3.gamma"),
        ("conv2_x.*.bn3.weight", "conv2_x.*.bn3.weight"),
        ("conv2_x.0.bn3.weight", "conv2_x.0.bn3.weight"),
        ('"conv2_x.*.bn3.weight"', "conv2_x.*.bn3.weight"),
        ("*", "*"),
    ],
)
def test_selectors_of_init(written: str, selector: str) -> None:
    (init,) = body(f"init {written} = 0")
    assert isinstance(init, tree.InitStatement)
    assert init.selector.text == selector and init.selector.span.text == written
