"""Brings the generated parts of the documentation up to date: `make docs`.

- README.md's table of the paper: two columns are the paper's own words (arXiv:1512.03385, Tables 1
  and 6); the rest is counted.
- ops.md and blocks.md: from the classes of `resdsl.ops`, and from the standard library.
- zoo.md: from the specs (generate_zoo.py).
- errors.md: from the pages of `resdsl.explanations` (generate_errors.py).
- pictures/*.svg: generate_pictures.py.
- language.md and tour.md: the tables between marks, from the code; and what an example prints. A
  fence `error` or named after one of `OUTPUTS` shows what the `res` example above it comes to.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from inspect import cleandoc, get_annotations
from itertools import pairwise
from pathlib import Path
from typing import Any

from generate_errors import errors_page
from generate_pictures import pictures
from generate_zoo import zoo_page

import resdsl
from resdsl import limits, ops
from resdsl.elaborate.types import show as type_text
from resdsl.ir.dump import dump
from resdsl.ir.init import INITS
from resdsl.ir.op import Op
from resdsl.ir.shape import show
from resdsl.ir.weights import initialisers, weights
from resdsl.paths import std_root
from resdsl.report.diagnostics import render
from resdsl.report.stats import stats_table
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parse import parse

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"

# Net, its shipped name, and what the paper prints: FLOPs (Table 1, text) or parameters (Table 6).
PAPER = [
    ("ResNet-18", "resnet18", "1.8×10⁹", ""),
    ("ResNet-34", "resnet34", "3.6×10⁹", ""),
    ("ResNet-50", "resnet50", "3.8×10⁹", ""),
    ("ResNet-101", "resnet101", "7.6×10⁹", ""),
    ("ResNet-152", "resnet152", "11.3×10⁹", ""),
    ("plain-34", "plain34", "3.6×10⁹", ""),
    ("VGG-16", "vgg16", "15.3×10⁹", ""),
    ("VGG-19", "vgg19", "19.6×10⁹", ""),
    ("ResNet-20, CIFAR-10", "cifar/resnet20", "", "0.27M"),
    ("ResNet-32, CIFAR-10", "cifar/resnet32", "", "0.46M"),
    ("ResNet-44, CIFAR-10", "cifar/resnet44", "", "0.66M"),
    ("ResNet-56, CIFAR-10", "cifar/resnet56", "", "0.85M"),
    ("ResNet-110, CIFAR-10", "cifar/resnet110", "", "1.7M"),
    ("ResNet-1202, CIFAR-10", "cifar/resnet1202", "", "19.4M"),
]


def documents() -> dict[Path, str]:
    """The text of every page that has a generated part, as it should be today."""
    made = {
        README: filled(README.read_text(encoding="utf-8")),
        DOCS / "ops.md": ops_page(),
        DOCS / "blocks.md": blocks_page(),
        DOCS / "errors.md": errors_page(),
        DOCS / "zoo.md": zoo_page(),
    }
    for name in ("language.md", "tour.md"):
        path = DOCS / name
        made[path] = with_outputs(filled(path.read_text(encoding="utf-8")))
    return made | pictures()


# ---------------------------------------------------------------- tables between marks


def filled(text: str) -> str:
    """`text` with what stands between `<!-- begin: NAME (make docs) -->` marks as it is today."""
    for name, make in TABLES.items():
        begin, end = f"<!-- begin: {name} (make docs) -->", f"<!-- end: {name} -->"
        between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if begin in text:
            whole = f"{begin}\n{make()}\n{end}"
            text = between.sub(whole.replace("\\", r"\\"), text)
    return text


def paper_table() -> str:
    """The paper's nets, a row each: printed beside counted."""
    rows = []
    for name, spec, flops, params in PAPER:
        stats = resdsl.load(spec).stats()
        rows.append((name, f"{stats.macs:,}", flops, f"{stats.params:,}", params))
    head = ("net", "multiply-adds", "the paper", "parameters", "the paper")
    return table(head, "|---|--:|--:|--:|--:|", rows)


def limits_table() -> str:
    """The limits, with the docstrings that stand below them in the source."""
    body = ast.parse(Path(str(limits.__file__)).read_text(encoding="utf-8")).body
    rows = []
    for statement, after in pairwise(body):
        if isinstance(statement, ast.Assign) and isinstance(after, ast.Expr):
            (target,) = statement.targets
            assert isinstance(target, ast.Name)
            assert isinstance(after.value, ast.Constant)
            said = cell(str(after.value.value))
            rows.append((f"`{target.id}`", f"{getattr(limits, target.id):,}", said))
    return table(("limit", "value", "of what"), "|---|--:|---|", rows)


