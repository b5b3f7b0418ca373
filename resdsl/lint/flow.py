"""Rules about steps that stand in the wrong company."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from resdsl.diagnostics import Diagnostic, Label
from resdsl.ir.op import Op
from resdsl.lint.text import Text, bodies, lines, walk
from resdsl.ops.act import Softmax
from resdsl.syntax import tree

BIASED = ("conv", "conv_transpose", "dwconv", "fc")
"""What adds a bias to each channel, unless told not to."""

CENTRED = ("bn", "instance_norm")
"""What takes the mean of each channel away."""


def bias(text: Text) -> Iterator[Diagnostic]:
    """A bias straight before a norm of each channel does nothing: the norm subtracts it again.

    Both stand in the text by their own names; the convolution is not tapped, so that nothing else
    sees its bias; and where a `default` speaks of its `bias`, it is written.
    """
    told = {
        call.name
        for default in walk(text.file)
        if isinstance(default, tree.Default)
        for call in default.calls
        if any(arg.name and arg.name.text == "bias" for arg in call.args or ())
    }
    for body in bodies(text.file):
        for (line, one), (after, two) in pairwise(lines(body)):
            if not isinstance(one, tree.CallStep) or not isinstance(two, tree.CallStep):
                continue
            if one.name not in BIASED or two.name not in CENTRED:
                continue
            if text.callee(one) is None or text.callee(two) is None:
                continue
            tapped = isinstance(line, tree.Labelled) and text.is_tapped(line.label)
            follows = line is after or _follow(body, line, after)
            at = _bias(one, one.name in told)
            if at is None or tapped or not follows:
                continue
            yield Diagnostic(
                "W302",
                f"this bias does nothing: `{two.name}` subtracts it with the mean",
                at.span,
                labels=(Label(two.path[0].span, "the norm"),),
                help="write `bias=false`",
            )


def _follow(body: tuple[tree.Statement, ...], line: tree.Statement, after: tree.Statement) -> bool:
    """Whether no line that makes or takes a tensor stands between the two."""
    between = body[body.index(line) + 1 : body.index(after)]
    silent = tree.Let | tree.LetFunction | tree.Param | tree.Note | tree.Require | tree.Expect
    return all(isinstance(statement, silent) for statement in between)


def _bias(step: tree.CallStep, told: bool) -> tree.Tree | None:
    """What gives this step its bias: the argument that says `true`, else the call; None without."""
    if any(arg.is_rest for arg in step.args or ()):
        return None
    settings = (m for m in step.modifiers if isinstance(m, tree.Setting))
    given: list[tree.Argument | tree.Setting] = [*(step.args or ()), *settings]
    for one in given:
        if one.name is not None and one.name.text == "bias":
            is_true = isinstance(one.value, tree.Name) and one.value.text == "true"
            return one if is_true else None
    positional = [arg for arg in step.args or () if arg.name is None]
    if told or len(positional) > _place(step.name):
        return None
    return step


def _place(name: str) -> int:
    """How many arguments by position leave the bias unsaid; of a block's, none can say it."""
    op = Op.registry.get(name)
    return list(op.model_fields).index("bias") if op else 99


def softmax(text: Text) -> Iterator[Diagnostic]:
    """Logits go into the loss as they are: an output of that name whose last step is `softmax`
    either has the wrong name, or a loss will take the softmax twice.
    """
    for definition in text.definitions:
        last: tree.Step | None = None
        for statement in definition.body:
            chain = statement.chain if isinstance(statement, tree.Labelled) else statement
            if isinstance(chain, tree.Chain):
                last = chain.steps[-1]
            elif isinstance(statement, tree.OutputStatement):
                end = statement.chain.steps[-1] if statement.chain else last
                if end and text.callee(end) is Softmax and "logit" in statement.name.text.lower():
                    yield Diagnostic(
                        "W314",
                        f"`{statement.name.text}` are probabilities, not logits",
                        statement.name.span,
                        labels=(Label(end.span, "after this softmax"),),
                        help="a loss such as cross entropy takes logits: leave the softmax out, "
                        "or call the output `probabilities`",
                    )
            elif isinstance(statement, tree.If | tree.For):
                last = None


def merge(text: Text) -> Iterator[Diagnostic]:
    """A merge of one branch merges nothing: what came in is no branch by itself. (A guard may leave
    one of several, and a `for` makes several of one.)
    """
    for node in walk(text.file):
        if not isinstance(node, tree.MergeStep) or len(node.branches) != 1:
            continue
        (branch,) = node.branches
        if branch.guard is None:
            name, inside = node.call.name, " ".join(branch.span.text.removeprefix("|").split())
            shown = f"`{name} {{ | identity | {inside} }}`" if len(inside) < 60 else "`| identity`"
            yield Diagnostic(
                "W315",
                f"this `{name}` has one branch: it merges nothing",
                node.call.span,
                labels=(Label(branch.span, "this alone passes through"),),
                help=f"{shown} merges what came in, too",
            )
