"""Hostile input: a diagnostic and exit code 1, soon, and never a traceback."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import resdsl

HEAD = "model m\ninput image: 3x8x8\n"
TAIL = "\noutput y\n"
LIMIT = 30.0  # seconds of CPU: what has no bounds takes hours; `make bench` measures the speed
DEEP = 100_000


def body(text: str) -> str:
    return HEAD + text + TAIL


def chain_of_blocks(depth: int) -> str:
    return (
        "".join(f"block b{i} {{ b{i + 1} }}\n" for i in range(depth))
        + f"block b{depth} {{ relu }}\n"
    )


def doubling_blocks(depth: int) -> str:
    lines = [f"block b{i} {{ b{i + 1}\nb{i + 1} }}\n" for i in range(depth)]
    return "".join(lines) + f"block b{depth} {{ conv(4) }}\n"


def growing(first: str, step: str, last: str) -> str:
    """`s0 = first`, each next made of the one before by `step`, then a line that uses the last."""
    lets = [f"let s{i + 1} = " + step.replace("S", f"s{i}") for i in range(60)]
    return body("\n".join([f"let s0 = {first}", *lets, last.replace("S", "s60")]))


MUST_FAIL = {
    "a text in a text": growing('"xxxxxxxx"', '"{S}{S}{S}"', "relu"),
    "lists in lists, compared": growing("[1]", "[S, S, S]", "if S == S { relu }"),
    "lists in lists, shown": growing("[1]", "[S, S, S]", "conv(S)"),
    "lists in lists, given to a block": growing("[1]", "[S, S]", "f(S)\nblock f(a) { relu }"),
    "lists in lists, added": growing("[1]", "[S, S]", "conv(sum(S))"),
    "steps in steps": growing("relu", "f(a=S, b=S)", "S").replace(
        TAIL, TAIL + "block f(a: op = relu, b: op = relu) { a -> b }\n"
    ),
    "a billion instances": body("conv(4) x1000000000"),
    "more than a machine word": body("conv(4) x99999999999999999999999999"),
    "nested repeats": body("a: { b: { c: { conv(4) x1000 } x1000 } x1000 }"),
    "a tower of powers": body("conv(9**9**9)"),
    "a power in a let": body("let n = 9**9**9\nrelu"),
    "a power in a guard": body("if 2 ** 10_000_000_000 > 1 { relu }"),
    "a power of a float": body("conv(1.5 ** 1e9)"),
    "a product of powers": body("let a = 9 ** 4000\nlet b = (a ** 4000) ** 4000\nconv(b)"),
    "a shift by multiplication": body("let x = 1e308\nconv(x * x)"),
    "a string of powers": body('let s = "a" * 9**9\nrelu'),
    "a number of a million digits": body("conv(" + "9" * 100_000 + ")"),
    "a long range": body("for i in range(10**12) { relu }"),
    "a long comprehension": body("let a = [i for i in range(10**12)]\nrelu"),
    "nested comprehensions": body(
        "let r = range(10**4)\nlet a = [[[[j for j in r] for k in r] for l in r] for i in r]\nrelu"
    ),
    "nested loops": body(
        "for a in range(10**4) { for b in range(10**4) { for c in range(10**4) { relu } } }"
    ),
    "a list that doubles": body("let a = [1, 1]\n" + "let a = a + a\n" * 60 + "conv(len(a))"),
    "parentheses": body("conv(" + "(" * 50_000 + "4" + ")" * 50_000 + ")"),
    "open parentheses": "(" * DEEP,
    "closed parentheses": ")" * DEEP,
    "brackets": body("let a = " + "[" * 50_000 + "]" * 50_000),
    "braces": body("{" * 50_000 + "}" * 50_000),
    "open braces": body("{" * DEEP),
    "minuses": body("conv(" + "-" * DEEP + "4)"),
    "nots": body("if " + "not " * 30_000 + "true { relu }\nconv(0)"),
    "ternaries": body("let a = " + "1 if true else " * 8_000 + "1\nconv(0)"),
    "powers in a row": body("conv(1" + "**1" * 30_000 + "**0 - 1)"),
    "sums in a row": body("conv(0" + "+1" * 50_000 + "-50000)"),
    "comparisons": body("let a = " + "(1 <" * 20_000),
    "else ifs": body("if false { relu }" + " else if false { relu }" * 5_000 + "\nconv(0)"),
    "attributes": body("conv(@image" + ".a" * 50_000 + ")"),
    "indices": body("let a = [1]\nconv(a" + "[0]" * 30_000 + ")"),
    "calls of calls": body("let f = relu\nf" + "()" * 50_000),
    "arrows": body("relu" + " -> relu" * 12_000 + "\nconv(0)"),
    "nested groups": body("a: {" * 10_000 + "relu" + "}" * 10_000),
    "nested merges": body("add {|" * 10_000 + "relu" + "}" * 10_000),
    "nested matches": body("let a = " + "match 1 { 1: " * 5_000 + "1" + "}" * 5_000 + "\nconv(0)"),
    "a block that calls itself": body("a") + "block a { a }\n",
    "a block that calls itself twice": body("a") + "block a { add { | a | a } }\n",
    "blocks that call each other": body("a") + "block a { b }\nblock b { c }\nblock c { a }\n",
    "a block that calls its argument": body("a(a)") + "block a(u: op) { u(u) }\n",
    "a block that calls itself through a default": body("a") + "block a(u: op = a) { u }\n",
    "a block grown by its own argument": body("a(relu)") + "block a(u: op) { a(a(u=u)) }\n",
    "models that derive from each other": "model a = b\nmodel b = a\n",
    "a model that uses itself": "model a {\ninput image: 3x8x8\na\noutput y\n}\n",
    "a let function that calls itself": body("let f(x) = f(x)\nconv(f(1))"),
    "let functions that double": body(
        "let f0(x) = x\n"
        + "".join(f"let f{i}(x) = f{i - 1}(x) + f{i - 1}(x)\n" for i in range(1, 60))
        + "conv(f59(1))"
    ),
    "ten thousand blocks deep": body("b0") + chain_of_blocks(3_000),
    "2 to the 60 calls": body("b0") + doubling_blocks(60),
    "a huge image": "model m\ninput image: 3x999999999999x999999999999\nconv(4)\noutput y\n",
    "a huge list of sizes": "model m\ninput image: [" + "1," * 40_000 + "1]\nrelu\noutput y\n",
    "a negative image": "model m\ninput image: [3, 0 - 5, 5]\nrelu\noutput y\n",
    "an image of nothing": "model m\ninput image: 0x0x0\nrelu\noutput y\n",
    "channels that explode": body("let c = 10**6\n" + "conv(c, 1)\n" * 3 + "pad_channels(10**18)"),
    "padding that explodes": body("zero_pad(10**18)"),
    "resizing that explodes": body("resize(factor=1000) x100"),
    "an interpolated label that grows": body('for i in range(3) { "a{9**9**9}": relu }'),
    "an endless interpolation": body('"' + "{" * 30_000 + '": relu'),
    "nothing but quotes": '"' * DEEP,
    "a file of spaces": " " * 1000,
    "a file of comments": "# nothing\n" * 1000,
    "the empty file": "",
    "a null": "model m\x00\n",
    "a byte order mark alone": "\ufeff",
    "names of the whole plane": body("ёлка: conv(4)"),
    "a lone surrogate's escape": body('"\\ud800": conv(4)'),
    "carriage returns": "model m\rinput image: 3x8x8\rconv(0)\r",
    "vertical tabs": "model\vm\f\x1c\x1d\x1e\x85\u2028\u2029",
    "too many bytes": body("relu\n" * 30_000),
    "a file one byte too long": "#" * (128 * 1024 + 1),
    "a file that uses itself": 'use "."\n',
    "a file out of the folder": 'use "../../../../../../etc/passwd"\n',
    "an absolute file": 'use "/etc/passwd"\n',
    "a file of a long name": f'use "{"a" * 5_000}.res"\n',
    "a file of a null": 'use "\0.res"\n',
    "a device": 'use "/dev/zero"\n',
    "an attribute of python": body("conv(@image.__class__.__mro__[1].__subclasses__())"),
    "a function of python": body('let a = __import__("os")\nrelu'),
    "a name of python in a block": body("relu.__init__.__globals__"),
}


@pytest.mark.parametrize("name", MUST_FAIL)
def test_it_is_refused_in_time(name: str) -> None:
    start = time.process_time()
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(MUST_FAIL[name]).stats()
    assert time.process_time() - start < LIMIT
    assert caught.value.diagnostics
    assert all(d.code[0] == "E" and d.message for d in caught.value.diagnostics)
    assert len(str(caught.value)) < 100_000, "a message is for people"


FINE = {
    "many statements": body("relu\n" * 10_000),
    "a net with many instances": body("conv(4)\nconv(4) x10000"),
    "windows line endings": body("conv(4)\n").replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + body("conv(4)"),
    "a wide merge": body("add {" + "| relu\n" * 3_000 + "}"),
    "no last newline": body("conv(4)").rstrip("\n"),
}


@pytest.mark.parametrize("name", FINE)
def test_it_is_taken_or_refused_in_time(name: str) -> None:
    start = time.process_time()
    assert codes(FINE[name]) <= {"E500"}, "nothing but a limit may be in the way"
    assert time.process_time() - start < LIMIT


def codes(text: str) -> set[str]:
    """The codes of what is wrong with a spec; every error is a diagnostic, with a place."""
    try:
        resdsl.loads(text).stats()
    except resdsl.ResdslError as error:
        return {d.code for d in error.diagnostics} or {"none"}
    return set()


def _mutations(text: str, seed: int) -> str:
    """`text` with a few pieces cut, doubled, swapped or replaced."""
    rng = random.Random(seed)
    words = """( ) { } [ ] -> | : = , @in x4 stride stage when for 1e9 9**9 " é ... x if else match
        share - . 0 = == # \\ @ ' \t \0 conv(4) add default init expect output input param with"""
    pieces = [*words.split(" "), "\n"]
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(text) + 1)
        stop = min(len(text), start + rng.choice([0, 1, 1, 2, 5, 20]))
        middle = rng.choice(
            ["", text[start:stop] * 2, rng.choice(pieces), rng.choice(pieces) * rng.randint(1, 50)]
        )
        text = text[:start] + middle + text[stop:]
    return text


