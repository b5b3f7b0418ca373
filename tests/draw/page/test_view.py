"""`resdsl view`: who is served what, and what a reader sees while the file changes."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from resdsl.view import HOST, Server, View
from tests.command import run
from tests.draw.page.conftest import Look
from tests.draw.page.pages import data_of

GOOD = """input image: 3x32x32
stage first: conv_bn_act(16, 3) x2
stage second: conv_bn_act(32, 3, stride=2) x2
head: gap -> fc(10)
output logits
"""
BAD = GOOD.replace("stage second: conv_bn_act", "stage second: cnov")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "net.res"
    file.write_text(GOOD, encoding="utf-8")
    return file


@pytest.fixture
def server(file: Path) -> Iterator[Server]:
    """Serves `file` to this process."""
    with Server(View(str(file))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: Server, path: str = "/", method: str = "GET", **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=20)
    connection.request(method, path, headers=headers)
    return connection.getresponse()


def test_this_machine_gets_the_page(server: Server) -> None:
    answer = ask(server)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert "resdsl/" not in answer.headers["Server"] and "Python" not in answer.headers["Server"]
    text = answer.read().decode()
    assert "connect-src 'self'" in text.replace("&#x27;", "'")
    assert ask(server, Host=f"localhost:{server.server_port}").status == 200
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"])
def test_another_host_gets_nothing(server: Server, host: str) -> None:
    for path in ("/", "/events?since=0"):
        answer = ask(server, path, Host=host)
        assert (answer.status, b"logits" in answer.read()) == (421, False)


@pytest.mark.parametrize(
    "path",
    ["/net.res", "/../net.res", "/index.html", "/events", "/events?since=-1", "/?x", "/a", "/%00"],
)
def test_no_other_path_is_there(server: Server, path: str) -> None:
    assert ask(server, path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_nothing_but_reading(server: Server, method: str) -> None:
    assert ask(server, "/", method).status == 501


def test_a_page_is_told_of_later_versions(server: Server, file: Path) -> None:
    view = server.view
    stream = ask(server, f"/events?since={view.version}")
    assert stream.headers["Content-Type"] == "text/event-stream"
    view.reload()  # nothing changed: nothing is said
    file.write_text(BAD, encoding="utf-8")
    view.reload()
    told = event(stream)
    assert "picture" not in told and "unknown block or op `cnov`" in told["errors"]
    assert told["text"]["lines"][2].startswith("stage second: cnov")
    file.write_text(GOOD.replace("x2\nhead", "x3\nhead"), encoding="utf-8")
    view.reload()
    told = event(stream)
    assert told["errors"] == ""
    assert [box["name"] for box in told["picture"]["root"]["children"]][2] == "second"
    file.unlink()
    view.reload()
    assert "E600" in event(stream)["errors"]
    late = event(ask(server, "/events?since=0"))  # a page of an earlier server
    assert "E600" in late["errors"]
    stream.close()


def event(stream: http.client.HTTPResponse) -> dict[str, Any]:
    """The next event of the stream: its data."""
    while line := stream.readline():
        if line.startswith(b"data: "):
            found: dict[str, Any] = json.loads(line[6:])
            return found
    raise AssertionError("the stream has ended")


def test_a_quiet_stream_says_that_it_is_there(server: Server) -> None:
    seen = server.view.version
    assert server.view.event(seen, patience=0.01) == (seen, ":\n\n")


def test_the_page_follows_the_file(look: Look, server: Server, file: Path) -> None:
    looked = look(server.url)
    looked.drawn(lambda: looked.page.click(looked.box("second")))
    looked.page.click("#theme")
    seen = "[[...state.open].sort(), document.documentElement.dataset.theme, camera.k]"
    before = looked.js(seen)

    file.write_text(BAD, encoding="utf-8")
    server.view.reload()
    looked.until('document.body.classList.contains("stale")')
    text = looked.js('document.querySelector("#errors pre").textContent')
    assert "3 | stage second: cnov(32, 3, stride=2) x2" in text
    assert re.search(r"\| {15}\^{4}\n", text)
    assert looked.js('document.querySelectorAll("#scene .leaf").length') > 5
    assert looked.js('document.getElementById("lines").textContent.includes("cnov(")')

    file.write_text(GOOD.replace("head:", "stage third: conv(8, 1)\nhead:"), encoding="utf-8")
    looked.drawn(server.view.reload)
    assert not looked.js('document.body.classList.contains("stale")')
    assert looked.js('document.getElementById("errors").hidden')
    assert "third" in looked.paths("#scene .leaf")
    assert looked.js(seen) == before

    looked.page.reload()
    looked.until('performance.getEntriesByName("drawn").length > 0')
    assert looked.js(seen) == before


def test_a_page_that_begins_with_errors_is_drawn_when_they_are_gone(
    look: Look, server: Server, file: Path
) -> None:
    file.write_text(BAD, encoding="utf-8")
    with Server(View(str(file))) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        looked = look(other.url)
        assert looked.js('!document.getElementById("errors").hidden')
        looked.page.click("#depths [value=layer]")
        looked.page.keyboard.type("/x+0o")
        file.write_text(GOOD, encoding="utf-8")
        looked.drawn(other.view.reload)
        assert looked.paths("#scene .leaf")[0] == "image"
        assert looked.is_clean()
        looked.page.goto("about:blank")
        other.shutdown()
        thread.join()


# ---------------------------------------------------------------- the command


@contextmanager
def viewing(file: Path, port: int = 0) -> Iterator[str]:
    """`resdsl view` as a process of its own: its address."""
    words = [sys.executable, "-m", "resdsl", "view", str(file), "--no-browser", f"--port={port}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[0].decode()
        finally:
            process.kill()


def test_the_page_says_that_its_server_has_ended(look: Look, file: Path) -> None:
    lost = 'document.getElementById("lost").checkVisibility()'
    with viewing(file) as url:
        looked = look(url)
        assert not looked.js(lost)
    looked.until(lost)
    assert "resdsl view has ended" in looked.page.locator("#lost").inner_text()
    file.write_text(GOOD.replace("first", "other"), encoding="utf-8")
    with viewing(file, port=int(url.split(":")[2].strip("/"))):
        looked.until(f"!{lost}")
        looked.until('state.net.boxes.some((box) => box.name === "other")')
        assert all("ERR_" in said for said in looked.complaints)  # Chromium's own, of the stream
        looked.complaints.clear()
        looked.page.goto("about:blank")


def test_the_command_follows_a_file_until_ctrl_c(file: Path) -> None:
    words = [sys.executable, "-m", "resdsl", "view", str(file), "--no-browser"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0].decode()
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/", url)
        connection = http.client.HTTPConnection(url[7:-1], timeout=30)
        connection.request("GET", "/")
        live = data_of(connection.getresponse().read().decode())["live"]
        connection.request("GET", f"/events?since={live}")
        stream = connection.getresponse()
        saving = threading.Event()
        saver = threading.Thread(target=save_until, args=(saving, file))
        saver.start()
        assert "cnov" in event(stream)["errors"]
        saving.set()
        saver.join()
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, rest) == (130, (b"", b""))


def save_until(done: threading.Event, file: Path) -> None:
    """Save the file again and again: whoever watches it may only be about to begin."""
    end = time.monotonic() + 30
    while not done.wait(0.3) and time.monotonic() < end:
        file.write_text(BAD, encoding="utf-8")


def test_how_the_command_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    assert run(monkeypatch, "view", "nosuchnet", "--no-browser") == 2
    assert "E600" in capsys.readouterr().err
    assert run(monkeypatch, "view", file, "--port", "70000") == 2
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(monkeypatch, "view", file, "--port", port, "--no-browser") == 3
    assert "in use" in capsys.readouterr().err


def test_standard_input_with_errors_is_no_page() -> None:
    words = [sys.executable, "-m", "resdsl", "view", "-", "--no-browser"]
    done = subprocess.run(words, input=BAD.encode(), capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"error[E201]" in done.stderr
