"""Channels in groups: what to say where they do not come out even."""

from __future__ import annotations


def ways_to_divide(channels: int, groups: int) -> str:
    """The groups that divide these channels, and the nearest channels that these groups divide."""
    divisors = ", ".join(map(str, _divisors(channels)))
    near = multiples(channels, groups)
    return f"groups that divide {channels}: {divisors}; the nearest channels for {groups}: {near}"


def multiples(channels: int, groups: int) -> str:
    """`48 or 64`: the nearest channels that come in so many groups."""
    below = channels // groups * groups
    return " or ".join(str(n) for n in (below, below + groups) if n)


def _divisors(n: int) -> list[int]:
    """All of them; of more than eight the least and the largest four."""
    low = [d for d in range(1, int(n**0.5) + 1) if n % d == 0]
    found = sorted({*low, *(n // d for d in low)})
    return found if len(found) <= 8 else found[:4] + found[-4:]
