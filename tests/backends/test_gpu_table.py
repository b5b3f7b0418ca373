"""The bench's table of training on a GPU: its code runs on any device."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import resdsl
from bench import gpu


def test_one_line_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert gpu.table(gpu.Setup())
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("GPU: nothing measured with torch ")
    assert "; nor with jax " in line


def test_a_rate_is_that_of_the_median_round_but_for_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    lasts = {"a": iter((90.0, 2.0, 4.0, 60.0)), "b": iter((1.0, 8.0, 8.0, 1.0))}
    monkeypatch.setattr(gpu, "perf_counter", lambda: clock[0])

    def run(name: str, steps: int) -> float:
        assert steps == 5
        clock[0] += next(lasts[name])
        return 0.0

    runs = {name: lambda steps, name=name: run(name, steps) for name in lasts}
    assert gpu.rates(runs, gpu.Setup(batch=16, rounds=3)) == {"a": 20.0, "b": 10.0}


NET = "input image: 3x8x8\nbody: conv_bn_act(4)\nhead: fc(2)\noutput logits\n"


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_trains(precision: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    setup = gpu.Setup(device="cpu", batch=2, side=8)
    file = tmp_path / "net.res"
    file.write_text(NET)
    runs = [
        gpu.torch_run(resdsl.loads(NET).build("torch"), precision, setup),
        gpu.flax_runs(str(file), precision, setup)["ours, flax"],
    ]
    for run in runs:
        begun, after = run(1), run(40)
        assert 0 < after < begun / 2


@pytest.mark.parametrize(
    "device",
    [
        pytest.param("cpu", marks=pytest.mark.proof),
        pytest.param("cuda", marks=pytest.mark.gpu("torch", "flax")),
    ],
)
def test_the_table(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    setup = gpu.Setup(
        device, ["torchvision/resnet18"], batch=2, side=32, rounds=1, steps=1, compiler="eager"
    )
    assert gpu.table(setup)
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "resnet18" in line]
    of_torch, of_flax = ["torchvision", "timm", "ours", "ours, compiled"], ["ours, flax"]
    models = [*of_torch, *of_torch, *of_flax, *of_flax]
    assert [" ".join(row[2:-2]) for row in rows] == models
    assert all(float(row[-2]) > 0 and float(row[-1]) > 0 for row in rows)
