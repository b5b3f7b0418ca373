"""The built grammar: grammar.json holds Lark's own serialisation of grammar.lark, to start quickly.

Where the installed Lark is another version than the one that wrote the file, the table is built
from grammar.lark (a tenth of a second): Lark promises nothing about this form between versions.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import lark
from lark.lark import PostLex

HERE = Path(__file__).parent
GRAMMAR = HERE / "grammar.lark"
TABLE = HERE / "grammar.json"

_OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": ["start", "expr"],
    "maybe_placeholders": True,
}


def load(transformer: Any, postlex: PostLex) -> lark.Lark:
    """The parser, from the built table where that fits the installed Lark."""
    try:
        built = json.loads(TABLE.read_bytes())
    except FileNotFoundError:
        built = {"lark": None}
    if built["lark"] != lark.__version__:
        return build(transformer, postlex)
    data, memo = built["data"], built["memo"]
    table = data["parser"]["parser"]
    table["tokens"] = {int(k): v for k, v in table["tokens"].items()}
    table["states"] = {
        int(state): {int(token): action for token, action in actions.items()}
        for state, actions in table["states"].items()
    }
    parser: lark.Lark = lark.Lark._load_from_dict(  # type: ignore[no-untyped-call]
        data, {int(k): v for k, v in memo.items()}, transformer=transformer, postlex=postlex
    )
    return parser


def build(transformer: Any, postlex: PostLex, **options: Any) -> lark.Lark:
    """The parser, from the grammar's text."""
    text = GRAMMAR.read_text(encoding="utf-8")
    return lark.Lark(text, transformer=transformer, postlex=postlex, **_OPTIONS, **options)


def dump(parser: lark.Lark) -> str:
    """The text of grammar.json for a parser that `build` made."""
    data, memo = parser.memo_serialize([lark.grammar.Rule, lark.lexer.TerminalDef])
    data["options"].pop("postlex", None)
    data["options"].pop("transformer", None)
    digest = hashlib.sha256(GRAMMAR.read_bytes()).hexdigest()
    whole = {"lark": lark.__version__, "grammar": digest, "data": data, "memo": memo}
    return json.dumps(whole, separators=(",", ":")) + "\n"
