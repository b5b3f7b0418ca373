"""What the language means, a test a sentence: files and models, models as steps, sharing."""

from __future__ import annotations

from pathlib import Path

import pytest

import resdsl
from resdsl.diagnostics import Diagnostic
from tests.language.reading import (
    at,
    error,
    error_of,
    net,
    ops,
    params,
    paths,
    result,
    uses,
    weights,
)

BLOCKS = "block unit(out) { conv(out) -> relu }\nblock other { tanh }\nblock _own { relu }\n"
HEAD, TAIL = "input image: 3x16x16\n", "\noutput y\n"


def write(folder: Path, **files: str) -> Path:
    """Files by their names without `.res` (`a__b` for a/b); the path of the first."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".res")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / (next(iter(files)).replace("__", "/") + ".res")


def refused(path: Path | str) -> Diagnostic:
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.load(str(path)).stats()
    return caught.value.diagnostics[0]


# ------------------------------------------------------------------ use


@pytest.mark.parametrize("use", ['use "blocks.res"', 'use unit, other from "blocks.res"'])
def test_use_of_another_file(tmp_path: Path, use: str) -> None:
    path = write(tmp_path, main=f"{use}\n{HEAD}unit(4) -> other{TAIL}", blocks=BLOCKS)
    assert ops(resdsl.load(str(path))) == "conv relu tanh"


def test_use_of_names_brings_these_alone(tmp_path: Path) -> None:
    text = f'use unit from "blocks.res"\n{HEAD}other{TAIL}'
    assert at(refused(write(tmp_path, main=text, blocks=BLOCKS))) == ("E201", "other")


def test_use_of_a_name_that_is_not_there(tmp_path: Path) -> None:
    path = write(tmp_path, main=f'use nuit from "blocks.res"\n{HEAD}relu{TAIL}', blocks=BLOCKS)
    found = refused(path)
    assert found.span is not None
    assert found.span.text == "nuit"
    assert "unit" in (found.help or "")


def test_use_is_relative_to_the_file_that_says_it(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        main=f'use "deep/a.res"\n{HEAD}a{TAIL}',
        deep__a='use "b.res"\nblock a { b }\n',
        deep__b="block b { tanh }\n",
    )
    assert ops(resdsl.load(str(path))) == "tanh"


def test_a_used_file_keeps_its_own_names(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        main=f'use a from "a.res"\n{HEAD}a{TAIL}\nblock inner {{ relu }}\n',
        a="block a { inner }\nblock inner { tanh }\n",
    )
    assert ops(resdsl.load(str(path))) == "tanh"


def test_use_of_a_model_of_the_zoo(tmp_path: Path) -> None:
    text = f'use resnet18 from "resnet18.res"\nmodel main {{\n{HEAD}resnet18{TAIL}}}\n'
    assert result(resdsl.load(str(write(tmp_path, main=text)))) == (1000,)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"main": f'use "no.res"\n{HEAD}relu{TAIL}'}, "E600"),
        ({"main": f'use "../main.res"\n{HEAD}relu{TAIL}'}, "E602"),
        ({"main": f'use "../../../../etc/passwd"\n{HEAD}relu{TAIL}'}, "E602"),
        ({"main": f'use "/etc/passwd"\n{HEAD}relu{TAIL}'}, "E602"),
        (
            {"main": f'use "a.res"\n{HEAD}relu{TAIL}', "a": 'use "b.res"\n', "b": 'use "a.res"\n'},
            "E603",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, files: dict[str, str], code: str) -> None:
    folder = tmp_path / "spec"
    found = refused(write(folder, **files))
    assert found.code == code
    assert found.span is not None
    assert found.span.text.strip('"').endswith(("res", "passwd"))


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.res").write_text("block a { relu }\n")
    path = write(tmp_path / "spec", main=f'use "link.res"\n{HEAD}a{TAIL}')
    (tmp_path / "spec" / "link.res").symlink_to(tmp_path / "secret.res")
    assert refused(path).code in {"E600", "E602"}


def test_links_in_a_circle(tmp_path: Path) -> None:
    path = write(tmp_path, main=f'use "link.res"\n{HEAD}relu{TAIL}')
    (tmp_path / "link.res").symlink_to(tmp_path / "link.res")
    assert at(refused(path)) == ("E600", '"link.res"')


@pytest.mark.parametrize("name", ["a\0b", "a" * 5_000, "", ".", "/", "no:such", "resnet50:no"])
def test_names_that_nothing_has(name: str) -> None:
    with pytest.raises(resdsl.ResdslError):
        resdsl.load(name)


# ------------------------------------------------------------------ which model of a file

ONE = "model {} {{\n" + HEAD + "conv({})" + TAIL + "}}\n"


def test_the_model_named_as_the_file_else_the_only_one(tmp_path: Path) -> None:
    path = write(tmp_path, net=ONE.format("other", 5) + ONE.format("net", 6))
    assert resdsl.load(str(path)).name == "net"
    assert resdsl.load(f"{path}:other").name == "other"
    assert resdsl.load(str(write(tmp_path, single=ONE.format("a", 5)))).name == "a"


def test_no_single_model(tmp_path: Path) -> None:
    found = refused(write(tmp_path, net=ONE.format("a", 5) + ONE.format("b", 6)))
    assert found.code == "E604"
    shown = str(found)
    assert "a" in shown
    assert "b" in shown


def test_an_unknown_model_of_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, net=ONE.format("alpha", 5))
    found = refused(f"{path}:alpah")
    assert found.code in {"E202", "E604"}
    assert "alpha" in str(found)


def test_a_script_without_a_model_line_is_named_as_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, tiny=HEAD + "conv(4)" + TAIL)
    assert resdsl.load(str(path)).name == "tiny"


# ------------------------------------------------------------------ models are steps

INNER = """
model inner {
  param width = 4
  input image: 3x32x32
  input more: 2x32x32
  first: @image -> conv(width)
  concat(@more)
  second: conv(6, stride=2)
  output y
}
"""


def outer(body: str) -> str:
    return (
        f"{INNER}model outer {{\ninput image: 3x9x11\ninput extra: 2x9x11\n{body}\noutput out\n}}\n"
    )


def test_a_model_takes_the_current_tensor_and_others_by_name() -> None:
    here = resdsl.loads(outer("body: @image -> inner(more=@extra)"), name="outer")
    assert result(here) == (6, 5, 6)
    assert "body.first.weight" in weights(here)


def test_taps_reach_into_a_model() -> None:
    here = resdsl.loads(outer("body: @image -> inner(more=@extra)\n@body.first"), name="outer")
    assert result(here) == (4, 9, 11)


def test_channels_and_rank_of_a_model_are_checked() -> None:
    text = outer("@image -> conv(4) -> inner(more=@extra)")
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(text, name="outer").stats()
    assert caught.value.diagnostics[0].code == "E320"


def test_a_derived_model_is_a_step_too() -> None:
    text = INNER + "model small = inner with width=1 { drop second }\n"
    text += "model outer {\ninput image: 3x9x11\ninput extra: 2x9x11\n"
    text += "body: @image -> small(more=@extra)\noutput out\n}\n"
    assert result(resdsl.loads(text, name="outer")) == (3, 9, 11)


# ------------------------------------------------------------------ sharing


def test_a_share_is_one_instance_in_the_scope_where_it_is_declared() -> None:
    here = net("conv(4)\nshare u = conv(4)\na: { relu -> u }\nb: u -> tanh\nu")
    assert [p for p in paths(here) if p.endswith("u")] == ["u", "u", "u"]
    assert params(here) == (4 * 27 + 4) + (4 * 36 + 4)


def test_a_shared_block_has_one_scope() -> None:
    here = net("conv(4)\nshare u = conv_bn_act(4)\nu -> u")
    assert {name.rsplit(".", 1)[0] for name in weights(here)} == {"conv1", "u.conv1", "u.bn1"}


def test_an_unrolled_recurrence() -> None:
    here = net("conv(4)\nshare u = conv(4)\nu x3")
    assert paths(here).count("u") == 3
    assert here.stats().params == 112 + 148
    assert here.stats().macs == (27 + 3 * 36) * 4 * 256


def test_arguments_may_vary_while_the_weights_agree() -> None:
    here = net("conv(4)\nshare c = conv(4)\nadd { | for d in [1, 2, 3]: c(dilation=d) }")
    assert [use.op.dilation for use in uses(here) if use.path == "c"] == [(1, 1), (2, 2), (3, 3)]
    assert params(here) == 112 + 148


@pytest.mark.parametrize("second", ["c(k=5)", "c(bias=false)", "c(groups=2)", "conv(5) -> c"])
def test_weights_that_do_not_agree(second: str) -> None:
    found = error(f"conv(4)\nshare c = conv(4)\nc\n{second}")
    assert found.code == "E330"
    assert found.span is not None
    assert "c" in found.span.text
    assert found.labels or found.notes, "the first use belongs to it"


def test_inside_a_block_every_call_has_its_own() -> None:
    here = net("conv(4)\na: twice\nb: twice x2", "block twice { share u = conv(4)\nu -> u }")
    assert params(here) == 112 + 3 * 148
    assert "b.1.u.weight" in weights(here)


def test_a_share_reaches_a_block_as_an_op_value() -> None:
    here = net("conv(4)\nshare u = conv(4)\nf(u)\nf(u)", "block f(g: op) { g -> relu }")
    assert params(here) == 112 + 148


def test_a_share_of_what_is_no_step() -> None:
    assert error("share u = 3\nu").code in {"E209", "E210"}


def test_a_file_of_nothing_but_blocks_has_no_model() -> None:
    assert error_of(BLOCKS).code == "E604"
