"""The emitted text itself: short, formatted, the same for the same net. `golden/` keeps some files.

`pytest tests/backends/test_codegen_files.py --rewrite-golden` writes them anew: then read the diff.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

import resdsl
from resdsl.codegen.backend import is_generated
from tests.zoo.zoo import ONE_OF_EACH

GOLDEN = [
    "resnet50",
    "cifar/resnet20",
    "torchvision/mobilenet_v2",
    "classics/googlenet",
    "examples/two_view",
]
FOLDER = Path(__file__).with_name("golden")
RUFF = shutil.which("ruff", path=sysconfig.get_path("scripts")) or "ruff"


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = [RUFF, *arguments, "--isolated", "--no-cache", "--line-length", "100"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of every shipped net."""
    folder = tmp_path_factory.mktemp("emitted")
    for spec in ONE_OF_EACH:
        (folder / f"{spec.replace('/', '-')}.py").write_text(resdsl.load(spec).source("torch"))
    return folder


def test_formatting_them_changes_nothing(emitted: Path) -> None:
    done = ruff("format", "--diff", str(emitted))
    assert done.returncode == 0, done.stdout[:5000]


def test_no_linter_has_anything_to_say(emitted: Path) -> None:
    done = ruff("check", "--select", "E,F,W,I,B,UP,RET,SIM,C4,PIE", str(emitted))
    assert done.returncode == 0, done.stdout[:5000]


def test_all_are_known_as_ours(emitted: Path) -> None:
    assert all(is_generated(file.read_text()) for file in emitted.iterdir())


@pytest.mark.parametrize("folder", ["", "torchvision/"])
def test_resnet152_is_short_and_like_resnet101(folder: str) -> None:
    texts = [resdsl.load(f"{folder}resnet{depth}").source("torch") for depth in (152, 101)]
    assert len(texts[0].splitlines()) <= 120
    assert [re.sub(r"[\d,]+", "#", text) for text in texts] == [
        re.sub(r"[\d,]+", "#", texts[0])
    ] * 2, "they differ in numbers and names alone"


def test_a_thousand_layers_take_no_more_lines_than_twenty() -> None:
    short, long = (resdsl.load(f"cifar/resnet{depth}").source("torch") for depth in (20, 1202))
    assert len(long.splitlines()) == len(short.splitlines())


@pytest.mark.parametrize("spec", GOLDEN)
def test_the_text_stays_what_it_is(spec: str, request: pytest.FixtureRequest) -> None:
    text = re.sub(r"as resdsl \S+ wrote", "as resdsl wrote", resdsl.load(spec).source("torch"))
    file = FOLDER / f"{spec.replace('/', '-')}.txt"
    if request.config.getoption("--rewrite-golden"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


def test_one_class_a_block_with_the_block_s_own_parameters() -> None:
    source = resdsl.load("resnet50").source("torch")
    assert "def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:" in source
    assert "nn.Conv2d(width, 4 * width, 1, bias=False)" in source
    assert "if stride != 1 or in_channels != 4 * width:" in source
    assert "*(Bottleneck(1024, 256) for _ in range(5))" in source
    assert "shortcut = x if self.downsample is None else self.downsample(x)" in source


def test_option_a_and_an_optional_addition() -> None:
    basic = resdsl.load("resnet34").source("torch")
    assert "F.pad(shortcut[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.new_channels))" in basic
    inverted = resdsl.load("torchvision/mobilenet_v2").source("torch")
    assert "self.residual = stride == 1 and in_channels == out" in inverted
    assert "return out + x if self.residual else out" in inverted


def test_towers_of_two_sizes_are_one_class() -> None:
    source = resdsl.load("examples/siamese").source("torch")
    assert source.count("class ") == 4  # the stem, the block, the trunk, the net
    assert "self.net = Trunk()" in source
