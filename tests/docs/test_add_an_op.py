"""The worked example of docs/add-an-op.md, run as it stands.

In a process of its own, since defining an op registers it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.docs.generated import DOCS

ROOT = Path(__file__).parents[2]
PAGE = (DOCS / "add-an-op.md").read_text(encoding="utf-8")
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)

# What the page says in words: the line in the table, and `pytest`.
AFTER = """
import resdsl_flax.table
import resdsl_onnx.table
import resdsl_torch.table

resdsl_torch.table.TABLE["space_to_depth"] = space_to_depth
resdsl_flax.table.TABLE["space_to_depth"] = space_to_depth_in_flax
resdsl_onnx.table.TABLE["space_to_depth"] = space_to_depth_in_onnx
for test in [value for name, value in list(globals().items()) if name.startswith("test_")]:
    test()
    print(test.__name__)
print(__import__("resdsl").loads("input i: 3x8x8\\nspace_to_depth(4)").ir.main.shapes[-1])
"""


def test_the_worked_example(tmp_path: Path) -> None:
    code = PYTHON.findall(PAGE)
    assert len(code) == 5
    script = tmp_path / "example.py"
    script.write_text("\n".join([*code, AFTER]), encoding="utf-8")
    paths = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'backends')]!r}"
    run = subprocess.run(
        [sys.executable, "-c", f"{paths}; import runpy; runpy.run_path({str(script)!r})"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == [
        "test_shape_and_counts_are_those_of_torch",
        "test_a_size_that_does_not_divide_is_refused",
        "test_the_module_computes_it",
        "test_all_frameworks_agree",
        "(48, 2, 2)",
    ]


def test_the_example_is_in_the_style_of_the_house() -> None:
    assert all(len(line) <= 100 for line in "\n".join(PYTHON.findall(PAGE)).splitlines())
