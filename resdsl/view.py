"""`view`: a net's page, served to this machine alone; it changes as its file is saved.

Two paths answer, and only to a request that names this host: `/`, the page, and `/events`, the
stream that the page listens to.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from resdsl import zoo
from resdsl.diagnostics import ResdslError
from resdsl.draw.page import data, json_text, page, whole
from resdsl.draw.picture import Picture
from resdsl.network import InputShape, Network
from resdsl.report.findings import render_run
from resdsl.source import Source

HOST = "127.0.0.1"
PULSE = 15.0
"""Seconds after which a silent stream says that it is there, and so learns whether anyone is."""


class View:
    """What there is to see of a spec: the last picture that it gave, its text, and its errors."""

    def __init__(
        self, spec: str, params: Mapping[str, Any] | None = None, input: InputShape | None = None
    ) -> None:
        self.spec, self.params, self.input = spec, params, input
        self.picture: Picture | None = None
        self.source: Source | None = None
        self.problem: ResdslError | None = None
        self.version = time.time_ns()  # a page of an earlier server has none of ours
        self.changed = threading.Condition()
        self.located = zoo.locate(spec)
        self._read(self.located)

    def reload(self) -> None:
        """Read the spec again, and tell whoever listens if that makes a difference."""
        before = self.errors, self.source, self.picture
        try:
            self._read(zoo.locate(self.spec))
        except ResdslError as problem:  # it is being written, or gone
            self.problem = problem
        if before != (self.errors, self.source, self.picture):
            with self.changed:
                self.version += 1
                self.changed.notify_all()

    def _read(self, located: zoo.Located) -> None:
        self.source = located.source
        try:
            network = Network(located, self.params, self.input)
            self.picture, self.problem = whole(network.ir, located.source), None
        except ResdslError as problem:
            self.problem = problem

    @property
    def errors(self) -> str:
        """What is wrong with the spec now, with carets."""
        return render_run(self.problem.diagnostics) if self.problem else ""

    def page(self) -> str:
        """The page as it is now."""
        return page(self.picture, self.source, errors=self.errors, live=str(self.version))

    def event(self, seen: int, patience: float) -> tuple[int, str]:
        """The next version for a page that has seen the version `seen`, and its event; a comment
        where there is none within `patience` seconds.
        """
        with self.changed:
            if not self.changed.wait_for(lambda: self.version != seen, patience):
                return seen, ":\n\n"
            shown = None if self.problem else self.picture
            text = json_text(data(shown, self.source, self.errors))
            return self.version, f"id: {self.version}\nevent: net\ndata: {text}\n\n"


class Server(ThreadingHTTPServer):
    """Serves one `View`; port 0 takes one that is free."""

    daemon_threads = True

    def __init__(self, view: View, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.view = view

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that a request may come under: any other is a page elsewhere that a name
        server led here.
        """
        return tuple(f"{host}:{self.server_port}" for host in (HOST, "localhost"))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, *_: Any) -> None:
        """A reader who left in the middle is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "resdsl", ""
    timeout = 2 * PULSE

    def do_GET(self) -> None:
        if self.headers.get("Host") not in self.server.hosts:
            self.send_error(421)
        elif self.path == "/":
            body = self.server.view.page().encode()
            self._begin("text/html; charset=utf-8", {"Content-Length": str(len(body))})
            self.wfile.write(body)
        elif since := re.fullmatch(r"/events\?since=([0-9]{1,20})", self.path):
            last = self.headers.get("Last-Event-ID", "")  # of a page that lost us for a while
            self._stream(int(last if re.fullmatch("[0-9]{1,20}", last) else since[1]))
        else:
            self.send_error(404)

    def _stream(self, seen: int) -> None:
        self._begin("text/event-stream", {})
        self.wfile.write(b"retry: 1000\n\n")  # ms after which a page that lost us asks again
        while True:
            seen, text = self.server.view.event(seen, PULSE)
            self.wfile.write(text.encode())
            self.wfile.flush()

    def _begin(self, kind: str, more: Mapping[str, str]) -> None:
        self.send_response(200)
        headers = {
            "Content-Type": kind,
            "Cache-Control": "no-store",
            "Content-Security-Policy": "frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in {**headers, **more}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """The terminal is the user's."""
