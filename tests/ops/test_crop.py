"""`crop` beside torchvision's `center_crop`."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from resdsl.ops.resize import Crop
from tests.ops.torch_says import agree, refuses
from tests.torchvision_shim import import_torchvision

center_crop = import_torchvision().transforms.functional.center_crop


@given(st.integers(1, 40), st.integers(1, 40))
def test_a_crop_is_torchvision_s_but_for_halves(side: int, new: int) -> None:
    op, x = Crop(size=(new, 1)), (2, side, 1)
    if new > side:
        refuses(op, x, field="size", says=f"`size` (={new}x1) must be at most as high and as wide")
        return
    agree(op, lambda t: center_crop(t, [new, 1]), x)
    top, _ = op.starts(x)
    rows = center_crop(torch.arange(side).reshape(1, side, 1), [new, 1]).flatten()
    later = (side - new) % 4 == 3  # theirs rounds halves to even
    assert rows.tolist() == [*range(top + later, top + later + new)]
