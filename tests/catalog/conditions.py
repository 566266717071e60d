"""Random `where` expressions, each with the verdict of plain Python: true, false or unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.catalog.worlds import NAMES, WORDS, Row

Verdict = bool | None
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBERS = st.sampled_from([0, 1, -3, 0.5, 0.95, 1e9, 2**53, 0.25, 12, 10**25])
TEXTS = st.sampled_from([*WORDS, "train", "test", "Test", "", "high", ".png", "\\", "\x00", "e"])


@dataclass(frozen=True)
class Condition:
    """An expression and what it says of a row."""

    text: str
    of: Callable[[Row], Verdict]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unless_empty(name: str, test: Callable[[Any], bool]) -> Callable[[Row], Verdict]:
    return lambda row: None if row[name] is None else test(row[name])


def _said(name: str) -> str:
    return name if name.isidentifier() else "`" + name.replace("`", "``") + "`"


@st.composite
def _ordered(draw: st.DrawFn, names: tuple[str, ...], values: st.SearchStrategy[Any]) -> Condition:
    name, sign, value = (
        draw(st.sampled_from(names)),
        draw(st.sampled_from([*COMPARISONS])),
        draw(values),
    )
    said = quoted(value) if isinstance(value, str) else str(value)
    test = COMPARISONS[sign]
    return Condition(f"{_said(name)} {sign} {said}", _unless_empty(name, lambda v: test(v, value)))


@st.composite
def _listed(draw: st.DrawFn) -> Condition:
    values = draw(st.lists(TEXTS, min_size=1, max_size=3))
    listing = ", ".join(map(quoted, values))
    return Condition(f"split in ({listing})", _unless_empty("split", lambda v: v in values))


@st.composite
def _searched(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(["question", "split", "file `name`", "data_score"]))
    text = draw(TEXTS)
    if draw(st.booleans()):
        test = _unless_empty(name, lambda v: text.casefold() in v.casefold())
        return Condition(f"{_said(name)} Contains {quoted(text)}", test)
    test = _unless_empty(name, lambda v: v.casefold().startswith(text.casefold()))
    return Condition(f"{_said(name)} starts WITH {quoted(text)}", test)


@st.composite
def _classes(draw: st.DrawFn) -> Condition:
    name, index = (
        draw(st.sampled_from(["label", "predicted"])),
        draw(st.integers(0, len(NAMES) - 1)),
    )
    value = draw(st.sampled_from([quoted(NAMES[index]), str(index)]))
    kind = draw(st.sampled_from(["=", "!=", "in", "contains"]))
    if kind == "in":
        return Condition(f"{name} in ({value})", _unless_empty(name, lambda v: v == index))
    if kind == "contains":
        test = _unless_empty(name, lambda v: "blue" in NAMES[v].casefold())
        return Condition(f"{name} contains 'BLUE'", test)
    test = _unless_empty(name, lambda v: COMPARISONS[kind](v, index))
    return Condition(f"{name} {kind} {value}", test)


@st.composite
def _empty(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(["label", "score", "question", "weight", "correct", "file `name`"]))
    return Condition(f"{_said(name)} is null", lambda row: row[name] is None)


@st.composite
def _truth(draw: st.DrawFn) -> Condition:
    name, value = draw(st.sampled_from(["correct", "seen"])), draw(st.booleans())
    said = name if value and draw(st.booleans()) else f"{name} = {str(value).lower()}"
    return Condition(said, _unless_empty(name, lambda v: v is value))


def _negated(inner: Condition) -> Condition:
    def of(row: Row) -> Verdict:
        verdict = inner.of(row)
        return None if verdict is None else not verdict

    return Condition(f"not ({inner.text})", of)


def _both(parts: list[Condition]) -> Condition:
    def of(row: Row) -> Verdict:
        verdicts = [part.of(row) for part in parts]
        return False if False in verdicts else None if None in verdicts else True

    return Condition(" and ".join(f"({part.text})" for part in parts), of)


def _either(parts: list[Condition]) -> Condition:
    def of(row: Row) -> Verdict:
        verdicts = [part.of(row) for part in parts]
        return True if True in verdicts else None if None in verdicts else False

    return Condition("(" + " OR ".join(part.text for part in parts) + ")", of)


NUMERIC = ("index", "score", "margin", "loss", "count", "weight")
SIMPLE = st.one_of(
    _ordered(NUMERIC, NUMBERS),
    _ordered(("question", "split", "data_score", "file `name`"), TEXTS),
    _listed(),
    _searched(),
    _classes(),
    _empty(),
    _truth(),
)
CONDITIONS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        inner.map(_negated),
        st.lists(inner, min_size=2, max_size=3).map(_both),
        st.lists(inner, min_size=2, max_size=3).map(_either),
    ),
    max_leaves=5,
)
