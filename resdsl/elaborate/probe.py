"""What is wrong with a block whatever it is called with, found without a call."""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic
from resdsl.elaborate import statements
from resdsl.elaborate.blame import Gathered
from resdsl.elaborate.context import Build, Context, Defaults, Frame, Rest
from resdsl.elaborate.evaluate import evaluate
from resdsl.elaborate.types import coerce, infer, members
from resdsl.elaborate.values import LOST, Binding, Block, Env
from resdsl.ir.builder import Draft

SURE = frozenset(("E200", "E201", "E203", "E204", "E207", "E208", "E209", "E223"))
"""Of names and arguments: no caller, and no `default` of one, can mend them."""


def probe(block: Block) -> list[Diagnostic]:
    """The errors in the defaults and the body of a block, nothing known of its arguments."""
    build = Build(block.scope.library, active=[block.definition])
    frame = Frame(Draft("lost"), Defaults(), inside=LOST, rest=Rest())
    ctx = Context(build, Env(block.scope), frame)
    gathered = Gathered()
    for param in block.definition.params:
        if param.name is None:
            continue
        type_ = param.type or infer(param.default)
        if param.default is not None:
            with gathered:
                value = evaluate(param.default, ctx, members(type_))
                coerce(value, type_, param.name.text, param.default.span)
        ctx.env.bindings[param.name.text] = Binding(LOST, param.name.span)
    with gathered:
        statements.run(block.definition.body, ctx, LOST)
    return [d for d in gathered.found if d.code in SURE]
