"""Random nets that have a run of equal blocks for certain: the middle of each is one.

Most nets of `drawn_nets` have none, and what comes beside it in those that do costs time.
"""

from __future__ import annotations

from hypothesis import strategies as st

from resdsl.ir.shape import Shape
from tests.fuzz.drawing import channels
from tests.fuzz.drawn_nets import Writer
from tests.fuzz.drawn_scope import Scope, shown
from tests.fuzz.fitting import fit

AT_MOST = 4
"""Steps of a net, those of the standard blocks apart."""


class RepeatWriter(Writer):
    """Writes an input, perhaps a step, a run, perhaps a step."""

    def spec(self) -> str:
        self.steps = AT_MOST
        pick = self.pick
        shape = pick.one([self.image] * 6 + [self.sequence, self.vector])()
        head = ["model m {", f"input image: {shown(shape)}"]
        before = pick.another(0.3, self.step, Scope(depth=0), shape)
        lines, x = ([before[0]], before[1]) if before else ([], shape)
        lines += self.run(x)
        after = pick.another(0.3, self.step, Scope(depth=0), x)
        lines += [after[0]] if after else []
        text = "\n".join([*head, *lines, "output y", "}"])
        return f"{text}\n{self.definitions}"

    def run(self, x: Shape) -> list[str]:
        """Several times what ends in the shape in which it begins. It refers to nothing around it,
        and has a weight."""
        stage = "stage " * self.pick.some(0.5)
        first = self.label()
        lines, shape = self.body(Scope(taps={f"@{first}": x}, depth=2), x, 2)
        fitted = fit(self.pick, shape, x, False)
        lines = [*lines, *fitted[0]] if fitted else []
        head, times = [f"{stage}{self.label()}: {{", f"{first}: {self.weighted(x)}"], (2, 3)
        return [*head, *lines, f"}} x{self.pick.one(times)}"]

    def weighted(self, x: Shape) -> str:
        """A step that keeps the shape."""
        kinds = ("conv_bn_act({})", "conv({})", "conv({}, 3, dilation=2)")
        return self.pick.one(kinds).format(x[0]) if len(x) == 3 else f"fc({channels(x)})"


@st.composite
def repeats(draw: st.DrawFn) -> str:
    """The text of a net whose model is called `m`."""
    return RepeatWriter(draw).spec()