def inits_table() -> str:
    """The initialisations and what they mean."""
    rows = []
    for name, rule in INITS.items():
        fields = {k: v for k, v in rule.model_fields.items() if k != "kind"}
        args = ", ".join(
            k if v.is_required() else f"{k}={written(v.default)}" for k, v in fields.items()
        )
        rows.append((f"`{name}({args})`", cell(cleandoc(rule.__doc__ or ""))))
    return table(("initialisation", "what"), "|---|---|", rows)


TABLES: dict[str, Callable[[], str]] = {
    "paper": paper_table,
    "limits": limits_table,
    "inits": inits_table,
}


def table(head: tuple[str, ...], rule: str, rows: Sequence[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    return "\n".join([_row(head), rule, *map(_row, rows)])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    """Text as one line of a table."""
    return " ".join(text.split()).replace("|", "\\|")


# ---------------------------------------------------------------- ops and blocks

# How the language writes what the classes of `resdsl.ops` annotate.
_TYPES = {
    "PositiveInt": "int",
    "Natural": "int",
    "Pair": "int|shape",
    "Stride": "int|shape",
    "NaturalPair": "int|shape",
    "FourSides": "int|shape",
    "FactorPair": "float|[float]",
    "Flag": "bool",
    "Number": "float",
    "Eps": "float",
    "Probability": "float",
    "Padding": "same|same_upper|valid|int|shape",
    "Init": "initialisation",
}
_DEFAULTS = {("maxpool", "stride"): "k", ("avgpool", "stride"): "k"}


def ops_page() -> str:
    """A section a module of `resdsl.ops`: a table of its ops, then each in full."""
    parts = [
        "# Ops",
        "What a backend spells. Made by `make docs` from [resdsl/ops](../resdsl/ops); do not edit.",
        "Arguments are given by position, in this order, or by name. Types are those of a block's\n"
        "parameters ([language.md](language.md#types-of-parameters)); default `...`: nothing.",
    ]
    for name in ops.__all__:
        module = getattr(ops, name)
        here = [op for op in Op.registry.values() if op.__module__ == module.__name__]
        if here:
            title = (module.__doc__ or "").split(".")[0].split(":")[0]
            entries = [
                (op.kind, signature(op, typed=False), signature(op), cleandoc(op.__doc__ or ""))
                for op in here
            ]
            parts += [f"## {title}", *_section(entries)]
    return "\n\n".join(parts) + "\n"


def _section(entries: list[tuple[str, str, str, str]]) -> Iterator[str]:
    """Of name, call, signature and documentation: a table, then each in full."""
    rows = [
        (f"[{name}](#{name})", f"`{cell(call)}`", cell(first_sentence(doc)))
        for name, call, _, doc in entries
    ]
    yield table(("name", "arguments and defaults", "what it is"), "|---|---|---|", rows)
    for name, _, head, doc in entries:
        glued = head.replace(" ", "\xa0").replace(",\xa0", ", ")  # fold between arguments only
        folded = textwrap.fill(glued, 96, subsequent_indent="    ", break_long_words=False)
        folded = folded.replace("\xa0", " ")
        yield f"### {name}\n\n```text\n{folded}\n\n{doc.strip()}\n```"


def signature(op: type[Op], typed: bool = True) -> str:
    """`maxpool(k: int|shape, stride: int|shape = k, ...)`; or without types."""
    shown = [_declared(name, ": tensor" if typed else "", "...", typed) for name in op.tensors]
    for name, field in op.model_fields.items():
        type_ = f": {_type(_annotation(op, name))}" if typed else ""
        default = "" if field.is_required() else _default_of(op, name)
        shown.append(_declared(name, type_, default, typed))
    return f"{op.kind}({', '.join(shown)})" if shown else op.kind


def _declared(name: str, type_: str, default: str, typed: bool) -> str:
    equals = " = " if typed else "="
    return f"{name}{type_}{equals}{default}" if default else f"{name}{type_}"


def _default_of(op: type[Op], name: str) -> str:
    return _DEFAULTS.get((op.kind, name)) or written(op.model_fields[name].default)


def _annotation(op: type[Op], name: str) -> str:
    """As it stands in the source."""
    found = (get_annotations(cls).get(name) for cls in op.__mro__)
    return next(str(annotation) for annotation in found if annotation)


def _type(annotation: str) -> str:
    annotation = annotation.removesuffix(" | None")
    if match := re.fullmatch(r"Literal\[(.*)\]", annotation):
        return "|".join(word.strip(" '\"") for word in match[1].split(","))
    if match := re.match(r"Annotated\[(\w+),", annotation):
        annotation = match[1]
    return _TYPES[annotation]


def written(value: Any) -> str:
    """As the language writes it."""
    if value is None:
        return "..."
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return written(value[0]) if len(set(value)) == 1 else f"[{', '.join(map(str, value))}]"
    return str(value).replace("e-0", "e-")


def blocks_page() -> str:
    """A section a file of the standard library: a table of its blocks, then each in full."""
    parts = [
        "# Blocks of the standard library",
        "Made by `make docs` from [resdsl/std](../resdsl/std); do not edit. Every spec sees all of"
        " them.",
        "Each is a few lines of the language: open its file to read it, copy it to change it.",
    ]
    for path in sorted(std_root().glob("*.res")):
        text = path.read_text(encoding="utf-8")
        entries = [
            (block.name.text, heading(block, typed=False), heading(block), block.doc)
            for block in parse(Source(path.name, text)).blocks
            if not block.name.text.startswith("_")
        ]
        parts += [f"## [{path.name}](../resdsl/std/{path.name})", _introduction(text)]
        parts += _section(entries)
    return "\n\n".join(parts) + "\n"


def heading(block: tree.BlockDef, typed: bool = True) -> str:
    """`basic(out, stride = 1, ...)`, as it is declared; or without types."""
    if not block.params:
        return block.name.text
    return f"{block.name.text}({', '.join(_param(p, typed) for p in block.params)})"


def _param(param: tree.Param, typed: bool) -> str:
    if param.name is None:
        return "..."
    type_ = f": {type_text(param.type).replace(' | ', '|')}" if typed and param.type else ""
    default = param.default.span.text if param.default else ""
    return _declared(param.name.text, type_, default, typed)


def first_sentence(doc: str) -> str:
    """The first paragraph up to a full stop that stands outside parentheses and ends a sentence."""
    text, depth = " ".join(doc.split("\n\n")[0].split()), 0
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth and re.match(r"\.( [A-Z(`]|$)", text[i:]):
            return text[: i + 1]
    return text


def _introduction(text: str) -> str:
    """The comment at the head of a file."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#") or line.startswith("##"):
            break
        lines.append(line.removeprefix("#").strip())
    return "\n".join(lines)


# ---------------------------------------------------------------- examples and what they come to

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ERROR = re.compile(r"^# error: (\w+)$", re.MULTILINE)
INPUT = "input image: 3x32x32\n"


def examples(text: str) -> Iterator[tuple[int, str]]:
    """The `res` fences of a page, each with its line."""
    for fence in FENCE.finditer(text):
        if fence[1] == "res":
            yield text.count("\n", 0, fence.start()) + 2, fence[2]


def load(example: str) -> resdsl.Network:
    """The net of an example; the last one, where it has several. A fragment gets an image."""
    if not re.search(r"^\s*input ", example, re.MULTILINE):
        example = INPUT + example
    named = re.findall(r"^model (\w+)", example, re.MULTILINE)
    return resdsl.loads(example, name=f"{named[-1] if named else 'net'}.res")


def with_outputs(text: str) -> str:
    """`text` with what its examples come to as it is today."""
    last = ""

    def fill(fence: re.Match[str]) -> str:
        nonlocal last
        if fence[1] == "res":
            last = fence[2]
        if fence[1] not in {"error", *OUTPUTS}:
            return fence[0]
        made = _error(last) if fence[1] == "error" else OUTPUTS[fence[1]](load(last))
        return f"```{fence[1]}\n{made}\n```"

    return FENCE.sub(fill, text)


def names(net: resdsl.Network) -> str:
    """The parameters' paths and shapes."""
    owned = weights(net.ir)
    shown = {path: show(w.shape) for path, (_, w) in owned.items() if w.role == "trainable"}
    width = max(map(len, shown))
    return "\n".join(f"{path:{width}}  {shape}" for path, shape in shown.items())


def inits(net: resdsl.Network) -> str:
    """How the parameters begin."""
    trainable = {path for path, (_, w) in weights(net.ir).items() if w.role == "trainable"}
    shown = {path: init for path, init in initialisers(net.ir).items() if path in trainable}
    width = max(map(len, shown))
    return "\n".join(f"{path:{width}}  {_init(init)}" for path, init in shown.items())


def _init(init: Any) -> str:
    fields = init.model_dump(exclude={"kind"})
    return f"{init.kind}({', '.join(f'{k}={_short(v)}' for k, v in fields.items())})"


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _error(example: str) -> str:
    """What is said of a wrong text."""
    try:
        load(example)
    except resdsl.ResdslError as error:
        return "\n\n".join(render(d) for d in error.diagnostics)
    raise ValueError(f"this should be wrong:\n{example}")


OUTPUTS: dict[str, Callable[[resdsl.Network], str]] = {
    "names": names,
    "inits": inits,
    "stats": lambda net: stats_table(net.stats()),
    "dump": lambda net: dump(net.ir).rstrip("\n"),
}


if __name__ == "__main__":
    for page, text in documents().items():
        page.write_text(text, encoding="utf-8")
