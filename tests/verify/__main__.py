"""`resdsl verify` for every shipped net, or for those named: a line each, and 1 if one fails."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

import jax

import resdsl
from resdsl.ir.shape import show
from tests.zoo.zoo import NETS

SIDES = (97, 96, 188)
"""An image of more than the first is verified at the first that the net takes: odd shows the
padding, and what no step of a float64 training step holds at its own size it holds here. The last
is the least of an unpadded U-Net.
"""


def small(spec: str) -> resdsl.Network:
    """The net on a small image, where it takes one."""
    net = resdsl.load(spec)
    shapes = list(net.stats().inputs.values())
    if len(shapes) > 1 or max(shapes[0][1:], default=0) <= SIDES[0]:
        return net
    for side in SIDES:
        with suppress(resdsl.ResdslError):
            return resdsl.load(spec, input=(shapes[0][0], side, side))
    return net


def main() -> int:
    failed = 0
    for spec in sys.argv[1:] or NETS:
        start = time.perf_counter()
        net = small(spec)
        proof = net.verify()
        errors = ", ".join(f"{name} {proof.worst(name):.1e}" for name in proof.backends)
        sizes = ", ".join(map(show, net.stats().inputs.values()))
        seconds = time.perf_counter() - start
        said = "ok  " if proof.ok else "FAIL"
        print(f"{said} {spec} at {sizes}: {errors}; {seconds:.0f} s", flush=True)
        for row in proof.rows:
            if not row.ok:
                print(f"     {row.part} of {row.name}: {row.errors}, bound {row.bound:.1e}")
        failed += not proof.ok
        jax.clear_caches()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
