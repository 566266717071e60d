"""The filters without a facet of their own: the text search and the `where` expression.

Conditions that look for a string in a text are answered from the words in memory where those are
ready, all else by the table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from attriboard.catalog.arrays import Arrays, Mask, Numbers, Revision
from attriboard.catalog.coding import Coded, coded
from attriboard.catalog.conditions import condition
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.query import Query
from attriboard.catalog.sql import Sql, all_of
from attriboard.catalog.values import folded, storable_text
from attriboard.catalog.where import Both, Comparison, Node, Not, parse
from attriboard.engine.errors import InvalidInput

LONGEST_SEARCH = 1000


def shared(query: Query, layout: Layout, arrays: Arrays, revision: Revision) -> Mask | None:
    """Where the search and the expression hold; None for everywhere. InvalidInput as they say."""
    masks = []
    if query.q:
        masks.append(_searched(query.q, layout, arrays, revision))
    if query.where and query.where.strip():
        columns = layout.columns(query.model)
        tree = parse(query.where, list(columns))
        masks += _expressed(tree, layout, columns, arrays, revision)
    return both(masks)


def both(masks: list[Mask]) -> Mask | None:
    """Where all hold; None for everywhere."""
    if len(masks) < 2:
        return masks[0] if masks else None
    found = masks[0] & masks[1]
    for mask in masks[2:]:
        found &= mask
    return found


def _searched(text: str, layout: Layout, arrays: Arrays, revision: Revision) -> Mask:
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput(f"q may have at most {LONGEST_SEARCH} characters.", "q")
    columns = [stored for stored in layout.texts.values() if stored.folded]
    if not columns:
        raise InvalidInput("q searches texts, and this board has no text input.", "q")
    arrays.words.prepare(columns)
    found = [_contains(stored, text, arrays, revision) for stored in columns]
    mask = found[0]
    for other in found[1:]:
        mask = mask | other
    return mask


def _contains(stored: Stored, text: str, arrays: Arrays, revision: Revision) -> Mask:
    known = arrays.words.containing(stored, folded(text))
    if known is not None:
        return known[0]
    return arrays.matching(revision, Sql(f"contains({stored.folded}, ?)", (folded(text),)))


def _expressed(
    tree: Node,
    layout: Layout,
    columns: Mapping[str, Stored],
    arrays: Arrays,
    revision: Revision,
) -> list[Mask]:
    """Masks that hold together where the expression does."""
    masks, rest = [], []
    for node in tree.nodes if isinstance(tree, Both) else (tree,):
        sql = condition(node, layout, columns)  # it also says what does not fit
        known = _in_memory(node, columns, arrays, revision)
        if known is None:
            rest.append(sql)
        else:
            masks.append(known)
    return masks + ([arrays.matching(revision, all_of(rest))] if rest else [])


def _in_memory(
    node: Node, columns: Mapping[str, Stored], arrays: Arrays, revision: Revision
) -> Mask | None:
    """Where one comparison, or the opposite of one, holds; None where the table must be asked."""
    inner = node.node if isinstance(node, Not) else node
    if not isinstance(inner, Comparison):
        return None
    stored = columns[inner.column.text]
    if inner.operator == "contains" and stored.column.role == "text":
        found = arrays.words.containing(stored, folded(str(inner.values[0])))
    elif stored.column.type in ("int", "float"):
        found = _numbers(inner, arrays.numbers(revision, stored))
    elif stored.column.type == "str" and stored.few is not None:
        found = _listed(inner, coded(arrays, revision, stored))
    else:
        return None
    if found is None:
        return None
    holds, known = found
    return known & ~holds if isinstance(node, Not) else known & holds


def _numbers(node: Comparison, numbers: Numbers) -> tuple[Mask, Mask] | None:
    """Where the comparison holds, and where there is a number at all."""
    compare = _COMPARES.get(node.operator)
    if compare is None:
        return None
    known = np.ones(len(numbers.values), np.bool_) if numbers.empty is None else ~numbers.empty
    holds = compare(numbers.values, node.values[0])
    for value in node.values[1:]:
        holds = holds | compare(numbers.values, value)
    return holds, known


_COMPARES: dict[str, Callable[..., Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": operator.eq,
}


def _listed(node: Comparison, column: Coded | None) -> tuple[Mask, Mask] | None:
    """As `_numbers`, for a column of few different texts."""
    if column is None or node.operator not in ("=", "!=", "in"):
        return None
    texts = {storable_text(str(value)) for value in node.values}
    fits = [(value in texts) != (node.operator == "!=") for value in column.values]
    return np.array([False, *fits])[column.codes], column.codes != 0
