"""Rebuild grammar.json from grammar.lark: `python -m resdsl.syntax.build`."""

from __future__ import annotations

import os
import sys

from resdsl.syntax import table
from resdsl.syntax.layout import Layout


def main() -> None:
    """Write the table. Lark orders its states by hash: a fixed seed keeps diffs small."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        os.execve(sys.executable, [sys.executable, "-m", "resdsl.syntax.build"], environment)
    table.TABLE.write_text(table.dump(table.build(None, Layout())), encoding="utf-8")
    print(f"wrote {table.TABLE}")


if __name__ == "__main__":
    main()
