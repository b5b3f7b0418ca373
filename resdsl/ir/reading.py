"""Which steps of a draft nothing reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from resdsl.ir.builder import Draft, DraftNode, Ref
from resdsl.source import Span


def unread(root: Draft) -> tuple[Span, ...]:
    """The places of the steps whose outputs nothing uses, wherever the same text makes one. Parts
    of another model have their use in that model, and what trains is there to train.
    """
    drafts = [d for d in _drafts(root) if d is root or d.kind != "model"]
    taken = {id(d): set(d.read) for d in drafts}
    for draft in drafts:
        for node in draft.nodes:
            for ref in [*node.exports][1:]:
                _take(node.callee, ref, taken)
    used: dict[Span, bool] = {}
    for draft in drafts:
        for at, last in _steps(draft):
            used[at] = used.get(at, False) or not _is_idle(last, taken[id(draft)])
    return tuple(at for at, is_used in used.items() if not is_used)


def _steps(draft: Draft) -> Iterator[tuple[Span, DraftNode]]:
    """Each step with the last of the nodes that it made."""
    for node, after in zip_longest(draft.nodes, draft.nodes[1:]):
        if node.span is not None and (after is None or after.span != node.span):
            yield node.span, node


def _is_idle(node: DraftNode, taken: set[int]) -> bool:
    return not node.train and taken.isdisjoint(node.exports.values())


def _drafts(root: Draft) -> Iterator[Draft]:
    """A draft and all that it calls, each once."""
    seen, waiting = {id(root)}, [root]
    while waiting:
        draft = waiting.pop()
        yield draft
        for node in draft.nodes:
            if node.callee is not None and id(node.callee) not in seen:
                seen.add(id(node.callee))
                waiting.append(node.callee)


def _take(draft: Draft | None, ref: Ref, taken: dict[int, set[int]]) -> None:
    """Note that the value behind a reference into a callee is used outside."""
    while draft is not None and id(draft) in taken:
        if len(ref) == 1:
            taken[id(draft)].add(ref[0])
            return
        node, ref = draft.nodes[ref[0]], ref[1:]
        taken[id(draft)].add(node.output)
        draft = node.callee
