"""An image in another size: by interpolation, or its middle alone."""

from __future__ import annotations

from math import gcd
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from resdsl import limits
from resdsl.diagnostics import RuleError
from resdsl.ir.op import Flag, Number, Op, Pair, Window, as_pair, need_rank
from resdsl.ir.shape import Shape, show

Factor = Annotated[Number, Field(gt=0, le=1_000)]
FactorPair = Annotated[tuple[Factor, Factor], BeforeValidator(as_pair)]


class Resize(Op):
    """Interpolates an image to `size` H' x W', to the height and width of the tensor `like`, or to
    floor(`factor` H) x floor(`factor` W). Exactly one of the three is given.

    In: C x H x W. Out: C x H' x W'. Output row h reads row r = h H / H' of the input: `nearest`
    row floor(r); `bilinear` between the two rows around (h + 1/2) H / H' - 1/2, held inside the
    image, or with `align_corners` around h (H - 1) / (H' - 1). Columns alike; no antialiasing. The
    ratio is always that of the two sizes, also with `factor`. (Long et al. 2015.)
    """

    kind = "resize"
    tensors = ("like",)

    size: Pair | None = None
    factor: FactorPair | None = None
    mode: Literal["nearest", "bilinear"] = "nearest"
    align_corners: Flag = False

    def infer(self, *inputs: Shape) -> Shape:
        x, *like = inputs
        need_rank(self, x, 3)
        _need_one(self.kind, like=like, size=self.size, factor=self.factor)
        if self.align_corners and self.mode == "nearest":
            raise RuleError(
                "`align_corners` has a meaning with `mode=bilinear` only", field="align_corners"
            )
        if like:
            need_rank(self, like[0], 3)
            return x[0], *like[0][1:]
        if self.size:
            return x[0], *self.size
        return x[0], self._scaled(x, 0), self._scaled(x, 1)

    def _scaled(self, x: Shape, axis: int) -> int:
        """floor(factor * side), in floating point as the frameworks compute it."""
        assert self.factor is not None
        side, factor = x[1 + axis], self.factor[axis]
        if side > limits.MAX_SIDE:  # beyond any float, too, it could be
            raise RuleError(f"`resize` takes sides up to {limits.MAX_SIDE:,}", code="E500")
        scaled = int(side * factor)
        if scaled < 1:
            raise RuleError(
                f"`factor` (={factor}) leaves nothing of {'width' if axis else 'height'} {side}",
                field="factor",
            )
        return scaled

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        before, after = inputs[0], self.infer(*inputs)
        tall, wide = (self._sees(before[axis], after[axis]) for axis in (1, 2))
        return tall, wide

    def _sees(self, before: int, after: int) -> Window:
        common = gcd(before, after)
        size = 2 if self.mode == "bilinear" and before != after else 1
        return Window(size, before // common, after // common)


class Crop(Op):
    """The middle of an image: `size` H' x W', or the height and width of the tensor `like`. Exactly
    one of the two is given.

    In: C x H x W. Out: C x H' x W'. Row h is row floor((H - H') / 2) + h of the input: of an odd
    remainder the smaller part lies before. Columns alike. (Ronneberger et al. 2015. torchvision's
    `center_crop` rounds halves to even: of a remainder of 3, 7, 11, ... the larger part.)
    """

    kind = "crop"
    tensors = ("like",)

    size: Pair | None = None

    def infer(self, *inputs: Shape) -> Shape:
        x, *like = inputs
        need_rank(self, x, 3)
        _need_one(self.kind, like=like, size=self.size)
        if like:
            need_rank(self, like[0], 3)
        field, given = ("like", like[0]) if like else ("size", self.size)
        assert given is not None
        height, width = given[-2:]
        if height > x[1] or width > x[2]:
            raise RuleError(
                f"`{field}` (={show(given)}) must be at most as high and as wide as {show(x)}",
                field=field,
            )
        return x[0], height, width

    def starts(self, *inputs: Shape) -> tuple[int, int]:
        """The first row, and the first column."""
        (_, *before), (_, *after) = inputs[0], self.infer(*inputs)
        top, left = ((b - a) // 2 for b, a in zip(before, after, strict=True))
        return top, left


def _need_one(kind: str, **targets: object) -> None:
    """Refuse none of the keywords, and several."""
    names = [f"`{name}`" for name in targets]
    given = [name for name, value in targets.items() if value]
    if len(given) != 1:
        got = " and ".join(f"`{name}`" for name in given) or "none"
        raise RuleError(
            f"`{kind}` takes exactly one of {', '.join(names[:-1])} and {names[-1]}, got {got}",
            field=given[-1] if given else None,
        )
