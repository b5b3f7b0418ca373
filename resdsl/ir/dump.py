"""A net as text for people, as JSON for programs, and as a digest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from resdsl.ir.graph import Call, Net, OpNode, Region
from resdsl.ir.shape import show
from resdsl.ir.verify import verify

if TYPE_CHECKING:
    import networkx

FORMAT = "resdsl/1"
"""The first field of the JSON form. A change that older readers cannot take makes it `resdsl/2`."""


def dump(net: Net) -> str:
    """Readable text: callees before callers, one line a node, with shapes. Stable; ends in a
    newline."""
    head = [f"net {_word(net.name)}"]
    head += [f"  note {_word(name)} = {_quoted(text)}" for name, text in net.notes.items()]
    for rule in net.inits:
        within = f" in {_quoted(rule.scope)}" if rule.scope else ""
        head.append(f"  init {_word(rule.selector)} = {_value(rule.init.model_dump())}{within}")
    parts = ["\n".join(head), *("\n".join(_region(net, region)) for region in net.regions.values())]
    return "\n\n".join(parts) + "\n"


def digest(net: Net) -> str:
    """SHA-256, in hex, of the canonical JSON: equal for equal nets, however their text is laid
    out."""
    places = {"regions": {"__all__": {"statements": {"__all__": {"line", "source"}}}}}
    data = {"format": FORMAT, **net.model_dump(mode="json", exclude=places)}
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode()).hexdigest()


def to_data(net: Net) -> dict[str, Any]:
    """JSON-ready, as `json_schema` describes it."""
    return {"format": FORMAT, **net.model_dump(mode="json")}


def to_json(net: Net, indent: int | None = None) -> str:
    """The net as JSON text. `from_json` reads it back, equal."""
    return json.dumps(to_data(net), indent=indent, ensure_ascii=False)


def from_json(text: str | bytes) -> Net:
    """The net that `to_json` wrote, verified. Raises ValueError for anything else.

    The ops that it may hold are those that have been imported: import `resdsl.ops` first.
    """
    try:
        data = json.loads(text)
    except RecursionError:
        raise ValueError("not a net: nested too deeply") from None
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise ValueError(f"not a net: `format` must be {FORMAT!r}")
    net = Net.model_validate(data)
    verify(net)
    return net


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the JSON form, with the fields of every op."""
    from resdsl.ir.schema import json_schema

    return json_schema(FORMAT)


def to_networkx(net: Net) -> networkx.MultiDiGraph[str]:
    """The flat graph: a node for each application of an op, see `resdsl.ir.flat`. Needs
    networkx."""
    from resdsl.ir.flat import to_networkx

    return to_networkx(net)


# ---------------------------------------------------------------- the text


def _region(net: Net, region: Region) -> Iterator[str]:
    made = f" = {region.block}({_fields(dict(region.args))})" if region.block else ""
    root = " (root)" if region.id == net.root else ""
    yield f"{region.kind} {_word(region.id)}{made}{root}"
    for value, tensor in enumerate(region.inputs):
        yield f"  in %{value} {_word(tensor.name)}: {show(tensor.shape)}"
    if region.borrows:
        yield f"  borrows {', '.join(map(_word, region.borrows))}"
    for statement in region.statements:
        nodes = region.nodes[statement.start : statement.stop]
        alone = len(nodes) == 1 and nodes[0].name == statement.name
        stage = "stage " if statement.stage else ""
        if alone and nodes[0].output == statement.value:
            yield f"  {stage}{_node(region, nodes[0])}"
            continue
        yield f"  {stage}{_word(statement.name)} -> %{statement.value}"
        yield from (f"    {_node(region, node)}" for node in nodes)
    if not region.statements:
        yield from (f"  {_node(region, node)}" for node in region.nodes)
    for output in region.outputs:
        train = " train" if output.train else ""
        loss = "" if output.loss_weight is None else f" loss_weight={output.loss_weight!r}"
        yield f"  out %{output.value} {_word(output.name)}{train}{loss}"


def _node(region: Region, node: OpNode | Call) -> str:
    inputs = ", ".join(f"%{value}" for value in node.inputs)
    outputs = ", ".join(f"%{value}" for value in node.outputs)
    shapes = ", ".join(show(region.shapes[value]) for value in node.outputs)
    if isinstance(node, Call):
        does = f"call {_word(node.region)}"
        lent = ", ".join(f"{_word(there)}={_word(here)}" for there, here in node.lends)
        does += f" lends({lent})" if lent else ""
    else:
        said = node.model_dump(include={"op"})["op"]
        does = f"{said.pop('op')}({_fields(said)})"
    train = " train" if node.train else ""
    return f"{outputs} {_word(node.name)} = {does} {inputs}: {shapes}{train}".replace("  ", " ")


def _fields(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in fields.items())


def _value(value: object) -> str:
    """As the language writes it, where it does: `same`, `1x7`, `he_normal(mode=fan_out)`, `[1,
    2]`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value) if value in ("true", "false", "none") else _word(value)
    if isinstance(value, dict):
        fields = {k: v for k, v in value.items() if k != "kind"}
        return f"{value.get('kind', '')}({_fields(fields)})"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return "none" if value is None else repr(value)


def _word(text: str) -> str:
    """A name bare, where nobody could take it for something else; quoted otherwise."""
    plain = text.replace("#", "").replace(".", "").replace("*", "").replace("_", "")
    return text if plain.isalnum() and plain.isascii() else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)
