"""What the build adds to a wheel beyond the packages that pyproject.toml names.

A standard wheel gets the shipped nets, `specs/`, as `resdsl/specs`. An editable one must not have
that copy, for `resdsl.paths` finds the folder of the checkout; it gets a finder that knows the one
package at the root of the checkout. A path entry would make `tests`, `bench` and `docs` importable
as well, and hatchling's own exact mode costs each start of Python some 20 ms.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FINDER = '''"""Finds resdsl in its checkout (an editable install), and nothing else there."""

import sys
from importlib.machinery import PathFinder


class Checkout:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, [{root!r}], target) if name == "resdsl" else None


sys.meta_path.append(Checkout)
'''


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling before and after each wheel; `version` is `standard` or `editable`."""

    made: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to add, by their places on the disk and in the wheel."""
        if version == "standard":
            build_data["force_include"]["specs"] = "resdsl/specs"
            return
        self.made = Path(tempfile.mkdtemp())
        finder, path = self.made / "_resdsl_checkout.py", self.made / "_resdsl_checkout.pth"
        finder.write_text(FINDER.format(root=self.root), encoding="utf-8")
        path.write_text("import _resdsl_checkout\n", encoding="utf-8")
        build_data["force_include_editable"] |= {str(f): f.name for f in (finder, path)}

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was made for the wheel."""
        if self.made:
            shutil.rmtree(self.made)
