"""`resdsl verify` for every shipped net, or for those named: a line each, and 1 if one fails."""

from __future__ import annotations

import sys
import time

import jax

import resdsl
from tests.zoo.zoo import NETS

SMALLER = {"dense/unet": "1x128x128"}
"""An input for what would take more memory at its own than most machines have."""


def main() -> int:
    failed = 0
    for spec in sys.argv[1:] or NETS:
        start = time.perf_counter()
        proof = resdsl.load(spec, input=SMALLER.get(spec)).verify()
        errors = ", ".join(f"{name} {proof.worst(name):.1e}" for name in proof.backends)
        seconds = time.perf_counter() - start
        print(f"{'ok  ' if proof.ok else 'FAIL'} {spec}: {errors}; {seconds:.0f} s", flush=True)
        for row in proof.rows:
            if not row.ok:
                print(f"     {row.part} of {row.name}: {row.errors}, bound {row.bound:.1e}")
        failed += not proof.ok
        jax.clear_caches()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
