"""Names that Python reserves or torch uses work in a spec; no text of a spec becomes code."""

from __future__ import annotations

import pytest

import resdsl
from tests.backends.compare import assert_same
from tests.backends.nets import image

RESERVED = [
    "class",
    "forward",
    "training",
    "lambda",
    "None",
    "self",
    "torch",
    "nn",
    "F",
    "train",
    "eval",
    "to",
    "parameters",
    "modules",
    "children",
    "register_buffer",
    "state_dict",
    "type",
    "float",
    "x",
    "def",
    "import",
    "super",
    "len",
    "half",
    "T",
    "print",
    "add_module",
    "_modules",
    "__init__",
    "__class__",
    "dump_patches",
    "call_super_init",
]


@pytest.mark.parametrize("name", RESERVED)
def test_any_name_may_label_a_layer_a_stage_a_block_and_an_output(name: str) -> None:
    text = f"""
model m
input image: 3x9x9
{name}: conv(4)
inner: {{
  {name}: conv_bn(5) -> relu
  conv(5)
}}
stage s_{name}: unit_{name}(6) x2
output {name}_out
output second: @{name} -> relu
block unit_{name}({name}) {{ conv({name}) }}
"""
    model = resdsl.loads(text).build("torch").train()
    both = model(image(2, 3, 9, 9))
    assert both[0].shape == (2, 6, 9, 9)
    assert both[1].shape == (2, 4, 9, 9)
    assert isinstance(model.training, bool)
    assert model.eval() is model
    assert len(list(model.parameters())) == 2 + 3 + 2 + 4
    other = resdsl.loads(text).build("torch")
    other.load_state_dict(model.state_dict(), strict=True)


def test_a_reserved_label_gets_an_underscore_in_the_state_dict_too() -> None:
    text = "input i: 3x9x9\nforward: conv(4)\nforward_: conv(4)\nclass: conv(4)\n__x: conv(4)\n"
    names = list(resdsl.loads(text).build("torch").state_dict())[::2]
    assert names == ["forward_.weight", "forward__.weight", "class_.weight", "_x.weight"]


LAYERS = """
input image: 3x9x9
body: {
  for i in range(4) {
    "layer-{i + 1}": conv(3)
  }
}
others: {
  for i in range(4) {
    "layer{i}": conv(3, 1 if i == 2 else 3)
  }
}
"""


def test_equal_layers_whose_names_count_are_a_loop() -> None:
    net = resdsl.loads(LAYERS)
    loop = '(f"layer-{i}", nn.Conv2d(3, 3, 3, padding=1)) for i in range(1, 5)'
    assert loop in net.source("torch")
    assert net.source("torch").count("range(") == 1
    names = [f"layer-{i}" for i in range(1, 5)]
    assert [name for name, _ in net.build("torch").body.named_children()] == names


@pytest.mark.parametrize("name", ["class", "forward", "training", "count", "index", "None"])
def test_reserved_names_of_outputs(name: str) -> None:
    text = f"model m\ninput image: 3x9x9\nconv(4)\noutput {name}\noutput other: relu\n"
    result = resdsl.loads(text).build("torch")(image(2, 3, 9, 9))
    assert result[0].shape == result[1].shape == (2, 4, 9, 9)


def test_names_of_inputs_and_models() -> None:
    text = """
model class
input self: 3x9x9
input return_features: 3x9x9
add { | @self | @return_features }
output y
"""
    model = resdsl.loads(text).build("torch")
    x = image(2, 3, 9, 9)
    assert_same(model(x, x), 2 * x, "output")


def test_nothing_of_a_note_reaches_the_code() -> None:
    evil = '"""\\nimport os\\nos._exit(3)\\n"""'.replace('"', '\\"')
    text = f'model m\nnote paper = "{evil} \\\\"\ninput image: 3x9x9\nconv(4)\noutput y\n'
    network = resdsl.loads(text)
    assert network.build("torch")(image(1, 3, 9, 9)).shape == (1, 4, 9, 9)
    compile(network.source("torch"), "m.py", "exec")
