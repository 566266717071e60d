"""The grammar of `where`: a recursive-descent parser from text to a tree.

    either     = both ("or" both)*
    both       = one ("and" one)*
    one        = "not" one | "(" either ")" | comparison
    comparison = column ( ("=" | "==" | "!=" | "<" | "<=" | ">" | ">=") value
                        | ["not"] "in" "(" value ("," value)* ")"
                        | ["not"] "contains" text
                        | ["not"] "starts" "with" text
                        | "is" ["not"] "null"
                        | nothing at all, for a column of true and false )
    column     = name | `any name at all`
    value      = "text" | 'text' | number | true | false

Keywords ignore case. As in SQL, an empty value satisfies no comparison and no negation of one,
only `is null`. `contains` and `starts with` ignore case, `=` does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from attriboard.catalog.where_tokens import Token, tokens
from attriboard.engine.errors import InvalidInput

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains", "starts with", "is null"]
Literals = bool | int | float | str
DEEPEST = 50


@dataclass(frozen=True)
class Name:
    """A column as it is called in the expression, and where, for messages."""

    text: str
    position: int


@dataclass(frozen=True)
class Comparison:
    """One condition on one column. "in" has any number of values, "is null" none."""

    column: Name
    operator: Operator
    values: tuple[Literals, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    node: Node


@dataclass(frozen=True)
class Both:
    """All of several conditions."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    """At least one of several conditions."""

    nodes: tuple[Node, ...]


Node = Comparison | Not | Both | Either


def parse(expression: str, columns: Sequence[str] = ()) -> Node:
    """The tree of `expression`. `columns` are the known names, for the messages of errors.

    InvalidInput, field "where", names the position and what was expected there.
    """
    return _Parser(tokens(expression), columns).whole()


def listing(columns: Sequence[str]) -> str:
    """The end of a message: which columns there are."""
    return f" Columns: {', '.join(columns)}." if columns else ""


class _Parser:
    def __init__(self, words: list[Token], columns: Sequence[str]) -> None:
        self._words = words
        self._columns = columns
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if self._word.kind != "end":
            raise self._expected('"and", "or" or the end')
        return node

    def _either(self) -> Node:
        nodes = [self._both()]
        while self._take("or"):
            nodes.append(self._both())
        return nodes[0] if len(nodes) == 1 else Either(tuple(nodes))

    def _both(self) -> Node:
        nodes = [self._one()]
        while self._take("and"):
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else Both(tuple(nodes))

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidInput(
                f"At character {self._word.position} of where: brackets and nots are nested more "
                f"than {DEEPEST} deep.",
                "where",
            )
        node = self._one_inside()
        self._depth -= 1
        return node

    def _one_inside(self) -> Node:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            node = self._either()
            if not self._take(")"):
                raise self._expected('"and", "or" or a closing bracket')
            return node
        return self._comparison()

    def _comparison(self) -> Node:
        column = self._column()
        word = self._word
        if word.kind == "operator":
            self._at += 1
            operator: Operator = "=" if word.text == "==" else word.text  # type: ignore[assignment]
            return Comparison(column, operator, (self._value(),))
        if word.kind == "end" or word.text.lower() in ("and", "or", ")"):
            return Comparison(column, "=", (True,))
        if self._take("is"):
            return self._is_null(column)
        inverted = self._take("not")
        node = self._worded(column)
        return Not(node) if inverted else node

    def _is_null(self, column: Name) -> Node:
        inverted = self._take("not")
        if not self._take("null"):
            raise self._expected('"null"' if inverted else '"null" or "not null"')
        node = Comparison(column, "is null", ())
        return Not(node) if inverted else node

    def _worded(self, column: Name) -> Node:
        if self._take("in"):
            return Comparison(column, "in", self._list())
        if self._take("contains"):
            return Comparison(column, "contains", (self._text(),))
        if self._take("starts"):
            if not self._take("with"):
                raise self._expected('"with"')
            return Comparison(column, "starts with", (self._text(),))
        raise self._expected(
            f"an operator after {column.text!r} (=, !=, <, <=, >, >=, in, contains, starts with, "
            "is null)"
        )

    def _column(self) -> Name:
        word = self._word
        keyword = word.kind == "name" and word.text.lower() in _KEYWORDS
        if word.kind not in ("name", "quoted name") or keyword:
            raise self._expected("a column", listing(self._columns))
        self._at += 1
        return Name(word.text, word.position)

    def _list(self) -> tuple[Literals, ...]:
        if not self._take("("):
            raise self._expected("an opening bracket and a list of values")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take(")"):
            raise self._expected("a comma or a closing bracket")
        return tuple(values)

    def _text(self) -> str:
        if self._word.kind != "text":
            raise self._expected("a text in quotes")
        self._at += 1
        return self._words[self._at - 1].text

    def _value(self) -> Literals:
        word = self._word
        if word.kind == "text":
            return self._text()
        if word.kind == "number":
            self._at += 1
            return _number(word.text)
        if self._take("true"):
            return True
        if self._take("false"):
            return False
        hint = (
            " Text needs quotes; for an empty value, write is null." if word.kind == "name" else ""
        )
        raise self._expected("a value: a text in quotes, a number, true or false", hint)

    @property
    def _word(self) -> Token:
        return self._words[self._at]

    def _take(self, text: str) -> bool:
        word = self._word
        found = word.kind in ("name", "bracket") and word.text.lower() == text
        self._at += found
        return found

    def _expected(self, what: str, hint: str = "") -> InvalidInput:
        return InvalidInput(
            f"At character {self._word.position} of where: expected {what}, found {self._word}."
            + hint,
            "where",
        )


_KEYWORDS = {"and", "or", "not", "in", "contains", "starts", "with", "is", "null", "true", "false"}


def _number(text: str) -> int | float:
    try:
        whole = int(text)
    except ValueError:
        return float(text)
    return whole if -(2**63) <= whole < 2**63 else float(text)
