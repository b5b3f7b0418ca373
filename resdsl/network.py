"""`Network`: what a user holds. It runs parse -> elaborate -> expect, and hands out what the upper
floors make.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from resdsl import zoo
from resdsl.analysis.shown import show_with
from resdsl.analysis.stats import Stats, stats
from resdsl.diagnostics import Diagnostic, Label, ResdslError, did_you_mean, in_order
from resdsl.elaborate.library import Library, Model, Scope
from resdsl.elaborate.model import Elaborated, elaborate, unmet
from resdsl.elaborate.values import text
from resdsl.ir.graph import Net
from resdsl.source import Source, Span

if TYPE_CHECKING:
    import networkx

    from resdsl.analysis.diff import Diff
    from resdsl.draw.graph import Graph
    from resdsl.draw.palette import Theme
    from resdsl.draw.picture import Depth
    from resdsl.verify.proof import Proof
    from resdsl.weights.file import Origin
    from resdsl.weights.match_map import KeyMap
    from resdsl.weights.tree import Tree

InputShape = str | Sequence[int] | Mapping[str, str | Sequence[int]]


class Network:
    """A checked net: its graph in `ir`, its counts, and its source or module in any backend.

    Shapes are channels-first without the batch (3x224x224). Make one with `resdsl.load` or
    `resdsl.loads`.
    """

    def __init__(
        self,
        located: zoo.Located,
        params: Mapping[str, Any] | None = None,
        input: InputShape | None = None,
    ) -> None:
        self.spec = located.name
        self.settings = settings_of(params)
        self.shapes = shapes_of(input)
        self.text = located.source.text
        self._source = located.source
        library = Library(located.folder)
        scope = library.open(located.source, located.folder)
        model = choose(scope, located)
        self._elaborated: Elaborated = elaborate(model, library, dict(self.settings), self.shapes)
        self.ir: Net = self._elaborated.net
        if problems := broken_promises(self._elaborated):
            raise ResdslError(*problems)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.ir.name

    @property
    def params(self) -> dict[str, Any]:
        """The model's parameters, as set or by default."""
        return dict(self._elaborated.params)

    @property
    def promises(self) -> tuple[str, ...]:
        """The `expect` lines of the model itself: they hold, or it would not have loaded."""
        return tuple(expect.condition.span.text for expect, _ in self._elaborated.expects)

    @property
    def suspended(self) -> tuple[str, ...]:
        """The `expect` lines that an override suspends: they are of the model as written."""
        return self._elaborated.suspended

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What elaboration found to be legal and likely not meant."""
        return self._elaborated.warnings

    def stats(self, batch: int = 1, dtype: str = "float32") -> Stats:
        """Counts: parameters, multiply-adds, depth, receptive field, and the bytes that a batch of
        this type takes.
        """
        return stats(self.ir, batch=batch, dtype=dtype, suspended=self.suspended)

    def source(self, backend: str = "torch", **options: Any) -> Any:
        """The source of one self-contained module; for onnx the bytes of a model. Needs no
        framework. Raises UnknownBackend.
        """
        from resdsl.codegen.backend import find_backend

        header = self.header(backend, **options)
        if options.get("weights") is not None:
            from resdsl.frameworks import tree

            options["weights"] = tree(self.ir, options["weights"])
        return find_backend(backend).emit(self.ir, header, **options)

    def build(self, backend: str = "torch", **options: Any) -> Any:
        """What runs: the very text of `source`, compiled.

        For torch an `nn.Module` (options `device`, `dtype`), for flax an `nnx.Module` (`seed`,
        `dtype`, `param_dtype`, `repeat`), for onnx an `onnxruntime.InferenceSession` (`weights`: a
        tree, a file or a model of any framework; `seed`, `dtype`, `features`, `functions`; and
        `providers`, `provider_options`, `sess_options` of that class).
        """
        from resdsl.codegen.backend import find_backend, loadable

        found = find_backend(backend)
        emit = {key: options.pop(key) for key in found.emit_options & options.keys()}
        with loadable(lambda: self.source(backend, **emit)) as source:
            return found.build(source, self.ir, **options)

    def weights(self, model: Any) -> Tree:
        """A copy of the weights of a model of this net, whatever framework it is of: canonical path
        -> array in canonical layout. Raises WeightsError where it is not of this net.
        """
        from resdsl.frameworks import read_model

        return read_model(self.ir, model)

    def load_weights(
        self,
        model: Any,
        file: str | os.PathLike[str] | Tree,
        map: str | os.PathLike[str] | KeyMap | None = None,
    ) -> None:
        """Set the weights of a model of this net from a safetensors file or a tree, in the model's
        own dtype and on its device. `map` translates the names of a foreign checkpoint: what
        `adopt` made, a file of it, or the name of a shipped one.

        Raises WeightsError, which names all that is missing, extra, misshapen, of another type or
        truncated, before anything is changed. A file that was written for another net and fits is a
        warning; so is a map of a name or a file, which says of which model's checkpoints it is.
        """
        from resdsl.frameworks import load

        load(self.ir, model, file, map)

    def adopt(self, model: Any, name: str = "") -> KeyMap:
        """The map from the checkpoints of `model` to this net, for any module that computes the
        same. It runs once, without data. Raises WeightsError where the two differ, or where it
        cannot be told which part is which.
        """
        from resdsl.frameworks import adopt

        return adopt(self.ir, model, name or type(model).__qualname__, self.origin())

    def save_weights(self, weights: Any, file: str | os.PathLike[str]) -> None:
        """Write the weights of a model (or a tree of them) as safetensors, under canonical paths
        and in canonical layouts. The file is there whole or not at all.
        """
        from resdsl.frameworks import tree
        from resdsl.weights.file import write

        write(tree(self.ir, weights), file, self.origin())

    def verify(
        self,
        backends: Sequence[str] = (),
        dtype: str = "float32",
        batch: int = 2,
        seed: int = 0,
    ) -> Proof:
        """Run the net in each backend (by default all that are installed) with the same weights on
        the same input, and compare with torch in float64. Its `ok` says whether they agree.
        """
        from resdsl.frameworks import verify

        return verify(self.ir, backends, dtype, batch, seed)

    def origin(self) -> Origin:
        """What a file of weights says of this net."""
        from resdsl.weights.file import Origin

        digest = self.ir.digest()
        return Origin(digest=digest, spec=self.spec, params=self.settings, input=self.shapes)

    def header(self, backend: str, **options: Any) -> Any:
        """What the head of a file says of this net that is generated with these options."""
        from resdsl.codegen.backend import Header

        return Header.of(self.ir, self.stats(), self.command(backend, **options))

    def command(self, backend: str, **options: Any) -> str:
        """The normalised command that compiles this net with these options of `source`. Weights
        that are in no file stand there as FILE: `save_weights` writes one.
        """
        from resdsl.codegen.backend import words_of

        words = ["resdsl", "compile", self.spec, "--backend", backend]
        for name, value in sorted(self.settings.items()):
            words += ["--set", f"{name}={value}"]
        for name, shape in self.shapes.items():
            words += ["--input", f"{name}=" * bool(name) + "x".join(map(str, shape))]
        words += words_of(backend, options)
        import shlex

        return shlex.join(words)

    def graph(self, depth: Depth = "stage", theme: Theme | None = None) -> Graph:
        """The net as a picture, which shows itself in a notebook: stages, what is in them, equal
        repeats as one box. `depth`: model, stage, block or layer; `save` writes it as SVG, PNG,
        PDF, HTML and others.
        """
        from resdsl.draw.graph import Graph

        return Graph(self.ir, self._source, depth, theme)

    def diff(self, other: Network | Net) -> Diff:
        """What `other` has otherwise than this net, stage by stage and block by block: false where
        nothing is, true otherwise. It shows itself in a notebook. Raises MissingExtra.
        """
        from resdsl.analysis.diff import diff

        if isinstance(other, Net):
            return diff(self.ir, other, (self._called(), ""))
        return diff(self.ir, other.ir, (self._called(), other._called()))

    def _called(self) -> str:
        """The spec with its settings, as the command line takes them."""
        words = [self.spec, *(f"{name}={value}" for name, value in sorted(self.settings.items()))]
        return " ".join([*words, *("x".join(map(str, shape)) for shape in self.shapes.values())])

    def to_json(self) -> str:
        """The graph as JSON (`resdsl.ir.dump.json_schema()` describes it)."""
        from resdsl.ir.dump import to_json

        return to_json(self.ir)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """The flat graph: a node an op, named by its path. Needs networkx."""
        return self.ir.to_networkx()

    def __repr__(self) -> str:
        counts = self.stats()
        figures = f"{counts.params:,} parameters, {counts.macs:,} multiply-adds"
        return f"<resdsl.Network {self.name}: {figures}>"

    def _repr_html_(self) -> str:
        return _html(self.stats())


def _html(result: Stats | Diff) -> str:
    from resdsl.report.html import html

    return html(result)


show_with(_html)


def load(
    spec: str,
    /,
    *,
    input: InputShape | None = None,
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> Network:
    """The net that `spec` names: a path, `path:model`, or a shipped net such as `resnet50`.

    Keywords set the model's parameters (`classes=10`; a string is an expression of the language:
    `shortcut="B"`); `params` takes them as a mapping, for any name. `input` is its input's shape
    (`(3, 193, 160)`, `"3x193x160"`, or a mapping from names). Raises ResdslError, whose
    `diagnostics` say what is wrong and where; a `SpecNotFound` where nothing has that name.
    """
    return Network(zoo.locate(str(spec)), {**(params or {}), **more}, input)


def loads(
    source: str,
    /,
    *,
    name: str = "<string>",
    input: InputShape | None = None,
    params: Mapping[str, Any] | None = None,
    **more: Any,
) -> Network:
    """The net that the text `source` describes; otherwise as `load`."""
    located = zoo.Located(Source(name, source), None, None, name)
    return Network(located, {**(params or {}), **more}, input)


def models(spec: str) -> tuple[list[str], str | None]:
    """The models of a file, and the one it stands for: named as the file, else the only one."""
    located = zoo.locate(spec)
    scope = Library(located.folder).open(located.source, located.folder)
    own = [m.name.text for m in scope.file.models]
    return own, _default(own, located)


def broken_promises(elaborated: Elaborated) -> list[Diagnostic]:
    """The `expect`s of a net that its counts do not meet."""
    if not elaborated.expects:
        return []
    counts = stats(elaborated.net)
    names = ("params", "params_training", "buffers", "macs", "depth")
    return unmet(elaborated, {name: getattr(counts, name) for name in names})


def _default(own: list[str], located: zoo.Located) -> str | None:
    stem = located.source.name.replace("\\", "/").rpartition("/")[2].removesuffix(".res")
    return stem if stem in own else own[0] if len(own) == 1 else None


def choose(scope: Scope, located: zoo.Located) -> Model:
    """The model asked for, else the file's default."""
    own = [m.name.text for m in scope.file.models]
    name = located.model or _default(own, located)
    if name in own and name in scope.models:  # not where something else has its name
        return scope.models[name]
    if scope.library.errors:
        raise ResdslError(*in_order(scope.library.errors))
    own.sort(key=lambda name: not scope.models[name].is_counted)  # those that one would want
    listed = ", ".join(own)
    places = [m.name.span for m in scope.file.models] or [Span(located.source, 0, 0)]
    labels = tuple(Label(place, "another") for place in places[1:])
    if not own:
        message, help_ = "this file has no model", "begin with `input image: 3x224x224`"
    elif located.model:
        message = f"there is no model `{name}` in this file"
        help_, labels = did_you_mean(name or "", own) or f"its models are {listed}", ()
    else:
        message = "this file has several models"
        help_ = f"name one, as in `{located.name}:{own[0]}`: {listed}"
    raise ResdslError(Diagnostic("E604", message, places[0], labels, help=help_))


def settings_of(params: Mapping[str, Any] | None) -> dict[str, str]:
    """Parameters as texts of the language."""
    return {k: v if isinstance(v, str) else text(v) for k, v in (params or {}).items()}


def shapes_of(given: InputShape | None) -> dict[str, list[int]]:
    """The shapes of inputs by name; the name "" means the only one."""
    if given is None:
        return {}
    pairs = given if isinstance(given, Mapping) else {"": given}
    return {name: _dims(shape) for name, shape in pairs.items()}


def _dims(shape: str | Sequence[int]) -> list[int]:
    parts = shape.split("x") if isinstance(shape, str) else [str(s) for s in shape]
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch("0*[1-9][0-9]{0,6}", p) for p in parts):
        shown = str(shape)
        raise ResdslError(
            Diagnostic(
                "E101",
                f"`{shown[:60]}{'...' * (len(shown) > 60)}` is not a shape",
                help="write it as 3x224x224",
            )
        )
    return [int(p) for p in parts]
