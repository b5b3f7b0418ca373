"""An independent look at the words of a text: is each one something that the language, the standard
library, a used file or the text itself knows?

It shares no code with the compiler's name resolution. It knows no scopes, so that it passes some
texts that the compiler refuses; what it does not pass must not be accepted.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from resdsl.elaborate.functions import FUNCTIONS
from resdsl.ir.init import INITS
from resdsl.ir.op import Op
from resdsl.paths import specs_root, std_root
from tests.mutation.mutants import Token, tokens

_DECLARES = {"stage", "let", "param", "note", "input", "output", "share", "block", "model", "for"}
_LANGUAGE = """
    use model block param input init note expect drop let share output stage for when require
    default from with in x stride if else and or not match true false int float bool str shape
    op tensor channels height width params params_training buffers macs depth loss_weight
    train split gamma beta weight bias in_proj out_proj
"""


def unknown(text: str, folder: Path | None) -> set[str]:
    """The words of this text that nothing defines."""
    found = tokens(text)
    known = _language() | defined(found)
    for name in re.findall(r"""^\s*use\b[^"\n]*"([^"\n]+)""", text, re.MULTILINE):
        known |= _defined_in(name, folder)
    numbered = re.compile("|".join(f"(?:{n.pattern})" for n in (_numbered(found), _of_std())))
    return {w for w in used(found) if w not in known and not _counted(w) and not numbered.match(w)}


def used(all: list[Token]) -> set[str]:
    """All names, those in the braces of strings and selectors of `init` too."""
    words = {t.text for t in all if t.kind == "name"}
    inserted = [e for t in all if t.kind == "string" for e in re.findall(r"\{([^{}]*)\}", t.text)]
    return words.union(*(re.findall(r"[A-Za-z_]\w*", e) for e in inserted))


def defined(all: list[Token]) -> set[str]:
    """Names where they are declared: after a statement's word, as a label, as a parameter of a
    block or function, as a loop's variable, as a member of an enumeration.
    """
    found: set[str] = set()
    texts = [t.text for t in all]
    opens = [False]  # for each open bracket, whether parameters are declared in it
    typed = False
    for i, token in enumerate(all):
        before, after = texts[i - 1] if i else "\n", texts[i + 1] if i + 1 < len(all) else "\n"
        if token.text in "([{" and token.kind == "sign":
            declares = token.text == "(" and i > 1 and texts[i - 2] in ("block", "let")
            opens.append(declares)
            typed = False
        elif token.text in ")]}" and token.kind == "sign" and opens[1:]:
            opens.pop()
        elif token.kind == "newline" and not opens[-1]:
            typed = False
        elif token.text == ":":
            typed = opens[-1] or texts[max(0, i - 2)] == "param"
        elif token.text in ("=", ","):
            typed = False
        if token.kind != "name":
            continue
        parameter = opens[-1] and before in "(,\n" and after in ":=,)\n"
        label = after == ":" and before in ("\n", "{", "|", "}", "else", "->")
        second = before == "," and after in ("in", ",") and "for" in texts[max(0, i - 6) : i]
        if before in _DECLARES or typed or parameter or label or second:
            found.add(token.text)
    return found


def _numbered(all: list[Token]) -> re.Pattern[str]:
    """The names that labels with something to fill in may make, as `"out{i}"` makes `out3`."""
    heads = {t.text[1 : t.text.index("{")] for t in all if t.kind == "string" and "{" in t.text}
    return re.compile(f"(?:{'|'.join(sorted(h for h in heads if h.isalpha())) or '-'})[0-9]+$")


@cache
def _of_std() -> re.Pattern[str]:
    """Those that labels of the standard blocks make: parts, as `@stage4.level1`."""
    return _numbered([t for p in std_root().glob("*.res") for t in tokens(p.read_text("utf-8"))])


def _counted(word: str) -> bool:
    """A name that a counter makes, as `conv2`."""
    return word.rstrip("0123456789") in Op.registry and word[-1].isdigit()


@cache
def _language() -> set[str]:
    known = {*_LANGUAGE.split(), *FUNCTIONS, *Op.registry, *INITS}
    known |= {name for op in Op.registry.values() for name in op.tensors}
    for model in (*Op.registry.values(), *INITS.values()):
        known |= _words_of(model.model_json_schema())
    for path in std_root().glob("*.res"):
        known |= defined(tokens(path.read_text("utf-8")))
    return known


def _words_of(schema: object) -> set[str]:
    """Fields and members of enumerations of a JSON schema."""
    if isinstance(schema, list):
        return set().union(*map(_words_of, schema))
    if not isinstance(schema, dict):
        return set()
    own = {*schema.get("properties", {}), *schema.get("enum", ()), schema.get("const")}
    return {w for w in own if isinstance(w, str)}.union(*map(_words_of, schema.values()))


@cache
def _defined_in(name: str, folder: Path | None) -> set[str]:
    for base in (folder, specs_root()):
        if base is not None and (path := base / name).is_file():
            text = path.read_text("utf-8")
            more = re.findall(r"""^\s*use\b[^"\n]*"([^"\n]+)""", text, re.MULTILINE)
            return defined(tokens(text)).union(*(_defined_in(m, path.parent) for m in more))
    return set()