BASE = Path(resdsl.__file__).parent.parent / "specs"


@pytest.mark.parametrize(
    "file",
    [
        "resnet50",
        "cifar/family",
        "classics/googlenet",
        "torchvision/efficientnet",
        "examples/exchange_net",
    ],
)
def test_broken_copies_of_real_specs(file: str) -> None:
    text = (BASE / f"{file}.res").read_text(encoding="utf-8")
    for seed in range(60):
        broken = _mutations(text, seed)
        start = time.process_time()
        assert "none" not in codes(broken)
        taken = time.process_time() - start
        assert taken < LIMIT, f"seed {seed}: {taken:.1f} s"


# ------------------------------------------------------------------ through the command line


def run(*arguments: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from resdsl.cli import main; main()", *arguments]
    return subprocess.run(command, input=data, capture_output=True, timeout=10 * LIMIT, check=False)


def refused(result: subprocess.CompletedProcess[bytes]) -> bool:
    text = (result.stdout + result.stderr).decode("utf-8", "replace")
    return result.returncode == 1 and "Traceback" not in text and "error[E" in text


RANDOM = random.Random(1).randbytes(4096)
BYTES = {
    "random bytes": RANDOM,
    "random bytes of the limit": random.Random(2).randbytes(128 * 1024),
    "nothing": b"",
    "not UTF-8": b"model m\ninput image: 3x8x8\nconv(4) # \xff\xfe\noutput y\n",
    "UTF-16": body("conv(4)").encode("utf-16"),
    "one byte too many": b"#" * (128 * 1024 + 1),
    "nulls": bytes(4096),
    "a picture": b"\x89PNG\r\n\x1a\n" + RANDOM,
    "open parentheses": b"(" * DEEP,
    "a billion": body("conv(4) x1000000000").encode(),
}


@pytest.mark.parametrize("door", ["file", "stdin"])
@pytest.mark.parametrize("name", BYTES)
def test_any_bytes_through_the_command_line(name: str, door: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.res"
    file.write_bytes(BYTES[name])
    start = sum(os.times()[2:4])
    given = ("-", BYTES[name]) if door == "stdin" else (str(file), b"")
    result = run("stats", given[0], data=given[1])
    assert sum(os.times()[2:4]) - start < LIMIT
    assert refused(result), result.stderr.decode("utf-8", "replace")[-2000:]
    assert file.read_bytes() == BYTES[name]


@pytest.mark.parametrize("what", ["missing", "folder", "unreadable name"])
def test_what_is_no_file_is_a_usage_error(what: str, tmp_path: Path) -> None:
    target = {
        "missing": tmp_path / "no.res",
        "folder": tmp_path,
        "unreadable name": tmp_path / ("a" * 300 + ".res"),
    }[what]
    result = run("stats", str(target))
    assert result.returncode in {1, 2}
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    "setting",
    ["depth", "=", "=3", "depth=", "depth=9**9**9", "depth=(((", "a b=3", "classes=\x01",
     "classes=10\nrelu", "depth=1e400"],
)  # fmt: skip
def test_settings_from_the_command_line(setting: str) -> None:
    result = run("stats", "resnet50", "--set", setting)
    assert result.returncode in {1, 2}, result.stdout
    assert b"Traceback" not in result.stderr


SIZES = ["3x", "3", "x", "3x0x5", "3x-1x5", "3x99999999999999999999x5", "axbxc", "3x2x2", ""]


@pytest.mark.parametrize("size", [*SIZES, pytest.param("3x" + "9" * 5000 + "x5", id="digits")])
def test_sizes_from_the_command_line(size: str) -> None:
    result = run("stats", "resnet50", "--input", size)
    assert result.returncode in {1, 2}, result.stdout
    assert b"Traceback" not in result.stderr
