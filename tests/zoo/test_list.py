"""A shipped net's name is its folder and its model; `resdsl list` has each, with its counts."""

from __future__ import annotations

import json
import re

import pytest

import resdsl
from resdsl.source import Source
from resdsl.syntax.parse import parse
from resdsl.zoo import files, zoo
from tests.command import run
from tests.zoo.zoo import NETS

NOTES = {"paper", "year"}


def test_every_model_of_every_file_has_a_name_unless_two_share_it() -> None:
    found = [
        name[: name.rfind("/") + 1] + model.name.text
        for name, path in files().items()
        for model in parse(Source(name, path.read_text("utf-8"))).models
    ]
    assert {name for name in found if found.count(name) == 1} == zoo().keys()


def test_one_name_wherever_the_net_is_defined() -> None:
    member = resdsl.load("torchvision/vgg16_bn")
    assert member.name == "vgg16_bn"
    for spec in ("vgg16_bn", "torchvision/vgg:vgg16_bn", "specs/torchvision/vgg.res:vgg16_bn"):
        assert resdsl.load(spec).spec == member.spec == "torchvision/vgg16_bn"
    assert resdsl.load("resnet50").spec == "resnet50", "what stands at the top is meant"
    assert resdsl.load("torchvision/resnet50").spec == "torchvision/resnet50"


def test_a_name_that_several_folders_have_is_asked_about() -> None:
    with pytest.raises(resdsl.SpecNotFound) as caught:
        resdsl.load("googlenet")
    (found,) = caught.value.diagnostics
    assert found.message == "several shipped nets are called `googlenet`"
    assert found.help == "say which: classics/googlenet, torchvision/googlenet"


def test_the_list_has_every_net_and_its_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == NETS
    for entry in listed:
        if not entry["name"].startswith("examples/"):
            assert all(entry[note] for note in NOTES), entry["name"]
    (one,) = [entry for entry in listed if entry["name"] == "resnet152"]
    assert (one["params"], one["macs"]) == (60_192_808, 11_282_415_616)
    assert run(monkeypatch, "list") == 0
    table = capsys.readouterr().out
    assert len(table.splitlines()) == 2 + len(NETS)
    assert re.search(r"^resnet152 +2015 +3x224x224 +60\.19 M +11\.28 G +He, ", table, re.MULTILINE)


def test_a_part_of_a_name_shortens_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "cifar/plain") == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert names == [f"cifar/plain{depth}" for depth in (20, 32, 44, 56, 110)]
    assert run(monkeypatch, "list", "nothing") == 2
    assert "error[E600]: no shipped net has `nothing` in its name" in capsys.readouterr().err


@pytest.mark.parametrize("name", files())
def test_every_file_begins_by_saying_what_it_is(name: str) -> None:
    assert files()[name].read_text("utf-8").startswith("# ")


@pytest.mark.parametrize("spec", NETS)
def test_every_net_says_what_it_counts(spec: str) -> None:
    promised = " ".join(resdsl.load(spec).promises)
    assert "params ==" in promised
    assert "macs ==" in promised
