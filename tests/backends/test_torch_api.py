"""What a user of the emitted PyTorch module may do with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import resdsl
from tests.backends.compare import assert_same, randomise, tensor_of
from tests.backends.nets import SMALL, WITH_AUX, image


@pytest.fixture(scope="module")
def small() -> nn.Module:
    torch.manual_seed(0)
    return resdsl.loads(SMALL).build("torch")


# ------------------------------------------------------------------ the module as a module


def test_train_and_eval(small: nn.Module) -> None:
    x = image(4, 3, 33, 35)
    assert not torch.equal(small.train()(x), small(x)), "dropout and batch statistics"
    assert torch.equal(small.eval()(x), small(x))


def test_a_training_step_lowers_the_loss() -> None:
    torch.manual_seed(0)
    model = resdsl.loads(SMALL.replace("dropout(0.5) -> ", "")).build("torch").train()
    x, wanted = image(8, 3, 33, 35), torch.arange(8) % 7
    steps = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(40):
        loss = nn.functional.cross_entropy(model(x), wanted)
        steps.zero_grad()
        loss.backward()
        steps.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3


def test_dtype_and_device() -> None:
    network = resdsl.loads(SMALL)
    model = network.build("torch", dtype=torch.float64)
    assert {p.dtype for p in model.parameters()} == {torch.float64}
    assert {p.device.type for p in network.build("torch", device="meta").parameters()} == {"meta"}
    moved = network.build("torch").to(torch.bfloat16).eval()
    assert moved(image(1, 3, 33, 35).bfloat16()).dtype == torch.bfloat16
    on_meta = network.build("torch").to("meta")
    assert on_meta(torch.zeros(2, 3, 33, 35, device="meta")).shape == (2, 7)


def test_building_leaves_torch_as_it_was() -> None:
    before = torch.get_default_dtype()
    resdsl.loads(SMALL).build("torch", dtype=torch.float64)
    assert torch.get_default_dtype() == before


def test_other_batch_and_image_sizes(small: nn.Module) -> None:
    small.eval()
    for shape in [(1, 3, 33, 35), (5, 3, 33, 35), (2, 3, 64, 48)]:
        assert small(image(*shape)).shape == (shape[0], 7)
    small.train()


def test_one_seed_one_network() -> None:
    def build() -> nn.Module:
        torch.manual_seed(11)
        return resdsl.loads(SMALL).build("torch")

    first, second = build().state_dict(), build().state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_canonical_names(small: nn.Module) -> None:
    names = list(small.state_dict())
    assert names[:2] == ["stem.conv1.weight", "stem.bn1.weight"]
    assert "two.0.downsample.0.weight" in names
    assert "two.1.conv2.weight" in names
    assert names[-2:] == ["head.fc1.weight", "head.fc1.bias"]


def test_an_argument_of_the_spec_changes_the_net() -> None:
    assert resdsl.loads(SMALL, classes=3).build("torch").eval()(image(1, 3, 33, 35)).shape == (1, 3)


def test_safetensors_round_trip(small: nn.Module, tmp_path: Path) -> None:
    from safetensors.torch import load_model, save_model

    file = str(tmp_path / "small.safetensors")
    save_model(small, file)
    other = resdsl.loads(SMALL).build("torch")
    load_model(other, file, strict=True)
    x = image(2, 3, 33, 35)
    assert torch.equal(other.eval()(x), small.eval()(x))


def test_safetensors_of_a_net_with_shared_weights(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    model = resdsl.load("examples/two_view").build("torch")
    save_file(model.state_dict(), tmp_path / "a.safetensors")
    other = resdsl.load("examples/two_view").build("torch")
    other.load_state_dict(load_file(tmp_path / "a.safetensors"), strict=True)
    x, y = image(2, 3, 64, 64), image(2, 3, 64, 64)
    assert_same(other.eval()(x, y), model.eval()(x, y), "output")


# ------------------------------------------------------------------ outputs


def test_one_output_is_a_tensor_several_a_named_tuple(small: nn.Module) -> None:
    assert isinstance(small.eval()(image(1, 3, 33, 35)), Tensor)
    both = resdsl.load("examples/two_headed").build("torch").eval()(image(1, 3, 64, 64))
    assert both._fields == ("label", "box")
    assert both.label.shape == (1, 10)
    assert both.box.shape == (1, 4)


def test_side_outputs_are_there_in_training_only() -> None:
    model = resdsl.loads(WITH_AUX).build("torch", dtype=torch.float64)
    randomise(model)
    x = image(2, 3, 17, 17).double()
    trained = model.train()(x)
    assert trained._fields == ("scores", "map", "aux")
    assert [tuple(t.shape) for t in trained] == [(2, 5), (2, 12, 9, 9), (2, 4)]
    assert_same(trained, by_parts(model, x), "training")
    used = model.eval()(x)
    assert used._fields == ("scores", "map", "aux")
    assert used.aux is None
    assert_same(used[:2], by_parts(model, x)[:2], "inference")
    assert not torch.equal(used.scores, trained.scores), "other statistics"


def by_parts(model: nn.Module, x: Tensor) -> list[Tensor]:
    """What WITH_AUX says, with the model's own parts: scores, map, aux."""
    one = model.one(x)
    two = model.two(one)
    scores, aux = (
        nn.functional.linear(t.mean((2, 3)), head.fc1.weight, head.fc1.bias)
        for t, head in ((two, model.scores), (one, model.aux))
    )
    return [scores, two, aux]


