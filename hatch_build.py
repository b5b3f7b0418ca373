"""Puts the shipped nets, `specs/`, into the wheel as `resdsl/specs`.

An editable install must not have this copy: `resdsl.paths` finds the folder of the checkout.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Called by hatchling once for each wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` is `standard` or `editable`."""
        if version == "standard":
            build_data["force_include"]["specs"] = "resdsl/specs"
