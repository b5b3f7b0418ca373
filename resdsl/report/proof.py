"""How far frameworks are apart, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from resdsl.ir.shape import show
from resdsl.report.tables import Column, Table
from resdsl.report.text import visible

PARTS = {
    "outputs": "stages and outputs",
    "gradients": "gradients of a step",
    "statistics": "batch norm's statistics after a step",
}


def proof_table(proof: Mapping[str, Any]) -> str:
    """`Proof.to_data()`: what was compared, the worst relative error of each backend in each row,
    and whether they agree; no newline at the end.
    """
    inputs = ", ".join(show(tuple(shape)) for shape in proof["inputs"].values())
    head = visible(f"{proof['net']}   {inputs}   {proof['dtype']}   seed {proof['seed']}")
    against = f"relative errors: max |difference| / max |{proof['reference']} in float64|"
    table = Table(
        [
            Column("name"),
            *(Column(name, right=True) for name in proof["backends"]),
            Column("bound", right=True),
            Column(""),
        ]
    )
    for part, rows in groupby(proof["rows"], key=lambda row: row["part"]):
        table.rows += [None] if table.rows else []
        table.rows.append([PARTS[part], *[""] * (len(table.columns) - 1)])
        for row in rows:
            errors = [_error(row["errors"], name) for name in proof["backends"]]
            mark = "" if row["ok"] else "too far"
            table.rows.append([f"  {row['name']}", *errors, f"{row['bound']:.1e}", mark])
    return "\n".join([head, against, "", table.text(), "", _verdict(proof)])


def _error(errors: Mapping[str, float | None], name: str) -> str:
    if name not in errors:
        return "-"
    error = errors[name]
    return "not finite" if error is None else f"{error:.1e}"


def _verdict(proof: Mapping[str, Any]) -> str:
    names = list(dict.fromkeys([proof["reference"], *proof["backends"]]))
    if proof["ok"]:
        return f"{', '.join(names)}: the same net"
    count = sum(not row["ok"] for row in proof["rows"])
    return f"{count} of {len(proof['rows'])} comparisons are too far apart"
