"""Random nets, as text of the language: right by construction, since shapes are known while they
are drawn.

Ops are asked for their shapes; blocks, of the standard library and drawn ones, are tried on the
shape at hand (`drawing.made`), and taken where they can be used.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from resdsl.ir.shape import Shape
from tests.fuzz.drawing import Pick, channels, fits, inferred, made
from tests.fuzz.drawn_blocks import ACTS, STANDARD
from tests.fuzz.drawn_ops import drawn_op
from tests.fuzz.drawn_scope import Block, Lines, Scope, labels_of, shown
from tests.fuzz.fitting import fit, spread

Step = tuple[str, Shape]
MOST_STEPS = 24
DECLARED = {"w": "w", "act": "act: op = relu", "p": "p = false", "unit": "unit: op = identity"}
UNITS = ("identity", "conv(3)", "bn", "conv_bn(4, 1)", "gap", "fc(4)")
KNOWN_NAMES = ("conv1", "bn2", "relu1", "add1", "norm", "x", "out", "self", "i", "downsample")
"""Labels that are like the names that ops get, or that blocks give."""


class Writer:
    """Writes one spec. `definitions` are the blocks and models that stand after the main model."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.pick = Pick(draw)
        self.blocks: list[Block] = []
        self.models: list[str] = []
        self.definitions = ""
        self.steps = MOST_STEPS
        self.names: set[str] = set()

    def spec(self) -> str:
        pick = self.pick
        head = ["model m {"]
        kinds = [self.image] * 8 + [self.sequence, self.vector]
        inputs = {"image": pick.one(kinds)()}
        for name in ("other", "third")[: pick.one([0, 0, 0, 1, 2])]:
            inputs[name] = pick.one(kinds)()
        head += [f"input {name}: {shown(shape)}" for name, shape in inputs.items()]
        if pick.some(0.2):
            head.append("default conv(bias=false), bn(eps=1e-3, momentum=0.01)")
        scope = Scope(taps={f"@{name}": shape for name, shape in inputs.items()}, main=True)
        if pick.some(0.2):
            head.append(f"let n = {(n := pick.number(1, 5))}")
            scope.widths |= {"n": n, "2 * n": 2 * n}
        x = inputs["image"]
        if len(inputs) > 1:
            head.append("@image")
        lines, x = self.body(scope, x, 100, 0.95)
        lines += self.rest(scope, inputs, lines)
        text = "\n".join([*head, *lines, "output y", "}"])
        return f"{text}\n{self.definitions}"

    def image(self) -> Shape:
        number = self.pick.number
        return number(1, 6), number(1, 24), number(1, 24)

    def sequence(self) -> Shape:
        return self.pick.number(1, 9), self.pick.one([4, 6, 1, 8])

    def vector(self) -> Shape:
        return (self.pick.number(1, 9),)

    def side_output(self, scope: Scope, x: Shape) -> tuple[Lines, Shape]:
        """A branch that is published; the current tensor stays."""
        name = self.fresh("o")
        chain, shape = self.chain(scope.inner(), x)
        how = self.pick.one(["", "", "(when=train)", "(when=train, loss_weight=0.3)"])
        if not how:
            scope.taps[f"@{name}"] = shape
        return [f"output {name}{how}: {chain}"], x

    def rest(self, scope: Scope, inputs: dict[str, Shape], lines: Lines) -> Lines:
        """Outputs of the inputs that nothing has used."""
        text = "\n".join(lines)
        unused = [name for name in inputs if name != "image" and f"@{name}" not in text]
        found = []
        for name in unused:
            chain, _ = self.chain(scope.inner(), inputs[name])
            found.append(f"output of_{name}: @{name} -> {chain}")
        return found

    def body(
        self, scope: Scope, x: Shape, most: int = 3, chance: float = 0.5
    ) -> tuple[Lines, Shape]:
        lines, x = self.pick.part(self.line, scope, x)
        for _ in range(most - 1):
            more = self.pick.another(chance, self.line, scope, x) if self.steps > 0 else None
            if more is None:
                break
            lines, x = [*lines, *more[0]], more[1]
        return lines, x

    def line(self, scope: Scope, x: Shape) -> tuple[Lines, Shape]:
        if scope.main and self.pick.some(0.1):
            return self.side_output(scope, x)
        forms: list[Callable[[Scope, Shape], tuple[Lines, Shape] | None]] = [
            self.plain, self.plain, self.plain, self.labelled, self.labelled,
            self.repeat, self.share,
        ]  # fmt: skip
        if scope.depth > 0:
            forms += [self.group, self.tapped, self.loop, self.condition, self.again]
        found = self.pick.one(forms)(scope, x) if self.steps > 0 else None
        return found or self.plain(scope, x)

    def plain(self, scope: Scope, x: Shape) -> tuple[Lines, Shape]:
        chain, x = self.chain(scope, x)
        return [chain], x

    def labelled(self, scope: Scope, x: Shape) -> tuple[Lines, Shape]:
        stage = "stage " * self.pick.some(0.3)
        calls = [self.block_step(scope, x)] if self.pick.some(0.3) else []
        called = next(filter(None, calls), None)
        label = self.label()
        if called:
            step, out, parts = called
            line = f"{stage}{label}: {step}"
            for part in parts:
                tap = f"@{label}.{part}"
                if found := made(self.definitions, f"{label}: {step}\n{tap}", x):
                    scope.taps[tap] = found[0]
        else:
            chain, out = self.chain(scope.inner(), x)
            line = f"{stage}{label}: {chain}"
        scope.taps[f"@{label}"] = out
        return [line], out

    def repeat(self, scope: Scope, x: Shape) -> tuple[Lines, Shape] | None:
        """A step several times, with a stride perhaps: tried as a whole."""
        step, _ = self.step(scope.inner(), x, simple=True)
        count = self.pick.number(1, 4)
        stride = self.pick.one(["", "", "", " stride 2"])
        label = self.label() if self.pick.some(0.7) else ""
        found = made(self.definitions, f"{step} x{count}{stride}", x)
        if found is None and stride:
            stride, found = "", made(self.definitions, f"{step} x{count}", x)
        if found is None:
            return None
        if label:
            scope.taps[f"@{label}"] = found[0]
            scope.taps[f"@{label}[{count - 1}]"] = found[0]
        self.steps -= 1
        return [f"{label}: " * bool(label) + f"{step} x{count}{stride}"], found[0]

    def group(self, scope: Scope, x: Shape) -> tuple[Lines, Shape]:
        lines, out = self.body(scope.inner(), x)
        times = f" x{self.pick.number(1, 3)}" if out == x and self.pick.some(0.5) else ""
        label = self.label() if times or self.pick.some(0.7) else ""
        if label:
            scope.taps[f"@{label}"] = out
        return [f"{label}: {{" if label else "{", *lines, "}" + times], out

    def tapped(self, scope: Scope, x: Shape) -> tuple[Lines, Shape] | None:
        """What has a label joins the current tensor."""
        tap = self.pick.one(list(scope.taps))
        shape = scope.taps[tap]
        if len(shape) == 3 == len(x) and self.pick.some(0.3):
            out = (x[0], *shape[1:])
            if inferred("crop", {}, x, shape) and self.pick.some(0.5):
                return [f"crop(like={tap})"], out
            mode = self.pick.one(["", ", mode=bilinear", ", mode=bilinear, align_corners=true"])
            return ([f"resize(like={tap}{mode})"], out) if fits(out) else None
        kind = self.pick.one(["concat", "add", "mul", "maximum"])
        bare = inferred(kind, {}, x, shape)
        if bare and self.pick.some(0.5):
            return [f"{kind}({tap})"], bare
        steps = fit(self.pick, shape, x, kind == "concat")
        if steps is None:
            return None
        chain, shape = " -> ".join([tap, *steps[0]]), steps[1]
        out = inferred(kind, {}, x, shape)
        return ([f"{kind} {{ | identity | {chain} }}"], out) if out else None

    def loop(self, scope: Scope, x: Shape) -> tuple[Lines, Shape] | None:
        """Turns of one line; each sees its number."""
        widths = [self.pick.number(1, 5) for _ in range(self.pick.number(1, 3))]
        if len(x) != 3:
            return None
        label = self.label()
        step = self.pick.one(["conv(w)", "conv_bn_act(w, 1)", "conv(w, 3) -> relu"])
        lines = [f"for w, i in {widths} {{", f'"{label}_{{i}}": {step}', "}"]
        for i, width in enumerate(widths):
            scope.taps[f"@{label}_{i}"] = (width, *x[1:])
        return lines, (widths[-1], *x[1:])

    def condition(self, scope: Scope, x: Shape) -> tuple[Lines, Shape]:
        flag = self.pick.one([*scope.flags, "1 + 1 == 2", "false"])
        holds = scope.flags.get(flag, flag != "false")
        yes, out = self.body(scope.inner(), x, 2)
        no, other = self.body(scope.inner(), x, 1) if self.pick.some(0.5) else ([], x)
        lines = [f"if {flag} {{", *yes, "}"]
        if no:
            lines[-1:] = ["} else {", *no, "}"]
        return lines, out if holds else other

    def share(self, scope: Scope, x: Shape) -> tuple[Lines, Shape] | None:
        """One instance, used once or more here, and perhaps later."""
        step, _ = self.step(Scope(depth=0), x, simple=True)
        found = made(self.definitions, step, x)
        if found is None:
            return None
        name, out = self.label(), found[0]
        uses = [name]
        if out == x:
            uses += [
                f"{name} x2",
                f"add {{ | {name} | {name} -> tanh }}",
                f"{name} -> relu -> {name}",
            ]
        scope.shares[name] = (step, found)
        self.steps -= 1
        return [f"share {name} = {step}", self.pick.one(uses)], out

    def again(self, scope: Scope, x: Shape) -> tuple[Lines, Shape] | None:
        """A shared instance once more, where its weights fit."""
        for name, (step, (_, weights)) in scope.shares.items():
            found = made(self.definitions, step, x)
            if found and found[1] == weights and self.pick.some(0.6):
                return [name], found[0]
        return None

    def chain(self, scope: Scope, x: Shape) -> Step:
        first, x = self.pick.part(self.step, scope, x)
        steps = [first]
        while more := self.pick.another(0.5, self.step, scope, x):
            steps, x = [*steps, more[0]], more[1]
        return " -> ".join(steps), x

    def step(self, scope: Scope, x: Shape, simple: bool = False) -> Step:
        """One step. A `simple` one refers to nothing around it."""
        self.steps -= 1
        kind = self.pick.number(0, 9)
        found: Step | None = None
        if kind >= 8 and not simple and scope.depth > 0 and self.steps > 0:
            found = self.merge(scope, x)
        elif kind == 7:
            called = self.block_step(scope, x)
            found = called and called[:2]
        elif kind == 6:
            found = self.standard(scope, x)
        elif kind == 5 and not simple:
            found = self.pick.one(scope.acts), x
        return found or drawn_op(self.pick, x, {} if simple else scope.widths) or ("relu", x)

    def standard(self, scope: Scope, x: Shape) -> Step | None:
        """A block of the standard library."""
        options = STANDARD.get(len(x))
        if not options:
            return None
        step = self.pick.one(options)(self.pick, x)
        found = made("", step, x)
        return (step, found[0]) if found else None

    def merge(self, scope: Scope, x: Shape) -> Step | None:
        pick = self.pick
        kind = pick.one(["add", "concat", "mul", "maximum"])
        split, start = "", x
        if channels(x) % 2 == 0 and pick.some(0.15):
            split = "(split=2)"
            start = (channels(x) // 2, *x[1:]) if len(x) != 2 else (x[0], x[1] // 2)
        lines, target = self.body(scope.inner(), start, 2)
        branches, shapes = ["\n".join(lines)], [target]
        for _ in range(1 if split else pick.number(1, 2)):
            branch = self.branch(scope.inner(), start, target, kind)
            if branch is None:
                return None
            branches.append(branch[0])
            shapes.append(branch[1])
        keeps = len(x) == 3 == len(target) and x[1:] == target[1:]
        flag = pick.one(["", "", *scope.flags]) if not split else ""
        if flag:
            branches[-1] = f"when {flag}: {branches[-1]}"
            shapes = shapes if scope.flags[flag] else shapes[:-1]
        elif kind == "concat" and not split and keeps and pick.some(0.2):
            branches.append("for d in [1, 2]: conv(2, dilation=d)")
            shapes += [(2, *x[1:])] * 2
        out = inferred(kind, {}, *shapes) if len(shapes) > 1 else shapes[0]
        if out is None:
            return None
        return "\n".join([f"{kind}{split} {{", *(f"| {b}" for b in branches), "}"]), out

    def branch(self, scope: Scope, x: Shape, target: Shape, kind: str) -> Step | None:
        """A branch that can be merged with one that ends in `target`."""
        pick = self.pick
        first, shape = "identity", x
        how = pick.number(0, 3)
        if how == 1 and scope.taps:
            first = pick.one(list(scope.taps))
            shape = scope.taps[first]
        elif how > 1:
            lines, shape = self.body(scope, x, 2)
            first = "\n".join(lines)
        steps = fit(pick, shape, target, kind == "concat")
        if steps is None:
            return None
        chain, shape = steps
        if kind == "mul" and pick.some(0.6):
            more, shape = spread(pick, shape)
            chain = [*chain, *more]
        return "\n".join([first, *chain]), shape

    def block_step(self, scope: Scope, x: Shape) -> tuple[str, Shape, tuple[str, ...]] | None:
        """A drawn block or model, by its call; a new one where none is there or can be used."""
        pick = self.pick
        if self.blocks and not pick.some(0.4):
            block = pick.one(self.blocks)
            call = block.name + self.arguments(block)
            if found := made(self.definitions, call, x):
                return call, found[0], block.parts
        if scope.block or len(self.blocks) > 3 or scope.depth < 1:
            return None
        text, call, block = self.new_block(x) if pick.some(0.8) else self.new_model(x)
        if found := made(self.definitions + text, call, x):
            self.definitions += text
            self.blocks.append(block)
            return call, found[0], block.parts
        return None

    def new_block(self, x: Shape) -> tuple[str, str, Block]:
        pick = self.pick
        takes = tuple(t for t in ("w", "act", "p", "unit") if pick.some(0.6))
        w, p = pick.number(1, 6), pick.some(0.5)
        scope = Scope(depth=1, block=True, taps={"@in": x})
        scope.widths = {"w": w, "2 * w": 2 * w, "w + 1": w + 1} if "w" in takes else {}
        if len(x) == 3:
            scope.widths |= {"@in.channels": x[0], "max(1, @in.channels // 2)": max(1, x[0] // 2)}
        scope.acts = ["act"] * ("act" in takes) + ["relu"]
        scope.flags = {"p": p} if "p" in takes else {}
        lines: Lines = []
        out = x
        if "unit" in takes:
            lines.append("unit")
        more, out = self.body(scope, out)
        lines += more
        block = Block(self.fresh("b"), takes, labels_of(lines))
        wanted = {
            "w": "w",
            "act": "act: op = relu",
            "p": "p = false",
            "unit": "unit: op = identity",
        }
        params = ", ".join(wanted[t] for t in takes)
        head = f"block {block.name}" + f"({params})" * bool(params)
        given = {"w": str(w), "p": str(p).lower()}
        arguments = ", ".join(f"{t}={given[t]}" for t in takes if t in given)
        call = block.name + f"({arguments})" * bool(arguments)
        return "\n".join([head + " {", *lines, "}", ""]), call, block

    def arguments(self, block: Block) -> str:
        pick = self.pick
        values = {
            "w": lambda: str(pick.number(1, 6)),
            "act": lambda: pick.one(ACTS),
            "p": lambda: pick.one(["true", "false"]),
            "unit": lambda: pick.one(
                ["identity", "conv(3)", "bn", "conv_bn(4, 1)", "gap", "fc(4)"]
            ),
        }
        chosen = [t for t in block.takes if t == "w" or pick.some(0.6)]
        arguments = ", ".join(f"{t}={values[t]()}" for t in chosen)
        return f"({arguments})" * bool(arguments)

    def new_model(self, x: Shape) -> tuple[str, str, Block]:
        scope = Scope(depth=1, block=True, taps={"@seen": x})
        lines, _ = self.body(scope, x)
        block = Block(self.fresh("net"), (), labels_of(lines))
        head = [f"model {block.name} {{", f"input seen: {shown(x)}"]
        if self.pick.some(0.3):
            lines.append(f"output {self.fresh('z')}(when=train): relu")
        return "\n".join([*head, *lines, "output result", "}", ""]), block.name, block

    def fresh(self, stem: str) -> str:
        name = f"{stem}{len(self.names) + 1}"
        self.names.add(name)
        return name

    def label(self) -> str:
        name = self.pick.one(KNOWN_NAMES) if self.pick.some(0.1) else ""
        if not name or name in self.names:
            return self.fresh("l")
        self.names.add(name)
        return name


@st.composite
def specs(draw: st.DrawFn) -> str:
    """The text of a net whose model is called `m`."""
    return Writer(draw).spec()
