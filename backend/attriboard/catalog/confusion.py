"""Labels against predictions: the confusion matrix, and what is read off it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from attriboard.catalog.coding import Coded
from attriboard.catalog.layout import Layout
from attriboard.catalog.rows import Cell, ClassScore, Confusion

Table = npt.NDArray[np.int64]
MOST_CELLS = 20_000
"""Cells given at most: those with the most examples."""


def squared(table: Table, label: Coded, predicted: Coded) -> tuple[Table, list[int]]:
    """The table over the same classes both ways, examples without either answer left out.

    table: counts by the codes of labels and of predictions. Returns it with the classes in order.
    """
    classes = sorted({*label.values, *predicted.values})
    found = np.zeros((len(classes), len(classes)), np.int64)
    rows = np.searchsorted(classes, label.values)
    columns = np.searchsorted(classes, predicted.values)
    found[np.ix_(rows, columns)] = table[1:, 1:]
    return found, classes


def scores(table: Table) -> tuple[Table, Table, Table]:
    """Precision, recall and F1 of each class; NaN where there is nothing to divide by."""
    right = np.diag(table).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = right / table.sum(0), right / table.sum(1)
        f1 = 2 * right / (table.sum(0) + table.sum(1))
    return precision, recall, f1


def macro_f1(table: Table) -> float | None:
    """The mean F1 of the classes that occur here, as label or prediction; None for no example."""
    f1 = scores(table)[2]
    known = f1[~np.isnan(f1)]
    return float(known.mean()) if len(known) else None


def confusion(table: Table, classes: Sequence[int], layout: Layout) -> Confusion:
    """The matrix as cells that hold anything, and each class's figures."""
    precision, recall, f1 = scores(table)
    support, predicted = table.sum(1), table.sum(0)
    kept = [i for i in range(len(classes)) if support[i] or predicted[i]]
    return Confusion(
        classes=[
            ClassScore(
                classes[i],
                layout.class_name(classes[i]),
                int(support[i]),
                int(predicted[i]),
                _known(precision[i]),
                _known(recall[i]),
                _known(f1[i]),
            )
            for i in kept
        ],
        cells=_cells(table, classes),
        total=int(table.sum()),
        accuracy=float(np.trace(table) / table.sum()) if table.sum() else None,
        macro_f1=macro_f1(table),
    )


def _cells(table: Table, classes: Sequence[int]) -> list[Cell]:
    rows, columns = np.nonzero(table)
    counts = table[rows, columns]
    most = np.argsort(-counts, kind="stable")[:MOST_CELLS]
    return [Cell(classes[rows[i]], classes[columns[i]], int(counts[i])) for i in np.sort(most)]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
