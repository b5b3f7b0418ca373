"""`resdsl check` as a user or a program runs it: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import jsonschema
import pytest

from resdsl.check import MANY
from tests.check.conftest import GOOD, Done, Resdsl
from tests.command import MAIN, on_a_terminal

BAD = GOOD.replace("conv", "cnov")
WARNED = GOOD.replace("conv", "let unused = 1\nconv")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")


@pytest.fixture
def specs(folder: Path) -> Path:
    """Enough files for several processes, in two folders; every fourth has an error."""
    (folder / "below").mkdir()
    for i in range(MANY + 4):
        path = folder / ("below" if i % 2 else ".") / f"n{i:02}.res"
        path.write_text(BAD if i % 4 == 0 else GOOD, encoding="utf-8")
    return folder


# ---------------------------------------------------------------- text


def test_one_file_is_fine(folder: Path, resdsl: Resdsl) -> None:
    (folder / "m.res").write_text(GOOD, encoding="utf-8")
    assert resdsl("check", "m.res") == Done(0, "m.res: fine\n", "")
    assert resdsl("check", "m.res", "resnet18") == Done(0, "2 files: fine\n", "")


def test_findings_go_to_standard_output_with_their_number(specs: Path, resdsl: Resdsl) -> None:
    done = resdsl("check", ".")
    assert (done.code, done.err) == (1, "")
    assert done.out.count("error[E201]") == 5
    assert done.out.splitlines()[-2:] == [
        "5 errors in 5 of 20 files",
        "For more: resdsl explain E201",
    ]


def test_the_page_shows_what_is_printed(folder: Path, resdsl: Resdsl) -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    for i in range(11):
        (folder / f"{i}.res").write_text(GOOD, encoding="utf-8")
    text = "input image: 3x224x224\nconv1: cnov(64, 7, stride=2)\noutput y\n"
    (folder / "net.res").write_text(text, encoding="utf-8")
    assert resdsl("check", ".").out == shown


def test_a_finding_of_a_shared_file_is_shown_once(folder: Path, resdsl: Resdsl) -> None:
    (folder / "shared.res").write_text("block twice { conv(4, strid=2) }\n", encoding="utf-8")
    for name in "ab":
        text = 'use "shared.res"\n' + GOOD.replace("conv(4)", "twice")
        (folder / f"{name}.res").write_text(text, encoding="utf-8")
    done = resdsl("check", "a.res", "b.res")
    assert done.out.count("error[E203]") == 1
    assert "1 error in 2 of 2 files\n" in done.out


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (GOOD, (), 0),
        (GOOD, ("--strict",), 0),
        (WARNED, (), 0),
        (WARNED, ("--strict",), 1),
        (BAD, (), 1),
        (BAD, ("no.res",), 2),
        (GOOD, ("empty",), 2),
        (GOOD, ("--jobs", "-1"), 2),
        (GOOD, ("--format", "xml"), 2),
        (GOOD, ("--set", "x"), 2),
        (GOOD, ("--watch", "-"), 2),
        (GOOD, ("--watch", "--json"), 2),
    ],
)
def test_exit_codes(
    text: str, arguments: tuple[str, ...], code: int, folder: Path, resdsl: Resdsl
) -> None:
    (folder / "m.res").write_text(text, encoding="utf-8")
    (folder / "empty").mkdir()
    assert resdsl("check", "m.res", *arguments).code == code


def test_watching_needs_its_extra(
    folder: Path, resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = resdsl("check", "--watch", ".")
    assert done == Done(2, "", "resdsl: --watch needs watchfiles: pip install 'resdsl[watch]'\n")


# ---------------------------------------------------------------- for programs


def test_json_has_every_spec_in_order(folder: Path, resdsl: Resdsl) -> None:
    for name, text in (("b", BAD), ("g", GOOD), ("w", WARNED)):
        (folder / f"{name}.res").write_text(text, encoding="utf-8")
    done = resdsl("check", "w.res", "b.res", "g.res", "no\udcff", "--json")
    data = json.loads(done.out)
    assert (done.code, data["errors"], data["warnings"]) == (2, 2, 1)
    told = [(s["spec"], s["ok"], s["models"]) for s in data["specs"]]
    assert told[:3] == [("w.res", True, ["w"]), ("b.res", False, ["b"]), ("g.res", True, ["g"])]
    assert told[3] == ("no\udcff", False, [])
    (finding,) = data["specs"][1]["diagnostics"]
    assert finding["place"] == {
        "file": "b.res", "line": 2, "column": 1, "end_line": 2, "end_column": 5, "text": "cnov",
    }  # fmt: skip
    assert set(finding) == {
        "code", "severity", "message", "place", "labels", "notes", "help", "trace",
    }  # fmt: skip


def test_sarif_is_valid(specs: Path, resdsl: Resdsl) -> None:
    done = resdsl("check", ".", "--format", "sarif")
    log = json.loads(done.out)
    schema = ROOT / "tests" / "data" / "sarif-schema-2.1.0.json"
    jsonschema.validate(
        log, json.loads(schema.read_text(encoding="utf-8")), jsonschema.Draft4Validator
    )
    places = [r["locations"][0]["physicalLocation"] for r in log["runs"][0]["results"]]
    assert [place["artifactLocation"]["uri"] for place in places] == [
        f"n{i:02}.res" for i in range(0, MANY + 4, 4)
    ]
    assert done.code == 1


def test_github_gets_a_command_for_each(specs: Path, resdsl: Resdsl) -> None:
    lines = resdsl("check", ".", "--format", "github").out.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("::error file=n00.res,line=2,col=1,endLine=2,endColumn=5,title=E201")
    (specs / "g.res").write_text(GOOD, encoding="utf-8")
    assert resdsl("check", "g.res", "--format", "github").out == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_number_of_processes_changes_nothing(form: str, specs: Path, resdsl: Resdsl) -> None:
    one, *others = (resdsl("check", ".", "--format", form, "--jobs", str(n)) for n in (1, 2, 3))
    assert [one, one] == others
    assert "E201" in one.out


# ---------------------------------------------------------------- on a terminal


def test_a_terminal_shows_colours_and_a_bar_that_goes(specs: Path) -> None:
    shown = on_a_terminal("check", ".")
    bar, gone, findings = shown.partition("\x1b[1A\x1b[2K")
    assert "Checking" in bar
    assert gone
    assert "\x1b[91m\x1b[1merror[E201]\x1b[0m" in findings
    assert "Checking" not in findings


def test_no_color_is_obeyed_and_no_escape_comes_from_a_spec(folder: Path) -> None:
    (folder / "m.res").write_text("cnov(3) # \x1b[2J\n", encoding="utf-8")
    shown = on_a_terminal("check", "m.res", "\x1b[31m.res", NO_COLOR="1")
    assert "error[E201]" in shown
    assert "\x1b" not in shown
    assert "\\x1b[31m.res" in shown


def test_errors_of_other_commands_are_coloured_and_no_pipe_is(folder: Path) -> None:
    (folder / "m.res").write_text(BAD, encoding="utf-8")
    assert "\x1b[91m" in on_a_terminal("stats", "m.res")
    piped = subprocess.run([*MAIN, "stats", "m.res"], capture_output=True, check=False)
    assert b"error[E201]" in piped.stderr
    assert b"\x1b" not in piped.stderr


def test_what_the_output_cannot_encode_is_escaped(folder: Path) -> None:
    (folder / "m.res").write_text("cnov(3) # é漢\n", encoding="utf-8")
    done = subprocess.run(
        [*MAIN, "check", "m.res"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"1 | cnov(3) # \\xe9\\u6f22\n" in done.stdout


# ---------------------------------------------------------------- for a while


def _read_until(process: subprocess.Popen[bytes], *words: str, nudge: Path | None = None) -> str:
    """What is printed, up to where all the words have come; the file is touched until then."""
    assert process.stdout is not None
    read, end = "", time.monotonic() + 30
    while not all(word in read for word in words):
        assert time.monotonic() < end, read
        if nudge:
            nudge.touch()
        if select.select([process.stdout], [], [], 0.3)[0]:
            part = os.read(process.stdout.fileno(), 65536).decode("utf-8")
            assert part, read
            read += part
    return read


def test_a_change_is_checked_until_someone_stops_it(folder: Path) -> None:
    file = folder / "m.res"
    file.write_text(GOOD, encoding="utf-8")
    process = subprocess.Popen(
        [*MAIN, "check", ".", "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert "m.res: fine" in _read_until(process, "Ctrl-C")
        file.write_text(BAD, encoding="utf-8")
        assert "fine" not in _read_until(process, "error[E201]", "Ctrl-C", nudge=file)
        file.rename(folder / "note.txt")
        assert "no *.res file" in _read_until(process, "E600", "Ctrl-C")
        file.write_text(GOOD, encoding="utf-8")
        assert "m.res: fine" in _read_until(process, "fine", "Ctrl-C", nudge=file)
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, b"Traceback" in rest) == (130, False)


def test_ctrl_c_ends_all_processes_quietly(folder: Path) -> None:
    text = (ROOT / "specs" / "cifar" / "family.res").read_text(encoding="utf-8")
    for i in range(600):
        (folder / f"{i}.res").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [*MAIN, "check", ".", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(children.read_text(encoding="utf-8").split()) < 2:
        time.sleep(0.1)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in out
