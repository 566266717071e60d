"""Comparisons of a `where` tree, turned into SQL by the type of their column."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.sql import Sql, all_of, any_of, negated
from attriboard.catalog.values import folded, storable_text
from attriboard.catalog.where import Both, Comparison, Either, Literals, Name, Node, Not, listing
from attriboard.engine.errors import InvalidInput


def condition(node: Node, layout: Layout, columns: Mapping[str, Stored]) -> Sql:
    """The tree as an SQL condition. InvalidInput, field "where", for what does not fit."""
    match node:
        case Not(inner):
            return negated(condition(inner, layout, columns))
        case Both(nodes):
            return all_of(condition(each, layout, columns) for each in nodes)
        case Either(nodes):
            return any_of(condition(each, layout, columns) for each in nodes)
        case Comparison():
            return _comparison(node, layout, _found(node.column, columns))


def _found(name: Name, columns: Mapping[str, Stored]) -> Stored:
    if name.text in columns:
        return columns[name.text]
    close = difflib.get_close_matches(name.text, columns, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise InvalidInput(
        f"At character {name.position} of where: there is no column {name.text!r}.{hint}"
        + listing(list(columns)),
        "where",
    )


def _comparison(node: Comparison, layout: Layout, stored: Stored) -> Sql:
    if stored.column.type == "tags":
        return _tags(node, stored)
    if node.operator == "is null":
        return Sql(f"({stored.sql} IS NULL)")
    match stored.column.type:
        case "class" | "classes":
            return _classes(node, layout, stored)
        case "str":
            return _text(node, stored)
        case "bool":
            return _typed(node, stored, (bool,), "true or false", ("=", "!=", "in"))
        case _:
            return _typed(node, stored, (int, float), "a number", _ORDERED)


def _tags(node: Comparison, stored: Stored) -> Sql:
    """Whether an example has the tag, or any; those without one have no other either."""
    if node.operator == "is null":
        return Sql(f'("index" NOT IN ({stored.sql}))')
    if node.operator not in ("=", "!=", "in", *_SEARCHES):
        raise _misfit(node, "tags are compared with =, !=, in, contains, starts with and is null")
    for value in node.values:
        if not isinstance(value, str):
            raise _misfit(node, f"tags are compared with a text in quotes, not {value!r}")
    texts = tuple(storable_text(str(value)) for value in node.values)
    if node.operator in _SEARCHES:
        held = Sql(f"{_SEARCHES[node.operator]}(lower(tag), ?)", (folded(texts[0]),))
    else:
        held = Sql(f"tag IN ({', '.join('?' * len(texts))})", texts)
    found = Sql(f'("index" IN ({stored.sql} AND {held.text}))', held.values)
    return negated(found) if node.operator == "!=" else found


_ORDERED = ("=", "!=", "<", "<=", ">", ">=", "in")


def _typed(
    node: Comparison,
    stored: Stored,
    types: tuple[type, ...],
    expected: str,
    operators: tuple[str, ...],
) -> Sql:
    if node.operator not in operators:
        raise _misfit(node, f"{_kind(stored)} has no {node.operator!r}; it has {_list(operators)}")
    for value in node.values:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise _misfit(node, f"{_kind(stored)} is compared with {expected}, not {value!r}")
    return _plain(stored.sql, node.operator, node.values)


def _text(node: Comparison, stored: Stored) -> Sql:
    for value in node.values:
        if not isinstance(value, str):
            raise _misfit(node, f"{_kind(stored)} is compared with a text in quotes, not {value!r}")
    if node.operator in _SEARCHES:
        column = stored.folded or f"lower({stored.sql})"
        return Sql(f"{_SEARCHES[node.operator]}({column}, ?)", (folded(str(node.values[0])),))
    return _plain(stored.sql, node.operator, tuple(storable_text(str(v)) for v in node.values))


_SEARCHES = {"contains": "contains", "starts with": "starts_with"}


def _plain(column: str, operator: str, values: tuple[Literals, ...]) -> Sql:
    if operator == "in":
        return Sql(f"({column} IN ({', '.join('?' * len(values))}))", values)
    return Sql(f"({column} {operator} ?)", values)


def _classes(node: Comparison, layout: Layout, stored: Stored) -> Sql:
    several = stored.column.type == "classes"
    numbers = all(isinstance(v, int) and not isinstance(v, bool) for v in node.values)
    if node.operator in ("<", "<=", ">", ">=") and numbers and not several:
        return _plain(stored.sql, node.operator, node.values)
    if node.operator in _SEARCHES:
        indices = _searched(layout, node.operator, folded(str(node.values[0])))
    elif node.operator in ("=", "!=", "in"):
        indices = [i for value in node.values for i in _indices(node, layout, value)]
    else:
        raise _misfit(
            node,
            f"{_kind(stored)} is compared with =, != or in by name, and by order only with the "
            "whole number of a single class",
        )
    found = has_class(stored, indices)
    return negated(found) if node.operator == "!=" else found


def has_class(stored: Stored, indices: list[int]) -> Sql:
    """The label or prediction in `stored` is, or is among others, one of the classes."""
    if not indices:
        return Sql(f"({stored.sql} IS NULL AND NULL)")  # unknown where empty, else false
    if stored.column.type == "classes":
        return any_of(Sql(f"contains({stored.sql}, ?)", (f",{index},",)) for index in indices)
    return Sql(f"({stored.sql} IN ({', '.join('?' * len(indices))}))", tuple(indices))


def _searched(layout: Layout, operator: str, text: str) -> list[int]:
    names = [folded(name) for name in layout.output_names]
    if operator == "contains":
        return [i for i, name in enumerate(names) if text in name]
    return [i for i, name in enumerate(names) if name.startswith(text)]


def _indices(node: Comparison, layout: Layout, value: Literals) -> tuple[int, ...]:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, str):
        raise _misfit(node, f"a class is meant by its name in quotes or its index, not {value!r}")
    return named_class(layout, value, "where", f"At character {node.column.position} of where: ")


def named_class(layout: Layout, name: str, field: str, before: str = "") -> tuple[int, ...]:
    """The classes called `name`; InvalidInput, with near names, where there is none."""
    found = layout.class_indices(name)
    if found:
        return found
    close = difflib.get_close_matches(name, layout.output_names, n=3) or layout.output_names[:10]
    raise InvalidInput(
        f"{before}no class is called {name!r}; there are for example "
        + ", ".join(repr(each) for each in close)
        + ". A class may also be given by its index, as a number.",
        field,
    )


def _kind(stored: Stored) -> str:
    words = {"int": "number", "float": "number", "bool": "yes/no", "str": "text"}
    return f"the {words.get(stored.column.type, 'class')} column {stored.column.name!r}"


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(words)


def _misfit(node: Comparison, what: str) -> InvalidInput:
    return InvalidInput(f"At character {node.column.position} of where: {what}.", "where")
