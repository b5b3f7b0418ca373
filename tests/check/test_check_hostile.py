"""`check` on texts that mean harm: findings, soon, in every format."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from resdsl.check import Format, check, report
from tests.fuzz.test_bad_input import FINE, LIMIT, MUST_FAIL

FORMATS: tuple[Format, ...] = ("json", "github", "sarif")
TEXTS = MUST_FAIL | FINE


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_checked_in_time(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.res"
    file.write_bytes(TEXTS[name].encode("utf-8", "surrogatepass"))
    start = time.process_time()
    checked = check(str(file))
    text = report([checked], "text")
    assert time.process_time() - start < LIMIT
    assert len(text) < 100_000, "what is printed is for people"
    assert not (checked.ok and name in MUST_FAIL)
    assert all("\x1b" not in report([checked], form) for form in FORMATS)
