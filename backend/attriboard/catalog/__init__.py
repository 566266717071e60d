"""The examples table: labels, predictions, texts and metadata of every example, in DuckDB.

    Catalog.open(path | None, *, data_fingerprint, size, output_kind="classes", output_names=(),
                 texts=("question",), models={"model": fingerprint}) -> Catalog
        # None: in memory. What an earlier run stored of this data and these models is kept
    catalog.write_examples(rows)                         # in any order, again if need be
    catalog.write_predictions(model, fingerprint, rows)  # forgets those of another fingerprint
    catalog.write_computed(model, fingerprint, indices, {"net.photo": numbers})
    catalog.missing(model, fingerprint) -> list[int]     # indices without a prediction
    catalog.missing_examples() -> list[int]              # indices without a row of their own
    catalog.predicted(model) -> int                      # how many have a prediction
    catalog.page(query) -> Page
    catalog.rows(indices, model) -> list[dict]           # a page's items, for these examples
    catalog.facets(query, columns=None) -> Facets
    catalog.aggregate(query, Wanted(columns, by="label")) -> Aggregate   # means, intervals, bins
    catalog.missing_computed(model, fingerprint, keys, indices) -> list[int]
    catalog.indices(query) -> list[int]                  # every match, in the query's order
    catalog.confusion(query) -> Confusion                # labels against predictions
    catalog.marks, catalog.views                         # tags and notes; named views
    catalog.columns() -> list[Column]
    catalog.close()

Every method may be called from any thread. Metadata columns are discovered as rows are written.
"""

from attriboard.catalog.aggregates import Aggregate, Group, Summary, Wanted
from attriboard.catalog.query import Only, Query
from attriboard.catalog.rows import (
    Bin,
    Column,
    ColumnFacet,
    Confusion,
    Count,
    ExampleRow,
    Facets,
    Page,
    PredictionRow,
)
from attriboard.catalog.store import Catalog

__all__ = [
    "Aggregate",
    "Bin",
    "Catalog",
    "Column",
    "ColumnFacet",
    "Confusion",
    "Count",
    "ExampleRow",
    "Facets",
    "Group",
    "Only",
    "Page",
    "PredictionRow",
    "Query",
    "Summary",
    "Wanted",
]
