"""The rule about stages whose names promise a size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from resdsl.diagnostics import Diagnostic
from resdsl.elaborate.model import Elaborated
from resdsl.ir.graph import Statement
from resdsl.ir.shape import Shape, show
from resdsl.lint.text import Text, pattern, walk
from resdsl.source import Span
from resdsl.syntax import tree

FULL = 128
"""Sides from which an image is one of ImageNet's kind, of which 1/2^K is counted; below, as with
CIFAR's, only the steps from stage to stage are.
"""

LEVEL = re.compile(r"(conv(?=\d+_x$)|[cCpP](?=\d+$))(\d+)(?:_x)?")
SIZE = re.compile(r"(?:.*_)?(?:(?:s|res)(\d+)|(\d+)x(\d+))")


def stage(text: Text) -> Iterator[Diagnostic]:
    """`convK_x` of a ResNet and CK or PK of a feature pyramid (K >= 2) are 1/2^K of the image; with
    a small image, `convK_x` is half of the stage before it. A name with a size in it, such as
    `res_28x28`, is of that size.

    Only where the input is one image whose sides divide; of a size, only where it is a half, a
    quarter, ... of the image: `conv_3x3` and `patch_16x16` speak of kernels.
    """
    for net in text.elaborated:
        main = net.net.main
        if len(main.inputs) != 1 or len(main.inputs[0].shape) != 3:
            continue
        image = main.inputs[0].shape
        marked = [(s, main.shapes[s.value]) for s in main.statements if s.stage]
        stages = [(s, shape) for s, shape in marked if len(shape) == 3]
        for statement, message in (*_levels(image, stages), *_sizes(image, stages)):
            if span := _place(text, net, statement):
                yield Diagnostic("W310", message, span, help="rename it, or look at its strides")


Said = Iterator[tuple[Statement, str]]


def _levels(image: Shape, stages: Sequence[tuple[Statement, Shape]]) -> Said:
    """Each stage against the one before it, the first against the image."""
    is_full = min(image[1:]) >= FULL
    image_itself = (0, Fraction(1), "")
    before = dict.fromkeys(("conv", "c", "p"), image_itself) if is_full else {}
    for statement, shape in stages:
        found = LEVEL.fullmatch(statement.name)
        share = _share(image, shape)
        if found is None or share is None:
            continue
        kind, level = found[1].lower(), int(found[2])
        if level < 2 or (kind != "conv" and not is_full):
            continue
        name = statement.name
        if kind in before:
            last, scale, earlier = before[kind]
            wanted = scale / Fraction(2) ** (level - last)
            if share != wanted and _divides(image, wanted):
                size = show(tuple(int(side * wanted) for side in image[1:]))
                why = f"after `{earlier}`" if earlier else _part(wanted)
                yield statement, _said(statement, shape, image, f"{size}, {why}")
            elif not earlier:  # still right by the image itself
                name = ""
        before[kind] = level, share, name


def _sizes(image: Shape, stages: Sequence[tuple[Statement, Shape]]) -> Said:
    for statement, shape in stages:
        found = SIZE.fullmatch(statement.name)
        if found is None:
            continue
        size = (int(found[1]),) * 2 if found[1] else (int(found[2]), int(found[3]))
        steps = {Fraction(side, got) for side, got in zip(image[1:], size, strict=True) if got > 7}
        powers = {Fraction(2**k) for k in range(1, 10)}
        strides = {Fraction(side, got) for side, got in zip(image[1:], shape[1:], strict=True)}
        if len(steps) != 1 or not steps <= powers or shape[1:] == size:
            continue
        if found[1] and strides == {Fraction(size[0])}:  # `s16`: of the image's side
            continue
        yield statement, _said(statement, shape, image, show(size))


def _said(statement: Statement, shape: Shape, image: Shape, wanted: str) -> str:
    share = _share(image, shape)
    of = f", {_part(share)} of the image" if share else ""
    return f"`{statement.name}` makes {show(shape)}{of}; its name says {wanted}"


def _share(image: Shape, shape: Shape) -> Fraction | None:
    """The side of `shape` as a share of the image's; None where its two sides disagree."""
    shares = {Fraction(got, side) for side, got in zip(image[1:], shape[1:], strict=True)}
    return shares.pop() if len(shares) == 1 else None


def _part(share: Fraction) -> str:
    """`1/8`, or `all` for the image's own size."""
    return str(share) if share != 1 else "the size"


def _divides(image: Shape, share: Fraction) -> bool:
    return all((side * share).denominator == 1 for side in image[1:])


def _place(text: Text, net: Elaborated, statement: Statement) -> Span | None:
    """The label of that stage in this file; None if it stands in another."""
    for node in walk(text.file):
        if isinstance(node, tree.Labelled) and re.fullmatch(pattern(node.label), statement.name):
            span = node.label.span
            if span.source.position(node.span.start)[0] == statement.line:
                return span
    return None
