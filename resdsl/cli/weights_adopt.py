"""`adopt`: the map from a foreign model's checkpoints to a net."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from resdsl.cli.common import InputOption, Json, Set, Spec, UsageError, app, network, write


@app.command()
def adopt(
    factory: Annotated[
        str,
        typer.Argument(
            metavar="MODULE:FACTORY",
            help="What makes the foreign model, such as 'timm:create_model(\"resnet50\")'. "
            "The module is imported, and the factory runs: name only code that you trust.",
        ),
    ],
    spec: Spec,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The map to write, as JSON.")
    ] = None,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a file that resdsl did not write.")
    ] = False,
    json: Json = False,
) -> None:
    """Find out which weight of a foreign model is which of a net, and write it down as a map.

    The two are compared step by step; a model that computes anything else is refused.
    """
    net = network(spec, set_, input_)
    found = net.adopt(_made(factory), factory)
    if output is not None:
        write(output, found.to_json(), force)
    if json:
        print(found.to_json(), end="")
    elif output is None or sys.stdout.isatty():
        print(_table(found))
    for key in found.alike:
        print(f"resdsl: `{key}` has a twin that does the same; taken in order", file=sys.stderr)


def _table(found: Any) -> str:
    from resdsl.report.text import visible

    rows = [(visible(key), route) for key, route in found.weights.items()]
    width = max((len(key) for key, _ in rows), default=0)
    lines = [f"{key:{width}}  {route.path}{_how(route)}" for key, route in rows]
    return "\n".join([*lines, *(f"{visible(key):{width}}  (unused)" for key in found.unused)])


def _how(route: Any) -> str:
    shape = "x".join(map(str, route.shape))
    if route.axes:
        split, axes = "x".join(map(str, route.split)), ", ".join(map(str, route.axes))
        return f"  from {shape}, as {split}, axes ({axes})"
    return f"  from {shape}" if shape else ""


def _made(factory: str) -> Any:
    """The model that MODULE:FACTORY names. Nothing is evaluated but names, calls and literals."""
    name, colon, text = factory.partition(":")
    if not colon or not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(
            f'`{factory}` is not MODULE:FACTORY, such as timm:create_model("resnet50")'
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(f"`{text}` is no name of a factory, nor a call of one") from None
    sys.path.append(str(Path.cwd()))  # last: a file there never stands for an installed module
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(f"there is no module {error.name}") from None
    except Exception as error:
        raise UsageError(f"{name} cannot be imported: {error}") from error
    try:
        found = _value(module, tree)
        makes = isinstance(found, type) or not hasattr(found, "state_dict")
        return found() if callable(found) and makes else found
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{factory} fails: {type(error).__name__}: {error}") from error


def _value(module: Any, tree: ast.AST) -> Any:
    """A name of the module, a call of one, or a literal."""
    match tree:
        case ast.Name(id=name) if not name.startswith("_"):
            return getattr(module, name)
        case ast.Attribute(value=inner, attr=name) if not name.startswith("_"):
            return getattr(_value(module, inner), name)
        case ast.Call(func=(ast.Name() | ast.Attribute()) as func, args=args, keywords=keywords):
            named = {word.arg: _value(module, word.value) for word in keywords if word.arg}
            if len(named) == len(keywords):
                return _value(module, func)(*(_value(module, arg) for arg in args), **named)
        case ast.List(elts=parts):
            return [_value(module, part) for part in parts]
        case ast.Tuple(elts=parts):
            return tuple(_value(module, part) for part in parts)
        case _:
            try:
                return ast.literal_eval(tree)
            except ValueError:
                pass
    raise UsageError(f"`{ast.unparse(tree)}` is no name, call or literal")
