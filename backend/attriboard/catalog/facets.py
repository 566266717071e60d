"""Which facets a board has, and how their counts are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attriboard.catalog.histogram import UNIT, Scale
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.rows import Bin, ColumnFacet, Count, Facets
from attriboard.catalog.tally import Counts, Facet, Tally
from attriboard.catalog.values import finite

_ON_REQUEST = ("margin", "loss")


def countable_names(layout: Layout, columns: Mapping[str, Stored]) -> list[str]:
    """The columns that may be counted besides the fixed facets."""
    names = [n for n, stored in columns.items() if stored.column.role in ("metadata", "computed")]
    names += [name for name in _ON_REQUEST if name in columns]
    if layout.output_kind == "regression":
        names += [name for name in ("label", "predicted") if name in columns]
    return names


def default_names(layout: Layout, columns: Mapping[str, Stored]) -> list[str]:
    """Those counted unless a query says otherwise: all but the model's margin and loss."""
    return [name for name in countable_names(layout, columns) if name not in _ON_REQUEST]


def scaled_columns(
    layout: Layout, columns: Mapping[str, Stored], names: Sequence[str]
) -> list[str]:
    """The SQL names of the columns whose histograms need bounds."""
    stored = [columns[name] for name in names]
    numeric = [s.sql for s in stored if s.column.type in ("int", "float") and not s.few]
    if layout.output_kind == "regression" and "score" in columns:
        numeric.append(columns["score"].sql)
    return list(dict.fromkeys(numeric))


def facet_list(
    layout: Layout, columns: Mapping[str, Stored], names: Sequence[str], scales: Mapping[str, Scale]
) -> list[Facet]:
    """What to count: the fixed facets, and those of the columns `names`."""
    found: list[Facet | None] = []
    if layout.output_kind == "classes":
        found += [Facet(n, columns[n].sql, n) for n in ("label", "predicted") if n in columns]
    if "score" in columns:
        sql = columns["score"].sql
        scale = scales.get(sql) if layout.output_kind == "regression" else UNIT
        found.append(Facet("score", scale.sql(sql), "score", scale) if scale else None)
    found += [_of_column(columns[name], scales) for name in names]
    return [facet for facet in found if facet]


def _of_column(stored: Stored, scales: Mapping[str, Scale]) -> Facet | None:
    name = stored.column.name
    own = name if stored.column.role in ("label", "prediction") else None
    if stored.few or stored.column.type == "bool":
        return Facet(name, stored.sql, own, stored=stored)
    scale = scales.get(stored.sql)
    return Facet(name, scale.sql(stored.sql), own, scale, stored) if scale else None


def presented(tallies: Sequence[Tally], facets: Sequence[Facet], layout: Layout) -> Facets:
    """The counts as they are shown: named, in order, empty bins included."""
    state = tallies[0].state
    counts = {name: found for tally in tallies for name, found in tally.values.items()}
    right = sum(count for (correct, _), count in state.items() if correct is True)
    wrong = sum(count for (correct, _), count in state.items() if correct is False)
    classes = layout.output_kind != "regression"
    return Facets(
        total=tallies[0].total,
        labels=_classes(counts.get("label", {}), layout, "no label") if classes else [],
        predicted=_classes(counts.get("predicted", {}), layout, "not predicted") if classes else [],
        correct=_correct(tallies[0].correct),
        score=_score(facets, counts),
        columns=[_column(f, f.stored, counts[f.name]) for f in facets if f.stored],
        accuracy=right / (right + wrong) if right + wrong else None,
        predicted_count=sum(count for (_, predicted), count in state.items() if predicted),
    )


def _classes(counts: Counts, layout: Layout, empty: str) -> list[Count]:
    known = sorted(value for value in counts if value is not None)
    named = [Count(value, layout.class_name(value), counts[value]) for value in known]
    return [*named, Count(None, empty, counts[None])] if None in counts else named


def _correct(counts: Counts) -> list[Count]:
    both = [Count(True, "right", counts.get(True, 0)), Count(False, "wrong", counts.get(False, 0))]
    return [*both, Count(None, "not known", counts[None])] if None in counts else both


def _score(facets: Sequence[Facet], counts: Mapping[str, Counts]) -> list[Bin]:
    scale = next((each.scale for each in facets if each.name == "score" and not each.stored), None)
    return scale.filled(counts["score"]) if scale else []


def _column(facet: Facet, stored: Stored, counts: Counts) -> ColumnFacet:
    name, kind = stored.column.name, stored.column.type
    empty = counts.get(None, 0)
    if facet.scale:
        return ColumnFacet(name, kind, None, facet.scale.filled(counts), empty)
    known = sorted(value for value in counts if value is not None)
    values = [Count(value, _said(value), counts[value]) for value in known]
    return ColumnFacet(name, kind, values, None, empty)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(finite(value))