def test_googlenet_s_side_outputs() -> None:
    network = resdsl.load("classics/googlenet")
    model = network.build("torch")
    x = image(2, 3, 224, 224)
    with torch.no_grad():
        trained = model.train()(x)
        used = model.eval()(x)
    assert isinstance(used, Tensor)
    assert {name: tuple(t.shape) for name, t in trained._asdict().items()} == {
        "logits": (2, 1000), "aux1": (2, 1000), "aux2": (2, 1000),
    }  # fmt: skip
    assert network.stats().params == 6_998_552
    assert sum(p.numel() for p in model.parameters()) == network.stats().params_training


def test_return_features(small: nn.Module) -> None:
    small.eval()
    x = image(2, 3, 33, 35)
    result = small(x, return_features=True)
    out, features = result
    assert torch.equal(out, small(x))
    assert {name: tuple(t.shape) for name, t in features.items()} == {
        "one": (2, 8, 33, 35), "two": (2, 16, 17, 18),
    }  # fmt: skip
    assert torch.equal(features["one"], small.one(small.stem(x)))


# ------------------------------------------------------------------ torch's own machinery


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_torch_compile(small: nn.Module) -> None:
    small.eval()
    x = image(2, 3, 33, 35)
    compiled = torch.compile(small, backend="aot_eager", fullgraph=True)
    assert torch.allclose(compiled(x), small(x), atol=1e-5)
    trained = torch.compile(
        resdsl.loads(WITH_AUX).build("torch").train(), backend="eager", fullgraph=True
    )
    assert trained(image(2, 3, 17, 17)).aux.shape == (2, 4)


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("cifar/resnet20", 32),
        ("examples/two_headed", 64),
        ("torchvision/vit_b_16", 32),
        ("plain18", 47),
    ],
)
def test_torch_export_with_a_dynamic_batch(name: str, side: int) -> None:
    network = resdsl.load(name, input=(3, side, side))
    model = network.build("torch").eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    example = (image(2, 3, side, side),)
    exported = torch.export.export(model, example, dynamic_shapes=({0: batch},)).module()
    for size in (1, 5):
        x = image(size, 3, side, side)
        with torch.no_grad():
            ours, theirs = model(x), exported(x)
        for a, b in zip(tensor_of(ours), tensor_of(theirs), strict=True):
            assert torch.allclose(a, b, atol=1e-4)


def test_tracebacks_show_the_source(small: nn.Module) -> None:
    import traceback

    with pytest.raises(RuntimeError) as caught:
        small(torch.zeros(1, 4, 33, 35))
    frames = traceback.extract_tb(caught.value.__traceback__)
    ours = [(frame.name, frame.line) for frame in frames if frame.filename.startswith("<resdsl ")]
    assert ours == [
        ("forward", "x = self.stem(image)"),
        ("forward", "return F.relu(self.bn1(self.conv1(x)))"),
    ]


def test_random_weights_survive_a_copy(small: nn.Module) -> None:
    import copy

    randomise(small)
    x = image(2, 3, 33, 35)
    assert torch.equal(copy.deepcopy(small).eval()(x), small.eval()(x))
