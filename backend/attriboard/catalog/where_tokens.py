"""The words of a `where` expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from attriboard.engine.errors import InvalidInput

Kind = Literal["name", "quoted name", "text", "number", "operator", "bracket", "end"]

_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("text", r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'"),
    ("quoted name", r"`(?:[^`]|``)+`"),
    ("number", r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w)"),
    ("name", r"[^\W\d]\w*(?:\.\w+)*"),
    ("operator", r"!=|<=|>=|==|=|<|>"),
    ("bracket", r"[(),]"),
)
_TOKEN = re.compile(
    r"\s*(?:" + "|".join(f"({pattern})" for _, pattern in _PATTERNS) + ")", re.DOTALL
)
LONGEST = 4000


@dataclass(frozen=True)
class Token:
    """One word: what it is, what it says (quotes taken off), and where it begins, from 1."""

    kind: Kind
    text: str
    position: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.text)


def tokens(expression: str) -> list[Token]:
    """The words of `expression`, the last of kind "end". InvalidInput names what is none."""
    if len(expression) > LONGEST:
        raise InvalidInput(
            f"The expression has {len(expression)} characters; at most {LONGEST} are read.", "where"
        )
    found: list[Token] = []
    position = 0
    while match := _TOKEN.match(expression, position):
        kind, start = _PATTERNS[(match.lastindex or 1) - 1][0], match.start(match.lastindex or 1)
        found.append(Token(kind, _said(kind, match[match.lastindex or 1]), start + 1))
        position = match.end()
    rest = expression[position:].lstrip()
    end = len(expression) - len(rest) + 1
    if rest:
        raise InvalidInput(_unreadable(rest, end), "where")
    return [*found, Token("end", "", end)]


def _said(kind: Kind, word: str) -> str:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL)
    return word[1:-1].replace("``", "`") if kind == "quoted name" else word


def _unreadable(rest: str, position: int) -> str:
    if rest[0] in "\"'`":
        return f"At character {position} of where: the quote {rest[0]} is never closed."
    return (
        f"At character {position} of where: {rest[0]!r} cannot be read here. Put text in quotes "
        "and unusual column names in backticks."
    )
