"""The end of a model's forward pass: what it returns."""

from __future__ import annotations

from resdsl.codegen.assemble import Assembler
from resdsl.codegen.dialect import Dialect
from resdsl.codegen.names import Names, attribute, identifier
from resdsl.codegen.text import Block, ClassDef, Line, Method, Param, Statement
from resdsl.ir.graph import Region

FEATURES = "return_features"


def output_class(region: Region, root: str, names: Names, dialect: Dialect) -> ClassDef | None:
    """The named tuple that a model of several outputs returns; those of training may be None."""
    if len(region.outputs) == 1:
        return None
    fields = Names({"count", "index"}, avoided=())  # a field hides no function
    ordered = sorted(region.outputs, key=lambda o: o.train)
    return ClassDef(
        names.take(f"{root}Output"),
        "NamedTuple",
        fields=tuple(
            Param(
                fields.take(attribute(identifier(output.name).lstrip("_") or "out", ())),
                f"{dialect.tensor} | None" if output.train else dialect.tensor,
                "None" if output.train else "",
            )
            for output in ordered
        ),
    )


def finish(region: Region, assembler: Assembler, dialect: Dialect, output: str) -> Method:
    """The model's forward pass: a tensor, or the named tuple; with the maps of its stages on
    request."""
    stages = {s.name: s.value for s in region.statements if s.stage}
    always = [o.value for o in region.outputs if not o.train]
    extra = [o.value for o in region.outputs if o.train]
    if stages:
        assembler.locals.take(FEATURES)
    plain = len(always) == 1 and not extra and not stages
    main, train = assembler.statements(always[0] if plain else None)
    body: list[Statement] = list(main)
    if not (plain and main and isinstance(main[-1], Line) and main[-1].text.startswith("return ")):
        body += _results(assembler, dialect, output, always, extra, train, stages)
    tensor = dialect.tensor
    returns = tensor if not output else f"{tensor} | {output}" if len(always) == 1 else output
    params = assembler.forward_params()
    if stages:
        params = (*params, Param(FEATURES, "bool", "False"))
        returns = f"{returns} | tuple[{returns}, dict[str, {tensor}]]"
    return Method(dialect.forward, params, returns, tuple(body))


def _results(
    assembler: Assembler,
    dialect: Dialect,
    output: str,
    always: list[int],
    extra: list[int],
    train: list[Statement],
    stages: dict[str, int],
) -> list[Statement]:
    def names(values: list[int]) -> str:
        return ", ".join(assembler.flow.term(value).text for value in values)

    body: list[Statement] = []
    result = names(always) if len(always) == 1 else f"{output}({names(always)})"
    if extra:
        whole = f"{output}({names([*always, *extra])})"
        if not stages:
            body.append(Block(f"if {dialect.training}:", (*train, Line(f"return {whole}"))))
            return [*body, Line(f"return {result}")]
        name = assembler.locals.take("result")
        body.append(Line(f"{name} = {result}"))
        body.append(Block(f"if {dialect.training}:", (*train, Line(f"{name} = {whole}"))))
        result = name
    if stages:
        features = ", ".join(
            f'"{key}": {assembler.flow.term(value).text}' for key, value in stages.items()
        )
        body.append(Block(f"if {FEATURES}:", (Line(f"return {result}, {{{features}}}"),)))
    return [*body, Line(f"return {result}")]
