"""All other ops with every attribute, against plain expressions; and that none was forgotten."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, sqrt, tanh

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import resdsl
from resdsl.ir.op import Op
from tests.backends.compare import TOLERANCE, assert_same, randomise
from tests.backends.one_op import Case, Weights, check, inputs_of
from tests.backends.test_equal_ops_windows import CASES as WINDOWS
from tests.language.reading import uses

SEQUENCE, VECTOR, IMAGE = (7, 12), (12,), (6, 13, 11)


def each(function: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda w, x: function(x)


def per_channel(weight: Tensor) -> Tensor:
    return weight[:, None, None]


def layer_norm(eps: float, axis: int) -> Callable[..., Tensor]:
    def plain(w: Weights, x: Tensor) -> Tensor:
        centred = x - x.mean(axis, keepdim=True)
        y = centred / torch.sqrt((centred**2).mean(axis, keepdim=True) + eps)
        if "weight" not in w:
            return y
        wide = per_channel if x.ndim == 4 else (lambda v: v)
        return y * wide(w["weight"]) + wide(w["bias"])

    return plain


def group_norm(groups: int, eps: float) -> Callable[..., Tensor]:
    return lambda w, x: F.group_norm(x, groups, w.get("weight"), w.get("bias"), eps)


def instance_norm(eps: float) -> Callable[..., Tensor]:
    return lambda w, x: group_norm(x.shape[1], eps)(w, x)


def batch_norm(eps: float) -> Callable[..., Tensor]:
    def plain(w: Weights, x: Tensor) -> Tensor:
        wide = per_channel if x.ndim == 4 else (lambda v: v)
        y = (x - wide(w["running_mean"])) / torch.sqrt(wide(w["running_var"]) + eps)
        return y * wide(w["weight"]) + wide(w["bias"]) if "weight" in w else y

    return plain


def response_norm(size: int, alpha: float, beta: float, k: float) -> Callable[..., Tensor]:
    def plain(w: Weights, x: Tensor) -> Tensor:
        channels = []
        for c in range(x.shape[1]):
            near = x[:, max(0, c - size // 2) : c + (size - 1) // 2 + 1]
            channels.append(x[:, c] / (k + alpha / size * (near**2).sum(1)) ** beta)
        return torch.stack(channels, 1)

    return plain


def prelu(w: Weights, x: Tensor) -> Tensor:
    slope = w["weight"] if x.ndim < 4 or len(w["weight"]) == 1 else per_channel(w["weight"])
    return torch.where(x > 0, x, slope * x)


def nearest(x: Tensor, height: int, width: int) -> Tensor:
    rows = [h * x.shape[2] // height for h in range(height)]
    columns = [v * x.shape[3] // width for v in range(width)]
    return x[:, :, rows][:, :, :, columns]


def bilinear(height: int, width: int, align: bool = False) -> Callable[..., Tensor]:
    return lambda w, x, *_: F.interpolate(x, (height, width), mode="bilinear", align_corners=align)


def shuffled(groups: int) -> Callable[[Tensor], Tensor]:
    def plain(x: Tensor) -> Tensor:
        n = x.shape[1] // groups
        return x[:, [g * n + i for i in range(n) for g in range(groups)]]

    return plain


def linear(w: Weights, x: Tensor) -> Tensor:
    return F.linear(x, w["weight"], w.get("bias"))


def attention(heads: int) -> Callable[..., Tensor]:
    def plain(w: Weights, x: Tensor) -> Tensor:
        size = x.shape[2] // heads
        q, k, v = F.linear(x, w["in_proj_weight"], w.get("in_proj_bias")).chunk(3, dim=2)
        joined = []
        for h in range(heads):
            part = slice(h * size, (h + 1) * size)
            scores = torch.bmm(q[:, :, part], k[:, :, part].transpose(1, 2)) / sqrt(size)
            joined.append(torch.bmm(scores.softmax(2), v[:, :, part]))
        return F.linear(torch.cat(joined, 2), w["out_proj.weight"], w.get("out_proj.bias"))

    return plain


def padded(top: int, bottom: int, left: int, right: int) -> Callable[..., Tensor]:
    return each(lambda x: F.pad(x, (left, right, top, bottom)))


def halves(w: Weights, x: Tensor) -> Tensor:
    return torch.cat([torch.tanh(x[:, :3]), torch.relu(x[:, 3:])], 1)


BOTH, TWO_IMAGES = "t: {} {{ | identity | @other }}", (IMAGE, IMAGE)
CASES = {
    "relu": Case("t: relu", each(lambda x: x.clamp(min=0))),
    "relu6": Case("t: affine(4) -> relu6", each(lambda x: (4 * x).clamp(0, 6))),
    "leaky_relu": Case("t: leaky_relu", each(lambda x: torch.where(x > 0, x, 0.01 * x))),
    "leaky_relu 0.2": Case("t: leaky_relu(0.2)", each(lambda x: torch.where(x > 0, x, 0.2 * x))),
    "prelu": Case("t: prelu", prelu),
    "prelu shared": Case("t: prelu(shared=true)", prelu),
    "prelu vector": Case("t: prelu(slope=0.1)", prelu, (VECTOR,)),
    "prelu shared sequence": Case("t: prelu(shared=true)", prelu, (SEQUENCE,)),
    "sigmoid": Case("t: sigmoid", each(lambda x: 1 / (1 + torch.exp(-x)))),
    "hardsigmoid": Case("t: affine(3) -> hardsigmoid", each(lambda x: F.hardsigmoid(3 * x))),
    "hardswish": Case(
        "t: affine(3) -> hardswish", each(lambda x: 3 * x * (3 * x + 3).clamp(0, 6) / 6)
    ),
    "silu": Case("t: silu", each(lambda x: x / (1 + torch.exp(-x)))),
    "gelu": Case("t: gelu", each(lambda x: x * (1 + torch.erf(x / sqrt(2))) / 2)),
    "gelu tanh": Case(
        "t: gelu(approximate=tanh)",
        each(lambda x: x / 2 * (1 + torch.tanh(sqrt(2 / torch.pi) * (x + 0.044715 * x**3)))),
    ),
    "tanh": Case("t: tanh", each(torch.tanh)),
    "softmax image": Case(
        "t: softmax", each(lambda x: torch.exp(x) / torch.exp(x).sum(1, keepdim=True))
    ),
    "softmax sequence": Case(
        "t: softmax", each(lambda x: torch.exp(x) / torch.exp(x).sum(2, keepdim=True)), (SEQUENCE,)
    ),
    "softmax vector": Case(
        "t: softmax", each(lambda x: torch.exp(x) / torch.exp(x).sum(1, keepdim=True)), (VECTOR,)
    ),
    "fc": Case("t: fc(5)", linear, (VECTOR,)),
    "fc no bias": Case("t: fc(5, bias=false)", linear, (VECTOR,)),
    "fc sequence": Case("t: fc(5)", linear, (SEQUENCE,)),
    "fc image": Case("t: fc(5)", lambda w, x: linear(w, x.reshape(len(x), -1)), ((2, 3, 5),)),
    "fc positions": Case(
        "t: fc(5, flatten=false)", lambda w, x: linear(w, x.movedim(1, 3)).movedim(3, 1)
    ),
    "bn": Case("t: bn", batch_norm(1e-5), same_in_training=False),
    "bn eps": Case("t: bn(eps=0.1)", batch_norm(0.1), same_in_training=False),
    "bn not affine": Case("t: bn(affine=false)", batch_norm(1e-5), same_in_training=False),
    "bn vector": Case("t: bn", batch_norm(1e-5), (VECTOR,), same_in_training=False),
    "ln image": Case("t: ln", layer_norm(1e-5, 1)),
    "ln image eps": Case("t: ln(eps=0.1)", layer_norm(0.1, 1)),
    "ln image not affine": Case("t: ln(affine=false)", layer_norm(1e-5, 1)),
    "ln sequence": Case("t: ln(eps=1e-3)", layer_norm(1e-3, 2), (SEQUENCE,)),
    "ln sequence not affine": Case("t: ln(affine=false)", layer_norm(1e-5, 2), (SEQUENCE,)),
    "ln vector": Case("t: ln", layer_norm(1e-5, 1), (VECTOR,)),
    "gn": Case("t: gn(3)", group_norm(3, 1e-5)),
    "gn eps": Case("t: gn(2, eps=0.1)", group_norm(2, 0.1)),
    "gn not affine": Case("t: gn(groups=6, affine=false)", group_norm(6, 1e-5)),
    "gn vector": Case("t: gn(3)", group_norm(3, 1e-5), (VECTOR,)),
    "instance_norm": Case("t: instance_norm", instance_norm(1e-5)),
    "instance_norm eps": Case("t: instance_norm(eps=0.1)", instance_norm(0.1)),
    "instance_norm not affine": Case("t: instance_norm(affine=false)", instance_norm(1e-5)),
    "lrn": Case("t: lrn", response_norm(5, 1e-4, 0.75, 1.0)),
    "lrn all": Case("t: lrn(size=3, alpha=0.5, beta=0.6, k=2.0)", response_norm(3, 0.5, 0.6, 2.0)),
    "lrn even size": Case("t: lrn(size=4, alpha=0.5)", response_norm(4, 0.5, 0.75, 1.0)),
    "lrn wider than the image": Case(
        "t: lrn(size=15, alpha=0.5)", response_norm(15, 0.5, 0.75, 1.0)
    ),
    "channel_mean": Case("t: channel_mean", each(lambda x: x.mean(1, keepdim=True))),
    "channel_max": Case("t: channel_max", each(lambda x: x.amax(1, keepdim=True))),
    "pad_channels": Case(
        "t: pad_channels(9)", each(lambda x: torch.cat([x, torch.zeros_like(x[:, :3])], 1))
    ),
    "pad_channels by none": Case("t: pad_channels(6)", each(lambda x: x)),
    "zero_pad": Case("t: zero_pad(2)", padded(2, 2, 2, 2)),
    "zero_pad 1x2": Case("t: zero_pad([1, 2])", padded(1, 1, 2, 2)),
    "zero_pad four": Case("t: zero_pad([1, 2, 3, 4])", padded(1, 2, 3, 4)),
    "flatten image": Case("t: flatten", each(lambda x: x.reshape(len(x), -1))),
    "flatten sequence": Case("t: flatten", each(lambda x: x.reshape(len(x), -1)), (SEQUENCE,)),
    "slice": Case("t: slice(1, 4)", each(lambda x: x[:, 1:4])),
    "slice sequence": Case("t: slice(1, 4)", each(lambda x: x[:, :, 1:4]), (SEQUENCE,)),
    "slice vector": Case("t: slice(0, 4)", each(lambda x: x[:, :4]), (VECTOR,)),
    "channel_shuffle 2": Case("t: channel_shuffle(2)", each(shuffled(2))),
    "channel_shuffle 3": Case("t: channel_shuffle(3)", each(shuffled(3))),
    "identity": Case("t: identity", each(lambda x: x * 1)),
    "affine": Case("t: affine(0.5, -2)", each(lambda x: 0.5 * x - 2)),
    "affine scale": Case("t: affine(-1)", each(lambda x: -x)),
    "affine shift": Case("t: affine(shift=3)", each(lambda x: x + 3), (SEQUENCE,)),
    "layer_scale image": Case("t: layer_scale", lambda w, x: w["t"] * x),
    "layer_scale sequence": Case("t: layer_scale(0.1)", lambda w, x: w["t"] * x, (SEQUENCE,)),
    "layer_scale vector": Case("t: layer_scale(0.1)", lambda w, x: w["t"] * x, (VECTOR,)),
    "resize size": Case("t: resize(size=5x20)", each(lambda x: nearest(x, 5, 20))),
    "resize size 9": Case("t: resize(size=9)", each(lambda x: nearest(x, 9, 9))),
    "resize factor 2": Case("t: resize(factor=2)", each(lambda x: nearest(x, 26, 22))),
    "resize factor 1.5, 0.5": Case(
        "t: resize(factor=[1.5, 0.5])", each(lambda x: nearest(x, 19, 5))
    ),
    "resize like": Case(
        "t: resize(like=@other)", lambda w, x, y: nearest(x, 17, 9), (IMAGE, (2, 17, 9))
    ),
    "resize bilinear": Case("t: resize(size=5x20, mode=bilinear)", bilinear(5, 20)),
    "resize bilinear factor": Case("t: resize(factor=1.7, mode=bilinear)", bilinear(22, 18)),
    "resize bilinear like": Case(
        "t: resize(like=@other, mode=bilinear)", bilinear(17, 9), (IMAGE, (2, 17, 9))
    ),
    "resize aligned": Case(
        "t: resize(factor=2, mode=bilinear, align_corners=true)", bilinear(26, 22, True)
    ),
    "crop": Case("t: crop(size=10x4)", each(lambda x: x[:, :, 1:11, 3:7])),
    "crop 8": Case("t: crop(8)", each(lambda x: x[:, :, 2:10, 1:9])),
    "crop like": Case(
        "t: crop(like=@other)", lambda w, x, y: x[:, :, 2:11, :10], (IMAGE, (2, 9, 10))
    ),
    "tokens": Case(
        "t: tokens",
        each(lambda x: torch.stack([x[:, :, h, v] for h in range(13) for v in range(11)], 1)),
    ),
    "token": Case("t: token", each(lambda x: x[:, 0]), (SEQUENCE,)),
    "token 3": Case("t: token(3)", each(lambda x: x[:, 3]), (SEQUENCE,)),
    "class_token": Case(
        "t: class_token",
        lambda w, x: torch.cat([w["t"].expand(len(x), -1, -1), x], 1),
        (SEQUENCE,),
    ),
    "position_embedding": Case("t: position_embedding", lambda w, x: x + w["t"], (SEQUENCE,)),
    "attention": Case("t: attention(3)", attention(3), (SEQUENCE,)),
    "attention one head": Case("t: attention(1)", attention(1), (SEQUENCE,)),
    "attention no qkv bias": Case(
        "t: attention(heads=2, qkv_bias=false)", attention(2), (SEQUENCE,)
    ),
    "attention no proj bias": Case("t: attention(4, proj_bias=false)", attention(4), (SEQUENCE,)),
    "add": Case(BOTH.format("add"), lambda w, x, y: x + y, TWO_IMAGES),
    "add thrice": Case(
        "t: add { | identity | @other | tanh }", lambda w, x, y: x + y + torch.tanh(x), TWO_IMAGES
    ),
    "mul": Case(BOTH.format("mul"), lambda w, x, y: x * y, TWO_IMAGES),
    "mul over positions": Case(BOTH.format("mul"), lambda w, x, y: x * y, (IMAGE, (6, 1, 1))),
    "mul over channels": Case(BOTH.format("mul"), lambda w, x, y: x * y, (IMAGE, (1, 13, 11))),
    "mul both ways": Case(BOTH.format("mul"), lambda w, x, y: x * y, ((6, 1, 1), (1, 13, 11))),
    "maximum": Case(BOTH.format("maximum"), lambda w, x, y: torch.where(x > y, x, y), TWO_IMAGES),
    "concat": Case(
        BOTH.format("concat"), lambda w, x, y: torch.cat([x, y], 1), (IMAGE, (2, 13, 11))
    ),
    "concat sequences": Case(
        BOTH.format("concat"), lambda w, x, y: torch.cat([x, y], 2), (SEQUENCE, (7, 5))
    ),
    "concat vectors": Case(
        BOTH.format("concat"), lambda w, x, y: torch.cat([x, y], 1), (VECTOR, (5,))
    ),
    "concat as a step": Case(
        "t: concat(@other)", lambda w, x, y: torch.cat([x, y], 1), (IMAGE, (2, 13, 11))
    ),
    "concat split": Case("t: concat(split=2) { | tanh | relu }", halves),
    "concat split uneven": Case(
        "t: concat(split=[1, 5]) { | tanh | relu }",
        each(lambda x: torch.cat([torch.tanh(x[:, :1]), torch.relu(x[:, 1:])], 1)),
    ),
    "maximum split": Case(
        "t: maximum(split=2) { | identity | identity }",
        each(lambda x: torch.maximum(x[:, :3], x[:, 3:])),
    ),
    "add split": Case(
        "t: add(split=3) { | tanh | relu | identity }",
        each(lambda x: torch.tanh(x[:, :2]) + torch.relu(x[:, 2:4]) + x[:, 4:]),
    ),
    "dropout": Case("t: dropout", each(lambda x: x * 1), same_in_training=False),
    "dropout p": Case("t: dropout(0.3)", each(lambda x: x * 1), same_in_training=False),
    "drop_path": Case("t: drop_path(0.3)", each(lambda x: x * 1), same_in_training=False),
}


@pytest.mark.parametrize("name", CASES)
def test_it_equals_the_plain_expression(name: str) -> None:
    check(CASES[name])


def test_every_attribute_of_every_op_was_given_another_value_than_its_default() -> None:
    given: dict[str, set[str]] = {}
    for case in [*WINDOWS.values(), *CASES.values()]:
        for use in uses(resdsl.loads(case.text)):
            fields = type(use.op).model_fields
            other = {
                n for n, f in fields.items() if f.is_required() or getattr(use.op, n) != f.default
            }
            given.setdefault(use.op.kind, set()).update(other)
    missing = [
        f"{kind}.{field}"
        for kind, op in Op.registry.items()
        for field in op.model_fields
        if field not in given.get(kind, set()) | {"init"}
    ]
    assert missing in ([], ["bn.momentum"]), "the latter has a test of its own below"
    assert set(Op.registry) == set(given)


@pytest.mark.parametrize(
    ("options", "momentum", "eps"), [("", 0.1, 1e-5), ("(momentum=0.3, eps=0.1)", 0.3, 0.1)]
)
@pytest.mark.parametrize("shape", [IMAGE, VECTOR])
def test_batch_norm_in_training(
    options: str, momentum: float, eps: float, shape: tuple[int, ...]
) -> None:
    case = Case(f"t: bn{options}", batch_norm(eps), (shape,))
    model = resdsl.loads(case.text).build("torch", dtype=torch.float64).train()
    randomise(model)
    w = {k.removeprefix("t."): v.clone() for k, v in model.state_dict().items()}
    (x,) = inputs_of(case)
    axes = (0, 2, 3) if x.ndim == 4 else (0,)
    mean, var = x.mean(axes), x.var(axes, unbiased=True)
    wide = per_channel if x.ndim == 4 else (lambda v: v)
    biased = x.var(axes, unbiased=False)
    expected = (x - wide(mean)) / torch.sqrt(wide(biased) + eps) * wide(w["weight"]) + wide(
        w["bias"]
    )
    assert_same(model(x), expected, "output")
    state = {k.removeprefix("t."): v for k, v in model.state_dict().items()}
    assert_same(state["running_mean"], (1 - momentum) * w["running_mean"] + momentum * mean, "mean")
    assert_same(
        state["running_var"], (1 - momentum) * w["running_var"] + momentum * var, "variance"
    )
    assert state["num_batches_tracked"] == 1


def test_dropout_in_training() -> None:
    torch.manual_seed(0)
    model = resdsl.loads(Case("t: dropout(0.3)", prelu).text).build("torch").train()
    y = model(torch.ones(50, *IMAGE))
    kept = y != 0
    assert abs(kept.double().mean().item() - 0.7) < 0.01
    assert torch.allclose(y[kept], torch.tensor(1 / 0.7))
    assert kept[0].double().std().item() > 0.05, "elements fall alone"


def test_drop_path_in_training() -> None:
    torch.manual_seed(0)
    model = resdsl.loads(Case("t: drop_path(0.3)", prelu).text).build("torch").train()
    y = model(torch.ones(2000, *IMAGE)).flatten(1)
    assert (y == y[:, :1]).all(), "a sample falls as a whole"
    kept = y[:, 0] != 0
    assert abs(kept.double().mean().item() - 0.7) < 0.05
    assert torch.allclose(y[kept], torch.tensor(1 / 0.7))


@pytest.mark.parametrize("bias", [True, False])
def test_attention_is_torch_s_multi_head_attention(bias: bool) -> None:
    case = Case(
        f"t: attention(3, qkv_bias={str(bias).lower()}, proj_bias={str(bias).lower()})",
        prelu,
        (SEQUENCE,),
    )
    model = resdsl.loads(case.text).build("torch", dtype=torch.float64)
    randomise(model)
    theirs = nn.MultiheadAttention(12, 3, bias=bias, batch_first=True, dtype=torch.float64)
    theirs.load_state_dict({k.removeprefix("t."): v for k, v in model.state_dict().items()})
    (x,) = inputs_of(case)
    assert_same(model(x), theirs(x, x, x, need_weights=False)[0], "output")


def test_references_agree_with_scalars() -> None:
    """The expressions above, at one number, by the standard library."""
    x = torch.tensor([[0.7]], dtype=torch.float64)
    by_hand = {
        "gelu": 0.7 * (1 + erf(0.7 / sqrt(2))) / 2,
        "gelu tanh": 0.35 * (1 + tanh(sqrt(2 / 3.141592653589793) * (0.7 + 0.044715 * 0.343))),
        "hardswish": 2.1 * 5.1 / 6,
        "hardsigmoid": 5.1 / 6,
    }
    for name, value in by_hand.items():
        assert abs(CASES[name].reference({}, x).item() - value) < TOLERANCE
