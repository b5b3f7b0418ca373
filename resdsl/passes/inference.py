"""The inference graph: the net without what exists only in training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resdsl.ir.graph import Call, Net, OpNode, Output, Region, Statement


def inference(net: Net) -> Net:
    """Without nodes and outputs that are marked `train`; names stay, values are numbered anew.

    1. A region loses its training nodes, the outputs that are marked or that such nodes make, and
       the values that nothing makes any more.
    2. A call loses the outputs that its region lost, and the instances that it need not lend.
    3. A region that nothing calls any more goes.
    """
    if not any(_trains(region) for region in net.regions.values()):
        return net
    regions: dict[str, Region] = {}
    for region in net.regions.values():
        regions[region.id] = _region(region, net, regions)
    called = _called(net.root, regions)
    kept = {key: region for key, region in regions.items() if key in called}
    return net.model_copy(update={"regions": kept})


def _trains(region: Region) -> bool:
    return any(part.train for part in (*region.nodes, *region.outputs))


def _region(region: Region, net: Net, done: dict[str, Region]) -> Region:
    """`region`, whose callees are `done`."""
    values = set(range(len(region.inputs)))
    nodes: list[OpNode | Call] = []
    places = [0]  # how many nodes are kept before each
    for node in region.nodes:
        if not node.train:
            node = _call(node, net, done) if isinstance(node, Call) else node
            nodes.append(node)
            values.update(node.outputs)
        places.append(len(nodes))
    number = {value: new for new, value in enumerate(sorted(values))}
    outputs = [output for output in region.outputs if _stays(output, number)]
    used = {name for node in nodes for name in (node.name, *(b for _, b in _lends(node)))}
    return region.model_copy(
        update={
            "shapes": tuple(region.shapes[value] for value in number),
            "nodes": tuple(_renumbered(node, number) for node in nodes),
            "outputs": tuple(o.model_copy(update={"value": number[o.value]}) for o in outputs),
            "statements": tuple(_statements(region, places, number, nodes)),
            "borrows": tuple(name for name in region.borrows if name in used),
        }
    )


def _stays(output: Output, number: dict[int, int]) -> bool:
    return not output.train and output.value in number


def _call(call: Call, net: Net, done: dict[str, Region]) -> Call:
    before, after = net.regions[call.region], done[call.region]
    names = {output.name for output in after.outputs}
    outputs = zip(before.outputs, call.outputs, strict=True)
    return call.model_copy(
        update={
            "outputs": tuple(value for output, value in outputs if output.name in names),
            "lends": tuple((there, here) for there, here in call.lends if there in after.borrows),
        }
    )


def _renumbered(node: OpNode | Call, number: dict[int, int]) -> OpNode | Call:
    inputs = tuple(number[value] for value in node.inputs)
    if isinstance(node, Call):
        outputs = tuple(number[value] for value in node.outputs)
        return node.model_copy(update={"inputs": inputs, "outputs": outputs})
    return node.model_copy(update={"inputs": inputs, "output": number[node.output]})


def _statements(
    region: Region, places: list[int], number: dict[int, int], nodes: list[OpNode | Call]
) -> Iterator[Statement]:
    """Those with a node left, and those without nodes whose tensor is left."""
    for statement in region.statements:
        start, stop = places[statement.start], places[statement.stop]
        if start == stop and (statement.start < statement.stop or statement.value not in number):
            continue
        value = statement.value if statement.value in number else nodes[stop - 1].output
        moved = {"start": start, "stop": stop, "value": number[value]}
        yield statement.model_copy(update=moved)


def _lends(node: OpNode | Call) -> Iterable[tuple[str, str]]:
    return node.lends if isinstance(node, Call) else ()


def _called(root: str, regions: dict[str, Region]) -> set[str]:
    """The regions that are reached from the root."""
    found, waiting = {root}, [root]
    while waiting:
        for node in regions[waiting.pop()].nodes:
            if isinstance(node, Call) and node.region not in found:
                found.add(node.region)
                waiting.append(node.region)
    return found
