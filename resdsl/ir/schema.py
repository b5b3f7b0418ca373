"""The JSON Schema of a net's JSON form."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from resdsl.ir.graph import Net
from resdsl.ir.op import Op

REF = "#/$defs/{model}"


class _Generator(GenerateJsonSchema):
    """Defaults that are no JSON (a sentinel) are left out, without a warning."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


def json_schema(format: str) -> dict[str, Any]:
    """Draft 2020-12. `$defs` has an object `op.KIND` for each op that has been imported."""
    models: list[type[BaseModel]] = [Net, *(Op.registry[kind] for kind in sorted(Op.registry))]
    asked = [(model, "validation") for model in models]
    _, found = models_json_schema(asked, ref_template=REF, schema_generator=_Generator)  # type: ignore[arg-type]
    definitions: dict[str, Any] = found["$defs"]
    net = definitions.pop("Net")
    ops = {}
    for kind, cls in sorted(Op.registry.items()):
        ops[f"op.{kind}"] = _op(kind, definitions.pop(cls.__name__))
    choice = [{"$ref": REF.format(model=name)} for name in ops]
    definitions["OpNode"]["properties"]["op"] = {"oneOf": choice}
    net["properties"] = {"format": {"const": format}, **net["properties"]}
    net["required"] = ["format", *net["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A net of resdsl",
        **net,
        "$defs": definitions | ops,
    }


def _op(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The class's own schema, and the field that says which class it is."""
    schema["properties"] = {"op": {"const": kind}, **schema.get("properties", {})}
    schema["required"] = ["op", *schema.get("required", [])]
    return schema
