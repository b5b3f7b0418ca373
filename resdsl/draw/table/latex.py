"""The table as LaTeX: a `tabular` for a document that uses amsmath and booktabs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from resdsl.draw.table.cells import Line
from resdsl.files import MADE
from resdsl.report.text import visible

if TYPE_CHECKING:
    from resdsl.draw.table import Table

_MARKS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "^": r"\textasciicircum{}", "_": r"\_", "~": r"\textasciitilde{}", "%": r"\%",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "[": "{[}", "]": "{]}", "×": r"$\times$", "→": r"$\to$", "-": "{-}", "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
}  # fmt: skip
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUPERS = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")


def latex(table: Table) -> str:
    """Needs `\\usepackage[T1]{fontenc}`, textcomp's signs, amsmath and booktabs."""
    columns = len(table.names)
    head = ["layer name", "output size", *table.names]
    lines = [
        f"% {MADE}",
        r"% \usepackage[T1]{fontenc}, \usepackage{amsmath}, \usepackage{booktabs}",
        rf"\begin{{tabular}}{{ll{'c' * columns}}}",
        r"\toprule",
        _row(map(_text, head)),
    ]
    for entry in table.entries:
        lines.append(r"\midrule")
        left = [_text(entry.name), _text(entry.size)]
        for line in entry.shared(columns):
            lines.append(_row([*left, rf"\multicolumn{{{columns}}}{{c}}{{{_line(line)}}}"]))
            left = ["", ""]
        cells = [entry.cell(n, columns) for n in range(columns)]
        if any(cells) or left[0]:
            lines.append(_row([*left, *map(_cell, cells)]))
    lines.append(r"\midrule")
    lines += [_row([what, "", *map(_number, numbers)]) for what, numbers in table.sums]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(lines: tuple[Line, ...]) -> str:
    if len(lines) < 2:
        return "".join(map(_line, lines))
    rows = r" \\ ".join(map(_line, lines))
    return rf"\begin{{tabular}}{{c}}{rows}\end{{tabular}}"


def _line(line: Line) -> str:
    texts = [_text(text) for text in line.texts]
    if not line.stack:
        return texts[0]
    rows = r" \\ ".join(rf"\text{{{text}}}" for text in texts)
    times = rf" \times {line.times}" if line.times > 1 else ""
    return rf"$\begin{{bmatrix}} {rows} \end{{bmatrix}}{times}$"


def _number(text: str) -> str:
    """`1.8×10⁹` as a formula."""
    power = "".join(char for char in text if char in _SUPERS)
    if not power:
        return text
    plain = text.removesuffix(power).replace("×", r" \times ")
    return f"${plain}^{{{power.translate(_POWERS)}}}$"


def _text(text: str) -> str:
    """With nothing that TeX obeys."""
    return "".join(_MARKS.get(char, char) for char in visible(text))
