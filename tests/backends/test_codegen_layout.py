"""Long lines break as ruff breaks them, and docstrings hold any text."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sysconfig

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resdsl.codegen.backend import Header, is_generated
from resdsl.codegen.names import Names, attribute, camel, identifier
from resdsl.codegen.text import Block, ClassDef, Line, Method, Param, class_lines, docstring, split

RUFF = shutil.which("ruff", path=sysconfig.get_path("scripts")) or "ruff"
LONG = "a_name_of_thirty_characters_abc"
STATEMENTS = [
    f"self.conv1 = nn.Conv2d({LONG}, {LONG}, 3, stride=2, padding=1, bias=False)",
    f"self.conv1 = nn.Conv2d({LONG}, {LONG}, {LONG}, stride=2, padding=1, groups={LONG})",
    f"self.down = nn.Sequential(nn.Conv2d({LONG}, 4 * {LONG}, 1), nn.BatchNorm2d(4 * {LONG}))",
    f"self.head = nn.Sequential(OrderedDict(gap1=nn.AdaptiveAvgPool2d(1), {LONG}=nn.Linear(3, 4)))",
    f"super().__init__([Unit({LONG}), *(Unit({LONG}) for _ in range(3)), Unit({LONG}, {LONG})])",
    f"super().__init__(Unit({LONG}, {LONG}, {LONG}) for _ in range(3))",
    f"self.s = nn.Sequential(*(Unit({LONG}, {LONG}, {LONG}, {LONG}) for _ in range(300)))",
    f"self.s = nn.Sequential(*(Unit({LONG}, {LONG}) for _ in range(300)), nn.ReLU())",
    f"return {LONG}, {{'a': {LONG}, 'b': {LONG}, 'c': {LONG}}}".replace("'", '"'),
    f"return torch.cat([{LONG}, {LONG}, {LONG}, {LONG}], 1)",
    f"self.flag = {LONG} != 1 or {LONG} != {LONG} and {LONG}",
    f"return {LONG} if self.{LONG} is None else self.{LONG}",
    f"x = {LONG} + {LONG} + {LONG} + {LONG}",
    f"return {LONG}, {LONG}, {LONG}, {LONG}",
    f"{LONG}, {LONG}, {LONG} = self.{LONG}(x)",
    f"{LONG}, {LONG}, {LONG} = self.{LONG}({LONG}, {LONG}, {LONG}, {LONG})",
    f"return 0.5 * torch.tanh(0.5 * torch.cat([{LONG}, {LONG}, {LONG}], 1))",
]


def formatted(text: str) -> str:
    words = [RUFF, "format", "--isolated", "--line-length", "100", "-"]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_long_statement(statement: str) -> None:
    text = "\n".join(["class A:", "    def f(self):", *split(statement, 8), ""])
    assert formatted(text) == text
    assert ast.dump(ast.parse(text)) == ast.dump(
        ast.parse(f"class A:\n    def f(self):\n        {statement}")
    )


@pytest.mark.parametrize("name", ["Long", "LongerName", f"A{LONG}"])
def test_a_class(name: str) -> None:
    either = f"Tensor | {name}Output"
    params = tuple(Param(f"{LONG}{i}", "int", "1" * (i > 1)) for i in range(4))
    body = (Line("super().__init__()"), Block(f"if {LONG}0:", (Line("self.x = 1"),)))
    methods = [
        Method("__init__", params, "None", body),
        Method("forward", (Param("image", "Tensor"), Param("return_features", "bool", "False")),
               "Tensor | tuple[Tensor, dict[str, Tensor]]", (Line("return image"),)),
        Method("either", (Param("image", "Tensor"), Param("return_features", "bool", "False")),
               f"{either} | tuple[{either}, dict[str, Tensor]]", (Line("return image"),)),
    ]  # fmt: skip
    text = "\n".join(class_lines(ClassDef("A", "nn.Module", 'Says "this".', (), methods))) + "\n"
    assert formatted(text) == text


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_a_docstring(text: str) -> None:
    source = "\n".join([*docstring(text, 0), "x = 1", ""])
    tree = ast.parse(source)
    assert len(tree.body) <= 2
    assert isinstance(tree.body[-1], ast.Assign)
    assert all(len(line) <= 100 or " " not in line.strip() for line in source.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        '"quoted"',
        'ends in "',
        "ends in \\",
        '"""',
        'a """ b',
        "two\nlines\n",
        "  led by spaces",
        "\t",
        "'" * 3,
        "no room for the quotes " + "x" * 72,
    ],
)
def test_docstrings_are_as_ruff_writes_them(text: str) -> None:
    source = "\n".join([*docstring(text, 0), "", "x = 1", ""])
    assert formatted(source).strip() == source.strip()


def test_the_head_of_a_file() -> None:
    notes = (("paper", 'He et al. """ \\ 2015\nlines'), ("arxiv", "1512.03385"))
    header = Header("net", notes, "3 parameters", "resdsl compile net", "1.0")
    source = "\n".join(docstring(header.docstring(), 0))
    assert is_generated(source)
    shown = ast.get_docstring(ast.parse(source))
    assert shown is not None
    assert shown.splitlines()[0] == "net, as resdsl 1.0 wrote it."
    assert 'paper:   He et al. """ \\ 2015 lines' in shown
    assert not is_generated("# mine\n" + source)
    assert not is_generated('"""net, as I wrote it."""')


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("conv3_x", "conv3_x"),
        ("0", "x0"),
        ("class", "class_"),
        ("a.b-c", "a_b_c"),
        ("match", "match_"),
    ],
)
def test_identifiers(label: str, word: str) -> None:
    assert identifier(label) == word


def test_attributes() -> None:
    assert attribute("forward", {"forward"}) == "forward_"
    assert attribute("None", ()) == "None_"
    assert attribute("__init__", ()) == "_init__"


@pytest.mark.parametrize(
    ("label", "word"),
    [("conv_bn_act", "ConvBnAct"), ("resnet50", "ResNet50"), ("vgg16", "VGG16"), ("3d", "N3d"),
     ("conv3_x", "Conv3X"), ("_body", "Body"), ("se_resnet50", "SeResNet50"), ("__", "Net")],
)  # fmt: skip
def test_class_names(label: str, word: str) -> None:
    assert camel(label) == word


def test_a_name_is_given_once() -> None:
    names = Names({"x"})
    assert [names.take(w) for w in ("x", "x", "y", "y", "a1", "a1", "len", "class")] == [
        "x2", "x3", "y", "y2", "a1", "a1_2", "len2", "class2",
    ]  # fmt: skip
