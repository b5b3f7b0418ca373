"""Random specs that are well formed by construction.

Either every step keeps height and width, or whatever meets in a merge is resized before.
"""

from __future__ import annotations

from random import Random

ACTS = ["relu", "gelu", "leaky_relu(0.2)", "prelu", "identity", "tanh"]
WIDTHS = [2, 3, 4, 6]


class Writer:
    """Writes one spec. `labels` are those that the current body may tap, innermost last."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.fit = self.rng.choice(["", " -> resize(size=5)"])
        self.count = 0
        self.blocks: list[str] = []
        self.signatures: list[tuple[str, bool]] = []  # name, whether it has parts

    def spec(self) -> str:
        for _ in range(self.rng.randint(0, 3)):
            self.block()
        body = self.body(3, ["image"], "4")
        outputs = [f"output o{i}: @{label} -> conv(2, 1)" for i, label in enumerate(self.top[:2])]
        if self.rng.random() < 0.4:
            outputs.append("output extra(when=train): relu -> conv(3, 1) -> gap")
        lines = ["model m", "input image: 3x9x8", *body, *outputs, "output out"]
        return "\n".join([*lines, *self.blocks, ""])

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def block(self) -> None:
        name = self.fresh("b")
        body = self.body(2, [], "w", inside=True)
        parts = self.rng.random() < 0.3
        if parts:
            body += ["part: conv(w, 1)", "act"]
        params = "w, k = 3, p = false, act: op = relu"
        text = "\n".join([f"block {name}({params}) {{", *body, "}"])
        self.blocks.append(text)
        self.signatures.append((name, parts))

    def body(self, depth: int, labels: list[str], width: str, inside: bool = False) -> list[str]:
        labels = list(labels)
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 4)):
            lines += self.line(depth, labels, inside)
        if not inside:
            self.top = [label for label in labels if label != "image"]
        return lines

    def line(self, depth: int, labels: list[str], inside: bool) -> list[str]:
        rng = self.rng
        kind = rng.randrange(9)
        if kind == 0 and inside:
            return [f"if p {{ {self.chain(depth - 1, labels, inside)} }}"]
        if kind == 1 and labels:
            tapped = f"@{rng.choice(labels)} -> {self.step(depth, inside)}{self.fit}"
            return [f"concat {{ | identity{self.fit} | {tapped} }}"]
        if kind == 2:
            label, width = self.fresh("u"), self.width(inside)
            share = rng.choice([f"conv({width})", f"conv_bn({width}) ", f"conv_relu({width}, 1)"])
            use = rng.choice(
                [
                    f"{label}{self.fit} -> relu -> {label}",
                    f"{label} x2",
                    f"add {{ | {label} | {label} -> tanh }}",
                ]
            )
            return [f"conv({width}, 1)", f"share {label} = {share.strip()}", use]
        if kind == 3:
            label = self.fresh("s")
            labels.append(label)
            step = self.step(0, inside)
            while step.startswith("mul"):
                step = self.step(0, inside)
            first = rng.choice(["", " stride 2"]) if self.fit and step.startswith("conv") else ""
            return [f"{label}: {step} x{rng.randint(1, 3)}{first}"]
        if kind == 4:
            label = self.fresh("g")
            inner = self.body(depth - 1, labels, "4", inside) if depth else ["relu"]
            labels.append(label)
            return [f"{label}: {{", *inner, "}"]
        if kind in (5, 6):
            label = self.fresh("l")
            text = f"{label}: {self.chain(depth, labels, inside)}"
            labels.append(label)
            return [text]
        if kind == 7 and self.fit:
            return [rng.choice(["maxpool(3, 2, pad=1)", "conv(4, stride=2)", "resize(factor=2)"])]
        return [self.chain(depth, labels, inside)]

    def chain(self, depth: int, labels: list[str], inside: bool) -> str:
        return " -> ".join(self.step(depth, inside) for _ in range(self.rng.randint(1, 3)))

    def width(self, inside: bool) -> str:
        if inside and self.rng.random() < 0.6:
            return self.rng.choice(["w", "2 * w", "w + 1"])
        return str(self.rng.choice(WIDTHS))

    def step(self, depth: int, inside: bool) -> str:
        rng, width = self.rng, self.width(inside)
        kernel = "k" if inside and rng.random() < 0.5 else rng.choice(["1", "3", "5"])
        act = "act" if inside and rng.random() < 0.6 else rng.choice(ACTS)
        kind = rng.randrange(10)
        if kind == 0:
            return f"conv_bn({width}, {kernel})"
        if kind == 1:
            return f"conv_bn_act({width}, {kernel}, act={act})"
        if kind == 2:
            return act
        if kind == 3 and depth > 0:
            merge = rng.choice(["add", "mul", "maximum"])
            arms = [
                f"{self.step(depth - 1, inside)} -> conv({width}, 1){self.fit}" for _ in range(2)
            ]
            arms[1] += " -> sigmoid" if merge == "mul" else ""
            guard = "when p: " if inside and rng.random() < 0.4 else ""
            return f"{merge} {{ | {arms[0]} | {guard}{arms[1]} }}"
        if kind == 4 and depth > 0:
            arm = f"{self.step(depth - 1, inside)}{self.fit}"
            return f"concat {{ | {arm} | identity{self.fit} }} -> conv({width}, 1)"
        if kind in (5, 6, 7) and self.signatures:
            name, _ = rng.choice(self.signatures)
            more = rng.choice(
                ["", ", k=1", ", p=true", f", act={act}", ", k=5, p=true", f", p=true, act={act}"]
            )
            return f"{name}({width}{more})"
        if kind == 8:
            return "mul { | identity | gap -> sigmoid }" if inside else "bn"
        return f"conv({width}, {kernel})"
