"""Names in emitted code: checked identifiers, none of which means something else already."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection, Iterable

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


def identifier(label: str) -> str:
    """A label as a Python identifier: `conv3_x` as it is, `0` as `x0`, `class` as `class_`."""
    word = re.sub(r"[^A-Za-z0-9_]", "_", label) or "_"
    if word[0].isdigit():
        word = "x" + word
    return word + "_" if keyword.iskeyword(word) or keyword.issoftkeyword(word) else word


def is_word(label: str) -> bool:
    """Code can say it: `self.conv1`. A member `0` or `block1-0` has its name all the same, as an
    item of a list, as a layer of a sequence, or through the module's methods."""
    return _WORD.match(label) is not None


def list_of(label: str) -> str:
    """The list that an instance is an item of: `convs` for `convs.0`, "" for what is in none."""
    return label.rpartition(".")[0]


def attribute(label: str, reserved: Collection[str]) -> str:
    """The attribute that holds the instance `label`: its name, or with `_` where that is taken.

    `reserved` are the names that the framework's modules use themselves. Two leading underscores
    become one, because Python mangles them. What is no word is no word of Python's, either.
    """
    if not is_word(label):
        return label
    if label.startswith("__"):
        label = "_" + label.lstrip("_")
    return label + "_" if _is_taken(label, reserved) else label


def label(attribute: str, reserved: Collection[str]) -> str:
    """The label of an instance that `attribute` gave a name: without the `_` that it added."""
    added = attribute.endswith("_") and _is_taken(attribute, reserved)
    return attribute[:-1] if added else attribute


def _is_taken(word: str, reserved: Collection[str]) -> bool:
    """Or would be with fewer `_` at its end, so that two labels never become one attribute."""
    stem = word.rstrip("_")
    return keyword.iskeyword(stem) or stem in reserved or word in reserved


def camel(label: str) -> str:
    """`conv_bn_act` -> `ConvBnAct`, `conv3_x` -> `Conv3X`, `resnet50` -> `ResNet50`."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", label) if word]
    name = "".join(_known(word) or word[0].upper() + word[1:] for word in words) or "Net"
    return "N" + name if name[0].isdigit() else name


def _known(word: str) -> str:
    """A net's name as its paper writes it, with the digits that follow."""
    stem = word.rstrip("0123456789")
    return _PAPERS[stem] + word[len(stem) :] if stem in _PAPERS else ""


_PUBLISHED = """
AlexNet ConvNeXt DenseNet EfficientNet FPN GoogLeNet HRNet LeNet MobileNet RegNet ResNet ResNeXt
ShuffleNet UNet VGG ViT
"""
_PAPERS = {name.lower(): name for name in _PUBLISHED.split()}


class Names:
    """The names of one scope of emitted code; each is given out once.

    `avoided` are those that would hide something, as a local variable hides a builtin function.
    """

    def __init__(self, taken: Iterable[str] = (), avoided: Collection[str] = _BUILTINS) -> None:
        self._taken = set(taken)
        self._avoided = avoided

    def copy(self) -> Names:
        """Another scope with the same names taken."""
        return Names(self._taken)

    def take(self, wish: str) -> str:
        """`wish`, or with the first number from 2 that makes it new."""
        name, count = wish, 2
        joint = "_" if wish[-1].isdigit() else ""
        while name in self._taken or keyword.iskeyword(name) or name in self._avoided:
            name, count = f"{wish}{joint}{count}", count + 1
        self._taken.add(name)
        return name

    def __contains__(self, name: str) -> bool:
        return name in self._taken
