"""A net as Graphviz DOT: a node for each top-level statement, repeats folded into it.

Ids are made here; whatever comes from the spec is a quoted, escaped label, so it is drawn as text.
"""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.analysis.kinds import kind, kinds
from resdsl.ir.graph import Net, Region, Statement
from resdsl.ir.shape import show
from resdsl.report.text import visible


def dot(net: Net) -> str:
    """DOT text, with a newline at the end. What exists only in training is dashed."""
    root = net.main
    made = {value: f"in{i}" for i, value in enumerate(range(len(root.inputs)))}
    lines = [
        f"digraph {quoted(net.name)} {{",
        "  rankdir=TB;",
        '  node [shape=box, style="rounded,filled", fillcolor="#f4f4f4", fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=10];',
    ]
    for i, tensor in enumerate(root.inputs):
        label = quoted(tensor.name, show(tensor.shape))
        lines.append(f'  in{i} [label={label}, shape=oval, fillcolor="white"];')
    edges: dict[tuple[int, str], bool] = {}
    for i, statement in enumerate(root.statements):
        nodes = root.nodes[statement.start : statement.stop]
        if not nodes:
            continue
        train = all(node.train for node in nodes)
        lines.append(f"  s{i} [{_box(net, root, statement, train)}];")
        inside = {value for node in nodes for value in node.outputs}
        taken = [value for node in nodes for value in node.inputs if value not in inside]
        edges |= {(value, f"s{i}"): train for value in taken}
        made |= dict.fromkeys(inside, f"s{i}")
    for i, output in enumerate(root.outputs):
        label = quoted(output.name, show(root.shapes[output.value]))
        dashed = ', style="dashed,filled"' if output.train else ""
        lines.append(f'  out{i} [label={label}, shape=oval, fillcolor="white"{dashed}];')
        edges[output.value, f"out{i}"] = output.train
    lines += _arrows(root, made, edges)
    return "\n".join([*lines, "}", ""])


def quoted(*lines: str) -> str:
    """A DOT string that is drawn as these lines, whatever is in them.

    Quotes end a string, a backslash begins an escape (`\\N` is the node's name), and `&lt;` is an
    entity even in a plain label.
    """
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})
    return '"' + "\\n".join(visible(line).translate(escapes) for line in lines) + '"'


def _box(net: Net, root: Region, statement: Statement, train: bool) -> str:
    nodes = root.nodes[statement.start : statement.stop]
    made_of = kind(net, nodes[0]) if len(nodes) == 1 else kinds(net, nodes)
    shape = show(root.shapes[statement.value])
    said = [statement.name, made_of, shape] if made_of != statement.name else [made_of, shape]
    style = ', fillcolor="#dbe9f6"' if statement.stage else ""
    style += ', style="rounded,filled,dashed"' if train else ""
    return f"label={quoted(*said)}{style}"


def _arrows(
    root: Region, made: dict[int, str], edges: dict[tuple[int, str], bool]
) -> Iterator[str]:
    for (value, target), train in edges.items():
        dashed = ", style=dashed" if train else ""
        yield f"  {made[value]} -> {target} [label={quoted(show(root.shapes[value]))}{dashed}];"
